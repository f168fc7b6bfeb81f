"""Long polling, against the stand-in for Telegram's server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.client import TelegramBot
from bot.channels.telegram.faults import TokenRefused
from bot.channels.telegram.polling import Poller
from bot.channels.telegram.shapes import WANTED
from tests.bot.telegram.inbox import FakeInbox, unavailable
from tests.bot.telegram.making import message
from tests.standin import BotApi

Run = Callable[..., Any]


class Naps:
    """Sleeps that take no time and are counted."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.taken.append(seconds)
        await asyncio.sleep(0.001)


@pytest.fixture
def inbox() -> FakeInbox:
    return FakeInbox()


@pytest.fixture
def naps() -> Naps:
    return Naps()


@pytest.fixture
def running(bot: TelegramBot, channel: TelegramChannel, inbox: FakeInbox, naps: Naps) -> Run:
    """Polls for the time of the block."""

    @asynccontextmanager
    async def run(**options: Any) -> AsyncIterator[None]:
        poller = Poller(bot, channel, inbox.keep, sleep=naps.sleep, **{"wait": 1} | options)
        task = asyncio.create_task(poller.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    return run


async def soon(true: Callable[[], bool]) -> None:
    """Wait until it is so."""
    async with asyncio.timeout(5):
        while not true():
            await asyncio.sleep(0.002)


async def test_what_is_said_is_kept_in_order_and_acknowledged(running: Run, api: BotApi, inbox: FakeInbox) -> None:
    person = api.person()
    async with running():
        for number in range(5):
            person.say(str(number))
            await asyncio.sleep(0)
        await api.read_by_bot()
    assert inbox.texts == ["0", "1", "2", "3", "4"]


async def test_what_was_said_before_it_started_is_kept(running: Run, api: BotApi, inbox: FakeInbox) -> None:
    api.person().say("早")
    async with running():
        await api.read_by_bot()
    assert inbox.texts == ["早"]


async def test_more_than_one_poll_can_hold_is_kept(running: Run, api: BotApi, inbox: FakeInbox) -> None:
    for number in range(25):
        api.person().say(str(number))
    async with running(limit=10):
        await api.read_by_bot()
    assert [len(batch) for batch in inbox.batches] == [10, 10, 5]


async def test_nothing_is_acknowledged_that_could_not_be_kept(
    running: Run, api: BotApi, inbox: FakeInbox, naps: Naps
) -> None:
    api.person().say("好")
    inbox.failures = [unavailable(), unavailable(), RuntimeError("a surprise")]
    with capture_logs() as logs:
        async with running():
            await soon(lambda: not inbox.failures)
            assert api.pending == 1
            await api.read_by_bot()
    assert inbox.texts == ["好"]
    assert len(naps.taken) == 3
    assert [log["reason"] for log in logs] == ["full", "full", "RuntimeError"]


async def test_a_repeated_update_is_kept_once(running: Run, api: BotApi, inbox: FakeInbox) -> None:
    number = api.person().say("好")
    async with running():
        await api.read_by_bot()
        api.repeat(number)
        await api.read_by_bot()
    assert inbox.texts == ["好"]


async def test_updates_out_of_order_are_all_kept(running: Run, api: BotApi, inbox: FakeInbox) -> None:
    person = api.person()
    async with running(limit=2):
        with api.out_of_order():
            for number in range(6):
                person.say(str(number))
        await soon(lambda: len(inbox.kept) == 6)
    assert inbox.texts == ["0", "1", "2", "3", "4", "5"]


async def test_numbers_that_start_anew_lower_are_kept(running: Run, api: BotApi, inbox: FakeInbox) -> None:
    api.person().say("上周")
    async with running(wait=0):
        await api.read_by_bot()
        polls = len(api.calls_of("getUpdates"))
        await soon(lambda: len(api.calls_of("getUpdates")) > polls + 1)
        api.queue.next_id = 7
        api.person().say("今天")
        await soon(lambda: len(inbox.kept) == 2)
    assert 7 in inbox.kept


async def test_an_unreadable_update_holds_nothing_up(running: Run, api: BotApi, inbox: FakeInbox) -> None:
    api.raw_update({"message": {"text": 5}})
    api.raw_update({"telepathy": {}})
    number = api.person().say("好")
    async with running():
        await api.read_by_bot()
    assert sorted(inbox.kept) == [number - 2, number]


async def test_an_update_that_cannot_be_acknowledged_does_not_come_round_and_round(
    running: Run, api: BotApi, inbox: FakeInbox, naps: Naps
) -> None:
    api.raw_update({"message": message(text="?")}, 2**70)
    async with running():
        await soon(lambda: len(naps.taken) > 3)
    assert inbox.kept == {}
    assert naps.taken[:3] == sorted(naps.taken[:3])


async def test_only_the_wanted_kinds_are_asked_for(running: Run, api: BotApi, inbox: FakeInbox) -> None:
    person = api.person()
    async with running():
        number = person.say("好")
        await api.read_by_bot()
        person.edit(number, "改了")
        person.say("再见")
        await soon(lambda: len(inbox.kept) == 2)
    assert list(api.queue.allowed) == list(WANTED)
    assert inbox.texts == ["好", "再见"]


@pytest.mark.parametrize("method", ["getUpdates", "deleteWebhook"])
@pytest.mark.parametrize("fault", ["server_error", "drop", "hang", "too_many"])
async def test_a_fault_of_the_network_is_survived(
    running: Run, api: BotApi, inbox: FakeInbox, fault: str, method: str, naps: Naps
) -> None:
    getattr(api.faults, fault)(times=3, method=method)
    api.person().say("好")
    with capture_logs() as logs:
        async with running(wait=0):
            await api.read_by_bot()
    assert inbox.texts == ["好"]
    assert len(naps.taken) == 3
    assert all(log["log_level"] == "warning" for log in logs)


async def test_a_server_that_cannot_be_reached_is_waited_for(
    running: Run, api: BotApi, inbox: FakeInbox, naps: Naps
) -> None:
    async with running():
        async with api.unreachable():
            api.person().say("好")
            await soon(lambda: len(naps.taken) > 2)
        await api.read_by_bot()
    assert inbox.texts == ["好"]


async def test_an_answer_lost_on_the_way_comes_again(running: Run, api: BotApi, inbox: FakeInbox) -> None:
    api.person().say("好")
    api.faults.drop(method="getUpdates", after_effect=True, times=2)
    async with running():
        await api.read_by_bot()
    assert inbox.texts == ["好"]


async def test_a_second_program_is_named_in_the_log(running: Run, api: BotApi, inbox: FakeInbox) -> None:
    api.faults.conflict(times=2)
    api.person().say("好")
    with capture_logs() as logs:
        async with running():
            await api.read_by_bot()
    assert inbox.texts == ["好"]
    assert ["another program" in log["event"] for log in logs] == [True, True]


@pytest.mark.parametrize("method", ["getUpdates", "deleteWebhook"])
async def test_a_refused_token_ends_it_with_clear_words(
    bot: TelegramBot, channel: TelegramChannel, api: BotApi, inbox: FakeInbox, method: str
) -> None:
    api.faults.unauthorized(method=method)
    with pytest.raises(TokenRefused, match=r"telegram\.token") as caught:
        await asyncio.wait_for(Poller(bot, channel, inbox.keep).run(), 5)
    assert caught.value.__context__ is None


async def test_a_webhook_set_earlier_is_taken_away_and_nothing_dropped(
    bot: TelegramBot, running: Run, api: BotApi, inbox: FakeInbox
) -> None:
    await bot.set_webhook("http://127.0.0.1:9/hook")
    api.person().say("好")
    async with running():
        await api.read_by_bot()
    assert inbox.texts == ["好"]


async def test_it_waits_while_too_much_is_waiting(running: Run, api: BotApi, inbox: FakeInbox, naps: Naps) -> None:
    full = True

    async def may_take() -> bool:
        return not full

    api.person().say("好")
    async with running(may_take=may_take, pause=0.2):
        await soon(lambda: len(naps.taken) > 5)
        assert inbox.kept == {}
        full = False
        await api.read_by_bot()
    assert inbox.texts == ["好"]
    assert set(naps.taken) == {0.2}


async def test_it_waits_when_the_store_cannot_say_how_much_is_waiting(
    running: Run, api: BotApi, inbox: FakeInbox
) -> None:
    faults = [unavailable(), unavailable()]

    async def may_take() -> bool:
        if faults:
            raise faults.pop()
        return True

    api.person().say("好")
    async with running(may_take=may_take):
        await api.read_by_bot()
    assert inbox.texts == ["好"]


async def test_a_poll_cut_short_loses_nothing(
    bot: TelegramBot, channel: TelegramChannel, api: BotApi, inbox: FakeInbox
) -> None:
    """Stopped between storing and acknowledging, again and again."""
    person = api.person()
    for number in range(10):
        person.say(str(number))
        stop = asyncio.Event()

        def keep_then_stop(stop: asyncio.Event = stop) -> Callable[[list[Any]], Awaitable[None]]:
            async def keep(arrivals: list[Any]) -> None:
                await inbox.keep(arrivals)
                stop.set()

            return keep

        task = asyncio.create_task(Poller(bot, channel, keep_then_stop(), wait=1).run())
        await asyncio.wait_for(stop.wait(), 5)
        task.cancel()
        await asyncio.wait([task])
    assert inbox.texts == [str(number) for number in range(10)]
