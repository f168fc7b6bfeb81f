"""Cases: one for each registration, with all that the staff do about it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from bot.casework import case as casework
from bot.casework import notes
from bot.casework.case import CONTACT, FORM, NEEDS_REASON, OPEN, REPLY, Case, FollowUp, Status, Step
from bot.casework.contact import VISIT
from bot.clock import day_of
from bot.conversation.forms import load_form
from bot.conversation.message import Reply
from bot.conversation.registration import Registration
from bot.store import contacts, facets, lanes, talks, visits
from bot.store.case_query import within
from bot.store.case_reading import load_cases, next_follow_ups
from bot.store.errors import CaseChanged, NoSuchCase, Unreachable
from bot.store.outbox import Outbox, Parcel
from bot.store.registered import word_of
from bot.store.scope import Scope, padded
from bot.store.tables import case_events, case_messages, case_steps, cases, conversations, registrations, staff_drafts

LONGEST_MESSAGE = 2000
"""Characters; what every platform takes as one message."""

_FORM = "jobseeker"
_NO_BOT = "terminal"
_CONTACTS = frozenset({"note", "note-corrected", "note-withdrawn", "step", "follow-up-done", "follow-up-reopened"})
"""Kinds of events after which the first contact may be another. A message is none before it was sent."""
_NUMBER = cases.c.receipt == bindparam("number")
_ADD = insert(cases)
_ADD_EVENT = insert(case_events)
_REWRITE = update(case_events).where(case_events.c.id == bindparam("event")).values(content=bindparam("kept"))
_DROP_TYPED = delete(staff_drafts).where(staff_drafts.c.page.contains(bindparam("form")))
_ADD_STEP = insert(case_steps)
_ADD_MESSAGE = insert(case_messages)
_HELD = select(cases).where(_NUMBER).with_for_update()
_THERE = select(cases.c.receipt).where(_NUMBER).with_for_update(read=True)
_MOVE = update(cases).where(_NUMBER)
_DROP_STEP = delete(case_steps).where(
    case_steps.c.receipt == bindparam("number"), case_steps.c.step == bindparam("which")
)
_CHAT = (
    select(registrations.c.chat, conversations.c.blocked)
    .join(conversations, conversations.c.chat == registrations.c.chat, isouter=True)
    .where(registrations.c.receipt == bindparam("number"))
)
_CHATS = select(registrations.c.chat).where(registrations.c.receipt.in_(bindparam("numbers", expanding=True)))
_SEEN = (
    update(case_messages)
    .where(
        case_messages.c.receipt == bindparam("number"),
        case_messages.c.staff.is_(None),
        case_messages.c.seen.is_(None),
        case_messages.c.id <= bindparam("newest"),
    )
    .values(seen=bindparam("now"))
)


class Cases:
    """Every change of the staff names the ``version`` of the case that they looked at, and who they are (``staff``).

    It raises :class:`NoSuchCase`, or :class:`CaseChanged` with the case as it is now when that version is no longer the
    newest; then nothing was changed. It leaves an event with what it was before and what it is after. Days lie in
    China; one that is still to come is refused with ValueError where something is said to have been done on it.
    """

    def __init__(self, scope: Scope, outbox: Outbox, form: str = "") -> None:
        self._scope = scope
        self._outbox = outbox
        self._form = form

    def by_form(self, mark: str) -> Cases:
        """Return the same cases: what the staff do there bears the ``mark`` of a form, so that it can be found again
        that the form was used. Who sends it a second time finds the case changed.
        """
        return Cases(self._scope, self._outbox, mark)

    async def load(self, receipt: str) -> Case | None:
        """Return the case, None if there is none."""
        return (await load_cases(self._scope, [receipt])).get(receipt)

    async def holds(self, receipt: str, scope: tuple[str, ...] | None) -> bool:
        """Say whether there is such a case in one of the towns of ``scope`` (None: anywhere).

        If so, it stays until the transaction ends: whoever erases it has to wait, and finds what was written meanwhile.
        """
        there = _THERE.where(*within(scope, cases.c.town))
        return (await self._scope.run(there, {"number": receipt})).first() is not None

    async def hold_conversations(self, receipts: Sequence[str]) -> None:
        """Lock the conversations of the people whose cases several of are about to be changed, until the transaction
        ends: people's own changes lock theirs first, and their cases in another order.
        """
        chats = (await self._scope.run(_CHATS, {"numbers": padded(receipts)})).scalars().all()
        await lanes.lock(self._scope, chats)

    async def load_all(self, receipts: Sequence[str]) -> dict[str, Case]:
        """Return the cases with these ``receipts`` (a few hundred at most), in the order asked for."""
        return await load_cases(self._scope, receipts)

    async def next_follow_ups(self, receipts: Sequence[str]) -> dict[str, FollowUp]:
        """Return the open follow-up of each of ``receipts`` that is due first, of those that have one."""
        return await next_follow_ups(self._scope, receipts)

    # -- what the person does

    async def opened(self, new: Sequence[Registration]) -> None:
        """Begin the cases of ``new`` registrations."""
        await self._scope.run(_ADD, [case_row(one) for one in new])
        await facets.add(self._scope, new)
        await self._scope.run(_ADD_EVENT, [self._event(one.receipt, "opened", None, {}, one.created) for one in new])

    async def registration_changed(self, old: Registration, new: Registration, now: datetime) -> None:
        """Follow a change that the person made, or that they handed it in again; a clerk has to see that.

        The history names the questions answered anew, not the answers.
        """
        await facets.change(self._scope, new)
        changed = {"town": word_of(new.answers, "town"), "changed": now, "version": cases.c.version + 1}
        await self._scope.run(_MOVE.values(changed), {"number": new.receipt})
        await self._hear(new.receipt, "", now)
        await self._note_event(new.receipt, "changed", None, {"fields": "、".join(_changed_labels(old, new))}, now)

    async def replied(self, receipt: str, text: str, now: datetime) -> None:
        """Keep what the person wrote back. Raises :class:`NoSuchCase`."""
        await self._lock(receipt)
        await self._hear(receipt, text, now)
        await self._scope.run(_MOVE.values(changed=now), {"number": receipt})
        await self._note_event(receipt, REPLY, None, {}, now)

    async def _hear(self, receipt: str, text: str, now: datetime) -> None:
        await self._scope.run(_ADD_MESSAGE, {"receipt": receipt, "text": self._scope.seal(text), "at": now})

    # -- what the staff do

    async def set_status(
        self,
        receipt: str,
        version: int,
        staff: int,
        now: datetime,
        status: Status,
        reason: str = "",
        never_employed: bool = False,
    ) -> None:
        """Say how far the case has come. Raises ValueError where a pause or an end has no ``reason``.

        ``EMPLOYED`` notes today as the day; who goes back among the open cases no longer counts as employed, and who is
        paused or closed only if they had work indeed (not ``never_employed``).
        """
        if status in NEEDS_REASON and not reason.strip():
            raise ValueError("a pause or an end needs a reason")
        held = await self._hold(receipt, version)
        columns: dict[str, Any] = {"status": status, "reason": self._scope.seal(reason.strip() or None)}
        if status is Status.EMPLOYED:
            columns["employed"] = held.employed or day_of(now)
        elif status in OPEN or never_employed:
            columns["employed"] = None
        content = {"before": held.status, "after": status, "reason": reason.strip()}
        if "employed" in columns and columns["employed"] is None:
            content["not_since"] = _shown(held.employed)
        await self._change(held, staff, now, "status", content, columns)

    async def employ(self, receipt: str, version: int, staff: int, now: datetime, on: date, result: str = "") -> None:
        """Note that the person has had work since the day ``on``."""
        _check_day(on, now)
        held = await self._hold(receipt, version)
        content = {"before": held.status, "after": Status.EMPLOYED, "on": on.isoformat(), "result": result.strip()}
        columns = {"status": Status.EMPLOYED, "employed": on, "reason": None}
        await self._change(held, staff, now, "status", content, columns)

    async def do_step(
        self, receipt: str, version: int, staff: int, now: datetime, step: Step, on: date, result: str = ""
    ) -> None:
        """Note that one of the four was done ``on`` a day; once more corrects the day and the result.

        Done for the first time, it moves the status on.
        """
        _check_day(on, now)
        held = await self._hold(receipt, version)
        before = getattr(held, step)
        # Who corrects a word of it has not come any further.
        status = casework.advanced(Status(held.status), step) if before is None else Status(held.status)
        await self._scope.run(_DROP_STEP, {"number": receipt, "which": step})
        done = {"receipt": receipt, "step": step, "staff": staff, "result": self._scope.seal(result.strip() or None)}
        await self._scope.run(_ADD_STEP, {**done, "noted": now})
        content = {"step": step, "before": _shown(before), "after": on.isoformat(), "result": result.strip()}
        columns = {step.value: on, "status": status}
        await self._change(held, staff, now, "step", content | _moved(held.status, status), columns)

    async def undo_step(self, receipt: str, version: int, staff: int, now: datetime, step: Step) -> None:
        """Note that one of the four was not done after all; the status and the first contact go back with it."""
        held = await self._hold(receipt, version)
        await self._scope.run(_DROP_STEP, {"number": receipt, "which": step})
        still_done = [one for one in Step if one is not step and getattr(held, one) is not None]
        status = casework.fallen_back(Status(held.status), step, still_done)
        content = {"step": step, "before": _shown(getattr(held, step)), "after": ""} | _moved(held.status, status)
        await self._change(held, staff, now, "step", content, {step.value: None, "status": status})

    async def note(
        self, receipt: str, version: int, staff: int, now: datetime, text: str, contact: bool = False
    ) -> None:
        """Keep a note; ``contact``: that the person was spoken to."""
        held = await self._hold(receipt, version)
        content = {"text": text, **({CONTACT: "yes"} if contact else {})}
        await self._change(held, staff, now, "note", content, {})

    async def correct_note(
        self, receipt: str, version: int, staff: int, now: datetime, id: int, text: str, contact: bool = False
    ) -> None:
        """Put ``text`` and ``contact`` in the place of those of a note; the history keeps what stood there.

        Raises ValueError where no note with this ``id`` holds.
        """
        held = await self._hold(receipt, version)
        await self._standing(receipt, id)
        content = {notes.NOTE: str(id), "text": text, CONTACT: "yes" if contact else "no"}
        await self._change(held, staff, now, notes.CORRECTED, content, {})

    async def withdraw_note(
        self, receipt: str, version: int, staff: int, now: datetime, id: int, why: notes.Why
    ) -> None:
        """Let a note no longer hold. Where it should never have stood here, its words are erased: from the history, and
        from what anybody typed to correct them.

        Raises ValueError where no note with this ``id`` holds.
        """
        held = await self._hold(receipt, version)
        case = await self._standing(receipt, id)
        if why in notes.ERASING:
            nothing = self._scope.seal(json.dumps({notes.ERASED: "yes", notes.NOTE: str(id)}))
            for event in notes.words_of(id, case.events):
                await self._scope.run(_REWRITE, {"event": event, "kept": nothing})
            await self._scope.run(_DROP_TYPED, {"form": f"/cases/{receipt}#note-{id}."})
        await self._change(held, staff, now, notes.WITHDRAWN, {notes.NOTE: str(id), notes.WHY: why}, {})

    async def _standing(self, receipt: str, id: int) -> Case:
        case = await self.load(receipt)
        if case is None or all(note.id != id for note in notes.standing(case.events)):
            raise ValueError("there is no such note")
        return case

    async def assign(self, receipt: str, version: int, staff: int, now: datetime, counselor: int | None) -> None:
        """Give the case to an account, None: to nobody."""
        held = await self._hold(receipt, version)
        content = {"before": _shown(held.counselor), "after": _shown(counselor)}
        await self._change(held, staff, now, "counselor", content, {"counselor": counselor})

    async def plan_follow_up(
        self, receipt: str, version: int, staff: int, now: datetime, due: date, purpose: str = ""
    ) -> None:
        """Plan a visit or a call."""
        held = await self._hold(receipt, version)
        id = await visits.plan(self._scope, receipt, due, purpose.strip(), staff, now)
        content = {VISIT: str(id), "due": due.isoformat(), "purpose": purpose.strip()}
        await self._change_follow_ups(held, staff, now, "follow-up", content)

    async def finish_follow_up(
        self,
        receipt: str,
        version: int,
        staff: int,
        now: datetime,
        id: int,
        on: date,
        result: str = "",
        contact: bool = False,
    ) -> None:
        """Note what came of a planned visit or call; ``contact``: that the person was spoken to.

        Raises ValueError where none is open with this ``id``.
        """
        _check_day(on, now)
        held = await self._hold(receipt, version)
        due, purpose = await visits.planned(self._scope, receipt, id)
        await visits.finish(self._scope, id, on, staff, result.strip())
        content = {
            VISIT: str(id),
            "due": due.isoformat(),
            "purpose": purpose,
            "on": on.isoformat(),
            "result": result.strip(),
            CONTACT: "yes" if contact else "no",
        }
        await self._change_follow_ups(held, staff, now, "follow-up-done", content)

    async def reopen_follow_up(self, receipt: str, version: int, staff: int, now: datetime, id: int) -> None:
        """Note that a visit or call was not done after all: it is still to be done, and was no contact.

        Raises ValueError where none with this ``id`` was done.
        """
        held = await self._hold(receipt, version)
        due, purpose = await visits.over(self._scope, receipt, id)
        await visits.reopen(self._scope, id)
        content = {VISIT: str(id), "due": due.isoformat(), "purpose": purpose}
        await self._change_follow_ups(held, staff, now, "follow-up-reopened", content)

    async def move_follow_up(
        self, receipt: str, version: int, staff: int, now: datetime, id: int, due: date, reason: str = ""
    ) -> None:
        """Plan a visit or call for another day. Raises ValueError where none is open with this ``id``."""
        held = await self._hold(receipt, version)
        before, purpose = await visits.planned(self._scope, receipt, id)
        await visits.move(self._scope, id, due)
        content = {"before": before.isoformat(), "after": due.isoformat(), "purpose": purpose, "reason": reason.strip()}
        await self._change_follow_ups(held, staff, now, "follow-up-moved", content)

    async def cancel_follow_up(
        self, receipt: str, version: int, staff: int, now: datetime, id: int, reason: str
    ) -> None:
        """Call a visit or call off: only the history tells of it then.

        Raises ValueError without a ``reason``, and where none is open with this ``id``.
        """
        if not reason.strip():
            raise ValueError("calling off a follow-up needs a reason")
        held = await self._hold(receipt, version)
        due, purpose = await visits.planned(self._scope, receipt, id)
        await visits.drop(self._scope, id)
        content = {VISIT: str(id), "due": due.isoformat(), "purpose": purpose, "reason": reason.strip()}
        await self._change_follow_ups(held, staff, now, "follow-up-cancelled", content)

    async def _change_follow_ups(
        self, held: Any, staff: int, now: datetime, kind: str, content: Mapping[str, str]
    ) -> None:
        columns = await visits.next_columns(self._scope, held.receipt)
        await self._change(held, staff, now, kind, content, columns)

    async def file_plan(self, receipt: str, version: int, staff: int, now: datetime, text: str, on: date) -> None:
        """Put the person's own plan (一人一策) on file; an empty ``text`` takes it off again."""
        _check_day(on, now)
        held = await self._hold(receipt, version)
        kept = text.strip()
        content = {"before": self._scope.read(held.plan), "after": kept, "on": on.isoformat() if kept else ""}
        columns = {"plan": self._scope.seal(kept or None), "filed": on if kept else None}
        await self._change(held, staff, now, "plan", content, columns)

    # -- messages

    async def reachable(self, receipt: str) -> bool:
        """Return whether the person can be written to through the bot."""
        found = (await self._scope.run(_CHAT, {"number": receipt})).first()
        return found is not None and found.blocked is None and _can_be_written_to(found.chat)

    async def write(self, receipt: str, version: int, staff: int, now: datetime, text: str) -> int:
        """Send ``text`` as it stands to the person through the bot; return the id of its outbox row.

        What the conversation asked before is put aside: a number, or a yes, is no answer to that any more.
        Raises :class:`Unreachable`, and ValueError for nothing and for more than :data:`LONGEST_MESSAGE` characters.
        """
        if not text.strip() or len(text) > LONGEST_MESSAGE:
            raise ValueError("a message has some characters, and not too many")
        found = (await self._scope.run(_CHAT, {"number": receipt})).first()
        if found is None:
            raise NoSuchCase
        stored = (await lanes.lock(self._scope, [found.chat])).get(found.chat)  # before the case, as a person does
        held = await self._hold(receipt, version)
        if not await self.reachable(receipt):
            raise Unreachable
        if stored is not None:
            state = talks.opened(self._scope.keys, stored)
            await talks.rewrite(self._scope, found.chat, state.with_all_put_aside(receipt))
        row = await self._outbox.add_one(Parcel(found.chat, Reply(text)), now)
        message = {"receipt": receipt, "staff": staff, "text": self._scope.seal(text), "at": now, "outbox": row}
        await self._scope.run(_ADD_MESSAGE, message)
        await self._change(held, staff, now, "message", {}, {})
        return row

    async def seen(self, case: Case, now: datetime) -> None:
        """Note that what the person wrote back or changed, as far as ``case`` has it, was seen by who works on it."""
        newest = max((each.id for each in case.messages), default=0)
        await self._scope.run(_SEEN, {"number": case.receipt, "newest": newest, "now": now})

    # -- what they share

    async def _lock(self, receipt: str) -> Any:
        held = (await self._scope.run(_HELD, {"number": receipt})).first()
        if held is None:
            raise NoSuchCase
        return held

    async def _hold(self, receipt: str, version: int) -> Any:
        """Lock the case and return its row, if it is as the clerk saw it."""
        held = await self._lock(receipt)
        if held.version != version:
            current = await self.load(receipt)
            raise CaseChanged(current) if current else NoSuchCase
        return held

    async def _change(
        self, held: Any, staff: int, now: datetime, kind: str, content: Mapping[str, str], columns: Mapping[str, Any]
    ) -> None:
        values = {**columns, "changed": now, "version": held.version + 1}
        await self._scope.run(_MOVE.values(values), {"number": held.receipt})
        await self._note_event(held.receipt, kind, staff, {**content, FORM: self._form}, now)
        if kind in _CONTACTS:
            await contacts.renew(self._scope, held.receipt)

    async def _note_event(
        self, receipt: str, kind: str, staff: int | None, content: Mapping[str, str], now: datetime
    ) -> None:
        await self._scope.run(_ADD_EVENT, self._event(receipt, kind, staff, content, now))

    def _event(
        self, receipt: str, kind: str, staff: int | None, content: Mapping[str, str], at: datetime
    ) -> dict[str, Any]:
        said = {name: value for name, value in content.items() if value or name in {"before", "after"}}
        sealed = self._scope.seal(json.dumps(said)) if said else None
        return {"receipt": receipt, "kind": kind, "staff": staff, "content": sealed, "at": at}


