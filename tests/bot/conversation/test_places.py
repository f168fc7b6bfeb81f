"""Questions that only name another place."""

from __future__ import annotations

import pytest

from bot.conversation.assistant import Assistant
from bot.conversation.places import asked_of
from intents import Reading
from knowledge import Knowledge
from tests.bot.conversation.conftest import Person

ELSEWHERE = "signpost:other-districts"
READINGS = {
    "渝馨家园怎么进": Reading("answer", "supported-employment", score=0.9),
    "永川区有没有电商培训": Reading("signpost", ELSEWHERE, score=0.9),
    "有没有电商培训": Reading("answer", "new-skills-training", score=0.9),
}


@pytest.fixture
def asker(shipped: Knowledge) -> Person:
    return Person(Assistant(shipped, lambda text: READINGS.get(text, Reading("none"))))


@pytest.mark.parametrize("question", ["那永川区的呢", "綦江呢", "永川有没得", "那在贵州可以不", "那永川有没有这种"])
def test_another_place_is_not_answered_for(asker: Person, question: str) -> None:
    asker.says("渝馨家园怎么进")
    assert "我这里只有江津区的方案" in asker.says(question)
    assert asker.state.topic == ELSEWHERE


def test_one_more_place_is_answered_shortly(asker: Person) -> None:
    whole = asker.says("永川区有没有电商培训")
    assert len(asker.says("綦江呢")) < len(whole)
    assert asker.state.topic == ELSEWHERE


@pytest.mark.parametrize("said", [("永川区有没有电商培训",), ("永川区有没有电商培训", "綦江呢")])
def test_what_was_asked_of_another_place_is_answered_for_the_district(asker: Person, said: tuple[str, ...]) -> None:
    asker.says(*said, "那江津呢")
    assert asker.state.topic == "new-skills-training"


def test_from_another_place_one_comes_back_to_what_was_asked(asker: Person) -> None:
    asker.says("渝馨家园怎么进", "那永川区的呢", "那江津呢")
    assert asker.state.topic == "supported-employment"


def test_who_works_here_and_belongs_elsewhere_hears_what_to_say_first(asker: Person) -> None:
    assert "户口在外地、人在江津" in asker.says("永川区有没有电商培训", "那我在江津上班呢")


@pytest.mark.parametrize("question", ["永川残联电话多少", "江津有没得招聘会", "我要登记", "那呢", ""])
def test_what_asks_more_than_for_a_place_stands_alone(shipped: Knowledge, question: str) -> None:
    assert asked_of(question, shipped) is None


def test_without_anything_spoken_of_before_a_place_is_read_like_anything_else(asker: Person) -> None:
    asker.says("綦江呢")
    assert asker.state.topic is None
