"""What a form of a case is, and how its fields are read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.casework.account import Account
from bot.casework.case import FORM, Case, Event, Step
from bot.casework.contact import VISIT
from bot.casework.notes import NOTE, WITHDRAWN
from bot.clock import day_of
from bot.conversation.fields.identity import identity_number
from bot.staff.look import near_day, weekday_of, written_day
from bot.staff.posted import Posted
from bot.staff.wording import say
from bot.store.cases import Cases

LONGEST = 4000
"""Characters of what is written into a field."""

BEFORE = "before"
"""The box to tick where a day was before the registration all the same."""

ONCE_MORE = "once_more"
"""The box to tick where the same was written a moment ago, and is meant once more."""

_A_MOMENT = timedelta(minutes=10)

EARLIEST = date(2000, 1, 1)
"""Nothing was done before this day."""

_SAME_THING = (
    frozenset({"follow-up-done", "follow-up-reopened", "follow-up-moved", "follow-up-cancelled"}),
    frozenset({"note-corrected", "note-withdrawn"}),
)
"""Kinds of events after which what an older form says about a planned visit, or a note, may no longer fit."""

Faults = dict[str, str]


@dataclass(frozen=True)
class Desk:
    """Who (``account``) fills in a form of which case, and when. ``accounts``: to whom the case can be given."""

    case: Case
    account: Account
    now: datetime
    accounts: tuple[Account, ...] = ()

    @property
    def staff(self) -> int:
        """Who fills it in, by the id of their account."""
        return self.account.id

    @property
    def today(self) -> date:
        """The day in China."""
        return day_of(self.now)

    @property
    def registered(self) -> date:
        """The day of the registration in China."""
        return day_of(self.case.registration.created)

    def just(self, at: datetime, staff: int | None) -> bool:
        """Say whether what ``staff`` did ``at`` a moment was done by whoever fills in the form, and just now."""
        return staff == self.staff and self.now - at < _A_MOMENT


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
    ``told`` says afterwards what was done. ``adds``: it only ever adds, so nothing of somebody else's is replaced.
    ``goes_out``: what it does cannot be taken back, so what a colleague did meanwhile always comes first.
    ``step``: which of the four it is about, None if it is about none.
    ``lets_go``: whether nobody works on the case any more after it, so what the person wrote meanwhile is read first.
    """

    name: str
    kind: str
    section: str
    read: Callable[[Desk, Posted, Faults], Action | None]
    compare: Callable[[Desk, Posted], list[Compared]]
    told: Callable[[Desk, Posted], str]
    adds: bool = False
    goes_out: bool = False
    step: Step | None = None
    lets_go: Callable[[Posted], bool] = lambda _form: False

    def is_done(self, case: Case, mark: str) -> bool:
        """Say whether what the form with this ``mark`` says was done to ``case``, and still holds."""
        marked = [event for event in case.events if mark and event.content.get(FORM) == mark]
        if not marked:
            return False
        done = max(marked, key=lambda event: event.id)
        later = [event for event in case.events if event.id > done.id]
        return not any(self.replaces(event) or _takes_back(event, done) for event in later)

    def needs_asking(self, event: Event, staff: int) -> bool:
        """Say whether ``event``, which whoever fills in the form (``staff``) did not see, has to be shown first."""
        colleague = event.staff not in (None, staff)
        return event.staff is None or (colleague and self.goes_out) or self.replaces(event)

    def replaces(self, event: Event) -> bool:
        """Say whether the form would put something else in the place of what ``event`` changed."""
        if self.adds:
            return False
        if self.kind == "status" and "status" in event.content:  # moved along by a step
            return True
        if self.step is not None and event.content.get("step", self.step) != self.step:
            return False
        return event.kind == self.kind or any({event.kind, self.kind} <= kinds for kinds in _SAME_THING)


def _takes_back(event: Event, done: Event) -> bool:
    """Say whether what ``done`` added to the case is there no more after ``event``."""
    if event.kind == WITHDRAWN:
        return event.content.get(NOTE) == str(done.id)
    return {event.kind, done.kind} == {"follow-up-cancelled", "follow-up"} and event.content.get(
        VISIT
    ) == done.content.get(VISIT)


def text_of(form: Posted, name: str, faults: Faults) -> str:
    """Return what was written into the field ``name``: no identity number, which nothing here needs."""
    text = form.text(name)
    if len(text) > LONGEST:
        faults[name] = say("case.too_long", most=LONGEST)
    elif number := identity_number(text):
        faults[name] = say("case.identity_number", number=number)
    return text


def day_in(form: Posted, name: str, faults: Faults) -> date | None:
    """Return the day in the field ``name``, None with a fault if there is none."""
    try:
        found = form.day(name)
    except ValueError:
        faults[name] = say("case.bad_day")
        return None
    if found is None:
        faults[name] = say("case.no_day")
    return found


def past_day(desk: Desk, form: Posted, name: str, faults: Faults) -> date | None:
    """Return the day in the field ``name``, on which something was done: not one to come, nor one of long ago."""
    found = day_in(form, name, faults)
    if found is not None and found > desk.today:
        faults[name] = say("case.future_day")
    elif found is not None and found < EARLIEST:
        faults[name] = say("case.early_day")
    return found


def day_since(desk: Desk, form: Posted, name: str, faults: Faults, stored: date | None) -> date | None:
    """Return the day as :func:`past_day` does; one before the registration has to be confirmed.

    It may be true, as where the office knew the person before, but more often the year is wrong. ``stored``: the day
    that stands in the case, which is not asked about again.
    """
    found = past_day(desk, form, name, faults)
    if found is None or name in faults or found == stored or found >= desk.registered or form.flag(BEFORE):
        return found
    faults[BEFORE] = say("case.before", on=written_day(found), registered=written_day(desk.registered))
    return found


def typed_day(form: Posted, name: str) -> str:
    """Return the day that was typed, in words; what is no day as it was typed."""
    try:
        return shown_day(form.day(name))
    except ValueError:
        return form.text(name)


def told_day(desk: Desk, form: Posted, name: str, *, weekday: bool = False) -> str:
    """Return the day in the field ``name``, which was read before, as it is spoken of today."""
    on = form.day(name)
    if on is None:
        return ""
    return near_day(on, desk.today) + (say("case.weekday", weekday=weekday_of(on)) if weekday else "")


def shown_day(on: date | None) -> str:
    """Return a day in words, nothing for none."""
    return written_day(on) if on else ""
