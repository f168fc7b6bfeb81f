"""When somebody of the staff was in touch with a person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time

from bot.casework.case import CONTACT, OPEN, SENT, Case, Event, Status, StepDone
from bot.casework.notes import standing
from bot.clock import CHINA, day_of

VISIT = "visit"
"""Under this name the content of an event about a follow-up has its id."""


def first_contact(case: Case) -> datetime | None:
    """Return when somebody of the staff was first in touch with the person.

    That is the first of: a message written (once it was sent), a step done, a note of a contact, a follow-up
    at which the person was spoken to.
    """
    written = [each.at for each in case.messages if each.staff is not None and each.delivery == SENT]
    noted = [note.at for note in standing(case.events) if note.contact]
    spoken = [_when(event) for event in _visits(case.events) if event.content.get(CONTACT) != "no"]
    return min((*written, *noted, *spoken, *(_stepped(case, done) for done in case.steps)), default=None)


def reached(case: Case) -> Mapping[int, bool]:
    """Return whether the person was spoken to at the follow-ups of which that is known, by their ids."""
    return {
        int(event.content[VISIT]): event.content[CONTACT] == "yes"
        for event in _visits(case.events)
        if event.content.get(VISIT, "").isdecimal() and event.content.get(CONTACT)
    }


def waiting_days(status: Status, first_contact: datetime | None, registered: datetime, now: datetime) -> int | None:
    """Return for how many days nobody has been in touch; None once somebody was, and where nobody has to be."""
    if status not in OPEN or first_contact is not None:
        return None
    return max(0, (day_of(now) - day_of(registered)).days)


def moment_of(day: date, now: datetime) -> datetime:
    """Return when something was done of which only the ``day`` is known: now if that is today, else at noon."""
    return now if day == day_of(now) else _noon(day)


def _visits(events: tuple[Event, ...]) -> list[Event]:
    """Return the follow-ups that were done, without those of which that turned out not to be so.

    Whether the person was spoken to was not asked at first: of those nobody knows, and they count, as they did then.
    """
    found: list[Event] = []
    for event in sorted(events, key=lambda event: event.id):
        if event.kind == "follow-up-done":
            found.append(event)
        elif event.kind == "follow-up-reopened":
            found = [one for one in found if not _same_visit(one, event)]
    return found


def _same_visit(done: Event, reopened: Event) -> bool:
    """Say whether both are about one follow-up. The oldest name none, and are known by day and purpose."""
    known_by = (VISIT,) if VISIT in done.content else ("due", "purpose")
    return all(done.content.get(name) == reopened.content.get(name) for name in known_by)


def _when(event: Event) -> datetime:
    """Return when that was what ``event`` notes, perhaps days later."""
    try:
        return moment_of(date.fromisoformat(event.content.get("on", "")), event.at)
    except ValueError:
        return event.at


def _stepped(case: Case, done: StepDone) -> datetime:
    """Return when a step was done: when it was first noted, if that was on the same day."""
    that_day = [
        event.at
        for event in case.events
        if event.kind == "step" and event.content.get("step") == done.step and day_of(event.at) == done.on
    ]
    return min(that_day, default=_noon(done.on))


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), CHINA)
