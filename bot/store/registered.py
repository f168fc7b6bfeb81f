"""Registrations as they are stored."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, select

from bot.conversation.registration import Answer, Consent, Registration
from bot.store.keys import Keys
from bot.store.scope import Scope, padded
from bot.store.tables import consents

_CONSENTS = (
    select(consents.c.receipt, consents.c.kind, consents.c.version, consents.c.agreed, consents.c.at)
    .where(consents.c.receipt.in_(bindparam("receipts", expanding=True)), consents.c.withdrawn.is_(None))
    .order_by(consents.c.receipt, consents.c.position, consents.c.id)
)


async def consents_of(scope: Scope, receipts: Sequence[str]) -> dict[str, tuple[Consent, ...]]:
    """Return what holds of what was agreed to or refused, by receipt."""
    given: dict[str, tuple[Consent, ...]] = {}
    for receipt, *consent in await scope.run(_CONSENTS, {"receipts": padded(receipts)}):
        given[receipt] = (*given.get(receipt, ()), Consent(*consent))
    return given


def columns_of(keys: Keys, one: Registration) -> dict[str, Any]:
    """Return what is stored of a registration besides its receipt and its chat."""
    phone = phone_of(one.answers)
    return {
        "whom": word_of(one.answers, "whom"),
        "town": word_of(one.answers, "town"),
        "answers": keys.encrypt(json.dumps(dict(one.answers))),
        "phone_hash": keys.phone_hash(phone) if phone else None,
        "created": one.created,
        "updated": one.updated,
    }


def consent_row(receipt: str, place: int, one: Consent) -> dict[str, Any]:
    """Return the row of what was agreed to or refused at this ``place`` among what was asked."""
    return {
        "receipt": receipt,
        "position": place,
        "kind": one.kind,
        "version": one.version,
        "agreed": one.agreed,
        "at": one.at,
    }


def read_answers(text: str) -> dict[str, Answer]:
    """Return the answers as they were before they were written as JSON. Raises ValueError."""
    found = json.loads(text)
    return {key: tuple(value) if isinstance(value, list) else value for key, value in found.items()}


def phone_of(answers: Mapping[str, Answer]) -> str | None:
    """Return the canonical phone number among ``answers``."""
    return word_of(answers, "phone") or None


def word_of(answers: Mapping[str, Answer], step: str) -> str | None:
    """Return the answer to ``step`` if there is one and it is a single one."""
    answer = answers.get(step)
    return answer if isinstance(answer, str) else None
