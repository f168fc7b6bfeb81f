"""Brings a database to the tables of this version. Alembic is imported only when there is something to do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.store.dialects import Dialect
from bot.store.errors import StoreError, StoreOutdated
from bot.store.tables import registrations

FOLDER = Path(__file__).parent / "migrations"
REVISION_TABLE = "zhucan_revision"
WITHOUT_CHAIN = "0001"
"""The revision that had no chain through the audit."""

Then = Callable[[AsyncConnection, str | None], Awaitable[None]]


def revisions() -> list[str]:
    """Return the revisions that this version knows, the newest last, as the files in ``versions`` are named."""
    return sorted(file.stem.partition("_")[0].removeprefix("v") for file in (FOLDER / "versions").glob("v*.py"))


async def revision_of(connection: AsyncConnection) -> str | None:
    """Return the revision of a database, None if it is empty. Raises :class:`StoreError` for what is not ours."""
    found = await connection.run_sync(_revision)
    if found is not None and found not in revisions():
        raise StoreOutdated(f"数据库是更新版本的程序建的（{found}）；请升级程序，或者恢复升级前的备份")
    return found


def _revision(connection: Connection) -> str | None:
    tables = inspect(connection)
    if tables.has_table(REVISION_TABLE):
        found = connection.execute(text(f"SELECT version_num FROM {REVISION_TABLE}")).scalar()
        return str(found) if found is not None else None
    if tables.has_table(registrations.name):
        raise StoreError("数据库里有别的程序的表；请换一个空的数据库")
    return None


async def upgrade(engine: AsyncEngine, dialect: Dialect, then: Then | None = None) -> str | None:
    """Bring the database up to this version: all of it or nothing, and once if several processes want to.

    ``then``: what belongs to it besides the tables, done with the revision that the database had, None if it was empty.
    Return that revision.
    """
    async with engine.connect() as connection, connection.begin():
        await dialect.begin(connection, barrier=True)
        found = await revision_of(connection)
        if found != revisions()[-1]:
            await connection.run_sync(_run_migrations)
            if then is not None:
                await then(connection, found)
    return found


def _run_migrations(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 – takes long to load, and an upgrade is rare
    from alembic.config import Config  # noqa: PLC0415

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    command.upgrade(config, "head")
