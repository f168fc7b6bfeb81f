"""Says once when a part of the service loses the store, and once when it has it back."""

from __future__ import annotations

from typing import get_args

import structlog

from bot.service.metrics import Metrics
from bot.store import StoreUnavailable
from bot.store.errors import Reason

_log = structlog.stdlib.get_logger(__name__)


class StoreWatch:
    """Knows whether the store works for one ``part`` of the service, and how long to wait while it doesn't."""

    def __init__(self, part: str, metrics: Metrics, shortest: float = 0.2, longest: float = 5.0) -> None:
        self._part = part
        self._metrics = metrics
        self._shortest = shortest
        self._longest = longest
        self._reason: str | None = None
        self._delay = shortest
        for reason in get_args(Reason):  # from 0, as the other counters that alerts look at
            metrics.store_faults.labels(part, reason)

    def failed(self, error: StoreUnavailable) -> float:
        """Note that the store could not be used; return after how many seconds to try again."""
        self._metrics.store_faults.labels(self._part, error.reason).inc()
        if error.reason != self._reason:
            _log.error("store unavailable, nothing is lost, trying again", part=self._part, reason=error.reason)
        self._reason = error.reason
        delay = self._delay
        self._delay = min(self._longest, delay * 2)
        return delay

    def worked(self) -> None:
        """Note that the store works."""
        if self._reason is not None:
            _log.info("store available again", part=self._part)
        self._reason, self._delay = None, self._shortest
