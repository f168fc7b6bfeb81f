from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import pairwise

import pytest
from structlog.testing import capture_logs

from bot.channels.delivery import Gone, Refused, TryLater
from bot.service.pace import Limits
from bot.service.sender import Patience
from bot.store import StoreUnavailable, Worker

from .channel import NotedChannel, said
from .conftest import Service
from .memory_store import MemoryStore, MemoryTransaction
from .virtual_time import run, seconds

UNHURRIED = Limits(burst=1000, group_burst=1000)


async def sending(service: Service, for_seconds: float, **settings: object) -> None:
    """Let a sender run for so long."""
    sender = service.new_sender(**settings)
    task = asyncio.create_task(sender.run())
    await asyncio.sleep(for_seconds)
    sender.stop()
    await task


def times(service: Service, chat: str) -> list[float]:
    return [round(at, 1) for at, to, _ in service.channel.sent if to == chat]


def test_replies_leave_in_order_within_each_of_a_hundred_chats() -> None:
    async def test() -> None:
        service = Service(channel=NotedChannel(takes=0.1), limits=UNHURRIED)
        for n in range(1000):
            await service.put_out(f"{n}", chat=f"noted:{n % 100}")
        await sending(service, 60)
        assert service.channel.by_chat() == {
            f"noted:{chat}": [f"{n}" for n in range(chat, 1000, 100)] for chat in range(100)
        }
        assert service.channel.most_at_once == 32
        assert service.store.unsent() == []

    run(test())


def test_a_chat_gets_three_at_once_and_then_one_a_second(service: Service) -> None:
    async def test() -> None:
        await service.put_out(*"abcdef")
        await sending(service, 30)
        assert times(service, "noted:1") == pytest.approx([0, 0, 0, 1, 2, 3], abs=0.15)

    run(test())


def test_a_group_gets_no_more_than_twenty_a_minute_whoever_is_answered(service: Service) -> None:
    async def test() -> None:
        for person in range(40):
            await service.put_out("a", chat=f"noted:-5/{person}")
        await service.put_out("private")
        await sending(service, 59)
        sent_to_group = [to for _, to, _ in service.channel.sent if to.startswith("noted:-5")]
        assert 15 <= len(sent_to_group) <= 20
        assert times(service, "noted:1") == [0.0]

    run(test())


def test_nothing_goes_faster_than_the_overall_pace() -> None:
    async def test() -> None:
        service = Service(limits=Limits(overall=10))
        for n in range(100):
            await service.put_out("a", chat=f"noted:{n}")
        await sending(service, 5.05)
        assert 55 <= len(service.channel.sent) <= 61

    run(test())


def test_one_chat_told_to_slow_down_waits_as_long_as_asked_and_no_other_waits_at_all(service: Service) -> None:
    service.channel.obstacle = lambda chat, text: (
        TryLater("Too Many Requests", after=30) if chat == "noted:0" and seconds() < 29 else None
    )

    async def test() -> None:
        task = asyncio.create_task(sending(service, 60))
        for n in range(100):
            put_out = seconds()
            await service.put_out("a", chat="noted:0")
            await service.put_out("a", chat=f"noted:{n + 1}")
            await asyncio.sleep(0.25)
            [arrived] = [at for at, to, _ in service.channel.sent if to == f"noted:{n + 1}"]
            assert arrived - put_out < 0.1
        await task
        tries = [at for at, to, _ in service.channel.tried if to == "noted:0"]
        assert tries[:2] == pytest.approx([0, 30], abs=1.1)

    run(test())


def test_when_several_chats_are_told_to_slow_down_everything_pauses_as_long_as_asked(service: Service) -> None:
    service.channel.obstacle = lambda chat, text: (
        TryLater("Too Many Requests", after=10) if seconds() < 5 and chat != "noted:9" else None
    )

    async def test() -> None:
        for n in range(3):
            await service.put_out("a", chat=f"noted:{n}")
        task = asyncio.create_task(sending(service, 60))
        await asyncio.sleep(1)
        await service.put_out("a", chat="noted:9")
        await task
        assert times(service, "noted:9") == pytest.approx([10], abs=0.2)
        assert len(service.channel.sent) == 4

    run(test())


def test_a_fault_of_the_network_is_tried_again_after_longer_and_longer_waits(service: Service) -> None:
    service.channel.obstacle = lambda chat, text: TryLater("ConnectError") if seconds() < 90000 else None

    async def test() -> None:
        await service.put_out("a", "b")
        await sending(service, 100_000, fallback=30)
        tries = [at for at, _, text in service.channel.tried if text == "a"]
        waits = [b - a for a, b in pairwise(tries)]
        assert waits[:4] == pytest.approx([0.5, 1, 2, 4], abs=0.1)
        assert max(waits) == pytest.approx(300, abs=30)
        assert service.channel.texts("noted:1") == ["a", "b"], "even after more than a day: nobody got anything"

    run(test())


