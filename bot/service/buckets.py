"""Token buckets: so many at once, then one every so often, for each key."""

from __future__ import annotations

_FEW = 1024  # keys that are not worth clearing up


class Buckets:
    """How soon each key may go on: ``burst`` times at once, then once in ``interval`` seconds.

    A bucket is one number: when it will be full again. Full ones are forgotten; at most ``at_most``
    are kept, and when it gets tight those that would be full soonest go first. Times are of one clock, in seconds.
    """

    def __init__(self, burst: int, interval: float, at_most: int = 100_000) -> None:
        self._slack = (burst - 1) * interval
        self._interval = interval
        self._at_most = at_most
        self._clear_at = min(_FEW, at_most)
        self._full_at: dict[str, float] = {}

    def __len__(self) -> int:
        return len(self._full_at)

    def wait(self, key: str, now: float) -> float:
        """Return how many seconds from ``now`` the key has to wait."""
        return max(0.0, self._full_at.get(key, now) - self._slack - now)

    def take(self, key: str, now: float) -> float:
        """Take a token, a coming one if there is none; return how long to wait for it."""
        wait = self.wait(key, now)
        self._set(key, max(self._full_at.get(key, now), now) + self._interval, now)
        return wait

    def hold(self, key: str, seconds: float, now: float) -> None:
        """Let the key wait at least so many ``seconds`` from ``now``."""
        self._set(key, max(self._full_at.get(key, now), now + seconds + self._slack), now)

    def _set(self, key: str, full_at: float, now: float) -> None:
        self._full_at[key] = full_at
        if len(self._full_at) > self._clear_at:
            self._clear(now)

    def _clear(self, now: float) -> None:
        left = [(key, full_at) for key, full_at in self._full_at.items() if full_at > now]
        room = max(1, self._at_most // 2)  # so that it isn't full again at once
        if len(left) > room:
            left = sorted(left, key=lambda bucket: bucket[1])[-room:]
        self._full_at = dict(left)
        self._clear_at = min(max(_FEW, 2 * len(left)), self._at_most)
