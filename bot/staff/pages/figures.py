"""The office's figures, as charts with tables. Nobody can be recognised in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from starlette.responses import Response

from bot.casework.case import Step
from bot.casework.wording import label
from bot.staff import charts
from bot.staff.access import Access
from bot.staff.charts import Chart
from bot.staff.page import Page
from bot.staff.visit import Visit
from bot.staff.wording import say
from bot.store.asked import AskedFigures, asked_figures
from bot.store.figures import Figures, Period
from bot.store.report_counts import report_counts

_MOST_ASKED = 10


async def show(visit: Visit) -> Response:
    """Show the figures of the towns that may be seen, of those registered in the days that were asked for."""
    period, notes = _period(visit)
    scope, settings = visit.account.counted, visit.parts.settings
    goal = Period(settings.staff.period_from, settings.staff.period_until)
    async with visit.store.reading() as connection:
        asked = await asked_figures(connection, period)
        found = await visit.house.figures.of(
            connection, visit.store.keys, scope, period, visit.now, settings.registration.contact_days
        )
        counts = await report_counts(connection, visit.store.keys, scope, ["employed_period"], Period(), goal)
    return visit.render(
        "figures.html",
        found=found,
        drawn=_charts(visit, found),
        steps=_steps_by_town(found),
        asked=asked,
        topics=_topics(visit, asked),
        teaches=Access.TEACH.admits(visit.account),
        target=charts.target(
            "target",
            say("figures.target"),
            counts["employed_period"],
            settings.staff.target if scope is None else 0,  # the plan names a number for the whole district only
            say("figures.people"),
        ),
        goal=goal,
        period=period,
        notes=notes,
        towns=scope,
    )


def _period(visit: Visit) -> tuple[Period, list[str]]:
    """Return the days asked for, and what was wrong with them."""
    days: dict[str, date | None] = {}
    notes = []
    for name in ("since", "until"):
        try:
            days[name] = date.fromisoformat(visit.query(name)) if visit.query(name) else None
        except ValueError:
            days[name] = None
            notes.append(say("figures.bad_day"))
    since, until = days["since"], days["until"]
    if since and until and since > until:
        return Period(until, since), [*notes, say("figures.turned")]
    return Period(since, until), notes


def _charts(visit: Visit, found: Figures) -> list[Chart]:
    people, towns = say("figures.people"), [(_town(one.town), one.total) for one in found.towns]
    registered = say("figures.registered")
    graduates = found.graduates
    return [
        charts.weekly("weeks", say("figures.weeks"), (say("figures.week"), registered), found.weeks, people),
        charts.bars("towns", say("figures.towns"), (say("figures.town"), registered), towns, people),
        _by_option(visit, "wanted", found.wanted),
        _by_option(visit, "categories", found.categories),
        charts.bars(
            "statuses",
            say("figures.statuses"),
            (say("figures.statuses_head"), registered),
            [(label("status", status), count) for status, count in found.statuses.items()],
            people,
        ),
        charts.funnel("way", say("figures.way"), (say("figures.way_head"), registered), _way(found), people),
        charts.rates(
            "four",
            say("figures.four"),
            (say("figures.town"), say("figures.four_head"), say("figures.four_whole")),
            [(_town(one.town), one.all_four, one.to_serve) for one in found.towns],
        ),
        charts.rates(
            "graduates",
            say("figures.graduates"),
            (say("figures.graduates_head"), say("figures.graduates_done"), say("figures.graduates_whole")),
            [
                (say("figures.graduates_filed"), graduates.filed, graduates.total),
                (say("figures.graduates_served"), graduates.served, graduates.total),
            ],
        ),
    ]


def _by_option(visit: Visit, step: str, counts: Mapping[str, int]) -> Chart:
    asked = visit.parts.form.step(step)
    labels = {option.id: option.label for option in asked.options} if asked else {}
    named = [(labels.get(option, option), count) for option, count in counts.items()]
    head = (say(f"figures.{step}_head"), say("figures.registered"))
    return charts.bars(step, say(f"figures.{step}"), head, named, say("figures.people"))


def _way(found: Figures) -> Sequence[tuple[str, int]]:
    return [
        (say("figures.way_registered"), found.total),
        (say("figures.way_contacted"), found.contacted),
        *((label("step", step), found.steps[step]) for step in Step),
        (say("figures.way_all"), found.all_four),
    ]


def _steps_by_town(found: Figures) -> charts.Table:
    head = (say("figures.town"), say("figures.registered"), *(label("step", step) for step in Step))
    rows = [
        (_town(one.town), charts.number(one.total), *(charts.number(one.steps[step]) for step in Step))
        for one in found.towns
    ]
    return charts.Table(head, tuple(rows))


def _topics(visit: Visit, asked: AskedFigures) -> Chart:
    """Return a chart of what was asked about most, with a table of all that was asked about."""
    named = [(_title(visit, one.key), one) for one in asked.topics]
    head = (say("figures.asked_head"), say("figures.asked_answered"))
    rows = [(title, charts.number(one.answered), charts.number(one.unhelpful)) for title, one in named]
    drawn = charts.bars(
        "asked",
        say("figures.asked", most=_MOST_ASKED),
        head,
        [(title, one.answered) for title, one in named[:_MOST_ASKED]],
        say("figures.times"),
    )
    return replace(drawn, table=charts.Table((*head, say("figures.asked_unhelpful")), tuple(rows)))


def _title(visit: Visit, key: str) -> str:
    """Return what the entry is called; one that is no longer in the knowledge has only its key."""
    entry = visit.parts.built().knowledge.by_key.get(key)
    return entry.title if entry is not None else key


def _town(town: str | None) -> str:
    return town or say("figures.unknown_town")


PAGES = (Page("/figures", show, access=Access.FIGURES, menu="图表"),)
