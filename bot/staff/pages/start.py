"""The page that one comes to first: what there is to do today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from bot.casework.filters import UNATTENDED, QueueFilter, of_the_day
from bot.staff import case_lists
from bot.staff.case_lists import CaseLine
from bot.staff.expiry import expiring
from bot.staff.listings import START, queue_address
from bot.staff.page import Page
from bot.staff.visit import Visit
from bot.staff.wording import say

_FIRST = 10
_PRESSING = frozenset({"overdue", "due_today", "unanswered"})


@dataclass(frozen=True)
class Number:
    """How many there are of something, and where they are listed; ``pressing``: there should be none."""

    label: str
    count: int
    address: str
    pressing: bool


async def start(visit: Visit) -> Response:
    """Show the numbers of the day and what comes first; to those who see no persons, where they can go."""
    if not visit.account.sees_persons:
        return visit.render("start.html", numbers=(), lines=(), more="")
    wanted = {**of_the_day(visit.account.id), "nobody": UNATTENDED, "expiring": expiring(visit)}
    counts = await case_lists.counts_of(visit, wanted)
    numbers = [
        Number(say(f"start.{name}"), counts[name], queue_address(chosen), name in _PRESSING and counts[name] > 0)
        for name, chosen in wanted.items()
    ]
    mine = wanted["mine"]
    return visit.render(
        "start.html",
        numbers=numbers,
        lines=await _first(visit, mine),
        more=queue_address(mine),
        unattended=queue_address(UNATTENDED),
    )


async def _first(visit: Visit, mine: QueueFilter) -> Sequence[CaseLine]:
    """Return the most urgent of the own cases."""
    found = await case_lists.page_of(visit, mine, _FIRST)
    async with visit.store.transaction() as transaction:
        accounts = await transaction.staff.all()
        if found.rows:
            await case_lists.note_look(transaction, visit, mine)
    return case_lists.lines(visit, found.rows, accounts)


PAGES = (Page(START, start, menu="首页"),)
