"""Signing in and out, the first time and later."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from argon2 import PasswordHasher
from sqlalchemy import update

from bot.casework.account import Account, Role
from bot.staff.passphrases import Fault, Passphrases
from bot.staff.signing_in import CodeAsked, InvitationOver, Refusal, Refused, SignedIn, SigningIn
from bot.store import Keys, Store
from bot.store.audit import AuditFilter
from bot.store.tables import staff

NOW = datetime(2025, 6, 2, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
RIGHT, OTHER = "门前老树长新芽，院里枯木又开花", "半生存了多少话，藏进了满头白发"
HERE, THERE = "192.0.2.7", "192.0.2.8"


class Counting(Passphrases):
    """Says how often a passphrase was looked at, and against what."""

    def __init__(self, hasher: PasswordHasher) -> None:
        super().__init__(hasher)
        self.looked: list[str | None] = []

    def _verify(self, stored: str, text: bytes) -> bool:
        self.looked.append(stored)
        return super()._verify(stored, text)


@dataclass
class Door:
    """The service, with a clock that can be set."""

    store: Store
    now: datetime = NOW
    passphrases: Counting = field(default_factory=lambda: Counting(PasswordHasher(1, 8, 1)))

    def __post_init__(self) -> None:
        self.service = SigningIn(self.store, self.passphrases, lambda: self.now)

    async def sign_in(
        self, passphrase: str = RIGHT, code: str = "", login: str = "chen", address: str = HERE
    ) -> SignedIn | CodeAsked | Refused:
        """With a ``code``, enter it where one is asked for."""
        done = await self.service.sign_in(login, passphrase, address)
        return await self.service.enter_code(done, code, address) if code and isinstance(done, CodeAsked) else done

    async def signed_in(self, **given: str) -> SignedIn:
        done = await self.sign_in(**given)
        assert isinstance(done, SignedIn)
        return done

    async def is_open(self, token: str) -> bool:
        async with self.store.transaction() as transaction:
            return await transaction.sessions.find(token, self.now, HOUR) is not None

    async def noted(self, what: str = "") -> list[tuple[str, str, str, str]]:
        async with self.store.transaction() as transaction:
            found = await transaction.audit.entries(AuditFilter(what=what), size=5000)
        return [(one.who, one.what, one.subject, one.why) for one in reversed(found.entries)]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    keys = Keys.open(tmp_path / "keys" / "keys.json", lambda _: None)
    async with await Store.open(f"sqlite:///{tmp_path}/data/zhucan.db", keys) as store:
        yield store


@pytest.fixture
def door(store: Store) -> Door:
    return Door(store)


@pytest.fixture
async def invitation(store: Store) -> str:
    async with store.transaction() as transaction:
        return (await transaction.staff.add("chen", "陈静", Role.CLERK, ("白沙镇",), False, NOW))[1]


@pytest.fixture
async def account(door: Door, invitation: str) -> Account:
    """Chen, who has accepted and set a passphrase."""
    assert await door.service.accept(invitation, RIGHT) is None
    async with door.store.transaction() as transaction:
        account = await transaction.staff.by_login("chen")
    assert account is not None
    return account


@pytest.fixture
async def secret(door: Door, account: Account) -> str:
    """Chen has a second factor too."""
    enrolment = await door.service.enrol(account)
    assert await door.service.confirm(account, pyotp.TOTP(enrolment.secret).at(door.now), RIGHT, HERE) is None
    door.now += timedelta(minutes=5)
    return enrolment.secret


# -- the first time


async def test_an_invitation_sets_the_passphrase_once(door: Door, invitation: str) -> None:
    invited = await door.service.invited(invitation)
    assert invited is not None
    assert invited.login == "chen"
    assert await door.service.accept(invitation, "short") == Fault.SHORT
    assert await door.service.accept(invitation, RIGHT) is None
    assert await door.service.invited(invitation) is None
    with pytest.raises(InvitationOver):
        await door.service.accept(invitation, OTHER)
    assert (await door.signed_in()).account.login == "chen"


async def test_of_two_who_accept_at_once_one_does(door: Door, invitation: str) -> None:
    done = await asyncio.gather(
        *(door.service.accept(invitation, each) for each in (RIGHT, OTHER)), return_exceptions=True
    )
    assert sorted(map(type, done), key=str) == sorted([type(None), InvitationOver], key=str)


@pytest.mark.parametrize("made_up", ["", "x", "\ud83d", "\x00"])
async def test_a_made_up_invitation_opens_nothing(door: Door, invitation: str, made_up: str) -> None:
    assert await door.service.invited(made_up) is None
    with pytest.raises(InvitationOver):
        await door.service.accept(made_up, RIGHT)


async def test_before_the_invitation_is_accepted_nobody_gets_in(door: Door, invitation: str) -> None:
    assert await door.sign_in("") == await door.sign_in(RIGHT) == Refused(Refusal.WRONG)


# -- later


async def test_who_knows_login_and_passphrase_gets_a_session(door: Door, account: Account) -> None:
    done = await door.signed_in(login=" Chen ")
    assert done.account == account
    assert await door.is_open(done.token)
    await door.service.sign_out(done.token, account)
    assert not await door.is_open(done.token)


@pytest.mark.parametrize("login", ["nobody", "", "\ud83d\x00", "x" * 5000, "invited", "closed"])
async def test_a_wrong_passphrase_and_an_unknown_closed_or_new_account_are_told_alike(
    door: Door, account: Account, login: str
) -> None:
    async with door.store.transaction() as transaction:
        await transaction.staff.add("invited", "安娜", Role.ADMIN, (), False, NOW)
        closed, _ = await transaction.staff.add("closed", "安娜", Role.ADMIN, (), False, NOW)
        await transaction.staff.accept(closed.id, await door.passphrases.hashed(RIGHT), NOW)
        await transaction.staff.disable(closed.id, NOW)
    assert await door.sign_in(OTHER) == await door.sign_in(login=login) == Refused(Refusal.WRONG)


async def test_as_much_work_is_done_for_an_unknown_login(door: Door, account: Account) -> None:
    await door.sign_in(OTHER)
    await door.sign_in(OTHER, login="nobody")
    assert len(door.passphrases.looked) == 2
    parameters = {(stored or "").rpartition("$")[0].rpartition("$")[0] for stored in door.passphrases.looked}
    assert len(parameters) == 1


async def test_an_account_closed_while_the_passphrase_is_looked_at_lets_nobody_in(
    door: Door, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    match = door.passphrases.match

    async def slow(stored: str | None, passphrase: str) -> bool:
        async with door.store.transaction() as transaction:
            await transaction.staff.disable(account.id, NOW)
        return await match(stored, passphrase)

    monkeypatch.setattr(door.passphrases, "match", slow)
    assert await door.sign_in() == Refused(Refusal.WRONG)


async def test_a_hash_of_other_parameters_is_renewed_on_the_way_in(door: Door, account: Account) -> None:
    stronger = SigningIn(door.store, Passphrases(PasswordHasher(2, 16, 1)), lambda: door.now)
    assert isinstance(await stronger.sign_in("chen", RIGHT, HERE), SignedIn)
    async with door.store.transaction() as transaction:
        stored = await transaction.staff.passphrase_of(account.id)
    assert stored is not None
    assert "m=16,t=2" in stored
    assert isinstance(await stronger.sign_in("chen", RIGHT, HERE), SignedIn)


# -- slowed


async def test_after_three_failures_even_the_right_passphrase_has_to_wait(door: Door, account: Account) -> None:
    for _ in range(3):
        assert await door.sign_in(OTHER) == Refused(Refusal.WRONG)
    until = NOW + timedelta(seconds=5)
    assert await door.sign_in() == Refused(Refusal.SLOWED, until)
    assert await door.sign_in(address=THERE) == Refused(Refusal.SLOWED, until)
    door.now = until
    await door.signed_in()
    assert await door.sign_in(OTHER) == Refused(Refusal.WRONG)


async def test_an_unknown_login_is_slowed_just_the_same(door: Door) -> None:
    for _ in range(3):
        await door.sign_in(login="nobody")
    assert await door.sign_in(login="nobody") == Refused(Refusal.SLOWED, NOW + timedelta(seconds=5))


async def test_an_address_that_tries_many_accounts_is_slowed_and_no_other(door: Door, account: Account) -> None:
    for n in range(20):
        assert await door.sign_in(login=f"nobody{n}") == Refused(Refusal.WRONG)
    assert await door.sign_in() == Refused(Refusal.SLOWED, NOW + timedelta(seconds=5))
    await door.signed_in(address=THERE)


async def test_signing_in_well_does_not_wipe_out_what_the_address_did_before(door: Door, account: Account) -> None:
    for n in range(19):
        await door.sign_in(login=f"nobody{n}")
    await door.signed_in()
    await door.sign_in(login="nobody")
    assert await door.sign_in() == Refused(Refusal.SLOWED, NOW + timedelta(seconds=5))


async def test_an_office_behind_one_address_signs_in_as_often_as_it_likes(door: Door, account: Account) -> None:
    for _ in range(30):
        await door.signed_in()


async def test_an_office_that_begins_at_the_same_moment_gets_in_all_together(door: Door, account: Account) -> None:
    async with door.store.transaction() as transaction:
        hashed = await door.passphrases.hashed(RIGHT)
        for n in range(30):
            clerk, _ = await transaction.staff.add(f"clerk{n}", "安娜", Role.ADMIN, (), False, NOW)
            await transaction.staff.accept(clerk.id, hashed, NOW)
    done = await asyncio.gather(*(door.sign_in(login=f"clerk{n}") for n in range(30)))
    assert all(isinstance(each, SignedIn) for each in done)


async def test_many_tries_at_many_accounts_at_the_same_moment_are_slowed(door: Door) -> None:
    done = await asyncio.gather(*(door.sign_in(login=f"nobody{n}") for n in range(100)))
    whys = [each.why for each in done if isinstance(each, Refused)]
    assert whys.count(Refusal.SLOWED) >= 60


async def test_many_tries_at_the_same_moment_gain_nothing(door: Door, account: Account) -> None:
    done = await asyncio.gather(*(door.sign_in(OTHER) for _ in range(40)))
    whys = [each.why for each in done if isinstance(each, Refused)]
    assert whys.count(Refusal.WRONG) == 3
    assert whys.count(Refusal.SLOWED) == 37
    assert len(door.passphrases.looked) == 3


async def test_a_thousand_tries_are_slowed_refused_and_recorded_without_filling_the_audit(
    door: Door, account: Account
) -> None:
    for second in range(1000):
        door.now = NOW + timedelta(seconds=second)
        assert isinstance(await door.sign_in(OTHER), Refused)
    assert len(door.passphrases.looked) <= 11
    noted = [each for each in await door.noted() if each[0] == "visitor"]
    assert 4 < len(noted) <= 22
    door.now += HOUR
    await door.signed_in()
    noted = [each for each in await door.noted() if each[1].startswith(("sign-in", "signed-in"))]
    turned_away = sum(int(why.partition("+")[2] or 0) for *_, why in noted)
    assert len(door.passphrases.looked) - 1 + turned_away == 1000


# -- with a second factor


async def test_a_second_factor_is_asked_for_once_the_telephone_has_shown_that_it_has_it(
    door: Door, account: Account
) -> None:
    enrolment = await door.service.enrol(account)
    assert enrolment == await door.service.enrol(account)
    good = pyotp.TOTP(enrolment.secret).at(NOW)
    assert await door.service.confirm(account, "000000", RIGHT, HERE) == Refused(Refusal.WRONG_CODE)
    assert await door.service.confirm(account, good, OTHER, HERE) == Refused(Refusal.WRONG)
    await door.signed_in()
    assert await door.service.confirm(account, good, RIGHT, HERE) is None
    assert isinstance(await door.sign_in(), CodeAsked)
    assert await door.sign_in(code=good) == Refused(Refusal.WRONG_CODE)  # it was used to confirm


async def test_with_the_code_one_gets_in_and_with_none_twice(door: Door, secret: str) -> None:
    good = pyotp.TOTP(secret).at(door.now)
    assert await door.sign_in(code="123") == Refused(Refusal.WRONG_CODE)
    assert (await door.signed_in(code=good)).account.has_totp
    assert await door.sign_in(code=good) == Refused(Refusal.WRONG_CODE)


async def test_who_does_not_know_the_passphrase_learns_nothing_of_the_second_factor(door: Door, secret: str) -> None:
    assert await door.sign_in(OTHER) == Refused(Refusal.WRONG)
    assert await door.sign_in(OTHER, code=pyotp.TOTP(secret).at(door.now)) == Refused(Refusal.WRONG)


async def test_guessing_codes_is_slowed_and_forgetting_one_is_not(door: Door, secret: str) -> None:
    for _ in range(20):
        assert isinstance(await door.sign_in(), CodeAsked)
    for n in range(3):
        assert await door.sign_in(code=str(n)) == Refused(Refusal.WRONG_CODE)
    refused = await door.sign_in(code=pyotp.TOTP(secret).at(door.now))
    assert isinstance(refused, Refused)
    assert refused.why == Refusal.SLOWED


async def test_a_second_factor_that_cannot_be_read_lets_nobody_past(door: Door, account: Account, secret: str) -> None:
    async with door.store.transaction() as transaction:
        await transaction.scope.run(update(staff).values(totp=b"spoilt"))
    assert await door.sign_in(code="123456") == Refused(Refusal.WRONG_CODE)


async def test_who_knows_the_passphrase_can_do_without_again(door: Door, account: Account, secret: str) -> None:
    assert await door.service.drop_second_factor(account, OTHER, HERE) == Refused(Refusal.WRONG)
    assert isinstance(await door.sign_in(), CodeAsked)
    assert await door.service.drop_second_factor(account, RIGHT, HERE) is None
    await door.signed_in()


# -- another passphrase


async def test_another_passphrase_ends_the_other_sessions(door: Door, account: Account) -> None:
    here, elsewhere = (await door.signed_in()).token, (await door.signed_in()).token
    change = door.service.change_passphrase
    assert await change(account, RIGHT, "chen" * 5, here, HERE) == Fault.OWN_NAME
    assert await change(account, OTHER, OTHER, here, HERE) == Refused(Refusal.WRONG)
    assert await door.is_open(elsewhere)
    assert await change(account, RIGHT, OTHER, here, HERE) is None
    assert await door.is_open(here)
    assert not await door.is_open(elsewhere)
    assert await door.sign_in() == Refused(Refusal.WRONG)
    await door.signed_in(passphrase=OTHER)


async def test_a_session_alone_is_not_enough_to_guess_the_passphrase(door: Door, account: Account) -> None:
    token = (await door.signed_in()).token
    for _ in range(3):
        await door.service.change_passphrase(account, OTHER, OTHER, token, HERE)
    refused = await door.service.change_passphrase(account, RIGHT, OTHER, token, HERE)
    assert isinstance(refused, Refused)
    assert refused.why == Refusal.SLOWED


# -- shut out meanwhile


async def _second_factor_set_up(door: Door, account: Account) -> object:
    enrolment = await door.service.enrol(account)
    return await door.service.confirm(account, pyotp.TOTP(enrolment.secret).at(door.now), RIGHT, HERE)


Act = Callable[[Door, Account], Awaitable[object]]
ACTS: dict[str, Act] = {
    "another passphrase": lambda door, account: door.service.change_passphrase(account, RIGHT, OTHER, "token", HERE),
    "no second factor": lambda door, account: door.service.drop_second_factor(account, RIGHT, HERE),
    "a chat": lambda door, account: door.service.link_code(account, RIGHT, HERE),
    "a second factor": _second_factor_set_up,
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
async def test_who_gets_a_new_link_meanwhile_changes_nothing_any_more(
    door: Door, account: Account, monkeypatch: pytest.MonkeyPatch, act: Act
) -> None:
    match = door.passphrases.match

    async def slow(stored: str | None, passphrase: str) -> bool:
        async with door.store.transaction() as transaction:
            await transaction.staff.invite(account.id, NOW)
        return await match(stored, passphrase)

    monkeypatch.setattr(door.passphrases, "match", slow)
    answer = await act(door, account)
    assert isinstance(answer, Refused)
    async with door.store.transaction() as transaction:
        assert await transaction.staff.passphrase_of(account.id) is None
        assert await transaction.staff.totp_of(account.id) is None


async def _link_given(door: Door, account: Account) -> None:
    async with door.store.transaction() as transaction:
        await transaction.staff.invite(account.id, NOW)


async def _passphrase_changed(door: Door, account: Account) -> None:
    assert await door.service.change_passphrase(account, RIGHT, OTHER, "token", HERE) is None


async def _signed_out_elsewhere(door: Door, account: Account) -> None:
    async with door.store.transaction() as transaction:
        await transaction.sessions.end_all(account.id, NOW, but="token")


@pytest.mark.parametrize("shut_out", [_link_given, _passphrase_changed, _signed_out_elsewhere])
async def test_a_second_factor_begun_by_who_is_shut_out_is_never_anybodys(
    door: Door, account: Account, shut_out: Callable[[Door, Account], Awaitable[None]]
) -> None:
    seen = await door.service.enrol(account)
    await shut_out(door, account)
    assert (await door.service.enrol(account)).secret != seen.secret


async def test_a_code_to_link_a_chat_is_for_who_knows_the_passphrase(door: Door, account: Account) -> None:
    assert await door.service.link_code(account, OTHER, HERE) == Refused(Refusal.WRONG)
    assert await door.noted("link-code-made") == []
    code = await door.service.link_code(account, RIGHT, HERE)
    async with door.store.transaction() as transaction:
        assert isinstance(code, str)
        assert await transaction.staff.link(code, "telegram:77", NOW) is not None


# -- on record


async def test_all_of_it_is_on_record_without_what_was_typed(door: Door, account: Account, secret: str) -> None:
    who, own = f"staff:{account.id}", f"account:{account.id}"
    await door.sign_in(OTHER)
    await door.sign_in(OTHER, login="门前老树长新芽")
    done = await door.signed_in(code=pyotp.TOTP(secret).at(door.now))
    await door.service.change_passphrase(account, RIGHT, OTHER, done.token, HERE)
    await door.service.drop_second_factor(account, OTHER, HERE)
    await door.service.sign_out(done.token, account)
    noted = await door.noted()
    assert noted == [
        (who, "invitation-accepted", own, ""),
        (who, "second-factor-on", own, ""),
        ("visitor", "sign-in-failed", own, HERE),
        ("visitor", "sign-in-failed", "no-account", HERE),
        (who, "signed-in", "sign-in", HERE),
        (who, "passphrase-changed", own, ""),
        (who, "second-factor-off", own, ""),
        (who, "signed-out", "sign-in", ""),
    ]
    async with door.store.transaction() as transaction:
        assert await transaction.audit.verify() == []
