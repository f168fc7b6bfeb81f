"""A case: one registration being worked through."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from bot.conversation.registration import Registration


class Status(StrEnum):
    """How far a case has come. The words that users read stand in ``wording.yaml``."""

    NEW = "new"
    CHECKED = "checked"
    ASSESSED = "assessed"
    SERVED = "served"
    EMPLOYED = "employed"
    PAUSED = "paused"
    CLOSED = "closed"


class Step(StrEnum):
    """The plan's “四个一” (一（九）1): each is done once for everybody of working age without work."""

    INFORMATION_CHECK = "information_check"
    ABILITY_ASSESSMENT = "ability_assessment"
    NEED_REGISTRATION = "need_registration"
    SERVICE = "service"


OPEN = (Status.NEW, Status.CHECKED, Status.ASSESSED, Status.SERVED)
"""Those that somebody still has to work on, in their order."""

NEEDS_REASON = (Status.PAUSED, Status.CLOSED)
CONTACT = "contact"
"""Under this name the content of a note, or of a follow-up done, tells whether the person was spoken to: yes, or no."""

REPLY = "reply"
"""The kind of the event that tells of something the person wrote back."""

FORM = "form"
"""Under this name the content of an event has the mark of the form that it was done with, where that had one."""

SENT = "sent"
"""What became of a message that the person got."""

GRADUATE_EDUCATION = ("college-student", "college-recent")
"""Answers to the form's ``education`` that make a graduate in the plan's sense (一（七）1)."""

_REACHED_BY = {
    Step.INFORMATION_CHECK: Status.CHECKED,
    Step.ABILITY_ASSESSMENT: Status.ASSESSED,
    Step.SERVICE: Status.SERVED,
}


@dataclass(frozen=True)
class StepDone:
    """One of the four, done ``on`` a day by ``staff`` (an account id, None if it was migrated) with a ``result``."""

    step: Step
    on: date
    staff: int | None
    result: str


@dataclass(frozen=True)
class FollowUp:
    """A visit or call that is due, and what came of it once ``done``."""

    id: int
    due: date
    purpose: str
    staff: int | None
    done: date | None = None
    done_by: int | None = None
    result: str = ""


@dataclass(frozen=True)
class Event:
    """One line of a case's history. ``staff`` is None for what the person (or the program) did.

    ``kind``: opened, note, note-corrected, note-withdrawn, status, counselor, step, follow-up, follow-up-done,
    follow-up-reopened, follow-up-moved, follow-up-cancelled, plan, message, reply, changed.
    ``content``: what it was, by field name; ``before`` and ``after`` where something was changed.
    """

    id: int
    kind: str
    staff: int | None
    content: dict[str, str]
    at: datetime


@dataclass(frozen=True)
class CaseMessage:
    """What a clerk (``staff``) wrote to the person through the bot, or the person wrote back (None).

    ``text`` is empty where the person changed their registration, or handed it in again, instead of writing.
    ``delivery``: waiting, sent, blocked or given-up for what was written to the person, "" for what came back.
    ``seen``: when somebody who works on the case first saw what came back.
    """

    id: int
    staff: int | None
    text: str
    at: datetime
    delivery: str = ""
    seen: datetime | None = None


@dataclass(frozen=True)
class Case:
    """All that is known of one case.

    ``version`` goes up with every change; ``reason`` is that of a pause or an end; ``plan`` is the 一人一策 text,
    ``filed`` the day it was put on file.
    """

    registration: Registration
    town: str | None
    phone_shared: bool
    status: Status
    reason: str
    counselor: int | None
    version: int
    first_contact: datetime | None
    employed: date | None
    filed: date | None
    plan: str
    steps: tuple[StepDone, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    events: tuple[Event, ...] = ()
    messages: tuple[CaseMessage, ...] = field(default=())

    @property
    def receipt(self) -> str:
        """The number of the registration."""
        return self.registration.receipt

    @property
    def unanswered(self) -> tuple[int, ...]:
        """What the person wrote since somebody last did: the ids of these messages."""
        written = max((each.id for each in self.messages if each.staff is not None), default=0)
        return tuple(each.id for each in self.messages if each.staff is None and each.text and each.id > written)

    @property
    def graduate(self) -> bool:
        """Whether the person is a graduate, who gets a file of their own (一人一策)."""
        return self.registration.answers.get("education") in GRADUATE_EDUCATION


def advanced(status: Status, step: Step) -> Status:
    """Return the status after ``step`` was done: further along the way, never back, and never out of a pause or end."""
    reached = _REACHED_BY.get(step)
    if reached is None or status not in OPEN or OPEN.index(reached) < OPEN.index(status):
        return status
    return reached


def missing(done: tuple[StepDone, ...]) -> tuple[Step, ...]:
    """Return which of the four are still to be done, in the plan's order."""
    had = {each.step for each in done}
    return tuple(step for step in Step if step not in had)


def fallen_back(status: Status, undone: Step, still_done: Collection[Step]) -> Status:
    """Return the status after ``undone`` turned out not to have been done: one that only this step led to is lost."""
    if status is not _REACHED_BY.get(undone):
        return status
    reached = [_REACHED_BY[step] for step in still_done if step in _REACHED_BY]
    return max((one for one in reached if OPEN.index(one) < OPEN.index(status)), key=OPEN.index, default=Status.NEW)
