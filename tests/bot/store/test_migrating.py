"""Databases of another version: brought up with a copy beside, or refused."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, insert, inspect

from bot.store import Keys, Store, StoreInUse, StoreOutdated, StoreUnavailable, migrating
from bot.store.audit import Audit
from bot.store.backup import backup, restore
from bot.store.dialects import Sqlite, dialect_of, private_file
from bot.store.tables import erasures, metadata
from tests.bot.store.conftest import PATIENCE, Opener
from tests.bot.store.samples import NOW, load, save, talking

NEWEST = migrating.revisions()[-1]
_NEXT = """
import sqlalchemy as sa
from alembic import op
revision = "9999"
down_revision = "{newest}"
def upgrade():
    op.add_column("audit", sa.Column("later", sa.String()))
    {more}
"""


@pytest.fixture
def newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Make this the next version of the program, whose migration also does ``more``; undo with None."""

    def become(more: str | None = "pass") -> None:
        monkeypatch.undo()
        if more is not None:
            folder = tmp_path / "migrations"
            shutil.copytree(migrating.FOLDER, folder, dirs_exist_ok=True)
            (folder / "versions" / "v9999_next.py").write_text(_NEXT.format(newest=NEWEST, more=more))
            monkeypatch.setattr(migrating, "FOLDER", folder)

    return become


async def columns(store: Store) -> set[str]:
    def look(connection: Connection) -> set[str]:
        return {column["name"] for column in inspect(connection).get_columns("audit")}

    async with store.reading() as connection:
        return await connection.run_sync(look)


async def test_the_migrations_make_the_tables_that_the_program_uses(new_url: str, opened: Opener) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"version_table": migrating.REVISION_TABLE})
        return list(compare_metadata(context, metadata))

    store = await opened(new_url)
    async with store.reading() as connection:
        assert await connection.run_sync(differences) == []


async def test_ids_are_never_given_twice(store: Store) -> None:
    for table in (metadata.tables["inbox"], metadata.tables["outbox"]):
        row = {
            "channel": "t", "update_id": 1, "chat": "c", "received": NOW, "created": NOW, "due": NOW, "attempts": 0,
        }  # fmt: skip
        values = {name: value for name, value in row.items() if name in table.c}
        async with store.transaction() as transaction:
            run = transaction.scope.run
            first = (await run(table.insert().values(values).returning(table.c.id))).scalar_one()
            await run(table.delete())
            assert (await run(table.insert().values(values).returning(table.c.id))).scalar_one() > first


async def test_an_older_file_is_copied_beside_and_brought_up(
    sqlite_url: str, sqlite_file: Path, opened: Opener, newer
) -> None:
    store = await opened(sqlite_url)
    await save(store, talking())
    await store.close()
    newer()
    said: list[str] = []
    store = await opened(sqlite_url, alone=True, say=said.append)
    assert "later" in await columns(store)
    assert await load(store) == talking()
    (copy,) = sqlite_file.parent.glob(f"zhucan.db.{NEWEST}-*")
    assert str(copy) in said[0]
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    newer(None)
    assert await load(await opened(f"sqlite:///{copy}")) == talking()


async def test_an_older_file_is_not_brought_up_under_a_running_bot(sqlite_url: str, opened: Opener, newer) -> None:
    await opened(sqlite_url, alone=True)
    newer()
    with pytest.raises(StoreInUse):
        await opened(sqlite_url)


async def test_an_older_server_is_refused_until_it_is_migrated(postgresql_url: str, opened: Opener, newer) -> None:
    store = await opened(postgresql_url)
    await save(store, talking())
    newer()
    with pytest.raises(StoreOutdated, match="zhucan migrate"):
        await opened(postgresql_url)
    assert "later" not in await columns(store)
    migrated = await opened(postgresql_url, migrate=True)
    assert "later" in await columns(migrated)
    assert await load(await opened(postgresql_url)) == talking()


async def test_a_newer_database_is_refused(new_url: str, opened: Opener, newer) -> None:
    newer()
    await (await opened(new_url)).close()
    newer(None)
    with pytest.raises(StoreOutdated, match="升级程序"):
        await opened(new_url)


async def test_a_migration_that_fails_changes_nothing(url: str, opened: Opener, newer) -> None:
    store = await opened(url)
    await save(store, talking())
    await store.close()
    newer("op.execute('INSERT INTO nowhere VALUES (1)')")
    with pytest.raises(Exception, match="nowhere"):
        await opened(url, migrate=True)
    newer(None)
    store = await opened(url)
    assert "later" not in await columns(store)
    assert await load(store) == talking()


async def test_a_backup_of_an_older_version_is_brought_up_when_restored(
    url: str, keys: Keys, opened: Opener, newer, tmp_path: Path
) -> None:
    store = await opened(url)
    await save(store, talking())
    await backup(store, tmp_path / "backup", NOW)
    await store.close()
    newer()
    await (await opened(url, migrate=True)).close()
    await restore(url, keys, tmp_path / "backup", NOW, lambda _: None, patience=PATIENCE)
    store = await opened(url)
    assert "later" in await columns(store)
    assert await load(store) == talking()


async def test_an_old_file_that_is_not_ours_to_read_stays_untouched(sqlite_url: str, sqlite_file: Path, opened) -> None:
    sqlite_file.write_bytes(b"x" * 5000)
    with pytest.raises(StoreUnavailable):
        await opened(sqlite_url)
    assert sqlite_file.read_bytes() == b"x" * 5000


def test_every_migration_is_named_for_its_revision() -> None:
    for file in (migrating.FOLDER / "versions").glob("v*.py"):
        assert f'revision = "{file.stem[1:5]}"' in file.read_text()


async def first_version(url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database of the version that had no chain. Deletions show that there was a record already."""
    shutil.copytree(migrating.FOLDER, folder, ignore=shutil.ignore_patterns("v000[2-9]*", "__pycache__"))
    with monkeypatch.context() as older:
        older.setattr(migrating, "FOLDER", folder)
        dialect = dialect_of(url, PATIENCE)
        if isinstance(dialect, Sqlite):
            private_file(dialect.file)
        engine = dialect.engine()
        await migrating.upgrade(engine, dialect)
        async with engine.begin() as connection:
            await connection.execute(insert(erasures).values(subject="x", day=NOW.date()))
        await engine.dispose()


async def test_the_record_of_a_version_without_a_chain_is_chained_as_it_is(
    new_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: Opener
) -> None:
    await first_version(new_url, tmp_path / "first", monkeypatch)
    store = await opened(new_url, migrate=True)
    async with store.transaction() as transaction:
        await transaction.audit.note("staff:1", "a", "account", NOW)
        assert await transaction.audit.verify() == []


async def test_a_chain_that_could_not_be_begun_with_an_upgrade_is_begun_with_the_next(
    new_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: Opener
) -> None:
    await first_version(new_url, tmp_path / "first", monkeypatch)

    async def full(*_: object, **__: object) -> None:
        raise StoreUnavailable("full", "no room")

    with monkeypatch.context() as broken:
        broken.setattr(Audit, "begin", full)
        with pytest.raises(StoreUnavailable):
            await opened(new_url, migrate=True)
    store = await opened(new_url, migrate=True)
    assert (await store.audit_verdict()).breaks == ()
