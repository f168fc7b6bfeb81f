"""The two databases: everything in which they differ."""

from __future__ import annotations

import asyncio
import errno
import os
import secrets
import shutil
import sqlite3
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, ColumnElement, Executable, Table, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.util import await_only

from bot.store.errors import Reason, StoreError, StoreUnavailable

Insert = Callable[[Table], Any]
"""Makes the INSERT of a table, with the ON CONFLICT that both databases know."""

APPLICATION = "zhucan"
READERS = 5
"""How many connections there are for looking, apart from those that write: who looks keeps nobody from writing."""


class Unindexed(FunctionElement[Any]):
    """A column that SQLite is not to look rows up by: it has no statistics to tell that there are too many."""

    name = "unindexed"
    inherit_cache = True

    def __init__(self, column: ColumnElement[Any]) -> None:
        super().__init__(column)
        self.type = column.type


@compiles(Unindexed)
def _as_it_is(element: Unindexed, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(Unindexed, "sqlite")
def _with_a_plus(element: Unindexed, compiler: SQLCompiler, **options: Any) -> str:
    return f"+{compiler.process(element.clauses, **options)}"


class Dialect(ABC):
    """How one kind of database is connected to, locked, and understood when it complains."""

    insert: Insert
    one_writer: bool  # whether transactions have to queue inside the process
    place: str  # where the database is, as whoever looks after it calls it; never a password

    @abstractmethod
    def engine(self) -> AsyncEngine:
        """Return what makes connections to write by."""

    @abstractmethod
    def readers(self) -> AsyncEngine:
        """Return what makes connections to look by, at most ``READERS`` at once."""

    @abstractmethod
    def is_same(self) -> bool:
        """Return whether the database is the one that was opened. Raises :class:`StoreUnavailable` if it is gone."""

    @abstractmethod
    async def begin(self, connection: AsyncConnection, *, barrier: bool) -> None:
        """Open a transaction that writes; with ``barrier`` after all others have ended, and alone."""

    @abstractmethod
    async def begin_reading(self, connection: AsyncConnection) -> None:
        """Open a transaction that sees the database as it is now, whatever others write."""

    @abstractmethod
    async def lock_registrations(self, connection: AsyncConnection) -> None:
        """Let no other transaction change registrations until this one ends."""

    @abstractmethod
    async def tidy(self, connection: AsyncConnection) -> bool:
        """Let go of what deleted rows have left behind. Return False if somebody who looks on keeps it from that."""

    @abstractmethod
    async def others(self, connection: AsyncConnection) -> int:
        """Return how many connections to the database this program has in other processes."""

    @abstractmethod
    def reason(self, error: BaseException) -> Reason | None:
        """Return why the database cannot be used now; None if ``error`` is a fault of the program."""


def dialect_of(url: str, patience: float) -> Sqlite | Postgresql:
    """Return the dialect for a database URL; waiting for a lock takes at most ``patience`` seconds.

    Raises :class:`StoreError`, which never shows the URL: it may hold a password.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreError("设置 store.url 读不懂；要写成 sqlite:///文件 或者 postgresql://用户@机器/库名") from error
    if parsed.get_backend_name() == "sqlite":
        if parsed.database in {None, "", ":memory:"}:
            raise StoreError("设置 store.url 里没有文件；要写成 sqlite:///文件，例如 sqlite:///data/zhucan.db")
        return Sqlite(Path(str(parsed.database)).expanduser().absolute(), patience)
    if parsed.get_backend_name() in {"postgresql", "postgres"}:
        return Postgresql(parsed.set(drivername="postgresql+asyncpg"), patience)
    raise StoreError(
        f"设置 store.url 写的是 {parsed.get_backend_name()}，不支持这种数据库；要写成 sqlite:///文件 或者 postgresql://用户@机器/库名"
    )


def report_faults(engine: AsyncEngine, dialect: Dialect) -> None:
    """Let every database fault that may pass come out as :class:`StoreUnavailable`, wherever it arises."""

    @event.listens_for(engine.sync_engine, "handle_error")
    def put_in_words(context: ExceptionContext) -> BaseException | None:
        error = context.original_exception
        reason = "unreachable" if context.is_disconnect else dialect.reason(error)
        if reason is None:
            return None
        if isinstance(error, (OSError, TimeoutError)):
            context.is_disconnect = True
        return StoreUnavailable(reason, type(error).__name__, dialect.place)


_NOT_THERE = "the database file is not where it was"


class Sqlite(Dialect):
    """A file. One connection writes; readers and other processes may look on beside it."""

    insert = staticmethod(sqlite.insert)
    one_writer = True

    def __init__(self, file: Path, patience: float) -> None:
        self.file = file
        self.place = str(file)
        self.patience = patience
        self._wait = f"PRAGMA busy_timeout = {int(patience * 1000)}"
        self._opened: tuple[int, int] | None = None

    def engine(self) -> AsyncEngine:
        """Return what makes connections; the file has to be there already, so that a lost one is noticed."""
        return self._engine(pool_size=1, max_overflow=2)

    def readers(self) -> AsyncEngine:
        """The same for looking."""
        return self._engine(pool_size=READERS, max_overflow=0)

    def _engine(self, **pool: int) -> AsyncEngine:
        url = URL.create(
            "sqlite+aiosqlite", database=f"file:{quote(str(self.file))}", query={"mode": "rw", "uri": "true"}
        )
        engine = create_async_engine(url, connect_args={"timeout": self.patience}, hide_parameters=True, **pool)
        event.listen(engine.sync_engine, "connect", self._prepare)
        return engine

    def _prepare(self, connection: Any, _: object) -> None:
        self._opened = self._identity()
        connection.isolation_level = None  # transactions are begun here, not by the driver
        cursor = connection.cursor()
        try:
            for setting in (
                self._wait,
                "PRAGMA synchronous = FULL",
                "PRAGMA foreign_keys = ON",
                "PRAGMA secure_delete = ON",
                "PRAGMA journal_size_limit = 67108864",
            ):
                cursor.execute(setting)
            self._to_wal(cursor)
        finally:
            cursor.close()

    def _to_wal(self, cursor: Any) -> None:
        """Turn on the write-ahead log. For this lock SQLite itself does not wait."""
        until = time.monotonic() + self.patience
        while True:
            try:
                cursor.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
                await_only(asyncio.sleep(0.01))
            else:
                return

    def _identity(self) -> tuple[int, int]:
        try:
            stat = self.file.stat()
        except OSError as error:
            raise StoreUnavailable("unreachable", _NOT_THERE, self.place) from error
        return stat.st_dev, stat.st_ino

    def is_same(self) -> bool:
        """Notice a file that was moved away: SQLite would go on writing to it without a word."""
        return self._opened in {None, self._identity()}

    async def begin(self, connection: AsyncConnection, *, barrier: bool) -> None:  # noqa: ARG002
        """Take the write lock at once: there is only one writer, so this is a barrier too."""
        await connection.exec_driver_sql("BEGIN IMMEDIATE")

    async def begin_reading(self, connection: AsyncConnection) -> None:
        """Take a snapshot; in WAL mode writers go on beside it."""
        await connection.exec_driver_sql("BEGIN")
        await connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")

    async def lock_registrations(self, connection: AsyncConnection) -> None:
        """The write lock is held already."""

    async def tidy(self, connection: AsyncConnection) -> bool:
        """Empty the write-ahead log, which holds what was written before it was deleted.

        SQLite would wait for who looks on, and let nobody write meanwhile: it is not to wait at all.
        """
        await connection.exec_driver_sql("PRAGMA busy_timeout = 0")
        try:
            return not (await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")).one()[0]
        finally:
            await connection.exec_driver_sql(self._wait)

    async def others(self, connection: AsyncConnection) -> int:  # noqa: ARG002 – as above
        """Lock files tell who else has the file."""
        return 0

    def reason(self, error: BaseException) -> Reason | None:
        """Tell by SQLite's error code."""
        if isinstance(error, StoreUnavailable):
            return error.reason
        if isinstance(error, (OSError, TimeoutError)):
            return "unreachable"
        code = getattr(error, "sqlite_errorcode", None)
        if code is None:  # the driver's own: the connection's thread is gone
            return "other" if isinstance(error, sqlite3.OperationalError) else None
        if code == sqlite3.SQLITE_READONLY_DBMOVED:
            return "unreachable"
        reason = _SQLITE_REASONS.get(code & 0xFF)
        return "full" if reason == "other" and self._disk_is_full() else reason

    def _disk_is_full(self) -> bool:
        with suppress(OSError):
            return shutil.disk_usage(self.file.parent).free < 1 << 16
        return False


_SQLITE_REASONS: dict[int, Reason] = {
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_READONLY: "read-only",
    sqlite3.SQLITE_PERM: "read-only",
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_PROTOCOL: "locked",
    sqlite3.SQLITE_CANTOPEN: "unreachable",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "damaged",
    sqlite3.SQLITE_IOERR: "other",
    sqlite3.SQLITE_NOMEM: "other",
    sqlite3.SQLITE_INTERRUPT: "other",
}

# Numbers of PostgreSQL's advisory locks, arbitrary but for being told apart.
_ENTRY, _REGISTRATIONS = 720_101, 720_102


class Postgresql(Dialect):
    """A server. Several processes share it; each transaction sees what was committed when its statement began."""

    insert = staticmethod(postgresql.insert)
    one_writer = False

    def __init__(self, url: URL, patience: float) -> None:
        self._url = url
        self.place = "".join((url.host or "", f":{url.port}" if url.port else "", f"/{url.database}"))
        self.patience = patience
        self._name = f"{APPLICATION} {secrets.token_hex(4)}"

    def engine(self) -> AsyncEngine:
        """Return what makes connections."""
        return self._engine(pool_size=5, max_overflow=5)

    def readers(self) -> AsyncEngine:
        """The same for looking."""
        return self._engine(pool_size=READERS, max_overflow=0)

    def _engine(self, **pool: int) -> AsyncEngine:
        settings = {
            "application_name": self._name,
            "timezone": "UTC",
            "lock_timeout": str(int(self.patience * 1000)),
            "idle_in_transaction_session_timeout": "60000",
            # A machine that is gone without a word must not keep its locks for the two hours that systems wait.
            "tcp_keepalives_idle": "10",
            "tcp_keepalives_interval": "5",
            "tcp_keepalives_count": "3",
        }
        try:
            return create_async_engine(
                self._url,
                connect_args={"timeout": 10, "command_timeout": 60, "server_settings": settings},
                isolation_level="READ COMMITTED",
                hide_parameters=True,
                **pool,
            )
        except ImportError as error:
            raise StoreError("缺少 PostgreSQL 的驱动；请安装：pip install 'zhucan[postgresql]'") from error

    def is_same(self) -> bool:
        """The server knows."""
        return True

    async def begin(self, connection: AsyncConnection, *, barrier: bool) -> None:
        """Enter as one of many, or as the only one."""
        await connection.execute(_ENTER_ALONE if barrier else _ENTER)

    async def begin_reading(self, connection: AsyncConnection) -> None:
        """Take a snapshot; writers go on beside it."""
        await connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))

    async def lock_registrations(self, connection: AsyncConnection) -> None:
        """Take turns: two who register the same phone at once have to see each other."""
        await connection.execute(_LOCK_REGISTRATIONS)

    async def tidy(self, connection: AsyncConnection) -> bool:  # noqa: ARG002 – as every dialect
        """The server does so itself."""
        return True

    async def others(self, connection: AsyncConnection) -> int:
        """Ask the server."""
        return int((await connection.execute(_OTHERS)).scalar_one())

    def reason(self, error: BaseException) -> Reason | None:
        """Tell by the SQL state."""
        if isinstance(error, StoreUnavailable):
            return error.reason
        if isinstance(error, (OSError, TimeoutError)):
            return "unreachable"
        state = getattr(error, "sqlstate", None)
        if not isinstance(state, str):
            return "unreachable" if type(error).__name__ == "InterfaceError" else None
        return _SQL_STATES.get(state) or _SQL_STATES.get(state[:2])


