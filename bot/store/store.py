"""The store: one database, entered by transactions."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, closing, nullcontext
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType

from sqlalchemy import Executable, delete, exc, false, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.store import facets, locks, migrating
from bot.store.audit import Audit, AuditFilter, AuditPage, Verdict
from bot.store.cases import Cases
from bot.store.chain import End
from bot.store.dead_letters import DeadLetters
from bot.store.dialects import Dialect, Sqlite, dialect_of, private_file, reason_of, report_faults
from bot.store.errors import (
    StoreInUse,
    StoreOutdated,
    StoreUnavailable,
    UnreadableError,
    WrongKeysError,
)
from bot.store.inbox import Inbox
from bot.store.keys import Keys
from bot.store.outbox import Outbox
from bot.store.people import People
from bot.store.questions import Questions
from bot.store.report_texts import ReportTexts
from bot.store.scope import Scope
from bot.store.sessions import Sessions
from bot.store.staff import StaffAccounts
from bot.store.tables import meta
from bot.store.tallies import Tallies
from bot.store.uninterrupted import uninterrupted

PATIENCE = 5.0
_KEY_CHECK = "key-check"
_LONG_READERS = 2
_TIDY_FOR, _TIDY_AGAIN = 60.0, 1.0  # seconds


class Transaction:
    """One unit of work: all of it is kept or nothing."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.inbox = Inbox(scope)
        self.outbox = Outbox(scope)
        self.questions = Questions(scope)
        self.dead_letters = DeadLetters(scope)
        self.audit = Audit(scope)
        self.tallies = Tallies(scope)
        self.report_texts = ReportTexts(scope)
        self.cases = Cases(scope, self.outbox)
        self.people = People(scope, self.audit, self.tallies, self.cases)
        self.staff = StaffAccounts(scope)
        self.sessions = Sessions(scope)

    async def flush(self) -> None:
        """Write what was gathered. Audit and tallies come last: they are wanted by everybody."""
        await self.people.flush()
        await self.audit.flush()
        await self.tallies.flush()


