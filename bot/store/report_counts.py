"""What the annual report counts. Nobody's name is decrypted for it."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, func, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.casework.case import GRADUATE_EDUCATION, Step
from bot.store.case_query import having, within
from bot.store.facets import STEPS
from bot.store.figures import Period
from bot.store.keys import Keys
from bot.store.tables import cases, follow_ups

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

    ``registered``, ``employed``, ``follow_ups``, ``step:…``: in the ``year``. ``on_file``, ``all_steps``,
    ``graduates``, ``graduates:…``, ``town_kind:…`` and what people answered (``wanted:…``, ``training:…``,
    ``education:…``): by its end, of those who are still on file. ``placed:…``: who wanted that work and was employed in
    the year. ``employed_period``: within ``goal``, and not after the year. Raises KeyError for another name.
    """
    conditions = {name: _condition(keys, name, year, goal) for name in names if name != _FOLLOW_UPS}
    columns = [func.count().filter(condition) for condition in conditions.values()]
    row = (
        await connection.execute(select(func.count(), *columns).select_from(cases).where(*within(scope, cases.c.town)))
    ).one()
    counts = dict(zip(conditions, map(int, row[1:]), strict=True))
    if _FOLLOW_UPS in names:
        done = select(func.count()).join(cases, cases.c.receipt == follow_ups.c.receipt)
        done = done.where(*within(scope, cases.c.town), follow_ups.c.done.is_not(None), year.holds(follow_ups.c.done))
        counts[_FOLLOW_UPS] = int((await connection.execute(done)).scalar_one())
    return counts


def _condition(keys: Keys, name: str, year: Period, goal: Period) -> ColumnElement[bool]:
    """Return which cases count for ``name``. Raises KeyError."""
    kind, _, what = name.partition(":")
    by_end = Period(until=year.until)
    on_file = by_end.holds(cases.c.registered)
    graduates = and_(on_file, having(keys, "education", GRADUATE_EDUCATION))
    match kind:
        case "registered":
            return year.holds(cases.c.registered)
        case "on_file":
            return on_file
        case "employed":
            return _on(cases.c.employed, year)
        case "employed_period":
            return and_(_on(cases.c.employed, goal), by_end.holds(cases.c.employed))
        case "step":
            return _on(cases.c[Step(what)], year)
        case "all_steps":
            return and_(true(), *(_on(cases.c[step], by_end) for step in Step))
        case "graduates":
            done = {"": "registered", "filed": "filed", "served": "service", "employed": "employed"}[what]
            return and_(graduates, _on(cases.c[done], by_end))
        case "town_kind":
            return and_(on_file, cases.c.town.endswith(what, autoescape=True))
        case "placed":
            return and_(_on(cases.c.employed, year), having(keys, "wanted", (what,)))
    if kind not in STEPS:
        raise KeyError(name)
    return and_(on_file, having(keys, kind, (what,)))


def _on(day: ColumnElement[object], period: Period) -> ColumnElement[bool]:
    return and_(day.is_not(None), period.holds(day))
