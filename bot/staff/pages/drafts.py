"""Keeps what is being typed, while it is typed; the script of the pages sends it."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import Response

from bot.staff import typed
from bot.staff.page import Page
from bot.staff.posted import KEPT, addressed
from bot.staff.sheet import folded, is_key, page_of
from bot.staff.visit import Refused, Visit
from bot.staff.wording import say


async def keep(visit: Visit) -> Response:
    """Keep the form as it is now, in the place of what was kept before."""
    key = _key(visit)
    async with visit.store.transaction() as transaction:
        kept = await typed.keep(transaction, visit.account, key, folded(visit.form.typed), visit.now)
    if kept:
        return Response(status_code=204)
    if receipt := typed.receipt_of(key):
        raise Refused("draft for no case of theirs", 404, receipt)
    raise HTTPException(400)


async def discard(visit: Visit) -> Response:
    """Forget what was kept of the form, and go back to its page."""
    there = addressed(page_of(_key(visit)), visit.form.along)
    await visit.discard()
    return visit.redirect(there, say("drafts.discarded"))


def _key(visit: Visit) -> str:
    key = visit.form.text(KEPT)
    if not is_key(key):
        raise HTTPException(400)
    return key


PAGES = (
    Page(typed.DRAFTS, keep, methods=("POST",)),
    Page(f"{typed.DRAFTS}/discard", discard, methods=("POST",)),
)
