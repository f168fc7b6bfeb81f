"""Shares as they are read."""

from __future__ import annotations

import pytest

from bot.staff.percentages import percent


@pytest.mark.parametrize(
    ("part", "whole", "read"),
    [
        (3, 4, "75.0%"),
        (2, 3, "66.6%"),
        (2999, 3000, "99.9%"),
        (199, 200, "99.5%"),
        (200, 200, "100.0%"),
        (3, 2, "150.0%"),
        (0, 7, "0.0%"),
        (0, 0, "—"),
    ],
)
def test_what_is_not_all_is_never_a_hundred(part: int, whole: int, read: str) -> None:
    assert percent(part, whole) == read
