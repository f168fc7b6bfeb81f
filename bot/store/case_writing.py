"""Whole cases written at once, with their registrations: many in little time, for a demonstration or a measurement."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, insert

from bot.casework.case import Case
from bot.store import facets
from bot.store.cases import case_row
from bot.store.contacts import contact_columns
from bot.store.registered import columns_of, consent_row, phone_of
from bot.store.scope import Scope
from bot.store.tables import (
    case_events,
    case_messages,
    case_steps,
    cases,
    consents,
    follow_ups,
    registrations,
)


async def add_cases(scope: Scope, new: Mapping[str, Case]) -> None:
    """Add cases by their chats. Ids in them do not count, nor does ``phone_shared`` with what is there already.

    Nothing is checked, noted in the audit or sent.
    """
    phones = Counter(phone_of(one.registration.answers) for one in new.values())
    await _add(
        scope,
        registrations,
        [
            {
                "receipt": one.receipt,
                "chat": chat,
                "phone_shared": phones[phone_of(one.registration.answers)] > 1,
                **columns_of(scope.keys, one.registration),
            }
            for chat, one in new.items()
        ],
    )
    every = list(new.values())
    await _add(
        scope,
        consents,
        [
            consent_row(one.receipt, place, consent)
            for one in every
            for place, consent in enumerate(one.registration.consents)
        ],
    )
    await facets.add(scope, [one.registration for one in every])
    await _add(scope, cases, [_case(scope, one) for one in every])
    await _add(scope, case_steps, [row for one in every for row in _steps(scope, one)])
    await _add(scope, follow_ups, [row for one in every for row in _follow_ups(scope, one)])
    await _add(scope, case_events, [row for one in every for row in _events(scope, one)])
    await _add(scope, case_messages, [row for one in every for row in _messages(scope, one)])


async def _add(scope: Scope, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        await scope.run(insert(table), rows)


def _case(scope: Scope, one: Case) -> dict[str, Any]:
    days = {done.step.value: done.on for done in one.steps}
    return {
        **case_row(one.registration),
        **contact_columns(one.registration.created, one.first_contact),
        **{
            name: days.get(name) for name in ("information_check", "ability_assessment", "need_registration", "service")
        },
        "changed": max([one.registration.updated, *(event.at for event in one.events)]),
        "status": one.status,
        "reason": scope.seal(one.reason or None),
        "counselor": one.counselor,
        "version": one.version,
        "next_follow_up": min((each.due for each in one.follow_ups if each.done is None), default=None),
        "employed": one.employed,
        "filed": one.filed,
        "plan": scope.seal(one.plan or None),
    }


def _steps(scope: Scope, one: Case) -> list[dict[str, Any]]:
    noted = {event.content.get("step"): event.at for event in one.events if event.kind == "step"}
    return [
        {
            "receipt": one.receipt,
            "step": done.step,
            "staff": done.staff,
            "result": scope.seal(done.result or None),
            "noted": noted.get(done.step, one.registration.updated),
        }
        for done in one.steps
    ]


def _follow_ups(scope: Scope, one: Case) -> list[dict[str, Any]]:
    return [
        {
            "receipt": one.receipt,
            "due": each.due,
            "purpose": scope.seal(each.purpose or None),
            "staff": each.staff,
            "noted": one.registration.updated,
            "done": each.done,
            "done_by": each.done_by,
            "result": scope.seal(each.result or None),
        }
        for each in one.follow_ups
    ]


def _events(scope: Scope, one: Case) -> list[dict[str, Any]]:
    return [
        {
            "receipt": one.receipt,
            "kind": event.kind,
            "staff": event.staff,
            "content": scope.seal(json.dumps(event.content)) if event.content else None,
            "at": event.at,
        }
        for event in one.events
    ]


def _messages(scope: Scope, one: Case) -> list[dict[str, Any]]:
    return [
        {
            "receipt": one.receipt,
            "staff": message.staff,
            "text": scope.seal(message.text),
            "at": message.at,
            "outcome": message.delivery or None,
            "seen": message.seen,
        }
        for message in one.messages
    ]
