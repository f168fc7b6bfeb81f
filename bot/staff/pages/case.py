"""A case: all that is known of it, and all that can be done about it."""

from __future__ import annotations

from starlette.responses import Response

from bot.casework.case import Step
from bot.conversation.fields.redaction import black_out
from bot.staff import case_forms, case_view, case_work, follow_up_forms, letters, note_forms
from bot.staff.access import Access
from bot.staff.case_form import ONCE_MORE
from bot.staff.page import Handler, Page
from bot.staff.visit import Visit
from bot.staff.way import way_of
from bot.staff.wording import say

CASE = "/cases/{receipt}"
_REASONS = ("call", "sms", "visit", "check", "other")
_LONGEST_REASON = 200


def _receipt(visit: Visit) -> str:
    return str(visit.request.path_params["receipt"])


async def show(visit: Visit) -> Response:
    """Show the case. It has not been opened where nobody asked for the page itself."""
    return await case_work.page(visit, _receipt(visit), "case-seen", opened=visit.request.method == "GET")


async def print_view(visit: Visit) -> Response:
    """Show the case as it is printed: without forms, and without the telephone number."""
    return await case_work.page(visit, _receipt(visit), "case-printed", template="case_print.html")


async def show_phone(visit: Visit) -> Response:
    """Show the telephone number on this page, once, after a reason was given."""
    reason, detail = visit.form.text("reason"), visit.form.text("detail")[:_LONGEST_REASON]
    faults: dict[str, str] = {}
    if reason not in _REASONS:
        faults["reason"] = say("case.no_phone_reason")
    elif reason == "other" and not detail:
        faults["detail"] = say("case.no_phone_detail")
    if faults:
        return await case_work.page(visit, _receipt(visit), "case-seen", sheet=visit.again("phone", faults))
    said = say(f"case.phone_{reason}")
    why = say("case.phone_why", reason=said, detail=await _without_person(visit, detail)) if detail else said
    await visit.saved()
    return await case_work.page(visit, _receipt(visit), "phone-seen", why=why, phone_shown=True)


async def _without_person(visit: Visit, text: str) -> str:
    """Return what may stand in the record, which outlasts the registration."""
    async with visit.store.transaction() as transaction:
        case = await transaction.cases.load(_receipt(visit))
    name = case.registration.answers.get("name") if case else None
    towns = visit.parts.built().knowledge.towns
    return black_out(text, [name] if isinstance(name, str) and name else [], keep=towns)


async def set_status(visit: Visit) -> Response:
    """Say how far the case has come."""
    return await case_work.save(visit, _receipt(visit), case_forms.STATUS)


async def give(visit: Visit) -> Response:
    """Give the case to somebody."""
    return await case_work.save(visit, _receipt(visit), case_forms.COUNSELOR)


async def note(visit: Visit) -> Response:
    """Keep a note."""
    return await case_work.save(visit, _receipt(visit), note_forms.NOTE)


async def correct_note(visit: Visit) -> Response:
    """Put something else in the place of a note."""
    return await case_work.save(visit, _receipt(visit), note_forms.correct_form(visit.number))


async def withdraw_note(visit: Visit) -> Response:
    """Take a note back."""
    return await case_work.save(visit, _receipt(visit), note_forms.withdraw_form(visit.number))


async def do_step(visit: Visit) -> Response:
    """Note that one of the four was done, or correct it."""
    return await case_work.save(visit, _receipt(visit), case_forms.step_form(_step(visit)))


async def undo_step(visit: Visit) -> Response:
    """Note that one of the four was not done after all."""
    return await case_work.save(visit, _receipt(visit), case_forms.undo_form(_step(visit)))


async def plan_follow_up(visit: Visit) -> Response:
    """Plan a visit or a call."""
    return await case_work.save(visit, _receipt(visit), follow_up_forms.FOLLOW_UP)


