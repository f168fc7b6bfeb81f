"""When a registration is deleted by itself, and who is told before: the person can still say that it should stay."""

from __future__ import annotations

from datetime import date, timedelta

from bot.casework.case import Case, Status
from bot.casework.filters import QueueFilter
from bot.clock import day_of
from bot.staff.visit import Visit

_WARNED = timedelta(weeks=8)
_STILL_WORKED_ON = tuple(status for status in Status if status is not Status.CLOSED)


def expires(visit: Visit, case: Case) -> date | None:
    """Return the day on which the registration of ``case`` goes, None while that is far off and where it is closed."""
    last = day_of(case.registration.updated) + _kept(visit)
    return last if case.status is not Status.CLOSED and last <= day_of(visit.now) + _WARNED else None


def expiring(visit: Visit) -> QueueFilter:
    """Return what lists those that :func:`expires` tells of."""
    return QueueFilter(status=_STILL_WORKED_ON, updated_until=day_of(visit.now) + _WARNED - _kept(visit))


def _kept(visit: Visit) -> timedelta:
    return timedelta(days=visit.parts.settings.registration.keep_days)
