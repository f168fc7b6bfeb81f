"""Addresses that can be no page's: found out before anything in them is read."""

from __future__ import annotations

from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_LONGEST = 500


class _NoPage(Convertor[str]):
    """What is too long, or holds what nobody can type and no database takes."""

    regex = rf"(?s:.{{{_LONGEST},}}|.*[\x00-\x1f\x7f\ud800-\udfff].*)"

    def convert(self, value: str) -> str:
        """Return it as it is."""
        return value

    def to_string(self, value: str) -> str:
        """Return it as it is."""
        return value


register_url_convertor("no_page", _NoPage())


async def no_page(_: Request) -> Response:
    """Say that there is no such page."""
    raise HTTPException(404)


NO_PAGE = Route("/{path:no_page}", no_page, methods=["GET", "POST"])
