"""The graduates: 一人一策, a plan of their own for each."""

from __future__ import annotations

from starlette.responses import Response

from bot.casework.filter_address import from_pairs
from bot.staff import case_lists
from bot.staff.access import Access
from bot.staff.listings import GRADUATES, graduates
from bot.staff.page import Page
from bot.staff.percentages import percent
from bot.staff.visit import Visit
from bot.store import figures

_CLAUSE = "一（七）1"
"""Where the plan says that all of them are to be on file and served."""


async def show(visit: Visit) -> Response:
    """List them, those without a plan first, with how many have one and how many were served."""
    chosen = graduates(from_pairs(visit.request.query_params.multi_items()).page)
    found = await case_lists.page_of(visit, chosen)
    async with visit.store.reading() as connection:
        counted = await figures.graduates(connection, visit.store.keys, visit.account.scope, figures.Period())
    async with visit.store.transaction() as transaction:
        accounts = await transaction.staff.all()
        await case_lists.note_look(transaction, visit, chosen)
    return visit.render(
        "graduates.html",
        found=found,
        lines=case_lists.lines(visit, found.rows, accounts),
        counted=counted,
        percent=percent,
        clause=_CLAUSE,
        quotes=_quotes(visit),
    )


def _quotes(visit: Visit) -> list[str]:
    """Return what the plan says in that clause, word for word."""
    policies = visit.parts.built().knowledge.policies
    return [quote.text for policy in policies for quote in policy.quotes if quote.clause == _CLAUSE]


PAGES = (Page(GRADUATES, show, access=Access.PERSONS, menu="大学生"),)
