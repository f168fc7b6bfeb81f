"""Opening a store, transactions, and every fault of a database that may pass."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import AsyncExitStack, closing, suppress
from datetime import timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import URL, exc, select, text

from bot.conversation.state import State
from bot.store import Keys, Store, StoreError, StoreInUse, StoreUnavailable, WrongKeysError, tables
from bot.store.dialects import READERS, private_file
from tests.bot.store.conftest import Opener
from tests.bot.store.samples import CHAT, NOW, OTHER, add, arrival, load, registration, save, talking
from tests.needs import small_disk
from tests.postgres import Server, running_server


async def works(store: Store) -> bool:
    """Whether a transaction goes through, told from the ones before."""
    topic = os.urandom(8).hex()
    await save(store, State(topic=topic))
    return (await load(store)).topic == topic


async def refusal(store: Store) -> str:
    with pytest.raises(StoreUnavailable) as caught:
        await works(store)
    return caught.value.reason


# Opening


async def test_what_was_stored_is_there_when_opened_again(url: str, opened: Opener) -> None:
    state = talking(registrations=(registration(),))
    first = await opened(url)
    await save(first, state)
    await first.close()
    assert await load(await opened(url)) == state


async def test_opening_an_empty_database_twice_at_once_is_no_fault(new_url: str, opened: Opener) -> None:
    for store in await asyncio.gather(*(opened(new_url, patience=10) for _ in range(3))):
        assert await works(store)


async def test_other_keys_are_refused_and_change_nothing(url: str, opened: Opener, tmp_path: Path) -> None:
    store = await opened(url)
    await save(store, talking())
    with pytest.raises(WrongKeysError, match=r"other\.json"):
        await opened(url, Keys.open(tmp_path / "other.json", lambda _: None))
    assert await load(store) == talking()


async def test_the_database_and_its_folder_are_private(tmp_path: Path, opened: Opener) -> None:
    folder = tmp_path / "new"
    assert await works(await opened(f"sqlite:///{folder}/zhucan.db"))
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


async def test_a_database_that_others_could_read_is_made_private(
    sqlite_url: str, sqlite_file: Path, opened: Opener
) -> None:
    await (await opened(sqlite_url)).close()
    sqlite_file.chmod(0o644)
    await opened(sqlite_url)
    assert stat.S_IMODE(sqlite_file.stat().st_mode) == 0o600


async def test_sqlite_is_set_to_lose_nothing_and_leave_nothing(sqlite_url: str, opened: Opener) -> None:
    store = await opened(sqlite_url)
    settings = ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
    async with store.reading() as connection:
        found = [(await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one() for name in settings]
    assert found == ["wal", 2, 1, 1]


@pytest.mark.parametrize("name", ["a b.db", "a%20b.db", "a?b#c.db", "数据.db"])
async def test_a_file_may_have_any_name(tmp_path: Path, opened: Opener, name: str) -> None:
    url = URL.create("sqlite", database=str(tmp_path / name)).render_as_string()
    assert await works(await opened(url))
    assert (tmp_path / name).stat().st_size


async def test_two_bots_never_run_on_one_file(sqlite_url: str, opened: Opener) -> None:
    first = await opened(sqlite_url, alone=True)
    with pytest.raises(StoreInUse, match="running"):
        await opened(sqlite_url, alone=True)
    assert await works(await opened(sqlite_url))
    await first.close()
    assert await works(await opened(sqlite_url, alone=True))


async def test_a_killed_bot_holds_no_lock(sqlite_url: str, key_file: Path, keys: Keys, opened: Opener) -> None:
    program = (
        "import asyncio, os, sys, pathlib\nfrom bot.store import Keys, Store\n"
        "async def main():\n    keys = Keys.open(pathlib.Path(sys.argv[2]), print)\n"
        "    store = await Store.open(sys.argv[1], keys, alone=True)\n"
        "    async with store.transaction():\n        os.kill(os.getpid(), 9)\nasyncio.run(main())\n"
    )
    done = subprocess.run([sys.executable, "-c", program, sqlite_url, str(key_file)], cwd=Path.cwd(), check=False)
    assert done.returncode == -9
    assert await works(await opened(sqlite_url, alone=True))


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", "mysql://me:secret@there/db", "sqlite://", "sqlite:///:memory:"],
)
async def test_a_bad_address_is_refused_without_showing_a_password(url: str, opened: Opener) -> None:
    with pytest.raises(StoreError) as caught:
        await opened(url)
    assert "secret" not in str(caught.value)


async def test_a_server_that_is_not_there_is_unreachable(tmp_path: Path, opened: Opener) -> None:
    with pytest.raises(StoreUnavailable) as caught:
        await opened(f"postgresql://me:secret@/db?host={tmp_path}")
    assert caught.value.reason == "unreachable"
    assert "secret" not in str(caught.value)


async def test_without_the_postgresql_driver_it_is_said_what_to_install(
    opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    with pytest.raises(StoreError, match=r"zhucan\[postgresql\]"):
        await opened("postgresql://me@localhost/db")


async def test_a_database_of_another_program_is_refused(
    new_url: str, opened: Opener, request: pytest.FixtureRequest
) -> None:
    if new_url.startswith("sqlite"):
        file = Path(new_url.removeprefix("sqlite:///"))
        file.parent.mkdir()
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("CREATE TABLE registrations (x)")
    else:
        server: Server = request.getfixturevalue("server")
        server.execute("CREATE TABLE registrations (x integer)", new_url.partition("@/")[2].partition("?")[0])
    with pytest.raises(StoreError, match="别的程序"):
        await opened(new_url)


def test_importing_loads_neither_alembic_nor_the_postgresql_driver() -> None:
    program = "import sys, bot.store; print([name for name in ('alembic', 'asyncpg') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_opening_again_does_without_alembic(sqlite_url: str, key_file: Path, opened: Opener) -> None:
    await opened(sqlite_url)
    program = (
        "import asyncio, sys, pathlib\nfrom bot.store import Keys, Store\n"
        "async def main():\n    keys = Keys.open(pathlib.Path(sys.argv[2]), print)\n"
        "    await (await Store.open(sys.argv[1], keys)).close()\n"
        "asyncio.run(main())\nprint('alembic' in sys.modules)\n"
    )
    command = [sys.executable, "-c", program, sqlite_url, str(key_file)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "False"


# Transactions


async def test_writers_in_one_process_take_turns(store: Store) -> None:
    async def count_up() -> None:
        async with store.transaction() as transaction:
            before = (await transaction.people.load([CHAT]))[CHAT]
            await asyncio.sleep(0)
            after = State(question=str(int(before.question or 0) + 1))
            await transaction.people.save(CHAT, before, after, NOW)

    store.dialect.patience = 10  # type: ignore[attr-defined]
    await asyncio.gather(*(count_up() for _ in range(8)))
    assert (await load(store)).question == "8"


async def test_a_cancelled_transaction_leaves_nothing_and_blocks_nobody(store: Store) -> None:
    async def never_ends() -> None:
        async with store.transaction() as transaction:
            await transaction.people.save(CHAT, State(), State(topic="half"), NOW)
            await transaction.people.flush()
            inside.set()
            await asyncio.Event().wait()

    inside = asyncio.Event()
    task = asyncio.create_task(never_ends())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await load(store) == State()
    assert await works(store)


async def test_a_transaction_can_be_cancelled_at_any_point(url: str, opened: Opener) -> None:
    store = await opened(url, patience=5)

    async def handle() -> None:
        async with store.transaction() as transaction:
            (row,) = await transaction.inbox.claim(NOW, 1)
            before = (await transaction.people.load([CHAT]))[CHAT]
            await transaction.people.save(CHAT, before, State(question=str(row.update_id)), NOW)
            await transaction.inbox.finish([row.id], NOW)

    for turn in range(60):
        await add(store, arrival(turn))
        task = asyncio.create_task(handle())
        await asyncio.sleep(turn * 0.0001)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        async with store.transaction() as transaction:
            if await transaction.inbox.waiting():
                (row,) = await transaction.inbox.claim(NOW, 1)
                await transaction.inbox.finish([row.id], NOW)
            else:
                assert (await transaction.people.load([CHAT]))[CHAT].question == str(turn)


async def test_who_writes_never_waits_for_who_looks(store: Store) -> None:
    async with AsyncExitStack() as looking:
        for _ in range(READERS):
            await looking.enter_async_context(store.reading())
        assert await works(store)


async def test_however_many_look_for_long_there_is_a_place_for_a_quick_look(store: Store) -> None:
    over = asyncio.Event()
    looked: list[int] = []

    async def look(number: int) -> None:
        async with store.reading(long=True) as connection:
            await connection.scalar(text("SELECT 1"))
            looked.append(number)
            await over.wait()

    looking = [asyncio.create_task(look(number)) for number in range(2 * READERS)]
    while not looked:
        await asyncio.sleep(0)
    async with store.reading() as connection:
        assert await connection.scalar(text("SELECT 1")) == 1
    assert len(looked) < READERS
    over.set()
    await asyncio.gather(*looking)
    assert sorted(looked) == list(range(2 * READERS))


async def test_nobody_waits_while_tidying_up_waits_for_who_looks(
    sqlite_url: str, sqlite_file: Path, opened: Opener
) -> None:
    store = await opened(sqlite_url)
    async with store.reading():
        assert await works(store)
        tidying = asyncio.create_task(store.tidy())
        await asyncio.sleep(0)
        assert await works(store)
        assert not tidying.done()
    await tidying
    assert sqlite_file.with_name(f"{sqlite_file.name}-wal").stat().st_size == 0


async def test_a_fault_of_the_program_is_not_said_to_pass(store: Store) -> None:
    with pytest.raises(exc.DBAPIError) as caught:
        async with store.transaction() as transaction:
            await transaction.scope.run(text("SELECT nothing FROM nowhere WHERE x = :phone"), {"phone": "13800138000"})
    assert "13800138000" not in str(caught.value)
    assert await works(store)


async def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises((ValueError, exc.StatementError), match="zone"):
        await save(store, State(), now=NOW.replace(tzinfo=None))


async def test_times_are_stored_in_utc(sqlite_url: str, sqlite_file: Path, opened: Opener) -> None:
    store = await opened(sqlite_url)
    await save(store, State(), now=NOW.astimezone(timezone(timedelta(hours=8))))
    with closing(sqlite3.connect(sqlite_file)) as connection:
        assert connection.execute("SELECT updated FROM conversations").fetchone()[0].startswith("2025-06-02 09:30")
    async with store.transaction() as transaction:
        assert (await transaction.scope.run(select(tables.conversations.c.updated))).scalar_one() == NOW


# SQLite's faults


async def test_a_full_database_says_so_and_recovers(sqlite_url: str, opened: Opener) -> None:
    store = await opened(sqlite_url)
    await works(store)
    async with store.engine.connect() as connection:
        pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar_one()
        await connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreUnavailable) as caught:
        await add(store, arrival(1, body="x" * 100_000))
    assert caught.value.reason == "full"
    assert await add(store, arrival(1, body="x" * 100_000)) == 1


async def test_a_full_disk_says_so_loses_nothing_and_recovers(opened: Opener, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "1m") as disk:
        store = await opened(f"sqlite:///{disk}/zhucan.db")
        await save(store, State(topic="before"))
        filler = disk / "filler"
        with filler.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(b"x" * 4096)
        with pytest.raises(StoreUnavailable) as caught:
            await add(store, arrival(1, body="x" * 200_000))
        assert caught.value.reason == "full"
        filler.unlink()
        assert (await load(store)).topic == "before"
        assert await add(store, arrival(1, body="x" * 50_000)) == 1
        await store.close()


async def test_a_read_only_database_says_so_and_recovers(sqlite_url: str, opened: Opener) -> None:
    store = await opened(sqlite_url)
    await works(store)
    async with store.engine.connect() as connection:
        await connection.exec_driver_sql("PRAGMA query_only = ON")
    assert await refusal(store) == "read-only"
    assert await works(store)


async def test_a_database_locked_by_another_process_says_so_and_recovers(
    sqlite_url: str, sqlite_file: Path, opened: Opener
) -> None:
    store = await opened(sqlite_url)
    with closing(sqlite3.connect(sqlite_file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert await refusal(store) == "locked"
    assert await works(store)


async def test_a_lost_file_is_noticed_and_found_again(sqlite_url: str, sqlite_file: Path, opened: Opener) -> None:
    store = await opened(sqlite_url)
    await save(store, State(topic="before"), OTHER)
    away = sqlite_file.with_name("away.db")
    sqlite_file.rename(away)
    assert await refusal(store) == "unreachable"
    assert not sqlite_file.exists()
    away.rename(sqlite_file)
    assert await works(store)
    assert (await load(store, OTHER)).topic == "before"


async def test_a_damaged_file_says_so(sqlite_url: str, sqlite_file: Path, opened: Opener) -> None:
    await (await opened(sqlite_url)).close()
    sqlite_file.write_bytes(b"not a database " * 1000)
    with pytest.raises(StoreUnavailable) as caught:
        await opened(sqlite_url)
    assert caught.value.reason == "damaged"


# PostgreSQL's faults


async def test_a_restarted_server_is_found_again(opened: Opener) -> None:
    with running_server() as server:
        store = await opened(server.url(server.database()))
        assert await works(store)
        server.stop()
        assert await refusal(store) == "unreachable"
        assert await refusal(store) == "unreachable"
        server.start()
        assert await works(store)
        server.stop()
        server.start()
        assert await works(store)  # the broken connection lay idle: nobody notices


async def test_a_server_stopped_in_the_middle_of_a_transaction_keeps_nothing_of_it(opened: Opener) -> None:
    with running_server() as server:
        store = await opened(server.url(server.database()))

        async def broken_off() -> None:
            async with store.transaction() as transaction:
                await transaction.people.save(CHAT, State(), State(topic="half"), NOW)
                await transaction.people.flush()
                server.stop()

        with pytest.raises(StoreUnavailable) as caught:
            await broken_off()
        assert caught.value.reason == "unreachable"
        server.start()
        assert await load(store) == State()


async def test_a_read_only_server_says_so_and_recovers(postgresql_url: str, opened: Opener, server: Server) -> None:
    store = await opened(postgresql_url)
    name = postgresql_url.partition("@/")[2].partition("?")[0]
    async with store.engine.connect() as connection:
        await connection.execute(text("SET default_transaction_read_only = on"))
        await connection.commit()
    assert await refusal(store) == "read-only"
    server.execute(
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid()"
    )
    assert await works(store)


async def test_a_lock_held_too_long_says_so_and_recovers(postgresql_url: str, opened: Opener) -> None:
    store, other = await opened(postgresql_url), await opened(postgresql_url)
    async with other.transaction() as transaction:
        await transaction.people.load([CHAT])
        assert await refusal(store) == "locked"
    assert await works(store)


async def test_an_empty_file_in_the_place_of_the_database_gets_its_tables(
    sqlite_url: str, sqlite_file: Path, opened: Opener
) -> None:
    store = await opened(sqlite_url)
    assert await works(store)
    sqlite_file.parent.rename(sqlite_file.parent.with_name("elsewhere"))
    private_file(sqlite_file)
    working = asyncio.create_task(works(store))
    await asyncio.wait([working], timeout=30)
    assert working.done()
    assert working.result()
