"""Whole cases as they are stored."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, select

from bot.casework.case import Case, CaseMessage, Event, FollowUp, Status, Step, StepDone
from bot.conversation.registration import Answer, Registration
from bot.store.registered import consents_of, read_answers
from bot.store.scope import Scope, padded
from bot.store.tables import case_events, case_messages, case_steps, cases, follow_ups, outbox, registrations

_RECEIPTS: BindParameter[Any] = bindparam("receipts", expanding=True)
_CASES = (
    select(
        cases,
        registrations.c.answers,
        registrations.c.updated,
        registrations.c.phone_shared,
    )
    .join(registrations, registrations.c.receipt == cases.c.receipt)
    .where(cases.c.receipt.in_(_RECEIPTS))
)


def _all_of(table: Any) -> Select[Any]:
    return select(table).where(table.c.receipt.in_(_RECEIPTS)).order_by(table.c.id)


_STEPS, _EVENTS = _all_of(case_steps), _all_of(case_events)
_FOLLOW_UPS = select(follow_ups).where(follow_ups.c.receipt.in_(_RECEIPTS)).order_by(follow_ups.c.due, follow_ups.c.id)
_OPEN_FOLLOW_UPS = _FOLLOW_UPS.where(follow_ups.c.done.is_(None))
_MESSAGES = (
    select(case_messages, outbox.c.outcome.label("became"), outbox.c.id.label("parcel"))
    .join(outbox, outbox.c.id == case_messages.c.outbox, isouter=True)
    .where(case_messages.c.receipt.in_(_RECEIPTS))
    .order_by(case_messages.c.id)
)
_Rows = dict[str, list[Any]]


async def next_follow_ups(scope: Scope, receipts: Sequence[str]) -> dict[str, FollowUp]:
    """Return the open follow-up of each of ``receipts`` that is due first, of those that have one."""
    found: dict[str, FollowUp] = {}
    if receipts:
        for row in await scope.run(_OPEN_FOLLOW_UPS, {"receipts": padded(receipts)}):
            found.setdefault(row.receipt, FollowUp(row.id, row.due, scope.read(row.purpose), row.staff))
    return found


async def load_cases(scope: Scope, receipts: Sequence[str]) -> dict[str, Case]:
    """Return the cases with these ``receipts`` (a few hundred at most), in the order asked for, those that exist.

    What cannot be decrypted any more is empty.
    """
    if not receipts:
        return {}
    found = {row.receipt: row for row in await scope.run(_CASES, {"receipts": padded(receipts)})}
    if not found:
        return {}
    consents = await consents_of(scope, list(found))
    parts = [await _by_receipt(scope, query, found) for query in (_STEPS, _FOLLOW_UPS, _EVENTS, _MESSAGES)]
    loaded = {}
    for receipt in dict.fromkeys(receipts):
        if (row := found.get(receipt)) is not None:
            registration = Registration(
                receipt, _answers(scope, row.answers), consents.get(receipt, ()), row.created, row.updated
            )
            loaded[receipt] = _case(scope, row, registration, *(part[receipt] for part in parts))
    return loaded


async def _by_receipt(scope: Scope, query: Select[Any], receipts: dict[str, Any]) -> _Rows:
    rows: _Rows = defaultdict(list)
    for row in await scope.run(query, {"receipts": padded(receipts)}):
        rows[row.receipt].append(row)
    return rows


def _answers(scope: Scope, sealed: bytes) -> dict[str, Answer]:
    try:
        return read_answers(scope.read(sealed))
    except ValueError:
        return {}


def _case(
    scope: Scope,
    row: Any,
    registration: Registration,
    steps: list[Any],
    visits: list[Any],
    events: list[Any],
    messages: list[Any],
) -> Case:
    return Case(
        registration=registration,
        town=row.town,
        phone_shared=row.phone_shared,
        status=Status(row.status),
        reason=scope.read(row.reason),
        counselor=row.counselor,
        version=row.version,
        first_contact=row.first_contact,
        employed=row.employed,
        filed=row.filed,
        plan=scope.read(row.plan),
        steps=_steps(scope, row, steps),
        follow_ups=tuple(
            FollowUp(one.id, one.due, scope.read(one.purpose), one.staff, one.done, one.done_by, scope.read(one.result))
            for one in visits
        ),
        events=tuple(Event(one.id, one.kind, one.staff, content_of(scope, one.content), one.at) for one in events),
        messages=tuple(
            CaseMessage(one.id, one.staff, scope.read(one.text), one.at, _delivery(one), one.seen) for one in messages
        ),
    )


def _steps(scope: Scope, row: Any, details: list[Any]) -> tuple[StepDone, ...]:
    """Return the steps that are done, in the plan's order; the day stands in the case."""
    by_step = {one.step: one for one in details}
    days = {step: getattr(row, step.value) for step in Step}
    return tuple(
        StepDone(step, day, by_step[step].staff, scope.read(by_step[step].result))
        if step in by_step
        else StepDone(step, day, None, "")
        for step, day in days.items()
        if day is not None
    )


def content_of(scope: Scope, sealed: bytes | None) -> dict[str, str]:
    """Return the content of an event; one that cannot be read has none."""
    try:
        found = json.loads(scope.read(sealed) or "{}")
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in found.items()}


def _delivery(message: Any) -> str:
    if message.staff is None:
        return ""
    return message.outcome or message.became or "waiting"
