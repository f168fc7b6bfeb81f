"""The cookies of the console: for the browser's session alone, and no script and no other site gets at them."""

from __future__ import annotations

from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

Kind = Literal["session", "visitor", "notice"]


class Cookies:
    """``session``: who is signed in; ``visitor``: whose form it is before that; ``notice``: what to say next.

    ``demo``: a demo's have names of their own. Cookies know no ports, and the office's own console may be beside it.
    """

    def __init__(self, secure: bool, demo: bool) -> None:
        self._secure = secure
        # A browser takes this prefix only over https, from this very host and for all its paths.
        self._prefix = ("__Host-" if secure else "") + ("zhucan-demo-" if demo else "zhucan-")

    def read(self, request: Request, kind: Kind) -> str:
        """Return what the browser sent, empty for nothing."""
        return request.cookies.get(self._prefix + kind, "")

    def give(self, response: Response, kind: Kind, value: str) -> None:
        """Have the browser keep ``value`` until it is closed."""
        response.set_cookie(self._prefix + kind, value, secure=self._secure, httponly=True, samesite="strict")

    def take(self, response: Response, kind: Kind) -> None:
        """Have the browser forget."""
        response.delete_cookie(self._prefix + kind, secure=self._secure, httponly=True, samesite="strict")
