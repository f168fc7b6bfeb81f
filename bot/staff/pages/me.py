"""The own account of whoever is signed in: passphrase, second factor, sessions."""

from __future__ import annotations

from datetime import timedelta

from markupsafe import Markup
from starlette.responses import Response

from bot.staff.page import Page
from bot.staff.pages.sign_in import fault_in_words, not_shown_in_words
from bot.staff.passphrases import SHORTEST, Fault
from bot.staff.signing_in import Refusal
from bot.staff.visit import Visit
from bot.staff.wording import say

_ME = "/me"


async def show(visit: Visit) -> Response:
    """Show the account, and where it is signed in."""
    idle = timedelta(minutes=visit.parts.settings.staff.idle_minutes)
    async with visit.store.transaction() as transaction:
        sessions = await transaction.sessions.open_ones(visit.account.id, visit.now, idle, own=visit.session)
    return visit.render("me.html", sessions=sessions, has_bot=visit.parts.has_bot)


async def end_others(visit: Visit) -> Response:
    """End all sessions but this one."""
    async with visit.store.transaction() as transaction:
        await transaction.sessions.end_all(visit.account.id, visit.now, but=visit.session)
        await transaction.audit.note(visit.who, "signed-out-elsewhere", "sign-in", visit.now)
    return visit.redirect(_ME, say("me.others_ended"))


async def change_passphrase(visit: Visit) -> Response:
    """Set another passphrase."""
    faults: dict[str, str] = {}
    if visit.request.method == "POST":
        current, new = visit.form.raw("current"), visit.form.raw("passphrase")
        if new != visit.form.raw("again"):
            faults["again"] = say("signing_in.unequal")
        elif new == current:
            faults["passphrase"] = say("signing_in.same")
        else:
            answer = await visit.house.signing_in.change_passphrase(
                visit.account, current, new, visit.session, visit.from_where
            )
            if answer is None:
                return visit.redirect(_ME, say("signing_in.passphrase_changed"))
            if isinstance(answer, Fault):
                faults["passphrase"] = fault_in_words(answer)
            else:
                faults["current"] = not_shown_in_words(answer, visit.now)
    return visit.render("passphrase.html", sheet=visit.blank("passphrase", faults=faults), shortest=SHORTEST)


async def set_up_second_factor(visit: Visit) -> Response:
    """Show what the app on the telephone needs, and have a code of it entered."""
    if visit.account.has_totp:
        return visit.redirect(_ME)
    faults: dict[str, str] = {}
    if visit.request.method == "POST":
        answer = await visit.house.signing_in.confirm(
            visit.account, visit.form.raw("code"), visit.form.raw("current"), visit.from_where
        )
        if answer is None:
            return visit.redirect(_ME, say("me.second_factor_on"))
        faults["code" if answer.why is Refusal.WRONG_CODE else "current"] = not_shown_in_words(answer, visit.now)
    enrolment = await visit.house.signing_in.enrol(visit.account)
    return visit.render(
        "second_factor.html",
        sheet=visit.blank("second-factor", faults=faults),
        picture=Markup(enrolment.picture),
        secret=" ".join(enrolment.secret[at : at + 4] for at in range(0, len(enrolment.secret), 4)),
    )


async def drop_second_factor(visit: Visit) -> Response:
    """Ask for no code any more."""
    if not visit.account.has_totp:
        return visit.redirect(_ME)
    faults: dict[str, str] = {}
    if visit.request.method == "POST":
        answer = await visit.house.signing_in.drop_second_factor(
            visit.account, visit.form.raw("current"), visit.from_where
        )
        if answer is None:
            return visit.redirect(_ME, say("me.second_factor_off"))
        faults["current"] = not_shown_in_words(answer, visit.now)
    return visit.render("second_factor_off.html", sheet=visit.blank("second-factor", faults=faults))


PAGES = (
    Page(_ME, show),
    Page(f"{_ME}/sessions/others", end_others, methods=("POST",)),
    Page(f"{_ME}/passphrase", change_passphrase, methods=("GET", "POST")),
    Page(f"{_ME}/second-factor", set_up_second_factor, methods=("GET", "POST")),
    Page(f"{_ME}/second-factor/off", drop_second_factor, methods=("GET", "POST")),
)
