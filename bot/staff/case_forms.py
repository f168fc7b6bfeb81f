"""The forms of a case: what is read from each, and what it stands against when somebody else was faster."""

from __future__ import annotations

from collections.abc import Mapping

from bot.casework.case import NEEDS_REASON, Case, Status, Step, StepDone
from bot.casework.notes import standing
from bot.casework.wording import label
from bot.staff import counselors, letters
from bot.staff.case_form import (
    ONCE_MORE,
    Action,
    CaseForm,
    Compared,
    Desk,
    Faults,
    day_since,
    shown_day,
    text_of,
    told_day,
    typed_day,
)
from bot.staff.posted import Posted
from bot.staff.wording import say

NEVER_EMPLOYED = "never_employed"
"""The box to tick where a day of employment was noted by mistake."""

# -- status


def _read_status(desk: Desk, form: Posted, faults: Faults) -> Action | None:
    status = next((status for status in Status if status == form.text("status")), None)
    reason = text_of(form, "reason", faults)
    if status is None:
        faults["status"] = say("case.no_status")
        return None
    if status is Status.EMPLOYED:
        if form.flag(NEVER_EMPLOYED):
            faults[NEVER_EMPLOYED] = say("case.employed_after_all")
            return None
        if not form.text("employed"):
            faults["employed"] = say("case.no_employed_day")
            return None
        on = day_since(desk, form, "employed", faults, desk.case.employed)
        if faults or on is None:
            return None
        return lambda cases, version: cases.employ(desk.case.receipt, version, desk.staff, desk.now, on, reason)
    if status in NEEDS_REASON and not reason:
        faults["reason"] = say("case.no_reason", status=label("status", status))
    if faults:
        return None
    never = form.flag(NEVER_EMPLOYED)
    return lambda cases, version: cases.set_status(
        desk.case.receipt, version, desk.staff, desk.now, status, reason, never_employed=never
    )


def _compare_status(desk: Desk, form: Posted) -> list[Compared]:
    case = desk.case
    typed = form.text("status")
    began = typed_day(form, "employed") if typed == Status.EMPLOYED else ""
    fields = [
        Compared(say("case.status"), label("status", case.status), label("status", typed)),
        Compared(say("case.employed_on"), shown_day(case.employed), began),
        Compared(say("case.reason"), case.reason, form.text("reason")),
    ]
    return [field for field in fields if field.stored or field.typed]


def _status_told(desk: Desk, form: Posted) -> str:
    status = form.text("status")
    words = say("case.done_status", status=label("status", status))
    if status == Status.EMPLOYED:
        words += say("case.done_employed", on=told_day(desk, form, "employed"))
    elif desk.case.employed and (form.flag(NEVER_EMPLOYED) or status not in NEEDS_REASON):
        words += say("case.done_not_employed")
    return words


def _lets_go(form: Posted) -> bool:
    return form.text("status") in NEEDS_REASON


# -- counselor


def _read_counselor(desk: Desk, form: Posted, faults: Faults) -> Action | None:
    value = form.text("counselor")
    known = {str(account.id): account.id for account in desk.accounts}
    if value not in known and value != counselors.NOBODY:
        faults["counselor"] = say("case.no_counselor")
        return None
    to = known.get(value)
    return lambda cases, version: cases.assign(desk.case.receipt, version, desk.staff, desk.now, to)


def _compare_counselor(desk: Desk, form: Posted) -> list[Compared]:
    names = {str(account.id): account.name for account in desk.accounts}
    stored = str(desk.case.counselor or counselors.NOBODY)
    typed = form.text("counselor")
    none = say("queue.nobody")
    return [Compared(say("case.counselor"), names.get(stored, none), names.get(typed, none))]


def _counselor_told(desk: Desk, form: Posted) -> str:
    name = next((each.name for each in desk.accounts if str(each.id) == form.text("counselor")), "")
    return say("case.done_counselor", name=name) if name else say("case.done_no_counselor")


# -- the four


def step_name(step: Step) -> str:
    """Return the name of the form for ``step``."""
    return f"step-{step.replace('_', '-')}"


def done(case: Case, step: Step) -> StepDone | None:
    """Return how ``step`` was done, None if it was not."""
    return next((each for each in case.steps if each.step is step), None)


