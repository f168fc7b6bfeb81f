"""Slows a person who sends very fast. Nothing is dropped, and nobody else waits."""

from __future__ import annotations

from bot.service.buckets import Buckets

_HELD = 1000  # chats held back at once: they are named in a query


class Flood:
    """Which chats are held back: each may have ``burst`` messages handled at once, then ``per_second`` a second.

    Times are those of one clock, in seconds. Memory is bounded: of more than ``at_most`` busy chats the
    least busy ones are forgotten.
    """

    def __init__(self, burst: int = 20, per_second: float = 1.0, at_most: int = 10_000) -> None:
        self._buckets = Buckets(burst, 1 / per_second, at_most)
        self._held: dict[str, float] = {}

    def handled(self, chat: str, now: float) -> bool:
        """Note that a message of ``chat`` was handled; return whether the chat is held back from now on."""
        self._buckets.take(chat, now)
        wait = self._buckets.wait(chat, now)
        if wait <= 0 or len(self._held) >= _HELD:
            return False
        self._held[chat] = now + wait
        return True

    def held_back(self, now: float) -> frozenset[str]:
        """Return the chats whose messages are to wait."""
        self._held = {chat: until for chat, until in self._held.items() if until > now}
        return frozenset(self._held)

    def until_next(self, now: float) -> float | None:
        """Return in how many seconds the next chat may go on, None if none is held back."""
        return max(0.0, min(self._held.values()) - now) if self._held else None
