"""The demonstration that a chat without settings has beside it."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import IO

import httpx
import pytest

from tests.command import Zhucan
from tests.conftest import DATA

PATIENCE = 60  # seconds, on a busy machine


@pytest.fixture
def zhucan(index_folder: Path, tmp_path: Path) -> Zhucan:
    return Zhucan(index_folder, tmp_path)


class Chat:
    """A chat that goes on until it is ended."""

    def __init__(self, zhucan: Zhucan, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=zhucan.folder,
            env={**zhucan.environment, "PYTHONPATH": str(DATA.parent.parent), **environment},
        )
        self.said = self._said_of_the_demo()

    @property
    def address(self) -> str:
        return re.findall(r"http://127\.0\.0\.1:\d+", self.said)[0]

    @property
    def passphrase(self) -> str:
        return re.findall(r"密码都是：(\S+)", self.said)[0]

    def end(self) -> None:
        self.process.communicate(timeout=PATIENCE)

    def _said_of_the_demo(self) -> str:
        lines = []
        for line in self._stream(self.process.stderr):
            lines.append(line.decode())
            if "退出聊天" in lines[-1]:
                break
        return "".join(lines)

    @staticmethod
    def _stream(pipe: IO[bytes] | None) -> IO[bytes]:
        assert pipe is not None
        return pipe


@pytest.fixture
def chat(zhucan: Zhucan) -> Iterator[Chat]:
    chat = Chat(zhucan)
    yield chat
    chat.process.kill()
    chat.process.communicate()


def is_gone(address: str) -> bool:
    """Whether, within a while, nobody listens there any more."""
    host, port = address.removeprefix("http://").split(":")
    for _ in range(PATIENCE * 10):
        with socket.socket() as tried:
            if tried.connect_ex((host, int(port))):
                return True
        time.sleep(0.1)
    return False


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found
    return found[1]


def test_a_newcomer_can_sign_in_with_what_the_chat_says(chat: Chat) -> None:
    with httpx.Client(base_url=chat.address, timeout=PATIENCE, follow_redirects=True) as browser:
        page = browser.get("/sign-in")
        given = {"csrf": hidden(page.text, "csrf"), "login": "demo-admin", "passphrase": chat.passphrase}
        inside = browser.post("/sign-in", data=given, headers={"origin": chat.address})
    assert "演示管理员" in inside.text
    assert all(name.startswith("zhucan-demo-") for name in browser.cookies)


def test_every_page_of_it_says_that_it_is_a_demo(chat: Chat) -> None:
    assert "演示：里面的人和事全是编的" in httpx.get(f"{chat.address}/sign-in", timeout=PATIENCE).text


def test_it_ends_with_the_chat(chat: Chat) -> None:
    httpx.get(chat.address, timeout=PATIENCE)
    chat.end()
    assert chat.process.returncode == 0
    assert is_gone(chat.address)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_it_ends_however_the_chat_ends(chat: Chat, number: signal.Signals) -> None:
    httpx.get(chat.address, timeout=PATIENCE)
    os.kill(chat.process.pid, number)
    chat.process.wait(PATIENCE)
    assert is_gone(chat.address)


def test_where_the_port_is_taken_it_is_at_another(zhucan: Zhucan) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        chat = Chat(zhucan, ZHUCAN_STAFF__PORT=str(taken.getsockname()[1]))
        assert not chat.address.endswith(f":{taken.getsockname()[1]}")
        assert httpx.get(chat.address, timeout=PATIENCE).status_code == 303
        chat.end()


def test_only_who_has_to_wait_is_told_so(zhucan: Zhucan, chat: Chat) -> None:
    assert "资料还在编" in chat.said
    httpx.get(chat.address, timeout=PATIENCE)  # answered when all is there
    second = Chat(zhucan)
    second.end()
    assert "http://" in second.said
    assert "资料还在编" not in second.said


def test_two_chats_show_the_same_demo(zhucan: Zhucan, chat: Chat) -> None:
    second = Chat(zhucan)
    assert second.passphrase == chat.passphrase
    for each in (chat, second):
        assert httpx.get(each.address, timeout=PATIENCE).status_code == 303
    second.end()


def test_what_is_piped_in_is_answered_and_nothing_else_comes_out(zhucan: Zhucan) -> None:
    with_demo, without = zhucan(said="摊位费能不能减免\n".encode()), zhucan("chat", said="摊位费能不能减免\n".encode())
    assert with_demo.returncode == 0
    assert "在社区摆摊" in with_demo.stdout
    assert "http://127.0.0.1:" in with_demo.stderr
    assert "http://127.0.0.1:" not in with_demo.stdout
    assert "http://127.0.0.1:" not in without.stderr


def test_whoever_has_settings_sees_no_demo(zhucan: Zhucan) -> None:
    (zhucan.folder / "config.yaml").write_text("terminal:\n  plain: true\n", encoding="utf-8")
    assert "http://" not in zhucan(said=b"").stderr


def test_the_database_of_the_chat_and_that_of_the_demo_are_two(zhucan: Zhucan, chat: Chat) -> None:
    httpx.get(chat.address, timeout=PATIENCE)
    chat.end()
    counts = []
    for file in (
        zhucan.folder / "data" / "zhucan.db",
        zhucan.folder / "user-data" / "zhucan" / "demo" / "data" / "demo.db",
    ):
        with closing(sqlite3.connect(file)) as database:
            counts.append(
                [database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("cases", "staff")]
            )
    assert counts == [[0, 0], [3000, 7]]


def test_a_demo_that_cannot_be_made_does_not_keep_from_chatting(zhucan: Zhucan, tmp_path: Path) -> None:
    (tmp_path / "a-file").write_text("", encoding="utf-8")
    done = zhucan(said="摊位费能不能减免\n".encode(), XDG_DATA_HOME=str(tmp_path / "a-file"))
    assert done.returncode == 0
    assert "演示工作台打不开" in done.stderr
    assert "在社区摆摊" in done.stdout
