"""The cookies of the console: no script and no other site gets at them, and all but one end with the browser."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

Kind = Literal["session", "visitor", "notice", "known"]


class Cookies:
    """``session``: who is signed in; ``visitor``: whose form it is before that; ``notice``: what to say next.

    ``known``: who signed in here before.
    ``demo``: a demo's have names of their own. Cookies know no ports, and the office's own console may be beside it.
    """

    def __init__(self, secure: bool, demo: bool) -> None:
        self._secure = secure
        # A browser takes this prefix only over https, from this very host and for all its paths.
        self._prefix = ("__Host-" if secure else "") + ("zhucan-demo-" if demo else "zhucan-")

    def read(self, request: Request, kind: Kind) -> str:
        """Return what the browser sent, empty for nothing."""
        return request.cookies.get(self._prefix + kind, "")

    def give(self, response: Response, kind: Kind, value: str, lasts: timedelta | None = None) -> None:
        """Have the browser keep ``value`` as long as it ``lasts``, without that until it is closed."""
        seconds = int(lasts.total_seconds()) if lasts else None
        response.set_cookie(
            self._prefix + kind, value, max_age=seconds, secure=self._secure, httponly=True, samesite="strict"
        )

    def take(self, response: Response, kind: Kind) -> None:
        """Have the browser forget."""
        response.delete_cookie(self._prefix + kind, secure=self._secure, httponly=True, samesite="strict")
