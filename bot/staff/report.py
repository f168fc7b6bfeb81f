"""The annual report: the plan's clauses in the plan's order, and beside each what was counted and what was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import ClassVar

from pydantic import TypeAdapter

from bot import data_files
from bot.clock import CHINA
from bot.staff.charts import number
from bot.staff.look import written_day
from bot.staff.percentages import percent
from bot.staff.wording import say
from bot.store.report_texts import ReportText
from knowledge import Knowledge
from knowledge.model import Clause, Plan
from knowledge.plan_text import HEAD

TARGET = "target"
"""A measure with this goal is held against the number in the settings."""


@dataclass(frozen=True)
class Target:
    """How many are to be newly employed from ``since`` until ``until``; ``count`` is 0 where nobody said."""

    count: int
    since: date
    until: date


@dataclass(frozen=True)
class Measure:
    """What is counted for a clause: ``count`` and ``of`` name counts, ``how`` says how they are taken.

    In ``how``, ``{since}`` and ``{until}`` stand for the days of the target.
    ``goal``: how many of a hundred it should be, or :data:`TARGET`; None where the plan names none.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    label: str
    count: str
    how: str
    of: str = ""
    goal: int | str | None = None


@cache
def measures() -> Mapping[str, tuple[Measure, ...]]:
    """Return what is counted, by the label of the policy whose clauses it belongs to. Raises ValidationError."""
    found = data_files.read("bot.staff", "report.yaml")["measures"]
    return TypeAdapter(dict[str, tuple[Measure, ...]]).validate_python(found)


@cache
def _order() -> Mapping[str, tuple[str, ...]]:
    """Return how the sentences begin, in the plan's order, of the clauses that are not quoted in it."""
    found = data_files.read("bot.staff", "report.yaml")["order"]
    return TypeAdapter(dict[str, tuple[str, ...]]).validate_python(found)


def counts_needed() -> frozenset[str]:
    """Return the names of all counts that a report is made of."""
    return frozenset(name for several in measures().values() for one in several for name in (one.count, one.of) if name)


@dataclass(frozen=True)
class Figure:
    """A number of a report: ``value``, ``whole`` (of how many, None: of nothing), ``goal`` in words, ``how``."""

    label: str
    value: int
    whole: int | None
    goal: str
    how: str

    @property
    def written(self) -> str:
        """The number in words: how many, of how many, which share, and what it should be."""
        words = number(self.value)
        if self.whole is not None:
            words = say("report.of", value=words, whole=number(self.whole), percent=percent(self.value, self.whole))
        return say("report.with_goal", value=words, goal=self.goal) if self.goal else words


@dataclass(frozen=True)
class Item:
    """One clause: its place in the report from 1, the plan's words, what was counted, and what the staff wrote."""

    place: int
    clause: Clause
    quotes: tuple[str, ...]
    figures: tuple[Figure, ...]
    text: ReportText | None

    @property
    def written(self) -> str:
        """What the staff wrote, empty for nothing yet."""
        return self.text.text if self.text else ""


@dataclass(frozen=True)
class Report:
    """The report of one year, counted from ``since`` until ``until``. ``towns``: of these, None for all."""

    year: int
    since: date
    until: date
    towns: tuple[str, ...] | None
    plan: Plan
    items: tuple[Item, ...]
    made: datetime

    @property
    def unwritten(self) -> int:
        """How many clauses the staff have written nothing about."""
        return sum(not item.written for item in self.items)


def year_since(year: int) -> date:
    """Return the first day that a report of ``year`` counts."""
    return date(year, 1, 1)


def year_until(year: int, today: date) -> date:
    """Return the last day that a report of ``year`` counts: the end of the year, or today before that."""
    return min(date(year, 12, 31), today)


def build(
    year: int,
    knowledge: Knowledge,
    counts: Mapping[str, int],
    texts: Mapping[str, ReportText],
    target: Target,
    now: datetime,
    towns: tuple[str, ...] | None = None,
) -> Report:
    """Return the report. ``counts`` has all of :func:`counts_needed`.

    What stands above the plan's first part is not in it: nothing is to be done about that.
    """
    asked = [clause for clause in knowledge.plan.clauses if clause.id != HEAD]
    items = tuple(
        Item(
            place,
            clause,
            quotes_of(knowledge, clause.id),
            _figures(knowledge, clause.id, counts, target),
            texts.get(clause.id),
        )
        for place, clause in enumerate(asked, 1)
    )
    until = year_until(year, now.astimezone(CHINA).date())
    return Report(year, year_since(year), until, towns, knowledge.plan, items, now)


def quotes_of(knowledge: Knowledge, clause: str) -> tuple[str, ...]:
    """Return the operative words of ``clause``, each once, in the plan's order."""
    found = (quote.text for policy in knowledge.policies for quote in policy.quotes if quote.clause == clause)
    openings = _order().get(clause, ())

    def place(text: str) -> int:
        return next((place for place, opening in enumerate(openings) if text.startswith(opening)), len(openings))

    return tuple(sorted(dict.fromkeys(found), key=place))


def _figures(knowledge: Knowledge, clause: str, counts: Mapping[str, int], target: Target) -> tuple[Figure, ...]:
    about = [policy.id for policy in knowledge.policies if any(quote.clause == clause for quote in policy.quotes)]
    return tuple(_figure(one, counts, target) for id in about for one in measures().get(id, ()))


def _figure(measure: Measure, counts: Mapping[str, int], target: Target) -> Figure:
    whole = counts[measure.of] if measure.of else None
    value = counts[measure.count]
    if measure.goal == TARGET:
        shown = {"target": number(target.count), "percent": percent(value, target.count)}
        goal = say("report.target", **shown) if target.count else ""
    else:
        goal = say("report.goal", goal=measure.goal) if measure.goal is not None else ""
    how = measure.how.format(since=written_day(target.since), until=written_day(target.until))
    return Figure(measure.label, value, whole, goal, how)
