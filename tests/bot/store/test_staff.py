"""Accounts of the staff: invited, linked to a chat, changed, closed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.casework.account import Account, Role
from bot.store import AccountChanged, LoginTaken, Store, tables
from bot.store.staff import INVITE_LASTS, LINK_LASTS
from tests.bot.store.conftest import Opener
from tests.bot.store.samples import CHAT, NOW, OTHER, after

HOUR = timedelta(hours=1)


async def added(store: Store, login: str = "chen", **changes: Any) -> tuple[Account, str]:
    given = {"name": "陈静", "role": Role.CLERK, "towns": ("白沙镇", "油溪镇"), "teaches": False, "now": NOW, **changes}
    async with store.transaction() as transaction:
        return await transaction.staff.add(login, **given)


async def the(store: Store, id: int) -> Account:
    async with store.transaction() as transaction:
        account = await transaction.staff.by_id(id)
    assert account is not None
    return account


async def linked(store: Store, id: int, chat: str = CHAT) -> None:
    async with store.transaction() as transaction:
        code = await transaction.staff.link_code(id, NOW)
        assert await transaction.staff.link(code, chat, NOW) is not None


async def test_an_account_is_found_by_id_and_by_login_however_it_is_typed(store: Store) -> None:
    account, _ = await added(store, teaches=True)
    assert account == Account(account.id, "chen", "陈静", Role.CLERK, ("白沙镇", "油溪镇"), teaches=True, created=NOW)
    async with store.transaction() as transaction:
        assert await transaction.staff.by_id(account.id) == account
        assert await transaction.staff.by_login(" ＣＨＥＮ") == account
        assert await transaction.staff.by_login("chan") is None
        assert await transaction.staff.by_id(account.id + 1) is None


async def test_a_login_is_given_once_and_the_transaction_goes_on(store: Store) -> None:
    account, _ = await added(store)
    async with store.transaction() as transaction:
        with pytest.raises(LoginTaken):
            await transaction.staff.add("Chen", "陈涛", Role.ADMIN, (), False, NOW)
        other, _ = await transaction.staff.add("anna", "安娜", Role.ADMIN, (), False, NOW)
    async with store.transaction() as transaction:
        assert await transaction.staff.all() == [other, account]
        assert await transaction.staff.names() == {account.id: "陈静", other.id: "安娜"}


@pytest.mark.parametrize("login", ["", "x", "a b", "-ab", "a" * 33, "a\x00b", "\ud83d\ud83d", "<b>"])
async def test_what_is_no_login_finds_nobody_and_is_given_to_nobody(store: Store, login: str) -> None:
    async with store.transaction() as transaction:
        assert await transaction.staff.by_login(login) is None
    with pytest.raises(ValueError, match="login"):
        await added(store, login)


@pytest.mark.parametrize("name", ["", " ", "\u202e", "长" * 51])
async def test_what_is_no_name_is_given_to_nobody(store: Store, name: str) -> None:
    account, _ = await added(store)
    with pytest.raises(ValueError, match="name"):
        await added(store, "anna", name=name)
    async with store.transaction() as transaction:
        with pytest.raises(ValueError, match="name"):
            await transaction.staff.change(account.id, name=name)


async def test_nothing_secret_and_no_name_is_stored_readably(store: Store) -> None:
    account, token = await added(store)
    async with store.transaction() as transaction:
        code = await transaction.staff.link_code(account.id, NOW)
        await transaction.staff.set_totp(account.id, "JBSWY3DPEHPK3PXP")
    async with store.reading() as connection:
        row = (await connection.execute(select(tables.staff))).one()
    for secret in (token, code, "JBSWY3DPEHPK3PXP", "陈静"):
        assert secret not in str(tuple(row))
        assert secret.encode() not in b"".join(value for value in row if isinstance(value, bytes))


async def test_an_invitation_holds_until_it_is_accepted(store: Store) -> None:
    account, token = await added(store)
    async with store.transaction() as transaction:
        assert await transaction.staff.by_invite(token + "x", NOW) is None
        assert await transaction.staff.by_invite(token, NOW) == account
        await transaction.staff.accept(account.id, "hash", NOW)
        assert await transaction.staff.by_invite(token, NOW) is None
        assert await transaction.staff.passphrase_of(account.id) == "hash"
    assert (await the(store, account.id)).has_passphrase


async def test_an_invitation_ends_after_its_time(store: Store) -> None:
    _, token = await added(store)
    async with store.transaction() as transaction:
        assert await transaction.staff.by_invite(token, NOW + INVITE_LASTS - HOUR) is not None
        assert await transaction.staff.by_invite(token, NOW + INVITE_LASTS) is None


async def test_a_new_invitation_ends_the_old_one_and_all_that_let_in(store: Store) -> None:
    account, first = await added(store)
    async with store.transaction() as transaction:
        await transaction.staff.set_passphrase(account.id, "hash")
        await transaction.staff.set_totp(account.id, "SECRET")
        session = await transaction.sessions.begin(account.id, NOW)
        second = await transaction.staff.invite(account.id, NOW)
        assert await transaction.staff.by_invite(first, NOW) is None
        assert await transaction.staff.by_invite(second, NOW) is not None
        assert await transaction.staff.by_id(account.id) == account
        assert await transaction.sessions.find(session, NOW, HOUR) is None


async def test_a_new_invitation_ends_the_linked_chat_and_the_code_to_link_one(store: Store) -> None:
    account, _ = await added(store)
    await linked(store, account.id)
    async with store.transaction() as transaction:
        code = await transaction.staff.link_code(account.id, NOW)
        await transaction.staff.invite(account.id, NOW)
        assert await transaction.staff.by_chat(CHAT) is None
        assert await transaction.staff.link(code, CHAT, NOW) is None


async def test_one_invitation_cannot_be_accepted_by_two_at_once(postgresql_url: str, opened: Opener) -> None:
    one, two = await opened(postgresql_url, patience=10), await opened(postgresql_url, patience=10)
    account, token = await added(one)

    async def accepted(store: Store) -> bool:
        async with store.transaction() as transaction:
            if await transaction.staff.by_invite(token, NOW) is None:
                return False
            await asyncio.sleep(0.05)
            await transaction.staff.accept(account.id, "hash", NOW)
            return True

    assert sorted(await asyncio.gather(accepted(one), accepted(two))) == [False, True]


async def test_what_is_given_is_changed_and_nothing_else(store: Store) -> None:
    account, _ = await added(store, teaches=True)
    async with store.transaction() as transaction:
        await transaction.staff.change(account.id, name="陈静怡", towns=("白沙镇",))
        await transaction.staff.change(account.id)
    changed = await the(store, account.id)
    assert (changed.name, changed.towns, changed.role, changed.teaches) == ("陈静怡", ("白沙镇",), Role.CLERK, True)
    async with store.transaction() as transaction:
        await transaction.staff.change(account.id, role=Role.STATISTICS, towns=(), teaches=False)
    changed = await the(store, account.id)
    assert (changed.name, changed.towns, changed.role, changed.teaches) == ("陈静怡", (), Role.STATISTICS, False)


async def test_a_change_tells_how_it_was_and_is_and_does_not_overwrite_a_newer_one(store: Store) -> None:
    seen, _ = await added(store)
    async with store.transaction() as transaction:
        before, after = await transaction.staff.change(seen.id, towns=("白沙镇",), version=seen.version)
        assert before == seen
        assert after == replace(seen, towns=("白沙镇",))
        with pytest.raises(AccountChanged) as changed:
            await transaction.staff.change(seen.id, name="陈静怡", version=seen.version)
        assert changed.value.current == after
    assert await the(store, seen.id) == after


async def test_closing_an_account_ends_all_that_it_opens(store: Store) -> None:
    account, token = await added(store)
    await linked(store, account.id)
    async with store.transaction() as transaction:
        session = await transaction.sessions.begin(account.id, NOW)
        code = await transaction.staff.link_code(account.id, NOW)
        await transaction.staff.disable(account.id, after(hours=1))
    async with store.transaction() as transaction:
        assert await transaction.sessions.find(session, NOW, HOUR) is None
        assert await transaction.staff.by_chat(CHAT) is None
        assert await transaction.staff.by_invite(token, NOW) is None
        assert await transaction.staff.link(code, CHAT, NOW) is None
    assert (await the(store, account.id)).disabled == after(hours=1)


async def test_opening_it_again_brings_back_the_passphrase_but_no_session(store: Store) -> None:
    account, _ = await added(store)
    async with store.transaction() as transaction:
        await transaction.staff.accept(account.id, "hash", NOW)
        session = await transaction.sessions.begin(account.id, NOW)
        await transaction.staff.disable(account.id, NOW)
        await transaction.staff.enable(account.id)
        assert await transaction.staff.passphrase_of(account.id) == "hash"
        assert await transaction.sessions.find(session, NOW, HOUR) is None
    assert (await the(store, account.id)).disabled is None


async def test_a_code_of_the_second_factor_is_used_once_and_no_earlier_one_after_it(store: Store) -> None:
    account, _ = await added(store)
    async with store.transaction() as transaction:
        await transaction.staff.set_totp(account.id, "SECRET")
        assert await transaction.staff.totp_of(account.id) == "SECRET"
        assert [await transaction.staff.use_totp(account.id, counter) for counter in (7, 7, 6, 8)] == [
            True, False, False, True,
        ]  # fmt: skip
        assert (await transaction.staff.by_id(account.id)).has_totp
        await transaction.staff.set_totp(account.id, None)
        assert await transaction.staff.totp_of(account.id) is None
        assert not (await transaction.staff.by_id(account.id)).has_totp


async def test_a_code_links_the_chat_it_is_typed_in_once(store: Store) -> None:
    account, _ = await added(store)
    async with store.transaction() as transaction:
        code = await transaction.staff.link_code(account.id, NOW)
        assert await transaction.staff.link("nonsense", CHAT, NOW) is None
        found = await transaction.staff.link(f" {code[:4].lower()}-{code[4:]}", CHAT, NOW)
        assert found is not None
        assert (found.id, found.chat) == (account.id, CHAT)
        assert await transaction.staff.link(code, OTHER, NOW) is None
        assert await transaction.staff.by_chat(CHAT) == found
        assert await transaction.staff.by_chat(OTHER) is None


async def test_a_code_to_link_ends_soon_and_with_the_next_one(store: Store) -> None:
    account, _ = await added(store)
    async with store.transaction() as transaction:
        first = await transaction.staff.link_code(account.id, NOW)
        second = await transaction.staff.link_code(account.id, NOW)
        assert await transaction.staff.link(first, CHAT, NOW) is None
        assert await transaction.staff.link(second, CHAT, NOW + LINK_LASTS) is None
        assert await transaction.staff.link(second, CHAT, NOW + LINK_LASTS - timedelta(seconds=1)) is not None


async def test_a_chat_belongs_to_one_account(store: Store) -> None:
    (one, _), (two, _) = await added(store), await added(store, "anna")
    await linked(store, one.id)
    await linked(store, two.id)
    async with store.transaction() as transaction:
        assert (await transaction.staff.by_chat(CHAT)).id == two.id
        await transaction.staff.unlink(two.id)
        assert await transaction.staff.by_chat(CHAT) is None
    assert (await the(store, one.id)).chat is None


async def test_the_numbers_of_the_day_go_once_to_each_who_wants_them(store: Store) -> None:
    (one, _), (two, _) = await added(store), await added(store, "anna")
    day = date(2025, 6, 3)
    await linked(store, one.id)
    await linked(store, two.id, OTHER)
    async with store.transaction() as transaction:
        await transaction.staff.set_digest(one.id, True, NOW, time(8, 30))
    async with store.transaction() as transaction:
        assert [account.id for account in await transaction.staff.digest_due(day)] == [one.id]
        assert await transaction.staff.take_digest(one.id, day)
        assert not await transaction.staff.take_digest(one.id, day)
        assert await transaction.staff.digest_due(day) == []
        assert [account.id for account in await transaction.staff.digest_due(day + timedelta(days=1))] == [one.id]
        await transaction.staff.unlink(one.id)
        assert await transaction.staff.digest_due(day + timedelta(days=1)) == []
