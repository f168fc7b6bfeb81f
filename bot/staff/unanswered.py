"""Questions that were not answered well, those that ask nearly the same put together."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.app import App
from bot.store import Store
from bot.store.questions import Asked, Questions
from bot.store.scope import Scope

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
        self._known: tuple[str, tuple[int, ...]] = ("", ())
        self._groups: list[list[int]] = []

    async def groups(self, store: Store, built: App) -> list[Group]:
        """Return the groups of all that nobody has dealt with, the largest first."""
        async with store.reading() as connection:
            asked = await Questions(Scope(connection, store.dialect, store.keys)).unsettled(MOST)
        known = (built.version, tuple(each.id for each in asked))
        if known != self._known:
            texts = [each.note.text for each in asked]
            self._groups = await asyncio.to_thread(built.reader.alike, texts)
            self._known = known
        return [Group(tuple(asked[number] for number in group)) for group in self._groups]
