"""Shares as they are read."""

from __future__ import annotations


def percent(part: int, whole: int) -> str:
    """Return the share with one digit behind the point, a dash where there is no whole.

    It is rounded down: what is not all is never 100%.
    """
    if not whole:
        return "—"
    units, tenths = divmod(part * 1000 // whole, 10)
    return f"{units}.{tenths}%"