async def finish_follow_up(visit: Visit) -> Response:
    """Note what came of one."""
    return await case_work.save(visit, _receipt(visit), follow_up_forms.finish_form(visit.number))


async def reopen_follow_up(visit: Visit) -> Response:
    """Note that one was not done after all."""
    return await case_work.save(visit, _receipt(visit), follow_up_forms.reopen_form(visit.number))


async def move_follow_up(visit: Visit) -> Response:
    """Plan one for another day."""
    return await case_work.save(visit, _receipt(visit), follow_up_forms.move_form(visit.number))


async def cancel_follow_up(visit: Visit) -> Response:
    """Call one off."""
    return await case_work.save(visit, _receipt(visit), follow_up_forms.cancel_form(visit.number))


async def preview(visit: Visit) -> Response:
    """Show a message as it will arrive, before it goes."""
    receipt, text = _receipt(visit), visit.form.text("text")
    if fault := letters.fault(receipt, text) if visit.parts.has_bot else say("letter.no_bot"):
        return await case_work.page(visit, receipt, "case-seen", sheet=visit.again("message", {"text": fault}))
    async with visit.store.transaction() as transaction:
        view = await case_view.view_of(visit, transaction, receipt)
        await transaction.audit.add_case(visit.who, "case-seen", receipt, visit.now)
    whole = letters.composed(receipt, text)
    if not visit.form.flag(ONCE_MORE) and case_forms.just_written(case_view.desk(visit, view), whole):
        sheet = visit.again("message", {ONCE_MORE: say("letter.once_more")})
        return await case_work.page(visit, receipt, "case-seen", sheet=sheet)
    sheet = visit.again("message", {})
    await case_work.keep(visit, sheet)
    return visit.render("letter.html", sheet=sheet, whole=whole, **case_view.values(visit, view))


async def send(visit: Visit) -> Response:
    """Send a message to the person through the bot."""
    if not visit.parts.has_bot:
        sheet = visit.again("message", {"text": say("letter.no_bot")})
        return await case_work.page(visit, _receipt(visit), "case-seen", sheet=sheet)
    return await case_work.save(visit, _receipt(visit), case_forms.MESSAGE)


async def file_plan(visit: Visit) -> Response:
    """Put the person's own plan on file."""
    return await case_work.save(visit, _receipt(visit), case_forms.PLAN)


async def lead_back(visit: Visit) -> Response:
    """Lead to the case: its forms leave their addresses behind, where there is nothing to look at."""
    receipt = _receipt(visit)
    await visit.case(receipt)
    return visit.redirect(way_of(visit, receipt).to(case_view.path(receipt)))


def _step(visit: Visit) -> Step:
    wanted = visit.request.path_params["step"]
    return next((step for step in Step if step == wanted), None) or visit.missing()


def _post(path: str, handler: Handler) -> Page:
    return Page(f"{CASE}{path}", handler, methods=("POST",), access=Access.PERSONS)


_FORMS = (
    _post("/phone", show_phone),
    _post("/status", set_status),
    _post("/counselor", give),
    _post("/notes", note),
    _post("/notes/{id:int}", correct_note),
    _post("/notes/{id:int}/withdraw", withdraw_note),
    _post("/steps/{step}", do_step),
    _post("/steps/{step}/undo", undo_step),
    _post("/follow-ups", plan_follow_up),
    _post("/follow-ups/{id:int}", finish_follow_up),
    _post("/follow-ups/{id:int}/reopen", reopen_follow_up),
    _post("/follow-ups/{id:int}/move", move_follow_up),
    _post("/follow-ups/{id:int}/cancel", cancel_follow_up),
    _post("/plan", file_plan),
    _post("/messages/preview", preview),
    _post("/messages", send),
)
PAGES = (
    Page(CASE, show, access=Access.PERSONS),
    Page(f"{CASE}/print", print_view, access=Access.PERSONS),
    *_FORMS,
    *(Page(form.path, lead_back, access=Access.PERSONS) for form in _FORMS),
)
