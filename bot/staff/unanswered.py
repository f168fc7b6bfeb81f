"""Questions that were not answered well, those that ask nearly the same put together."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.app import App
from bot.store import Store
from bot.store.questions import Asked, Questions
from bot.store.scope import Scope
from bot.trial import Understood
from intents import Reader

MOST = 1000
"""How many are looked at, the newest: putting together takes longer the more there are."""
_NEAREST = 5


@dataclass(frozen=True)
class Group:
    """Questions that ask nearly the same; the first is the one that most are like."""

    asked: tuple[Asked, ...]

    @property
    def text(self) -> str:
        """What was asked, in the words of the first."""
        return self.asked[0].note.text

    @property
    def texts(self) -> tuple[str, ...]:
        """All wordings, each once."""
        return tuple(dict.fromkeys(each.note.text for each in self.asked))

    @property
    def id(self) -> int:
        """The number of the first, by which the group is found."""
        return self.asked[0].id

    @property
    def ids(self) -> tuple[int, ...]:
        """The numbers of all."""
        return tuple(each.id for each in self.asked)

    @property
    def kinds(self) -> Mapping[str, int]:
        """How often it went badly in which way, the most frequent first."""
        return dict(Counter(each.note.kind for each in self.asked).most_common())

    @property
    def last(self) -> datetime:
        """When it was asked last."""
        return max(each.at for each in self.asked)

    @property
    def nearest(self) -> tuple[str, ...]:
        """The keys of the entries that came nearest, or were answered and did not help; the most frequent first."""
        keys: Counter[str] = Counter()
        for each in self.asked:
            keys.update(filter(None, dict.fromkeys((each.note.topic, *each.note.candidates))))
        return tuple(key for key, _ in keys.most_common(_NEAREST))


class Unanswered:
    """Puts questions together, and remembers for which it did that last: only their numbers, not what was asked."""

    def __init__(self) -> None:
        self._known: tuple[str, tuple[tuple[int, int | None], ...]] = ("", ())
        self._groups: list[list[int]] = []

    async def groups(self, store: Store, built: App) -> list[Group]:
        """Return the groups of all that nobody has dealt with, the largest first.

        What was taught together is left out while the knowledge in use answers one of it (and so is what was asked in
        the same words meanwhile). It is worked out anew for each knowledge: where none is answered, or what was added
        is taken back, all of it is there again. What is asked in other words later stands for itself.
        """
        async with store.reading() as connection:
            asked = await Questions(Scope(connection, store.dialect, store.keys)).unsettled(MOST)
        known = (built.version, tuple((each.id, each.taught) for each in asked))
        if known != self._known:
            self._groups = await asyncio.to_thread(_together, asked, built.reader)
            self._known = known
        return [Group(tuple(asked[number] for number in group)) for group in self._groups]


def _together(asked: Sequence[Asked], reader: Reader) -> list[list[int]]:
    """Return the numbers of those that are alike and still call for somebody."""
    taught = {each.note.text for each in asked if each.taught is not None}
    answered = [each.note.text in taught and _is_answered(each, reader) for each in asked]
    dealt_with = {each.taught for each, done in zip(asked, answered, strict=True) if done} - {None}
    left = [
        number
        for number, (each, done) in enumerate(zip(asked, answered, strict=True))
        if not done and each.taught not in dealt_with
    ]
    alike = reader.alike([asked[number].note.text for number in left])
    return [[left[number] for number in group] for group in alike]


def _is_answered(asked: Asked, reader: Reader) -> bool:
    """Whether it is answered now, and otherwise than with what did not help."""
    now = Understood.of(reader.read(asked.note.text))
    return now.kind not in ("none", "choices") and now.keys != (asked.note.topic,)
