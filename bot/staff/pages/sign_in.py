"""Signing in, for the first time by a link, and out."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

from starlette.responses import Response

from bot.staff import sealing, typed
from bot.staff.access import Access
from bot.staff.page import Page
from bot.staff.passphrases import LONGEST, SHORTEST
from bot.staff.posted import local_path
from bot.staff.sign_in_page import sign_in_page
from bot.staff.signing_in import CodeAsked, InvitationOver, Refusal, Refused, SignedIn
from bot.staff.visit import Visit
from bot.staff.wording import say

_FIRST_STEP_LASTS = timedelta(minutes=5)
_CARRIED_LASTS = timedelta(hours=12)


async def sign_in(visit: Visit) -> Response:
    """Ask for login and passphrase."""
    if visit.request.method != "POST":
        there = local_path(visit.query("next"))
        return visit.redirect(there) if visit.visitor else sign_in_page(visit, there)
    login, passphrase = visit.form.text("login"), visit.form.raw("passphrase")
    found = await visit.house.signing_in.sign_in(login, passphrase, visit.from_where, visit.browser)
    if isinstance(found, SignedIn):
        return await _let_in(visit, found)
    if isinstance(found, CodeAsked):
        first = sealing.seal(visit.store.keys, "passphrase-shown", [found.account, found.login, found.proof], visit.now)
        return _code_asked(visit, first, {})
    return sign_in_page(
        visit,
        local_path(visit.form.text("next")),
        visit.form.text("carried"),
        login=login,
        faults=_faults(found, visit.now),
    )


async def enter_code(visit: Visit) -> Response:
    """Ask for the code of the second factor, once login and passphrase were right."""
    first = visit.form.text("first")
    shown = sealing.unseal(visit.store.keys, "passphrase-shown", first, visit.now, _FIRST_STEP_LASTS)
    there, carried = local_path(visit.form.text("next")), visit.form.text("carried")
    if shown is None:
        return sign_in_page(visit, there, carried)
    asked, code = CodeAsked(*shown), visit.form.raw("code")
    found = await visit.house.signing_in.enter_code(asked, code, visit.from_where, visit.browser)
    if isinstance(found, SignedIn):
        return await _let_in(visit, found)
    words = refused_in_words(found, visit.now)
    if found.why is Refusal.WRONG:
        return sign_in_page(visit, there, carried, faults={"": words})
    return _code_asked(visit, first, {"" if found.until else "code": words})


async def welcome(visit: Visit) -> Response:
    """Have somebody who got a link set a passphrase."""
    token = visit.request.path_params["token"]
    account = await visit.house.signing_in.invited(token)
    if account is None:
        return visit.render("invitation_over.html", 410)
    faults = {}
    if visit.request.method == "POST":
        passphrase = visit.form.raw("passphrase")
        if passphrase != visit.form.raw("again"):
            faults["again"] = say("signing_in.unequal")
        else:
            try:
                fault = await visit.house.signing_in.accept(token, passphrase)
            except InvitationOver:
                return visit.render("invitation_over.html", 410)
            if fault is None:
                visit.know_browser(account.login)
                return visit.redirect("/sign-in", say("signing_in.passphrase_set"))
            faults["passphrase"] = fault_in_words(fault)
    return visit.render("welcome.html", subject=account, sheet=visit.blank("welcome", faults=faults), shortest=SHORTEST)


async def sign_out(visit: Visit) -> Response:
    """End the session."""
    await visit.house.signing_in.sign_out(visit.session, visit.account)
    visit.signed_out()
    return visit.redirect("/sign-in", say("sign_in.signed_out"))


def refused_in_words(refused: Refused, now: datetime) -> str:
    """Return what is said to somebody who is not let in."""
    if refused.until is None:
        return say(f"signing_in.{refused.why}")
    seconds = max(1, ceil((refused.until - now).total_seconds()))
    unit, count = ("minutes", ceil(seconds / 60)) if seconds > 60 else ("seconds", seconds)
    return say("signing_in.slowed", wait=say(f"signing_in.{unit}", count=count))


def not_shown_in_words(refused: Refused, now: datetime) -> str:
    """Return what is said to somebody who is signed in and was to show once more that it is them."""
    return say("me.wrong_passphrase") if refused.why is Refusal.WRONG else refused_in_words(refused, now)


def _faults(refused: Refused, now: datetime) -> dict[str, str]:
    """Return what is said at which field: waiting is no field's fault; a wrong passphrase is typed again."""
    return {"passphrase" if refused.until is None else "": refused_in_words(refused, now)}


def fault_in_words(fault: str) -> str:
    """Return why a passphrase will not do."""
    return say(f"signing_in.{fault}", shortest=SHORTEST, longest=LONGEST)


def _code_asked(visit: Visit, first: str, faults: dict[str, str]) -> Response:
    values = {"first": first, "next": visit.form.text("next"), "carried": visit.form.text("carried")}
    return visit.render("sign_in_code.html", sheet=visit.blank("code", values, faults))


async def _let_in(visit: Visit, entered: SignedIn) -> Response:
    """Begin the session. What was typed before, when nobody was signed in any more, is kept for whoever is now."""
    carried = sealing.unseal(visit.store.keys, "carried", visit.form.text("carried"), visit.now, _CARRIED_LASTS)
    notice = ""
    if carried:
        key, content = carried
        async with visit.store.transaction() as transaction:
            kept = await typed.keep(transaction, entered.account, key, content, visit.now)
        notice = "" if kept else say("signing_in.not_kept")
    visit.signed_in(entered.token)
    visit.know_browser(entered.account.login)
    return visit.redirect(local_path(visit.form.text("next")), notice)


PAGES = (
    Page("/sign-in", sign_in, methods=("GET", "POST"), access=Access.PUBLIC),
    Page("/sign-in/code", enter_code, methods=("POST",), access=Access.PUBLIC),
    Page("/welcome/{token}", welcome, methods=("GET", "POST"), access=Access.PUBLIC),
    Page("/sign-out", sign_out, methods=("POST",)),
)
