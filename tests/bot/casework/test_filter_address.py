"""A filter, to an address and back."""

from __future__ import annotations

from datetime import date
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.casework.case import Status, Step
from bot.casework.filter_address import from_pairs, to_pairs
from bot.casework.filters import Order, QueueFilter, When

_WORDS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)
_SEVERAL = st.lists(_WORDS, unique=True, max_size=3).map(tuple)
_NAMES = [
    *("town", "status", "wanted", "category", "counselor", "since", "until", "missing", "overdue", "follow_up"),
    *("uncontacted", "follow_up_since", "follow_up_until", "updated_until"),
    *("graduates", "unanswered", "q", "order", "page"),
]
_FILTERS = st.builds(
    QueueFilter,
    towns=_SEVERAL,
    status=st.lists(st.sampled_from(Status), unique=True, max_size=3).map(tuple),
    wanted=_SEVERAL,
    categories=_SEVERAL,
    counselor=st.none() | st.integers(0, 10**6),
    since=st.none() | st.dates(),
    until=st.none() | st.dates(),
    missing=st.none() | st.sampled_from(Step),
    uncontacted=st.booleans(),
    overdue=st.booleans(),
    follow_up=st.none() | st.sampled_from(get_args(When)),
    follow_up_since=st.none() | st.dates(),
    follow_up_until=st.none() | st.dates(),
    updated_until=st.none() | st.dates(),
    graduates=st.booleans(),
    unanswered=st.booleans(),
    search=st.just("") | _WORDS,
    order=st.sampled_from(get_args(Order)),
    page=st.integers(1, 10**6),
)


@given(_FILTERS)
def test_every_filter_comes_back_from_its_address(chosen: QueueFilter) -> None:
    assert from_pairs(to_pairs(chosen)) == chosen


@given(st.lists(st.tuples(st.sampled_from(_NAMES), st.text())))
def test_no_address_is_a_fault(pairs: list[tuple[str, str]]) -> None:
    from_pairs(pairs)


def test_without_a_filter_nothing_stands_in_the_address() -> None:
    assert to_pairs(QueueFilter()) == []


def test_an_address_reads_as_it_is_meant() -> None:
    chosen = QueueFilter(("白沙镇", "德感街道"), (Status.NEW,), since=date(2025, 6, 1), overdue=True, search="王")
    assert to_pairs(chosen) == [
        ("town", "白沙镇"),
        ("town", "德感街道"),
        ("status", "new"),
        ("since", "2025-06-01"),
        ("overdue", "1"),
        ("q", "王"),
    ]


def test_nobody_yet_is_not_the_same_as_anybody() -> None:
    assert from_pairs([("counselor", "0")]).counselor == 0
    assert from_pairs([]).counselor is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "lost"),
        ("since", "gestern"),
        ("missing", "tea"),
        ("counselor", "-1"),
        ("page", "0"),
        ("page", "9" * 30),
        ("order", "random"),
        ("follow_up", "never"),
        ("overdue", "no"),
        ("colour", "red"),
        ("q", "  "),
    ],
)
def test_what_cannot_be_read_is_left_out(name: str, value: str) -> None:
    assert from_pairs([(name, value)]) == QueueFilter()


def test_what_can_be_read_beside_it_stays() -> None:
    assert from_pairs([("status", "lost"), ("status", "new"), ("page", "x")]) == QueueFilter(status=(Status.NEW,))
