"""Keeps what the channels bring, before they acknowledge it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

from bot.service.alarm import Alarm
from bot.service.metrics import Metrics
from bot.service.uncut import to_its_end
from bot.store import Arrival, Store


class Intake:
    """Puts arrivals into the inbox and wakes the processor through ``alarm``."""

    def __init__(self, store: Store, alarm: Alarm, metrics: Metrics, now: Callable[[], datetime]) -> None:
        self._store = store
        self._alarm = alarm
        self._metrics = metrics
        self._now = now

    async def keep(self, arrivals: list[Arrival]) -> None:
        """Keep all of ``arrivals`` or none; once this returns they are safe. Raises StoreUnavailable."""
        if not arrivals:
            return
        new = await to_its_end(self._add(arrivals))
        channels = Counter(arrival.channel for arrival in arrivals)
        channel, _ = channels.most_common(1)[0]  # in practice there is only one
        self._metrics.arrivals.labels(channel).inc(new)
        self._alarm.ring()
        later = max(arrival.due for arrival in arrivals) - self._now()
        if later.total_seconds() > 0:
            self._alarm.ring_in(later.total_seconds())

    async def _add(self, arrivals: list[Arrival]) -> int:
        async with self._store.transaction() as transaction:
            return await transaction.inbox.add(arrivals)
