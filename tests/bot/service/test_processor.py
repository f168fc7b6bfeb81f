from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.conversation.message import Message, Note, Reply
from bot.conversation.state import State
from bot.store import ReceiptTaken, StoreUnavailable
from intents.reading import Reading

from .channel import arrival, echo, said
from .conftest import SORRY, Service
from .virtual_time import START, run, seconds


async def handle_all(service: Service) -> None:
    """Step until nothing is left, also what waits for another try."""
    for _ in range(300):
        if not await service.processor.step() and not service.store.unfinished():
            return
        await asyncio.sleep(0.05)


def test_a_message_is_answered_into_the_outbox_and_the_state_kept(service: Service) -> None:
    async def test() -> None:
        await service.bring(said(1, "你好"))
        assert await service.processor.step() == 1
        assert service.store.unsent() == ["re:你好"]
        assert service.store.tables.people["noted:1"].question == "你好"
        assert service.store.unfinished() == []

    run(test())


def test_the_assistant_gets_the_time_of_arrival_and_a_fresh_token_for_each_message() -> None:
    seen: list[Message] = []

    def note(message: Message, state: State) -> tuple[list[Reply], State]:
        seen.append(message)
        return [], state

    async def test() -> None:
        service = Service(answer=note)
        await service.bring(said(1, "a"), said(2, "b", "noted:2"))
        await service.processor.step()
        assert [message.at for message in seen] == [START, START]
        assert len({message.token for message in seen}) == 2
        assert all(len(message.token) == 32 for message in seen)

    run(test())


def test_order_is_kept_within_each_of_a_hundred_chats(service: Service) -> None:
    async def test() -> None:
        words = [said(n, f"{n};", f"noted:{n % 100}") for n in range(1000)]
        await service.bring(*words)
        await handle_all(service)
        for chat in range(100):
            assert service.store.tables.people[f"noted:{chat}"].question == "".join(
                f"{n};" for n in range(chat, 1000, 100)
            )

    run(test())


def test_an_update_brought_twice_is_answered_once(service: Service) -> None:
    async def test() -> None:
        await service.bring(said(1, "你好"))
        await service.bring(said(1, "你好"))
        await handle_all(service)
        await service.bring(said(1, "你好"))
        await handle_all(service)
        assert service.store.unsent() == ["re:你好"]

    run(test())


def test_a_reply_is_cut_by_the_channel_and_each_part_sent_on_its_own_with_the_context(service: Service) -> None:
    async def test() -> None:
        await service.bring(said(7, "one|two"))
        await service.processor.step()
        assert service.store.unsent() == ["re:one", "two"]
        assert [row["parcel"].context["n"] for row in service.store.tables.outbox.values()] == [7, 7]

    run(test())


def test_what_was_asked_about_is_counted_by_entry() -> None:
    replies = {
        "摊位费": Reply("能减", about="stall-rent"),
        "没解决": Reply("好的", note=Note("unhelpful", "摊位费", "stall-rent")),
        "月亮有多远": Reply("不知道", note=Note("unanswered", "月亮有多远")),
        "谢谢": Reply("不用谢"),
    }

    async def test() -> None:
        service = Service(answer=lambda message, state: ([replies[message.text]], state))
        for number, text in enumerate([*replies, "摊位费"], 1):
            await service.bring(said(number, text))
        while await service.processor.step():
            pass
        assert service.store.tables.tallies == {"answered stall-rent": 2, "unhelpful stall-rent": 1, "unanswered": 1}

    run(test())


def test_what_the_staff_is_to_learn_from_goes_to_the_question_log_but_not_out() -> None:
    note = Note("unanswered", "月亮有多远")
    reading = Reading(kind="none", topic=None, choices=(), action=None, score=0.0, candidates=())

    async def test() -> None:
        service = Service(answer=lambda message, state: ([Reply("不知道", reading=reading, note=note)], state))
        await service.bring(said(1, "月亮有多远"))
        await service.processor.step()
        assert service.store.tables.questions == [("noted:1", note)]
        assert service.store.tables.outbox[1]["parcel"].reply == Reply("不知道")
        assert service.counted("zhucan_readings_total", kind="none") == 1

    run(test())


def test_an_update_that_means_nothing_is_finished_in_silence(service: Service) -> None:
    async def test() -> None:
        await service.bring(arrival(1))
        await handle_all(service)
        assert (service.store.unfinished(), service.store.unsent(), service.store.tables.dead_letters) == ([], [], [])

    run(test())


def test_a_person_who_blocks_the_bot_gets_nothing_more_until_they_come_back(service: Service) -> None:
    async def test() -> None:
        await service.put_out("waiting")
        await service.bring(arrival(1, blocked=True))
        await handle_all(service)
        assert (service.store.unsent(), service.store.tables.blocked) == ([], {"noted:1"})
        await service.bring(arrival(2, blocked=False))
        await handle_all(service)
        assert service.store.tables.blocked == set()

    run(test())


@pytest.mark.parametrize("fault", [{"unreadable": True}, {"explode": True}, {"text": "explode"}])
def test_a_message_that_cannot_be_handled_is_a_dead_letter_after_three_tries(
    service: Service, fault: dict[str, object]
) -> None:
    async def test() -> None:
        await service.bring(arrival(1, **fault), said(2, "after"), said(3, "beside", "noted:2"))
        await service.processor.step()
        assert service.store.unsent() == ["re:beside"], "the others of the batch never notice"
        await handle_all(service)
        [(row, error)] = service.store.tables.dead_letters
        assert (row.update_id, row.attempts) == (1, 2)
        assert "王小明" not in error
        assert service.store.unsent() == ["re:beside", SORRY, "re:after"]

    run(test())


def test_the_tries_are_further_and_further_apart() -> None:
    tries: list[float] = []

    def fail(message: Message, state: State) -> tuple[list[Reply], State]:
        tries.append(seconds())
        raise ValueError

    async def test() -> None:
        service = Service(answer=fail)
        async with service.running():
            await service.bring(said(1, "x"))
            await asyncio.sleep(5)
        assert tries == pytest.approx([0, 0.2, 1.2], abs=0.01)

    run(test())


def test_no_kind_word_goes_to_a_group_for_what_could_not_be_read(service: Service) -> None:
    async def test() -> None:
        await service.bring(arrival(1, "noted:-5/7", unreadable=True), arrival(2, "noted:update-2", unreadable=True))
        await handle_all(service)
        assert len(service.store.tables.dead_letters) == 2
        assert service.store.unsent() == []

    run(test())


def test_faults_are_logged_by_class_and_place_only(service: Service) -> None:
    async def test() -> None:
        await service.bring(said(1, "explode"))
        with capture_logs() as logs:
            await handle_all(service)
        assert [(entry["error"], entry["row"]) for entry in logs] == [("ValueError", 1)] * 3
        assert "王小明" not in repr(logs)

    run(test())


@pytest.mark.parametrize("step", ["finish", "save", "outbox", "commit"])
def test_a_crash_at_any_step_changes_nothing(service: Service, step: str) -> None:
    class CrashError(BaseException):
        """Nothing catches it, as nothing catches a killed process."""

    def crash(at: str, value: object) -> None:
        if at == step:
            raise CrashError

    async def test() -> None:
        await service.bring(said(1, "a"), said(2, "b", "noted:2"))
        before = repr(service.store.tables)
        service.store.spoil = crash
        with pytest.raises(CrashError):
            await service.processor.step()
        assert repr(service.store.tables) == before
        service.store.spoil = lambda at, value: None
        await service.new_processor().step()
        assert service.store.unsent() == ["re:a", "re:b"]

    run(test())


def test_a_receipt_already_in_use_has_the_batch_answered_anew_with_other_tokens() -> None:
    tokens: list[str] = []

    def note(message: Message, state: State) -> tuple[list[Reply], State]:
        tokens.append(message.token)
        return echo(message, state)

    def taken(step: str, value: object) -> None:
        if step == "save" and len(tokens) == 2:
            raise ReceiptTaken

    async def test() -> None:
        service = Service(answer=note)
        service.store.spoil = taken
        await service.bring(said(1, "a"), said(2, "b", "noted:2"))
        await handle_all(service)
        assert len(set(tokens)) == 4
        assert service.store.unsent() == ["re:a", "re:b"]

    run(test())


def test_a_message_whose_outcome_cannot_be_kept_is_found_and_alone_becomes_a_dead_letter(service: Service) -> None:
    def refuse(step: str, value: object) -> None:
        if step == "save" and value == "noted:2":
            raise TypeError("a secret of 王小明")

    async def test() -> None:
        service.store.spoil = refuse
        await service.bring(*(said(n, f"{n}", f"noted:{n}") for n in range(1, 6)))
        await handle_all(service)
        assert [(row.update_id, error) for row, error in service.store.tables.dead_letters] == [(2, "TypeError")]
        assert sorted(service.store.unsent()) == sorted(["re:1", "re:3", "re:4", "re:5", SORRY])

    run(test())


def test_when_not_even_a_fault_can_be_noted_the_processor_ends(service: Service) -> None:
    def refuse(step: str, value: object) -> None:
        if step in ("save", "try_later"):
            raise TypeError

    async def test() -> None:
        service.store.spoil = refuse
        await service.bring(said(1, "a"))
        with pytest.raises(TypeError):
            await service.processor.run()
        assert service.store.unfinished() == [1]

    run(test())


