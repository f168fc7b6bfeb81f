"""Links the own account to a chat, so that the staff can work on the way; ends that too."""

from __future__ import annotations

from datetime import time

from starlette.responses import Response

from bot.staff.page import Page
from bot.staff.pages.sign_in import not_shown_in_words
from bot.staff.visit import Visit
from bot.staff.wording import say
from bot.store.staff import LINK_LASTS

_ME = "/me"
_PATH = f"{_ME}/telegram"


async def link(visit: Visit) -> Response:
    """Show a code that links the chat in which it is sent to the bot, this once, to whoever knows the passphrase."""
    if not visit.parts.has_bot:
        return visit.redirect(_ME, say("linking.no_bot"))
    faults: dict[str, str] = {}
    if visit.request.method == "POST":
        answer = await visit.house.signing_in.link_code(visit.account, visit.form.raw("current"), visit.from_where)
        if isinstance(answer, str):
            return visit.render("link_code.html", code=answer, minutes=int(LINK_LASTS.total_seconds() // 60))
        faults["current"] = not_shown_in_words(answer, visit.now)
    return visit.render("link_code_wanted.html", sheet=visit.blank("link-code", faults=faults))


async def unlink(visit: Visit) -> Response:
    """End the link at once."""
    async with visit.store.transaction() as transaction:
        await transaction.staff.unlink(visit.account.id)
        await transaction.audit.note(visit.who, "unlinked", "telegram", visit.now)
    return visit.redirect(_ME, say("linking.unlinked"))


async def set_digest(visit: Visit) -> Response:
    """Send the numbers of the day each morning, or no more."""
    on = visit.form.text("on") == "yes"
    if on and visit.account.chat is None:
        return visit.redirect(_ME, say("linking.not_linked"))
    at = visit.parts.settings.staff.morning
    async with visit.store.transaction() as transaction:
        await transaction.staff.set_digest(visit.account.id, on, visit.now, time.fromisoformat(at))
    return visit.redirect(_ME, say("linking.digest_on", at=at) if on else say("linking.digest_off"))


PAGES = (
    Page(f"{_PATH}/code", link, methods=("GET", "POST")),
    Page(f"{_PATH}/unlink", unlink, methods=("POST",)),
    Page(f"{_PATH}/digest", set_digest, methods=("POST",)),
)
