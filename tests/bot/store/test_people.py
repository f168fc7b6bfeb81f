"""People: conversations, registrations, consents, and forgetting all of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from bot.conversation.message import Note
from bot.conversation.registration import Registration
from bot.conversation.state import Draft, OpenList, Option, State
from bot.store import InboxRow, ReceiptTaken, Store, tables
from tests.bot.store.conftest import Opener
from tests.bot.store.samples import (
    CHAT,
    NOW,
    OTHER,
    PHONE,
    RECEIPT,
    add,
    after,
    arrival,
    clerk,
    consent,
    load,
    parcel,
    post,
    register,
    registration,
    save,
    talking,
    work,
)

SECOND = "876543217"


async def rows(store: Store, statement) -> list[tuple]:
    async with store.transaction() as transaction:
        return [tuple(row) for row in await transaction.scope.run(statement)]


async def count(store: Store, table) -> int:
    return (await rows(store, select(func.count()).select_from(table)))[0][0]


async def shared(store: Store) -> dict[str, bool]:
    return dict(await rows(store, select(tables.registrations.c.receipt, tables.registrations.c.phone_shared)))


async def test_a_new_chat_begins_with_nothing(store: Store) -> None:
    assert await load(store) == State()


async def test_every_asked_chat_is_answered_even_if_asked_twice(store: Store) -> None:
    await save(store, State(easy=True))
    async with store.transaction() as transaction:
        assert await transaction.people.load([OTHER, CHAT, OTHER]) == {CHAT: State(easy=True), OTHER: State()}
        assert await transaction.people.load([]) == {}


async def test_a_state_comes_back_as_it_was(store: Store) -> None:
    state = talking(registrations=(registration(), registration(SECOND, {"whom": "child", "wanted": ("a", "b")})))
    await save(store, state)
    assert await load(store) == state


@pytest.mark.parametrize("text", ["\ud83d", "\x00\x1b", "<b>&amp;", "长" * 50_000, "'; DROP TABLE registrations; --"])
async def test_any_text_is_kept(store: Store, text: str) -> None:
    state = State(question=text, registrations=(registration(answers={"more": text}),))
    await save(store, state)
    assert await load(store) == state


async def test_what_is_saved_can_be_read_in_the_same_transaction(store: Store) -> None:
    async with store.transaction() as transaction:
        await transaction.people.save(CHAT, State(), State(topic="x"), NOW)
        assert (await transaction.people.load([CHAT]))[CHAT].topic == "x"


@pytest.mark.parametrize("stored", [b"not encrypted", '{"open": 5}', "[1]", "null", '{"draft": {"form": "x"}}'])
async def test_a_state_that_cannot_be_read_begins_anew_with_its_registrations(
    store: Store, stored: bytes | str
) -> None:
    await register(store, registration())
    async with store.transaction() as transaction:
        sealed = stored if isinstance(stored, bytes) else store.keys.encrypt(stored)
        await transaction.scope.run(tables.conversations.update().values(state=sealed))
    assert await load(store) == State(registrations=(registration(),))


async def test_a_registration_that_cannot_be_read_is_left_out_but_kept(store: Store) -> None:
    await register(store, registration(), registration(SECOND))
    async with store.transaction() as transaction:
        spoilt = tables.registrations.update().where(tables.registrations.c.receipt == SECOND)
        await transaction.scope.run(spoilt.values(answers=b"spoilt"))
    state = await load(store)
    assert state.registrations == (registration(),)
    await save(store, replace(state, topic="x"))
    assert await count(store, tables.registrations) == 2


async def test_coded_answers_stand_open_for_the_staff_and_nothing_else(store: Store) -> None:
    await register(store, registration())
    (row,) = await rows(store, select(tables.registrations))
    values = dict(zip([column.name for column in tables.registrations.c], row, strict=True))
    assert (values["whom"], values["town"]) == ("self", "baisha")
    assert "massage" not in str(row)
    assert "周桂芳" not in str(row)
    assert PHONE not in str(row)
    assert values["phone_hash"] == store.keys.phone_hash(PHONE)


@pytest.mark.parametrize("answers", [{}, {"whom": "self"}, {"wanted": "home", "phone": ""}, {"town": ("a", "b")}])
async def test_a_form_need_not_have_the_coded_answers(store: Store, answers: dict[str, str]) -> None:
    one = Registration("111111118", answers, (), NOW, NOW)
    await register(store, one)
    assert (await load(store)).registrations == (one,)


async def test_a_changed_registration_replaces_the_old(store: Store) -> None:
    await register(store, registration())
    changed = replace(registration(answers={"town": "youxi", "phone": "13900139000"}), updated=after(days=1))
    await register(store, changed)
    assert (await load(store)).registrations == (changed,)
    assert await rows(store, select(tables.registrations.c.town)) == [("youxi",)]


async def test_a_consent_taken_back_is_kept_as_history(store: Store) -> None:
    first, category = consent(), consent("category")
    await register(store, registration(consents=(category, first)))
    refused = consent("category", agreed=False, at=after(days=2))
    changed = registration(consents=(refused, first))
    await register(store, changed, now=after(days=2))
    assert (await load(store)).registrations == (changed,)
    found = await rows(store, select(tables.consents.c.kind, tables.consents.c.agreed, tables.consents.c.withdrawn))
    assert sorted(found, key=str) == sorted(
        [("category", True, after(days=2)), ("registration", True, None), ("category", False, None)], key=str
    )


async def test_a_receipt_in_use_is_refused_and_the_transaction_goes_on(store: Store) -> None:
    await register(store, registration())
    async with store.transaction() as transaction:
        before = (await transaction.people.load([OTHER]))[OTHER]
        two = (registration(SECOND), registration(answers={"name": "别人"}))
        with pytest.raises(ReceiptTaken):
            await transaction.people.save(OTHER, before, State(topic="x", registrations=two), NOW)
        await transaction.people.save(OTHER, before, State(topic="y"), NOW)
    assert await load(store, OTHER) == State(topic="y")
    assert (await load(store)).registrations == (registration(),)


async def test_the_receipt_of_a_deleted_registration_stays_taken(store: Store) -> None:
    await register(store, registration())
    await register(store)
    with pytest.raises(ReceiptTaken):
        await register(store, registration())


async def test_a_chat_cannot_change_the_registration_of_another(store: Store) -> None:
    await register(store, registration())
    async with store.transaction() as transaction:
        mine = State(registrations=(registration(),))
        with pytest.raises(ReceiptTaken):
            await transaction.people.save(OTHER, mine, State(registrations=(registration(answers={"name": "x"}),)), NOW)
        await transaction.people.save(OTHER, mine, State(), NOW)
    assert (await load(store)).registrations == (registration(),)
    assert (store.keys.receipt_hash("123456785"),) not in await rows(store, select(tables.erasures.c.subject))


async def test_the_same_phone_under_two_people_is_marked_on_both(store: Store) -> None:
    await register(store, registration())
    assert await shared(store) == {"123456785": False}
    await register(store, registration(SECOND), chat=OTHER)
    assert await shared(store) == {"123456785": True, SECOND: True}


async def test_the_mark_goes_when_one_is_left(store: Store) -> None:
    await register(store, registration())
    await register(store, registration(SECOND), chat=OTHER)
    await register(store, chat=OTHER)
    assert await shared(store) == {"123456785": False}


async def test_the_mark_follows_a_changed_phone(store: Store) -> None:
    await register(store, registration())
    await register(store, registration(SECOND), chat=OTHER)
    await register(store, registration(SECOND, {"phone": "13900139000"}), chat=OTHER)
    assert await shared(store) == {"123456785": False, SECOND: False}
    await register(store, registration(SECOND), chat=OTHER)
    assert await shared(store) == {"123456785": True, SECOND: True}


async def test_of_three_with_one_phone_two_stay_marked(store: Store) -> None:
    await register(store, registration(), registration(SECOND), registration("111111118"))
    await register(store, registration(), registration(SECOND))
    assert await shared(store) == {"123456785": True, SECOND: True}


async def test_registrations_without_a_phone_share_nothing(store: Store) -> None:
    await register(store, registration(answers={"phone": ""}), registration(SECOND, {"phone": ""}))
    assert await shared(store) == {"123456785": False, SECOND: False}


async def fill(store: Store, chat: str) -> None:
    """Let something of the chat be everywhere."""
    numbers = (1, 2) if chat == CHAT else (11, 12)
    await add(store, *(arrival(n, chat) for n in numbers))
    await post(store, parcel("finished", chat), parcel("on its way", chat))
    async with store.transaction() as transaction:
        done = next(row for row in await transaction.inbox.claim(NOW, 10) if row.chat == chat)
        await transaction.inbox.finish([done.id], NOW)
        gone = (await transaction.scope.run(select(tables.outbox.c.id).where(tables.outbox.c.chat == chat))).scalars()
        await transaction.outbox.give_up(min(gone), "周桂芳", NOW)
        await transaction.questions.add(chat, Note("unanswered", "周桂芳问"), NOW)
        await transaction.dead_letters.add(InboxRow(1, "telegram", 9, chat, "周桂芳", NOW, 3), "13800138000", NOW)


async def test_deleting_a_registration_leaves_a_count_and_nothing_personal(store: Store) -> None:
    await register(store, registration())
    await fill(store, CHAT)
    await save(store, State(easy=True), now=after(hours=1))
    for table in (tables.registrations, tables.consents, tables.questions, tables.dead_letters):
        assert await count(store, table) == 0, table.name
    left = await rows(store, select(tables.outbox.c.body).where(tables.outbox.c.finished.is_not(None)))
    assert left == [(None,)]
    async with store.transaction() as transaction:
        assert await transaction.tallies.of("registration-deleted") == 1
    subject = store.keys.receipt_hash("123456785")
    receipts, chats = sorted(await rows(store, select(tables.erasures)), key=lambda row: " " in row[0])
    assert receipts == (subject, NOW.date())
    assert chats[0].startswith(f"chat {store.keys.chat_hash(CHAT)} ")
    audit = select(tables.audit.c.who, tables.audit.c.what, tables.audit.c.subject).order_by(tables.audit.c.id)
    assert await rows(store, audit) == [("person", "registered", subject), ("person", "deleted", subject)]


async def test_deleting_takes_the_words_of_a_question_out_of_what_staff_had_begun_to_teach(store: Store) -> None:
    who = await clerk(store)
    async with store.transaction() as transaction:
        await transaction.questions.add(CHAT, Note("unanswered", "我屋头那个娃儿想找活路"), NOW)
        for page in ("/questions/1#sample", "/accounts/new#account"):
            await transaction.sessions.keep_draft(who, page, {"text": "我屋头那个娃儿想找活路"}, NOW)
    await save(store, State(forgotten=True), OTHER)
    assert await count(store, tables.staff_drafts) == 2
    await save(store, State(forgotten=True))
    assert await rows(store, select(tables.staff_drafts.c.page)) == [("/accounts/new#account",)]


async def test_deleting_leaves_what_is_still_to_be_answered_and_sent(store: Store) -> None:
    await register(store, registration())
    await fill(store, CHAT)
    await register(store)
    async with store.transaction() as transaction:
        assert (await transaction.inbox.waiting(), await transaction.outbox.waiting()) == (1, 1)


async def test_deleting_leaves_others_alone(store: Store) -> None:
    await register(store, registration())
    await register(store, registration(SECOND), chat=OTHER)
    await fill(store, CHAT)
    await fill(store, OTHER)
    await register(store)
    assert (await load(store, OTHER)).registrations == (registration(SECOND),)
    for table in (tables.registrations, tables.questions, tables.dead_letters):
        assert await count(store, table) == 1, table.name


async def test_deleting_one_of_two_keeps_the_other(store: Store) -> None:
    await register(store, registration(), registration(SECOND))
    await register(store, registration(SECOND))
    assert (await load(store)).registrations == (registration(SECOND),)


async def test_a_whole_chat_can_be_forgotten(store: Store) -> None:
    await save(store, talking(registrations=(registration(), registration(SECOND))))
    async with store.transaction() as transaction:
        await transaction.people.load([CHAT])
        await transaction.people.forget(CHAT, NOW)
    assert await load(store) == State()
    assert await count(store, tables.registrations) == 0
    async with store.transaction() as transaction:
        assert await transaction.tallies.of("registration-deleted") == 2


async def test_what_was_asked_can_be_erased_and_the_registration_stays(store: Store) -> None:
    await register(store, registration())
    async with store.transaction() as transaction:
        await transaction.questions.add(CHAT, Note("unanswered", "旧话"), NOW)
    await save(store, State(registrations=(registration(),), forgotten=True))
    assert await count(store, tables.questions) == 0
    assert await load(store) == State(registrations=(registration(),))


async def test_what_fails_half_way_saves_nothing(store: Store) -> None:
    async def fail() -> None:
        async with store.transaction() as transaction:
            await transaction.people.save(CHAT, State(), talking(registrations=(registration(),)), NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await load(store) == State()


async def test_two_processes_that_register_one_phone_at_once_see_each_other(
    postgresql_url: str, opened: Opener
) -> None:
    stores = [await opened(postgresql_url, patience=10) for _ in range(2)]
    chats = [f"telegram:{n}" for n in range(12)]
    await asyncio.gather(*(register(stores[n % 2], registration(f"{n:09}"), chat=chat) for n, chat in enumerate(chats)))
    assert set((await shared(stores[0])).values()) == {True}


async def test_a_loaded_conversation_is_waited_for_by_another_process(postgresql_url: str, opened: Opener) -> None:
    one, two = [await opened(postgresql_url, patience=10) for _ in range(2)]
    async with one.transaction() as transaction:
        await transaction.people.load([CHAT])
        waiting = asyncio.create_task(load(two))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        await transaction.people.save(CHAT, State(), State(topic="first"), NOW)
    assert (await waiting).topic == "first"


async def test_what_a_conversation_holds_of_a_deleted_registration_goes_with_it(store: Store) -> None:
    one = registration()
    draft = Draft("jobseeker", NOW, answers=one.answers, receipt=one.receipt)
    state = State(
        registrations=(one,), draft=draft, question="我叫周桂芳", open=OpenList("0", (Option("周桂芳", "x"),))
    )
    await save(store, state)
    async with store.transaction() as transaction:
        await transaction.people.forget(CHAT, NOW, [one.receipt], who="operator")
    assert await load(store) == State()


async def test_everything_said_is_erased_when_the_person_wants_it(store: Store) -> None:
    async with store.transaction() as transaction:
        await transaction.questions.add(CHAT, Note("unanswered", "旧话"), NOW)
        await transaction.people.save(CHAT, State(), State(easy=True, forgotten=True), NOW)
    assert await count(store, tables.questions) == 0
    assert await load(store) == State(easy=True)


async def test_the_chat_of_a_receipt_can_be_found(store: Store) -> None:
    await register(store, registration())
    async with store.transaction() as transaction:
        assert await transaction.people.chat_of(registration().receipt) == CHAT
        assert await transaction.people.chat_of("000000000") is None


async def test_who_the_staff_wrote_to_is_known_when_the_person_speaks(store: Store) -> None:
    await register(store, registration())
    who = await clerk(store)
    assert (await load(store)).staff_wrote is None
    await work(store, lambda cases: cases.write(RECEIPT, 1, who, after(hours=1), "您好"))
    assert (await load(store)).staff_wrote == (RECEIPT, after(hours=1))
