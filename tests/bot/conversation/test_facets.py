"""What is answered to a question about one side of a policy, for every policy and every side."""

from __future__ import annotations

import re
from datetime import date
from itertools import product

import pytest

from bot import data_files
from bot.conversation.assistant import Assistant
from bot.conversation.facets import facet_answer
from bot.conversation.followups import asked
from bot.conversation.state import State
from bot.conversation.wording import say
from intents import Reading
from knowledge import Knowledge
from knowledge.model import FACETS, Policy
from knowledge.plan_text import HEAD
from tests.bot.conversation.conftest import Person
from tests.bot.conversation.test_followups import QUESTIONS

TODAY = date(2026, 3, 2)
QUOTED = say("quote", clause="", text="").partition("（")[0]
SILENT = "方案没有写"
QUANTITY = re.compile(r"\d+(?:%|年|月|日|人|名|个|次)")


def answered(knowledge: Knowledge, policy: Policy, question: str, *, easy: bool = False) -> list[str]:
    """Return the lines that are answered to ``question`` when the policy was spoken of just before."""
    sides = asked(question)
    assert sides is not None
    text = facet_answer(knowledge, policy.id, sides, easy=easy, today=TODAY)
    assert text is not None
    return text.splitlines()


def measures(knowledge: Knowledge) -> list[Policy]:
    """Return the policies that are about a measure, not about the plan as a whole."""
    return [policy for policy in knowledge.policies if set(policy.clauses) != {HEAD}]


def test_what_can_be_stated_can_be_asked_about() -> None:
    sides = data_files.read("bot.conversation", "followups.yaml")["facets"]
    assert {*FACETS, "who"} == {name for name, side in sides.items() if "unsaid" in side}
    assert set(FACETS) <= set(QUESTIONS)


@pytest.mark.parametrize("facet", FACETS)
def test_what_the_plan_states_is_quoted_first_however_it_is_asked(shipped: Knowledge, facet: str) -> None:
    for policy, question in product(shipped.policies, QUESTIONS[facet]):
        stated = policy.stated.get(facet, ())
        lines = answered(shipped, policy, question)
        expected = [say("quote", clause=quote.clause, text=quote.text) for quote in stated]
        assert lines[: len(expected)] == expected, (policy.id, question)


@pytest.mark.parametrize("facet", FACETS)
def test_what_the_plan_does_not_state_is_said_shortly_and_first(shipped: Knowledge, facet: str) -> None:
    for policy in measures(shipped):
        if facet == "how" or policy.stated.get(facet) or shipped.plan.stated.get(facet):
            continue
        first = answered(shipped, policy, QUESTIONS[facet][0])[0]
        assert SILENT in first, policy.id
        assert len(first) <= 60


def test_every_quantity_that_a_policy_quotes_is_stated_on_some_side(shipped: Knowledge) -> None:
    for policy in measures(shipped):
        stated = "".join(quote.text for quotes in policy.stated.values() for quote in quotes)
        quoted = {found for quote in policy.quotes for found in QUANTITY.findall(quote.text)}
        assert {quantity for quantity in quoted if quantity not in stated} == set(), policy.id


def test_how_long_the_subsidy_runs_is_told(shipped: Knowledge) -> None:
    policy = shipped.by_key["low-income-employment-subsidy"]
    assert isinstance(policy, Policy)
    for question in ("能领好久", "期限多长", "可以领几个月"):
        assert "累计期限不超过1年" in answered(shipped, policy, question)[0]


def test_of_two_sides_asked_about_at_once_both_are_answered(shipped: Knowledge) -> None:
    policy = shipped.by_key["low-income-employment-subsidy"]
    assert isinstance(policy, Policy)
    assert answered(shipped, policy, "在哪里，要好多钱")[:2] == [
        "方案没有写：每月多少钱。",
        "这一项，方案没有写在哪里。",
    ]
    assert answered(shipped, policy, "好久")[:2] == [
        "方案原文（一（六）1）：“累计期限不超过1年”",
        "方案没有写：何时到账。",
    ]


def test_the_detail_comes_before_what_it_is_about_and_whether_it_still_holds(shipped: Knowledge) -> None:
    for policy in measures(shipped):
        lines = answered(shipped, policy, "具体多少钱")
        assert lines[-2] == say("about", title=policy.title)
        assert "2024年" in lines[-1]
        assert policy.answer not in lines


def test_whom_to_ask_today_is_said_at_length_only_to_whoever_asks_about_time(shipped: Knowledge) -> None:
    for policy in measures(shipped):
        assert answered(shipped, policy, "什么时候申请")[-1].endswith(shipped.plan.ask_today)
        assert answered(shipped, policy, "没有残疾证行吗")[-1] == say("over_easy", until=2024)


