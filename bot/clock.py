"""The time of day where the people are."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8), "CST")
"""All of China keeps one time, without daylight saving."""


def now() -> datetime:
    """Return the time in China."""
    return datetime.now(CHINA)


def written(moment: datetime) -> str:
    """Return ``moment`` for whoever looks after the machine: as it is in China, to the minute."""
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M}"


def day_of(moment: datetime) -> date:
    """Return the day that ``moment`` is on in China."""
    return moment.astimezone(CHINA).date()
