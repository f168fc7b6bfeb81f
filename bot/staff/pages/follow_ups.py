"""The visits and calls that are due: late, today, this week."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from bot.clock import day_of
from bot.staff import case_lists
from bot.staff.access import Access
from bot.staff.case_lists import CaseLine
from bot.staff.listings import FOLLOW_UPS, MINE, due, due_parts, queue_address
from bot.staff.page import Page
from bot.staff.visit import Visit
from bot.staff.wording import say

_AT_ONCE = 50


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
    mine = visit.query(MINE) == "1"
    wanted = due_parts(visit.account, day_of(visit.now), mine=mine)
    found = {name: await case_lists.page_of(visit, chosen, _AT_ONCE) for name, chosen in wanted.items()}
    async with visit.store.transaction() as transaction:
        accounts = await transaction.staff.all()
        receipts = [row.receipt for page in found.values() for row in page.rows]
        next_ones = await transaction.cases.next_follow_ups(receipts)
        await case_lists.note_look(transaction, visit, due(visit.account, mine=mine))
    parts = [
        Part(
            name,
            say(f"follow_ups.{name}"),
            case_lists.lines(visit, found[name].rows, accounts),
            found[name].total,
            queue_address(chosen),
        )
        for name, chosen in wanted.items()
    ]
    names = {account.id: account.name for account in accounts}
    return visit.render("follow_ups.html", parts=parts, due=next_ones, names=names, mine=mine, path=FOLLOW_UPS)


PAGES = (Page(FOLLOW_UPS, show, access=Access.PERSONS, menu="回访"),)