def test_a_reply_that_fails_for_a_day_while_others_get_through_is_given_up(service: Service) -> None:
    service.channel.obstacle = lambda chat, text: TryLater("Internal Server Error") if text == "bad" else None

    async def test() -> None:
        await service.put_out("bad", "after")
        task = asyncio.create_task(sending(service, 90_000, fallback=30))
        for _ in range(89):
            await asyncio.sleep(1000)
            await service.put_out("hello", chat="noted:2")
            assert (seconds() > 86_400) or "bad" in service.store.unsent()
        await task
        assert service.channel.texts("noted:1") == ["after"]
        assert service.counted("zhucan_replies_total", channel="noted", result="given-up") == 1

    run(test())


def test_a_refused_reply_is_given_up_at_once_and_those_after_it_are_sent(service: Service) -> None:
    service.channel.obstacle = lambda chat, text: Refused("message is too long") if text == "bad" else None

    async def test() -> None:
        await service.put_out("bad", "after")
        with capture_logs() as logs:
            await sending(service, 5)
        assert service.channel.texts("noted:1") == ["after"]
        assert [(entry["event"], entry["reason"]) for entry in logs] == [("reply refused", "message is too long")]
        assert "noted:1" not in repr(logs)

    run(test())


def test_somebody_who_is_gone_is_sent_nothing_more(service: Service) -> None:
    service.channel.obstacle = lambda chat, text: Gone("bot was blocked by the user")

    async def test() -> None:
        await service.put_out("a", "b", "c")
        await sending(service, 5)
        assert len(service.channel.tried) == 1
        assert (service.store.tables.blocked, service.store.unsent()) == ({"noted:1"}, [])

    run(test())


def test_a_fault_of_our_own_is_tried_a_few_times_and_logged_without_its_text(service: Service) -> None:
    service.channel.obstacle = lambda chat, text: KeyError("a secret of 王小明") if text == "bad" else None

    async def test() -> None:
        await service.put_out("bad", "after")
        with capture_logs() as logs:
            await sending(service, 60)
        assert [text for _, _, text in service.channel.tried] == ["bad"] * 5 + ["after"]
        assert "王小明" not in repr(logs) + repr(service.store.tables)

    run(test())


def test_a_delivery_that_hangs_is_ended_and_tried_again_while_others_go_on() -> None:
    class Hanging(NotedChannel):
        async def deliver(self, chat: str, parcel: object) -> None:
            if chat == "noted:0" and seconds() < 50:
                await asyncio.sleep(10_000)
            await super().deliver(chat, parcel)  # type: ignore[arg-type]

    async def test() -> None:
        service = Service(channel=Hanging())
        await service.put_out("a", chat="noted:0")
        await service.put_out("b", chat="noted:1")
        await sending(service, 70)
        assert times(service, "noted:1") == [0.0]
        assert times(service, "noted:0") == pytest.approx([60.5], abs=0.2)

    run(test())


def test_what_was_sent_but_could_not_be_noted_is_noted_later_and_not_sent_again(service: Service) -> None:
    async def test() -> None:
        service.channel.obstacle = lambda chat, text: break_store()
        await service.put_out(*"ab")
        task = asyncio.create_task(sending(service, 1000))
        await asyncio.sleep(500)
        assert [text for _, _, text in service.channel.sent] == ["a"]
        service.channel.obstacle = lambda chat, text: None
        service.store.down = None
        await task
        assert [text for _, _, text in service.channel.sent] == ["a", "b"]
        assert service.store.unsent() == []

    def break_store() -> None:
        service.store.down = StoreUnavailable("full")

    run(test())


def test_stopping_lets_what_is_on_its_way_arrive_and_notes_it() -> None:
    async def test() -> None:
        service = Service(channel=NotedChannel(takes=3))
        await service.put_out("a", "b")
        await sending(service, 1)
        assert [text for _, _, text in service.channel.sent] == ["a"]
        assert service.store.unsent() == ["b"]
        assert [row["leased"] for row in service.store.tables.outbox.values()] == [None, None]

    run(test())


def test_what_was_not_sent_before_the_end_is_sent_by_the_next_run(service: Service) -> None:
    async def test() -> None:
        await service.put_out(*"abcdefgh")
        await sending(service, 2.5)
        assert 3 <= len(service.channel.sent) < 8
        await sending(service, 30)
        assert service.channel.texts("noted:1") == list("abcdefgh")

    run(test())


def test_a_reply_whose_lease_runs_out_while_it_waits_is_left_to_others(service: Service) -> None:
    service.channel.obstacle = lambda chat, text: (
        TryLater("Too Many Requests", after=200) if seconds() < 1 and chat != "noted:9" else None
    )

    async def test() -> None:
        for n in range(3):
            await service.put_out("a", chat=f"noted:{n}")
        task = asyncio.create_task(sending(service, 600, patience=Patience(lease=timedelta(seconds=100))))
        await asyncio.sleep(2)
        await service.put_out("a", chat="noted:9")
        await task
        assert len(times(service, "noted:9")) == 1

    run(test())


