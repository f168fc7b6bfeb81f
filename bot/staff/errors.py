"""Pages for what cannot be done: plain words, no details, and what was typed."""

from __future__ import annotations

from starlette.responses import Response

from bot.staff.posted import KEPT
from bot.staff.sheet import Sheet
from bot.staff.visit import Visit
from bot.staff.wording import phrases

_AGAIN = frozenset({400, 500, 503})
"""Where it may work the next time."""


def error_page(visit: Visit, status: int) -> Response:
    """Return the page for ``status``. What was typed stands on it, to be sent once more or copied.

    Only a form that a page of the console sent can be sent again: the page carries a valid token.
    """
    words = phrases("errors")
    key = f"title_{status}" if f"title_{status}" in words else "title_other"
    text = words.get(f"text_{status}", words["text_other"])
    again = status in _AGAIN and visit.visitor is not None and visit.house.addresses.own_page(visit.request) is True
    typed = Sheet("typed", visit.form.text(KEPT), visit.csrf, visit.form.typed)
    return visit.render("error.html", status, title=words[key], text=text, typed=typed, again=again)
