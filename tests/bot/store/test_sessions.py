"""Sessions, failures to sign in, and drafts."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.casework.account import Account, Role
from bot.store import Store, tables
from bot.store.sessions import LONGEST, Draft, wait_after
from tests.bot.store.conftest import Opener
from tests.bot.store.samples import NOW, after

IDLE = timedelta(minutes=30)
PAGE = "/cases/123456785"


@pytest.fixture
async def account(store: Store) -> Account:
    async with store.transaction() as transaction:
        return (await transaction.staff.add("chen", "陈静", Role.CLERK, ("白沙镇",), False, NOW))[0]


@pytest.fixture
async def token(store: Store, account: Account) -> str:
    async with store.transaction() as transaction:
        return await transaction.sessions.begin(account.id, NOW)


async def test_a_session_knows_its_account_and_what_its_forms_carry(store: Store, account: Account, token: str) -> None:
    async with store.transaction() as transaction:
        found = await transaction.sessions.find(token, NOW, IDLE)
        again = await transaction.sessions.find(token, NOW, IDLE)
        other = await transaction.sessions.find(await transaction.sessions.begin(account.id, NOW), NOW, IDLE)
    assert found is not None
    assert other is not None
    assert found == again
    assert (found.account, found.fresh) == (account, True)
    assert len(found.csrf) >= 32
    assert found.csrf != other.csrf
    assert token not in found.csrf


@pytest.mark.parametrize("forged", ["", "x", "' OR 1=1 --", "\x00"])
async def test_a_forged_token_finds_nothing(store: Store, token: str, forged: str) -> None:
    async with store.transaction() as transaction:
        assert await transaction.sessions.find(forged, NOW, IDLE) is None
        assert await transaction.sessions.find(token[:-1], NOW, IDLE) is None


async def test_the_token_is_not_stored(store: Store, token: str) -> None:
    async with store.reading() as connection:
        assert token not in str((await connection.execute(select(tables.staff_sessions))).all())


async def test_an_idle_session_is_found_but_lets_nobody_in(store: Store, token: str) -> None:
    async with store.transaction() as transaction:
        for when, fresh in ((after(minutes=29), True), (after(minutes=30), False)):
            found = await transaction.sessions.find(token, when, IDLE)
            assert found is not None
            assert found.fresh == fresh


async def test_a_session_in_use_goes_on_but_not_for_ever(store: Store, token: str) -> None:
    async with store.transaction() as transaction:
        now = NOW
        while now < NOW + LONGEST:
            found = await transaction.sessions.find(token, now, IDLE)
            assert found is not None
            assert found.fresh
            await transaction.sessions.touch(token, now)
            now += timedelta(minutes=29)
        found = await transaction.sessions.find(token, now, IDLE)
        assert found is not None
        assert not found.fresh


async def test_a_session_that_ended_is_gone(store: Store, account: Account, token: str) -> None:
    async with store.transaction() as transaction:
        other = await transaction.sessions.begin(account.id, NOW)
        await transaction.sessions.end(token, NOW)
        assert await transaction.sessions.find(token, NOW, IDLE) is None
        assert await transaction.sessions.find(other, NOW, IDLE) is not None


async def test_all_sessions_of_an_account_end_together_but_for_the_one_at_hand(store: Store, account: Account) -> None:
    async with store.transaction() as transaction:
        someone, _ = await transaction.staff.add("anna", "安娜", Role.ADMIN, (), False, NOW)
        tokens = [await transaction.sessions.begin(account.id, NOW) for _ in range(3)]
        others = await transaction.sessions.begin(someone.id, NOW)
        await transaction.sessions.end_all(account.id, NOW, but=tokens[1])
        found = [await transaction.sessions.find(token, NOW, IDLE) is not None for token in (*tokens, others)]
        assert found == [False, True, False, True]
        await transaction.sessions.end_all(account.id, NOW)
        assert await transaction.sessions.find(tokens[1], NOW, IDLE) is None
        assert await transaction.sessions.find(others, NOW, IDLE) is not None


def test_three_failures_are_free_and_then_the_waits_grow_to_a_quarter_of_an_hour() -> None:
    waits = [wait_after(n).total_seconds() for n in range(14)]
    assert waits == [0, 0, 0, 5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900]
    assert wait_after(10**9) == timedelta(minutes=15)
    assert [wait_after(n, 10).total_seconds() for n in (9, 10)] == [0, 5]


async def test_who_fails_has_to_wait_and_nobody_else(store: Store) -> None:
    async with store.transaction() as transaction:
        sessions = transaction.sessions
        assert (await sessions.failures("account:chen", NOW)).wait_until() is None
        for second in range(3):
            await sessions.failed("account:chen", after(seconds=second))
        failures = await sessions.failures("account:chen", after(seconds=3))
        assert failures.wait_until() == after(seconds=7)
        assert failures.wait_until(free=4) is None
        assert (await sessions.failures("address:127.0.0.1", NOW)).wait_until() is None
        await sessions.succeeded("account:chen")
        assert (await sessions.failures("account:chen", NOW)).wait_until() is None


async def test_one_failure_is_forgiven_every_quarter_of_an_hour(store: Store) -> None:
    async with store.transaction() as transaction:
        sessions = transaction.sessions
        for _ in range(5):
            await sessions.failed("account:chen", NOW)
        counted = [
            (await sessions.failures("account:chen", after(minutes=minutes))).count
            for minutes in (0, 14, 15, 44, 45, 75, 1000)
        ]
        assert counted == [5, 5, 4, 3, 2, 0, 0]
        await sessions.failed("account:chen", after(minutes=45))
        assert (await sessions.failures("account:chen", after(minutes=45))).wait_until() == after(minutes=45, seconds=5)
        await sessions.failed("account:chen", NOW)  # by a clock that is behind
        assert (await sessions.failures("account:chen", NOW)).count == 4


async def test_failures_at_the_same_moment_are_all_counted(url: str, opened: Opener) -> None:
    stores = [await opened(url, patience=10) for _ in range(2)]

    async def fail(store: Store) -> None:
        async with store.transaction() as transaction:
            await transaction.sessions.failed("account:chen", NOW)
            await transaction.sessions.failed("address:127.0.0.1", NOW)

    await asyncio.gather(*(fail(store) for store in stores * 5))
    async with stores[0].transaction() as transaction:
        assert (await transaction.sessions.failures("account:chen", NOW)).count == 10


async def test_whose_failures_they_are_is_not_stored(store: Store) -> None:
    async with store.transaction() as transaction:
        await transaction.sessions.failed("account:chen", NOW)
        assert "chen" not in str((await transaction.scope.run(select(tables.sign_in_failures))).all())


async def test_what_was_typed_is_kept_by_page_and_owner_until_it_is_dropped(store: Store, account: Account) -> None:
    typed = {"note": "下周再打\r\n“好”", "version": "3"}
    async with store.transaction() as transaction:
        sessions = transaction.sessions
        someone, _ = await transaction.staff.add("anna", "安娜", Role.ADMIN, (), False, NOW)
        assert await sessions.draft(account.id, PAGE) is None
        await sessions.keep_draft(account.id, PAGE, {"note": "x"}, NOW)
        await sessions.keep_draft(account.id, PAGE, typed, after(minutes=1))
        assert await sessions.draft(account.id, PAGE) == Draft(typed, after(minutes=1))
        assert await sessions.draft(account.id, "/") is None
        assert await sessions.draft(someone.id, PAGE) is None
        assert "下周".encode() not in (await transaction.scope.run(select(tables.staff_drafts.c.content))).scalar_one()
        await sessions.keep_draft(account.id, "/other", {"note": "y"}, NOW)
        both = {PAGE: Draft(typed, after(minutes=1)), "/other": Draft({"note": "y"}, NOW)}
        assert list((await sessions.drafts(account.id, "/")).items()) == list(both.items())
        assert list(await sessions.drafts(account.id, "/o")) == ["/other"]
        assert await sessions.drafts(account.id, "/_") == {}
        await sessions.drop_draft(account.id, "/other")
        await sessions.drop_draft(account.id, PAGE)
        assert await sessions.draft(account.id, PAGE) is None


async def test_the_open_sessions_of_an_account_are_listed_without_those_that_are_over(
    store: Store, account: Account, token: str
) -> None:
    async with store.transaction() as transaction:
        newer = await transaction.sessions.begin(account.id, after(minutes=10))
        ended = await transaction.sessions.begin(account.id, after(minutes=11))
        await transaction.sessions.end(ended, after(minutes=12))
        both = await transaction.sessions.open_ones(account.id, after(minutes=20), IDLE, own=token)
        left = await transaction.sessions.open_ones(account.id, after(minutes=35), IDLE, own=newer)
    assert [(each.begun, each.own) for each in both] == [(after(minutes=10), False), (NOW, True)]
    assert [(each.begun, each.own) for each in left] == [(after(minutes=10), True)]
