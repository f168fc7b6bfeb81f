from __future__ import annotations

import pytest

from bot.service.buckets import Buckets


def test_turns_taken_ahead_come_one_after_the_other() -> None:
    buckets = Buckets(burst=2, interval=1)
    assert [buckets.take("a", 0) for _ in range(5)] == [0, 0, 1, 2, 3]


def test_over_any_time_no_more_than_the_burst_and_the_rate() -> None:
    buckets = Buckets(burst=5, interval=4)
    turns = [now for now in range(600) if buckets.wait("a", now) <= 0 and buckets.take("a", now) <= 0]
    assert max(sum(start <= turn < start + 60 for turn in turns) for start in range(540)) <= 20


def test_a_key_on_hold_waits_as_long_as_told_and_has_no_burst_after_that() -> None:
    buckets = Buckets(burst=3, interval=1)
    buckets.hold("a", 10, 0)
    assert buckets.wait("a", 4) == 6
    assert [buckets.take("a", 10) for _ in range(3)] == [0, 1, 2]


def test_a_shorter_hold_does_not_end_a_longer_one() -> None:
    buckets = Buckets(burst=3, interval=1)
    buckets.hold("a", 10, 0)
    buckets.hold("a", 1, 0)
    assert buckets.wait("a", 0) == 10


def test_full_buckets_are_forgotten() -> None:
    buckets = Buckets(burst=3, interval=1)
    for number in range(100_000):
        buckets.take(f"{number}", now=number / 100)
    assert len(buckets) < 3000


@pytest.mark.parametrize("at_most", [10, 1000, 5000])
def test_no_more_buckets_are_kept_than_allowed_and_the_busiest_stay(at_most: int) -> None:
    buckets = Buckets(burst=3, interval=1, at_most=at_most)
    buckets.hold("busy", 1000, 0)
    for number in range(20_000):
        buckets.take(f"{number}", 0)
    assert len(buckets) <= at_most
    assert buckets.wait("busy", 0) == 1000
