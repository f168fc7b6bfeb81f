"""The notes of a case as they stand: corrected where somebody corrected them, without those that were withdrawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.casework.account import Account, Role
from bot.casework.case import CONTACT, Event

WRITTEN, CORRECTED, WITHDRAWN = "note", "note-corrected", "note-withdrawn"
"""Kinds of events. The last two name in their content the ``note`` by the id of the event that it was written with."""

NOTE, WHY, ERASED = "note", "why", "erased"


class Why(StrEnum):
    """Why a note is withdrawn. The words that users read stand in ``wording.yaml``."""

    MISTAKEN = "mistaken"
    OTHER_PERSON = "other-person"
    PRIVATE = "private"


ERASING = frozenset({Why.OTHER_PERSON, Why.PRIVATE})
"""What should never have stood in the case is not kept there, not even crossed out."""


@dataclass(frozen=True)
class Note:
    """What was noted. ``id``: of the event that it was written with, ``at`` a moment, by ``staff``.

    ``contact``: that the person was spoken to then; ``corrected``: by what it got the ``text`` that it has now.
    """

    id: int
    staff: int | None
    at: datetime
    text: str
    contact: bool
    corrected: Event | None = None


def standing(events: Iterable[Event]) -> tuple[Note, ...]:
    """Return the notes that hold, the oldest first."""
    return tuple(_note(told) for told in _threads(events).values() if told[-1].kind != WITHDRAWN)


def overtaken(events: Iterable[Event]) -> Mapping[int, str]:
    """Return by what kind of event the words of an earlier one no longer hold, by the id of the earlier."""
    return {event.id: told[-1].kind for told in _threads(events).values() for event in told[:-1]}


def words_of(note: int, events: Iterable[Event]) -> list[int]:
    """Return the ids of the events with words of a ``note``: as it was written, and as it was corrected."""
    return [event.id for event in _threads(events).get(note, ()) if event.kind != WITHDRAWN]


def may_erase(note: int, events: Sequence[Event], account: Account) -> bool:
    """Say whether ``account`` may erase the words of a ``note``, which cannot be had back: an administrator may, and
    who wrote all of them.
    """
    written = set(words_of(note, events))
    return account.role is Role.ADMIN or all(event.staff == account.id for event in events if event.id in written)


def _threads(events: Iterable[Event]) -> dict[int, list[Event]]:
    """Return for each note what happened to it, from its writing on."""
    found: dict[int, list[Event]] = {}
    for event in sorted(events, key=lambda event: event.id):
        if event.kind == WRITTEN:
            found[event.id] = [event]
        elif event.kind in (CORRECTED, WITHDRAWN):
            id = event.content.get(NOTE, "")
            found.get(int(id) if id.isdecimal() else 0, []).append(event)
    return found


def _note(told: Sequence[Event]) -> Note:
    first, last = told[0], told[-1]
    return Note(
        first.id,
        first.staff,
        first.at,
        last.content.get("text", ""),
        last.content.get(CONTACT) == "yes",
        last if last is not first else None,
    )
