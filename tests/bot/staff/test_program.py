"""The whole program with the console on."""

from __future__ import annotations

import asyncio
import re
import socket
from pathlib import Path

import httpx
import pytest

from bot import clock
from bot.casework.account import Role
from bot.store import Keys, Store
from tests.bot.test_telegram import BY_TEXT
from tests.program import Program
from tests.standin import BotApi

PATIENCE = 60.0  # seconds: starting on a busy machine


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


async def answered(url: str) -> httpx.Response:
    """Ask until somebody answers."""
    async with asyncio.timeout(PATIENCE), httpx.AsyncClient() as client:
        while True:
            try:
                return await client.get(url)
            except httpx.ConnectError:
                await asyncio.sleep(0.05)


def enabled(port: int, **more: str) -> dict[str, str]:
    return {"ZHUCAN_STAFF__ENABLED": "true", "ZHUCAN_STAFF__PORT": str(port), **more}


async def test_the_console_runs_without_a_bot(tmp_path: Path, index_folder: Path) -> None:
    port = free_port()
    async with Program(None, tmp_path, index_folder, **enabled(port)) as program:
        answer = await answered(f"http://127.0.0.1:{port}/")
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
        assert await program.stop() == 0
    (started,) = [line for line in program.log_lines if line["event"] == "started"]
    assert started["parts"] == ["housekeeper", "knowledgewatcher", "console"]


async def test_bot_and_console_run_beside_each_other(tmp_path: Path, index_folder: Path) -> None:
    port = free_port()
    async with BotApi() as api, Program(api, tmp_path, index_folder, **enabled(port)):
        assert (await answered(f"http://127.0.0.1:{port}/sign-out")).status_code == 405
        person = api.person(name="李梅")
        person.say("/start")
        assert "登记找工作" in (await person.hears(PATIENCE)).text


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::", "zhucan.example.org"])
async def test_it_does_not_listen_to_other_machines_without_https(
    tmp_path: Path, index_folder: Path, host: str
) -> None:
    program = Program(None, tmp_path, index_folder, **enabled(free_port(), ZHUCAN_STAFF__HOST=host))
    status, said = await program.run()
    assert status == 2
    assert "staff.public_url" in said
    assert "Traceback" not in said


async def test_what_was_registered_on_telegram_is_in_the_queue_when_the_receipt_comes(
    tmp_path: Path, index_folder: Path
) -> None:
    port = free_port()
    async with BotApi() as api, Program(api, tmp_path, index_folder, **enabled(port)) as program:
        person = api.person(name="王建国")
        person.say("/register")
        await person.hears(PATIENCE)
        for text in [*BY_TEXT, "跳过", "跳过", "跳过", "跳过", "提交"]:
            heard = await person.asks(text, PATIENCE)
        receipt = re.search(r"\d{4}-\d{4}-\d", heard.text)
        assert receipt
        cookies = {"zhucan-session": await signed_in(tmp_path)}
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", cookies=cookies) as client:
            queue = await client.get("/queue")
            assert receipt[0] in queue.text
            assert "王建国" in queue.text
            assert "13812345678" not in queue.text.replace(" ", "")
        assert await program.stop() == 0


async def signed_in(folder: Path) -> str:
    """Make an account in the program's database; return the token of its session."""
    keys = Keys.open(folder / "keys" / "zhucan.key", lambda _: None)
    async with (
        await Store.open(f"sqlite:///{folder / 'data' / 'zhucan.db'}", keys) as store,
        store.transaction() as transaction,
    ):
        account, _ = await transaction.staff.add("li", "李经办", Role.CLERK, ("白沙镇",), False, clock.now())
        await transaction.staff.accept(account.id, "no passphrase leads here", clock.now())
        return await transaction.sessions.begin(account.id, clock.now())
