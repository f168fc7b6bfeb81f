"""The figures count what they say they count."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.evaluation import (
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


def test_what_fares_worse_and_what_fares_better_are_told_apart() -> None:
    readings = [(answer("a"), REFUSED), (answer("b"), answer("a")), (OFFERED, answer("a")), (REFUSED, REFUSED)]
    before = [result("a", old) for old, _ in readings]
    after = [result("a", new) for _, new in readings]
    worse, better = changes(before, after)
    assert [(change.before.reading, change.after.reading) for change in worse] == [readings[0]]
    assert [change.after.given for change in better] == ["a", "a"]


def test_a_wrong_answer_given_with_more_confidence_is_no_change() -> None:
    assert changes([result("a", answer("b", 0.8))], [result("a", answer("b", 0.9))]) == ([], [])


def test_a_wrong_answer_is_worse_than_none_and_the_worst_comes_first() -> None:
    worse, _ = changes(
        [result("a", answer("a")), result("a", REFUSED)], [result("a", REFUSED), result("a", answer("b"))]
    )
    assert [change.after.reading.topic for change in worse] == ["b", None]


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
