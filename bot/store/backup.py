"""Backups: a SQLite file, whichever database it is of, so that it can be restored into either."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager, closing, nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Table, delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import written
from bot.durable import sync, sync_folder
from bot.os_faults import why
from bot.store import erased, migrating
from bot.store.backup_file import finish, seal, unsealed
from bot.store.dialects import Postgresql, Sqlite, dialect_of, private_file
from bot.store.errors import (
    BackupError,
    StoreError,
    StoreInUse,
    StoreUnavailable,
    WrongKeysError,
)
from bot.store.keys import Keys
from bot.store.meantime import Meantime, keep_audit, keep_staff, meantime_of
from bot.store.rotate import renew, renewed
from bot.store.store import PATIENCE, Store, hold_file
from bot.store.tables import (
    audit,
    conversations,
    inbox,
    metadata,
    outbox,
    sealed_columns,
    staff,
)

_AT_ONCE = 500
_OPERATOR, _RESTORE = "operator", "restore"
Say = Callable[[str], None]


class Overlay(Protocol):
    """The file with what staff taught the assistant, which lies beside the database and belongs to it."""

    def content(self) -> bytes | None:
        """Return what is in it, None if it is not there. Raises :class:`BackupError`."""

    def replaced(self, content: bytes | None) -> AbstractContextManager[None]:
        """Make ready to put ``content`` in its place, and do so at the end; None: the backup holds none.

        Raises :class:`BackupError`, at the beginning if it cannot be put there.
        """


async def backup(store: Store, file: Path, now: datetime, overlay: bytes | None = None) -> dict[str, int]:
    """Write all that is in ``store`` at one moment into the new ``file`` (0600); return the rows of each table.

    ``overlay`` is put in too, encrypted: what is in the file of that name, None if there is none.

    The bot may go on. The file holds no key: it is as unreadable as the database without the key file, which reads
    all of it, also when keys are being changed just now. ``unreadable`` counts what no key reads, if there is any.
    Raises :class:`BackupError`, :class:`StoreUnavailable`; then there is no ``file``.
    """
    if file.exists():
        raise BackupError(f"{file} 已经有了；请换一个文件名，旧的备份不会被覆盖")
    part = file.with_name(f".{file.name}.part")
    before = store.keys.fixed()
    try:
        part.unlink(missing_ok=True)
        private_file(part)
        async with store.reading() as source:
            store.keys.refresh()
            keys = store.keys.fixed(before)
            async with _opened_file(part, keys) as copy:
                for table in metadata.sorted_tables:
                    await _copy(source, table, copy)
                unreadable = await _unreadable(copy)
        counts = await asyncio.to_thread(seal, part, keys, now, unreadable, overlay)
        os.replace(part, file)
        sync_folder(file.parent)
    except (OSError, sqlite3.Error, DBAPIError) as error:
        raise BackupError(f"备份 {file} 写不了（{_cause(error)}）；请检查路径、磁盘空间和权限") from error
    finally:
        _remove(part)
    return counts | ({"unreadable": unreadable} if unreadable else {})


async def restore(
    url: str,
    keys: Keys,
    file: Path,
    now: datetime,
    say: Say,
    overlay: Overlay | None = None,
    *,
    patience: float = PATIENCE,
) -> dict[str, int]:
    """Put what is in the backup ``file`` in the place of what is in the database; return the rows of each table.

    Everything is checked before anything is replaced: the file is whole, of a known version, sealed and readable
    with ``keys``, and so is the old database, or what was deleted since and who may sign in could not be taken over.
    All is encrypted with the newest of ``keys``. The old database is kept beside (PostgreSQL: as a backup beside
    ``file``). What was deleted since the backup stays deleted, and the audit of the meantime stays. No other process
    may use the database. The ``overlay`` becomes that of the backup after the database; without one, it is left out.
    ``say`` is told what was found and done.
    Raises :class:`BackupError`, :class:`StoreInUse`, :class:`StoreUnavailable` or another :class:`StoreError`.
    """
    dialect = dialect_of(url, patience)
    try:
        if isinstance(dialect, Sqlite):
            return await _restore_file(dialect, keys, file, now, say, overlay)
        return await _restore_server(dialect, url, keys, file, now, say, overlay)
    except WrongKeysError as error:
        raise BackupError(
            f"原来的数据库不是用密钥文件 {keys.file} 加密的，没有动。请放回它现在的密钥文件，"
            "做备份时的旧密钥文件用 --old-key 给；"
            "密钥确实丢了，就先把原来的数据库移开（PostgreSQL：换一个空的数据库）再恢复"
        ) from error


async def _restore_file(
    dialect: Sqlite, keys: Keys, file: Path, now: datetime, say: Say, overlay: Overlay | None
) -> dict[str, int]:
    target = dialect.file
    work = target.with_name(f".{target.name}.restoring")
    async with AsyncExitStack() as held:
        held.callback(_remove, work)
        hold_file(held, target, alone=True, exclusive=True)
        since = await _look_at(target, keys, say)
        counts, taught = await _prepared(file, work, keys, since, now, say)
        with overlay.replaced(taught) if overlay else nullcontext():
            try:
                await asyncio.to_thread(finish, work)
                kept = await asyncio.to_thread(_keep, target, now)
                for leftover in (f"{target}-wal", f"{target}-shm"):  # they would be played into the new file
                    Path(leftover).unlink(missing_ok=True)
                os.replace(work, target)
                sync_folder(target.parent)
            except (OSError, sqlite3.Error) as error:
                raise BackupError(f"{target} 换不了（{why(error)}）；原来的数据库没有动") from error
            if kept:
                say(f"原来的数据库另存为 {kept}")
    return counts


async def _restore_server(
    dialect: Postgresql, url: str, keys: Keys, file: Path, now: datetime, say: Say, overlay: Overlay | None
) -> dict[str, int]:
    async with await Store.open(url, keys, patience=dialect.patience) as store:
        async with store.reading() as connection:
            if await dialect.others(connection):
                raise StoreInUse("还有别的进程连着这个数据库；请先停下所有进程再恢复")
            since = await meantime_of(store, connection)
        with tempfile.TemporaryDirectory() as folder:
            work = Path(folder) / "work.db"
            counts, taught = await _prepared(file, work, keys, since, now, say)
            with overlay.replaced(taught) if overlay else nullcontext():
                kept = file.with_name(f"{file.name}.before-restore-{_stamp(now)}")
                await backup(store, kept, now, overlay.content() if overlay else None)
                say(f"原来的数据另存为备份 {kept}")
                async with _opened_file(work, keys) as source, store.transaction(barrier=True) as transaction:
                    if await dialect.others(transaction.scope.connection):
                        raise StoreInUse("有别的进程刚刚连上了这个数据库；请先停下所有进程再恢复")
                    await _replace_rows(source, transaction.scope.connection)
    return counts


async def _replace_rows(source: Store, target: AsyncConnection) -> None:
    for table in reversed(metadata.sorted_tables):
        await target.execute(delete(table))
    async with source.reading() as rows:
        for table in metadata.sorted_tables:
            await _insert_all(rows, table, target, source.keys)
            if table.autoincrement_column is not None:
                await target.execute(_count_on(table))


def _count_on(table: Table) -> Any:
    """Return the statement after which no id is given twice, neither of the old rows nor of the new."""
    sequence = f"pg_get_serial_sequence('{table.name}', 'id')"
    highest = f"(SELECT max(id) FROM {table.name})"
    return text(f"SELECT setval({sequence}, GREATEST({highest}, nextval({sequence})))")


async def _look_at(file: Path, keys: Keys, say: Say) -> Meantime:
    """Return what is to be kept of the database that is being replaced; nothing if it cannot be read any more."""
    if not file.stat().st_size:
        return Meantime()
    try:
        async with _opened_file(file, keys, migrate=False) as store, store.reading() as connection:
            await store.check_keys(connection)
            return await meantime_of(store, connection)
    except WrongKeysError:
        raise
    except (StoreError, StoreUnavailable, DBAPIError):
        say(f"原来的数据库 {file} 读不了：备份以后删除的登记、停用的账号这次无法核对，请人工检查")
        return Meantime()


async def _prepared(
    file: Path, work: Path, keys: Keys, since: Meantime, now: datetime, say: Say
) -> tuple[dict[str, int], bytes | None]:
    """Copy the backup to ``work``, check it, bring it up to date; return the rows of each table, and the overlay."""
    try:
        _remove(work)
        private_file(work)
        await asyncio.to_thread(shutil.copyfile, file, work)
        contents = await asyncio.to_thread(unsealed, work, file, keys)
        counts = contents.counts
        async with _opened_file(work, keys) as store:
            unreadable = await _unreadable(store)
            if unreadable > contents.unreadable:
                raise BackupError(
                    f"{file} 里有 {unreadable} 条用现在的密钥读不出来；做备份时的密钥文件请用 --old-key 给"
                )
            made = written(datetime.fromisoformat(contents.made))
            say(f"备份完好：{made} 做的，登记 {counts['registrations']} 份，会话 {counts['conversations']} 个")
            if unreadable:
                say(f"其中 {unreadable} 条在做备份时就已经读不出来，原样恢复")
            await renew(store)
            deleted = await _apply(store, since, now, say)
            async with store.reading() as connection:  # those of the meantime came along
                for table in (audit, staff):
                    counts[table.name] = (
                        await connection.execute(select(func.count()).select_from(table))
                    ).scalar_one()
    except (OSError, sqlite3.Error) as error:
        raise BackupError(f"备份 {file} 读不了（{why(error)}）；原来的数据库没有动") from error
    except (StoreUnavailable, DBAPIError) as error:
        raise BackupError(f"备份 {file} 用不了（{_cause(error)}）；原来的数据库没有动") from error
    if deleted:
        say(f"其中 {deleted} 份登记在备份以后已经删除，没有恢复")
    counts["registrations"] -= deleted
    return counts, contents.overlay


async def _unreadable(store: Store) -> int:
    count = 0
    async with store.reading() as connection:
        for table in metadata.sorted_tables:
            for column in sealed_columns(table):
                async for (sealed,) in await connection.stream(select(column).where(column.is_not(None))):
                    count += not store.keys.can_read(sealed)
    return count


async def _apply(store: Store, since: Meantime, now: datetime, say: Say) -> int:
    """Delete again what was deleted since; return how many registrations. Keep audit and accounts of the meantime."""
    if since.unreadable:
        say(f"原来的数据库里，账号和操作记录有 {since.unreadable} 处读不出来，带过来也读不出来")
    if since.breaks:
        say(f"原来的数据库里，操作记录有 {since.breaks} 处被动过；另存的那一份留着，可以用 zhucan audit verify 再看")
    async with store.transaction() as transaction:
        run = transaction.scope.run
        await keep_audit(transaction, since.audit)
        for login in await keep_staff(transaction, since.staff):
            say(f"账号 {login} 和备份里别的账号冲突，没有带过来；请另外新建")
        new = {mark for mark, _ in since.erasures} - await erased.marks_of(transaction.scope)
        await erased.take_over(transaction.scope, since.erasures)
        # Not only what the other database knows: a backup may have been put together by hand.
        gone = await erased.receipts_marked(transaction.scope, await erased.marks_of(transaction.scope))
        forgotten = await erased.chats_marked(transaction.scope, new)
        for chat in sorted(forgotten.union(gone)):
            # All that the backup holds of the chat came before the deletion, which was handled after it.
            for table in (inbox, outbox):
                await run(update(table).where(table.c.chat == chat, table.c.finished.is_(None)).values(finished=now))
            await run(delete(conversations).where(conversations.c.chat == chat))
            await transaction.people.forget(chat, now, gone.get(chat, []), who=_RESTORE)
        # Those who found work after the backup and are gone; who is erased again above is counted again.
        await transaction.tallies.raise_to(since.employed)
        await transaction.audit.add(_OPERATOR, "restored", "", now)
    return sum(map(len, gone.values()))


@asynccontextmanager
async def _opened_file(file: Path, keys: Keys, *, migrate: bool = True) -> AsyncIterator[Store]:
    """Open a SQLite file as it is, without locks and without a look at its keys."""
    dialect = Sqlite(file, PATIENCE)
    engine = dialect.engine()  # its faults are not reported as the store's: that one may be well
    try:
        store = Store(engine, engine, dialect, keys)
        if migrate and await migrating.upgrade(engine, dialect, store.begin_chain) is not None:
            await store.see_to_chain()
        yield store
    finally:
        await engine.dispose()


async def _copy(source: AsyncConnection, table: Table, copy: Store) -> None:
    async with copy.transaction() as transaction:
        await _insert_all(source, table, transaction.scope.connection, copy.keys)


async def _insert_all(source: AsyncConnection, table: Table, target: AsyncConnection, keys: Keys) -> None:
    """Copy the rows, as the newest of ``keys`` has them: older ones may be gone when they are restored."""
    result = await source.stream(select(table))
    async for rows in result.mappings().partitions(_AT_ONCE):
        await target.execute(insert(table), [{**row, **renewed(keys, table, row)} for row in rows])


def _keep(target: Path, now: datetime) -> Path | None:
    """Copy the database, with its log if it can't be merged; return the copy, None if there was none."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(target)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    if not target.stat().st_size:
        return None
    kept = target.with_name(f"{target.name}.before-restore-{_stamp(now)}")
    for ending in ("", "-wal"):
        source = Path(f"{target}{ending}")
        if source.exists():
            private_file(Path(f"{kept}{ending}"))
            shutil.copyfile(source, f"{kept}{ending}")
            sync(Path(f"{kept}{ending}"))
    return kept


def _cause(error: Exception) -> str:
    """Return what the system or the database itself said, without the statement."""
    return why(getattr(error, "orig", None) or error)


def _stamp(now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y%m%dT%H%M%S")


def _remove(file: Path) -> None:
    for leftover in (file, Path(f"{file}-wal"), Path(f"{file}-shm"), Path(f"{file}-journal")):
        with suppress(OSError):
            leftover.unlink(missing_ok=True)
