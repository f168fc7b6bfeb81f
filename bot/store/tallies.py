"""Counts by day: of what was deleted nothing else is left, and of questions nothing else is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Executable, bindparam, case, func, select

from bot.clock import day_of
from bot.store.dialects import Insert
from bot.store.scope import Scope
from bot.store.tables import tallies

_OF = select(func.coalesce(func.sum(tallies.c.n), 0)).where(tallies.c.what == bindparam("name"))


@cache
def _count_up(insert: Insert) -> Executable:
    new: Any = insert(tallies)
    return new.on_conflict_do_update(index_elements=["day", "what"], set_={"n": tallies.c.n + new.excluded.n})  # type: ignore[no-any-return]


@cache
def _raise(insert: Insert) -> Executable:
    new: Any = insert(tallies)
    larger = case((tallies.c.n < new.excluded.n, new.excluded.n), else_=tallies.c.n)
    return new.on_conflict_do_update(index_elements=["day", "what"], set_={"n": larger})  # type: ignore[no-any-return]


class Tallies:
    """Counts are gathered and written at the end of the transaction, so that processes don't queue for them."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._gathered: Counter[tuple[date, str]] = Counter()

    async def add(self, what: str, now: datetime, n: int = 1) -> None:
        """Count ``n`` more of ``what`` on the day of ``now``."""
        await self.add_on(what, day_of(now), n)

    async def add_on(self, what: str, day: date, n: int = 1) -> None:
        """Count ``n`` more of ``what`` on ``day``."""
        self._gathered[day, what] += n

    async def raise_to(self, counts: Collection[Mapping[str, Any]]) -> None:
        """Let each of ``counts`` (day, what, n) be no less than it is there."""
        await self.flush()
        if counts:
            await self._scope.run(_raise(self._scope.dialect.insert), list(counts))

    async def of(self, what: str) -> int:
        """Return how many of ``what`` there were on all days."""
        await self.flush()
        return int((await self._scope.run(_OF, {"name": what})).scalar_one())

    async def flush(self) -> None:
        """Write what was gathered, always in the same order: two processes can't wait for each other crosswise."""
        counts = [{"day": day, "what": what, "n": n} for (day, what), n in sorted(self._gathered.items())]
        self._gathered.clear()
        if counts:
            await self._scope.run(_count_up(self._scope.dialect.insert), counts)
