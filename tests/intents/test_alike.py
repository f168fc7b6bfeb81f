"""Questions that ask nearly the same, put together for the staff."""

from __future__ import annotations

from intents import Reader


def test_questions_that_ask_the_same_are_together(tiny_reader: Reader) -> None:
    texts = ["摊位费能减免吗", "学按摩要钱吗", "摊位费能不能减免", "摊位费可以减免吗"]
    assert [sorted(group) for group in tiny_reader.alike(texts)] == [[0, 2, 3], [1]]


def test_the_largest_group_comes_first(tiny_reader: Reader) -> None:
    texts = ["按摩在哪里学", "摊位费减免", "摊位费减免吗", "请问摊位费减免吗"]
    assert [sorted(group) for group in tiny_reader.alike(texts)] == [[1, 2, 3], [0]]


def test_what_nearly_everybody_asks_is_one_group(tiny_reader: Reader) -> None:
    texts = [*["摊位费能减免吗"] * 99, "学按摩要钱吗"]
    assert [len(group) for group in tiny_reader.alike(texts)] == [99, 1]


def test_every_question_is_in_just_one_group(tiny_reader: Reader) -> None:
    texts = ["摊位费", "摊位费减免", "按摩", "", "🙂", "摊位费", "ｘ" * 3000]
    groups = tiny_reader.alike(texts)
    assert sorted(number for group in groups for number in group) == list(range(len(texts)))


def test_nothing_has_no_groups(tiny_reader: Reader) -> None:
    assert tiny_reader.alike([]) == []
