"""Stands before every page: who is there, may they in, is the form from here, and is nothing typed lost."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta
from urllib.parse import urlencode

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.casework.account import Account
from bot.service.faults import told
from bot.staff import posted, sealing, typed
from bot.staff.access import Access
from bot.staff.errors import error_page
from bot.staff.page import Page
from bot.staff.posted import CSRF, KEPT
from bot.staff.sheet import first_typed, folded, is_key, restored_at
from bot.staff.sign_in_page import sign_in_page
from bot.staff.visit import House, Refused, Visit
from bot.staff.wording import say
from bot.store import StoreUnavailable

_log = structlog.stdlib.get_logger(__name__)
_LARGEST = 2**63 - 1  # what a database takes for a number
SIGN_IN = "/sign-in"


class Guard:
    """Lets requests through to the pages of one console."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._idle = timedelta(minutes=house.parts.settings.staff.idle_minutes)

    def endpoint(self, page: Page) -> Callable[[Request], Awaitable[Response]]:
        """Return what answers requests for ``page``."""

        async def answer(request: Request) -> Response:
            visit = Visit(_cleaned(request), self._house, self._house.parts.now())
            return visit.finish(await self._answer(page, visit))

        return answer

    async def unknown(self, request: Request, error: Exception) -> Response:
        """Answer what no page answers."""
        visit = Visit(request, self._house, self._house.parts.now())
        return error_page(visit, error.status_code if isinstance(error, HTTPException) else 500)

    async def _answer(self, page: Page, visit: Visit) -> Response:
        try:
            return await self._let_in(page, visit)
        except Refused as refusal:
            await self._record(page, visit, refusal)
            return error_page(visit, refusal.status, "case" if refusal.receipt else "")
        except HTTPException as error:
            return error_page(visit, error.status_code)
        except StoreUnavailable as error:
            _log.warning("the console cannot use the database", reason=error.reason)
            return error_page(visit, 503)
        except Exception as error:
            _log.error("a page of the console failed", page=page.path, **told(error))
            return error_page(visit, 500)

    async def _let_in(self, page: Page, visit: Visit) -> Response:
        if not self._house.addresses.known(visit.request):
            raise HTTPException(421)
        if any(isinstance(value, int) and value > _LARGEST for value in visit.request.path_params.values()):
            raise HTTPException(404)
        posting = visit.request.method == "POST"
        if posting:
            visit.form = await posted.read(visit.request)
        gone = await self._recognise(visit)
        if posting:
            if self._house.addresses.own_page(visit.request) is False:
                raise Refused("form of another site")
            if gone is not None and page.access is not Access.PUBLIC:
                return await self._kept_for_later(page, visit, *gone)
            self._check_form(page, visit)
        if not page.access.admits(visit.visitor):
            if visit.visitor is None:
                if not visit.session and _came_from_elsewhere(visit):
                    return visit.render("hop.html")
                notice = say("guard.idle", minutes=self._minutes) if gone else ""
                return _carried_along(visit) or _to_sign_in(visit, notice)
            raise Refused("not their page")
        response = await page.handler(visit)
        if posting and response.status_code == 303:
            await visit.saved()
        return response

    async def _recognise(self, visit: Visit) -> tuple[Account, str] | None:
        """Note who is there. Return whose session has ended by idleness, and what its forms carry."""
        visit.session = self._house.cookies.read(visit.request, "session")
        if visit.session:
            async with visit.store.transaction() as transaction:
                found = await transaction.sessions.find(visit.session, visit.now, self._idle)
                if found and found.fresh:
                    await transaction.sessions.touch(visit.session, visit.now)
                    visit.visitor, visit.csrf = found.account, found.csrf
                    return None
        else:
            found = None
        token = self._house.cookies.read(visit.request, "visitor")
        if not token:
            token = secrets.token_urlsafe(32)
            visit.remember_visitor(token)
        visit.csrf = visit.store.keys.secret_hash("staff-visitor", token)
        return (found.account, found.csrf) if found else None

    def _check_form(self, page: Page, visit: Visit) -> None:
        if _same(visit.form.raw(CSRF), visit.csrf):
            return
        if visit.visitor is None and page.access is not Access.PUBLIC:
            return  # nobody is signed in: that comes first
        raise Refused("form without its token", status=400)

    async def _kept_for_later(self, page: Page, visit: Visit, owner: Account, csrf: str) -> Response:
        """Keep what somebody typed whose session has ended meanwhile, and have them sign in."""
        if not _same(visit.form.raw(CSRF), csrf):
            raise Refused("form without its token", status=400)
        key = visit.form.text(KEPT)
        kept = False
        if visit.form.typed:
            async with visit.store.transaction() as transaction:
                kept = await typed.keep(transaction, owner, key, folded(visit.form.typed), visit.now)
        if kept:
            return _to_sign_in(visit, say("guard.idle_kept", minutes=self._minutes), _restored(visit, key))
        if page.path == typed.DRAFTS:  # the script takes being led to the sign-in for having been kept
            raise Refused("nothing to keep a draft for", status=404)
        there = visit.path if "GET" in page.methods else "/"
        return _to_sign_in(visit, say("guard.idle_undone", minutes=self._minutes), there)

    async def _record(self, page: Page, visit: Visit, refusal: Refused) -> None:
        """Put a refusal on record. Of those who are not signed in there is nothing to say."""
        if visit.visitor is None:
            return
        try:
            async with visit.store.transaction() as transaction:
                if refusal.receipt:
                    why = f"{refusal.why}: {page.path}"
                    await transaction.audit.add_case(visit.who, "refused", refusal.receipt, visit.now, why)
                else:
                    await transaction.audit.note(visit.who, "refused", page.path, visit.now, refusal.why)
        except StoreUnavailable as error:
            _log.error("a refusal is not on record", page=page.path, reason=error.reason)

    @property
    def _minutes(self) -> int:
        return self._house.parts.settings.staff.idle_minutes


