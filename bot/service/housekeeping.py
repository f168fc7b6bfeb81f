"""Has the store cleared of what need not be kept, every hour."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import structlog

from bot.service.metrics import Metrics
from bot.service.store_watch import StoreWatch
from bot.store import StoreUnavailable

_log = structlog.stdlib.get_logger(__name__)


class Housekeeper:
    """Calls ``purge`` (it returns how many of each kind were cleared), which must bear being cut short: it may take
    long, and whoever stops the service does not wait for it.

    ``first`` and ``interval``: seconds from the start to the first time, and from one to the next.
    """

    def __init__(
        self,
        purge: Callable[[], Coroutine[Any, Any, Mapping[str, int]]],
        metrics: Metrics,
        first: float = 60.0,
        interval: float = 3600.0,
    ) -> None:
        self._purge = purge
        self._watch = StoreWatch("housekeeping", metrics, shortest=first, longest=interval)
        self._first = first
        self._interval = interval

    async def run(self) -> None:
        """Keep house until cancelled."""
        wait = self._first
        while True:
            await asyncio.sleep(wait)
            wait = await self._once()

    async def _once(self) -> float:
        try:
            cleared = await self._purge()
        except StoreUnavailable as error:
            return self._watch.failed(error)
        self._watch.worked()
        if any(cleared.values()):
            _log.info("purged", **{what: number for what, number in cleared.items() if number})
        return self._interval
