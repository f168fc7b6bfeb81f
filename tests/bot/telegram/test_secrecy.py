"""The token gets out nowhere, whatever fails."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Iterator
from io import StringIO

import pytest
from structlog.testing import capture_logs

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.client import TelegramBot
from bot.channels.telegram.commands import offer_menu
from bot.channels.telegram.greeting import introduce
from bot.channels.telegram.polling import Poller
from bot.channels.telegram.updates import Me
from bot.channels.telegram.webhook import set_webhook
from bot.conversation.message import Reply
from bot.store.outbox import Parcel
from tests.bot.telegram.inbox import FakeInbox
from tests.standin import BotApi

FAULTS = ["unauthorized", "server_error", "page", "drop", "hang", "too_many", "refuse"]


@pytest.fixture
def logs() -> Iterator[StringIO]:
    """All that is logged by anybody from DEBUG up, also by loggers that the service had made quieter."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    named = [logging.getLogger(name) for name in root.manager.loggerDict]
    before = {logger: logger.level for logger in (root, *named)}
    for logger in named:
        logger.setLevel(logging.NOTSET)
    root.setLevel(logging.DEBUG)
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)
    for logger, level in before.items():
        logger.setLevel(level)


def trouble(api: BotApi, fault: str) -> None:
    """Make every call fail from now on."""
    if fault == "page":
        api.faults.server_error(page=True, times=None)
    elif fault == "refuse":
        api.faults.refuse("no", times=None)
    else:
        getattr(api.faults, fault)(times=None)


class Stop(Exception):  # noqa: N818
    """It was about to try again."""


async def stop(seconds: float) -> None:
    raise Stop


async def everything(bot: TelegramBot, me: Me) -> list[BaseException]:
    """Call in all the ways there are; return what was raised."""
    channel = TelegramChannel(bot, me, query_seconds=0.2)
    parcel = Parcel("telegram:50000001", Reply("好"), {"query": "1"})
    calls = (
        introduce(bot, sleep=stop),
        set_webhook(bot, "https://example.org/hook", "s", sleep=stop),
        offer_menu(bot, sleep=stop),
        Poller(bot, channel, FakeInbox().keep, wait=0, sleep=stop).run(),
        channel.deliver(parcel.chat, parcel),
        bot.raw_updates(offset=None, limit=1, wait=0, allowed=()),
        bot.get_me(),
    )
    found = await asyncio.gather(*calls, return_exceptions=True)
    return [error for error in found if isinstance(error, BaseException)]


def check(api: BotApi, raised: list[BaseException], ours: object, logged: StringIO) -> None:
    secret = api.token.partition(":")[2]
    assert len(raised) >= 5
    for error in raised:
        assert secret not in "".join(traceback.format_exception(error)) + repr(error) + str(error)
    assert secret not in repr(ours)
    assert secret not in logged.getvalue()


@pytest.mark.parametrize("fault", FAULTS)
async def test_no_token_is_logged_or_raised(bot: TelegramBot, me: Me, api: BotApi, logs: StringIO, fault: str) -> None:
    api.person().say("/start")
    trouble(api, fault)
    with capture_logs() as ours:
        raised = await everything(bot, me)
    check(api, raised, ours, logs)


async def test_no_token_is_logged_or_raised_without_a_connection(
    bot: TelegramBot, me: Me, api: BotApi, logs: StringIO
) -> None:
    with capture_logs() as ours:
        async with api.unreachable():
            raised = await everything(bot, me)
    check(api, raised, ours, logs)


async def test_the_log_looked_at_holds_what_the_library_says(bot: TelegramBot, logs: StringIO) -> None:
    """So a token would be found there."""
    await bot.get_me()
    assert "getMe" in logs.getvalue()


async def test_the_bot_does_not_show_its_token(bot: TelegramBot, channel: TelegramChannel, api: BotApi) -> None:
    for thing in (bot, channel, bot.get_me, bot.request):
        assert api.token not in f"{thing!r} {thing}"
