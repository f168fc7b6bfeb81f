"""The forms about notes: written, corrected, withdrawn."""

from __future__ import annotations

from bot.casework.case import Case
from bot.casework.notes import ERASING, Note, Why, may_erase, standing
from bot.casework.wording import label
from bot.staff.case_form import ONCE_MORE, Action, CaseForm, Compared, Desk, Faults, text_of
from bot.staff.posted import Posted
from bot.staff.wording import say

_SECTION = "notes"


def note(case: Case, id: int) -> Note | None:
    """Return a note of ``case`` that holds."""
    return next((each for each in standing(case.events) if each.id == id), None)


def _read(form: Posted, faults: Faults) -> tuple[str, bool]:
    text = text_of(form, "text", faults)
    if not text:
        faults["text"] = say("case.no_text")
    return text, form.flag("contact")


def _read_note(desk: Desk, form: Posted, faults: Faults) -> Action | None:
    text, contact = _read(form, faults)
    if not faults and not form.flag(ONCE_MORE) and _just_noted(desk, text):
        faults[ONCE_MORE] = say("case.note_once_more")
    if faults:
        return None
    return lambda cases, version: cases.note(desk.case.receipt, version, desk.staff, desk.now, text, contact)


def _just_noted(desk: Desk, text: str) -> bool:
    """Say whether the same stands there: a browser puts it back into the form when somebody goes back."""
    return any(each.text == text and desk.just(each.at, each.staff) for each in standing(desk.case.events))


def _compare_note(_desk: Desk, form: Posted) -> list[Compared]:
    return [Compared(say("case.note"), "", form.text("text"))]


def _note_told(_desk: Desk, form: Posted) -> str:
    return say("case.done_contact" if form.flag("contact") else "case.done_note")


NOTE = CaseForm("note", "note", _SECTION, _read_note, _compare_note, _note_told, adds=True)


def correct_form(id: int) -> CaseForm:
    """Return the form in which a note is corrected."""

    def read(desk: Desk, form: Posted, faults: Faults) -> Action | None:
        text, contact = _read(form, faults)
        if faults:
            return None
        return lambda cases, version: cases.correct_note(
            desk.case.receipt, version, desk.staff, desk.now, id, text, contact
        )

    def compare(desk: Desk, form: Posted) -> list[Compared]:
        stored = note(desk.case, id)
        return [
            Compared(say("case.note"), stored.text if stored else "", form.text("text")),
            Compared(
                say("case.contact"),
                _spoken(stored.contact) if stored else "",
                _spoken(form.flag("contact")),
            ),
        ]

    def told(_desk: Desk, form: Posted) -> str:
        return say("case.done_correct_contact" if form.flag("contact") else "case.done_correct")

    return CaseForm(f"note-{id}", "note-corrected", _SECTION, read, compare, told)


def withdraw_form(id: int) -> CaseForm:
    """Return the form in which a note is withdrawn."""

    def read(desk: Desk, form: Posted, faults: Faults) -> Action | None:
        why = next((why for why in Why if why == form.text("why")), None)
        if why is None:
            faults["why"] = say("case.no_withdraw_reason")
            return None
        if why in ERASING and not may_erase(id, desk.case.events, desk.account):
            faults["why"] = say("case.not_to_erase")
            return None
        return lambda cases, version: cases.withdraw_note(desk.case.receipt, version, desk.staff, desk.now, id, why)

    def compare(desk: Desk, form: Posted) -> list[Compared]:
        stored, why = note(desk.case, id), form.text("why")
        return [
            Compared(say("case.note"), stored.text if stored else "", say("case.withdraw")),
            Compared(say("case.why"), "", label("why", why) if why else ""),
        ]

    def told(_desk: Desk, _form: Posted) -> str:
        return say("case.done_withdraw")

    return CaseForm(f"withdraw-{id}", "note-withdrawn", _SECTION, read, compare, told)


def _spoken(contact: bool) -> str:
    return say("case.spoken" if contact else "case.not_spoken")
