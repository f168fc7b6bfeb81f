"""What goes wrong around the running program: disk, database, Bot API, odd updates. Nothing is lost or told twice."""

from __future__ import annotations

import asyncio
import os
import socket
import sqlite3
import statistics
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bot.conversation.assistant import Assistant
from bot.store import Keys, Store
from tests.bot.crowd import Crowd
from tests.needs import small_disk
from tests.postgres import Server, running_server
from tests.program import Program
from tests.standin import BotApi, Person

PATIENCE = 60.0  # seconds, on a busy machine
DELAY = 0.5 if os.environ.get("CI") else 0.25
"""By how many seconds the others may be slower; measured on a quiet machine it is below a tenth."""
SECRET = "a-secret-of-the-webhook"
UNAVAILABLE = "store unavailable, nothing is lost, trying again"
AVAILABLE = "store available again"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running_server() as server:
        yield server


@pytest.fixture
def crowd(api: BotApi, assistant: Assistant) -> Crowd:
    return Crowd(api, assistant, 5, seed=7)


@pytest.fixture
async def program(api: BotApi, tmp_path: Path, index_folder: Path) -> AsyncIterator[Program]:
    async with Program(api, tmp_path, index_folder) as program:
        await greeted(api)
        yield program


async def greeted(api: BotApi) -> None:
    """Wait until it answers somebody."""
    person = api.person(49_000_000)
    person.say("/start")
    await person.hears(PATIENCE)


async def until(happened: Callable[[], object], seconds: float = PATIENCE) -> None:
    async with asyncio.timeout(seconds):
        while not happened():
            await asyncio.sleep(0.02)


def said(program: Program, event: str, **fields: str) -> bool:
    """Whether the program logged this."""
    return any({"event": event, **fields}.items() <= line.items() for line in program.log_lines)


async def talk(crowd: Crowd, messages: int) -> None:
    """Let people say so many more messages; some wait for an answer first."""
    goal = crowd.said + messages
    async with asyncio.timeout(PATIENCE):
        while crowd.said < goal:
            if not crowd.goes_on():
                await asyncio.sleep(0.02)


def typed_ahead(crowd: Crowd, rounds: int) -> None:
    """Let everybody who need not wait say something, so many times over."""
    for _ in range(rounds):
        for member in crowd.members:
            member.goes_on()


async def answered(crowd: Crowd) -> None:
    await until(lambda: not crowd.unanswered)


async def check(crowd: Crowd, folder: Path, url: str | None = None) -> dict[str, int]:
    """Look at what everybody heard, and whether the store agrees."""
    keys = Keys.open(folder / "keys" / "zhucan.key", lambda _: None)
    async with await Store.open(url or f"sqlite:///{folder / 'data' / 'zhucan.db'}", keys) as store:
        return await crowd.check(store)


# -- the database's file


async def test_a_full_disk_is_said_and_got_over(api: BotApi, crowd: Crowd, tmp_path: Path, index_folder: Path) -> None:
    with small_disk(tmp_path / "data", "8m") as disk:
        async with Program(api, tmp_path, index_folder) as program:
            await greeted(api)
            await talk(crowd, 20)
            with (disk / "filler").open("wb", buffering=0) as filler, suppress(OSError):
                while True:
                    filler.write(bytes(4096))
            typed_ahead(crowd, 3)
            await until(lambda: said(program, "updates can't be stored, they wait at telegram", reason="full"))
            typed_ahead(crowd, 2)
            (disk / "filler").unlink()
            await answered(crowd)
            await until(lambda: api.pending == 0)
            assert await program.stop() == 0
        figures = await check(crowd, tmp_path)
    assert figures["repeats"] == 0


async def test_a_limit_on_the_files_size_is_said_and_got_over(
    api: BotApi, crowd: Crowd, tmp_path: Path, program: Program
) -> None:
    """As a quota does it; needs no root."""
    resource = pytest.importorskip("resource")
    await talk(crowd, 20)
    await answered(crowd)
    before = resource.prlimit(program.pid, resource.RLIMIT_FSIZE)
    # Its own log has to stay below.
    resource.prlimit(program.pid, resource.RLIMIT_FSIZE, (64 * 1024, before[1]))
    typed_ahead(crowd, 3)
    await until(
        lambda: any(
            line["event"].startswith(("store unavailable", "updates can't be stored")) for line in program.log_lines
        )
    )
    resource.prlimit(program.pid, resource.RLIMIT_FSIZE, before)
    await answered(crowd)
    await until(lambda: api.pending == 0)
    assert await program.stop() == 0
    await check(crowd, tmp_path)