class Store:
    """An open database. Every fault that may pass comes out as :class:`StoreUnavailable`; the next try may work."""

    def __init__(self, engine: AsyncEngine, readers: AsyncEngine, dialect: Dialect, keys: Keys) -> None:
        self.keys = keys
        self.dialect = dialect
        self.engine = engine
        self.readers = readers
        self._long = asyncio.Semaphore(_LONG_READERS)
        self._turn: asyncio.Lock | nullcontext[None] = asyncio.Lock() if dialect.one_writer else nullcontext()
        self._held = AsyncExitStack()

    @classmethod
    async def open(
        cls,
        url: str,
        keys: Keys,
        *,
        alone: bool = False,
        migrate: bool = False,
        patience: float = PATIENCE,
        say: Callable[[str], None] = lambda _: None,
    ) -> Store:
        """Open the database at ``url``; an empty one gets its tables.

        ``alone``: on SQLite no second process may do so at the same time (PostgreSQL can be shared). An older
        SQLite database is copied beside and brought up; an older one on PostgreSQL only with ``migrate``.
        ``patience`` is how many seconds to wait for a lock. ``say`` is told what was done.
        Raises :class:`StoreUnavailable`, or a :class:`StoreError`: in use, outdated, wrong keys, bad URL.
        """
        dialect = dialect_of(url, patience)
        async with AsyncExitStack() as held:
            if isinstance(dialect, Sqlite):
                hold_file(held, dialect.file, alone=alone)
            engine, readers = dialect.engine(), dialect.readers()
            for each in (engine, readers):
                held.push_async_callback(each.dispose)
                report_faults(each, dialect)
            store = cls(engine, readers, dialect, keys)
            await store._bring_up(alone=alone, migrate=migrate, say=say)
            await store._check_keys()
            await store.see_to_chain()
            await store._renew_facets()
            store._held = held.pop_all()
        return store

    async def close(self) -> None:
        """Close all connections and let others have the file."""
        await self._held.aclose()

    async def __aenter__(self) -> Store:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @asynccontextmanager
    async def transaction(self, *, barrier: bool = False) -> AsyncIterator[Transaction]:
        """Do all of what happens inside, or nothing of it if anything is raised.

        A task must not begin a second one inside: on SQLite it would wait for itself.
        ``barrier``: it begins when all other transactions have ended, and others wait for its end.
        """
        async with self._turn:
            begin = partial(self.dialect.begin, barrier=barrier)
            connection = await uninterrupted(self._begun(self.engine, begin), undo=_closed)
            try:
                # Looked at only now: who has waited for a change of keys has to write with the new one.
                self.keys.refresh()
                transaction = Transaction(Scope(connection, self.dialect, self.keys))
                yield transaction
                await transaction.flush()
                await uninterrupted(connection.commit())
            except StoreUnavailable:
                if self.dialect.one_writer:
                    await uninterrupted(connection.invalidate())  # the next one opens the file anew
                raise
            finally:
                await _closed(connection)

    async def _begun(self, engine: AsyncEngine, begin: Callable[[AsyncConnection], Awaitable[None]]) -> AsyncConnection:
        """Return a connection with its transaction begun. One that broke while it lay idle is replaced."""
        for last in (False, True):
            connection = await self._connected(engine)
            try:
                await connection.begin()
                await begin(connection)
            except BaseException as error:
                if self.dialect.one_writer and isinstance(error, StoreUnavailable):
                    await connection.invalidate()
                await _closed(connection)
                if last or not (isinstance(error, StoreUnavailable) and error.reason == "unreachable"):
                    raise
            else:
                return connection
        raise AssertionError("the last try returns or raises")

    @asynccontextmanager
    async def reading(self, *, long: bool = False) -> AsyncIterator[AsyncConnection]:
        """Look at the database as it is now, beside those who write: they never wait for it.

        ``long``: it takes seconds. Such looks wait for each other, so that there is a connection left for quick ones.
        """
        async with self._long if long else nullcontext():
            begun = self._begun(self.readers, self.dialect.begin_reading)
            connection = await uninterrupted(begun, undo=_closed)
            try:
                yield connection
            finally:
                await _closed(connection)

    async def try_writing(self) -> None:
        """Write nothing, but as if something was to be written. Raises :class:`StoreUnavailable`.

        To begin a transaction does not tell: on SQLite that works with a file that can only be read.
        """
        async with self.transaction() as transaction:
            await transaction.scope.run(_WRITE_NOTHING)

    async def see_to_chain(self) -> None:
        """See to it that there is a chain through the audit. Where there has to be one and is none, it was lost."""
        if await self.audit_end() is None:
            async with self.transaction() as transaction:
                await transaction.audit.begin()

    async def begin_chain(self, connection: AsyncConnection, revision: str | None) -> None:
        """Begin the chain through the audit of a database that had ``revision``, in the transaction of its upgrade.

        Else an upgrade cut short behind it would leave a database that looks as if its chain had been lost. An empty
        database has nothing to be chained.
        """
        if revision is None:
            return
        await Audit(Scope(connection, self.dialect, self.keys)).begin(upgraded=revision == migrating.WITHOUT_CHAIN)

    async def audit_end(self) -> End | None:
        """Return where the chain of the audit ends."""
        async with self.reading() as connection:
            return await Audit(Scope(connection, self.dialect, self.keys)).end()

    async def audit_entries(self, wanted: AuditFilter, page: int, size: int) -> AuditPage:
        """Return one page of the audit, as :meth:`Audit.entries`, beside those who write."""
        async with self.reading(long=True) as connection:
            return await Audit(Scope(connection, self.dialect, self.keys)).entries(wanted, page, size)

    async def audit_verdict(self, known: tuple[int, str] | None = None) -> Verdict:
        """Look at the whole chain of the audit, beside those who write.

        ``known``: the number and the link of an entry, as somebody noted them.
        """
        async with self.transaction() as transaction:
            await transaction.audit.begin()
        async with self.reading(long=True) as connection:
            return await Audit(Scope(connection, self.dialect, self.keys)).verdict(known)

    async def tidy(self) -> None:
        """Let go of what deleted rows have left behind, if those who look on end within a minute."""
        until = asyncio.get_running_loop().time() + _TIDY_FOR
        while not await self._tidied() and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(_TIDY_AGAIN)

    async def _tidied(self) -> bool:
        async with self._turn:
            return await uninterrupted(self._tidy())

    async def _tidy(self) -> bool:
        async with aclosing(await self.connect()) as connection:
            return await self.dialect.tidy(connection)

    async def connect(self) -> AsyncConnection:
        """Return a connection to write by. Raises :class:`StoreUnavailable`."""
        return await self._connected(self.engine)

    async def _connected(self, engine: AsyncEngine) -> AsyncConnection:
        if not self.dialect.is_same():
            await self.engine.dispose()
            await self.readers.dispose()
            await self._bring_up(alone=False, migrate=False, say=lambda _: None)
            await self._check_keys()
        return await self._connect(engine)

    async def _connect(self, engine: AsyncEngine) -> AsyncConnection:
        try:
            return await engine.connect()
        except (exc.DBAPIError, OSError, TimeoutError) as error:
            reason = self.dialect.reason(getattr(error, "orig", None) or error)
            raise StoreUnavailable(reason or "unreachable", type(error).__name__, self.dialect.place) from error
        except exc.TimeoutError as error:
            raise StoreUnavailable("locked", "no connection is free", self.dialect.place) from error
        except Exception as error:  # the PostgreSQL driver raises its own, which are imported only with it
            if (reason := self.dialect.reason(error)) is None:
                raise
            raise StoreUnavailable(reason, type(error).__name__, self.dialect.place) from error

    async def _bring_up(self, *, alone: bool, migrate: bool, say: Callable[[str], None]) -> None:
        """Bring the database up to this version."""
        async with aclosing(await self._connect(self.engine)) as connection:
            found = await migrating.revision_of(connection)
        newest = migrating.revisions()[-1]
        if found == newest:
            return
        async with AsyncExitStack() as held:
            if found is not None and isinstance(self.dialect, Sqlite):
                if not alone:  # the bot must not run while its tables change
                    _hold(held, locks.running(self.dialect.file), exclusive=True)
                copy = await asyncio.to_thread(_copy_beside, self.dialect.file, found)
                say(f"数据库要从 {found} 升级到 {newest}；旧的另存为 {copy}")
            elif found is not None and not migrate:
                raise StoreOutdated(f"数据库还是旧版本（{found}）；请先停下所有进程并备份，再运行 zhucan migrate")
            await migrating.upgrade(self.engine, self.dialect, self._upgraded)
            if found is None:
                say(f"新建了空的数据库 {self.dialect.place}。要是以前登记过，请检查设置 store.url 有没有写错。")
            else:
                say(f"数据库已升级到 {newest}")

    async def _upgraded(self, connection: AsyncConnection, revision: str | None) -> None:
        await self.check_keys(connection)  # before anything is sealed with them
        await self.begin_chain(connection, revision)

    async def _check_keys(self) -> None:
        """Refuse keys that the data was not encrypted with, before anything is written with them."""
        async with self.reading() as connection:
            found: bytes | None = await connection.scalar(_THE_CHECK)
        if found is None:
            found = await uninterrupted(self._write_check())
        self._check(found)

    async def check_keys(self, connection: AsyncConnection) -> None:
        """Raise :class:`WrongKeysError` where the data was not encrypted with the keys, as far as that can be told."""
        found: bytes | None = await connection.scalar(_THE_CHECK)
        if found is not None:
            self._check(found)

    def _check(self, found: bytes) -> None:
        try:
            self.keys.decrypt(found)
        except UnreadableError as error:
            raise WrongKeysError(
                f"数据库不是用密钥文件 {self.keys.file} 加密的；请把原来的密钥文件放回去（数据没有改动）"
            ) from error

    async def _renew_facets(self) -> None:
        """Let registrations be found that were left before this version of the program."""
        async with self.reading() as connection:
            last = None if await facets.are_known(connection, self.keys) else ""
        while last is not None:
            async with self.transaction() as transaction:
                await transaction.people.lock_registrations()  # what changes them now comes before or after this
                last = await facets.renew_some(transaction.scope, last)

    async def _write_check(self) -> bytes:
        """Write what the keys are checked by unless another process does; return it.

        Not in one of our transactions: one of them may be what noticed that the database is a new one.
        """
        async with aclosing(await self._connect(self.engine)) as connection:
            await connection.begin()
            await self.dialect.begin(connection, barrier=False)
            row = {"name": _KEY_CHECK, "content": self.keys.encrypt(_KEY_CHECK)}
            await connection.execute(_keep_check(self.dialect), row)
            found: bytes = (await connection.execute(_THE_CHECK)).scalar_one()
            await connection.commit()
        return found


