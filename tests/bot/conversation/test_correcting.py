"""Correcting what was answered: in the middle of the form, at its check page, and after it was handed in."""

from __future__ import annotations

import pytest

from bot.conversation.registration import Answer
from bot.conversation.wording import say
from tests.bot.conversation.conftest import Person
from tests.bot.conversation.test_filling import FOR_ONESELF, registered


@pytest.fixture
def halfway(person: Person) -> Person:
    """Somebody who is asked for the kind of disability; age, name, phone and town are answered."""
    person.says(*FOR_ONESELF[:10])
    assert person.state.draft is not None
    assert person.state.draft.step == "categories"
    return person


def answers(person: Person) -> dict[str, Answer]:
    assert person.state.draft is not None
    return dict(person.state.draft.answers)


@pytest.mark.parametrize(
    ("text", "step", "value"),
    [
        ("哎不对，我电话写错了，应该是13896041293", "phone", "+8613896041293"),
        ("我电话说错了 13896041293", "phone", "+8613896041293"),
        ("把电话改成13896041293", "phone", "+8613896041293"),
        ("13896041293才对，前面那个号码记错了", "phone", "+8613896041293"),
        ("镇写错了，应该是双福", "town", "双福街道"),
        ("我的住址刚才填错了，其实是永兴", "town", "永兴镇"),
        ("不好意思，名字打错了，应该是李建国", "name", "李建国"),
        ("联系方式换成发短信", "contact_way", "sms"),
        ("岁数报错了，是三十一岁", "age", "30-39"),
    ],
)
def test_an_answer_named_with_what_it_is_to_be_is_changed(halfway: Person, text: str, step: str, value: str) -> None:
    halfway.says(text)
    assert answers(halfway)[step] == value
    assert "残疾类别" in halfway.heard


@pytest.mark.parametrize(
    ("text", "step", "value"),
    [
        ("我搞错了，是双福", "town", "双福街道"),
        ("不对，我住鼎山", "town", "鼎山街道"),
        ("说错了，我今年50岁", "age", "50-59"),
        ("弄错了，应该是13896041293", "phone", "+8613896041293"),
        ("不对不对，发短信", "contact_way", "sms"),
    ],
)
def test_a_value_that_only_one_answer_can_be_need_not_be_named(
    halfway: Person, text: str, step: str, value: str
) -> None:
    halfway.says(text)
    assert answers(halfway)[step] == value


@pytest.mark.parametrize("text", ["我的电话好像写错了", "帮我改一下电话", "电话填错了咋个办"])
def test_an_answer_named_without_what_it_is_to_be_is_asked_anew(halfway: Person, text: str) -> None:
    assert "打哪个电话" in halfway.says(text)
    assert "现在填的是：138 1234 5678" in halfway.heard


@pytest.mark.parametrize("text", ["身份证上名字写错了", "工作不对口", "这样对不对", "我以前的工作换了几次", "换个问题"])
def test_what_is_no_correction_changes_nothing(halfway: Person, text: str) -> None:
    before = answers(halfway)
    halfway.says(text)
    assert answers(halfway) == before
    assert halfway.state.draft is not None
    assert halfway.state.draft.step == "categories"


def test_what_answers_the_present_question_corrects_no_earlier_one(person: Person) -> None:
    person.says(*FOR_ONESELF[:8], "不对，我住鼎山")
    assert answers(person)["town"] == "鼎山街道"


def test_a_mistake_told_in_free_words_is_only_told(person: Person) -> None:
    person.says(*FOR_ONESELF[:15], "以前在厂里记账，老板总说我电话写错了，就没做了")
    assert "以前在厂里记账" in str(answers(person)["more"])


@pytest.mark.parametrize(
    ("text", "step", "value"),
    [
        ("把称呼改成王晓燕", "name", "王晓燕"),
        ("年龄我三十五", "age", "30-39"),
        ("文化程度小学", "education", "primary"),
        ("不对，是德感", "town", "德感街道"),
    ],
)
def test_at_the_check_page_an_answer_is_changed_at_once(person: Person, text: str, step: str, value: str) -> None:
    assert person.says(*FOR_ONESELF, text).startswith(say("check_page"))
    assert answers(person)[step] == value


@pytest.mark.parametrize("text", ["改第5项", "第5项错了", "我要改5", "第五个不对"])
def test_at_the_check_page_a_line_is_named_by_its_number(person: Person, text: str) -> None:
    person.says(*FOR_ONESELF)
    assert any(line.startswith("5. 电话：") for line in person.lines)
    assert "打哪个电话" in person.says(text)


def test_a_line_that_is_not_there_changes_nothing(person: Person) -> None:
    assert person.says(*FOR_ONESELF, "改第25项").startswith(say("check_unclear"))


def test_what_was_handed_in_is_corrected_by_the_same_words(person: Person) -> None:
    registered(person)
    assert "139 1234 5678" in person.says("我电话说错了 13912345678")
    person.says("提交")
    assert person.state.registrations[0].answers["phone"] == "+8613912345678"


def test_a_question_about_what_changed_is_no_correction(person: Person) -> None:
    registered(person)
    person.says("我工作换了要重新登记吗")
    assert person.state.draft is None


def test_at_the_check_page_more_can_be_said(person: Person) -> None:
    person.says(*FOR_ONESELF, "还有，他周末在康复中心，别那时候打", "另外：会开车")
    assert answers(person)["more"] == "下午接电话方便；他周末在康复中心，别那时候打；会开车"
    assert person.lines[0] == say("check_page")


@pytest.mark.parametrize("text", ["还有哪些要填", "还有，要交钱吗", "还有"])
def test_at_the_check_page_a_question_adds_nothing(person: Person, text: str) -> None:
    person.says(*FOR_ONESELF, text)
    assert answers(person)["more"] == "下午接电话方便"
