"""The time of day where the people are."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8), "CST")
"""All of China keeps one time, without daylight saving."""


def now() -> datetime:
    """Return the time in China."""
    return datetime.now(CHINA)