_WRITE_NOTHING = delete(meta).where(false())
_THE_CHECK = select(meta.c.content).where(meta.c.name == _KEY_CHECK)


def _keep_check(dialect: Dialect) -> Executable:
    return dialect.insert(meta).on_conflict_do_nothing(index_elements=["name"])  # type: ignore[no-any-return]


async def _closed(connection: AsyncConnection) -> None:
    """Roll back what is open and give the connection back, also while the task is being cancelled."""
    await uninterrupted(connection.close())


def hold_file(held: AsyncExitStack, file: Path, *, alone: bool, exclusive: bool = False) -> None:
    """Make ``file`` if it is not there, and hold its locks until ``held`` ends.

    ``alone``: as the one bot; ``exclusive``: as the only process at all.
    Raises :class:`StoreInUse`, :class:`StoreUnavailable`.
    """
    try:
        private_file(file)
        if alone:
            _hold(held, locks.running(file), exclusive=True)
        _hold(held, locks.opened(file), exclusive=exclusive)
    except OSError as error:
        raise StoreUnavailable(reason_of(error), error.strerror or "", str(file)) from error


def _hold(held: AsyncExitStack, file: Path, *, exclusive: bool) -> None:
    try:
        held.callback(locks.LockFile(file, exclusive=exclusive).release)
    except BlockingIOError as error:
        raise StoreInUse(f"数据库正在被另一个进程使用（{file}）；请先停下那个进程") from error


def _copy_beside(file: Path, revision: str) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    copy = file.with_name(f"{file.name}.{revision}-{stamp}")
    private_file(copy)
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy
