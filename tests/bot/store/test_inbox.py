"""The inbox: what came first is handled first, each once."""

from __future__ import annotations

import asyncio

import pytest

from bot.store import Store
from tests.bot.store.conftest import Opener
from tests.bot.store.samples import CHAT, NOW, OTHER, add, after, arrival


async def claimed(store: Store, limit: int = 10, now=NOW, held_back=()) -> list[int]:
    async with store.transaction() as transaction:
        return [row.update_id for row in await transaction.inbox.claim(now, limit, held_back)]


async def finish_next(store: Store, limit: int = 10) -> list[int]:
    async with store.transaction() as transaction:
        rows = await transaction.inbox.claim(NOW, limit)
        await transaction.inbox.finish([row.id for row in rows], NOW)
        return [row.update_id for row in rows]


async def test_an_arrival_comes_back_as_it_was(store: Store) -> None:
    body = '{"text": "我叫周桂芳 \\ud83d"}'
    await add(store, arrival(5, body=body))
    async with store.transaction() as transaction:
        (row,) = await transaction.inbox.claim(NOW, 10)
    assert (row.channel, row.update_id, row.chat, row.body, row.received, row.attempts) == (
        "telegram", 5, CHAT, body, NOW, 0,
    )  # fmt: skip


@pytest.mark.parametrize("body", ["", "\x00", "\ud800", "'; DROP TABLE inbox; --", "长" * 100_000])
async def test_any_text_is_kept(store: Store, body: str) -> None:
    await add(store, arrival(1, body=body))
    async with store.transaction() as transaction:
        assert (await transaction.inbox.claim(NOW, 1))[0].body == body


async def test_a_repeated_arrival_changes_nothing(store: Store) -> None:
    assert await add(store, arrival(1, body="first"), arrival(2)) == 2
    assert await add(store, arrival(1, body="second"), arrival(3)) == 1
    async with store.transaction() as transaction:
        assert (await transaction.inbox.claim(NOW, 1))[0].body == "first"


async def test_an_arrival_repeated_within_one_call_counts_once(store: Store) -> None:
    assert await add(store, arrival(1), arrival(1)) == 1


async def test_a_finished_arrival_that_is_delivered_again_stays_finished(store: Store) -> None:
    await add(store, arrival(1))
    await finish_next(store)
    assert await add(store, arrival(1)) == 0
    assert await claimed(store) == []


async def test_nothing_to_add_is_no_fault(store: Store) -> None:
    assert await add(store) == 0


async def test_each_chat_gives_its_earliest_only(store: Store) -> None:
    await add(store, arrival(3), arrival(2), arrival(4, OTHER), arrival(5, OTHER))
    assert sorted(await claimed(store)) == [2, 4]


async def test_a_chat_is_handled_in_the_order_of_its_numbers(store: Store) -> None:
    await add(store, arrival(3), arrival(1), arrival(2))
    assert [await finish_next(store) for _ in range(4)] == [[1], [2], [3], []]


async def test_those_that_came_first_are_at_the_front(store: Store) -> None:
    for number, chat in ((9, "a"), (3, "b"), (5, "c")):
        await add(store, arrival(number, chat))
    assert await claimed(store, limit=2) == [9, 3]


async def test_what_is_not_due_holds_back_what_is_behind_it(store: Store) -> None:
    await add(store, arrival(1, due=after(seconds=5)), arrival(2), arrival(3, OTHER))
    assert await claimed(store) == [3]
    assert await claimed(store, now=after(seconds=5)) == [1, 3]


@pytest.mark.parametrize("others", [0, 1, 5, 20000])
async def test_held_back_chats_are_left_out(store: Store, others: int) -> None:
    await add(store, arrival(1), arrival(2, OTHER))
    assert await claimed(store, held_back={CHAT, *(f"elsewhere:{n}" for n in range(others))}) == [2]


async def test_trying_later_counts_and_keeps_the_order(store: Store) -> None:
    await add(store, arrival(1), arrival(2))
    async with store.transaction() as transaction:
        (row,) = await transaction.inbox.claim(NOW, 10)
        await transaction.inbox.try_later(row.id, after(minutes=1), "ValueError: 13800138000")
    assert await claimed(store) == []
    async with store.transaction() as transaction:
        (row,) = await transaction.inbox.claim(after(minutes=1), 10)
        assert (row.update_id, row.attempts) == (1, 1)


async def test_waiting_counts_what_is_not_finished(store: Store) -> None:
    await add(store, arrival(1), arrival(2), arrival(3, OTHER))
    await finish_next(store)
    async with store.transaction() as transaction:
        assert await transaction.inbox.waiting() == 1


async def test_what_fails_half_way_leaves_the_row_as_it_was(store: Store) -> None:
    async def fail() -> None:
        async with store.transaction() as transaction:
            (row,) = await transaction.inbox.claim(NOW, 10)
            await transaction.inbox.finish([row.id], NOW)
            raise ZeroDivisionError

    await add(store, arrival(1))
    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await claimed(store) == [1]


async def test_two_processes_never_handle_the_same_chat_at_once(postgresql_url: str, opened: Opener) -> None:
    one, two = await opened(postgresql_url), await opened(postgresql_url)
    await add(one, arrival(1), arrival(2), arrival(3, OTHER))
    async with one.transaction() as first:
        (row,) = await first.inbox.claim(NOW, 1)
        assert row.update_id == 1
        assert await claimed(two) == [3]
        await first.inbox.finish([row.id], NOW)
        assert await claimed(two) == [3]
    assert await claimed(two) == [2, 3]


async def test_many_processes_keep_the_order_of_each_chat(postgresql_url: str, opened: Opener) -> None:
    chats, each = 6, 15
    stores = [await opened(postgresql_url, patience=10) for _ in range(4)]
    await add(stores[0], *(arrival(n, f"telegram:{n % chats}") for n in range(chats * each)))
    handled: list[tuple[str, int]] = []

    async def work(store: Store) -> None:
        while True:
            async with store.transaction() as transaction:
                rows = await transaction.inbox.claim(NOW, 3)
                states = await transaction.people.load([row.chat for row in rows])
                await asyncio.sleep(0)
                for row in rows:
                    seen = int(states[row.chat].question or "-1")
                    assert seen < row.update_id
                    state = states[row.chat]
                    await transaction.people.save(row.chat, state, type(state)(question=str(row.update_id)), NOW)
                await transaction.inbox.finish([row.id for row in rows], NOW)
                left = await transaction.inbox.waiting()
            handled.extend((row.chat, row.update_id) for row in rows)
            if not left:
                return

    await asyncio.gather(*map(work, stores))
    assert len(handled) == len(set(handled)) == chats * each
    for chat in range(chats):
        numbers = [number for name, number in handled if name == f"telegram:{chat}"]
        assert numbers == sorted(numbers)


async def test_what_came_before_the_clock_was_put_back_is_handled_at_once(store: Store) -> None:
    await add(store, arrival(1))
    async with store.transaction() as transaction:
        assert [row.update_id for row in await transaction.inbox.claim(after(hours=-1), 5)] == [1]
