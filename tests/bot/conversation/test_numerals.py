"""Numbers as people say and type them."""

from __future__ import annotations

import pytest

from bot.conversation.numerals import chosen_number


@pytest.mark.parametrize(
    "message",
    [
        "1",
        "１",
        "1.",
        " 1 ",
        "一",
        "第一个",
        "第1个",
        "选1",
        "我选一",
        "选择1",
        "回复1",
        "1号",
        "第一项吧",
        "①",
        "我要第一个",
        "1。",
    ],
)
def test_the_first_is_chosen(message: str) -> None:
    assert chosen_number(message) == 1


@pytest.mark.parametrize(
    ("message", "number"), [("两", 2), ("十", 10), ("12", 12), ("0", 0), ("都不是", 0), ("全不对", 0), ("没有对的", 0)]
)
def test_other_numbers(message: str, number: int) -> None:
    assert chosen_number(message) == number


@pytest.mark.parametrize(
    "message",
    [
        *["1 2", "1、3", "1,2", "1，2", "3 4", "1.5", "1-3", "1/2", "1 1", "1\n2", "１ ２", "①②", "① ③", "1和2", "1 0"],
        *["-1", "－1", " - 1", "−1", "=1+1", "+1", "=1", "第1、2个"],
    ],
)
def test_figures_in_several_places_or_with_a_sign_are_no_number(message: str) -> None:
    assert chosen_number(message) is None


@pytest.mark.parametrize(
    ("message", "number"),
    [("⑫", 12), ("1️⃣", 1), ("(2)", 2), ("【2】", 2), ("2、", 2), ("第 2 个", 2), ("2！", 2), ("㈢", 3)],
)
def test_one_number_however_it_is_set(message: str, number: int) -> None:
    assert chosen_number(message) == number


@pytest.mark.parametrize(
    "message", ["", "我有一个问题", "1500", "一年", "两个人", "第一次来", "十八岁", "1个月多少钱", "一样"]
)
def test_a_number_within_a_sentence_chooses_nothing(message: str) -> None:
    assert chosen_number(message) is None
