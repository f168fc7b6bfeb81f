"""What people asked about, as counts by day. Whose questions they were, and in which words, is not among them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.figures import Period
from bot.store.tables import tallies
from bot.store.tallies import Tallies

Outcome = Literal["answered", "unhelpful", "uncertain", "unanswered"]
"""What became of a question; ``unhelpful``: it was answered, and the person said that this did not help."""

_OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
_ANY = or_(*(tallies.c.what.startswith(outcome) for outcome in _OUTCOMES))


@dataclass(frozen=True)
class TopicAsked:
    """An entry of the knowledge by its ``key``: how often it was the answer, how often that did not help."""

    key: str
    answered: int
    unhelpful: int


@dataclass(frozen=True)
class AskedFigures:
    """``outcomes``: how many questions there were of each. ``topics``: those asked about most come first."""

    outcomes: Counter[Outcome]
    topics: tuple[TopicAsked, ...]


async def count_asked(counts: Tallies, asked: Iterable[tuple[Outcome, str]], now: datetime) -> None:
    """Count what became of questions, each with the key of the entry it was about, "" for none."""
    for outcome, key in asked:
        await counts.add(f"{outcome} {key}".strip(), now)


async def asked_figures(connection: AsyncConnection, period: Period) -> AskedFigures:
    """Return the figures of the days in ``period``. Nobody's town is known, so they are those of all."""
    query = select(tallies.c.what, func.sum(tallies.c.n)).where(_ANY, period.holds(tallies.c.day))
    counts: Counter[tuple[str, str]] = Counter()
    for what, n in await connection.execute(query.group_by(tallies.c.what)):
        outcome, _, key = what.partition(" ")
        counts[outcome, key] = int(n)
    outcomes: Counter[Outcome] = Counter()
    for outcome in _OUTCOMES:
        outcomes[outcome] = sum(n for (kind, _), n in counts.items() if kind == outcome)
    keys = {key for kind, key in counts if key and kind in ("answered", "unhelpful")}
    topics = [TopicAsked(key, counts["answered", key], counts["unhelpful", key]) for key in keys]
    return AskedFigures(outcomes, tuple(sorted(topics, key=lambda one: (-one.answered, one.key))))
