"""A new key for everything, while the bot goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Row, RowMapping, Table, bindparam, select, update

from bot.os_faults import why
from bot.store import locks
from bot.store.errors import KeyFileError, StoreUnavailable, UnreadableError
from bot.store.keys import Keys
from bot.store.people import MARK_SHARED
from bot.store.registered import phone_of, read_answers
from bot.store.store import Store, Transaction
from bot.store.tables import metadata, registrations, sealed_columns

_AT_ONCE = 200  # rows in one transaction, so that the bot never waits long
_PASSES = 50
_PAUSE = 0.1


async def rotate_key(store: Store) -> dict[str, int]:
    """Bring in a new key and encrypt and hash everything with it; return how many rows of each table changed.

    The running bot takes part: every transaction looks whether the key file changed, so from the barrier below on
    all write with the new key, and all can read both. The old key is dropped when nothing needs it any more. If
    this is cut short, calling it again goes on with the same new key. Older backups need the key of their time.

    All processes have to see the same key file. Raises :class:`StoreUnavailable`, :class:`KeyFileError`, also when
    another process is at it: it would take the old keys out of the file under this one.
    """
    with _alone(store.keys.file):
        return await _rotate(store)


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    try:
        lock = locks.LockFile(locks.rotating(file), exclusive=True)
    except BlockingIOError as error:
        raise KeyFileError(f"另一个进程正在换密钥文件 {file} 里的密钥；等它做完（资料没有改动）") from error
    except OSError as error:
        raise KeyFileError(f"密钥文件 {file} 旁边写不了（{why(error)}）；请检查权限和磁盘空间") from error
    try:
        yield
    finally:
        lock.release()


async def _rotate(store: Store) -> dict[str, int]:
    store.keys.reload()
    if not store.keys.rotating:
        store.keys.rotated()
        store.keys.reload()
    async with store.transaction(barrier=True):
        """Who began with the old key has ended now."""
    counts = await renew(store)
    store.keys.without_old()
    store.keys.reload()
    return counts


async def renew(store: Store) -> dict[str, int]:
    """Encrypt and hash everything with the newest key; return how many rows of each table changed."""
    counts = {table.name: await _renew(store, table) for table in metadata.sorted_tables if sealed_columns(table)}
    async with store.transaction() as transaction:
        await transaction.people.lock_registrations()
        await transaction.scope.run(MARK_SHARED)
    return counts


async def _renew(store: Store, table: Table) -> int:
    """Renew the rows of ``table`` until none is left: those that others have locked are passed over at first."""
    total = 0
    for _ in range(_PASSES):
        total += await _pass(store, table)
        if not await _stale(store, table):
            return total
        await asyncio.sleep(_PAUSE)
    raise StoreUnavailable("locked", f"rows of {table.name} stay locked")


async def _pass(store: Store, table: Table) -> int:
    key, total, last = _key(table), 0, None
    columns = (key, *sealed_columns(table), *_hashes(table))
    while True:
        async with store.transaction() as transaction:
            if table is registrations:
                await transaction.people.lock_registrations()
            query = select(*columns).order_by(key).limit(_AT_ONCE).with_for_update(skip_locked=True)
            found = (await transaction.scope.run(query if last is None else query.where(key > last))).all()
            total += await _renew_rows(transaction, table, found)
        if not found:
            return total
        last = found[-1][0]


async def _renew_rows(transaction: Transaction, table: Table, rows: Sequence[Row[*tuple[Any, ...]]]) -> int:
    changed = [new for row in rows if (new := _renewed(transaction.scope.keys, table, row))]
    if changed:
        names = [column.name for column in (*sealed_columns(table), *_hashes(table))]
        change = update(table).where(_key(table) == bindparam("row"))
        await transaction.scope.run(change.values({name: bindparam(f"new_{name}") for name in names}), changed)
    return len(changed)


def _renewed(keys: Keys, table: Table, row: Row[*tuple[Any, ...]]) -> dict[str, Any] | None:
    """Return what to write into the row, None if it is as it should be."""
    before = row._asdict()
    after = before | renewed(keys, table, before)
    if before == after:
        return None
    return {"row": after.pop(_key(table).name), **{f"new_{name}": value for name, value in after.items()}}


def renewed(keys: Keys, table: Table, row: Mapping[str, Any] | RowMapping) -> dict[str, Any]:
    """Return what of ``row`` depends on the keys, with the newest of them: what is sealed, and hashes of it."""
    after = {}
    for column in sealed_columns(table):
        sealed = row[column.name]
        try:
            after[column.name] = (sealed and keys.renewed(sealed)) or sealed
            if table is registrations:
                after |= _hashed(keys, keys.decrypt(sealed))
        except (UnreadableError, ValueError):
            """No key reads it, neither old nor new: it stays as it is."""
    return after


def _hashed(keys: Keys, answers: str) -> dict[str, str | None]:
    phone = phone_of(read_answers(answers))
    return {registrations.c.phone_hash.name: keys.phone_hash(phone) if phone else None}


async def _stale(store: Store, table: Table) -> bool:
    """Return whether a row is left that is not as it should be."""
    async for row in _rows(store, table):
        if _renewed(store.keys, table, row):
            return True
    return False


async def _rows(store: Store, table: Table) -> AsyncIterator[Row[*tuple[Any, ...]]]:
    async with store.reading() as connection:
        result = await connection.stream(select(_key(table), *sealed_columns(table), *_hashes(table)))
        async for row in result:
            yield row


def _key(table: Table) -> Column[Any]:
    (key,) = table.primary_key
    return key


def _hashes(table: Table) -> tuple[Column[Any], ...]:
    return (registrations.c.phone_hash,) if table is registrations else ()