def test_while_the_store_is_away_nothing_is_lost_and_it_is_said_once(service: Service) -> None:
    async def test() -> None:
        await service.bring(*(said(n, f"{n};") for n in range(1, 5)))
        service.store.down = StoreUnavailable("full")
        with capture_logs() as logs:
            async with service.running():
                await asyncio.sleep(60)
                tries = service.store.transactions
                service.store.down = StoreUnavailable("read-only")
                await asyncio.sleep(10)
                service.store.down = None
                await asyncio.sleep(10)
        assert service.channel.texts("noted:1") == ["re:1;", "re:2;", "re:3;", "re:4;"]
        said_of_it = [(entry["event"][:17], entry.get("reason")) for entry in logs if entry["part"] == "processor"]
        assert said_of_it == [
            ("store unavailable", "full"),
            ("store unavailable", "read-only"),
            ("store available a", None),
        ]
        assert tries < 50, "it waits longer and longer, up to 5 s"

    run(test())


def test_a_store_that_fails_while_keeping_changes_nothing(service: Service) -> None:
    def full(step: str, value: object) -> None:
        if step == "commit" and seconds() < 3:
            raise StoreUnavailable("full")

    async def test() -> None:
        await service.bring(said(1, "a"))
        service.store.spoil = full
        async with service.running():
            await asyncio.sleep(2)
            assert (service.store.unfinished(), service.store.unsent()) == ([1], [])
            await asyncio.sleep(10)
        assert service.channel.texts("noted:1") == ["re:a"]

    run(test())


def test_a_message_of_a_channel_that_is_turned_off_waits_for_it(service: Service) -> None:
    async def test() -> None:
        del service.channels["noted"]
        await service.bring(said(1, "a"))
        async with service.running():
            await asyncio.sleep(600)
            assert (service.store.unfinished(), service.store.tables.dead_letters) == ([1], [])
            service.channels["noted"] = service.channel
            await asyncio.sleep(100)
        assert service.channel.texts("noted:1") == ["re:a"]

    run(test())


def test_the_rows_of_another_process_are_found_without_being_woken(service: Service) -> None:
    async def test() -> None:
        async with service.running():
            await asyncio.sleep(10)
            async with service.store.transaction() as transaction:
                await transaction.inbox.add([said(1, "a")])
            await asyncio.sleep(3)
        assert service.channel.texts("noted:1") == ["re:a"]

    run(test())


def test_what_arrives_ahead_of_its_turn_is_taken_when_it_is_due(service: Service) -> None:
    async def test() -> None:
        async with service.running():
            await service.bring(replace(said(1, "a"), due=START + timedelta(seconds=0.3)))
            await asyncio.sleep(0.2)
            assert service.store.unfinished() == [1]
            await asyncio.sleep(0.15)
            assert service.store.unfinished() == []

    run(test())


def test_new_knowledge_answers_from_the_next_batch_on(service: Service) -> None:
    async def test() -> None:
        await service.bring(said(1, "a"))
        await service.processor.step()
        service.holder.answer = lambda message, state: ([Reply("new")], state)
        await service.bring(said(2, "a"))
        await service.processor.step()
        assert service.store.unsent() == ["re:a", "new"]

    run(test())


def test_a_person_who_floods_is_slowed_and_nobody_else_is(service: Service) -> None:
    async def test() -> None:
        await service.bring(*(said(n, f"{n}", "noted:1") for n in range(100)))
        await service.bring(*(said(1000 + n, f"{n}", f"noted:{2 + n}") for n in range(50)))
        for _ in range(100):
            await service.processor.step()
        done = [row["chat"] for row in service.store.tables.inbox.values() if row["finished"]]
        assert done.count("noted:1") == 20
        assert len(done) - done.count("noted:1") == 50
        assert service.counted("zhucan_flood_waits_total") == 1
        async with service.running():
            await asyncio.sleep(10.5)
            assert len(service.store.unfinished()) == 70
            await asyncio.sleep(100)
        assert service.channel.texts("noted:1") == [f"re:{n}" for n in range(100)], "nothing is dropped"

    run(test())


def test_it_knows_since_when_messages_have_been_waiting(service: Service) -> None:
    async def test() -> None:
        await asyncio.sleep(30)
        await service.processor.step()
        assert service.processor.handled_until == START + timedelta(seconds=30)
        await service.bring(said(1, "a"))
        await service.processor.step()
        assert service.processor.handled_until == START

    run(test())
