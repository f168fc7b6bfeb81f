from __future__ import annotations

import logging
import traceback

import pytest

from bot.channels.telegram.client import TelegramBot, make_bot
from bot.channels.telegram.faults import Fault, TokenRefused
from bot.channels.telegram.greeting import introduce
from bot.channels.telegram.updates import Me
from tests.standin import BotApi

TOKEN = "7000000001:AAHsStandInTokenForTests_0123456789"


@pytest.mark.parametrize("token", ["", "  ", "abc", "123:x y", "123:x/y", "123:密", "abc:123"])
def test_what_cannot_be_a_token_is_refused_without_being_repeated(token: str) -> None:
    with pytest.raises(TokenRefused) as caught:
        make_bot(token)
    assert not token.strip() or token not in str(caught.value)
    assert caught.value.__context__ is None


def test_space_around_a_token_is_no_harm() -> None:
    assert make_bot(f" {TOKEN}\n").token == TOKEN


@pytest.mark.parametrize("server", ["http://127.0.0.1:8081", "http://127.0.0.1:8081/", "http://127.0.0.1:8081/bot"])
def test_another_server_can_be_named_in_any_usual_way(server: str) -> None:
    bot = make_bot(TOKEN, server)
    assert bot.base_url == f"http://127.0.0.1:8081/bot{TOKEN}"
    assert bot.base_file_url == f"http://127.0.0.1:8081/file/bot{TOKEN}"


async def test_the_bot_says_who_it_is(bot: TelegramBot, api: BotApi) -> None:
    assert await introduce(bot) == Me(api.id, api.username)


async def test_it_waits_for_telegram_to_be_reached(bot: TelegramBot, api: BotApi) -> None:
    api.faults.server_error(times=3)

    async def no_time(seconds: float) -> None:
        """Sleep not at all."""

    assert await introduce(bot, sleep=no_time) == Me(api.id, api.username)


@pytest.mark.parametrize("payload", ["", "{", '{"result": "王芳', "[1]", "null", '{"ok": true}', "[" * 100_000])
def test_an_answer_that_cannot_be_read_is_neither_raised_nor_logged(
    payload: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(Fault, match="can't be read") as caught:
        make_bot(TOKEN).request.parse_json_payload(payload.encode())
    assert "王芳" not in "".join(traceback.format_exception(caught.value)) + caplog.text


def test_a_fault_is_short_and_without_the_token() -> None:
    fault = Fault(f"http://x/bot{TOKEN}/getMe " + "x" * 1000)
    assert TOKEN not in str(fault)
    assert len(str(fault)) == 200
