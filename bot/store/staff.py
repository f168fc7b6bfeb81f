"""The accounts of the staff."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Row, bindparam, delete, or_, select, update

from bot.casework.account import Account, Role, canonical_login, is_login, is_name, tidy_name
from bot.clock import CHINA, day_of
from bot.store.errors import AccountChanged, LoginTaken
from bot.store.scope import Scope
from bot.store.tables import staff, staff_drafts, staff_sessions

INVITE_LASTS = timedelta(days=7)
LINK_LASTS = timedelta(minutes=10)
ENROLMENT = "/second-factor"
"""The page under whose name the secret of a second factor is kept that was begun and not confirmed."""

_LINK_SIZE = 8
_LINK_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Those that cannot be taken for one another."""

_WHOSE: BindParameter[Any] = bindparam("whose")
_NOW: BindParameter[Any] = bindparam("now")
_ACCOUNTS = select(
    staff.c.id,
    staff.c.login,
    staff.c.name,
    staff.c.role,
    staff.c.towns,
    staff.c.teaches,
    staff.c.chat,
    staff.c.digest_on,
    staff.c.passphrase.is_not(None).label("has_passphrase"),
    staff.c.totp.is_not(None).label("has_totp"),
    staff.c.created,
    staff.c.disabled,
)
ACCOUNT_COLUMNS = tuple(_ACCOUNTS.selected_columns)
_ABLE = staff.c.disabled.is_(None)
_NAMES = select(staff.c.id, staff.c.name)
_PASSPHRASE = select(staff.c.passphrase).where(staff.c.id == _WHOSE)
_TOTP = select(staff.c.totp).where(staff.c.id == _WHOSE)
_USE_TOTP = (
    update(staff)
    .where(staff.c.id == _WHOSE, or_(staff.c.totp_used.is_(None), staff.c.totp_used < bindparam("counter")))
    .values(totp_used=bindparam("counter"))
)
_TAKE_DIGEST = (
    update(staff)
    .where(staff.c.id == _WHOSE, or_(staff.c.digest_sent.is_(None), staff.c.digest_sent < bindparam("day")))
    .values(digest_sent=bindparam("day"))
)
_UNLINK_CHAT = update(staff).where(staff.c.chat == bindparam("of_chat")).values(chat=None, digest_on=False)
_UNLINKED = {"chat": None, "link_hash": None, "link_until": None, "digest_on": False}
_END_SESSIONS = (
    update(staff_sessions).where(staff_sessions.c.staff == _WHOSE, staff_sessions.c.ended.is_(None)).values(ended=_NOW)
)
_END_OTHERS = _END_SESSIONS.where(staff_sessions.c.token_hash != bindparam("own"))
_DROP_ENROLMENT = delete(staff_drafts).where(staff_drafts.c.staff == _WHOSE, staff_drafts.c.page == ENROLMENT)
_ADMINS = (
    select(staff.c.id)
    .where(staff.c.role == Role.ADMIN.value, _ABLE, staff.c.passphrase.is_not(None))
    .order_by(staff.c.id)  # always locked in the same order
    .with_for_update(key_share=True)
)


def account_of(scope: Scope, row: Row[*tuple[Any, ...]]) -> Account:
    """Return the account whose columns, in the order of ``ACCOUNT_COLUMNS``, begin ``row``."""
    id, login, name, role, towns, teaches, chat, digest_on, has_passphrase, has_totp, created, disabled = row[
        : len(ACCOUNT_COLUMNS)
    ]
    return Account(
        id, login, scope.read(name), Role(role), tuple(towns), teaches, chat, digest_on,
        bool(has_passphrase), bool(has_totp), created, disabled,
    )  # fmt: skip


async def end_sessions(scope: Scope, id: int, now: datetime, but: str | None = None) -> None:
    """End all sessions of an account, but for that with the hash ``but``, and what was begun there to sign in by."""
    if but is None:
        await scope.run(_END_SESSIONS, {"whose": id, "now": now})
    else:
        await scope.run(_END_OTHERS, {"whose": id, "now": now, "own": but})
    await scope.run(_DROP_ENROLMENT, {"whose": id})


