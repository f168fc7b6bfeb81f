"""The own account of whoever is signed in."""

from __future__ import annotations

from starlette.responses import Response

from bot.staff.page import Page
from bot.staff.visit import Visit


async def show(visit: Visit) -> Response:
    """Show the account."""
    return visit.render("me.html")


PAGES = (Page("/me", show),)