def test_what_a_killed_process_had_in_hand_is_sent_at_once_by_one_that_is_alone(service: Service) -> None:
    async def test() -> None:
        await service.put_out("a")
        async with service.store.transaction() as transaction:
            await transaction.outbox.claim(service.now(), 10, "killed", timedelta(hours=1))
        await sending(service, 5)
        assert service.channel.sent == []
        await sending(service, 5, alone=True)
        assert service.channel.texts("noted:1") == ["a"]

    run(test())


def test_replies_are_noted_together_under_load() -> None:
    async def test() -> None:
        service = Service(channel=NotedChannel(takes=0.005))
        for n in range(1000):
            await service.put_out("a", chat=f"noted:{n}")
        before = service.store.transactions
        await sending(service, 10)
        assert len(service.channel.sent) == 1000
        assert service.store.transactions - before < 100

    run(test())


def test_the_time_from_a_messages_arrival_to_its_reply_is_measured(service: Service) -> None:
    async def test() -> None:
        await asyncio.sleep(2)
        async with service.running():
            await service.bring(said(1, "a"))
            await asyncio.sleep(1)
        assert service.counted("zhucan_handling_seconds_sum") == pytest.approx(2, abs=0.1)

    run(test())


class Shaky(Worker):
    """A worker that is told what to think."""

    def __init__(self) -> None:
        super().__init__("a")
        self.sure = True
        self.gone: list[str] = []

    def is_sure(self) -> bool:
        return self.sure

    async def look_around(self) -> list[str]:
        return self.gone


async def lease_all(service: Service, worker: str) -> None:
    async with service.store.transaction() as transaction:
        await transaction.outbox.claim(service.now(), 1000, worker, timedelta(hours=1))


def test_what_one_that_is_gone_had_in_hand_is_sent_by_others(service: Service) -> None:
    async def test() -> None:
        await service.put_out("a")
        await lease_all(service, "b")
        worker = Shaky()
        task = asyncio.create_task(sending(service, 20, worker=worker))
        await asyncio.sleep(10)
        assert service.channel.sent == []
        worker.gone = ["b"]
        await task
        assert service.channel.texts("noted:1") == ["a"]

    run(test())


def test_who_is_not_sure_to_hold_a_reply_still_sends_it_only_once_it_is(service: Service) -> None:
    async def test() -> None:
        for n in range(100):
            await service.put_out("a", chat=f"noted:{n}")
        worker = Shaky()
        worker.sure = False
        task = asyncio.create_task(sending(service, 20, worker=worker))
        await asyncio.sleep(10)
        assert service.channel.tried == []
        worker.sure = True
        await task
        assert len(service.channel.sent) == 100

    run(test())


def test_what_others_took_over_while_the_store_was_away_is_not_sent() -> None:
    async def test() -> None:
        service = Service(limits=Limits(burst=3, interval=10))
        await service.put_out(*"abcd")
        task = asyncio.create_task(sending(service, 20))
        await asyncio.sleep(5)
        service.store.down = StoreUnavailable("unreachable")
        await asyncio.sleep(2)
        service.store.down = None
        lease_to(service, "d", "b")
        await task
        assert service.channel.texts("noted:1") == ["a", "b", "c"]

    def lease_to(service: Service, text: str, worker: str) -> None:
        [row] = [row for row in service.store.tables.outbox.values() if row["parcel"].reply.text == text]
        row["worker"] = worker

    run(test())


class UnclearStore(MemoryStore):
    """Now and then says that it failed although it did not."""

    unclear = False

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[MemoryTransaction]:
        async with super().transaction() as transaction:
            yield transaction
        if self.unclear:
            self.unclear = False
            raise StoreUnavailable("unreachable")


def test_what_was_claimed_although_the_store_said_that_it_failed_is_sent_soon() -> None:
    async def test() -> None:
        service = Service(store=UnclearStore())
        await service.put_out("a")
        service.store.unclear = True
        await sending(service, 10)
        assert service.channel.texts("noted:1") == ["a"]

    run(test())


def test_it_stops_without_waiting_for_what_has_not_begun_though_the_store_was_away() -> None:
    async def test() -> None:
        service = Service(channel=NotedChannel(takes=0.1), limits=UNHURRIED)
        for n in range(100):
            await service.put_out("a", chat=f"noted:{n}")
        sender = service.new_sender()
        task = asyncio.create_task(sender.run())
        await asyncio.sleep(0.05)
        service.store.down = StoreUnavailable("unreachable")
        await asyncio.sleep(1)
        sender.stop()
        await asyncio.sleep(0.1)
        service.store.down = None
        async with asyncio.timeout(5):
            await task
        assert len(service.channel.sent) == 32
        assert len(service.store.unsent()) == 68

    run(test())
