"""The office's figures, counted in the database: nobody's name is decrypted for them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.casework.case import GRADUATE_EDUCATION, Status, Step
from bot.clock import day_of
from bot.conversation.forms import load_form
from bot.store.case_query import COUNTED, follow_up_due, late, within
from bot.store.dialects import Unindexed
from bot.store.facets import value_of
from bot.store.keys import Keys
from bot.store.past_employed import past_employed
from bot.store.tables import cases, facets, tallies

_FORM = "jobseeker"
_ANSWERS = ("wanted", "categories")


@dataclass(frozen=True)
class Period:
    """Days, both included; None: without a beginning, or without an end."""

    since: date | None = None
    until: date | None = None

    def holds(self, day: ColumnElement[Any]) -> ColumnElement[bool]:
        """Return whether a column of days lies in it."""
        ends = [day >= self.since] if self.since else []
        return and_(true(), *ends, *([day <= self.until] if self.until else []))


@dataclass(frozen=True)
class TownFigures:
    """One town (None: not known). ``steps``: how many have each of the four; ``to_serve``: how many did not drop out,
    as the report counts them, and ``all_four``: how many of these have all of them.
    """

    town: str | None
    total: int
    steps: Mapping[Step, int]
    to_serve: int
    all_four: int


@dataclass(frozen=True)
class Graduates:
    """How many there are that did not drop out, how many of them have a plan of their own on file, and how many were
    given the service.
    """

    total: int
    filed: int
    served: int

    @property
    def filing_rate(self) -> float | None:
        """The share on file, None where there is nobody."""
        return self.filed / self.total if self.total else None

    @property
    def service_rate(self) -> float | None:
        """The share served, None where there is nobody."""
        return self.served / self.total if self.total else None


@dataclass(frozen=True)
class Due:
    """As of now, whatever the period. ``contact_late``: cases whose promised contact is late; ``follow_up_late``: with
    a follow-up due before today; ``late``: either; ``today``, ``this_week`` (until Sunday): whose next follow-up is.
    """

    contact_late: int
    follow_up_late: int
    late: int
    today: int
    this_week: int


@dataclass(frozen=True)
class Figures:
    """What there is to count among the towns that may be seen.

    Of those registered in the period: ``total``; ``weeks`` by Monday, none left out between the first and the last;
    ``towns`` by size; ``wanted`` and ``categories`` by option id, in the order of the form (one person may have
    several); ``statuses`` by all of them, in their order; ``contacted``: how many somebody has been in touch with;
    ``steps`` as in a town; ``all_four``: how many have all of them, also who dropped out; ``graduates``;
    ``median_days`` from registration to first contact.

    ``employed``: how many were newly employed in the period, whenever they registered, also those whose registration
    is gone.
    """

    total: int
    weeks: tuple[tuple[date, int], ...]
    towns: tuple[TownFigures, ...]
    wanted: Mapping[str, int]
    categories: Mapping[str, int]
    statuses: Mapping[Status, int]
    contacted: int
    steps: Mapping[Step, int]
    all_four: int
    graduates: Graduates
    median_days: float | None
    employed: int
    due: Due


async def figures(
    connection: AsyncConnection,
    keys: Keys,
    scope: tuple[str, ...] | None,
    period: Period,
    now: datetime,
    contact_days: int,
) -> Figures:
    """Count. ``scope``: the towns that may be seen, None for all; ``contact_days``: as promised to people."""
    rows = await _by_town_and_status(connection, scope, period)
    employed, *due = await _whenever_registered(connection, scope, period, now, contact_days)
    return Figures(
        total=sum(row.total for row in rows),
        weeks=await _weeks(connection, scope, period),
        towns=_towns(rows),
        **await _by_answer(connection, keys, scope, period),
        statuses={status: sum(row.total for row in rows if row.status == status) for status in Status},
        contacted=sum(row.contacted for row in rows),
        steps={step: sum(getattr(row, step) for row in rows) for step in Step},
        all_four=sum(row.all_four for row in rows),
        graduates=await graduates(connection, keys, scope, period),
        median_days=await _median_days(connection, scope, period),
        employed=employed + await past_employed(connection, scope, [period.holds(tallies.c.day)]),
        due=Due(*due),
    )


async def _by_town_and_status(
    connection: AsyncConnection, scope: tuple[str, ...] | None, period: Period
) -> Sequence[Any]:
    """Count all that a case itself tells, in one go."""
    all_four = [cases.c[step].is_not(None) for step in Step]
    grouped = select(
        cases.c.town,
        cases.c.status,
        func.count().label("total"),
        func.count(cases.c.contacted_after).label("contacted"),
        *(func.count(cases.c[step]).label(step.value) for step in Step),
        func.count().filter(*all_four).label("all_four"),
        func.count().filter(COUNTED).label("to_serve"),
        func.count().filter(COUNTED, *all_four).label("served"),
    ).where(*within(scope, cases.c.town), period.holds(Unindexed(cases.c.registered)))
    return (await connection.execute(grouped.group_by(cases.c.town, cases.c.status))).all()


async def _whenever_registered(
    connection: AsyncConnection, scope: tuple[str, ...] | None, period: Period, now: datetime, contact_days: int
) -> tuple[int, ...]:
    """Return how many were newly employed in the period, and what is due now, in the order of :class:`Due`."""
    contact_late, follow_up_late = late(now, contact_days)
    employed = cases.c.employed.is_not(None) & period.holds(cases.c.employed)
    today = day_of(now)
    conditions = (
        employed,
        contact_late,
        follow_up_late,
        or_(contact_late, follow_up_late),
        follow_up_due("today", today),
        follow_up_due("week", today),
    )
    any_of = or_(cases.c.employed.is_not(None), cases.c.next_follow_up.is_not(None), contact_late)
    counted = select(*(func.count().filter(condition) for condition in conditions))
    return tuple((await connection.execute(counted.where(*within(scope, cases.c.town), any_of))).one())


def _towns(rows: Sequence[Any]) -> tuple[TownFigures, ...]:
    by_town: dict[str | None, list[Any]] = {}
    for row in rows:
        by_town.setdefault(row.town, []).append(row)
    found = [
        TownFigures(
            town,
            sum(row.total for row in own),
            {step: sum(getattr(row, step) for row in own) for step in Step},
            sum(row.to_serve for row in own),
            sum(row.served for row in own),
        )
        for town, own in by_town.items()
    ]
    return tuple(sorted((one for one in found if one.total), key=lambda one: (-one.total, one.town or "")))


async def _weeks(
    connection: AsyncConnection, scope: tuple[str, ...] | None, period: Period
) -> tuple[tuple[date, int], ...]:
    chosen = [*within(scope, cases.c.town), period.holds(cases.c.registered)]
    by_day = select(cases.c.registered, func.count()).where(*chosen).group_by(cases.c.registered)
    weeks: Counter[date] = Counter()
    for day, number in await connection.execute(by_day):
        weeks[day - timedelta(days=day.weekday())] += number
    if not weeks:
        return ()
    first, last = min(weeks), max(weeks)
    mondays = [first + timedelta(weeks=week) for week in range((last - first).days // 7 + 1)]
    return tuple((monday, weeks[monday]) for monday in mondays)


async def _by_answer(
    connection: AsyncConnection, keys: Keys, scope: tuple[str, ...] | None, period: Period
) -> dict[str, dict[str, int]]:
    """Return how many gave each answer to each of the steps."""
    asked = {step.id: step for step in load_form(_FORM).steps if step.id in _ANSWERS}
    hashes = {(id, option.id): value_of(keys, id, option.id) for id, step in asked.items() for option in step.options}
    chosen = [facets.c.value.in_(hashes.values()), period.holds(facets.c.registered), *within(scope, facets.c.town)]
    query = select(facets.c.value, func.count()).where(*chosen).group_by(facets.c.value)
    counts = {value: number for value, number in await connection.execute(query)}  # noqa: C416
    return {
        id: {option.id: counts.get(hashes[id, option.id], 0) for option in step.options} for id, step in asked.items()
    }


async def graduates(
    connection: AsyncConnection, keys: Keys, scope: tuple[str, ...] | None, period: Period
) -> Graduates:
    """Count the graduates who registered in ``period``, without those who dropped out."""
    # They are few: it is quicker to look their cases up than to go through all.
    hashes = [value_of(keys, "education", answer) for answer in GRADUATE_EDUCATION]
    chosen = [facets.c.value.in_(hashes), *within(scope, facets.c.town), period.holds(facets.c.registered)]
    counted = select(func.count(), func.count(cases.c.filed), func.count(cases.c.service))
    theirs = cases.c.receipt.in_(select(facets.c.receipt).where(*chosen))
    return Graduates(*(await connection.execute(counted.where(theirs, COUNTED))).one())


async def _median_days(connection: AsyncConnection, scope: tuple[str, ...] | None, period: Period) -> float | None:
    days = cases.c.contacted_after
    chosen = [*within(scope, cases.c.town), period.holds(cases.c.registered), days.is_not(None)]
    found = await connection.execute(select(days, func.count()).where(*chosen).group_by(days).order_by(days))
    return _median([(int(after), int(number)) for after, number in found])


def _median(counts: Sequence[tuple[int, int]]) -> float | None:
    """Return the median of values (in their order) with how often each is there."""
    total = sum(number for _, number in counts)
    if not total:
        return None
    return (_at(counts, (total - 1) // 2) + _at(counts, total // 2)) / 2


def _at(counts: Sequence[tuple[int, int]], place: int) -> int:
    for value, number in counts:
        if place < number:
            return value
        place -= number
    raise IndexError(place)
