"""One request to the console, and all that a page needs to answer it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, NoReturn
from urllib.parse import urlencode

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot import clock
from bot.app import App
from bot.casework.account import Account
from bot.casework.case import Case
from bot.conversation.forms import Form
from bot.settings import Settings
from bot.staff import sealing, typed
from bot.staff.addresses import Addresses
from bot.staff.cookies import Cookies
from bot.staff.exports import Exports
from bot.staff.known_browser import LASTS, KnownBrowser, known_browser
from bot.staff.look import Look
from bot.staff.passphrases import Passphrases
from bot.staff.posted import KEPT, Posted
from bot.staff.sheet import Sheet, Value, as_values, first_typed, folded, form_of, is_key, is_wanted, key_of, unfolded
from bot.staff.signing_in import SigningIn
from bot.staff.trials import Trials
from bot.staff.unanswered import Unanswered
from bot.store import Store, StoreUnavailable
from bot.store.recent_figures import RecentFigures
from bot.store.sessions import Draft

_log = structlog.stdlib.get_logger(__name__)
_NOTICE_LASTS = timedelta(minutes=5)
SAVED = "saved"
"""The id of a notice that stands within a section of a page."""
ANOTHER_TOWN = "case of another town"
"""Why a case was refused, as it is on record."""


class Refused(Exception):  # noqa: N818 – says what happened
    """Somebody wanted what is not theirs: ``why`` goes on record, with the ``receipt`` if it was about a case.

    ``status`` is what they are told.
    """

    def __init__(self, why: str, status: int = 403, receipt: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.status = status
        self.receipt = receipt


@dataclass(frozen=True)
class ConsoleParts:
    """What the console works with.

    ``built`` gives the assistant in use now (its knowledge may be exchanged while the console runs), ``form`` is what
    registrations answer, ``passphrases`` hashes and checks. ``trouble`` says why changed knowledge is not in use, None
    while all is well. ``demo``: all people are invented, and every page says so. ``has_bot``: messages to people, and
    codes that link a chat, get somewhere.
    """

    settings: Settings
    store: Store
    built: Callable[[], App]
    form: Form
    now: Callable[[], datetime] = clock.now
    passphrases: Passphrases = field(default_factory=Passphrases)
    trouble: Callable[[], str | None] = lambda: None
    demo: bool = False
    has_bot: bool = True


@dataclass(frozen=True)
class Notice:
    """What is said once on the next page. ``section``: of that page, in which it stands; empty for on top.

    ``seen``: the newest event of the case that was known when the form was filled in, None where it is about no case.
    """

    words: str
    section: str = ""
    seen: int | None = None


@dataclass(frozen=True)
class House:
    """What all visits share."""

    parts: ConsoleParts
    look: Look
    addresses: Addresses
    cookies: Cookies
    signing_in: SigningIn
    exports: Exports
    trials: Trials
    unanswered: Unanswered
    figures: RecentFigures


@dataclass
class Visit:
    """One request.

    ``visitor``: who is signed in, None for nobody; ``csrf`` goes into every form; ``form``: what was posted.
    """

    request: Request
    house: House
    now: datetime
    visitor: Account | None = None
    session: str = ""
    csrf: str = ""
    form: Posted = field(default_factory=Posted)
    _changes: list[Callable[[Response], None]] = field(default_factory=list)

    @property
    def account(self) -> Account:
        """Who is signed in; pages that let in nobody else may rely on it."""
        if self.visitor is None:
            raise HTTPException(403)
        return self.visitor

    @property
    def parts(self) -> ConsoleParts:
        """What the console works with."""
        return self.house.parts

    @property
    def store(self) -> Store:
        """The database."""
        return self.parts.store

    @property
    def exports(self) -> Exports:
        """The files that are being made."""
        return self.house.exports

    @property
    def trials(self) -> Trials:
        """The sample questions that are being tried."""
        return self.house.trials

    @property
    def who(self) -> str:
        """What the audit calls whoever is signed in."""
        return f"staff:{self.account.id}"

    @property
    def from_where(self) -> str:
        """The network address that the request came from."""
        return self.request.client.host if self.request.client else ""

    @property
    def path(self) -> str:
        """The address of this page, without what stands behind the question mark."""
        return str(self.request.url.path)

    @property
    def number(self) -> int:
        """The ``{id:int}`` of the address."""
        return int(self.request.path_params["id"])

    def query(self, name: str) -> str:
        """Return what stands behind the question mark under ``name``, empty for nothing."""
        return self.request.query_params.get(name, "").strip()

    def carried(self, name: str) -> str:
        """Return what the form that was posted carries under ``name``, or else the address."""
        return self.form.text(name) if self.request.method == "POST" else self.query(name)

    def address(self, **changes: object) -> str:
        """Return the address of this page with ``changes`` to what stands behind the question mark (None: left out)."""
        kept = [(name, value) for name, value in self.request.query_params.multi_items() if name not in changes]
        pairs = [*kept, *((name, str(value)) for name, value in changes.items() if value is not None)]
        return f"{self.path}?{urlencode(pairs)}" if pairs else self.path

    # -- what the handler answers with

    def render(self, template: str, status: int | None = None, **values: Any) -> Response:
        """Return the page. Forms among ``values`` (alone, or several by name) that have faults are summed up on top,
        with the status 422.
        """
        sheets = list(_sheets(values.values()))
        if status is None:
            status = 422 if any(sheet.faults for sheet in sheets) else 200
        page = self.house.look.page(
            template,
            self.visitor,
            visit=self,
            csrf=self.csrf,
            here=self.path,
            now=self.now,
            notice=self.notice,
            sheets=sheets,
            **values,
        )
        return HTMLResponse(page, status)

    def redirect(self, path: str, notice: str = "", section: str = "", seen: int | None = None) -> Response:
        """Return the way to another page of the console, on which ``notice`` is said: the form has been dealt with.

        ``section``: of that page, in which it is said; the way leads there. ``seen``: as a :class:`Notice` has it.
        """
        response = RedirectResponse(f"{path}#{SAVED}" if section else path, 303)
        if notice:
            sealed = sealing.seal(self.store.keys, "notice", [notice, section, seen], self.now)
            self._changes.append(lambda response: self.house.cookies.give(response, "notice", sealed))
        return response

    def forbid(self, why: str = "not allowed") -> NoReturn:
        """Refuse, and put on record ``why``."""
        raise Refused(why)

    def missing(self) -> NoReturn:
        """Say that there is no such page."""
        raise HTTPException(404)

    # -- cases

    async def case(self, receipt: str) -> Case:
        """Return a case that is theirs. To others it is as if it were not there, and that they tried is on record."""
        async with self.store.transaction() as transaction:
            return self.own(receipt, await transaction.cases.load(receipt))

    def own(self, receipt: str, case: Case | None) -> Case:
        """Return ``case``, which was loaded by its ``receipt``, if it is theirs. Else it is as for :meth:`case`."""
        if case is None:
            raise Refused("no such case", 404, receipt)
        if not self.account.may_see(case.town):
            raise Refused(ANOTHER_TOWN, 404, receipt)
        return case

    # -- forms

    async def sheet(self, name: str, values: Mapping[str, Value] | None = None, *, page: str = "") -> Sheet:
        """Return the form ``name`` as it is first shown, with ``values`` in its fields.

        Where something was typed and not saved it is offered; ``?restore=name`` puts the newest into the fields.
        ``page``: the address the form stands on, where that is not the one asked for.
        """
        return (await self.sheets({name: values or {}}, page=page))[name]

    async def sheets(
        self,
        several: Mapping[str, Mapping[str, Value]],
        *,
        page: str = "",
        titles: Mapping[str, str] | None = None,
    ) -> dict[str, Sheet]:
        """Return several forms of one page by their names, each with its values, as :meth:`sheet` does.

        ``titles``: what they are called where something was typed and not saved.
        """
        there = page or self.path
        drafts: dict[str, Draft] = {}
        if self.visitor is not None:
            async with self.store.transaction() as transaction:
                drafts = await transaction.sessions.drafts(self.visitor.id, f"{there}#")
        found = {}
        for name, values in several.items():
            own = {key: draft for key, draft in drafts.items() if form_of(key) == name}
            sheet = self._sheet(name, key_of(there, name), values, own)
            found[name] = replace(sheet, title=(titles or {}).get(name, ""))
        return found

    def _sheet(self, name: str, key: str, values: Mapping[str, Value], drafts: Mapping[str, Draft]) -> Sheet:
        """Return the form ``name``. ``drafts``: what was kept of it by key, the newest first."""
        for at, draft in drafts.items():
            if is_wanted(at, self.query("restore")):
                return Sheet(name, at, self.csrf, unfolded(draft.content), kept=draft.at, draft=at, restored=True)
        sheet = Sheet(name, key, self.csrf, as_values(values))
        newest = next(iter(drafts), None)
        if newest is None:
            return sheet
        kept = drafts[newest]
        return replace(sheet, kept=kept.at, draft=newest, begun=first_typed(kept.content))

    def again(self, name: str, faults: Mapping[str, str]) -> Sheet:
        """Return the form that was posted, with all that was typed and what is wrong with it."""
        key = self.form.text(KEPT) or key_of(self.path, name)
        return Sheet(name, key, self.csrf, self.form.typed, faults, along=self.form.along)

    def blank(
        self, name: str, values: Mapping[str, Value] | None = None, faults: Mapping[str, str] | None = None
    ) -> Sheet:
        """Return a form of which nothing is kept, as those with passphrases."""
        return Sheet(name, "", self.csrf, as_values(values or {}), faults or {})

    async def saved(self) -> None:
        """Keep nothing more of what was typed into the form that was posted. A redirection does that by itself.

        What the form was for has been done: where that cannot be noted now, it is offered once more, and nothing else.
        """
        try:
            await self.discard()
        except StoreUnavailable as error:
            _log.warning("what was typed is kept though it was saved", reason=error.reason)

    async def discard(self) -> None:
        """Forget what was typed into the form that was posted."""
        key = self.form.text(KEPT)
        if is_key(key) and self.visitor:
            async with self.store.transaction() as transaction:
                await typed.drop(transaction, self.visitor, key, folded(self.form.typed))

    # -- signing in and out

    @property
    def browser(self) -> KnownBrowser:
        """The browser, with those who signed in there before."""
        return known_browser(self.store.keys, self.house.cookies.read(self.request, "known"), self.now)

    def know_browser(self, login: str) -> None:
        """Have the browser remember that ``login`` belongs there."""
        known = self.browser.with_login(login).sealed(self.store.keys, self.now)
        self._changes.append(lambda response: self.house.cookies.give(response, "known", known, LASTS))

    def signed_in(self, token: str) -> None:
        """Have the browser keep the session."""
        self._changes.append(lambda response: self.house.cookies.give(response, "session", token))
        self._changes.append(lambda response: self.house.cookies.take(response, "visitor"))

    def signed_out(self) -> None:
        """Have the browser forget the session."""
        self._changes.append(lambda response: self.house.cookies.take(response, "session"))

    def finish(self, response: Response) -> Response:
        """Put the cookies into ``response``."""
        for change in self._changes:
            change(response)
        return response

    def remember_visitor(self, token: str) -> None:
        """Have the browser keep whose forms these are, before anybody is signed in."""
        self._changes.append(lambda response: self.house.cookies.give(response, "visitor", token))

    @cached_property
    def notice(self) -> Notice | None:
        """What the page before wanted to be said on this one."""
        sealed = self.house.cookies.read(self.request, "notice")
        if not sealed:
            return None
        self._changes.append(lambda response: self.house.cookies.take(response, "notice"))
        found = sealing.unseal(self.store.keys, "notice", sealed, self.now, _NOTICE_LASTS)
        return Notice(*found) if isinstance(found, list) else None


def _sheets(values: Iterable[object]) -> Iterator[Sheet]:
    for value in values:
        if isinstance(value, Sheet):
            yield value
        elif isinstance(value, Mapping):
            yield from (one for one in value.values() if isinstance(one, Sheet))
