from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from structlog.testing import capture_logs

from bot.channels.delivery import Outgoing
from bot.service.running import Part, Parts, run
from bot.service.serving import AddressInUse, Web
from bot.store import StoreError, StoreUnavailable

from .channel import NotedChannel, said
from .conftest import Service
from .virtual_time import run as virtually
from .virtual_time import seconds


class Idle:
    """A part that does nothing until it is ended, and notes that."""

    def __init__(self, ended: list[str] | None = None, name: str = "idle") -> None:
        self.ended = ended if ended is not None else []
        self.name = name
        self._stop = asyncio.Event()

    def stop(self) -> None:
        self._stop.set()

    async def run(self) -> None:
        try:
            await self._stop.wait()
        finally:
            self.ended.append(self.name)


class Failing:
    def __init__(self, error: Exception | None) -> None:
        self.error = error

    async def run(self) -> None:
        await asyncio.sleep(1)
        if self.error is not None:
            raise self.error


class Stubborn(Idle):
    def stop(self) -> None:
        """It doesn't listen."""


def parts_of(service: Service, **more: object) -> Parts:
    return Parts(processor=service.processor, sender=service.sender, **more)  # type: ignore[arg-type]


def stopped_after(seconds: float, parts: Parts) -> int:
    async def test() -> int:
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(seconds, stop.set)
        return await run(parts, stop=stop)

    return virtually(test())


def test_what_was_brought_before_the_stop_is_answered_or_kept() -> None:
    service = Service(channel=NotedChannel(takes=2))

    class Source:
        async def run(self) -> None:
            for n in range(1000):
                await service.bring(said(n, f"{n}", f"noted:{n % 50}"))
                await asyncio.sleep(0.01)

    with capture_logs() as logs:
        assert stopped_after(5, parts_of(service, sources=(Source(),))) == 0
    brought = len(service.store.tables.inbox)
    assert 400 < brought < 600
    done = len(service.channel.sent) + len(service.store.unsent()) + len(service.store.unfinished())
    assert done == brought
    assert service.channel.at_once == 0
    assert len({(chat, text) for _, chat, text in service.channel.tried}) == len(service.channel.tried)
    assert "not finished in time" not in [entry["event"] for entry in logs]


def test_what_was_sent_is_noted_though_something_else_is_on_its_way_for_too_long(service: Service) -> None:
    class Slow(NotedChannel):
        async def deliver(self, chat: str, parcel: Outgoing) -> None:
            await asyncio.sleep(50 if chat == "noted:1" else 2)
            service.store.down = StoreUnavailable("locked") if seconds() < 6 else None
            await super().deliver(chat, parcel)

    service.channels["noted"] = service.channel = Slow()

    async def bring() -> None:
        await service.put_out("a", chat="noted:1")
        await service.put_out("b", chat="noted:2")
        await asyncio.sleep(6.5)
        service.store.down = None
        await asyncio.sleep(1000)

    class Source:
        async def run(self) -> None:
            self.going_on = asyncio.create_task(bring())  # also after this part was ended
            await asyncio.Event().wait()

    assert stopped_after(1, parts_of(service, sources=(Source(),))) == 0
    assert service.channel.texts("noted:2") == ["b"]
    assert service.store.unsent() == ["a"]


def test_parts_end_in_the_order_in_which_nothing_is_lost() -> None:
    ended: list[str] = []

    async def close() -> None:
        ended.append("store")

    def part(name: str) -> Idle:
        return Idle(ended, name)

    parts = Parts(
        part("processor"),
        part("sender"),
        sources=(part("poller"),),
        webs=(part("webhook"),),
        watchers=(part("monitoring"),),
        close=(close,),
    )
    assert stopped_after(1, parts) == 0
    assert sorted(ended[:2]) == ["poller", "webhook"]
    assert ended[2:] == ["processor", "sender", "monitoring", "store"]


@pytest.mark.parametrize("error", [ValueError("a secret of 王小明"), None])
def test_a_part_that_fails_or_ends_stops_everything_with_a_status(error: Exception | None) -> None:
    ended: list[str] = []
    parts = Parts(Idle(ended, "processor"), Idle(ended, "sender"), sources=(Failing(error),))
    with capture_logs() as logs:
        assert stopped_after(1000, parts) == 1
    assert ended == ["processor", "sender"]
    [critical] = [entry for entry in logs if entry["log_level"] == "critical"]
    assert critical["part"] == "failing"
    assert "王小明" not in repr(logs)


def test_an_error_made_for_operators_is_said_in_its_own_words() -> None:
    parts = Parts(Idle(), Idle(), sources=(Failing(StoreError("数据库正在被另一个进程使用")),))
    with capture_logs() as logs:
        assert stopped_after(1000, parts) == 1
    assert "数据库正在被另一个进程使用" in [entry.get("why") for entry in logs]


def test_a_part_that_does_not_stop_when_asked_is_ended_after_a_while() -> None:
    ended: list[str] = []
    parts = Parts(Stubborn(ended, "processor"), Idle(ended, "sender"))
    with capture_logs() as logs:
        assert stopped_after(1, parts) == 0
    assert ended == ["processor", "sender"]
    assert "not finished in time" in [entry["event"] for entry in logs]


def test_what_cannot_be_closed_does_not_keep_the_rest_from_being_closed() -> None:
    closed = []

    async def fail() -> None:
        raise OSError

    async def close() -> None:
        closed.append("store")

    assert stopped_after(1, Parts(Idle(), Idle(), close=(fail, close))) == 0
    assert closed == ["store"]


PROGRAM = """
import asyncio, sys
from bot.service import logs
from bot.service.running import Parts, run
from tests.bot.service.test_running import Idle, Stubborn

class Telling(Idle):
    async def run(self):
        print("running", flush=True)
        await super().run()

logs.set_up()
kind = {"Idle": Idle, "Stubborn": Stubborn}[sys.argv[1]]
sys.exit(asyncio.run(run(Parts(kind(), Telling()), grace=600)))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize(("kind", "signals"), [("Idle", 1), ("Stubborn", 2)])
def test_a_signal_stops_it_and_a_second_one_hurries_it(number: signal.Signals, kind: str, signals: int) -> None:
    command = [sys.executable, "-c", PROGRAM, kind]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(["", *sys.path])}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == "running\n"
        for _ in range(signals):
            process.send_signal(number)
            while "asked to stop" not in process.stderr.readline():
                pass
        assert process.wait(60) == 0


@pytest.fixture
def hello() -> Callable[[], Web]:
    app = Starlette(routes=[Route("/", lambda request: PlainTextResponse("hello"))])
    return lambda: Web(app, "127.0.0.1", 0)


async def test_a_web_part_answers_until_it_is_stopped(hello: Callable[[], Web]) -> None:
    web = hello()
    task = asyncio.create_task(web.run())
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"http://127.0.0.1:{web.port}/")).text == "hello"
    web.stop()
    await task


async def test_two_web_parts_beside_each_other_stop_with_the_service(hello: Callable[[], Web]) -> None:
    stop = asyncio.Event()
    webs: tuple[Part, ...] = (hello(), hello())
    task = asyncio.create_task(run(Parts(Idle(), Idle(), webs=webs), stop=stop))  # type: ignore[arg-type]
    async with httpx.AsyncClient() as client:
        for web in webs:
            assert (await client.get(f"http://127.0.0.1:{web.port}/")).text == "hello"  # type: ignore[attr-defined]
    stop.set()
    assert await task == 0


def test_an_address_that_is_taken_is_said_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(AddressInUse, match=r"127\.0\.0\.1"):
        Web(Starlette(), "127.0.0.1", taken.getsockname()[1])
