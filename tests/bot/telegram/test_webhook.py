"""Updates brought by Telegram, over the application without a network."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.client import TelegramBot
from bot.channels.telegram.faults import Fault, TokenRefused
from bot.channels.telegram.shapes import WANTED
from bot.channels.telegram.webhook import Webhook, set_webhook
from bot.service.serving import Web
from bot.store import Arrival, Keys, Store
from tests.bot.telegram.inbox import FakeInbox, unavailable
from tests.bot.telegram.making import GROUP, message
from tests.standin import BotApi

NOW = datetime(2026, 5, 1, tzinfo=UTC)
SECRET = "Geheim_0123-abc"
HELD_BACK = timedelta(seconds=0.3)


@pytest.fixture
def inbox() -> FakeInbox:
    return FakeInbox()


class Clock:
    """Goes on when it is told to."""

    def __init__(self) -> None:
        self.now = NOW

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def calling(webhook: Webhook) -> httpx.AsyncClient:
    """Telegram, as it calls."""
    transport = httpx.ASGITransport(Starlette(routes=[webhook.route("/telegram")]))
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
    return httpx.AsyncClient(transport=transport, base_url="http://bot", headers=headers)


@pytest.fixture
async def telegram(channel: TelegramChannel, inbox: FakeInbox, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    async with calling(Webhook(channel, inbox.keep, SECRET, now=lambda: clock.now)) as client:
        yield client


def update(number: int, text: str = "好") -> dict[str, Any]:
    return {"update_id": number, "message": message(text=text)}


async def brings(telegram: httpx.AsyncClient, what: object) -> int:
    return (await telegram.post("/telegram", json=what)).status_code


async def test_an_update_is_kept_before_it_is_answered(telegram: httpx.AsyncClient, inbox: FakeInbox) -> None:
    assert await brings(telegram, update(5)) == 200
    assert inbox.texts == ["好"]


async def test_one_that_cannot_be_kept_is_to_be_brought_again(telegram: httpx.AsyncClient, inbox: FakeInbox) -> None:
    inbox.failures = [unavailable()]
    assert await brings(telegram, update(5)) == 503
    assert await brings(telegram, update(5)) == 200
    assert inbox.texts == ["好"]


async def test_one_that_cannot_be_read_is_kept_all_the_same(telegram: httpx.AsyncClient, inbox: FakeInbox) -> None:
    assert await brings(telegram, {"update_id": 5, "message": 1}) == 200
    assert inbox.kept[5].chat == "telegram:update-5"


@pytest.mark.parametrize("ignored", [{"edited_message": message(text="x")}, {"message": message(GROUP, text="大家好")}])
async def test_one_to_be_ignored_is_not_kept(
    telegram: httpx.AsyncClient, inbox: FakeInbox, ignored: dict[str, Any]
) -> None:
    assert await brings(telegram, {"update_id": 5} | ignored) == 200
    assert inbox.kept == {}


@pytest.mark.parametrize("secret", ["", "wrong", SECRET + "x", SECRET.lower(), "é"])
async def test_a_wrong_secret_is_forbidden(telegram: httpx.AsyncClient, inbox: FakeInbox, secret: str) -> None:
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret.encode()}
    response = await telegram.post("/telegram", json=update(5), headers=headers)
    assert (response.status_code, inbox.kept) == (403, {})


async def test_no_secret_is_forbidden(telegram: httpx.AsyncClient, inbox: FakeInbox) -> None:
    del telegram.headers["X-Telegram-Bot-Api-Secret-Token"]
    assert (await brings(telegram, update(5)), inbox.kept) == (403, {})


@pytest.mark.parametrize("secret", ["", "x" * 257, "with space", "密"])
def test_it_must_have_a_secret_that_telegram_takes(channel: TelegramChannel, inbox: FakeInbox, secret: str) -> None:
    with pytest.raises(ValueError, match="secret"):
        Webhook(channel, inbox.keep, secret)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"1", b"null", b'{"update_id": "5"}', b"{}", b"\xff\xfe", b"[" * 200_000, b"9" * 5000],
)
async def test_nonsense_is_a_bad_request(telegram: httpx.AsyncClient, inbox: FakeInbox, body: bytes) -> None:
    assert (await telegram.post("/telegram", content=body)).status_code == 400
    assert inbox.kept == {}


async def test_too_much_is_refused(telegram: httpx.AsyncClient, inbox: FakeInbox) -> None:
    assert await brings(telegram, update(5, "长" * 400_000)) == 413
    assert inbox.kept == {}


async def test_looking_is_not_allowed(telegram: httpx.AsyncClient) -> None:
    assert (await telegram.get("/telegram")).status_code == 405


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.dictionaries(st.sampled_from(["update_id", "message", "chat", "id"]), inner, max_size=3),
    )
)
async def test_whatever_is_brought_gets_an_answer(telegram: httpx.AsyncClient, what: object) -> None:
    assert await brings(telegram, what) in (200, 400)


async def held(telegram: httpx.AsyncClient, inbox: FakeInbox, numbers: Sequence[int]) -> list[int]:
    """Bring ``numbers``; return those that are not due at once."""
    for number in numbers:
        await brings(telegram, update(number))
    delays = {number: inbox.kept[number].due - inbox.kept[number].received for number in numbers}
    assert set(delays.values()) <= {timedelta(), HELD_BACK}
    return [number for number in numbers if delays[number]]


class TestOrder:
    async def test_all_behind_a_missing_one_are_held_back_until_it_is_there(
        self, telegram: httpx.AsyncClient, inbox: FakeInbox
    ) -> None:
        assert await held(telegram, inbox, (4, 7, 8, 6, 5, 9)) == [7, 8, 6]

    async def test_one_gap_may_be_closed_before_another(self, telegram: httpx.AsyncClient, inbox: FakeInbox) -> None:
        assert await held(telegram, inbox, (4, 6, 8, 5, 9, 7, 10)) == [6, 8, 9]

    async def test_what_does_not_come_holds_nothing_up_for_long(
        self, telegram: httpx.AsyncClient, inbox: FakeInbox, clock: Clock
    ) -> None:
        assert await held(telegram, inbox, (4, 6)) == [6]
        clock.wait(0.2)
        assert await held(telegram, inbox, (7, 9)) == [7, 9]
        clock.wait(0.1)  # 5 is given up, but not 8
        assert await held(telegram, inbox, (10,)) == [10]
        clock.wait(0.2)
        assert await held(telegram, inbox, (11, 8, 5, 12)) == []

    async def test_one_held_back_that_comes_again_waits_no_longer_for_that(
        self, telegram: httpx.AsyncClient, inbox: FakeInbox, clock: Clock
    ) -> None:
        assert await held(telegram, inbox, (4, 6)) == [6]
        clock.wait(0.2)
        await brings(telegram, update(6))
        clock.wait(0.1)
        assert inbox.kept[6].due == clock.now
        assert await held(telegram, inbox, (7,)) == []

    async def test_the_same_one_again_leaves_no_gap(self, telegram: httpx.AsyncClient, inbox: FakeInbox) -> None:
        assert await held(telegram, inbox, (5, 5, 6)) == []

    async def test_one_to_be_ignored_leaves_no_gap(self, telegram: httpx.AsyncClient, inbox: FakeInbox) -> None:
        await brings(telegram, update(4))
        await brings(telegram, {"update_id": 5, "edited_message": message(text="x")})
        assert await held(telegram, inbox, (6,)) == []

    async def test_one_that_cannot_be_kept_is_still_missing(
        self, telegram: httpx.AsyncClient, inbox: FakeInbox
    ) -> None:
        await brings(telegram, update(4))
        inbox.failures = [unavailable()]
        assert await brings(telegram, update(5)) == 503
        assert await held(telegram, inbox, (6, 5, 7)) == [6]

    @pytest.mark.parametrize("first", [12, 700_020, 900_000])
    async def test_numbers_may_start_anew_after_a_quiet_week(
        self, telegram: httpx.AsyncClient, inbox: FakeInbox, clock: Clock, first: int
    ) -> None:
        await held(telegram, inbox, (700_000, 700_004))
        clock.wait(timedelta(days=7).total_seconds())
        assert await held(telegram, inbox, (first, first + 2)) == [first + 2]

    @pytest.mark.parametrize("first", [12, 900_000])
    async def test_numbers_that_start_anew_at_any_time_hold_nothing_up_for_long(
        self, telegram: httpx.AsyncClient, inbox: FakeInbox, clock: Clock, first: int
    ) -> None:
        await held(telegram, inbox, (700_000, 700_001, first))
        clock.wait(0.3)
        assert await held(telegram, inbox, (first + 1, first + 2)) == []

    async def test_whatever_the_order_a_chat_is_answered_in_order(
        self, channel: TelegramChannel, clock: Clock, tmp_path: Path
    ) -> None:
        keys = Keys.open(tmp_path / "zhucan.key", lambda _: None)
        async with await Store.open(f"sqlite:///{tmp_path / 'zhucan.db'}", keys) as store:

            async def keep(arrivals: list[Arrival]) -> None:
                async with store.transaction() as transaction:
                    await transaction.inbox.add(arrivals)

            async def handle_all() -> None:
                while True:
                    async with store.transaction() as transaction:
                        rows = await transaction.inbox.claim(clock.now, 10)
                        await transaction.inbox.finish([row.id for row in rows], clock.now)
                    if not rows:
                        return
                    handled.extend(row.update_id for row in rows)

            async with calling(Webhook(channel, keep, SECRET, now=lambda: clock.now)) as telegram:
                for start, order in enumerate(itertools.permutations(range(4))):
                    handled: list[int] = []
                    numbers = [5 * start, *(5 * start + 1 + place for place in order)]
                    for number in numbers:
                        await brings(telegram, update(number))
                        await handle_all()
                        clock.wait(0.07)
                    clock.wait(0.3)
                    await handle_all()
                    assert handled == sorted(numbers), numbers

    async def test_those_that_come_together_are_kept_together_and_in_order(
        self, telegram: httpx.AsyncClient, inbox: FakeInbox
    ) -> None:
        numbers = [5, 9, 8, 7, 6]
        assert await asyncio.gather(*(brings(telegram, update(number)) for number in numbers)) == [200] * 5
        assert sorted(inbox.kept) == sorted(numbers)
        assert all(batch == sorted(batch) for batch in inbox.batches)
        assert len(inbox.batches) < 5

    async def test_those_that_come_together_fail_together(self, telegram: httpx.AsyncClient, inbox: FakeInbox) -> None:
        inbox.failures = [unavailable()] * 5
        statuses = await asyncio.gather(*(brings(telegram, update(number)) for number in range(5)))
        assert statuses.count(503) == 5 - len(inbox.kept)
        assert 503 in statuses


class TestSetWebhook:
    async def test_it_asks_for_the_secret_and_the_wanted_kinds_and_drops_nothing(
        self, bot: TelegramBot, api: BotApi
    ) -> None:
        api.person().say("好")
        await set_webhook(bot, "http://127.0.0.1:9/hook", SECRET)
        assert api.webhook is not None
        assert (api.webhook.settings.secret, list(api.queue.allowed)) == (SECRET, list(WANTED))
        assert api.pending == 1

    async def test_a_fault_of_the_network_is_survived(self, bot: TelegramBot, api: BotApi) -> None:
        api.faults.server_error(times=2)

        async def no_sleep(seconds: float) -> None:
            """Take no time."""

        await set_webhook(bot, "http://127.0.0.1:9/hook", SECRET, sleep=no_sleep)
        assert api.webhook is not None

    async def test_a_refused_address_is_said(self, bot: TelegramBot, api: BotApi) -> None:
        api.webhooks_need_https = True
        with pytest.raises(Fault, match="HTTPS"):
            await set_webhook(bot, "http://127.0.0.1:9/hook", SECRET)

    async def test_a_refused_token_is_said(self, bot: TelegramBot, api: BotApi) -> None:
        api.faults.unauthorized()
        with pytest.raises(TokenRefused):
            await set_webhook(bot, "http://127.0.0.1:9/hook", SECRET)


async def test_what_people_say_comes_through_a_real_server(
    bot: TelegramBot, channel: TelegramChannel, api: BotApi, inbox: FakeInbox
) -> None:
    """Also when the store is out of order for a while: Telegram brings it again."""
    webhook = Webhook(channel, inbox.keep, SECRET)
    web = Web(Starlette(routes=[webhook.route("/telegram")]), "127.0.0.1", 0)
    serving = asyncio.create_task(web.run())
    await set_webhook(bot, f"http://127.0.0.1:{web.port}/telegram", SECRET)
    inbox.failures = [unavailable(), unavailable()]
    people = [api.person() for _ in range(3)]
    for number in range(10):
        for person in people:
            person.say(f"{person.id} {number}")
    await api.read_by_bot()
    await bot.delete_webhook()
    web.stop()
    await serving
    for person in people:
        said = [text for text in inbox.texts if text.startswith(str(person.id))]
        assert said == [f"{person.id} {number}" for number in range(10)]
