"""The queue: every registration, the most urgent first, and whatever part of them is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, get_args
from urllib.parse import urlencode

from starlette.responses import Response

from bot.casework.case import Status, Step
from bot.casework.filter_address import from_pairs, to_pairs
from bot.casework.filters import UNATTENDED, Order, QueueFilter, When, of_the_day
from bot.casework.searching import digits_of, is_whole_number
from bot.casework.wording import label
from bot.staff import case_lists, counselors
from bot.staff.access import Access
from bot.staff.expiry import expiring
from bot.staff.filter_words import filter_in_words, in_short
from bot.staff.listings import QUEUE, queue_address
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


@dataclass(frozen=True)
class Elsewhere:
    """What is searched for is not among what was chosen, but is elsewhere: ``words``, and the ``address`` to see it."""

    words: str
    address: str


async def show(visit: Visit) -> Response:
    """Show what the address asks for; one that holds nothing superfluous takes the place of one that does."""
    pairs = visit.request.query_params.multi_items()
    chosen = from_pairs(pairs)
    everywhere = QueueFilter(search=chosen.search, order=chosen.order)
    if _is_whole(visit, chosen.search) and replace(chosen, page=1) != everywhere:
        return visit.redirect(queue_address(everywhere), say("queue.searched_everywhere"))
    if not all(value.strip() for _, value in pairs):
        return visit.redirect(queue_address(chosen))
    found = await case_lists.page_of(visit, chosen, _SIZE)
    async with visit.store.transaction() as transaction:
        accounts = await transaction.staff.all()
        await case_lists.note_look(transaction, visit, chosen)
    names = {account.id: account.name for account in accounts}
    chips = list(_chips(visit, chosen, names))
    quick = _quick(visit, chosen)
    return visit.render(
        "queue.html",
        title=_title(visit, chosen, found, quick, names),
        find=Sheet("find", "", "", _values(chosen)),
        lines=case_lists.lines(visit, found.rows, accounts),
        found=found,
        count=_in_words(visit, chosen, found),
        elsewhere=await _elsewhere(visit, chosen, everywhere, names) if not found.total else None,
        chips=chips,
        dated=any(isinstance(getattr(chosen, field.name), date) for field in fields(chosen)),
        quick=quick,
        options=_options(visit, counselors.able(accounts, _towns(visit))),
        everything=QUEUE,
        export=_export_address(chosen),
    )


def _is_whole(visit: Visit, text: str) -> bool:
    return is_whole_number(text, visit.parts.settings.registration.area_code)


async def _elsewhere(
    visit: Visit, chosen: QueueFilter, everywhere: QueueFilter, names: Mapping[int, str]
) -> Elsewhere | None:
    """Return where else there is what was searched for among ``chosen`` in vain."""
    if not chosen.search or replace(chosen, page=1) == everywhere:
        return None
    total = (await case_lists.page_of(visit, everywhere, 1)).total
    if not total:
        return None
    filters = in_short(chosen, visit.parts.form, names)
    return Elsewhere(say("queue.none_within", filters=filters, total=total), queue_address(everywhere))


def _title(visit: Visit, chosen: QueueFilter, found: CasePage, quick: Iterable[Quick], names: Mapping[int, str]) -> str:
    """Return what the page is called among the tabs and bookmarks of a browser."""
    page = "_page" if found.page > 1 else ""
    if replace(chosen, order=QueueFilter().order, page=1) == QueueFilter():
        return say(f"queue.title_plain{page}", page=found.page)
    words = next((each.label for each in quick if each.current), in_short(chosen, visit.parts.form, names))
    if chosen.search:
        words = say("filter.shorts").join(filter(None, (words, say("queue.title_search"))))
    return say(f"queue.title{page}", chosen=words, total=found.total, page=found.page)


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
        **of_the_day(visit.account.id),
        "nobody": UNATTENDED,
        "graduates": QueueFilter(graduates=True),
        "expiring": expiring(visit),
    }
    now = replace(chosen, order=QueueFilter().order, page=1)
    return [Quick(say(f"queue.quick_{name}"), queue_address(one), one == now) for name, one in known.items()]


def _in_words(visit: Visit, chosen: QueueFilter, found: CasePage) -> str:
    everything = replace(chosen, order=QueueFilter().order, page=1) == QueueFilter()
    if not found.total:
        return say("queue.none_at_all") if everything else _none(visit, chosen)
    count = say("queue.all" if everything else "queue.chosen", total=found.total)
    if found.pages == 1:
        return count
    first = (found.page - 1) * _SIZE + 1
    return say("queue.shown", count=count, first=first, last=first + len(found.rows) - 1)


def _none(visit: Visit, chosen: QueueFilter) -> str:
    """Return what is said where nothing was found."""
    if not chosen.search:
        return say("queue.none_found")
    if not digits_of(chosen.search):
        return say("queue.none_named")
    return say("queue.none_numbered" if _is_whole(visit, chosen.search) else "queue.none_short")


PAGES = (Page(QUEUE, show, access=Access.PERSONS, menu="登记"),)
