"""All that the page of a case shows, gathered in one go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from bot.casework.account import Account
from bot.casework.case import OPEN, REPLY, Case, CaseMessage, Step
from bot.casework.case import missing as steps_missing
from bot.casework.contact import reached
from bot.casework.filters import QueueFilter
from bot.casework.notes import Note, may_erase, standing
from bot.casework.wording import label
from bot.clock import day_of
from bot.conversation.fields.phone import shown_phone
from bot.staff import answers, case_forms, case_history, case_lists, counselors, letters
from bot.staff.case_form import EARLIEST, Desk
from bot.staff.case_forms import step_name
from bot.staff.case_history import Line
from bot.staff.case_lists import CaseLine
from bot.staff.expiry import expires
from bot.staff.follow_up_forms import FARTHEST
from bot.staff.look import written_day, written_moment
from bot.staff.sheet import Sheet
from bot.staff.visit import Visit
from bot.staff.wording import say
from bot.store import Transaction
from bot.store.registered import phone_of

_MOST_SHARING = 20
_NOT_HEARING = {"categories": {"hearing"}, "help": {"sign", "writing"}}
"""Answers by the steps of the form after which a call may not be understood."""
_TITLES = {
    "status": "status",
    "counselor": "counselor",
    "note": "note",
    "follow-up": "plan_a_follow_up",
    "message": "message",
    "phone": "phone",
    "plan": "plan",
}


@dataclass(frozen=True)
class CaseView:
    """A case as it is shown.

    ``names``: of the staff by account; ``reachable``: the person can be written to through the bot; ``sharing``:
    other cases with the same telephone number that may be seen, ``sharing_elsewhere``: there are some that may not;
    ``contact_due``: by when somebody should have been in touch, None once somebody was or the case is not open;
    ``expires``: when the registration will be deleted, if that is soon and somebody still works on it.
    """

    case: Case
    accounts: tuple[Account, ...]
    names: Mapping[int, str]
    reachable: bool
    sharing: tuple[CaseLine, ...] = ()
    sharing_elsewhere: bool = False
    contact_due: date | None = None
    expires: date | None = None

    @property
    def given_to(self) -> list[Account]:
        """To whom the case can be given."""
        return counselors.able(self.accounts, [self.case.town])

    @property
    def counselor(self) -> str:
        """Who works on the case, empty if it was given to nobody."""
        return counselors.name_of(self.case, self.accounts)

    @property
    def attended(self) -> bool:
        """Whether somebody works on the case who still may."""
        return any(account.id == self.case.counselor for account in self.given_to)

    @property
    def name(self) -> str:
        """What the person wants to be called."""
        name = self.case.registration.answers.get("name", "")
        return name if isinstance(name, str) else ""

    @property
    def by_other(self) -> bool:
        """Whether somebody else registered the person."""
        return self.case.registration.answers.get("whom") == "other"

    @property
    def by_proxy(self) -> bool:
        """Whether somebody else answers the telephone for the person."""
        return self.case.registration.answers.get("contact_way") == "proxy"

    @property
    def person(self) -> str:
        """What to call whoever registered and writes back."""
        return say("case.registrant" if self.by_other else "case.person")

    @property
    def missing(self) -> tuple[Step, ...]:
        """Which of the four are still to be done."""
        return steps_missing(self.case.steps)

    @property
    def history(self) -> list[Line]:
        """All that happened, the newest first."""
        return case_history.told(self.case.events, self.names, self.person)

    @property
    def may_not_hear(self) -> bool:
        """Whether the person wants to be called, but may not hear what is said."""
        answers = self.case.registration.answers
        return answers.get("contact_way") == "call" and any(
            _NOT_HEARING[step] & set(answers.get(step, ())) for step in _NOT_HEARING
        )

    @property
    def notes(self) -> list[Note]:
        """The notes that hold, the newest first."""
        return list(reversed(standing(self.case.events)))

    @property
    def reached(self) -> Mapping[int, bool]:
        """Whether the person was spoken to at a follow-up, by its id, where that is known."""
        return reached(self.case)

    @property
    def unseen(self) -> list[CaseMessage]:
        """What the person wrote back or changed, and nobody who works on the case has looked at."""
        return [each for each in self.case.messages if each.staff is None and each.seen is None]

    @property
    def last_event(self) -> int:
        """The newest event that is shown."""
        return max((event.id for event in self.case.events), default=0)


@dataclass(frozen=True)
class Phone:
    """A telephone number: as a telephone takes it, and as it is read."""

    dialled: str
    shown: str


def written_since(case: Case, event: int) -> list[CaseMessage]:
    """Return what the person wrote back after ``event``. A change of theirs is a message too, without words."""
    count = sum(each.kind == REPLY and each.id > event for each in case.events)
    replies = [each for each in case.messages if each.staff is None and each.text]
    return replies[-count:] if count else []


async def view_of(visit: Visit, transaction: Transaction, receipt: str) -> CaseView:
    """Return what the page of a case shows, if it is theirs."""
    case = visit.own(receipt, await transaction.cases.load(receipt))
    accounts = tuple(await transaction.staff.all())
    return CaseView(
        case,
        accounts,
        {account.id: account.name for account in accounts},
        visit.parts.has_bot and await transaction.cases.reachable(receipt),
        contact_due=_contact_due(visit, case),
        expires=expires(visit, case.status, case.registration.updated),
    )


async def with_sharing(visit: Visit, view: CaseView) -> CaseView:
    """Return the view with the other cases that have the same telephone number."""
    phone = phone_of(view.case.registration.answers)
    if not view.case.phone_shared or not phone:
        return view
    found = await case_lists.page_of(visit, QueueFilter(search=phone, order="newest"), _MOST_SHARING)
    rows = [row for row in found.rows if row.receipt != view.case.receipt]
    return replace(view, sharing=case_lists.lines(visit, rows, view.accounts), sharing_elsewhere=not rows)


def _contact_due(visit: Visit, case: Case) -> date | None:
    if case.first_contact is not None or case.status not in OPEN:
        return None
    return day_of(case.registration.created) + timedelta(days=visit.parts.settings.registration.contact_days)


def desk(visit: Visit, view: CaseView) -> Desk:
    """Return who works on the case now."""
    return Desk(view.case, visit.account, visit.now, tuple(view.given_to))


async def sheets(visit: Visit, view: CaseView) -> dict[str, Sheet]:
    """Return the forms of the page, each with the version of the case that it is about."""
    titles = {name: say(f"case.{title}") for name, title in _TITLES.items()}
    titles |= {step_name(step): label("step", step) for step in Step}
    if not (view.case.graduate or view.case.plan):
        del titles["plan"]
    for each in view.case.follow_ups:
        if each.done is None:
            for what in ("finish", "move", "cancel"):
                titles[f"{what}-{each.id}"] = say(f"case.{what}", due=written_day(each.due))
    for note in view.notes:
        at = written_moment(note.at)
        titles |= {f"note-{note.id}": say("case.correct", at=at), f"withdraw-{note.id}": say("case.withdraw_of", at=at)}
    first = case_forms.first_values(desk(visit, view))
    first["message"] = {"text": letters.filled(visit.query("template"), view.name, by_other=view.by_other)}
    seen = {"version": str(view.case.version), "seen": str(view.last_event)}
    several = {name: {**first.get(name, {}), **seen} for name in titles}
    return await visit.sheets(several, page=path(view.case.receipt), titles=titles)


def path(receipt: str) -> str:
    """Return the address of the page of a case."""
    return f"/cases/{receipt}"


def values(visit: Visit, view: CaseView) -> dict[str, Any]:
    """Return what the template needs beside the forms."""
    form, registration = visit.parts.form, view.case.registration
    return {
        "view": view,
        "has_bot": visit.parts.has_bot,
        "case": view.case,
        "at": path(view.case.receipt),
        "said": answers.said(form, registration),
        "unsaid": answers.unsaid(form, registration),
        "agreed": answers.agreed(form, registration),
        "agreement": answers.answer(form, registration, "agreement"),
        "relation": answers.answer(form, registration, "relation"),
        "contact_way": answers.answer(form, registration, "contact_way"),
        "proxy": answers.answer(form, registration, "proxy"),
        "has_phone": bool(phone_of(registration.answers)),
        "counselors": counselors.options(view.given_to),
        "templates": letters.templates(),
        "begun_anew": bool(visit.query("template")),
        "opened": visit.query("open"),
        "erasable": {note.id for note in view.notes if may_erase(note.id, view.case.events, visit.account)},
        "Step": Step,
        "step_name": step_name,
        "done": {step: case_forms.done(view.case, step) for step in Step},
        "today": day_of(visit.now),
        "first_day": EARLIEST,
        "last_day": day_of(visit.now) + FARTHEST,
    }


def phone(view: CaseView) -> Phone | None:
    """Return the telephone number, None where there is none."""
    found = phone_of(view.case.registration.answers)
    return Phone(found, shown_phone(found)) if found else None
