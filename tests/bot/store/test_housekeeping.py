"""Housekeeping deletes what its time is over for, and nothing else."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from bot.casework.account import Role
from bot.conversation.message import Note
from bot.conversation.state import State
from bot.store import InboxRow, Store, StoreUnavailable, tables
from bot.store.housekeeping import Retention, purge
from tests.bot.store.conftest import Opener
from tests.bot.store.samples import (
    CHAT,
    NOW,
    OTHER,
    add,
    after,
    arrival,
    load,
    parcel,
    post,
    register,
    registration,
    save,
    talking,
)

SHORT = Retention(registrations=10, questions=5, dead_letters=3, conversations=4, drafts=6)


async def count(store: Store, table) -> int:
    async with store.transaction() as transaction:
        return (await transaction.scope.run(select(func.count()).select_from(table))).scalar_one()


async def purged(store: Store, now: datetime) -> dict[str, int]:
    """What was deleted, without what was not."""
    return {what: n for what, n in (await purge(store, SHORT, now)).items() if n}


async def test_an_empty_store_has_nothing_to_purge(store: Store) -> None:
    assert await purged(store, NOW) == {}


async def test_the_mark_of_an_erased_chat_goes_when_all_that_was_said_before_it_would_be_gone(store: Store) -> None:
    await register(store, registration())
    await register(store)
    await save(store, State(forgotten=True))
    assert "erased_chats" not in await purged(store, after(days=6))  # drafts are kept longest
    assert (await purged(store, after(days=7)))["erased_chats"] == 2
    assert await count(store, tables.erasures) == 1  # of the registration: its number stays taken


async def test_finished_rows_go_after_two_days(store: Store) -> None:
    await add(store, arrival(1), arrival(2))
    await post(store, parcel("1"), parcel("2"))
    async with store.transaction() as transaction:
        (row,) = await transaction.inbox.claim(NOW, 5)
        await transaction.inbox.finish([row.id], NOW)
        await transaction.outbox.sent([1], NOW)
    assert await purged(store, after(days=2)) == {}
    assert await purged(store, after(days=2, seconds=1)) == {"inbox": 1, "outbox": 1}
    assert (await count(store, tables.inbox), await count(store, tables.outbox)) == (1, 1)


async def test_the_content_of_what_was_given_up_goes_after_a_day(store: Store) -> None:
    await post(store, parcel("周桂芳"))
    async with store.transaction() as transaction:
        await transaction.outbox.give_up(1, "Bad Request", NOW)
    assert await purged(store, after(hours=24)) == {}
    assert await purged(store, after(hours=24, seconds=1)) == {"contents": 1}
    assert await purged(store, after(hours=24, seconds=1)) == {}
    async with store.transaction() as transaction:
        assert (await transaction.scope.run(select(tables.outbox.c.body, tables.outbox.c.error))).one() == (None, None)


async def test_what_is_unfinished_is_never_purged(store: Store) -> None:
    await add(store, arrival(1, body="x"))
    await post(store, parcel("1"))
    assert await purged(store, after(days=3000)) == {}


async def test_registrations_go_after_their_retention_counted_from_the_last_change(store: Store) -> None:
    await register(store, registration(), registration("876543217", updated=after(days=5)))
    assert await purged(store, after(days=10)) == {"conversations": 1}
    assert (await purged(store, after(days=11)))["registrations"] == 1
    assert [one.receipt for one in (await load(store)).registrations] == ["876543217"]
    async with store.transaction() as transaction:
        assert await transaction.tallies.of("registration-expired") == 1
        assert await transaction.tallies.of("registration-deleted") == 0
        what = select(tables.audit.c.who, tables.audit.c.what).order_by(tables.audit.c.id.desc()).limit(1)
        assert (await transaction.scope.run(what)).one() == ("housekeeping", "expired")


async def test_many_registrations_go_in_one_purge(store: Store) -> None:
    left = [registration(f"{n:09}") for n in range(1203)]
    await register(store, *left[:700])
    await register(store, *left[700:], chat=OTHER)
    assert (await purged(store, after(days=11)))["registrations"] == 1203
    assert await count(store, tables.registrations) == 0


async def test_conversations_go_when_idle_and_drafts_later(store: Store) -> None:
    await save(store, State(easy=True))
    await save(store, talking(), OTHER)
    assert await purged(store, after(days=4)) == {}
    assert await purged(store, after(days=5)) == {"conversations": 1}
    assert await load(store, OTHER) == talking()
    assert (await purged(store, after(days=7)))["drafts"] == 1


async def test_a_conversation_goes_but_its_registrations_stay(store: Store) -> None:
    await register(store, registration(updated=after(days=9)))
    assert await purged(store, after(days=9)) == {"conversations": 1}
    assert await load(store) == State(registrations=(registration(updated=after(days=9)),))


async def test_the_question_log_and_dead_letters_go(store: Store) -> None:
    async with store.transaction() as transaction:
        await transaction.questions.add(CHAT, Note("unanswered", "?", None, ("a", "b")), NOW)
        await transaction.dead_letters.add(InboxRow(1, "telegram", 1, CHAT, "{}", NOW, 3), "KeyError", NOW)
        assert await transaction.dead_letters.count() == 1
    assert await purged(store, after(days=3)) == {}
    assert await purged(store, after(days=4)) == {"dead_letters": 1}
    assert await purged(store, after(days=6)) == {"questions": 1}


async def test_more_rows_than_fit_in_one_transaction_all_go(store: Store) -> None:
    async with store.transaction() as transaction:
        await transaction.inbox.add([arrival(n, f"telegram:{n}") for n in range(1201)])
        await transaction.inbox.finish(range(1, 1202), NOW)
    assert await purged(store, after(days=3)) == {"inbox": 1201}


async def test_purging_empties_the_write_ahead_log(sqlite_url: str, sqlite_file, opened: Opener) -> None:
    store = await opened(sqlite_url)
    await save(store, talking())
    assert sqlite_file.with_name("zhucan.db-wal").stat().st_size
    await purged(store, NOW)
    assert not sqlite_file.with_name("zhucan.db-wal").stat().st_size


@pytest.mark.parametrize("changed", [{"registrations": 1}, {"drafts": 1}])
async def test_each_time_is_a_setting_of_its_own(store: Store, changed: dict[str, int]) -> None:
    await save(store, talking(registrations=(registration(),)))
    found = {what: n for what, n in (await purge(store, replace(Retention(), **changed), after(days=2))).items() if n}
    assert found == changed


async def test_a_conversation_that_goes_on_while_it_is_purged_stays(postgresql_url: str, opened: Opener) -> None:
    store, bot = await opened(postgresql_url), await opened(postgresql_url)
    await save(store, State(topic="before"))
    async with bot.transaction() as transaction:
        before = (await transaction.people.load([CHAT]))[CHAT]
        purging = asyncio.create_task(purge(store, SHORT, after(days=30)))
        await asyncio.sleep(0.1)
        await transaction.people.save(CHAT, before, State(topic="again"), after(days=30))
    with suppress(StoreUnavailable):  # it had no patience
        await purging
    assert (await load(store)).topic == "again"


async def test_ended_and_idle_sessions_and_drafts_of_the_console_go_after_a_week(store: Store) -> None:
    async with store.transaction() as transaction:
        account, _ = await transaction.staff.add("chen", "陈静", Role.CLERK, (), False, NOW)
        await transaction.staff.accept(account.id, "hash", NOW)
        ended, _, used = [await transaction.sessions.begin(account.id, NOW) for _ in range(3)]
        await transaction.sessions.touch(ended, after(days=3))
        await transaction.sessions.end(ended, after(minutes=1))
        await transaction.sessions.touch(used, after(days=3))
        await transaction.sessions.keep_draft(account.id, "/a", {}, NOW)
        await transaction.sessions.keep_draft(account.id, "/b", {}, after(days=3))
    assert await purged(store, after(days=7)) == {}
    assert await purged(store, after(days=7, minutes=2)) == {"staff_sessions": 2, "staff_drafts": 1}
    async with store.transaction() as transaction:
        assert await transaction.sessions.find(used, after(days=3), timedelta(hours=1)) is not None
        assert await transaction.sessions.draft(account.id, "/b") is not None
        assert await transaction.staff.by_id(account.id) is not None


async def test_failures_to_sign_in_go_when_they_count_no_more(store: Store) -> None:
    async with store.transaction() as transaction:
        await transaction.sessions.failed("account:chen", NOW)
        await transaction.sessions.failed("account:anna", after(hours=1))
    assert await purged(store, after(days=1)) == {}
    assert await purged(store, after(days=1, minutes=1)) == {"sign_in_failures": 1}


async def test_what_is_left_of_expired_invitations_goes(store: Store) -> None:
    async with store.transaction() as transaction:
        account, _ = await transaction.staff.add("chen", "陈静", Role.CLERK, (), False, NOW)
        await transaction.staff.link_code(account.id, NOW)
    assert await purged(store, after(minutes=11)) == {"invitations": 1}
    assert await purged(store, after(days=8)) == {"invitations": 1}
    async with store.transaction() as transaction:
        kept = select(tables.staff.c.invite_hash, tables.staff.c.link_hash)
        assert (await transaction.scope.run(kept)).one() == (None, None)
