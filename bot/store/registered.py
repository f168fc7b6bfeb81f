"""Registrations as they are stored."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import bindparam, select

from bot.conversation.registration import Answer, Consent
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
