"""Pages for what cannot be done: plain words, no details, and what was typed."""

from __future__ import annotations

from starlette.responses import Response

from bot.staff.posted import KEPT
from bot.staff.sheet import Sheet
from bot.staff.visit import Visit
from bot.staff.wording import phrases

_AGAIN = frozenset({400, 500, 503})
"""Where it may work the next time."""
_SHORTEST = 10


def error_page(visit: Visit, status: int, kind: str = "") -> Response:
    """Return the page for ``status``. What was typed stands on it, to be sent once more or copied.

    ``kind``: what it is about (``case``), where there is more to say than for the status alone.
    Only a form that a page of the console sent can be sent again: the page carries a valid token.
    """
    words = phrases("errors")
    key = next(key for key in (kind, str(status), "other") if f"title_{key}" in words)
    again = status in _AGAIN and visit.visitor is not None and visit.house.addresses.own_page(visit.request) is True
    typed = Sheet("typed", visit.form.text(KEPT), visit.csrf, visit.form.typed, along=visit.form.along)
    worth_copying = [value for values in typed.values.values() for value in values if _is_text(value)]
    return visit.render(
        "error.html",
        status,
        title=words[f"title_{key}"],
        text=words[f"text_{key}"],
        typed=typed,
        again=again,
        worth_copying=worth_copying,
    )


def _is_text(value: str) -> bool:
    """Say whether somebody wrote it, rather than chose it or the page put it in."""
    return len(value) >= _SHORTEST or not value.isascii()
