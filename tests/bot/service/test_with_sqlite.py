"""The service on the real store: what holds in memory has to hold in a database."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.service.flood import Flood
from bot.service.pace import Limits
from bot.store import Arrival, Keys, Store, StoreUnavailable, Transaction

from .channel import NotedChannel, echo
from .conftest import SORRY, Service

UNHURRIED = Limits(burst=1000, group_burst=1000)


class UnsteadyStore:
    """The real store, but for the moments in which ``fault`` says what is wrong with it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.fault: Callable[[], Exception | None] = lambda: None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        self._spoil()
        async with self.store.transaction() as transaction:
            yield transaction
            self._spoil()

    def _spoil(self) -> None:
        fault = self.fault()
        if fault is not None:
            raise fault


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[UnsteadyStore]:
    keys = Keys.open(tmp_path / "keys.json", lambda _: None)
    async with await Store.open(f"sqlite:///{tmp_path}/zhucan.db", keys) as store:
        yield UnsteadyStore(store)


def on(store: UnsteadyStore, **more: Any) -> Service:
    more.setdefault("flood", Flood(burst=1000))
    return Service(store=store, now=lambda: datetime.now(UTC), limits=UNHURRIED, **more)


def said(number: int, chat: str, **update: object) -> Arrival:
    now = datetime.now(UTC)
    body = json.dumps({"n": number, "chat": chat, "text": f"{number}", **update})
    return Arrival("noted", number, chat, body, now, now)


async def emptied(service: Service) -> None:
    """Wait until nothing is waiting, in the inbox or in the outbox."""
    async with asyncio.timeout(60):
        while True:
            async with service.store.store.transaction() as transaction:
                if not await transaction.inbox.waiting() + await transaction.outbox.waiting():
                    return
            await asyncio.sleep(0.02)


def answers(chats: int, messages: int) -> dict[str, list[str]]:
    return {f"noted:{chat}": [f"re:{n}" for n in range(chat, messages, chats)] for chat in range(chats)}


async def test_a_hundred_chats_at_once_are_each_answered_in_order_and_once(store: UnsteadyStore) -> None:
    service = on(store, channel=NotedChannel(takes=0.001))
    async with service.running():
        for start in range(0, 500, 50):
            batch = [said(n, f"noted:{n % 100}") for n in range(start, start + 50)]
            await asyncio.gather(service.bring(*batch), service.bring(*batch))
        await emptied(service)
    assert service.channel.by_chat() == answers(100, 500)
    assert service.counted("zhucan_arrivals_total", channel="noted") == 500
    async with store.transaction() as transaction:
        states = await transaction.people.load(["noted:7"])
    assert states["noted:7"].question == "7107207307407"


async def test_a_poisoned_message_becomes_a_dead_letter_and_holds_up_nobody(store: UnsteadyStore) -> None:
    service = on(store)
    async with service.running():
        await service.bring(said(1, "noted:1", text="explode"), said(2, "noted:1"), said(3, "noted:2"))
        await emptied(service)
    assert service.channel.by_chat() == {"noted:1": [SORRY, "re:2"], "noted:2": ["re:3"]}
    async with store.transaction() as transaction:
        assert await transaction.dead_letters.count() == 1


async def test_a_store_that_comes_and_goes_loses_and_doubles_nothing(store: UnsteadyStore) -> None:
    chance = random.Random(1)
    service = on(store)
    async with service.running():
        await service.bring(*(said(n, f"noted:{n % 20}") for n in range(200)))
        store.fault = lambda: StoreUnavailable("full") if chance.random() < 0.3 else None
        await asyncio.sleep(1)
        store.fault = lambda: None
        await emptied(service)
    assert service.channel.by_chat() == answers(20, 200)


async def test_however_often_it_is_cut_short_no_message_is_lost_or_handled_twice(store: UnsteadyStore) -> None:
    """Parts are cancelled wherever they are; what a cancelled sender had on its way may be repeated, nothing else."""
    chance = random.Random(2)
    channel = NotedChannel(takes=0.002)
    on_their_way = 0
    await on(store).bring(*(said(n, f"noted:{n % 20}") for n in range(400)))
    for _ in range(25):
        service = on(store, channel=channel)
        sender = service.new_sender(alone=True)
        tasks = [asyncio.create_task(service.processor.run()), asyncio.create_task(sender.run())]
        await asyncio.sleep(chance.uniform(0.005, 0.05))
        on_their_way += channel.at_once
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    service = on(store, channel=channel)
    async with service.running():
        await emptied(service)
    assert {chat: list(dict.fromkeys(texts)) for chat, texts in channel.by_chat().items()} == answers(20, 400)
    assert len(channel.sent) <= 400 + on_their_way
    async with store.transaction() as transaction:
        states = await transaction.people.load([f"noted:{chat}" for chat in range(20)])
    assert all(states[f"noted:{n}"].question == "".join(map(str, range(n, 400, 20))) for n in range(20))


async def test_a_person_who_blocked_the_bot_and_came_back_is_answered_again(store: UnsteadyStore) -> None:
    service = on(store)
    async with service.running():
        await service.bring(said(1, "noted:1"))
        await emptied(service)
        await service.bring(said(2, "noted:1", blocked=True))
        await service.bring(said(3, "noted:1", blocked=False), said(4, "noted:1"))
        await emptied(service)
    assert service.channel.texts("noted:1") == ["re:1", "re:4"]


async def test_a_flood_is_slowed_without_being_lost(store: UnsteadyStore) -> None:
    service = on(store, answer=echo, flood=Flood(burst=29, per_second=0.25))
    async with service.running():
        await service.bring(
            *(said(n, "noted:1") for n in range(30)), *(said(100 + n, f"noted:{2 + n}") for n in range(30))
        )
        await emptied(service)
    assert service.channel.texts("noted:1") == [f"re:{n}" for n in range(30)]
    assert service.counted("zhucan_flood_waits_total") > 0
