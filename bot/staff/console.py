"""Puts the console together: every page behind the guard."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from bot.staff.addresses import Addresses
from bot.staff.cookies import Cookies
from bot.staff.exports import Exports
from bot.staff.files import static_files
from bot.staff.guard import Guard
from bot.staff.headers import SafeHeaders
from bot.staff.look import Look, MenuItem
from bot.staff.no_page import NO_PAGE
from bot.staff.page import Page
from bot.staff.pages import (
    accounts,
    assigning,
    audit,
    case,
    drafts,
    export,
    figures,
    follow_ups,
    graduates,
    linking,
    me,
    questions,
    queue,
    report,
    sign_in,
    start,
)
from bot.staff.signing_in import SigningIn
from bot.staff.trials import Trials
from bot.staff.unanswered import Unanswered
from bot.staff.visit import ConsoleParts, House
from bot.store.recent_figures import RecentFigures

PAGES: tuple[Page, ...] = (
    *start.PAGES,
    *sign_in.PAGES,
    *queue.PAGES,
    *assigning.PAGES,
    *case.PAGES,
    *follow_ups.PAGES,
    *graduates.PAGES,
    *figures.PAGES,
    *report.PAGES,
    *export.PAGES,
    *questions.PAGES,
    *me.PAGES,
    *linking.PAGES,
    *accounts.PAGES,
    *audit.PAGES,
    *drafts.PAGES,
)
"""All pages of the console. The menu shows those with a name in this order."""


def build_console(parts: ConsoleParts, pages: Sequence[Page] = PAGES) -> Starlette:
    """Return the console with these ``pages`` as an application."""
    settings = parts.settings.staff
    addresses = Addresses(settings)
    menu = [MenuItem(page.menu, page.path, page.access) for page in pages if page.menu]
    signing_in = SigningIn(parts.store, parts.passphrases, parts.now)
    exports = Exports()
    trials = Trials()
    look, cookies = Look(menu, parts.demo), Cookies(addresses.secure, parts.demo)
    house = House(parts, look, addresses, cookies, signing_in, exports, trials, Unanswered(), RecentFigures())
    guard = Guard(house)
    routes = [NO_PAGE, *(Route(page.path, guard.endpoint(page), methods=page.methods) for page in pages)]
    routes.append(Route("/static/{name}", static_files().serve))
    middleware = [Middleware(SafeHeaders, secure=addresses.secure)]
    if addresses.secure:
        middleware.append(Middleware(ProxyHeadersMiddleware, trusted_hosts=settings.proxy))

    @asynccontextmanager
    async def running(_: Starlette) -> AsyncIterator[None]:
        yield
        await exports.close()
        await trials.close()

    console = Starlette(
        routes=routes, middleware=middleware, exception_handlers={HTTPException: guard.unknown}, lifespan=running
    )
    console.router.redirect_slashes = False  # it would lead to whatever name the request was sent to
    return console
