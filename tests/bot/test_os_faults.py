"""What the system says in English is said in plain words."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from starlette.applications import Starlette

from bot.os_faults import why
from bot.service.serving import AddressInUse, Web


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OSError) as caught:  # noqa: PT011 – its words are what is tested
        (tmp_path / "x").read_bytes()
    assert why(caught.value) == "没有这个文件或者文件夹"


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\xff")
    with pytest.raises(UnicodeDecodeError) as caught:
        (tmp_path / "x").read_text(encoding="utf-8")
    assert why(caught.value) == "里面不是 UTF-8 文字"


def test_an_address_that_somebody_has() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AddressInUse) as caught:
            Web(Starlette(), "127.0.0.1", port, setting="staff.port")
    said = f"127.0.0.1:{port}：这个地址和端口用不了（已经有程序在用）；请换一个端口（设置 staff.port）"
    assert str(caught.value) == said


def test_what_has_no_words_of_ours_is_told_in_those_of_the_system() -> None:
    assert why(OSError(99999, "Something else")) == "Something else"
