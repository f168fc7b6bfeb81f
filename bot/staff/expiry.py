"""When a registration is deleted by itself, and who is told before: the person can still say that it should stay."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from bot.casework.case import Status
from bot.casework.filters import QueueFilter
from bot.clock import day_of
from bot.staff.visit import Visit

_WARNED = timedelta(weeks=8)
_STILL_WORKED_ON = tuple(status for status in Status if status is not Status.CLOSED)


def expires(visit: Visit, status: Status, updated: datetime) -> date | None:
    """Return the day on which a registration goes that the person last ``updated`` then.

    None while that is far off, and where the case is closed.
    """
    last = day_of(updated) + _kept(visit)
    return last if status is not Status.CLOSED and last <= day_of(visit.now) + _WARNED else None


def expiring(visit: Visit) -> QueueFilter:
    """Return what lists those that :func:`expires` tells of."""
    return QueueFilter(status=_STILL_WORKED_ON, updated_until=day_of(visit.now) + _WARNED - _kept(visit))


def _kept(visit: Visit) -> timedelta:
    return timedelta(days=visit.parts.settings.registration.keep_days)
