"""The page to sign in on: asked for, or shown in the place of what only those who are signed in get."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from bot.staff.sheet import is_restored
from bot.staff.visit import Visit
from bot.staff.wording import say


def sign_in_page(
    visit: Visit,
    there: str,
    carried: str = "",
    *,
    login: str = "",
    notice: str = "",
    faults: Mapping[str, str] | None = None,
) -> Response:
    """Return the page. ``there``: where it leads; ``carried``: what was typed, sealed, to be kept for who signs in."""
    sheet = visit.blank("sign-in", {"login": login, "next": there, "carried": carried}, faults)
    if faults and not notice and (carried or is_restored(there)):
        notice = say("sign_in.kept")
    return visit.render("sign_in.html", sheet=sheet, said=notice)
