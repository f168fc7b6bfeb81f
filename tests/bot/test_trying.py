"""A new sample question is tried before it goes live, and what it breaks is told."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot import index_file, overlay_file
from bot.own_process import environment
from bot.trial import Outcome, Wish
from bot.trying import HELD_OUT, OUTCOME, TASK, Task, try_out
from knowledge.overlay import Sample

DAY = date(2024, 3, 5)
SET = "question\tlabels\n摊位费能减免不\tstall-rent\n哪里学推拿\tmassage-course\n你早上好\tgreeting\n买什么菜\tnone\n"


@pytest.fixture
def task(tiny_folder: Path, tmp_path: Path) -> Task:
    sets = tmp_path / "sets"
    sets.mkdir()
    (sets / "own.tsv").write_text(SET, encoding="utf-8")
    return Task(
        wish("stall-rent", "夜市的位子费高得很"), tiny_folder, tmp_path / "overlay.yaml", tmp_path / "kept", sets
    )


def wish(entry: str, question: str, *asked: str) -> Wish:
    return Wish(Sample(entry, question, DAY, 1), asked)


def tried(task: Task, wish: Wish | None = None) -> Outcome:
    return try_out(replace(task, wish=wish or task.wish), lambda *_: None)


def test_a_question_that_breaks_another_topics_right_answers_shows_the_loss(task: Task) -> None:
    outcome = tried(task, wish("signpost:bus", "摊位费能减免吗"))
    (own,) = [each for each in outcome.sets if each.name == "own"]
    assert outcome.loses
    assert [moved.question for moved in own.worse] == ["摊位费能减免不"]
    assert own.worse[0].before.keys == ("stall-rent",)
    assert own.worse[0].after.keys != ("stall-rent",)
    assert own.after.right.count < own.before.right.count


def test_a_right_answer_that_stands_among_the_choices_from_then_on_is_told_apart_and_is_no_loss(task: Task) -> None:
    outcome = tried(task, wish("massage-course", "摊位费减一点"))
    (moved,) = [moved for each in outcome.sets for moved in each.slight]
    assert moved.before.keys == ("stall-rent",)
    assert moved.after.kind == "choices"
    assert "stall-rent" in moved.after.keys
    assert not outcome.loses
    assert [each.worse for each in outcome.sets] == [(), ()]


def test_what_was_rightly_refused_and_is_answered_from_then_on_is_a_loss(task: Task) -> None:
    outcome = tried(task, wish("stall-rent", "买什么"))
    assert [moved.question for each in outcome.sets for moved in each.worse] == ["买什么菜"]
    assert outcome.loses


def test_a_question_that_helps_shows_the_gain(task: Task) -> None:
    outcome = tried(task, wish("stall-rent", "夜市的位子费高得很", "夜市位子费高"))
    first, second = outcome.asked
    assert (first.question, first.after.keys) == ("夜市的位子费高得很", ("stall-rent",))
    assert second.question == "夜市位子费高"
    assert first.before.keys != ("stall-rent",)
    assert outcome.faults == ()


def test_what_the_knowledge_holds_out_is_always_measured(task: Task) -> None:
    (held_out,) = tried(replace(task, sets=None)).sets
    assert (held_out.name, held_out.count) == (HELD_OUT, 2)


@pytest.mark.parametrize("content", ["question\tlabels\n哪天放假\tholiday\n", "nonsense\n"])
def test_a_set_for_other_knowledge_or_of_another_shape_is_named_and_left_out(task: Task, content: str) -> None:
    assert task.sets is not None
    (task.sets / "other.tsv").write_text(content, encoding="utf-8")
    outcome = tried(task)
    assert outcome.skipped == ("other.tsv",)
    assert [each.name for each in outcome.sets] == [HELD_OUT, "own"]


@pytest.mark.parametrize(
    ("entry", "question", "line", "said"),
    [
        ("stall-rent", "坐轻轨免费吗", 3, "已经有了"),
        ("stall-rent", "坐輕軌免費嗎", 3, "只差字体"),
        ("stall", "夜市", 2, "没有“stall”这一条"),
        ("stall-rent", "公交卡丢了", 3, "是用来检验的"),
    ],
)
def test_a_fault_keeps_it_out_and_is_told_with_its_place(
    task: Task, entry: str, question: str, line: int, said: str
) -> None:
    outcome = tried(task, wish(entry, question))
    (fault,) = outcome.faults
    assert (fault.path, fault.line, said in fault.message) == (task.overlay, line, True)
    assert outcome.sets == ()


def test_a_fault_in_the_knowledge_itself_is_told(task: Task) -> None:
    (task.folder / "plan.yaml").write_text("plan: [\n", encoding="utf-8")
    assert tried(task).faults[0].path == task.folder / "plan.yaml"


def test_it_is_tried_beside_what_was_added_before_and_writes_nothing(task: Task) -> None:
    overlay_file.add(task.overlay, Sample("stall-rent", "夜市的位子费高得很", DAY, 1))
    before = task.overlay.read_bytes()
    assert "已经有了" in tried(task, wish("signpost:bus", "夜市的位子费高得很")).faults[0].message
    outcome = tried(task, wish("signpost:bus", "公交卡怎么充钱"))
    assert outcome.version == index_file.fingerprint(task.folder, task.overlay)
    assert task.overlay.read_bytes() == before


def test_the_process_tells_how_far_it_is_and_then_the_same_outcome(task: Task) -> None:
    command = [sys.executable, "-m", "bot.trying"]
    done = subprocess.run(command, input=TASK.dump_json(task), capture_output=True, check=True, env=environment())
    *steps, last = map(json.loads, done.stdout.splitlines())
    assert steps[-1]["done"] == steps[-1]["total"]
    assert OUTCOME.validate_python(last["outcome"]) == tried(task)


def test_where_it_may_not_step_back_it_is_tried_all_the_same(task: Task) -> None:
    refused = "import os\ndef refuse(_): raise PermissionError\nos.nice = refuse\nfrom bot import trying\ntrying.main()"
    command = [sys.executable, "-c", refused]
    done = subprocess.run(command, input=TASK.dump_json(task), capture_output=True, check=True, env=environment())
    assert "outcome" in json.loads(done.stdout.splitlines()[-1])


def test_how_far_it_is_is_told_a_hundred_times_at_most(task: Task) -> None:
    assert task.sets is not None
    (task.sets / "many.tsv").write_text("question\tlabels\n" + "哪里学推拿\tmassage-course\n" * 300, encoding="utf-8")
    told: list[tuple[int, int]] = []
    try_out(task, lambda done, total: told.append((done, total)))
    (total,) = {total for _, total in told}
    assert total > 600
    assert len(told) <= 101
    assert told[-1] == (total, total)
