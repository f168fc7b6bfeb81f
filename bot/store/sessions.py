"""Who of the staff is signed in, how often it failed, and what they had typed."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Executable, bindparam, delete, insert, select, update

from bot.casework.account import Account
from bot.store.dialects import Insert
from bot.store.scope import Scope
from bot.store.staff import ACCOUNT_COLUMNS, account_of, end_sessions
from bot.store.tables import sign_in_failures, staff, staff_drafts, staff_sessions

LONGEST = timedelta(hours=12)
"""A session ends after them, even if it was never idle."""

FREE = 3
FAILURES_COUNT_FOR = timedelta(days=1)
FIRST_WAIT = timedelta(seconds=5)
_LONGEST_WAIT = timedelta(minutes=15)
_ONE_IS_FORGIVEN_EVERY = timedelta(minutes=15)
_TOUCHED_EVERY = timedelta(minutes=1)

_HASHED: BindParameter[Any] = bindparam("hashed")
_NOW: BindParameter[Any] = bindparam("now")
_BEGIN = insert(staff_sessions)
_FIND = (
    select(*ACCOUNT_COLUMNS, staff_sessions.c.created.label("begun"), staff_sessions.c.seen)
    .join_from(staff_sessions, staff, staff_sessions.c.staff == staff.c.id)
    .where(staff_sessions.c.token_hash == _HASHED, staff_sessions.c.ended.is_(None), staff.c.disabled.is_(None))
)
_TOUCH = (
    update(staff_sessions)
    .where(staff_sessions.c.token_hash == _HASHED, staff_sessions.c.seen < bindparam("before"))
    .values(seen=_NOW)
)
_END = (
    update(staff_sessions)
    .where(staff_sessions.c.token_hash == _HASHED, staff_sessions.c.ended.is_(None))
    .values(ended=_NOW)
)
_OPEN = (
    select(staff_sessions.c.token_hash, staff_sessions.c.created, staff_sessions.c.seen)
    .where(
        staff_sessions.c.staff == bindparam("whose"),
        staff_sessions.c.ended.is_(None),
        staff_sessions.c.seen > bindparam("seen_after"),
        staff_sessions.c.created > bindparam("begun_after"),
    )
    .order_by(staff_sessions.c.created.desc())
)
_FAILURES = select(sign_in_failures.c.failures, sign_in_failures.c.last).where(sign_in_failures.c.subject == _HASHED)
_FAILURES_LOCKED = _FAILURES.with_for_update()
_COUNT_FAILURE = (
    update(sign_in_failures)
    .where(sign_in_failures.c.subject == _HASHED)
    .values(failures=bindparam("counted"), last=_NOW)
)
_SUCCEEDED = delete(sign_in_failures).where(sign_in_failures.c.subject == _HASHED)
_OF_PAGE = (staff_drafts.c.staff == bindparam("whose"), staff_drafts.c.page == bindparam("of_page"))
_DRAFTS = select(staff_drafts.c.page, staff_drafts.c.content, staff_drafts.c.at)
_NEWEST_FIRST = (staff_drafts.c.at.desc(), staff_drafts.c.id.desc())
_DROP_DRAFT = delete(staff_drafts).where(*_OF_PAGE)


@cache
def _no_failure_yet(insert: Insert) -> Executable:
    new: Any = insert(sign_in_failures)
    return new.on_conflict_do_nothing(index_elements=["subject"])  # type: ignore[no-any-return]


@cache
def _keep_draft(insert: Insert) -> Executable:
    new: Any = insert(staff_drafts)
    changed = {name: new.excluded[name] for name in ("content", "at")}
    return new.on_conflict_do_update(index_elements=["staff", "page"], set_=changed)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Found:
    """A session: whose, what its forms have to carry (``csrf``), and whether it still lets in (``fresh``)."""

    account: Account
    csrf: str
    fresh: bool


@dataclass(frozen=True)
class Open:
    """A session that lets in: when it was ``begun`` and last ``seen`` in use, and whether it is the one asking."""

    begun: datetime
    seen: datetime
    own: bool


@dataclass(frozen=True)
class Draft:
    """What was typed into a form by the names of its fields, and when it was kept."""

    content: dict[str, str]
    at: datetime


@dataclass(frozen=True)
class Failures:
    """How often somebody failed, without what was forgiven since the ``last`` time."""

    count: int
    last: datetime

    def wait_until(self, free: int = FREE) -> datetime | None:
        """Return until when they have to wait, of whose failures ``free`` are nothing; None if not at all."""
        wait = wait_after(self.count, free)
        return self.last + wait if wait else None


def _counting(failures: int, last: datetime, now: datetime) -> Failures:
    return Failures(max(failures - max((now - last) // _ONE_IS_FORGIVEN_EVERY, 0), 0), last)


def wait_after(failures: int, free: int = FREE) -> timedelta:
    """Return how long to wait after so many failures: none up to ``free``, then twice as long each time."""
    if failures < free:
        return timedelta()
    doublings = min(failures - free, 10)
    return min(FIRST_WAIT * (1 << doublings), _LONGEST_WAIT)


class Sessions:
    """What belongs to signing in. Of the tokens only keyed hashes are kept, of addresses too."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def begin(self, staff_id: int, now: datetime) -> str:
        """Begin a session; return its token, which is to be known to the browser alone."""
        token = secrets.token_urlsafe()
        row = {"token_hash": self._session(token), "staff": staff_id, "created": now, "seen": now}
        await self._scope.run(_BEGIN, row)
        return token

    async def find(self, token: str, now: datetime, idle: timedelta) -> Found | None:
        """Return the session of ``token``; None if it ended or its account is disabled.

        One that was ``idle`` for so long, or is older than ``LONGEST``, is found without being fresh: what was typed
        in it can be kept for its owner, and nothing else.
        """
        row = (await self._scope.run(_FIND, {"hashed": self._session(token)})).one_or_none()
        if row is None:
            return None
        fresh = now - row.seen < idle and now - row.begun < LONGEST
        return Found(account_of(self._scope, row), self._scope.keys.secret_hash("csrf", token), fresh)

    async def touch(self, token: str, now: datetime) -> None:
        """Note that the session is in use, to the minute."""
        await self._scope.run(_TOUCH, {"hashed": self._session(token), "before": now - _TOUCHED_EVERY, "now": now})

    async def end(self, token: str, now: datetime) -> None:
        """End a session."""
        await self._scope.run(_END, {"hashed": self._session(token), "now": now})

    async def end_all(self, staff_id: int, now: datetime, but: str | None = None) -> None:
        """End all sessions of an account, but for that of the token ``but``, and a second factor begun there."""
        await end_sessions(self._scope, staff_id, now, None if but is None else self._session(but))

    async def open_ones(self, staff_id: int, now: datetime, idle: timedelta, own: str) -> list[Open]:
        """Return where an account is signed in, the newest first. ``own``: the token of who asks."""
        asked = {"whose": staff_id, "seen_after": now - idle, "begun_after": now - LONGEST}
        rows = (await self._scope.run(_OPEN, asked)).all()
        return [Open(row.created, row.seen, row.token_hash == self._session(own)) for row in rows]

    def _session(self, token: str) -> str:
        return self._scope.keys.secret_hash("session", token)

    async def failed(self, subject: str, now: datetime) -> None:
        """Count one more failure of ``subject``, as an account or an address. One is forgiven every quarter of an hour.

        Of several subjects in one transaction those of accounts come first, so that nobody waits for one another.
        """
        hashed = self._failing(subject)
        row = {"subject": hashed, "failures": 0, "last": now}
        await self._scope.run(_no_failure_yet(self._scope.dialect.insert), row)
        failures, last = (await self._scope.run(_FAILURES_LOCKED, {"hashed": hashed})).one()
        counted = _counting(failures, last, now).count + 1
        await self._scope.run(_COUNT_FAILURE, {"hashed": hashed, "counted": counted, "now": now})

    async def failures(self, subject: str, now: datetime) -> Failures:
        """Return which failures of ``subject`` still count."""
        row = (await self._scope.run(_FAILURES, {"hashed": self._failing(subject)})).one_or_none()
        return _counting(row.failures, row.last, now) if row else Failures(0, now)

    async def succeeded(self, subject: str) -> None:
        """Forget the failures of ``subject``."""
        await self._scope.run(_SUCCEEDED, {"hashed": self._failing(subject)})

    def _failing(self, subject: str) -> str:
        return self._scope.keys.secret_hash("failure", subject)

    async def keep_draft(self, staff_id: int, page: str, content: Mapping[str, str], now: datetime) -> None:
        """Keep what was typed into the form of ``page`` and not saved yet, in the place of what was kept before."""
        sealed = self._scope.keys.encrypt(json.dumps(dict(content)))
        row = {"staff": staff_id, "page": page, "content": sealed, "at": now}
        await self._scope.run(_keep_draft(self._scope.dialect.insert), row)

    async def draft(self, staff_id: int, page: str) -> Draft | None:
        """Return what was kept of ``page``, None if nothing was or it cannot be read."""
        return (await self._drafts(staff_id, staff_drafts.c.page == page)).get(page)

    async def drafts(self, staff_id: int, begin: str) -> dict[str, Draft]:
        """Return what was kept of all pages whose name begins with ``begin``, the newest first."""
        return await self._drafts(staff_id, staff_drafts.c.page.startswith(begin, autoescape=True))

    async def _drafts(self, staff_id: int, wanted: ColumnElement[bool]) -> dict[str, Draft]:
        query = _DRAFTS.where(staff_drafts.c.staff == staff_id, wanted).order_by(*_NEWEST_FIRST)
        found = await self._scope.run(query)
        read = [(page, self._scope.read(content), at) for page, content, at in found]
        return {page: Draft(json.loads(text), at) for page, text, at in read if text}

    async def drop_draft(self, staff_id: int, page: str) -> None:
        """Forget what was kept of ``page``."""
        await self._scope.run(_DROP_DRAFT, {"whose": staff_id, "of_page": page})
