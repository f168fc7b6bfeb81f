"""Signing in: with a login, a passphrase and perhaps a code; the first time by a link; and changing these."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot import clock
from bot.casework.account import Account, canonical_login
from bot.staff import second_factor
from bot.staff.known_browser import KnownBrowser
from bot.staff.passphrases import Fault, Passphrases, fault_of
from bot.staff.patience import Limit, Patience, Wait
from bot.store import Store, Transaction
from bot.store.staff import ENROLMENT

STRANGE = KnownBrowser()
VISITOR = "visitor"
"""What the audit calls somebody of whom nobody knows yet who it is."""

# An office of thirty is behind one address, and all of them begin at half past eight.
_FREE_OF_ADDRESS, _AT_ONCE_OF_ADDRESS = 20, 40
_MOST_TURNED_AWAY = 1000


class Refusal(StrEnum):
    """Why somebody is not let in. ``WRONG`` tells neither whether the account exists nor which part was wrong."""

    WRONG = "wrong"
    CODE_NEEDED = "code-needed"
    WRONG_CODE = "wrong-code"
    SLOWED = "slowed"


@dataclass(frozen=True)
class Refused:
    """``until``: when to try again, of those who are slowed down."""

    why: Refusal
    until: datetime | None = None


@dataclass(frozen=True)
class SignedIn:
    """``token``: of the session that was begun."""

    account: Account
    token: str


@dataclass(frozen=True)
class CodeAsked:
    """Login and passphrase were right, and a code is to follow: of the ``account``, while ``proof`` holds."""

    account: int
    login: str
    proof: str


@dataclass(frozen=True)
class Enrolment:
    """What an app on a telephone needs: a ``secret`` to type, or a ``picture`` (SVG) of ``address`` to point at."""

    secret: str
    address: str
    picture: str


class InvitationOver(Exception):  # noqa: N818 – says what happened
    """The link was used, is too old, or was never given out."""


@dataclass(frozen=True)
class _Trial:
    """One try to show who one is: what limits it (the first is cleared by success), whence and when it came."""

    limits: tuple[Limit, ...]
    address: str
    now: datetime


class SigningIn:
    """Lets people in, slowly when it fails, and records it.

    While an account or an address has to wait, nothing is looked at.
    """

    def __init__(self, store: Store, passphrases: Passphrases, now: Callable[[], datetime] = clock.now) -> None:
        self._store = store
        self._passphrases = passphrases
        self._now = now
        self._patience = Patience(store)
        self._turned_away: Counter[str] = Counter()

    async def sign_in(
        self, login: str, passphrase: str, address: str, browser: KnownBrowser = STRANGE
    ) -> SignedIn | CodeAsked | Refused:
        """Begin a session for whoever knows the passphrase, or ask for a code; ``address``: whence it came.

        In a ``browser`` where the account signed in before, what fails elsewhere counts nothing: however many guess,
        and from wherever, they keep nobody out who works here.
        """
        limits: tuple[Limit, ...] = (_account(login), _address(address))
        if browser.knows(login):
            limits = (Limit(f"browser:{browser.id}:{canonical_login(login)}"),)
        trial = _Trial(limits, address, self._now())
        async with self._patience.trial(trial.limits, trial.now) as wait:
            if wait:
                return await self._slowed(trial, wait)
            return await self._looked_at(trial, login, passphrase)

    async def _looked_at(self, trial: _Trial, login: str, passphrase: str) -> SignedIn | CodeAsked | Refused:
        async with self._store.transaction() as transaction:
            account = await transaction.staff.by_login(login)
            stored = await self._stored(transaction, account.id) if account else None
        is_right = await self._passphrases.match(stored, passphrase)
        renewed = await self._renewed(stored, passphrase) if is_right else None
        async with self._store.transaction() as transaction:
            # Looked at again: it may have been closed, or got another passphrase, meanwhile.
            is_right = is_right and account is not None and await self._stored(transaction, account.id) == stored
            account = await transaction.staff.by_login(login)
            if account is None or stored is None or not is_right:
                return await self._failed(transaction, trial, account, Refusal.WRONG)
            await transaction.sessions.succeeded(trial.limits[0].subject)
            if renewed:
                await transaction.staff.set_passphrase(account.id, renewed)
            if account.has_totp:
                return CodeAsked(account.id, account.login, self._proof(renewed or stored))
            return await self._let_in(transaction, trial, account)

    async def enter_code(
        self, asked: CodeAsked, code: str, address: str, browser: KnownBrowser = STRANGE
    ) -> SignedIn | Refused:
        """Begin a session for whoever was asked for a code and has it.

        Wrong codes count by themselves: guesses at the passphrase keep nobody from entering theirs.
        """
        if not code.strip():
            return Refused(Refusal.CODE_NEEDED)
        by = f"browser:{browser.id}:{asked.account}" if browser.knows(asked.login) else str(asked.account)
        trial = _Trial((Limit(f"code:{by}"),), address, self._now())
        async with self._patience.trial(trial.limits, trial.now) as wait:
            if wait:
                return await self._slowed(trial, wait)
            async with self._store.transaction() as transaction:
                stored = await self._stored(transaction, asked.account)
                account = await transaction.staff.by_id(asked.account)
                if account is None or stored is None or self._proof(stored) != asked.proof:
                    return Refused(Refusal.WRONG)
                if refusal := await self._second(transaction, account, code, trial.now):
                    return await self._failed(transaction, trial, account, refusal)
                await transaction.sessions.succeeded(trial.limits[0].subject)
                return await self._let_in(transaction, trial, account)

    def _proof(self, stored: str) -> str:
        """Return what shows, as long as no other passphrase is set, that the ``stored`` one was known."""
        return self._store.keys.secret_hash("passphrase-shown", stored)

    async def _slowed(self, trial: _Trial, wait: Wait) -> Refused:
        """Refuse what has to wait; of many in a row the first is put on record, or a flood would fill the database."""
        if not self._turned_away[wait.subject]:
            async with self._store.transaction() as transaction:
                await transaction.audit.note(VISITOR, "sign-in-slowed", "sign-in", trial.now, trial.address)
        if len(self._turned_away) > _MOST_TURNED_AWAY:
            self._turned_away.clear()
        self._turned_away[wait.subject] += 1
        return Refused(Refusal.SLOWED, wait.until)

    async def _stored(self, transaction: Transaction, id: int) -> str | None:
        """Return the hash of the passphrase, None of an account that lets nobody in.

        Locked until the transaction ends: who is being let in is there for whoever shuts out all, or comes after it.
        """
        account = await transaction.staff.by_id(id, locked=True)
        if account is None or account.disabled:
            return None
        return await transaction.staff.passphrase_of(account.id)

    async def _renewed(self, stored: str | None, passphrase: str) -> str | None:
        """Return a hash with today's parameters where the ``stored`` one has others."""
        if stored is None or not self._passphrases.is_outdated(stored):
            return None
        return await self._passphrases.hashed(passphrase)

    async def _second(self, transaction: Transaction, account: Account, code: str, now: datetime) -> Refusal | None:
        if not account.has_totp:
            return None
        secret = await transaction.staff.totp_of(account.id)
        counter = second_factor.counter_of(secret, code, now) if secret else None
        if counter is None or not await transaction.staff.use_totp(account.id, counter):
            return Refusal.WRONG_CODE
        return None

    async def _failed(
        self, transaction: Transaction, trial: _Trial, account: Account | None, refusal: Refusal
    ) -> Refused:
        for limit in trial.limits:
            await transaction.sessions.failed(limit.subject, trial.now)
        subject = f"account:{account.id}" if account else "no-account"
        await transaction.audit.note(VISITOR, "sign-in-failed", subject, trial.now, self._reason(trial, account))
        return Refused(refusal)

    async def _let_in(self, transaction: Transaction, trial: _Trial, account: Account) -> SignedIn:
        reason = self._reason(trial, account)
        await transaction.audit.note(f"staff:{account.id}", "signed-in", "sign-in", trial.now, reason)
        return SignedIn(account, await transaction.sessions.begin(account.id, trial.now))

    def _reason(self, trial: _Trial, account: Account | None) -> str:
        """Return whence it came, and how often the account and the address were turned away in the meantime."""
        subjects = {limit.subject for limit in trial.limits} | {_address(trial.address).subject}
        if account:
            subjects.add(_account(account.login).subject)
        turned_away = sum(self._turned_away.pop(subject, 0) for subject in subjects)
        return f"{trial.address} +{turned_away}" if turned_away else trial.address

    async def sign_out(self, token: str, account: Account) -> None:
        """End the session."""
        now = self._now()
        async with self._store.transaction() as transaction:
            await transaction.sessions.end(token, now)
            await transaction.audit.note(f"staff:{account.id}", "signed-out", "sign-in", now)

    async def invited(self, invitation: str) -> Account | None:
        """Return whom the ``invitation`` in a link is for, None if it is over."""
        async with self._store.transaction() as transaction:
            return await transaction.staff.by_invite(invitation, self._now())

    async def accept(self, invitation: str, passphrase: str) -> Fault | None:
        """Give the invited account its ``passphrase`` and end the invitation; return why the passphrase will not do.

        Raises :class:`InvitationOver`.
        """
        account = await self.invited(invitation)
        if account is None:
            raise InvitationOver
        if fault := fault_of(passphrase, account.login, account.name):
            return fault
        hashed = await self._passphrases.hashed(passphrase)
        now = self._now()
        async with self._store.transaction() as transaction:
            if await transaction.staff.by_invite(invitation, now) is None:
                raise InvitationOver
            await transaction.staff.accept(account.id, hashed, now)
            await transaction.audit.note(f"staff:{account.id}", "invitation-accepted", f"account:{account.id}", now)
        return None

    async def change_passphrase(
        self, account: Account, current: str, new: str, token: str, address: str
    ) -> Refused | Fault | None:
        """Let ``new`` count from now on, and end all sessions but that of ``token``; None: it was done."""
        if fault := fault_of(new, account.login, account.name):
            return fault
        shown = await self._shown(account, current, address)
        if isinstance(shown, Refused):
            return shown
        hashed = await self._passphrases.hashed(new)
        now = self._now()
        async with self._store.transaction() as transaction:
            if await self._stored(transaction, account.id) != shown:
                return Refused(Refusal.WRONG)
            await transaction.staff.set_passphrase(account.id, hashed)
            await transaction.sessions.end_all(account.id, now, but=token)
            await transaction.audit.note(f"staff:{account.id}", "passphrase-changed", f"account:{account.id}", now)
        return None

    async def enrol(self, account: Account) -> Enrolment:
        """Begin a second factor; it counts once a code of it was confirmed. Asked again, it is the same one."""
        now = self._now()
        async with self._store.transaction() as transaction:
            draft = await transaction.sessions.draft(account.id, ENROLMENT)
            secret = draft.content["secret"] if draft else second_factor.new_secret()
            if draft is None:
                await transaction.sessions.keep_draft(account.id, ENROLMENT, {"secret": secret}, now)
        address = second_factor.address(secret, account.login)
        return Enrolment(secret, address, second_factor.picture(address))

    async def confirm(self, account: Account, code: str, passphrase: str, address: str) -> Refused | None:
        """Ask for the second factor from now on, if ``code`` shows that the telephone has it."""
        shown = await self._shown(account, passphrase, address)
        if isinstance(shown, Refused):
            return shown
        now = self._now()
        async with self._store.transaction() as transaction:
            if await self._stored(transaction, account.id) != shown:
                return Refused(Refusal.WRONG)
            draft = await transaction.sessions.draft(account.id, ENROLMENT)
            counter = second_factor.counter_of(draft.content["secret"], code, now) if draft else None
            if draft is None or counter is None:
                return Refused(Refusal.WRONG_CODE)
            await transaction.staff.set_totp(account.id, draft.content["secret"])
            await transaction.staff.use_totp(account.id, counter)
            await transaction.sessions.drop_draft(account.id, ENROLMENT)
            await transaction.audit.note(f"staff:{account.id}", "second-factor-on", f"account:{account.id}", now)
        return None

    async def drop_second_factor(self, account: Account, passphrase: str, address: str) -> Refused | None:
        """Ask for no second factor any more, at the wish of whoever knows the passphrase."""
        shown = await self._shown(account, passphrase, address)
        if isinstance(shown, Refused):
            return shown
        now = self._now()
        async with self._store.transaction() as transaction:
            if await self._stored(transaction, account.id) != shown:
                return Refused(Refusal.WRONG)
            await transaction.staff.set_totp(account.id, None)
            await transaction.audit.note(f"staff:{account.id}", "second-factor-off", f"account:{account.id}", now)
        return None

    async def link_code(self, account: Account, passphrase: str, address: str) -> Refused | str:
        """Return a code that links a chat to the account, for whoever knows the passphrase."""
        shown = await self._shown(account, passphrase, address)
        if isinstance(shown, Refused):
            return shown
        now = self._now()
        async with self._store.transaction() as transaction:
            if await self._stored(transaction, account.id) != shown:
                return Refused(Refusal.WRONG)
            await transaction.audit.note(f"staff:{account.id}", "link-code-made", "telegram", now)
            return await transaction.staff.link_code(account.id, now)

    async def _shown(self, account: Account, passphrase: str, address: str) -> Refused | str:
        """Have somebody who is signed in show once more that it is them; guesses are slowed here too.

        Return the hash that was shown to be theirs. What is then done has to see that it still counts: the account
        may have been closed, or got a new link, meanwhile.
        """
        trial = _Trial((Limit(f"shown:{account.id}"),), address, self._now())
        async with self._patience.trial(trial.limits, trial.now) as wait:
            if wait:
                return await self._slowed(trial, wait)
            async with self._store.transaction() as transaction:
                stored = await self._stored(transaction, account.id)
            is_right = await self._passphrases.match(stored, passphrase)
            async with self._store.transaction() as transaction:
                if stored is None or not is_right:
                    return await self._failed(transaction, trial, account, Refusal.WRONG)
                await transaction.sessions.succeeded(trial.limits[0].subject)
            return stored


def _account(login: str) -> Limit:
    return Limit(f"account:{canonical_login(login)}")


def _address(address: str) -> Limit:
    return Limit(f"address:{address}", _FREE_OF_ADDRESS, _AT_ONCE_OF_ADDRESS)
