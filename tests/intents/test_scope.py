"""For where and for whom the plan is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from intents.reading import Reading
from intents.scope import Bounds
from knowledge import Knowledge
from knowledge.model import Scope

SCOPE = Scope(
    elsewhere="signpost:bus",
    others="action:human",
    reminder="这里只有本区的办法。",
    here=("本区",),
    places=("永川", "成都", "北京"),
    not_places=("北京时间",),
    denials=("不是残疾", "没有残疾", "没得残疾"),
    groups=("农民工", "普通人"),
    disabled=("残", "聋"),
    not_askers=("厂", "公司", "老婆"),
)
ANSWER = Reading("answer", "stall-rent", score=0.9)


@pytest.fixture
def bounds(tiny: Knowledge) -> Bounds:
    return Bounds(replace(tiny, towns=("永兴镇", "白沙镇"), scope=SCOPE))


@pytest.mark.parametrize(
    "text", ["永川摊位费能减免吗", "成都的残疾人摆摊要钱吗", "我是永川的 摊位费少不少", "我在成都市 残疾人摆摊免费不"]
)
def test_a_question_about_another_place_is_pointed_there(bounds: Bounds, text: str) -> None:
    reading = bounds.keep(ANSWER, text)
    assert (reading.kind, reading.topic) == ("signpost", "signpost:bus")


@pytest.mark.parametrize(
    "text",
    [
        "永兴镇摊位费能减免吗",
        "我在成都路摆摊 残疾人能减免吗",
        "北京时间几点开始",
        "永川人在白沙摆摊 摊位费少不",
        "本区和永川 摊位费一样不",
        "以前在成都打工 想摆摊",
        "从永川回来的 想摆摊",
        "摊位费能减免吗",
    ],
)
def test_a_name_that_means_no_other_place_changes_nothing(bounds: Bounds, text: str) -> None:
    assert bounds.keep(ANSWER, text) == ANSWER


@pytest.mark.parametrize("text", ["我在成都读大学 想摆摊", "我户口在永川 想摆摊", "永川人 想摆摊"])
def test_somebody_who_lives_or_studies_elsewhere_is_answered_and_the_place_named(bounds: Bounds, text: str) -> None:
    reading = bounds.keep(ANSWER, text)
    assert (reading.kind, reading.topic) == ("answer", "stall-rent")
    assert reading.elsewhere in SCOPE.places


@pytest.mark.parametrize("text", ["永川呢", "那成都有没得", "我在永川"])
def test_a_place_alone_is_pointed_there_too(bounds: Bounds, text: str) -> None:
    assert bounds.keep(Reading("none"), text).topic == "signpost:bus"


def test_what_is_no_question_about_the_plan_stays(bounds: Bounds) -> None:
    for reading in (Reading("none"), Reading("action", action="human"), Reading("safety", "safety:despair")):
        assert bounds.keep(reading, "成都的火锅好吃不") == reading


@pytest.mark.parametrize(
    "text",
    [
        "我不是残疾人我爸是 我能摆摊吗",
        "我不是残疾人 能摆摊吗",
        "没有残疾的人能减免吗",
        "没得残疾可以不",
        "农民工摊位费减免",
        "普通人能摆不",
    ],
)
def test_somebody_who_is_plainly_not_disabled_is_told_whom_the_plan_is_for(bounds: Bounds, text: str) -> None:
    assert bounds.keep(ANSWER, text).topic == "action:human"


@pytest.mark.parametrize(
    "text",
    [
        "我没有残疾证 能摆摊吗",
        "有没有残疾人的摊位",
        "是不是残疾人都减免",
        "我不是残疾人 帮聋人哥哥问摊位费",
        "残疾农民工摊位费减免",
        "我们厂一百人没有残疾人 会罚不",
        "老婆不是残疾人 我是 能一起摆摊不",
    ],
)
def test_a_word_of_disability_beside_it_overrules(bounds: Bounds, text: str) -> None:
    assert bounds.keep(ANSWER, text) == ANSWER


def test_choices_are_kept_within_the_bounds_too(bounds: Bounds) -> None:
    choices = Reading("choices", choices=("stall-rent", "massage-course"), score=0.4)
    assert bounds.keep(choices, "永川残疾人有啥帮扶").topic == "signpost:bus"


def test_without_a_scope_everything_stays(tiny: Knowledge) -> None:
    assert Bounds(tiny).keep(ANSWER, "永川摊位费") == ANSWER


@pytest.mark.parametrize("text", ["我在成都，摊位费少不", "我是农民工，摊位费少不"])
def test_what_may_be_distress_is_left_to_be_asked_about(bounds: Bounds, text: str) -> None:
    doubtful = Reading("choices", choices=("safety:despair", "stall-rent"), score=0.3)
    assert bounds.keep(doubtful, text) == doubtful
