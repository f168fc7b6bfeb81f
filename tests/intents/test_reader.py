"""The public face of understanding."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from intents import Reader
from intents.errors import NothingToLearnError
from intents.index import Index
from knowledge import Knowledge

ANYTHING = st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=200)


@pytest.mark.parametrize(
    ("text", "kind", "key"),
    [
        ("摊位费能不能减免", "answer", "stall-rent"),
        ("攤位費減免", "answer", "stall-rent"),
        ("摊味费剪免", "answer", "stall-rent"),
        ("ｍａｎｇ ren an mo ban", "answer", "massage-course"),
        ("盲人按摩班什么时候开", "answer", "massage-course"),
        ("公交车坐车要不要钱", "signpost", "signpost:bus"),
        ("我不想活了", "safety", "safety:despair"),
        ("我要跟真人说话", "action", "human"),
        ("讲个笑话吧", "none", None),
    ],
)
def test_a_text_is_understood(tiny_reader: Reader, text: str, kind: str, key: str | None) -> None:
    reading = tiny_reader.read(text)
    assert (reading.kind, reading.action or reading.topic) == (kind, key)


@given(ANYTHING)
@example("")
@example("\ud800")
@example("\u202e\u200b\ufeff")
@example("我" * 100_000)
@example("<script>alert(1)</script>")
@example("'; DROP TABLE users; --")
@example("مرحبا كيف حالك")
@example("👩🏽‍🦽👨‍👩‍👧‍👦")
def test_any_string_has_a_reading_in_which_everything_fits(tiny: Knowledge, tiny_reader: Reader, text: str) -> None:
    reading = tiny_reader.read(text)
    assert 0 <= reading.score <= 1
    assert len(reading.candidates) <= 5
    assert all(candidate.key in tiny.by_key for candidate in reading.candidates)
    probabilities = [candidate.probability for candidate in reading.candidates]
    assert reading.kind == "safety" or probabilities == sorted(probabilities, reverse=True)
    assert (reading.topic is not None) == (reading.kind in ("answer", "signpost", "safety"))
    assert (reading.action is not None) == (reading.kind == "action")
    assert (2 <= len(reading.choices) <= 4) == (reading.kind == "choices")


def test_two_questions_in_one_message_are_both_offered(tiny_reader: Reader) -> None:
    reading = tiny_reader.read("摊位费能不能减免？另外盲人按摩班什么时候开")
    assert (reading.kind, reading.choices) == ("choices", ("stall-rent", "massage-course"))


@given(ANYTHING)
def test_a_reading_depends_on_nothing_but_the_text(tiny_reader: Reader, text: str) -> None:
    first = tiny_reader.read(text)
    tiny_reader.read("别的话")
    assert tiny_reader.read(text) == first


def test_the_same_knowledge_gives_the_same_reader(tiny: Knowledge, tiny_reader: Reader) -> None:
    assert Reader(tiny).read("腿不好想摆摊") == tiny_reader.read("腿不好想摆摊")


def test_an_index_can_be_kept_as_arrays(tiny: Knowledge, tiny_reader: Reader) -> None:
    kept = Reader(tiny, Index.from_arrays(tiny_reader.index.arrays()))
    assert kept.read("腿不好想摆摊") == tiny_reader.read("腿不好想摆摊")


def test_a_reading_explains_itself_by_sample_questions_and_pieces(tiny_reader: Reader) -> None:
    explanation = tiny_reader.explain("我看不见，啷个学按摩")
    assert explanation.normal == "我看不见 怎么学按摩"
    assert explanation.concepts == ("blind",)
    assert explanation.reading == tiny_reader.read("我看不见，啷个学按摩")
    question, key, likeness = explanation.questions[0]
    assert (question, key) == ("眼睛看不见想学按摩", "massage-course")
    assert 0 < likeness <= 1
    assert any("按" in piece and share > 0 for piece, share in explanation.features)


def test_an_explanation_names_an_outside_group_that_decided(tiny_reader: Reader) -> None:
    explanation = tiny_reader.explain("讲个笑话")
    assert explanation.first == "outside:chat"
    assert explanation.rival is not None


def test_an_explanation_shows_what_was_read_alone(tiny_reader: Reader) -> None:
    explanation = tiny_reader.explain("摊位费能不能减免？另外盲人按摩班什么时候开")
    assert [part for part, _ in explanation.parts][:2] == ["摊位费能不能减免", "盲人按摩班什么时候开"]


def test_even_nothing_can_be_explained(tiny_reader: Reader) -> None:
    assert tiny_reader.explain("").questions == ()


def test_without_sample_questions_there_is_nothing_to_learn(tiny: Knowledge) -> None:
    bare = replace(tiny, policies=(), signposts=(), safety=(), actions=(), outside=())
    with pytest.raises(NothingToLearnError):
        Reader(bare)
