"""The forms of a case: what is read from each, and what it stands against when somebody else was faster."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.casework.account import Account
from bot.casework.case import NEEDS_REASON, Case, Event, FollowUp, Status, Step, StepDone
from bot.casework.wording import label
from bot.clock import day_of
from bot.staff import counselors, letters
from bot.staff.look import written_day
from bot.staff.posted import Posted
from bot.staff.wording import say
from bot.store.cases import Cases

LONGEST = 4000
"""Characters of what is written into a field."""

_YES_OR_NO = ("yes", "no")
_EARLIEST, _FARTHEST = date(2000, 1, 1), timedelta(days=5 * 366)

Faults = dict[str, str]


@dataclass(frozen=True)
class Desk:
    """Who fills in a form of which case, and when. ``accounts``: to whom the case can be given."""

    case: Case
    staff: int
    now: datetime
    accounts: tuple[Account, ...] = ()

    @property
    def today(self) -> date:
        """The day in China."""
        return day_of(self.now)


Action = Callable[[Cases, int], Awaitable[object]]
"""Changes the case, which is of the version given."""


@dataclass(frozen=True)
class Compared:
    """One field of a form: what is stored now, and what was typed."""

    label: str
    stored: str
    typed: str


@dataclass(frozen=True)
class CaseForm:
    """One form. ``name``: of the sheet; ``kind``: of the event it leaves; ``section``: where on the page it stands.

    ``read`` returns what is to be done, or fills in the faults; ``compare`` sets what is stored against what was typed.
    ``adds``: it only ever adds, so nothing of somebody else's is replaced by it.
    """

    name: str
    kind: str
    section: str
    read: Callable[[Desk, Posted, Faults], Action | None]
    compare: Callable[[Desk, Posted], list[Compared]]
    adds: bool = False

    def replaces(self, event: Event) -> bool:
        """Say whether the form would put something else in the place of what ``event`` changed."""
        if self.adds:
            return False
        return event.kind == self.kind or (self.kind == "status" and "status" in event.content)


# -- status


def _read_status(desk: Desk, form: Posted, faults: Faults) -> Action | None:
    status = next((status for status in Status if status == form.text("status")), None)
    reason = _text(form, "reason", faults)
    if status is None:
        faults["status"] = say("case.no_status")
        return None
    if status is Status.EMPLOYED:
        on = _past_day(desk, form, "employed", faults)
        if faults or on is None:
            return None
        return lambda cases, version: cases.employ(desk.case.receipt, version, desk.staff, desk.now, on, reason)
    if status in NEEDS_REASON and not reason:
        faults["reason"] = say("case.no_reason", status=label("status", status))
    if faults:
        return None
    return lambda cases, version: cases.set_status(desk.case.receipt, version, desk.staff, desk.now, status, reason)


def _compare_status(desk: Desk, form: Posted) -> list[Compared]:
    case = desk.case
    typed = form.text("status")
    began = _typed_day(form, "employed") if typed == Status.EMPLOYED else ""
    fields = [
        Compared(say("case.status"), label("status", case.status), label("status", typed)),
        Compared(say("case.employed_on"), _shown(case.employed), began),
        Compared(say("case.reason"), case.reason, form.text("reason")),
    ]
    return [field for field in fields if field.stored or field.typed]


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
        on, result = _past_day(desk, form, "on", faults), _text(form, "result", faults)
        if faults or on is None:
            return None
        return lambda cases, version: cases.do_step(desk.case.receipt, version, desk.staff, desk.now, step, on, result)

    def compare(desk: Desk, form: Posted) -> list[Compared]:
        stored = done(desk.case, step)
        return [
            Compared(say("case.day"), _shown(stored.on if stored else None), _typed_day(form, "on")),
            Compared(say("case.result"), stored.result if stored else "", form.text("result")),
        ]

    return CaseForm(step_name(step), "step", "steps", read, compare)


def undo_form(step: Step) -> CaseForm:
    """Return the form that takes one of the four back."""

    def read(desk: Desk, _form: Posted, _faults: Faults) -> Action | None:
        return lambda cases, version: cases.undo_step(desk.case.receipt, version, desk.staff, desk.now, step)

    def compare(desk: Desk, _form: Posted) -> list[Compared]:
        stored = done(desk.case, step)
        return [Compared(label("step", step), _shown(stored.on if stored else None), say("case.undo"))]

    return CaseForm(f"undo-{step.replace('_', '-')}", "step", "steps", read, compare)


# -- notes and follow-ups


def _read_note(desk: Desk, form: Posted, faults: Faults) -> Action | None:
    text, contact = _text(form, "text", faults), form.flag("contact")
    if not text:
        faults["text"] = say("case.no_text")
    if faults:
        return None
    return lambda cases, version: cases.note(desk.case.receipt, version, desk.staff, desk.now, text, contact)


def _compare_note(_desk: Desk, form: Posted) -> list[Compared]:
    return [Compared(say("case.note"), "", form.text("text"))]


def _read_follow_up(desk: Desk, form: Posted, faults: Faults) -> Action | None:
    due, purpose = _day(form, "due", faults), _text(form, "purpose", faults)
    if due is not None and due < desk.today:
        faults["due"] = say("case.past_due")
    elif due is not None and due > desk.today + _FARTHEST:
        faults["due"] = say("case.far_due")
    if faults or due is None:
        return None
    return lambda cases, version: cases.plan_follow_up(desk.case.receipt, version, desk.staff, desk.now, due, purpose)


def _compare_follow_up(desk: Desk, form: Posted) -> list[Compared]:
    planned = [each for each in desk.case.follow_ups if each.done is None]
    stored = "\n".join(say("case.planned", due=_shown(each.due), purpose=each.purpose) for each in planned)
    typed = say("case.planned", due=_typed_day(form, "due"), purpose=form.text("purpose"))
    return [Compared(say("case.follow_up"), stored, typed)]


def follow_up(case: Case, id: int) -> FollowUp | None:
    """Return a follow-up of ``case``."""
    return next((each for each in case.follow_ups if each.id == id), None)


def finish_form(id: int) -> CaseForm:
    """Return the form in which is noted what came of a follow-up."""

    def read(desk: Desk, form: Posted, faults: Faults) -> Action | None:
        on, result = _past_day(desk, form, "on", faults), _text(form, "result", faults)
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
            Compared(say("case.day"), _shown(stored.done if stored else None), _typed_day(form, "on")),
            Compared(say("case.result"), stored.result if stored else "", form.text("result")),
        ]

    return CaseForm(f"finish-{id}", "follow-up-done", "follow-ups", read, compare)


# -- messages


def _read_message(desk: Desk, form: Posted, faults: Faults) -> Action | None:
    text = form.text("text")
    if fault := letters.fault(desk.case.receipt, text):
        faults["text"] = fault
        return None
    whole = letters.composed(desk.case.receipt, text)
    return lambda cases, version: cases.write(desk.case.receipt, version, desk.staff, desk.now, whole)


def _compare_message(desk: Desk, form: Posted) -> list[Compared]:
    written = [each.text for each in desk.case.messages if each.staff is not None]
    return [Compared(say("case.last_message"), written[-1] if written else "", form.text("text"))]


# -- 一人一策


def _read_plan(desk: Desk, form: Posted, faults: Faults) -> Action | None:
    text, on = _text(form, "text", faults), _past_day(desk, form, "on", faults)
    if not text and not desk.case.plan:
        faults["text"] = say("case.no_plan")
    if faults or on is None:
        return None
    return lambda cases, version: cases.file_plan(desk.case.receipt, version, desk.staff, desk.now, text, on)


def _compare_plan(desk: Desk, form: Posted) -> list[Compared]:
    return [
        Compared(say("case.filed_on"), _shown(desk.case.filed), _typed_day(form, "on")),
        Compared(say("case.plan"), desk.case.plan, form.text("text")),
    ]


STATUS = CaseForm("status", "status", "status-part", _read_status, _compare_status)
COUNSELOR = CaseForm("counselor", "counselor", "status-part", _read_counselor, _compare_counselor)
NOTE = CaseForm("note", "note", "notes", _read_note, _compare_note, adds=True)
FOLLOW_UP = CaseForm("follow-up", "follow-up", "follow-ups", _read_follow_up, _compare_follow_up, adds=True)
MESSAGE = CaseForm("message", "message", "messages", _read_message, _compare_message, adds=True)
PLAN = CaseForm("plan", "plan", "plan", _read_plan, _compare_plan)


def first_values(desk: Desk) -> dict[str, Mapping[str, str]]:
    """Return what first stands in the fields of the forms, by the names of the forms."""
    case, today = desk.case, desk.today.isoformat()
    found: dict[str, Mapping[str, str]] = {
        STATUS.name: {
            "status": case.status.value,
            "reason": case.reason,
            "employed": case.employed.isoformat() if case.employed else today,
        },
        COUNSELOR.name: {"counselor": str(case.counselor or counselors.NOBODY)},
        PLAN.name: {"text": case.plan, "on": case.filed.isoformat() if case.filed else today},
    }
    for step in Step:
        stored = done(case, step)
        found[step_name(step)] = {"on": stored.on.isoformat(), "result": stored.result} if stored else {"on": today}
    return found | {f"finish-{each.id}": {"on": today} for each in case.follow_ups}


# -- fields


def _text(form: Posted, name: str, faults: Faults) -> str:
    text = form.text(name)
    if len(text) > LONGEST:
        faults[name] = say("case.too_long", most=LONGEST)
    return text


def _day(form: Posted, name: str, faults: Faults) -> date | None:
    try:
        found = form.day(name)
    except ValueError:
        faults[name] = say("case.bad_day")
        return None
    if found is None:
        faults[name] = say("case.no_day")
    return found


def _past_day(desk: Desk, form: Posted, name: str, faults: Faults) -> date | None:
    found = _day(form, name, faults)
    if found is not None and found > desk.today:
        faults[name] = say("case.future_day")
    elif found is not None and found < _EARLIEST:
        faults[name] = say("case.early_day")
    return found


def _typed_day(form: Posted, name: str) -> str:
    try:
        return _shown(form.day(name))
    except ValueError:
        return form.text(name)


def _shown(on: date | None) -> str:
    return written_day(on) if on else ""