async def test_a_disk_that_only_reads_is_said_at_the_start_and_everything_waits(
    api: BotApi, crowd: Crowd, tmp_path: Path, index_folder: Path
) -> None:
    with small_disk(tmp_path / "data", "16m") as disk:
        async with Program(api, tmp_path, index_folder) as program:
            await talk(crowd, 15)
            await program.kill()
            subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
            typed_ahead(crowd, 2)
            await program.start()
            status = await asyncio.wait_for(program.ended(), PATIENCE)
            last = program.log.read_text().splitlines()[-1]
            subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
            await program.start()
            await answered(crowd)
            assert await program.stop() == 0
        await check(crowd, tmp_path)
    assert status == 2
    assert "只能读" in last
    assert "Traceback" not in program.log.read_text()


async def test_a_database_that_was_moved_away_is_said_and_used_again_when_it_is_back(
    api: BotApi, crowd: Crowd, tmp_path: Path, program: Program
) -> None:
    await talk(crowd, 15)
    data, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    data.rename(elsewhere)
    typed_ahead(crowd, 2)
    await until(lambda: said(program, UNAVAILABLE, reason="unreachable"))
    elsewhere.rename(data)
    await answered(crowd)
    assert await program.stop() == 0
    await check(crowd, tmp_path)


