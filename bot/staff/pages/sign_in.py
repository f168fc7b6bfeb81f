"""Signing in and out."""

from __future__ import annotations

from starlette.responses import Response

from bot.staff.page import Page
from bot.staff.visit import Visit
from bot.staff.wording import say


async def sign_out(visit: Visit) -> Response:
    """End the session."""
    async with visit.store.transaction() as transaction:
        await transaction.sessions.end(visit.session, visit.now)
        await transaction.audit.note(visit.who, "signed-out", f"account:{visit.account.id}", visit.now)
    visit.signed_out()
    return visit.redirect("/sign-in", say("sign_in.signed_out"))


PAGES = (Page("/sign-out", sign_out, methods=("POST",)),)