def step_form(step: Step) -> CaseForm:
    """Return the form in which one of the four is noted or corrected."""

    def read(desk: Desk, form: Posted, faults: Faults) -> Action | None:
        stored = done(desk.case, step)
        on = day_since(desk, form, "on", faults, stored.on if stored else None)
        result = text_of(form, "result", faults)
        if faults or on is None:
            return None
        return lambda cases, version: cases.do_step(desk.case.receipt, version, desk.staff, desk.now, step, on, result)

    def compare(desk: Desk, form: Posted) -> list[Compared]:
        stored = done(desk.case, step)
        return [
            Compared(say("case.day"), shown_day(stored.on if stored else None), typed_day(form, "on")),
            Compared(say("case.result"), stored.result if stored else "", form.text("result")),
        ]

    def told(desk: Desk, form: Posted) -> str:
        return say("case.done_step", step=label("step", step), on=told_day(desk, form, "on"))

    return CaseForm(step_name(step), "step", "steps", read, compare, told, step=step)


def undo_form(step: Step) -> CaseForm:
    """Return the form that takes one of the four back."""

    def read(desk: Desk, _form: Posted, _faults: Faults) -> Action | None:
        return lambda cases, version: cases.undo_step(desk.case.receipt, version, desk.staff, desk.now, step)

    def compare(desk: Desk, _form: Posted) -> list[Compared]:
        stored = done(desk.case, step)
        return [Compared(label("step", step), shown_day(stored.on if stored else None), say("case.undo"))]

    def told(_desk: Desk, _form: Posted) -> str:
        return say("case.done_undo", step=label("step", step))

    return CaseForm(f"undo-{step.replace('_', '-')}", "step", "steps", read, compare, told, step=step)


# -- messages


def _read_message(desk: Desk, form: Posted, faults: Faults) -> Action | None:
    text = form.text("text")
    if fault := letters.fault(desk.case.receipt, text):
        faults["text"] = fault
        return None
    whole = letters.composed(desk.case.receipt, text)
    if not form.flag(ONCE_MORE) and just_written(desk, whole):
        faults[ONCE_MORE] = say("letter.once_more")
        return None
    return lambda cases, version: cases.write(desk.case.receipt, version, desk.staff, desk.now, whole)


def just_written(desk: Desk, whole: str) -> bool:
    """Say whether the same message went out already: a browser puts it back into the form when somebody goes back."""
    return any(each.text == whole and desk.just(each.at, each.staff) for each in desk.case.messages)


def _compare_message(desk: Desk, form: Posted) -> list[Compared]:
    written = [each.text for each in desk.case.messages if each.staff is not None]
    return [Compared(say("case.last_message"), written[-1] if written else "", form.text("text"))]


def _message_told(_desk: Desk, _form: Posted) -> str:
    return say("letter.sent")


# -- 一人一策


def _read_plan(desk: Desk, form: Posted, faults: Faults) -> Action | None:
    text, on = text_of(form, "text", faults), day_since(desk, form, "on", faults, desk.case.filed)
    if not text and not desk.case.plan:
        faults["text"] = say("case.no_plan")
    if faults or on is None:
        return None
    return lambda cases, version: cases.file_plan(desk.case.receipt, version, desk.staff, desk.now, text, on)


def _compare_plan(desk: Desk, form: Posted) -> list[Compared]:
    return [
        Compared(say("case.filed_on"), shown_day(desk.case.filed), typed_day(form, "on")),
        Compared(say("case.plan"), desk.case.plan, form.text("text")),
    ]


def _plan_told(_desk: Desk, form: Posted) -> str:
    return say("case.done_plan" if form.text("text") else "case.done_no_plan")


STATUS = CaseForm("status", "status", "status-part", _read_status, _compare_status, _status_told, lets_go=_lets_go)
COUNSELOR = CaseForm("counselor", "counselor", "status-part", _read_counselor, _compare_counselor, _counselor_told)
MESSAGE = CaseForm(
    "message", "message", "messages", _read_message, _compare_message, _message_told, adds=True, goes_out=True
)
PLAN = CaseForm("plan", "plan", "plan-part", _read_plan, _compare_plan, _plan_told)


def first_values(desk: Desk) -> dict[str, Mapping[str, str]]:
    """Return what first stands in the fields of the forms, by the names of the forms."""
    case, today = desk.case, desk.today.isoformat()
    found: dict[str, Mapping[str, str]] = {
        STATUS.name: {
            "status": case.status.value,
            "reason": case.reason,
            "employed": case.employed.isoformat() if case.employed else "",
        },
        COUNSELOR.name: {"counselor": str(case.counselor or counselors.NOBODY)},
        PLAN.name: {"text": case.plan, "on": case.filed.isoformat() if case.filed else today},
    }
    for step in Step:
        stored = done(case, step)
        found[step_name(step)] = {"on": stored.on.isoformat(), "result": stored.result} if stored else {"on": today}
    for each in case.follow_ups:
        found |= {f"finish-{each.id}": {"on": today}, f"move-{each.id}": {"due": each.due.isoformat()}}
    for note in standing(case.events):
        found[f"note-{note.id}"] = {"text": note.text, "contact": "yes" if note.contact else ""}
    return found