def _cleaned(request: Request) -> Request:
    """Return ``request`` without what nobody can type behind the question mark of its address."""
    given = request.query_params.multi_items()
    pairs = [(posted.clean(name), posted.clean(value)) for name, value in given]
    if pairs == given:
        return request
    return Request({**request.scope, "query_string": urlencode(pairs).encode()}, request.receive)


def _to_sign_in(visit: Visit, notice: str, there: str | None = None) -> Response:
    if there is None:
        there = visit.address() if visit.request.method in {"GET", "HEAD"} else "/"
    path = SIGN_IN if there == "/" else f"{SIGN_IN}?{urlencode({'next': there})}"
    return visit.redirect(path, notice) if notice else RedirectResponse(path, 303)


def _came_from_elsewhere(visit: Visit) -> bool:
    """Say whether a link of another site, or of a chat, led here: then the browser keeps its cookies back at first."""
    return visit.request.method == "GET" and visit.request.headers.get("sec-fetch-site") == "cross-site"


def _carried_along(visit: Visit) -> Response | None:
    """Have somebody sign in whose session is gone altogether, and give what they typed along in the page.

    Only what a page of the console sent: nobody else is to put words into another's fields.
    """
    key = visit.form.text(KEPT)
    if not (is_key(key) and first_typed(visit.form.typed) and visit.house.addresses.own_page(visit.request) is True):
        return None
    carried = sealing.seal(visit.store.keys, "carried", [key, folded(visit.form.typed)], visit.now)
    return sign_in_page(visit, _restored(visit, key), carried, notice=say("guard.carried"))


def _restored(visit: Visit, key: str) -> str:
    """Return where what was posted, and is kept under ``key``, stands in the fields again."""
    return restored_at(key, first_typed(visit.form.typed), visit.form.along)


def _same(one: str, other: str) -> bool:
    return bool(other) and hmac.compare_digest(one.encode(), other.encode())
