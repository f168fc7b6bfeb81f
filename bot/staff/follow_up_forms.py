"""The forms about visits and calls: planned, done, moved to another day, cancelled."""

from __future__ import annotations

from datetime import date, timedelta

from bot.casework.case import Case, FollowUp
from bot.staff.case_form import (
    ONCE_MORE,
    Action,
    CaseForm,
    Compared,
    Desk,
    Faults,
    day_in,
    past_day,
    shown_day,
    text_of,
    told_day,
    typed_day,
)
from bot.staff.posted import Posted
from bot.staff.wording import say

_YES_OR_NO = ("yes", "no")
FARTHEST = timedelta(days=5 * 366)
"""Nothing is planned for later."""

_SECTION = "follow-ups"


def follow_up(case: Case, id: int) -> FollowUp | None:
    """Return a follow-up of ``case``."""
    return next((each for each in case.follow_ups if each.id == id), None)


def _coming_day(desk: Desk, form: Posted, faults: Faults) -> date | None:
    due = day_in(form, "due", faults)
    if due is not None and due < desk.today:
        faults["due"] = say("case.past_due")
    elif due is not None and due > desk.today + FARTHEST:
        faults["due"] = say("case.far_due")
    return due


def _read_plan(desk: Desk, form: Posted, faults: Faults) -> Action | None:
    due, purpose = _coming_day(desk, form, faults), text_of(form, "purpose", faults)
    if not faults and not form.flag(ONCE_MORE) and _is_planned(desk, due, purpose):
        faults[ONCE_MORE] = say("case.follow_up_once_more")
    if faults or due is None:
        return None
    return lambda cases, version: cases.plan_follow_up(desk.case.receipt, version, desk.staff, desk.now, due, purpose)


def _is_planned(desk: Desk, due: date | None, purpose: str) -> bool:
    """Say whether the same is planned already: a browser puts it back into the form when somebody goes back."""
    return any(each.done is None and (each.due, each.purpose) == (due, purpose) for each in desk.case.follow_ups)


def _compare_plan(desk: Desk, form: Posted) -> list[Compared]:
    planned = [each for each in desk.case.follow_ups if each.done is None]
    stored = "\n".join(say("case.planned", due=shown_day(each.due), purpose=each.purpose) for each in planned)
    typed = say("case.planned", due=typed_day(form, "due"), purpose=form.text("purpose"))
    return [Compared(say("case.follow_up"), stored, typed)]


def _planned_told(desk: Desk, form: Posted) -> str:
    return say("case.done_follow_up", due=told_day(desk, form, "due", weekday=True))


FOLLOW_UP = CaseForm("follow-up", "follow-up", _SECTION, _read_plan, _compare_plan, _planned_told, adds=True)


def finish_form(id: int) -> CaseForm:
    """Return the form in which is noted what came of a follow-up."""

    def read(desk: Desk, form: Posted, faults: Faults) -> Action | None:
        on, result = past_day(desk, form, "on", faults), text_of(form, "result", faults)
        if on is not None and on < desk.registered:
            faults.setdefault("on", say("case.not_before"))
        contact = form.text("contact")
        if contact not in _YES_OR_NO:
            faults["contact"] = say("case.no_contact")
        if faults or on is None:
            return None
        return lambda cases, version: cases.finish_follow_up(
            desk.case.receipt, version, desk.staff, desk.now, id, on, result, contact=contact == "yes"
        )

    def compare(desk: Desk, form: Posted) -> list[Compared]:
        stored = follow_up(desk.case, id)
        return [
            _due(desk, id),
            Compared(say("case.day"), shown_day(stored.done if stored else None), typed_day(form, "on")),
            Compared(say("case.result"), stored.result if stored else "", form.text("result")),
        ]

    def told(_desk: Desk, form: Posted) -> str:
        return say("case.done_finish" if form.text("contact") == "yes" else "case.done_not_reached")

    return CaseForm(f"finish-{id}", "follow-up-done", _SECTION, read, compare, told)


def reopen_form(id: int) -> CaseForm:
    """Return the form in which a follow-up turns out not to have been done."""

    def read(desk: Desk, _form: Posted, _faults: Faults) -> Action | None:
        return lambda cases, version: cases.reopen_follow_up(desk.case.receipt, version, desk.staff, desk.now, id)

    def compare(desk: Desk, _form: Posted) -> list[Compared]:
        stored = follow_up(desk.case, id)
        return [Compared(say("case.follow_up"), shown_day(stored.done if stored else None), say("case.undo"))]

    def told(_desk: Desk, _form: Posted) -> str:
        return say("case.done_reopen")

    return CaseForm(f"reopen-{id}", "follow-up-reopened", _SECTION, read, compare, told)


def move_form(id: int) -> CaseForm:
    """Return the form in which a follow-up gets another day."""

    def read(desk: Desk, form: Posted, faults: Faults) -> Action | None:
        due, reason = _coming_day(desk, form, faults), text_of(form, "reason", faults)
        stored = follow_up(desk.case, id)
        if stored is not None and due == stored.due:
            faults["due"] = say("case.same_due")
        if faults or due is None:
            return None
        return lambda cases, version: cases.move_follow_up(
            desk.case.receipt, version, desk.staff, desk.now, id, due, reason
        )

    def compare(desk: Desk, form: Posted) -> list[Compared]:
        return [_due(desk, id, typed_day(form, "due")), Compared(say("case.why"), "", form.text("reason"))]

    def told(desk: Desk, form: Posted) -> str:
        return say("case.done_move", due=told_day(desk, form, "due", weekday=True))

    return CaseForm(f"move-{id}", "follow-up-moved", _SECTION, read, compare, told)


def cancel_form(id: int) -> CaseForm:
    """Return the form in which a follow-up is called off."""

    def read(desk: Desk, form: Posted, faults: Faults) -> Action | None:
        reason = text_of(form, "reason", faults)
        if not reason:
            faults["reason"] = say("case.no_cancel_reason")
        if faults:
            return None
        return lambda cases, version: cases.cancel_follow_up(
            desk.case.receipt, version, desk.staff, desk.now, id, reason
        )

    def compare(desk: Desk, form: Posted) -> list[Compared]:
        return [_due(desk, id, say("case.cancelled")), Compared(say("case.why"), "", form.text("reason"))]

    def told(_desk: Desk, _form: Posted) -> str:
        return say("case.done_cancel")

    return CaseForm(f"cancel-{id}", "follow-up-cancelled", _SECTION, read, compare, told)


def _due(desk: Desk, id: int, typed: str = "") -> Compared:
    """Return for which day the follow-up is planned; ``typed``: which it is to be."""
    stored = follow_up(desk.case, id)
    return Compared(say("case.follow_up"), shown_day(stored.due if stored else None), typed)
