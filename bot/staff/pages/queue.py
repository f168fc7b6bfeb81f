"""The queue: every registration, the most urgent first, and whatever part of them is wanted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, get_args
from urllib.parse import urlencode

from starlette.responses import Response

from bot.casework.case import OPEN, Status, Step
from bot.casework.filter_address import from_pairs, to_pairs
from bot.casework.filters import NOBODY_IN_TOUCH, Order, QueueFilter, When, of_the_day
from bot.casework.wording import label
from bot.staff import case_lists, counselors
from bot.staff.access import Access
from bot.staff.case_lists import QUEUE, queue_address
from bot.staff.filter_words import filter_in_words
from bot.staff.page import Page
from bot.staff.sheet import Sheet
from bot.staff.visit import Visit
from bot.staff.wording import say
from bot.store.case_list import CasePage

_SIZE = 50


@dataclass(frozen=True)
class Chip:
    """One thing that was chosen, in words, and the ``address`` without it."""

    label: str
    value: str
    address: str


@dataclass(frozen=True)
class Quick:
    """A filter that is often wanted; ``current``: it is what is shown now."""

    label: str
    address: str
    current: bool


async def show(visit: Visit) -> Response:
    """Show what the address asks for."""
    chosen = from_pairs(visit.request.query_params.multi_items())
    found = await case_lists.page_of(visit, chosen, _SIZE)
    async with visit.store.transaction() as transaction:
        accounts = await transaction.staff.all()
        await case_lists.note_look(transaction, visit, chosen)
    names = {account.id: account.name for account in accounts}
    chips = list(_chips(visit, chosen, names))
    return visit.render(
        "queue.html",
        find=Sheet("find", "", "", _values(chosen)),
        lines=case_lists.lines(visit, found.rows, names),
        found=found,
        count=_in_words(found, chosen=bool(chips)),
        chips=chips,
        quick=_quick(visit, chosen),
        options=_options(visit, counselors.able(accounts, _towns(visit))),
        everything=QUEUE,
        export=_export_address(chosen),
    )


def _export_address(chosen: QueueFilter) -> str:
    pairs = to_pairs(replace(chosen, page=1))
    return f"/export?{urlencode(pairs)}" if pairs else "/export"


def _values(chosen: QueueFilter) -> dict[str, tuple[str, ...]]:
    values: dict[str, tuple[str, ...]] = {"order": (chosen.order,)}
    for name, value in to_pairs(replace(chosen, order=QueueFilter().order)):
        values[name] = (*values.get(name, ()), value)
    return values


def _options(visit: Visit, accounts: list[Any]) -> Mapping[str, list[tuple[str, str]]]:
    """Return what can be chosen, by the name it has in the address."""
    return {
        "town": [(town, town) for town in _towns(visit)],
        "status": [(status.value, label("status", status)) for status in Status],
        "wanted": _answers(visit, "wanted"),
        "category": _answers(visit, "categories"),
        "counselor": counselors.options(accounts),
        "missing": [(step.value, label("step", step)) for step in Step],
        "follow_up": [(when, say(f"queue.due_{when}")) for when in get_args(When)],
        "order": [(order, say(f"queue.order_{order}")) for order in get_args(Order)],
    }


def _answers(visit: Visit, step: str) -> list[tuple[str, str]]:
    asked = visit.parts.form.step(step)
    return [(option.id, option.label) for option in asked.options] if asked else []


def _towns(visit: Visit) -> tuple[str, ...]:
    scope = visit.account.scope
    return visit.parts.built().knowledge.towns if scope is None else scope


def _chips(visit: Visit, chosen: QueueFilter, names: Mapping[int, str]) -> Iterator[Chip]:
    """Yield what was chosen, one by one: several towns can be taken off singly."""
    usual = QueueFilter()
    for field in fields(QueueFilter):
        value, plain = getattr(chosen, field.name), getattr(usual, field.name)
        if field.name in {"order", "page"} or value == plain:
            continue
        for one in value if isinstance(value, tuple) else (value,):
            alone: dict[str, Any] = {field.name: (one,) if isinstance(value, tuple) else one}
            rest = tuple(each for each in value if each != one) if isinstance(value, tuple) else plain
            left: dict[str, Any] = {field.name: rest, "page": 1}
            ((name, words),) = filter_in_words(replace(usual, **alone), visit.parts.form, names)
            yield Chip(name, words, queue_address(replace(chosen, **left)))


def _quick(visit: Visit, chosen: QueueFilter) -> list[Quick]:
    known = {
        "all": QueueFilter(),
        "uncontacted": NOBODY_IN_TOUCH,
        **of_the_day(visit.account.id),
        "nobody": QueueFilter(status=OPEN, counselor=0),
        "graduates": QueueFilter(graduates=True),
    }
    now = replace(chosen, order=QueueFilter().order, page=1)
    return [Quick(say(f"queue.quick_{name}"), queue_address(one), one == now) for name, one in known.items()]


def _in_words(found: CasePage, *, chosen: bool) -> str:
    if not found.total:
        return say("queue.none_found" if chosen else "queue.none_at_all")
    count = say("queue.chosen" if chosen else "queue.all", total=found.total)
    if found.pages == 1:
        return count
    first = (found.page - 1) * _SIZE + 1
    return say("queue.shown", count=count, first=first, last=first + len(found.rows) - 1)


PAGES = (Page(QUEUE, show, access=Access.PERSONS, menu="登记"),)
