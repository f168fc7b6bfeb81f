"""The queue as a table: which columns, and what of a case stands in them, masked or in full."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.casework.case import Step as CaseStep
from bot.casework.masking import masked_name, masked_phone
from bot.casework.wording import label
from bot.conversation.fields.phone import shown_phone
from bot.conversation.forms import Form, Step
from bot.conversation.receipts import shown
from bot.conversation.registration import Answer
from bot.staff import answers
from bot.staff.spreadsheets import Cell, Column, Kind, Row
from bot.staff.wording import say
from bot.store.case_query import CaseRow

_WIDTHS = {"name": 10, "phone": 18, "text": 40, "choices": 30, "choice": 18}


@dataclass(frozen=True)
class CaseColumns:
    """The columns of a table of cases. ``left_out``: what people answered that does not stand in it."""

    columns: tuple[Column, ...]
    left_out: tuple[str, ...]
    _cells: tuple[Callable[[CaseRow], Cell], ...]

    def row(self, case: CaseRow) -> Row:
        """Return the row of ``case``."""
        return tuple(cell(case) for cell in self._cells)


def case_columns(form: Form, staff: Mapping[int, str], *, full: bool) -> CaseColumns:
    """Return the columns for what ``form`` asks and what was done since.

    Not ``full``: names and telephone numbers are masked; what was written freely, and what tells of a disability, is
    left out. ``staff``: names by account id.
    """
    asked = [step for step in form.steps if step.kind not in {"consent", "town"}]
    kept = [step for step in asked if full or not (step.sensitive or step.kind == "text")]
    pairs = [*_of_case(staff), *((_column(step), _answer(step, full=full)) for step in kept), *_of_work()]
    left_out = tuple(answers.asked(step) for step in asked if step not in kept)
    return CaseColumns(tuple(column for column, _ in pairs), left_out, tuple(cell for _, cell in pairs))


def _of_case(staff: Mapping[int, str]) -> list[tuple[Column, Callable[[CaseRow], Cell]]]:
    return [
        (Column(say("export.receipt"), width=14), lambda case: shown(case.receipt)),
        (Column(say("export.town"), width=12), lambda case: case.town),
        (Column(say("export.registered"), Kind.DAY), lambda case: case.created),
        (Column(say("export.status"), width=10), lambda case: label("status", case.status)),
        (Column(say("export.counselor"), width=12), lambda case: staff.get(case.counselor or 0, "")),
    ]


def _of_work() -> list[tuple[Column, Callable[[CaseRow], Cell]]]:
    def day(name: str) -> Callable[[CaseRow], Cell]:
        return lambda case: getattr(case, name)

    def step(step: CaseStep) -> Callable[[CaseRow], Cell]:
        return lambda case: case.steps.get(step)

    names = ("first_contact", "next_follow_up", "filed", "employed")
    return [
        *((Column(label("step", each), Kind.DAY), step(each)) for each in CaseStep),
        *((Column(say(f"export.{name}"), Kind.DAY), day(name)) for name in names),
    ]


def _column(step: Step) -> Column:
    return Column(answers.asked(step), Kind.TEXT, _WIDTHS.get(step.kind, 0))


def _answer(step: Step, *, full: bool) -> Callable[[CaseRow], Cell]:
    """Return what gives the answer to ``step`` in words; for many thousand cases, so labels are looked up before."""
    labels = {option.id: option.label for option in step.options}
    apart = say("export.choice_apart")

    def words(case: CaseRow) -> Cell:
        answer = case.answers.get(step.id)
        if answer is None:
            return None
        if step.kind == "name" and not full:
            return masked_name(_text(answer))
        if step.kind == "phone":
            return shown_phone(_text(answer)) if full else masked_phone(_text(answer))
        if isinstance(answer, tuple):
            return apart.join(labels.get(one, one) for one in answer)
        return labels.get(answer, answer)

    return words


def _text(answer: Answer) -> str:
    return answer if isinstance(answer, str) else ""