def _advisory(function: str, number: int) -> Executable:
    return text(f"SELECT {function}({number})")


_ENTER = _advisory("pg_advisory_xact_lock_shared", _ENTRY)
_ENTER_ALONE = _advisory("pg_advisory_xact_lock", _ENTRY)
_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    f" AND application_name LIKE '{APPLICATION}%' AND application_name <> current_setting('application_name')"
)
_LOCK_REGISTRATIONS = _advisory("pg_advisory_xact_lock", _REGISTRATIONS)

_SQL_STATES: dict[str, Reason] = {
    "08": "unreachable",
    "57P01": "unreachable",
    "57P02": "unreachable",
    "57P03": "unreachable",
    "57P05": "unreachable",
    "25P03": "unreachable",
    "28": "unreachable",  # a refused login and a missing database can be put right while the bot waits
    "3D": "unreachable",
    "53": "other",
    "53100": "full",
    "53300": "unreachable",
    "25006": "read-only",
    "40": "locked",
    "55P03": "locked",
    "57014": "other",
    "58": "other",
    "XX": "damaged",
}


def reason_of(error: OSError) -> Reason:
    """Return why a file could not be made or written."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return "full"
    return "read-only" if error.errno in {errno.EROFS, errno.EACCES, errno.EPERM} else "unreachable"


def private_file(file: Path) -> None:
    """See to it that ``file`` is there and only its owner can read it. Raises OSError."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    # By its name: closing an open handle of the file would end the locks that SQLite has on it in this process.
    if os.name != "nt" and file.stat().st_mode & 0o077:
        file.chmod(0o600)
