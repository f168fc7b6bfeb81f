"""The page that one comes to first."""

from __future__ import annotations

from starlette.responses import Response

from bot.staff.page import Page
from bot.staff.visit import Visit


async def start(visit: Visit) -> Response:
    """Show where one can go."""
    return visit.render("start.html")


PAGES = (Page("/", start, menu="首页"),)
