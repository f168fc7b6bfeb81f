"""The terminal chat at a real terminal, and for a screen reader."""

from __future__ import annotations

import io
import os
import pty
import select
import sys
from pathlib import Path

import pytest

from bot.channels.terminal.chat import is_plain, printer
from tests.conftest import DATA, own_store

UP = "\x1b[A"
_LONGEST_WAIT = 60  # seconds


def at_a_terminal(index_folder: Path, folder: Path, typed: list[str], **environment: str) -> str:
    """Run the chat at a pseudo-terminal, type each line once the prompt is there, return what is shown."""
    child, screen = pty.fork()
    if child == 0:
        variables = {
            **os.environ,
            "TERM": "xterm",
            "ZHUCAN_KNOWLEDGE__FOLDER": str(DATA / "tiny"),
            "ZHUCAN_INDEX__FOLDER": str(index_folder),
            **own_store(folder),
            "PROMPT_TOOLKIT_NO_CPR": "1",
            **environment,
        }
        variables.pop("NO_COLOR", None)
        os.chdir(folder)
        variables["PYTHONPATH"] = str(DATA.parent.parent)
        os.execve(sys.executable, [sys.executable, "-m", "bot"], {**variables, **environment})
    shown = ""
    for line in typed:
        shown += _until(screen, "您：")
        os.write(screen, line.encode())
    shown += _until(screen, None)
    os.waitpid(child, 0)
    os.close(screen)
    return shown


def _until(screen: int, awaited: str | None) -> str:
    shown = b""
    while awaited is None or awaited.encode() not in shown:
        ready, _, _ = select.select([screen], [], [], _LONGEST_WAIT)
        assert ready, f"nothing more came after {shown!r}"
        try:
            piece = os.read(screen, 4096)
        except OSError:  # the chat has ended
            break
        if not piece:
            break
        shown += piece
    return shown.decode("utf-8", "replace")


def test_the_arrow_key_brings_back_what_was_asked(index_folder: Path, tmp_path: Path) -> None:
    shown = at_a_terminal(index_folder, tmp_path, ["摊位费减免\r", UP + "\r", "退出\r"])
    assert shown.count("在社区摆摊") == 2
    assert "再见" in shown


def test_the_end_of_input_ends_the_chat(index_folder: Path, tmp_path: Path) -> None:
    assert "再见" in at_a_terminal(index_folder, tmp_path, ["\x04"])


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"ZHUCAN_TERMINAL__PLAIN": "true"}, {"TERM": "dumb"}])
def test_a_screen_reader_gets_lines_without_colour(
    index_folder: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    shown = at_a_terminal(index_folder, tmp_path, ["摊位费减免\r", "退出\r"], **environment)
    assert "在社区摆摊" in shown
    assert "\x1b[1m" not in shown
    assert not any("\u2500" <= char <= "\u257f" for char in shown)


def test_a_pipe_is_plain_and_a_plain_reply_is_only_its_text() -> None:
    output = io.StringIO()
    assert is_plain(False, output)
    printer(True, output)("第一行\n第二行")
    assert output.getvalue() == "第一行\n第二行\n\n"
