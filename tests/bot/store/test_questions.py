"""What was not answered well is kept until somebody has dealt with it."""

from __future__ import annotations

from bot.conversation.message import Note
from bot.store import Store
from bot.store.tables import questions

from .samples import CHAT, NOW, OTHER, after

FIRST = Note("unanswered", "残疾人办借书证要押金不", candidates=("signpost:bus",))
SECOND = Note("unhelpful", "摊位费好多", topic="stall-rent")


async def test_what_nobody_has_dealt_with_comes_newest_first_with_all_that_is_known(store: Store) -> None:
    async with store.transaction() as transaction:
        await transaction.questions.add(CHAT, FIRST, NOW)
        await transaction.questions.add(OTHER, SECOND, after(hours=1))
    async with store.transaction() as transaction:
        found = await transaction.questions.unsettled(10)
        assert [(each.note, each.at) for each in found] == [(SECOND, after(hours=1)), (FIRST, NOW)]
        assert [each.note for each in await transaction.questions.unsettled(1)] == [SECOND]
        assert await transaction.questions.count_unsettled() == 2


async def test_what_is_dealt_with_is_so_once_and_comes_no_more(store: Store) -> None:
    async with store.transaction() as transaction:
        await transaction.questions.add(CHAT, FIRST, NOW)
        await transaction.questions.add(CHAT, SECOND, NOW)
        second, first = await transaction.questions.unsettled(10)
        assert await transaction.questions.settle((first.id, 99), NOW) == 1
        assert await transaction.questions.settle((first.id,), NOW) == 0
        assert await transaction.questions.settle((), NOW) == 0
    async with store.transaction() as transaction:
        assert await transaction.questions.unsettled(10) == [second]
        assert await transaction.questions.count_unsettled() == 1


async def test_what_was_taught_together_is_known_by_that_and_is_not_dealt_with_yet(store: Store) -> None:
    async with store.transaction() as transaction:
        for note in (FIRST, SECOND, FIRST):
            await transaction.questions.add(CHAT, note, NOW)
        third, second, first = await transaction.questions.unsettled(10)
        await transaction.questions.teach((third.id, first.id, first.id))
        await transaction.questions.teach(())
    async with store.transaction() as transaction:
        found = {each.id: each.taught for each in await transaction.questions.unsettled(10)}
        assert found[first.id] == found[third.id] is not None
        assert found[second.id] is None
        assert await transaction.questions.count_unsettled() == 3


async def test_one_that_cannot_be_read_keeps_no_other_from_being_seen(store: Store) -> None:
    async with store.transaction() as transaction:
        await transaction.questions.add(CHAT, FIRST, NOW)
        row = {"chat": CHAT, "kind": "unanswered", "content": b"damaged", "asked": NOW}
        await transaction.scope.run(questions.insert(), row)
        assert [each.note for each in await transaction.questions.unsettled(10)] == [FIRST]
