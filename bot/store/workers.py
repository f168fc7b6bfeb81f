"""Who sends from the outbox, and who of them is no longer there."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable, Collection

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.errors import StoreUnavailable
from bot.store.store import Store
from bot.store.tables import outbox
from bot.store.uninterrupted import uninterrupted

EVERY, SURE, GRACE, AFTER_TROUBLE = 1.0, 2.0, 3.0, 15.0
"""Seconds, in words below. ``SURE`` has to be less than ``GRACE``."""

_LOCK = 720_103  # the class of the advisory locks, arbitrary but for being told apart
_TAKE = text(f"SELECT pg_try_advisory_lock({_LOCK}, :number)")
_TAKEN = text(
    f"SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND classid = {_LOCK} AND objsubid = 2 AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_HOLDERS = select(outbox.c.worker).where(outbox.c.finished.is_(None), outbox.c.worker.is_not(None)).distinct()


class Worker:
    """One who sends; ``name`` stands on the leases. This one need not fear others."""

    def __init__(self, name: str) -> None:
        self.name = name

    def is_sure(self) -> bool:
        """Whether nobody else can have taken over what this one holds. To be asked before sending."""
        return True

    async def look_around(self) -> Collection[str]:
        """Show that this one is alive; return the names of those that are gone: what they hold is free.

        ``name`` may be another one afterwards: then others may have taken over what was held. To be called every
        second or so. Raises :class:`StoreUnavailable`.
        """
        return ()

    async def close(self) -> None:
        """Be gone."""


class SharingWorker(Worker):
    """One of several processes on a PostgreSQL.

    It holds a lock that ends with its session, and so with the process, however that ends; no clock has to be right
    for it. Whose lock is not there for ``GRACE`` seconds is gone. A worker that lost its session but lives notices
    that within ``EVERY`` second, comes back under a new name and asks what it still holds; it sends nothing that it
    began more than ``SURE`` seconds after it last had its lock, so that none of it is sent by two. When it is the
    database that was away, all are without a lock at first: then nobody is taken for gone for ``AFTER_TROUBLE``
    seconds.
    """

    def __init__(self, store: Store, named: Callable[[], str]) -> None:
        super().__init__(named())
        self._store = store
        self._named = named
        self._connection: AsyncConnection | None = None
        self._sure_at = -SURE
        self._missed: dict[str, float] = {}
        self._calm_at = 0.0
        self._in_trouble = False

    def is_sure(self) -> bool:
        """Whether the lock was there a moment ago."""
        return _seconds() - self._sure_at < SURE

    async def look_around(self) -> Collection[str]:
        """As above; looks at most once in ``EVERY`` second."""
        began = _seconds()
        if self._connection is not None and began - self._sure_at < EVERY:
            return ()
        try:
            holders, there = await uninterrupted(self._look())
        except StoreUnavailable:
            self._in_trouble = True
            await self.close()
            raise
        if self._in_trouble:
            self._in_trouble, self._calm_at, self._missed = False, _seconds() + AFTER_TROUBLE, {}
        self._sure_at = began
        return self._gone({name for name in holders if name != self.name and _number(name) not in there})

    async def close(self) -> None:
        """End the session, and with it the lock."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await uninterrupted(_ended(connection))

    async def _look(self) -> tuple[set[str], set[int]]:
        """Return who holds leases, and whose locks are there."""
        if self._connection is None:
            self._connection = await self._locked()
        holders = set((await self._connection.execute(_HOLDERS)).scalars())
        return holders, set((await self._connection.execute(_TAKEN)).scalars())

    async def _locked(self) -> AsyncConnection:
        """Return a session that has the lock of a new name."""
        connection = await self._store.connect()
        try:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            while True:
                name = self._named()
                if (await connection.execute(_TAKE, {"number": _number(name)})).scalar_one():
                    break
        except BaseException:
            await _ended(connection)
            raise
        self.name = name
        return connection

    def _gone(self, absent: Collection[str]) -> list[str]:
        now = _seconds()
        self._missed = {name: self._missed.get(name, now) for name in absent}
        if now < self._calm_at:
            return []
        return [name for name, since in self._missed.items() if now - since >= GRACE]


async def _ended(connection: AsyncConnection) -> None:
    """Close the session itself: given back to the pool it would keep the lock."""
    await connection.invalidate()
    await connection.close()


def _number(name: str) -> int:
    """Return what the lock of ``name`` is called. Two names with one number only make a dead one seem alive."""
    return zlib.crc32(name.encode()) & 0x7FFF_FFFF


def _seconds() -> float:
    return asyncio.get_running_loop().time()
