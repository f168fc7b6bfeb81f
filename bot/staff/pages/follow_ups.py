"""The visits and calls that are due: late, today, this week."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from starlette.responses import Response

from bot.casework.case import FollowUp
from bot.casework.filters import QueueFilter
from bot.clock import day_of
from bot.staff import case_lists
from bot.staff.access import Access
from bot.staff.case_lists import CaseLine, queue_address
from bot.staff.page import Page
from bot.staff.visit import Visit
from bot.staff.wording import say

_AT_ONCE = 50
_PATH = "/follow-ups"


@dataclass(frozen=True)
class Part:
    """One part of the page. ``total``: how many there are, also those that are not shown; ``address``: of all."""

    name: str
    title: str
    lines: tuple[CaseLine, ...]
    total: int
    address: str


async def show(visit: Visit) -> Response:
    """Show what is due, to everybody who may see it, or of the own cases alone."""
    mine = visit.query("mine") == "1"
    usual = QueueFilter(order="follow-up", counselor=visit.account.id if mine else None)
    wanted = _parts(usual, day_of(visit.now))
    found = {name: await case_lists.page_of(visit, chosen, _AT_ONCE) for name, chosen in wanted.items()}
    async with visit.store.transaction() as transaction:
        names = await transaction.staff.names()
        receipts = [row.receipt for page in found.values() for row in page.rows]
        due: Mapping[str, FollowUp] = await transaction.cases.next_follow_ups(receipts)
        await case_lists.note_look(transaction, visit, usual)
    parts = [
        Part(
            name,
            say(f"follow_ups.{name}"),
            case_lists.lines(visit, found[name].rows, names),
            found[name].total,
            queue_address(chosen),
        )
        for name, chosen in wanted.items()
    ]
    return visit.render("follow_ups.html", parts=parts, due=due, names=names, mine=mine, path=_PATH)


def _parts(usual: QueueFilter, today: date) -> dict[str, QueueFilter]:
    """Return what is in each part. The week ends on Sunday."""
    sunday = today + timedelta(days=6 - today.weekday())
    tomorrow = today + timedelta(days=1)
    parts = {
        "late": replace(usual, follow_up_until=today - timedelta(days=1)),
        "today": replace(usual, follow_up_since=today, follow_up_until=today),
    }
    if tomorrow <= sunday:
        parts["week"] = replace(usual, follow_up_since=tomorrow, follow_up_until=sunday)
    return parts


PAGES = (Page(_PATH, show, access=Access.PERSONS, menu="回访"),)
