"""Telegram's flood limits, for when they are turned on."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from .refusal import RefusedError


@dataclass
class Allowance:
    """At most `count` within any `seconds`."""

    count: int
    seconds: float
    times: deque[float] = field(default_factory=deque)

    def wait(self, now: float) -> float:
        """Seconds until one more would be within the allowance."""
        while self.times and self.times[0] <= now - self.seconds:
            self.times.popleft()
        return 0.0 if len(self.times) < self.count else self.times[0] + self.seconds - now


@dataclass
class FloodLimits:
    """`api.limits = FloodLimits()`: 1 a second in a chat after a burst, 30 a second overall, 20 a minute in a group."""

    chat_rate: float = 1.0
    chat_burst: int = 5
    overall: int = 30  # a second
    group_minute: int = 20
    clock: Callable[[], float] = time.monotonic
    _chats: dict[int, Allowance] = field(default_factory=dict, repr=False)
    _all: Allowance | None = field(default=None, repr=False)

    def spend(self, chat_id: int) -> None:
        """Counts one message to the chat. RefusedError (429) when it is too many; then nothing is counted."""
        if self._all is None:
            self._all = Allowance(self.overall, 1.0)
        allowance = self._chats.get(chat_id)
        if allowance is None:
            allowance = self._chats[chat_id] = self._allowance(chat_id)
        now = self.clock()
        wait = max(self._all.wait(now), allowance.wait(now))
        if wait > 0:
            raise RefusedError.too_many(max(1, math.ceil(wait)))
        self._all.times.append(now)
        allowance.times.append(now)

    def _allowance(self, chat_id: int) -> Allowance:
        if chat_id < 0:
            return Allowance(self.group_minute, 60.0)
        return Allowance(self.chat_burst, self.chat_burst / self.chat_rate)
