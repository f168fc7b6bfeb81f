"""How fast may be sent: to each chat, to each group, and over all."""

from __future__ import annotations

from dataclasses import dataclass

from bot.service.buckets import Buckets
from bot.service.chats import channel_of, is_group, place_of


@dataclass(frozen=True)
class Limits:
    """``burst`` messages to a person at once, then one in ``interval`` seconds; groups likewise (20 a minute).

    ``overall``: messages a second over all chats, None for no limit. ``crowd`` chats that are told to slow
    down within ``crowd_seconds`` mean that it isn't the chats: then everything pauses.
    """

    burst: int = 10
    interval: float = 1.0
    group_burst: int = 5
    group_interval: float = 4.0
    overall: float | None = None
    crowd: int = 3
    crowd_seconds: float = 2.0


class Pace:
    """Knows how long to wait before each message. Times are those of one clock, in seconds."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._people = Buckets(limits.burst, limits.interval)
        self._groups = Buckets(limits.group_burst, limits.group_interval)
        self._all = Buckets(max(1, int(limits.overall)), 1 / limits.overall) if limits.overall else None
        self._slowed: dict[str, float] = {}
        self._paused_until: dict[str, float] = {}

    def turn(self, chat: str, now: float, at_most: float) -> float:
        """Return in how many seconds the chat's next turn comes; it is taken unless they are more than ``at_most``."""
        buckets, place = self._buckets(chat), place_of(chat)
        wait = buckets.wait(place, now)
        return wait if wait > at_most else buckets.take(place, now)

    def overall(self, chat: str, now: float) -> float:
        """Return how many seconds everything on the chat's channel has to wait; a turn over all is taken if it is 0."""
        paused = self._paused_until.get(channel_of(chat), now) - now
        if paused > 0:
            return paused
        wait = self._all.wait("", now) if self._all is not None else 0.0
        if self._all is not None and wait <= 0:
            self._all.take("", now)
        return max(0.0, wait)

    def slow_down(self, chat: str, seconds: float, now: float) -> bool:
        """Note that the platform wants a pause for the chat; return whether everything on its channel pauses now."""
        place = place_of(chat)
        self._buckets(chat).hold(place, seconds, now)
        recent = now - self._limits.crowd_seconds
        self._slowed = {each: at for each, at in self._slowed.items() if at > recent} | {place: now}
        channel = channel_of(chat)
        if sum(channel_of(each) == channel for each in self._slowed) < self._limits.crowd:
            return False
        self._paused_until[channel] = max(self._paused_until.get(channel, 0.0), now + seconds)
        return True

    def _buckets(self, chat: str) -> Buckets:
        return self._groups if is_group(chat) else self._people
