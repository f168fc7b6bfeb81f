"""The outbox: each chat gets its replies in order, from one worker at a time."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.conversation.message import Button, File, Note, Reply
from bot.store import Parcel, Store, tables
from tests.bot.store.conftest import Opener
from tests.bot.store.samples import CHAT, NOW, OTHER, after, parcel, post

LEASE = timedelta(seconds=30)


async def claim(store: Store, limit: int = 10, now: datetime = NOW, worker: str = "one"):
    async with store.transaction() as transaction:
        return await transaction.outbox.claim(now, limit, worker, LEASE)


async def texts(store: Store, limit: int = 10, now: datetime = NOW, worker: str = "one") -> list[str]:
    return [row.parcel.reply.text for row in await claim(store, limit, now, worker)]


async def test_a_parcel_comes_back_without_what_is_not_sent(store: Store) -> None:
    reply = Reply(
        "您好 \ud83d",
        (Button("办", "a:1"),),
        File("登记.txt", "周桂芳"),
        asks_phone=True,
        about="stall-rent",
        note=Note("uncertain", "问题"),
    )
    await post(store, Parcel(CHAT, reply, {"query": "q1", "message": 5}))
    (row,) = await claim(store)
    bare = Reply("您好 \ud83d", (Button("办", "a:1"),), File("登记.txt", "周桂芳"), asks_phone=True)
    assert row.parcel == Parcel(CHAT, bare, {"query": "q1", "message": 5})
    assert (row.chat, row.attempts, row.created) == (CHAT, 0, NOW)


async def test_each_chat_gives_its_earliest_only(store: Store) -> None:
    await post(store, parcel("1"), parcel("2"), parcel("a", OTHER))
    assert await texts(store) == ["1", "a"]


async def test_the_oldest_come_first(store: Store) -> None:
    await post(store, *(parcel(str(n), f"telegram:{n}") for n in (5, 3, 9)))
    assert await texts(store, limit=2) == ["5", "3"]


async def test_the_next_comes_when_the_first_has_arrived(store: Store) -> None:
    await post(store, parcel("1"), parcel("2"))
    (first,) = await claim(store)
    assert await texts(store) == []
    async with store.transaction() as transaction:
        await transaction.outbox.sent([first.id], NOW)
    assert await texts(store) == ["2"]


async def test_a_lease_keeps_others_away_until_it_is_over(store: Store) -> None:
    await post(store, parcel("1"))
    await claim(store, worker="one")
    assert await texts(store, worker="two", now=NOW + LEASE - timedelta(seconds=1)) == []
    assert await texts(store, worker="two", now=NOW + LEASE) == ["1"]


@pytest.mark.parametrize(("worker", "freed"), [("one", ["1"]), ("two", []), (None, ["1"])])
async def test_released_leases_are_free_again(store: Store, worker: str | None, freed: list[str]) -> None:
    await post(store, parcel("1"))
    await claim(store, worker="one")
    async with store.transaction() as transaction:
        await transaction.outbox.release(worker)
    assert await texts(store, worker="three") == freed


async def test_trying_later_frees_counts_and_keeps_the_order(store: Store) -> None:
    await post(store, parcel("1"), parcel("2"))
    (row,) = await claim(store)
    async with store.transaction() as transaction:
        await transaction.outbox.try_later(row.id, after(seconds=9), "429", "one")
    assert await texts(store) == []
    (row,) = await claim(store, now=after(seconds=9))
    assert (row.parcel.reply.text, row.attempts) == ("1", 1)


async def test_what_is_given_up_makes_way(store: Store) -> None:
    await post(store, parcel("1"), parcel("2"))
    (row,) = await claim(store)
    async with store.transaction() as transaction:
        await transaction.outbox.give_up(row.id, "Bad Request", NOW)
    assert await texts(store) == ["2"]


async def test_a_row_that_cannot_be_read_is_given_up_and_blocks_nobody(store: Store) -> None:
    await post(store, parcel("1"), parcel("2"), parcel("a", OTHER))
    async with store.transaction() as transaction:
        outbox = tables.outbox
        first = (await transaction.scope.run(select(outbox.c.id).order_by(outbox.c.id).limit(1))).scalar_one()
        await transaction.scope.run(outbox.update().where(outbox.c.id == first).values(body=b"nonsense"))
    assert await texts(store) == ["a"]
    assert await texts(store) == ["2"]


async def test_a_chat_that_blocked_the_bot_gets_nothing_more(store: Store) -> None:
    await post(store, parcel("1"), parcel("2"), parcel("a", OTHER))
    async with store.transaction() as transaction:
        await transaction.outbox.block(CHAT, NOW)
        assert await transaction.outbox.waiting() == 1
        marked = select(tables.conversations.c.chat).where(tables.conversations.c.blocked.is_not(None))
        assert (await transaction.scope.run(marked)).scalars().all() == [CHAT]
    assert await texts(store) == ["a"]


async def test_a_chat_that_comes_back_is_not_marked_any_more(store: Store) -> None:
    async with store.transaction() as transaction:
        await transaction.outbox.block(CHAT, NOW)
        await transaction.outbox.unblock(CHAT)
        blocked = (await transaction.scope.run(select(tables.conversations.c.blocked))).scalar_one()
    assert blocked is None


async def test_sent_parcels_are_cleared_of_content_at_once(store: Store) -> None:
    await post(store, parcel("1"))
    (row,) = await claim(store)
    async with store.transaction() as transaction:
        await transaction.outbox.sent([row.id], NOW)
        outbox = tables.outbox
        left = (await transaction.scope.run(select(outbox.c.body, outbox.c.finished, outbox.c.outcome))).one()
    assert tuple(left) == (None, NOW, "sent")


async def test_two_processes_never_send_the_same_parcel(postgresql_url: str, opened: Opener) -> None:
    one, two = await opened(postgresql_url), await opened(postgresql_url)
    await post(one, parcel("1"), parcel("2"), parcel("a", OTHER))
    async with one.transaction() as first:
        (row,) = await first.outbox.claim(NOW, 1, "one", LEASE)
        assert row.parcel.reply.text == "1"
        assert await texts(two, worker="two") == ["a"]
    assert await texts(two, worker="two") == []


async def test_who_lost_a_lease_changes_nothing_of_the_next_ones(store: Store) -> None:
    await post(store, parcel("1"))
    (row,) = await claim(store, worker="one")
    await claim(store, worker="two", now=NOW + LEASE)
    async with store.transaction() as transaction:
        await transaction.outbox.try_later(row.id, NOW, "Timeout", "one")
        await transaction.outbox.give_back([row.id], "one")
    assert await texts(store, worker="three", now=NOW + LEASE) == []


async def test_what_is_given_back_is_free_and_was_not_tried(store: Store) -> None:
    await post(store, parcel("1"))
    (row,) = await claim(store)
    async with store.transaction() as transaction:
        await transaction.outbox.give_back([row.id], "one")
    (again,) = await claim(store, worker="two")
    assert again == row


async def test_a_worker_holds_on_under_a_new_name_to_what_it_still_has(store: Store) -> None:
    await post(store, parcel("1"), parcel("a", OTHER))
    first, second = await claim(store, worker="one")
    async with store.transaction() as transaction:
        await transaction.outbox.sent([first.id], NOW)
        assert await transaction.outbox.hold_on(["one", "none"], "new") == {second.id}
        await transaction.outbox.release("one")
    assert await texts(store, worker="two") == []


async def test_what_was_put_out_before_the_clock_was_put_back_is_sent_at_once(store: Store) -> None:
    await post(store, parcel("1"))
    assert await texts(store, now=after(hours=-1)) == ["1"]
