"""Conversations and the registrations left in them."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Executable, bindparam, delete, func, insert, select, update

from bot.conversation.registration import Answer, Consent, Registration
from bot.conversation.state import State
from bot.store import erased, lanes, talks
from bot.store.audit import Audit
from bot.store.cases import Cases
from bot.store.dialects import Insert
from bot.store.errors import ReceiptTaken, UnreadableError
from bot.store.past_employed import count_past_employed
from bot.store.registered import columns_of, consent_row, consents_of, phone_of, read_answers
from bot.store.scope import Scope, padded
from bot.store.tables import (
    case_messages,
    cases,
    consents,
    conversations,
    dead_letters,
    erasures,
    inbox,
    outbox,
    questions,
    registrations,
    staff_drafts,
)
from bot.store.tallies import Tallies

_log = logging.getLogger(__name__)
PERSON = "person"
DELETED, EXPIRED = "registration-deleted", "registration-expired"

_CHATS: BindParameter[Any] = bindparam("chats", expanding=True)
_RECEIPTS: BindParameter[Any] = bindparam("receipts", expanding=True)
_WHOSE: BindParameter[Any] = bindparam("whose")
_REGISTRATIONS = (
    select(
        registrations.c.chat,
        registrations.c.receipt,
        registrations.c.answers,
        registrations.c.created,
        registrations.c.updated,
    )
    .where(registrations.c.chat.in_(_CHATS))
    .order_by(registrations.c.created, registrations.c.receipt)
)
_CHANGE = (
    update(registrations)
    .where(registrations.c.receipt == bindparam("number"), registrations.c.chat == _WHOSE)
    .values(
        {name: bindparam(f"new_{name}") for name in ("whom", "town", "answers", "phone_hash", "created", "updated")}
    )
)
_ADD_CONSENTS = insert(consents)
_THE_CONSENT = (
    consents.c.receipt == bindparam("number"),
    consents.c.kind == bindparam("of_kind"),
    consents.c.version == bindparam("of_version"),
    consents.c.agreed == bindparam("was_agreed"),
    consents.c.at == bindparam("given"),
    consents.c.withdrawn.is_(None),
)
_WITHDRAW_CONSENTS = update(consents).where(*_THE_CONSENT).values(withdrawn=bindparam("now"))
_MOVE_CONSENTS = update(consents).where(*_THE_CONSENT).values(position=bindparam("place"))
_ERASED = select(erasures.c.subject).where(erasures.c.subject.in_(bindparam("subjects", expanding=True)))
_CHAT_OF = select(registrations.c.chat).where(registrations.c.receipt == bindparam("number"))
_STAFF_WROTE = (
    select(case_messages.c.receipt, func.max(case_messages.c.at, type_=case_messages.c.at.type))
    .where(case_messages.c.receipt.in_(_RECEIPTS), case_messages.c.staff.is_not(None))
    .group_by(case_messages.c.receipt)
)
_OWN_RECEIPTS = select(registrations.c.receipt).where(registrations.c.chat == _WHOSE)
_ERASE = (
    delete(registrations)
    .where(registrations.c.receipt.in_(_RECEIPTS), registrations.c.chat == _WHOSE)
    .returning(registrations.c.receipt, registrations.c.phone_hash)
)
_CASES = (
    select(cases.c.employed, cases.c.town)
    .join(registrations, registrations.c.receipt == cases.c.receipt)
    .where(cases.c.receipt.in_(_RECEIPTS), registrations.c.chat == _WHOSE)
    .order_by(cases.c.receipt)  # always locked in the same order, also by who gives several to a clerk
    .with_for_update(of=cases)
)
_ERASE_DRAFTS = delete(staff_drafts).where(staff_drafts.c.page.contains(bindparam("number")))
_ERASE_CONVERSATION = delete(conversations).where(conversations.c.chat == _WHOSE)
_ERASE_TRACES = (
    update(inbox).where(inbox.c.chat == _WHOSE, inbox.c.finished.is_not(None)).values(body=None, error=None),
    update(outbox).where(outbox.c.chat == _WHOSE, outbox.c.finished.is_not(None)).values(body=None, error=None),
    delete(dead_letters).where(dead_letters.c.chat == _WHOSE),
)
_ERASE_QUESTIONS = delete(questions).where(questions.c.chat == _WHOSE)
# What staff type on these pages are mostly the words of a question in the log; whose, cannot be told.
_ERASE_SAMPLES_BEGUN = delete(staff_drafts).where(staff_drafts.c.page.startswith("/questions/"))
_same = registrations.alias("same")
MARK_SHARED = update(registrations).values(
    phone_shared=select(func.count() > 1).where(_same.c.phone_hash == registrations.c.phone_hash).scalar_subquery()
)
_MARK_SHARED = MARK_SHARED.where(registrations.c.phone_hash.in_(bindparam("phones", expanding=True)))
_TO_NEWEST_HASH = (
    update(registrations)
    .where(registrations.c.phone_hash.in_(bindparam("older", expanding=True)))
    .values(phone_hash=bindparam("newest"))
)


@cache
def _keep(insert: Insert) -> Executable:
    new: Any = insert(conversations)
    changed = {name: new.excluded[name] for name in ("state", "has_draft", "updated")}
    return new.on_conflict_do_update(index_elements=["chat"], set_=changed)  # type: ignore[no-any-return]


@cache
def _register(insert: Insert) -> Executable:
    new: Any = insert(registrations)
    return new.on_conflict_do_nothing(index_elements=["receipt"]).returning(registrations.c.receipt)  # type: ignore[no-any-return]


class People:
    """What is known of the people who talk to the bot, by chat.

    Conversations are gathered and written together when the transaction ends.
    """

    def __init__(self, scope: Scope, audit: Audit, tallies: Tallies, cases: Cases) -> None:
        self._scope = scope
        self._audit = audit
        self._tallies = tallies
        self._cases = cases
        self._gathered: dict[str, dict[str, Any]] = {}
        self._locked = False

    async def load(self, chats: Collection[str]) -> dict[str, State]:
        """Return the state of each of ``chats``, a new one for a new chat, and lock them until the transaction ends.

        A conversation that cannot be read, say of an older version, begins anew with its registrations.
        """
        if not chats:
            return {}
        await self.flush()
        stored = await lanes.lock(self._scope, chats)
        left = await self._registrations(chats)
        wrote = await self._staff_wrote(left)
        return {
            chat: replace(
                talks.opened(self._scope.keys, stored.get(chat)),
                registrations=left.get(chat, ()),
                staff_wrote=wrote.get(chat),
            )
            for chat in chats
        }

    async def _staff_wrote(self, left: Mapping[str, tuple[Registration, ...]]) -> dict[str, tuple[str, datetime]]:
        """Return about which registration the staff last wrote to each chat, and when."""
        chats = {one.receipt: chat for chat, registered in left.items() for one in registered}
        if not chats:
            return {}
        newest: dict[str, tuple[str, datetime]] = {}
        for receipt, at in (await self._scope.run(_STAFF_WROTE, {"receipts": padded(chats)})).all():
            chat = chats[receipt]
            if chat not in newest or newest[chat][1] < at:
                newest[chat] = (receipt, at)
        return newest

    async def _registrations(self, chats: Collection[str]) -> dict[str, tuple[Registration, ...]]:
        rows = (await self._scope.run(_REGISTRATIONS, {"chats": padded(chats)})).all()
        if not rows:
            return {}
        given = await consents_of(self._scope, [row.receipt for row in rows])
        left: dict[str, tuple[Registration, ...]] = {}
        for chat, receipt, sealed, created, updated in rows:
            answers = self._answers(receipt, sealed)
            if answers is not None:
                one = Registration(receipt, answers, given.get(receipt, ()), created, updated)
                left[chat] = (*left.get(chat, ()), one)
        return left

    def _answers(self, receipt: str, sealed: bytes) -> dict[str, Answer] | None:
        """Return the answers, None if they cannot be read: the row stays as it is, but the chat has to do without."""
        try:
            return read_answers(self._scope.keys.decrypt(sealed))
        except (UnreadableError, ValueError):
            _log.error("registration %s (keyed hash) cannot be read", self._scope.keys.receipt_hash(receipt))
            return None

    async def save(self, chat: str, before: State, after: State, now: datetime) -> None:
        """Keep ``after`` where :meth:`load` gave ``before``: the conversation, and what changed in the registrations.

        Raises :class:`ReceiptTaken` before anything is written.
        """
        if after.forgotten:
            await self.forget(chat, now, [])
            after = replace(after, forgotten=False)
        if before.registrations != after.registrations:
            old = {one.receipt: one for one in before.registrations}
            new = {one.receipt: one for one in after.registrations}
            await self.lock_registrations()
            await self._add(chat, [new[receipt] for receipt in new if receipt not in old], now)
            for receipt, one in new.items():
                if receipt in old and one != old[receipt]:
                    await self._change(chat, old[receipt], one, now)
            if removed := [receipt for receipt in old if receipt not in new]:
                await self.forget(chat, now, removed)
        self._gathered[chat] = {
            "chat": chat,
            "state": talks.sealed(self._scope.keys, after),
            "has_draft": after.draft is not None,
            "updated": now,
        }

    async def flush(self) -> None:
        """Write the gathered conversations."""
        rows = [self._gathered[chat] for chat in sorted(self._gathered)]
        self._gathered.clear()
        if rows:
            await self._scope.run(_keep(self._scope.dialect.insert), rows)

    async def lock_registrations(self) -> None:
        """Let nobody else change registrations until this transaction ends."""
        if not self._locked:
            await self._scope.dialect.lock_registrations(self._scope.connection)
            self._locked = True

    async def _add(self, chat: str, new: Sequence[Registration], now: datetime) -> None:
        if not new:
            return
        # The number of a deleted registration stays taken, or a backup could bring the deleted one back by it.
        subjects = padded(self._scope.keys.receipt_hash(one.receipt) for one in new)
        if (await self._scope.run(_ERASED, {"subjects": subjects})).first():
            raise ReceiptTaken
        rows = [
            {"receipt": one.receipt, "chat": chat, "phone_shared": False, **columns_of(self._scope.keys, one)}
            for one in new
        ]
        added = (await self._scope.run(_register(self._scope.dialect.insert), rows)).scalars().all()
        if len(added) < len(rows):
            if added:
                await self._scope.run(_ERASE, {"receipts": padded(added), "whose": chat})
            raise ReceiptTaken
        for one in new:
            await self._change_consents(one.receipt, (), one.consents, now)
        await self._mark_shared(phone_of(one.answers) for one in new)
        await self._cases.opened(new)
        await self._audit.add_all(PERSON, "registered", added, now)

    async def _change(self, chat: str, old: Registration, new: Registration, now: datetime) -> None:
        columns = {f"new_{name}": value for name, value in columns_of(self._scope.keys, new).items()}
        changed = await self._scope.run(_CHANGE, {"number": new.receipt, "whose": chat, **columns})
        if changed.rowcount == 0:  # gone without its chat having been locked
            await self._add(chat, [new], now)
            return
        await self._change_consents(new.receipt, old.consents, new.consents, now)
        await self._mark_shared((phone_of(old.answers), phone_of(new.answers)))
        await self._cases.registration_changed(old, new, now)
        await self._audit.add(PERSON, "changed", new.receipt, now)

    async def _change_consents(
        self, receipt: str, old: Sequence[Consent], new: Sequence[Consent], now: datetime
    ) -> None:
        if gone := [_named(receipt, one) | {"now": now} for one in old if one not in new]:
            await self._scope.run(_WITHDRAW_CONSENTS, gone)
        places = {one: place for place, one in enumerate(new)}
        if moved := [_named(receipt, one) | {"place": places[one]} for one in old if one in places]:
            await self._scope.run(_MOVE_CONSENTS, moved)
        added = [consent_row(receipt, place, one) for one, place in places.items() if one not in old]
        if added:
            await self._scope.run(_ADD_CONSENTS, added)

    async def _mark_shared(self, phones: Iterable[str | None]) -> None:
        """Set the mark right on all registrations that have, or had, one of ``phones``."""
        newest = []
        for phone in {phone for phone in phones if phone}:
            hashed, *older = self._scope.keys.phone_hashes(phone)
            if older:  # a change of keys is under way
                await self._scope.run(_TO_NEWEST_HASH, {"older": older, "newest": hashed})
            newest.append(hashed)
        await self._mark_hashes(newest)

    async def _mark_hashes(self, hashes: Sequence[str]) -> None:
        if hashes:
            await self._scope.run(_MARK_SHARED, {"phones": padded(sorted(hashes))})

    async def chat_of(self, receipt: str) -> str | None:
        """Return the chat that left the registration with this ``receipt``, None if there is none."""
        found = await self._scope.run(_CHAT_OF, {"number": receipt})
        chat: str | None = found.scalar_one_or_none()
        return chat

    async def forget(
        self, chat: str, now: datetime, receipts: Collection[str] | None = None, why: str = DELETED, who: str = PERSON
    ) -> None:
        """Erase ``receipts`` of ``chat`` and what was said around them; None: all of them and the conversation.

        The chat has to be loaded before, so that nobody is changing it now. What is still to be answered or sent
        stays until it is. What remains: a count, for who was employed another by day and town, an audit entry, and
        keyed hashes that keep a backup from bringing back what was deleted at the wish of the person.
        """
        await self.lock_registrations()
        if receipts is None:
            found = list((await self._scope.run(_OWN_RECEIPTS, {"whose": chat})).scalars())
            self._gathered.pop(chat, None)
            await self._scope.run(_ERASE_CONVERSATION, {"whose": chat})
        else:
            found = list(receipts)
            await self._forget_in_conversation(chat, found)
        if found:
            await self._erase(chat, found, now, why, who)
        if why == DELETED:
            await erased.mark_chat(self._scope, chat, now)
        for statement in _ERASE_TRACES:
            await self._scope.run(statement, {"whose": chat})
        if (await self._scope.run(_ERASE_QUESTIONS, {"whose": chat})).rowcount:
            await self._scope.run(_ERASE_SAMPLES_BEGUN)

    async def _forget_in_conversation(self, chat: str, receipts: Collection[str]) -> None:
        """Drop what the conversation holds of ``receipts``: changes begun, the open list, the last question.

        Where a conversation is being saved in this transaction, that is written later and is what counts.
        """
        stored = (await lanes.lock_existing(self._scope, [chat])).get(chat)
        if stored is None or not receipts:
            return
        state = talks.opened(self._scope.keys, stored)
        draft = None if state.draft is not None and state.draft.receipt in receipts else state.draft
        await talks.rewrite(
            self._scope, chat, replace(state, draft=draft, open=None, topic=None, question="", unsent="")
        )

    async def _erase(self, chat: str, receipts: Sequence[str], now: datetime, why: str, who: str) -> None:
        # Locked, so that nobody notes an employment between the count and the deletion.
        held = (await self._scope.run(_CASES, {"receipts": padded(receipts), "whose": chat})).all()
        rows = (await self._scope.run(_ERASE, {"receipts": padded(receipts), "whose": chat})).all()
        if not rows:
            return
        gone = [row[0] for row in rows]
        await self._mark_hashes(sorted({row[1] for row in rows if row[1]}))
        await erased.mark_receipts(self._scope, gone, now)
        await self._audit.add_all(who, "deleted" if why == DELETED else "expired", gone, now)
        await self._tallies.add(why, now, len(gone))
        await count_past_employed(self._tallies, [(row.employed, row.town) for row in held if row.employed])
        # What the staff were just typing about it, by the address of its page.
        await self._scope.run(_ERASE_DRAFTS, [{"number": receipt} for receipt in gone])


def _named(receipt: str, one: Consent) -> dict[str, Any]:
    return {
        "number": receipt,
        "of_kind": one.kind,
        "of_version": one.version,
        "was_agreed": one.agreed,
        "given": one.at,
    }
