"""Makes those wait who failed too often, and nobody else."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from bot.store import Store
from bot.store.sessions import FIRST_WAIT, FREE, Failures


@dataclass(frozen=True)
class Limit:
    """Whose failures count: an account's, an address's. ``free`` of them are nothing.

    ``at_once``: how many tries may be looked at in the same moment, less what has failed; never none at all.
    """

    subject: str
    free: int = FREE
    at_once: int = FREE


@dataclass(frozen=True)
class Wait:
    """``subject`` has to wait ``until`` then."""

    subject: str
    until: datetime


class Patience:
    """Lets tries through as long as none of their limits is reached.

    Only what failed is stored. Tries that are still being looked at are counted too, by this process alone, so that
    many at the same moment gain nothing; one that turns out well leaves no trace and makes nobody wait.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._turn = asyncio.Lock()
        self._looked_at: Counter[str] = Counter()

    @asynccontextmanager
    async def trial(self, limits: Sequence[Limit], now: datetime) -> AsyncIterator[Wait | None]:
        """Begin a try, which lasts as long as the context; yield None if it may be looked at, else for what it waits.

        A failure is to be stored before the context ends.
        """
        wait = await self._begin(limits, now)
        if wait:
            yield wait
            return
        try:
            yield None
        finally:
            subjects = [limit.subject for limit in limits]
            self._looked_at.subtract(subjects)
            for subject in subjects:
                if not self._looked_at[subject]:
                    del self._looked_at[subject]

    async def _begin(self, limits: Sequence[Limit], now: datetime) -> Wait | None:
        async with self._turn:
            # Counted before the failures are read: one that ends meanwhile is counted twice rather than not at all.
            others = {limit: self._looked_at[limit.subject] for limit in limits}
            async with self._store.transaction() as transaction:
                failures = {limit: await transaction.sessions.failures(limit.subject, now) for limit in limits}
            waits = [wait for limit in limits if (wait := _wait(limit, failures[limit], others[limit], now))]
            if waits:
                return max(waits, key=lambda wait: wait.until)
            self._looked_at.update(limit.subject for limit in limits)
            return None


def _wait(limit: Limit, failures: Failures, others: int, now: datetime) -> Wait | None:
    """Return for what a try has to wait; ``others`` are being looked at."""
    until = failures.wait_until(limit.free)
    if until is not None and until > now:
        return Wait(limit.subject, until)
    if others >= max(limit.at_once - failures.count, 1):
        return Wait(limit.subject, now + FIRST_WAIT)
    return None
