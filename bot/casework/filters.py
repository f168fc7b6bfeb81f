"""What the queue shows: which cases, in which order, which page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from bot.casework.case import OPEN, Status, Step

Order = Literal["urgent", "newest", "oldest", "updated", "town", "status", "follow-up", "plan"]
When = Literal["late", "today", "week"]
NOBODY = 0
"""Instead of an account: there is none, or it is closed, or may not see the case's town any more."""


@dataclass(frozen=True)
class QueueFilter:
    """What was chosen above the queue. Everything unset lets all cases through; several things set must all hold.

    ``towns``: any of these; ``status``: any of these; ``wanted``, ``categories``: option ids of the form, any of
    these; ``counselor``: an account id, or :data:`NOBODY`; ``since``, ``until``: days of registration, both included;
    ``uncontacted``: open, and nobody of the staff has been in touch;
    ``missing``: this one of the four is not done; ``overdue``: the promised contact or a follow-up is late;
    ``follow_up``: the next one was due before today, is due today, or from today until Sunday;
    ``follow_up_since``, ``follow_up_until``: days between which the next one is due, both included;
    ``updated_until``: the person last changed something on this day, or before;
    ``graduates``: only these; ``unanswered``: the person wrote back, or changed something, and who works on the case
    has not looked;
    ``search``: a receipt number, a phone number, or part of a name.
    """

    towns: tuple[str, ...] = ()
    status: tuple[Status, ...] = ()
    wanted: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    counselor: int | None = None
    since: date | None = None
    until: date | None = None
    uncontacted: bool = False
    missing: Step | None = None
    overdue: bool = False
    follow_up: When | None = None
    follow_up_since: date | None = None
    follow_up_until: date | None = None
    updated_until: date | None = None
    graduates: bool = False
    unanswered: bool = False
    search: str = ""
    order: Order = "urgent"
    page: int = 1


UNATTENDED = QueueFilter(status=OPEN, counselor=NOBODY)
"""What somebody has to take over."""


def of_the_day(staff: int) -> dict[str, QueueFilter]:
    """Return what somebody of the staff looks at first each day, by name; ``mine``: what they still have to do."""
    return {
        "uncontacted": QueueFilter(uncontacted=True),
        "new": QueueFilter(status=OPEN[:1]),
        "overdue": QueueFilter(overdue=True),
        "due_today": QueueFilter(follow_up="today"),
        "unanswered": QueueFilter(unanswered=True),
        "mine": QueueFilter(status=OPEN, counselor=staff),
    }
