"""The figures count what they say they count."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.evaluation import (
    Changes,
    Figures,
    QuestionFileError,
    Result,
    Row,
    Share,
    changes,
    held_out_rows,
    read_rows,
    separation,
    unknown_labels,
)
from bot.reports import evaluation_report
from intents import Candidate, Reading
from knowledge import Knowledge
from knowledge.model import HeldOut


def result(labels: str, reading: Reading) -> Result:
    return Result(Row("问", tuple(labels.split(",")), "plain"), reading)


def answer(topic: str, probability: float = 0.9) -> Reading:
    return Reading("answer", topic, score=probability, candidates=(Candidate(topic, probability),))


REFUSED = Reading("none")
SIGNPOST = Reading("signpost", "signpost:bus", candidates=(Candidate("signpost:bus", 0.9),))
OFFERED = Reading("choices", choices=("a", "action:register"))
OTHERS = Reading("choices", choices=("b", "c"))
ALARM = Reading("safety", "safety:despair")


def test_answerable_rows() -> None:
    figures = Figures.of(
        [
            result("a", answer("a")),
            result("a,b", answer("b")),
            result("register", Reading("action", action="register")),
            result("register", OFFERED),
            result("a", answer("b")),
            result("a", SIGNPOST),
            result("a", REFUSED),
            result("b", OFFERED),
        ]
    )
    assert figures.right == Share(3, 8)
    assert figures.offered == Share(4, 8)
    assert figures.wrong == Share(1, 8)
    assert figures.missed == Share(2, 8)
    assert figures.refused.total == figures.caught.total == 0


def test_unanswerable_rows() -> None:
    figures = Figures.of(
        [
            result("none", REFUSED),
            result("none", SIGNPOST),
            result("none", answer("a")),
            result("none", Reading("action", action="help")),
            result("none", OFFERED),
            result("none,a", answer("a")),
            result("none", ALARM),
        ]
    )
    assert figures.refused == Share(2, 7)
    assert figures.leaked == Share(2, 7)
    assert figures.offered_to_none == Share(1, 7)
    assert figures.alarmed == Share(1, 7)
    assert figures.right.total == 0


def test_distress_rows() -> None:
    figures = Figures.of([result("distress", ALARM), result("distress", REFUSED), result("a", ALARM)])
    assert figures.caught == Share(1, 2)
    assert figures.alarmed == Share(1, 1)


def test_a_confident_wrong_answer_is_worse_than_an_unsure_one_and_than_none() -> None:
    ranked = [answer("b", 0.9), answer("b", 0.6), REFUSED, OFFERED]
    badness = [result("a", reading).badness for reading in ranked]
    assert badness == sorted(badness, reverse=True)
    assert result("a", answer("a")).badness == 0


def test_separation_finds_the_threshold_that_lets_few_unanswerable_through() -> None:
    unanswerable = [result("none", answer("a", 0.01 * number)) for number in range(100)]
    answerable = [result("a", answer("a", 0.97)), result("a", answer("a", 0.2)), result("a", answer("b", 0.99))]
    threshold, right = separation(unanswerable + answerable)
    assert 0.94 < threshold < 0.95
    assert right == Share(1, 3)


def test_rows_are_read_with_or_without_a_style(tmp_path: Path) -> None:
    path = tmp_path / "q.tsv"
    path.write_text("question\tlabels\tstyle\r\n问一\ta, b\tplain\r\n\r\n问二\tnone\r\n", encoding="utf-8")
    assert read_rows(path) == [Row("问一", ("a", "b"), "plain"), Row("问二", ("none",), "")]
    assert unknown_labels(read_rows(path), ["a"]) == ["b"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a\tb\n", "q.tsv:1"),
        ("question\tlabels\n问\n".encode(), "q.tsv:2"),
        (b"\xff\xfe", "UTF-8"),
    ],
)
def test_a_bad_file_is_named_with_its_line(tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "q.tsv"
    path.write_bytes(content)
    with pytest.raises(QuestionFileError, match="tsv") as caught:
        read_rows(path)
    assert expected in str(caught.value)


def test_the_report_shows_figures_groups_and_misses_worst_first(tiny: Knowledge) -> None:
    results = [
        Result(Row("摊位费减免", ("stall-rent",), "keyword"), answer("stall-rent")),
        Result(Row("甲问", ("stall-rent",), "plain"), answer("massage-course", 0.6)),
        Result(Row("乙问", ("stall-rent",), "plain"), answer("massage-course", 0.9)),
        Result(Row("丙问", ("none",), "near"), SIGNPOST),
    ]
    report = evaluation_report(tiny, results, misses=1)
    assert "问题 4 个" in report
    assert "其中 1 个和知识里的问法一字不差" in report
    assert "33.3% (1/3)  首答正确 right first" in report
    assert "  plain：" in report
    assert "  stall-rent：" in report
    assert "乙问" in report
    assert "甲问" not in report


@pytest.mark.parametrize(
    ("pulls", "expected"), [((), "不管首选概率多低（放过 5%"), ((0.4,), "首选概率不低于 0.400（放过 5%")]
)
def test_a_threshold_of_nothing_is_not_written_as_a_number(
    tiny: Knowledge, pulls: tuple[float, ...], expected: str
) -> None:
    unanswerable = [result("none", REFUSED), *(result("none", answer("stall-rent", pull)) for pull in pulls)]
    report = evaluation_report(tiny, [*unanswerable, result("stall-rent", answer("stall-rent"))], 10)
    assert expected in report


def change(labels: str, before: Reading, after: Reading) -> Changes:
    return changes([result(labels, before)], [result(labels, after)])


@pytest.mark.parametrize(
    ("labels", "good", "bad"),
    [
        ("a", answer("a"), answer("b")),
        ("a", answer("a"), REFUSED),
        ("a", answer("a"), SIGNPOST),
        ("a", answer("a"), OTHERS),
        ("a", OFFERED, answer("b")),
        ("a", OFFERED, REFUSED),
        ("a", OFFERED, OTHERS),
        ("a", REFUSED, answer("b")),
        ("a", answer("a"), ALARM),
        ("a", OFFERED, ALARM),
        ("none", REFUSED, answer("b")),
        ("none", SIGNPOST, Reading("action", action="help")),
        ("none", OFFERED, answer("b")),
        ("none", REFUSED, ALARM),
        ("distress", ALARM, REFUSED),
        ("distress", ALARM, OFFERED),
        ("distress", ALARM, answer("a")),
        ("distress,none", ALARM, OFFERED),
        ("distress,a", ALARM, OFFERED),
    ],
)
def test_what_was_right_or_near_and_is_lost_fares_worse_and_the_other_way_round_better(
    labels: str, good: Reading, bad: Reading
) -> None:
    lost, won = change(labels, good, bad), change(labels, bad, good)
    assert [len(each) for each in (lost.worse, lost.slight, lost.better)] == [1, 0, 0]
    assert [len(each) for each in (won.worse, won.slight, won.better)] == [0, 0, 1]


@pytest.mark.parametrize(
    ("labels", "near", "at_once"),
    [
        ("a", OFFERED, answer("a")),
        ("register", OFFERED, Reading("action", action="register")),
        ("none", OTHERS, REFUSED),
        ("none", OFFERED, SIGNPOST),
        ("none,a", OFFERED, answer("a")),
        ("none,a", OTHERS, answer("a")),
        ("none,a", OTHERS, OFFERED),
    ],
)
def test_one_step_more_or_less_to_what_is_right_is_slight(labels: str, near: Reading, at_once: Reading) -> None:
    for found in (change(labels, near, at_once), change(labels, at_once, near)):
        assert [len(each) for each in (found.worse, found.slight, found.better)] == [0, 1, 0]


def test_a_step_more_comes_before_a_step_less() -> None:
    less, more = (OFFERED, answer("a")), (answer("a"), OFFERED)
    found = changes([result("a", old) for old, _ in (less, more)], [result("a", new) for _, new in (less, more)])
    assert [each.after.reading for each in found.slight] == [OFFERED, answer("a")]


@pytest.mark.parametrize(
    ("labels", "before", "after"),
    [("a", answer("b", 0.8), answer("b", 0.9)), ("a", REFUSED, OTHERS), ("none", REFUSED, SIGNPOST)],
)
def test_what_is_as_good_or_as_bad_as_before_is_no_change(labels: str, before: Reading, after: Reading) -> None:
    assert change(labels, before, after) == Changes((), (), ())


def test_a_wrong_answer_is_worse_than_none_and_the_worst_comes_first() -> None:
    found = changes([result("a", answer("a")), result("a", REFUSED)], [result("a", REFUSED), result("a", answer("b"))])
    assert [each.after.reading.topic for each in found.worse] == ["b", None]


def test_held_out_questions_are_rows(tiny: Knowledge) -> None:
    groups = (
        HeldOut(("stall-rent", "signpost:bus"), ("摊子",)),
        HeldOut(("action:human",), ("找人",)),
        HeldOut(("distress",), ("不想活",)),
    )
    rows = held_out_rows(replace(tiny, held_out=groups))
    assert [(row.question, row.labels) for row in rows] == [
        ("摊子", ("stall-rent", "none")),
        ("找人", ("human",)),
        ("不想活", ("distress",)),
    ]
