"""A bot that talks with the stand-in for Telegram's server."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from telegram.error import TelegramError

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.client import TelegramBot, Timeouts, make_bot
from bot.channels.telegram.updates import Me
from tests.standin import BotApi

QUICK = Timeouts(connect=1, pool=1, read=0.3, write=1, upload=1)


@pytest.fixture
async def bot(api: BotApi) -> AsyncIterator[TelegramBot]:
    bot = make_bot(api.token, api.base_url, timeouts=QUICK)
    await bot.open()
    yield bot
    await bot.close_connections()


@pytest.fixture
def me(api: BotApi) -> Me:
    return Me(api.id, api.username)


@pytest.fixture
def channel(bot: TelegramBot, me: Me) -> TelegramChannel:
    return TelegramChannel(bot, me, query_seconds=0.2)


def no_library_errors(error: BaseException) -> bool:
    """Whether neither the library's errors nor the HTTP client's hang behind ``error``."""
    behind = error.__cause__ or error.__context__
    return behind is None or (not isinstance(behind, TelegramError | aiohttp.ClientError) and no_library_errors(behind))
