from __future__ import annotations

from bot.service.flood import Flood


def test_a_burst_is_let_through_and_then_one_a_second() -> None:
    flood = Flood(burst=3, per_second=1)
    assert [flood.handled("a", 0.0) for _ in range(3)] == [False, False, True]
    assert flood.held_back(0.5) == {"a"}
    assert flood.until_next(0.5) == 0.5
    assert flood.held_back(1.0) == frozenset()
    assert flood.handled("a", 1.0)


def test_whoever_rests_gets_a_burst_again() -> None:
    flood = Flood(burst=3, per_second=1)
    for _ in range(3):
        flood.handled("a", 0.0)
    assert [flood.handled("a", 100.0) for _ in range(3)] == [False, False, True]


def test_nobody_is_held_back_for_another() -> None:
    flood = Flood(burst=1, per_second=1)
    flood.handled("a", 0.0)
    assert "b" not in flood.held_back(0.0)


def test_no_number_of_chats_fills_the_memory() -> None:
    flood = Flood(burst=1, per_second=0.001, at_most=5000)
    for number in range(50_000):
        flood.handled(f"{number}", 0.0)
    assert len(flood._buckets) <= 5000
    assert len(flood.held_back(0.0)) <= 1000