def case_row(one: Registration) -> dict[str, Any]:
    """Return the row of the new case of a registration."""
    return {
        "receipt": one.receipt,
        "town": word_of(one.answers, "town"),
        "created": one.created,
        "registered": day_of(one.created),
        "changed": one.updated,
        "status": Status.NEW,
        "version": 1,
    }


def _can_be_written_to(chat: str) -> bool:
    """Return whether a bot is there, and nobody else reads along (a group's number is negative)."""
    channel, _, place = chat.partition(":")
    return channel != _NO_BOT and not place.startswith("-") and "/" not in place


def _changed_labels(old: Registration, new: Registration) -> list[str]:
    """Return what the questions are called whose answers, or consents, changed; in the order of the form."""
    steps = load_form(_FORM).steps
    changed = {step for step in {*old.answers, *new.answers} if old.answers.get(step) != new.answers.get(step)}
    return [step.label for step in steps if step.id in changed]


def _moved(before: str, after: Status) -> dict[str, str]:
    """Return what an event says of a status that changed along."""
    return {"status": after} if before != after else {}


def _shown(value: date | int | None) -> str:
    return "" if value is None else str(value)


def _check_day(on: date, now: datetime) -> None:
    if on > day_of(now):
        raise ValueError("what was done was not done on a day to come")
