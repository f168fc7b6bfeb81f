"""The store's contract in memory: all or nothing, and faults on demand."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot.conversation.message import Note
from bot.conversation.state import State
from bot.store import Arrival, InboxRow, OutboxRow, Parcel, StoreUnavailable


@dataclass
class Tables:
    inbox: dict[int, dict[str, Any]] = field(default_factory=dict)
    outbox: dict[int, dict[str, Any]] = field(default_factory=dict)
    people: dict[str, State] = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)
    questions: list[tuple[str, Note]] = field(default_factory=list)
    tallies: Counter[str] = field(default_factory=Counter)
    dead_letters: list[tuple[InboxRow, str]] = field(default_factory=list)

    def copy(self) -> Tables:
        """Rows are never changed, only replaced, so that this is cheap."""
        return Tables(**{name: table.copy() for name, table in vars(self).items()})


class MemoryStore:
    """``down`` makes every transaction fail; ``spoil`` is called at each step with its name and may raise."""

    def __init__(self) -> None:
        self.tables = Tables()
        self.down: StoreUnavailable | None = None
        self.transactions = 0
        self._lock = asyncio.Lock()

    def spoil(self, step: str, value: object) -> None:
        """Nothing goes wrong, unless a test puts something else here."""

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[MemoryTransaction]:
        async with self._lock:
            self.transactions += 1
            if self.down is not None:
                raise StoreUnavailable(self.down.reason)
            before = self.tables.copy()
            try:
                yield MemoryTransaction(self)
                self.spoil("commit", None)
            except BaseException:
                self.tables = before
                raise

    def unfinished(self) -> list[int]:
        return [row["update_id"] for row in self.tables.inbox.values() if not row["finished"]]

    def unsent(self) -> list[str]:
        return [row["parcel"].reply.text for row in self.tables.outbox.values() if not row["finished"]]


class MemoryTransaction:
    def __init__(self, store: MemoryStore) -> None:
        self.inbox = _Inbox(store)
        self.outbox = _Outbox(store)
        self.people = _People(store)
        self.questions = _Questions(store)
        self.dead_letters = _DeadLetters(store)
        self.tallies = _Tallies(store)


@dataclass
class _Part:
    store: MemoryStore

    @property
    def tables(self) -> Tables:
        return self.store.tables


class _Inbox(_Part):
    async def add(self, arrivals: Sequence[Arrival]) -> int:
        known = {(row["channel"], row["update_id"]) for row in self.tables.inbox.values()}
        new = [each for each in arrivals if (each.channel, each.update_id) not in known]
        for each in new:
            number = len(self.tables.inbox) + 1
            self.tables.inbox[number] = {**vars(each), "attempts": 0, "finished": False}
        return len(new)

    async def claim(self, now: datetime, limit: int, held_back: Collection[str] = ()) -> list[InboxRow]:
        self.store.spoil("claim", None)
        first: dict[str, tuple[int, dict[str, Any]]] = {}
        for number, row in sorted(self.tables.inbox.items(), key=lambda item: item[1]["update_id"]):
            if not row["finished"]:
                first.setdefault(row["chat"], (number, row))
        due = [(number, row) for chat, (number, row) in first.items() if row["due"] <= now and chat not in held_back]
        return [
            InboxRow(
                number,
                row["channel"],
                row["update_id"],
                row["chat"],
                row["body"],
                row["received"],
                row["attempts"],
            )
            for number, row in sorted(due, key=lambda item: item[1]["received"])[:limit]
        ]

    async def finish(self, ids: Iterable[int], now: datetime) -> None:
        for number in ids:
            self.store.spoil("finish", number)
            self.tables.inbox[number] = {**self.tables.inbox[number], "finished": True}

    async def try_later(self, id: int, due: datetime, error: str) -> None:
        self.store.spoil("try_later", id)
        row = self.tables.inbox[id]
        self.tables.inbox[id] = {**row, "due": due, "attempts": row["attempts"] + 1, "error": error}

    async def waiting(self) -> int:
        return len(self.store.unfinished())


class _Outbox(_Part):
    async def add(self, parcels: Sequence[Parcel], now: datetime) -> None:
        for parcel in parcels:
            self.store.spoil("outbox", parcel)
            self.tables.outbox[len(self.tables.outbox) + 1] = {
                "chat": parcel.chat,
                "parcel": parcel,
                "attempts": 0,
                "created": now,
                "due": now,
                "leased": None,
                "worker": "",
                "finished": "",
            }

    async def claim(self, now: datetime, limit: int, worker: str, lease: timedelta) -> list[OutboxRow]:
        first: dict[str, tuple[int, dict[str, Any]]] = {}
        for number, row in self.tables.outbox.items():
            if not row["finished"]:
                first.setdefault(row["chat"], (number, row))
        claimed = []
        for number, row in first.values():
            if row["due"] <= now and (row["leased"] is None or row["leased"] <= now) and len(claimed) < limit:
                self.tables.outbox[number] = {**row, "leased": now + lease, "worker": worker}
                claimed.append(OutboxRow(number, row["chat"], row["parcel"], row["attempts"], row["created"]))
        return claimed

    async def sent(self, ids: Iterable[int], now: datetime, written_about: Iterable[str] | None = None) -> None:
        for number in ids:
            self._finish(number, "sent")

    async def written_about(self, ids: Iterable[int]) -> dict[str, str]:
        return {}

    async def try_later(self, id: int, due: datetime, error: str, worker: str) -> None:
        row = self.tables.outbox[id]
        if row["worker"] == worker:
            again = {"due": due, "attempts": row["attempts"] + 1, "error": error}
            self.tables.outbox[id] = {**row, **again, "leased": None, "worker": ""}

    async def give_back(self, ids: Iterable[int], worker: str) -> None:
        for number in ids:
            row = self.tables.outbox[number]
            if row["worker"] == worker:
                self.tables.outbox[number] = {**row, "leased": None, "worker": ""}

    async def hold_on(self, names: Collection[str], worker: str) -> set[int]:
        held = {number for number, row in self.tables.outbox.items() if row["worker"] in names and not row["finished"]}
        for number in held:
            self.tables.outbox[number] = {**self.tables.outbox[number], "worker": worker}
        return held

    async def give_up(self, id: int, reason: str, now: datetime) -> None:
        self._finish(id, reason)

    async def block(self, chat: str, now: datetime) -> None:
        self.tables.blocked.add(chat)
        for number, row in self.tables.outbox.items():
            if row["chat"] == chat and not row["finished"]:
                self._finish(number, "blocked")

    async def unblock(self, chat: str) -> None:
        self.tables.blocked.discard(chat)

    async def release(self, worker: str | None = None) -> None:
        for number, row in self.tables.outbox.items():
            if worker in (None, row["worker"]):
                self.tables.outbox[number] = {**row, "leased": None, "worker": ""}

    async def waiting(self) -> int:
        return len(self.store.unsent())

    def _finish(self, number: int, how: str) -> None:
        self.tables.outbox[number] = {**self.tables.outbox[number], "finished": how}


class _People(_Part):
    async def load(self, chats: Collection[str]) -> dict[str, State]:
        return {chat: self.tables.people.get(chat, State()) for chat in chats}

    async def save(self, chat: str, before: State, after: State, now: datetime) -> None:
        self.store.spoil("save", chat)
        self.tables.people[chat] = replace(after)


class _Questions(_Part):
    async def add(self, chat: str, note: Note, now: datetime) -> None:
        self.tables.questions.append((chat, note))


class _Tallies(_Part):
    async def add(self, what: str, now: datetime, n: int = 1) -> None:
        self.tables.tallies[what] += n


class _DeadLetters(_Part):
    async def add(self, row: InboxRow, error: str, now: datetime) -> None:
        self.store.spoil("dead_letters", row.id)
        self.tables.dead_letters.append((row, error))
