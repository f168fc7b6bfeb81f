"""Deletes what is no longer needed."""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Delete, Table, Update, bindparam, delete, or_, select, update

from bot.store.erased import IS_OF_CHAT
from bot.store.people import EXPIRED
from bot.store.sessions import FAILURES_COUNT_FOR
from bot.store.store import Store, Transaction
from bot.store.tables import (
    case_messages,
    conversations,
    dead_letters,
    erasures,
    inbox,
    outbox,
    questions,
    registrations,
    sign_in_failures,
    staff,
    staff_drafts,
    staff_sessions,
)

_log = logging.getLogger(__name__)
_CONTENT_KEPT = timedelta(hours=24)
_ROW_KEPT = timedelta(days=2)
_STAFF_KEPT = timedelta(days=7)  # sessions, and what was typed into forms of the console
_AT_ONCE = 500  # rows in one transaction, so that the bot never waits long
_HOUSEKEEPING = "housekeeping"
_BEFORE: BindParameter[Any] = bindparam("before")


@dataclass(frozen=True)
class Retention:
    """How many days things are kept since they were last touched.

    ``conversations`` are those without a draft; ``drafts`` those in which a form is being filled in.
    """

    registrations: int = 730
    questions: int = 180
    dead_letters: int = 30
    conversations: int = 90
    drafts: int = 90

    @property
    def said(self) -> int:
        """How many days at most anything is kept that was said in a chat."""
        return max(self.questions, self.dead_letters, self.conversations, self.drafts)


def _some(table: Table, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    key = next(iter(table.primary_key))
    return key.in_(select(key).where(condition).limit(_AT_ONCE))


def _delete(table: Table, condition: ColumnElement[bool]) -> Delete:
    # The condition once more: PostgreSQL looks at it again, but not into the subquery, after waiting for a row that
    # another has just changed.
    return delete(table).where(_some(table, condition), condition)


def _clear(table: Table) -> Update:
    filled = or_(table.c.body.is_not(None), table.c.error.is_not(None))
    over = (table.c.finished < _BEFORE) & filled
    return update(table).where(_some(table, over), over).values(body=None, error=None)


_idle = or_(conversations.c.updated < _BEFORE, conversations.c.updated.is_(None))
_CLEAR_INBOX, _CLEAR_OUTBOX = _clear(inbox), _clear(outbox)
_INBOX, _OUTBOX = (_delete(table, table.c.finished < _BEFORE) for table in (inbox, outbox))
_QUESTIONS = _delete(questions, questions.c.asked < _BEFORE)
_DEAD_LETTERS = _delete(dead_letters, dead_letters.c.buried < _BEFORE)
_CONVERSATIONS = _delete(conversations, _idle & conversations.c.has_draft.is_(False))
_DRAFTS = _delete(conversations, _idle & conversations.c.has_draft.is_(True))
_SESSIONS = _delete(staff_sessions, or_(staff_sessions.c.ended < _BEFORE, staff_sessions.c.seen < _BEFORE))
_STAFF_DRAFTS = _delete(staff_drafts, staff_drafts.c.at < _BEFORE)
_ERASED_CHATS = _delete(erasures, IS_OF_CHAT & (erasures.c.day < _BEFORE))
_FAILURES = _delete(sign_in_failures, sign_in_failures.c.last < _BEFORE)
_INVITATIONS, _LINKS = (
    update(staff).where(_some(staff, until < _BEFORE)).values({hashed: None, until: None})
    for hashed, until in ((staff.c.invite_hash, staff.c.invite_until), (staff.c.link_hash, staff.c.link_until))
)
_EXPIRED = (
    select(registrations.c.chat, registrations.c.receipt)
    .where(registrations.c.updated < _BEFORE)
    .order_by(registrations.c.chat, registrations.c.receipt)
    .limit(_AT_ONCE)
)


# What became of a message to the person is still told when its row in the outbox is gone.
_outcome = select(outbox.c.outcome).where(outbox.c.id == case_messages.c.outbox)
_KEEP_OUTCOMES = (
    update(case_messages)
    .where(
        case_messages.c.outcome.is_(None),
        case_messages.c.outbox.in_(select(outbox.c.id).where(outbox.c.finished < _BEFORE)),
    )
    .values(outcome=_outcome.scalar_subquery())
)


async def purge(store: Store, retention: Retention, now: datetime) -> dict[str, int]:
    """Delete what its time is over for, a little at a time; return how many of each kind.

    May run beside the bot, and again after it was cut short. Raises :class:`StoreUnavailable`.
    """
    days = {name: now - timedelta(days=kept) for name, kept in vars(retention).items()}
    registrations_gone = await _expire_registrations(store, days["registrations"], now)
    async with store.transaction() as transaction:
        await transaction.scope.run(_KEEP_OUTCOMES, {"before": now - _ROW_KEPT})
    counts = {
        "registrations": registrations_gone,
        "contents": await _repeat(store, _CLEAR_INBOX, now - _CONTENT_KEPT)
        + await _repeat(store, _CLEAR_OUTBOX, now - _CONTENT_KEPT),
        "inbox": await _repeat(store, _INBOX, now - _ROW_KEPT),
        "outbox": await _repeat(store, _OUTBOX, now - _ROW_KEPT),
        "questions": await _repeat(store, _QUESTIONS, days["questions"]),
        "dead_letters": await _repeat(store, _DEAD_LETTERS, days["dead_letters"]),
        "conversations": await _repeat(store, _CONVERSATIONS, days["conversations"]),
        "drafts": await _repeat(store, _DRAFTS, days["drafts"]),
        # What is in a backup older than these marks is deleted for its age after a restore.
        "erased_chats": await _repeat(store, _ERASED_CHATS, (now - timedelta(days=retention.said)).date()),
        "staff_sessions": await _repeat(store, _SESSIONS, now - _STAFF_KEPT),
        "staff_drafts": await _repeat(store, _STAFF_DRAFTS, now - _STAFF_KEPT),
        "sign_in_failures": await _repeat(store, _FAILURES, now - FAILURES_COUNT_FOR),
        "invitations": await _repeat(store, _INVITATIONS, now) + await _repeat(store, _LINKS, now),
    }
    await store.tidy()
    # What the record can be held against later: who writes only to the database cannot change it in the log.
    if (end := await store.audit_end()) is not None:
        _log.info("audit end %s", end.told())
    return counts


async def _repeat(store: Store, statement: Delete | Update, before: date) -> int:
    total = 0
    while True:
        async with store.transaction() as transaction:
            done = (await transaction.scope.run(statement, {"before": before})).rowcount
        total += done
        if done < _AT_ONCE:
            return total


async def _expire_registrations(store: Store, before: datetime, now: datetime) -> int:
    total = 0
    while True:
        async with store.transaction() as transaction:
            done = await _expire_some(transaction, before, now)
        if not done:
            return total
        total += done


async def _expire_some(transaction: Transaction, before: datetime, now: datetime) -> int:
    found = (await transaction.scope.run(_EXPIRED, {"before": before})).all()
    await transaction.people.load({chat for chat, _ in found})  # locks them: someone may be changing theirs just now
    receipts = defaultdict(list)
    for chat, receipt in (await transaction.scope.run(_EXPIRED, {"before": before})).all() if found else ():
        receipts[chat].append(receipt)
    chats = {chat for chat, _ in found}
    for chat in sorted(chats & set(receipts)):
        await transaction.people.forget(chat, now, receipts[chat], why=EXPIRED, who=_HOUSEKEEPING)
    return sum(len(receipts[chat]) for chat in chats)
