"""A message is cut only where somebody plainly goes on to another question."""

from __future__ import annotations

import pytest

from intents.parts import clauses_in, questions_in


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("学按摩去哪里，另外烟草证有没有照顾", ["学按摩去哪里", "烟草证有没有照顾"]),
        ("摆摊租金减不减？还有学电脑给不给补贴？", ["摆摊租金减不减", "学电脑给不给补贴？"]),
        ("怎么登记找工作 顺便问一下办烟证好办不", ["怎么登记找工作", "办烟证好办不"]),
        ("还有没有名额", ["还有没有名额"]),
        ("我想学按摩，也想开店", ["我想学按摩，也想开店"]),
        ("另外", ["另外"]),
        ("", [""]),
    ],
)
def test_parts(text: str, parts: list[str]) -> None:
    assert questions_in(text) == parts


def test_no_more_than_four_questions_are_heard() -> None:
    assert len(questions_in("另外我想问按摩" * 20_000)) == 4


def test_clauses_are_cut_at_punctuation_and_of_many_the_ends_count() -> None:
    assert clauses_in("办烟证有照顾吗？我不想活了，真的") == ["办烟证有照顾吗", "我不想活了", "真的"]
    assert clauses_in("没有标点的一句话") == []
    assert clauses_in("招聘会哪天开 我被关起来了") == ["招聘会哪天开", "我被关起来了"]
    many = clauses_in("".join(f"第{number}句，" for number in range(100)))
    assert len(many) == 20
    assert many[-1] == "第99句"
