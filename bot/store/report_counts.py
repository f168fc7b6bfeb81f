"""What the annual report counts. Nobody's name is decrypted for it."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, func, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.casework.case import GRADUATE_EDUCATION, Step
from bot.store.case_query import COUNTED, having, within
from bot.store.facets import STEPS, value_of
from bot.store.figures import Period
from bot.store.keys import Keys
from bot.store.past_employed import past_employed
from bot.store.tables import cases, facets, follow_ups, tallies

_FOLLOW_UPS = "follow_ups"


async def report_counts(
    connection: AsyncConnection,
    keys: Keys,
    scope: tuple[str, ...] | None,
    names: Collection[str],
    year: Period,
    goal: Period,
) -> dict[str, int]:
    """Count each of ``names`` among the towns of ``scope`` (None: all). ``goal``: when the target is to be reached.

    ``registered``, ``employed``, ``follow_ups``, ``step:…``: in the ``year``. ``on_file``, ``to_serve`` (without who
    dropped out), ``all_steps`` of these, ``graduates``, ``graduates:…``, ``town_kind:…`` and what people answered
    (``wanted:…``, ``training:…``, ``education:…``): by its end, of those who are still on file. ``placed:…``: who
    wanted that work and was employed in the year. ``employed_period``: within ``goal``, and not after the year.
    ``employed``, ``employed_period`` have also those whose registration is gone. Raises KeyError for another name.
    """
    answers = {name for name in names if name.partition(":")[0] in STEPS}
    conditions = {name: _condition(keys, name, year, goal) for name in {*names} - answers - {_FOLLOW_UPS}}
    columns = [func.count().filter(condition) for condition in conditions.values()]
    row = (
        await connection.execute(select(func.count(), *columns).select_from(cases).where(*within(scope, cases.c.town)))
    ).one()
    counts = dict(zip(conditions, map(int, row[1:]), strict=True))
    counts |= await _by_answer(connection, keys, scope, answers, Period(until=year.until))
    for name, periods in _employed(year, goal).items():
        if name in names:
            during = [period.holds(tallies.c.day) for period in periods]
            counts[name] += await past_employed(connection, scope, during)
    if _FOLLOW_UPS in names:
        done = select(func.count()).join(cases, cases.c.receipt == follow_ups.c.receipt)
        done = done.where(*within(scope, cases.c.town), follow_ups.c.done.is_not(None), year.holds(follow_ups.c.done))
        counts[_FOLLOW_UPS] = int((await connection.execute(done)).scalar_one())
    return counts


def _employed(year: Period, goal: Period) -> dict[str, tuple[Period, ...]]:
    """Return which periods all hold the days of employment that are counted, by name."""
    return {"employed": (year,), "employed_period": (goal, Period(until=year.until))}


async def _by_answer(
    connection: AsyncConnection, keys: Keys, scope: tuple[str, ...] | None, names: Collection[str], period: Period
) -> dict[str, int]:
    """Count who gave each of these answers, where the answers are hashed: all in one go."""
    values = {name: value_of(keys, step, answer) for name in names for step, _, answer in [name.partition(":")]}
    chosen = [facets.c.value.in_(values.values()), period.holds(facets.c.registered), *within(scope, facets.c.town)]
    query = select(facets.c.value, func.count()).where(*chosen).group_by(facets.c.value)
    counts = {value: number for value, number in await connection.execute(query)}  # noqa: C416 – as in the figures
    return {name: counts.get(value, 0) for name, value in values.items()}


def _condition(keys: Keys, name: str, year: Period, goal: Period) -> ColumnElement[bool]:
    """Return which cases count for ``name``. Raises KeyError."""
    kind, _, what = name.partition(":")
    by_end = Period(until=year.until)
    on_file = by_end.holds(cases.c.registered)
    to_serve = and_(on_file, COUNTED)
    graduates = and_(to_serve, having(keys, "education", GRADUATE_EDUCATION))
    match kind:
        case "registered":
            return year.holds(cases.c.registered)
        case "on_file":
            return on_file
        case "to_serve":
            return to_serve
        case "employed" | "employed_period":
            return and_(true(), *(_on(cases.c.employed, period) for period in _employed(year, goal)[kind]))
        case "step":
            return _on(cases.c[Step(what)], year)
        case "all_steps":
            return and_(to_serve, *(_on(cases.c[step], by_end) for step in Step))
        case "graduates":
            done = {"": "registered", "filed": "filed", "served": "service", "employed": "employed"}[what]
            return and_(graduates, _on(cases.c[done], by_end))
        case "town_kind":
            return and_(on_file, cases.c.town.endswith(what, autoescape=True))
        case "placed":
            return and_(_on(cases.c.employed, year), having(keys, "wanted", (what,)))
    raise KeyError(name)


def _on(day: ColumnElement[object], period: Period) -> ColumnElement[bool]:
    return and_(day.is_not(None), period.holds(day))
