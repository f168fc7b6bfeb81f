from __future__ import annotations

import asyncio
import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from bot.service import logs

TOKEN = "123456789:AAE-abc_defghijklmnopqrstuvwxyz012345"
SECRET = "王小明 13800001111"


class Written(io.StringIO):
    """What was logged."""

    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]


@pytest.fixture
def written() -> Iterator[Written]:
    """Logging as in production, into a string; afterwards all is as it was."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level, logging.raiseExceptions, sys.excepthook)
    stream = Written()
    logs.set_up([TOKEN], stream=stream)
    yield stream
    logging.captureWarnings(False)
    root.handlers[:], root.level, logging.raiseExceptions, sys.excepthook = before
    structlog.reset_defaults()


def fail() -> None:
    raise ValueError(SECRET)


def test_our_lines_are_json_with_time_level_and_place(written: Written) -> None:
    structlog.stdlib.get_logger("bot.x").info("started", parts=["poller"])
    [entry] = written.entries()
    assert {"event": "started", "level": "info", "logger": "bot.x", "parts": ["poller"]}.items() <= entry.items()
    assert entry["timestamp"].endswith("Z")


def test_what_libraries_log_comes_out_the_same_way(written: Written) -> None:
    logging.getLogger("uvicorn.error").warning("port %d", 80)
    [entry] = written.entries()
    assert (entry["event"], entry["level"], entry["logger"]) == ("port 80", "warning", "uvicorn.error")


def test_the_password_in_an_address_is_struck_out_and_a_plain_address_is_not() -> None:
    redact = logs.Redaction(["postgresql://zhucan:s3cret%40pass@/zhucan?host=/run/db", "sqlite:///data/zhucan.db"])
    assert redact("s3cret%40pass or s3cret@pass at sqlite:///data/zhucan.db") == (
        "[secret] or [secret] at sqlite:///data/zhucan.db"
    )


def test_httpx_which_would_log_the_token_is_quiet(written: Written) -> None:
    logging.getLogger("httpx").info("POST https://api.telegram.org/bot%s/getMe", TOKEN)
    assert written.getvalue() == ""


@pytest.mark.parametrize(
    "shape", [TOKEN, TOKEN.replace(":", "%3A"), TOKEN.partition(":")[2], f"a\nhttp://x/bot{TOKEN}/y"]
)
def test_secrets_are_struck_out_wherever_they_turn_up(written: Written, shape: str) -> None:
    logging.getLogger("somebody.else").error("failed: %s", shape)
    structlog.stdlib.get_logger("bot").error("failed", url=shape, more={"deep": [shape]})
    assert written.getvalue()
    assert "AAE-abc" not in written.getvalue()


@pytest.mark.parametrize("log", [logging.getLogger("somebody.else"), structlog.stdlib.get_logger("bot")])
def test_exceptions_are_told_by_class_and_never_by_their_text(written: Written, log: logging.Logger) -> None:
    try:
        fail()
    except ValueError:
        log.exception("failed")
    [entry] = written.entries()
    assert entry["error"] == "ValueError"
    assert entry["at"]
    assert "Traceback" not in written.getvalue()
    assert "王小明" not in written.getvalue()


def test_an_exception_logged_as_a_value_is_told_by_class(written: Written) -> None:
    logging.getLogger("somebody.else").error("failed: %s", ValueError(SECRET))
    logging.getLogger("somebody.else").error(ValueError(SECRET))
    assert [entry["event"] for entry in written.entries()] == ["failed: ValueError", "ValueError"]


def test_further_lines_of_a_librarys_message_are_left_out(written: Written) -> None:
    logging.getLogger("asyncio").error(f"Task exception was never retrieved\nfuture: {SECRET}")
    [entry] = written.entries()
    assert entry["event"] == "Task exception was never retrieved"


def test_a_database_error_does_not_show_what_was_to_be_stored(written: Written) -> None:
    from sqlalchemy import create_engine, text  # noqa: PLC0415 – slow to load, needed here only

    engine = create_engine("sqlite://")
    try:
        with engine.connect() as connection:
            connection.execute(text("select * from nothing where name = :name"), {"name": SECRET})
    except Exception:
        logging.getLogger("somebody.else").exception("failed")
        structlog.stdlib.get_logger("bot").exception("failed")
    engine.dispose()
    assert len(written.entries()) == 2
    assert "王小明" not in written.getvalue()


def test_what_nobody_catches_in_the_loop_is_told_by_class(written: Written) -> None:
    async def test() -> None:
        logs.tell_of_loop_faults(asyncio.get_running_loop())
        asyncio.get_running_loop().call_soon(fail)
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    asyncio.run(test())
    [entry] = written.entries()
    assert entry["error"] == "ValueError"
    assert "王小明" not in written.getvalue()


def test_a_line_that_cannot_be_formatted_does_not_show_its_values(
    written: Written, capsys: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger("somebody.else").error("%d", SECRET)
    assert "王小明" not in written.getvalue() + capsys.readouterr().err


def test_in_a_terminal_lines_are_for_people() -> None:
    code = (
        "import sys, structlog; from bot.service import logs\n"
        f"logs.set_up(['{TOKEN}'], plain=True)\n"
        f"structlog.stdlib.get_logger('bot').info('started', port=8080, token='{TOKEN}')\n"
        f"raise ValueError('{SECRET}')"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "started" in ended.stderr
    assert "port=8080" in ended.stderr
    assert "uncaught" in ended.stderr
    assert "ValueError" in ended.stderr
    assert TOKEN not in ended.stderr
    assert "王小明" not in ended.stderr
