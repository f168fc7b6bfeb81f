"""The whole program with the console on."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import httpx
import pytest

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
    assert started["parts"] == ["housekeeper", "knowledgewatcher", "web"]


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