async def test_a_locked_database_is_said_and_waited_for(crowd: Crowd, tmp_path: Path, program: Program) -> None:
    await talk(crowd, 15)
    with closing(sqlite3.connect(tmp_path / "data" / "zhucan.db", timeout=30, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        typed_ahead(crowd, 2)
        await until(lambda: any(line.get("reason") == "locked" for line in program.log_lines))
        other.execute("ROLLBACK")
    await answered(crowd)
    assert await program.stop() == 0
    await check(crowd, tmp_path)


# -- PostgreSQL


async def test_postgresql_is_restarted_under_load(
    api: BotApi, crowd: Crowd, tmp_path: Path, index_folder: Path
) -> None:
    with running_server() as server:  # of its own, for others must not feel it
        database = server.database()
        server.execute(f"ALTER DATABASE {database} SET synchronous_commit = on")  # off elsewhere in the tests
        url = server.url(database)
        async with Program(api, tmp_path, index_folder, ZHUCAN_STORE__URL=url) as program:
            await greeted(api)
            await talk(crowd, 20)
            await asyncio.to_thread(server.stop, "immediate")
            typed_ahead(crowd, 3)
            await until(lambda: said(program, UNAVAILABLE, reason="unreachable"))
            await asyncio.to_thread(server.start)
            await talk(crowd, 20)
            await answered(crowd)
            assert said(program, AVAILABLE)
            assert await program.stop() == 0
            figures = await check(crowd, tmp_path, url)
    assert figures["repeats"] == 0
    assert figures["messages"] >= 40


# -- webhooks


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


def by_webhook(port: int, url: str | None = None) -> dict[str, str]:
    return {
        "ZHUCAN_TELEGRAM__WEBHOOK_URL": url or f"http://127.0.0.1:{port}/hook",
        "ZHUCAN_TELEGRAM__WEBHOOK_PORT": str(port),
        "ZHUCAN_TELEGRAM__WEBHOOK_SECRET": SECRET,
    }


@asynccontextmanager
async def in_turns(*ports: int) -> AsyncIterator[int]:
    """A proxy that hands each connection to the next of the ``ports`` that somebody listens at, and ends it after
    one request.
    """
    numbers = count()

    async def connected() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        for _ in ports[1:]:
            with suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", ports[next(numbers) % len(ports)])
        return await asyncio.open_connection("127.0.0.1", ports[next(numbers) % len(ports)])

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError), closing(writer):
            there, back = await connected()
            with closing(back):
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                back.write(head.replace(b"keep-alive", b"close") + await reader.readexactly(length))
                writer.write(await there.read())

    proxy = await asyncio.start_server(pass_on, "127.0.0.1", 0)
    async with proxy:
        yield proxy.sockets[0].getsockname()[1]


@asynccontextmanager
async def two_programs(api: BotApi, folder: Path, index_folder: Path, url: str) -> AsyncIterator[list[Program]]:
    """Two processes on the database at ``url``, behind one webhook that hands them the updates in turns."""
    ports = free_port(), free_port()
    async with in_turns(*ports) as public, AsyncExitStack() as stack:
        programs: list[Program] = []
        for port in ports:
            settings = by_webhook(port, f"http://127.0.0.1:{public}/hook") | {"ZHUCAN_STORE__URL": url}
            programs.append(await stack.enter_async_context(Program(api, folder, index_folder, **settings)))
            await until(lambda: len(api.calls_of("setWebhook")) == len(programs))
        yield programs


async def test_two_processes_on_one_postgresql_answer_once_and_in_order(
    api: BotApi, crowd: Crowd, tmp_path: Path, index_folder: Path, server: Server
) -> None:
    url = server.url(server.database())
    async with two_programs(api, tmp_path, index_folder, url) as programs:
        await talk(crowd, 60)
        await answered(crowd)
        for program in programs:
            assert await program.stop() == 0
        figures = await check(crowd, tmp_path, url)
    assert figures["repeats"] == 0
    assert figures["messages"] == 60


async def test_what_a_killed_process_held_is_sent_by_the_other_on_the_same_postgresql(
    api: BotApi, assistant: Assistant, tmp_path: Path, index_folder: Path, server: Server
) -> None:
    """Long before the leases end: many replies wait for their chat's turn when it is killed."""
    crowd = Crowd(api, assistant, 10, seed=11)
    url = server.url(server.database())
    async with two_programs(api, tmp_path, index_folder, url) as programs:
        typed_ahead(crowd, 18)
        held = "SELECT count(*) FROM outbox WHERE finished IS NULL AND split_part(worker, ':', 2) = '{}'"

        async def holds(program: Program) -> int:
            return int(await asyncio.to_thread(server.execute, held.format(program.pid), make_url(url).database))

        async with asyncio.timeout(PATIENCE):
            while (most := max([(await holds(program), n) for n, program in enumerate(programs)]))[0] < 3:
                await asyncio.sleep(0.02)
        killed = most[1]
        await programs[killed].kill()
        typed_ahead(crowd, 2)
        await answered(crowd)
        assert await programs[1 - killed].stop() == 0
        figures = await check(crowd, tmp_path, url)
    print(f"\n{figures}")
    assert figures["repeats"] <= 32  # what was just being sent


async def test_an_address_that_telegram_refuses_is_said_in_one_line(
    api: BotApi, tmp_path: Path, index_folder: Path
) -> None:
    api.faults.refuse("bad webhook: IP address is reserved", method="setWebhook")
    async with Program(api, tmp_path, index_folder, **by_webhook(free_port())) as program:
        assert await asyncio.wait_for(program.ended(), PATIENCE) == 2
        said_at_last = program.log.read_text()
    assert "telegram.webhook_url" in said_at_last.splitlines()[-1]
    assert "Traceback" not in said_at_last


# -- updates


@pytest.mark.parametrize("way", ["polling", "webhook"])
async def test_updates_out_of_order_and_twice_are_answered_once_and_in_order(
    way: str, api: BotApi, crowd: Crowd, tmp_path: Path, index_folder: Path
) -> None:
    settings = by_webhook(free_port()) if way == "webhook" else {}
    async with Program(api, tmp_path, index_folder, **settings) as program:
        await greeted(api)
        for seed in range(3):
            before = set(api.updates_made)
            with api.out_of_order(seed):
                typed_ahead(crowd, 2)
            for update_id in sorted(set(api.updates_made) - before)[::2]:
                api.repeat(update_id)
            await answered(crowd)
        await until(lambda: api.pending == 0)
        assert await program.stop() == 0
    figures = await check(crowd, tmp_path)
    assert figures["repeats"] == 0
    assert figures["messages"] >= 15


async def test_what_cannot_be_read_is_a_dead_letter_and_what_is_not_known_is_ignored(
    api: BotApi, crowd: Crowd, tmp_path: Path, program: Program
) -> None:
    person = crowd.members[0].phone
    unreadable = {"message_id": 9, "date": 1, "chat": {"id": person.id, "type": "private"}, "from": "?", "text": "x"}
    broken = api.raw_update({"message": unreadable})
    api.raw_update({"telepathy": {"from": person.json, "thought": "一二三"}})
    api.raw_update(
        {"message": {"message_id": 10, "date": 1, "chat": person.chat.json, "from": person.json, "aura": {}}}
    )
    typed_ahead(crowd, 1)
    crowd.members[0].phone.edit(max(u for u, m in api.updates_made.items() if _is_from(m, person)), "改过的话")
    typed_ahead(crowd, 1)
    await answered(crowd)
    await until(lambda: said(program, "message not handled", last=True))  # type: ignore[arg-type]
    await until(lambda: api.pending == 0)
    assert await program.stop() == 0
    with closing(sqlite3.connect(tmp_path / "data" / "zhucan.db")) as connection:
        buried = connection.execute("SELECT update_id FROM dead_letters").fetchall()
        open_rows = connection.execute("SELECT count(*) FROM inbox WHERE finished IS NULL").fetchone()
    assert buried == [(broken,)]
    assert open_rows == (0,)
    figures = await check(crowd, tmp_path)
    assert figures["repeats"] == 0


def _is_from(update: dict[str, dict[str, object]], person: Person) -> bool:
    message = update.get("message", {})
    return message.get("from") == person.json and "text" in message


async def test_who_blocked_the_bot_is_left_alone_and_answered_again_later(
    api: BotApi, program: Program, tmp_path: Path
) -> None:
    person, other = api.person(name="甲"), api.person(name="乙")
    await person.asks("/start", PATIENCE)
    with api.faults.server_error(method="sendMessage", chat=person.id, times=None) as fault:
        person.say("转人工")
        await until(lambda: fault.hits)
        person.block()
        await api.read_by_bot(PATIENCE)
    await other.asks("你好", PATIENCE)
    person.unblock()
    assert "一个程序" in (await person.asks("/start", PATIENCE)).text
    assert await program.stop() == 0
    with closing(sqlite3.connect(tmp_path / "data" / "zhucan.db")) as connection:
        waiting = connection.execute("SELECT count(*) FROM outbox WHERE finished IS NULL").fetchone()
    assert waiting == (0,)


# -- the Bot API


async def unreachable(api: BotApi) -> None:
    async with api.unreachable():
        await asyncio.sleep(2)


async def server_errors(api: BotApi) -> None:
    with api.faults.server_error(502, page=True, times=None), api.faults.server_error(500, times=None):
        await asyncio.sleep(2)


async def drops(api: BotApi) -> None:
    with api.faults.drop(times=None, chance=0.7):
        await asyncio.sleep(2)


async def hangs(api: BotApi) -> None:
    """Until the connections are cut: nobody waits for fifteen seconds here."""
    with api.faults.hang(times=None):
        await asyncio.sleep(1)
    async with api.unreachable():
        pass


@pytest.mark.parametrize("trouble", [unreachable, server_errors, drops, hangs])
async def test_nothing_is_lost_and_nothing_repeated_while_telegram_has_trouble(
    trouble: Callable[[BotApi], Coroutine[None, None, None]],
    api: BotApi,
    crowd: Crowd,
    tmp_path: Path,
    program: Program,
) -> None:
    await talk(crowd, 10)
    troubled = asyncio.create_task(trouble(api))
    await asyncio.sleep(0.1)
    typed_ahead(crowd, 3)
    await troubled
    await answered(crowd)
    await until(lambda: api.pending == 0)
    assert await program.stop() == 0
    figures = await check(crowd, tmp_path)
    # A connection cut after Telegram took the message, and before it said so, leaves nobody the wiser.
    assert figures["repeats"] <= (5 if trouble is unreachable else 0)
    assert all(line["level"] in ("info", "warning") for line in program.log_lines)


async def test_what_telegram_took_without_saying_so_is_sent_again(
    api: BotApi, crowd: Crowd, tmp_path: Path, program: Program
) -> None:
    with api.faults.drop(after_effect=True, method="sendMessage", times=3):
        typed_ahead(crowd, 1)
        await answered(crowd)
        await until(lambda: sum(len(member.repeats) for member in crowd.members) == 3)
    assert await program.stop() == 0
    assert (await check(crowd, tmp_path))["repeats"] == 3


async def median_delay(people: list[Person], rounds: int) -> float:
    """Return the median time from a message to its answer, in seconds."""

    async def ask(person: Person, times: list[float]) -> None:
        for number in range(rounds):
            began = time.monotonic()
            answer = await person.asks(("公交车要不要钱", "你好")[number % 2], PATIENCE)
            times.append(answer.time - began)
            await asyncio.sleep(0.15)

    times: list[float] = []
    await asyncio.gather(*(ask(person, times) for person in people))
    return statistics.median(times)


async def test_one_chat_that_is_told_to_slow_down_slows_nobody_else(api: BotApi, program: Program) -> None:
    slow, *others = (api.person(name=f"第{number}人") for number in range(6))
    before = await median_delay(others[:3], 5)
    with api.faults.too_many(3, method="sendMessage", chat=slow.id, times=None, seconds=3) as fault:
        for number in range(5):
            slow.say(("公交车要不要钱", "你好")[number % 2])
        await until(lambda: fault.hits)
        during = await median_delay(others[2:], 5)
    print(
        f"\nmedian delay of the others: {1000 * before:.0f} ms before, {1000 * during:.0f} ms during a 429 of one chat"
    )
    assert during - before < DELAY
    assert len(await slow.hears_all(5, PATIENCE)) == 5
    assert fault.hits <= 2