def test_easy_words_say_easily_that_it_is_over(shipped: Knowledge) -> None:
    for policy in measures(shipped):
        assert answered(shipped, policy, "具体多少钱", easy=True)[-1] == say("over_easy", until=2024)


@pytest.mark.parametrize("question", QUESTIONS["original"])
def test_the_plans_own_words_are_those_of_the_topic(shipped: Knowledge, question: str) -> None:
    for policy in shipped.policies:
        text = "\n".join(answered(shipped, policy, question))
        assert all(quote.text in text for quote in policy.quotes)
        assert shipped.plan.page in text


def test_whether_it_still_holds_is_said_first(shipped: Knowledge) -> None:
    for policy in shipped.policies:
        assert "年限已经过了" in answered(shipped, policy, "有没有新的")[0]


def test_of_the_plan_as_a_whole_it_is_not_said_that_it_is_silent(shipped: Knowledge) -> None:
    overview = shipped.by_key["plan-overview"]
    assert isinstance(overview, Policy)
    assert answered(shipped, overview, "没有残疾证行吗")[0] == say("which_measure")
    assert "负责的部门" in answered(shipped, overview, "在哪里")[0]


def test_of_several_points_left_open_the_one_that_was_named_is_told(shipped: Knowledge) -> None:
    person = Person(Assistant(shipped, lambda _: Reading("none")))
    person.state = State(topic="tobacco-license")
    assert "方案没有写：距离能不能放宽。" in person.says("距离那些有没得要求").splitlines()


def test_a_signpost_is_not_read_out_again_for_a_detail(shipped: Knowledge) -> None:
    for key in (f"signpost:{signpost.id}" for signpost in shipped.signposts):
        person = Person(Assistant(shipped, lambda _: Reading("none")))
        person.state = State(topic=key)
        entry = shipped.by_key[key]
        assert entry.easy in person.says("要等好久")  # type: ignore[attr-defined]
        assert entry.title in person.heard


@pytest.mark.parametrize("side", [side for side in QUESTIONS if side not in ("again", "text_way")])
def test_a_follow_up_stays_with_its_topic_whatever_else_it_might_be(shipped: Knowledge, side: str) -> None:
    sure_of_another = Reading("signpost", "signpost:disability-certificate-apply", score=0.99)
    person = Person(Assistant(shipped, lambda _: sure_of_another))
    for question in QUESTIONS[side]:
        person.state = State(topic="training-subsidy")
        person.says(question)
        assert person.state.topic == "training-subsidy", question
        assert "参加培训的学费、生活费和车费补贴" in person.heard


def test_the_same_topic_asked_about_again_is_answered_by_the_side_that_is_new(shipped: Knowledge) -> None:
    person = Person(Assistant(shipped, lambda _: Reading("answer", "state-owned-jobs", score=0.95)))
    whole = person.says("国企招残疾人吗")
    assert len(person.says("国企要考试才进得去吗")) < len(whole) / 2
    assert "根据规定的原则和程序招聘" in person.lines[0]


def test_another_topic_that_is_read_surely_is_not_taken_for_a_side_of_the_open_one(shipped: Knowledge) -> None:
    readings = {"距离那些有没得要求": Reading("answer", "incubation-base", score=0.9)}
    person = Person(Assistant(shipped, lambda text: readings.get(text, Reading("none"))))
    person.state = State(topic="tobacco-license")
    person.says("距离那些有没得要求")
    assert person.state.topic == "incubation-base"


@pytest.mark.parametrize("ways", [("我要登记",), ("我要登记", "同意"), ("我要登记", "1")])
def test_in_a_form_nothing_leans_on_what_was_said_before_its_question(person: Person, ways: tuple[str, ...]) -> None:
    person.says("摊位费", *ways)
    assert person.state.in_form
    assert "说的是" not in person.says("要钱不")


def test_in_a_form_what_was_answered_in_its_middle_can_be_asked_on_about(person: Person) -> None:
    person.says("我要登记", "摊位费")
    assert say("about", title="摆摊少收摊位费") in person.says("要好多钱")


def test_what_may_be_distress_is_not_taken_for_a_side(shipped: Knowledge) -> None:
    reading = Reading("choices", choices=("safety:despair", "tobacco-license"), score=0.3)
    person = Person(Assistant(shipped, lambda _: reading))
    person.state = State(topic="tobacco-license")
    assert shipped.by_key["safety:despair"].title in person.says("还要熬几天呢")


@pytest.mark.parametrize("question", ["有年龄限制吗", "外地户口可以吗", "可以网上申请吗"])
def test_without_a_topic_a_follow_up_is_read_like_any_other(shipped: Knowledge, question: str) -> None:
    person = Person(Assistant(shipped, lambda _: Reading("answer", "four-ones-service", score=0.9)))
    person.says(question)
    assert person.state.topic == "four-ones-service"
