"""One address of the console."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.responses import Response

from bot.staff.access import Access
from bot.staff.visit import Visit

Handler = Callable[[Visit], Awaitable[Response]]


@dataclass(frozen=True)
class Page:
    """A ``path`` (as Starlette writes it), what answers there, to which ``methods``, and whom it lets in.

    ``menu``: what the page is called in the menu on top of all pages, which shows it to those it lets in; empty for
    pages that are reached in another way. ``download``: it answers with a file.
    """

    path: str
    handler: Handler
    methods: tuple[str, ...] = ("GET",)
    access: Access = Access.SIGNED_IN
    menu: str = ""
    download: bool = False