class StaffAccounts:
    """Who of the staff there is. Accounts are disabled, never deleted: what somebody did stays theirs.

    Who asks for a change is noted in the audit by whoever calls this. One-time secrets are given out once, and only
    their keyed hashes are kept.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def add(
        self, login: str, name: str, role: Role, towns: Sequence[str], teaches: bool, now: datetime
    ) -> tuple[Account, str]:
        """Make an account; return it with the token of its first sign-in.

        Raises :class:`LoginTaken`, ValueError for what is no login or no name.
        """
        if not is_login(login):
            raise ValueError("not a login")
        token = secrets.token_urlsafe()
        values = {
            "login": canonical_login(login),
            "name": self._name(name),
            "role": role.value,
            "towns": list(towns),
            "teaches": teaches,
            "digest_on": False,
            "created": now,
            **self._invitation(token, now),
        }
        added = await self._scope.run(
            self._scope.dialect.insert(staff).on_conflict_do_nothing(index_elements=["login"]).returning(staff.c.id),
            values,
        )
        id = added.scalar_one_or_none()
        if id is None:
            raise LoginTaken
        return await self._the(id), token

    async def invite(self, id: int, now: datetime) -> str:
        """Return the token of a new first sign-in.

        Passphrase, second factor, sessions and linked chat of before end at once.
        """
        token = secrets.token_urlsafe()
        await self._set(id, passphrase=None, totp=None, totp_used=None, **self._invitation(token, now), **_UNLINKED)
        await end_sessions(self._scope, id, now)
        return token

    def _invitation(self, token: str, now: datetime) -> dict[str, Any]:
        return {"invite_hash": self._scope.keys.secret_hash("invite", token), "invite_until": now + INVITE_LASTS}

    async def by_invite(self, token: str, now: datetime) -> Account | None:
        """Return whom ``token`` invites, and lock the account until the transaction ends; None if it is over."""
        hashed = self._scope.keys.secret_hash("invite", token)
        query = _ACCOUNTS.where(staff.c.invite_hash == hashed, staff.c.invite_until > now, _ABLE).with_for_update()
        return await self._one(query)

    async def accept(self, id: int, passphrase_hash: str, now: datetime) -> None:
        """End the invitation: from now on the passphrase counts."""
        await self._set(id, invite_hash=None, invite_until=None)
        await self.set_passphrase(id, passphrase_hash)
        await end_sessions(self._scope, id, now)

    async def by_id(self, id: int, *, locked: bool = False) -> Account | None:
        """Return an account, also a disabled one; ``locked``: nobody changes it until the transaction ends."""
        query = _ACCOUNTS.where(staff.c.id == id)
        return await self._one(query.with_for_update(key_share=True) if locked else query)

    async def by_login(self, login: str) -> Account | None:
        """Return an account, also a disabled one, however the login is capitalised."""
        if not is_login(login):
            return None
        return await self._one(_ACCOUNTS.where(staff.c.login == canonical_login(login)))

    async def by_chat(self, chat: str) -> Account | None:
        """Return the account linked to ``chat``; None too if it is disabled."""
        return await self._one(_ACCOUNTS.where(staff.c.chat == chat, _ABLE))

    async def all(self) -> list[Account]:
        """Return all accounts by login, the disabled ones too."""
        return await self._several()

    async def names(self) -> dict[int, str]:
        """Return what each account's owner is called, by id."""
        return {id: self._scope.read(name) for id, name in await self._scope.run(_NAMES)}

    async def change(
        self,
        id: int,
        *,
        name: str | None = None,
        role: Role | None = None,
        towns: Sequence[str] | None = None,
        teaches: bool | None = None,
        version: str | None = None,
    ) -> tuple[Account, Account]:
        """Change what is given; return the account as it was and as it is. It holds from the owner's next click.

        ``version``: of the account that was looked at. Raises :class:`AccountChanged` when it is not that any more,
        ValueError for what is no name.
        """
        before = await self._the(id, locked=True)
        if version is not None and version != before.version:
            raise AccountChanged(before)
        given = {
            "name": None if name is None else self._name(name),
            "role": None if role is None else role.value,
            "towns": None if towns is None else list(towns),
            "teaches": teaches,
        }
        if changed := {column: value for column, value in given.items() if value is not None}:
            await self._set(id, **changed)
        return before, await self._the(id)

    def _name(self, name: str) -> bytes:
        if not is_name(name):
            raise ValueError("not a name")
        return self._scope.keys.encrypt(tidy_name(name))

    async def is_last_admin(self, id: int) -> bool:
        """Whether no other administrator can sign in, now and until the transaction ends."""
        return not set((await self._scope.run(_ADMINS)).scalars()) - {id}

    async def disable(self, id: int, now: datetime) -> None:
        """Close an account: sessions, invitation and linked chat end at once."""
        await self._set(id, disabled=now, invite_hash=None, invite_until=None, **_UNLINKED)
        await end_sessions(self._scope, id, now)

    async def enable(self, id: int) -> None:
        """Open it again, with the passphrase of before."""
        await self._set(id, disabled=None)

    async def passphrase_of(self, id: int) -> str | None:
        """Return the hash of the passphrase, None while there is none."""
        found: str | None = (await self._scope.run(_PASSPHRASE, {"whose": id})).scalar_one_or_none()
        return found

    async def set_passphrase(self, id: int, passphrase_hash: str) -> None:
        """Let another passphrase, or another hash of it, count."""
        await self._set(id, passphrase=passphrase_hash)

    async def totp_of(self, id: int) -> str | None:
        """Return the secret of the second factor, None if there is none."""
        return self._scope.read((await self._scope.run(_TOTP, {"whose": id})).scalar_one_or_none()) or None

    async def set_totp(self, id: int, secret: str | None) -> None:
        """Ask for a second factor from now on, or no more."""
        await self._set(id, totp=self._scope.seal(secret), totp_used=None)

    async def use_totp(self, id: int, counter: int) -> bool:
        """Note that the code of ``counter`` was used; return False if it, or a later one, was before."""
        return (await self._scope.run(_USE_TOTP, {"whose": id, "counter": counter})).rowcount == 1

    async def link_code(self, id: int, now: datetime) -> str:
        """Return a code that links the chat in which it is typed within ten minutes. It replaces an earlier one."""
        code = "".join(secrets.choice(_LINK_LETTERS) for _ in range(_LINK_SIZE))
        await self._set(id, link_hash=self._scope.keys.secret_hash("link", code), link_until=now + LINK_LASTS)
        return code

    async def link(self, code: str, chat: str, now: datetime) -> Account | None:
        """Link ``chat`` to the account that got ``code``, and to no other; return it, None if the code is not good."""
        typed = "".join(filter(str.isalnum, code)).upper()
        hashed = self._scope.keys.secret_hash("link", typed)
        query = _ACCOUNTS.where(staff.c.link_hash == hashed, staff.c.link_until > now, _ABLE).with_for_update()
        account = await self._one(query)
        if account is None:
            return None
        await self._scope.run(_UNLINK_CHAT, {"of_chat": chat})
        await self._set(account.id, chat=chat, link_hash=None, link_until=None)
        return await self._the(account.id)

    async def unlink(self, id: int) -> None:
        """Link no chat to the account any more."""
        await self._set(id, **_UNLINKED)

    async def set_digest(self, id: int, on: bool, now: datetime, at: time) -> None:
        """Send the numbers of the day each morning ``at`` a time to the linked chat, or do not.

        Where that is past, they begin tomorrow: nobody is told good morning in the afternoon.
        """
        over = on and now.astimezone(CHINA).time() >= at
        await self._set(id, digest_on=on, **({"digest_sent": day_of(now)} if over else {}))

    async def digest_due(self, day: date) -> list[Account]:
        """Return who is still to get the numbers of ``day``."""
        unsent = or_(staff.c.digest_sent.is_(None), staff.c.digest_sent < day)
        return await self._several(staff.c.digest_on, staff.c.chat.is_not(None), _ABLE, unsent)

    async def take_digest(self, id: int, day: date) -> bool:
        """Note that the numbers of ``day`` are being sent; return False if they were already."""
        return (await self._scope.run(_TAKE_DIGEST, {"whose": id, "day": day})).rowcount == 1

    async def _set(self, id: int, **values: Any) -> None:
        await self._scope.run(update(staff).where(staff.c.id == id).values(values))

    async def _one(self, query: Any) -> Account | None:
        row = (await self._scope.run(query)).one_or_none()
        return None if row is None else account_of(self._scope, row)

    async def _the(self, id: int, *, locked: bool = False) -> Account:
        account = await self.by_id(id, locked=locked)
        assert account is not None
        return account

    async def _several(self, *conditions: ColumnElement[bool]) -> list[Account]:
        rows = (await self._scope.run(_ACCOUNTS.where(*conditions).order_by(staff.c.login))).all()
        return [account_of(self._scope, row) for row in rows]
