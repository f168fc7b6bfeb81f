"""The queue of updates: they stay until they are acknowledged. And getUpdates with its long poll."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from .chats import Json
from .faults import TWO_POLLERS
from .refusal import RefusedError

FUTURE = 10  # an offset further ahead than this counts as none: so it is when the ids have started anew
BY_WISH_ONLY = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclass(eq=False)
class Entry:
    """One update that is waiting. The body is encoded once."""

    update_id: int
    body: bytes = field(repr=False)
    lane: int  # the chat: webhooks keep the order within it
    owed: bool = False  # given out once whatever the offset says (repeats and old ids)


class UpdateQueue:
    """Everything the bot has not acknowledged, in the order in which it is to be delivered."""

    def __init__(self, first_id: int) -> None:
        self.next_id = first_id
        self.allowed: Collection[str] = ()  # empty: all but those sent by wish only
        self._waiting: dict[Entry, None] = {}
        self._poll: asyncio.Future[None] | None = None
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def polled(self) -> bool:
        """Whether a long poll is under way."""
        return self._poll is not None

    def wants(self, kind: str) -> bool:
        """Whether the bot asked for updates of this kind."""
        return kind in self.allowed if self.allowed else kind not in BY_WISH_ONLY

    def take_id(self) -> int:
        self.next_id += 1
        return self.next_id - 1

    def add(self, entries: Iterable[Entry]) -> None:
        """Puts them at the end and wakes the long poll."""
        self._waiting.update(dict.fromkeys(entries))
        self._wake()

    def remove(self, entry: Entry) -> None:
        """It was delivered by webhook."""
        self._waiting.pop(entry, None)
        self._wake()

    def clear(self) -> None:
        self._waiting.clear()
        self._wake()

    def waiting(self) -> list[Entry]:
        return list(self._waiting)

    async def empty(self) -> None:
        """Waits until nothing is left."""
        while self._waiting:
            self._changed.clear()
            await self._changed.wait()

    async def get(self, offset: int, limit: int, timeout: float, gone: asyncio.Future[None]) -> list[Entry]:
        """getUpdates: forgets what lies before the offset, and waits for something. RefusedError (409) for a rival."""
        if offset < 0:
            self._forget(self.waiting()[:offset])
            offset = 0
        if offset > self.next_id + FUTURE:
            offset = 0
        if offset > 0:
            self._forget([e for e in self._waiting if e.update_id < offset and not e.owed])
        if timeout > 0 and not self._waiting:
            await self._long_poll(timeout, gone)
        ready = [e for e in self._waiting if e.update_id >= offset or e.owed][:limit]
        if not gone.done():
            for entry in ready:
                entry.owed = False
        return ready

    def interrupt(self, words: str) -> None:
        """Ends a long poll with 409."""
        if self._poll is not None and not self._poll.done():
            self._poll.set_exception(RefusedError(words, 409))

    async def _long_poll(self, timeout: float, gone: asyncio.Future[None]) -> None:
        self.interrupt(TWO_POLLERS)
        poll = self._poll = asyncio.get_running_loop().create_future()
        try:
            done, _ = await asyncio.wait({poll, gone}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
            if poll in done:
                poll.result()
        finally:
            if self._poll is poll:
                self._poll = None

    def _forget(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            del self._waiting[entry]
        self._changed.set()

    def _wake(self) -> None:
        self._changed.set()
        if self._waiting and self._poll is not None:
            # In the next round of the loop, so that what is said in one breath arrives together.
            asyncio.get_running_loop().call_soon(_resolve, self._poll)


def encoded(update: Json) -> bytes:
    return json.dumps(update, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _resolve(poll: asyncio.Future[None]) -> None:
    if not poll.done():
        poll.set_result(None)
