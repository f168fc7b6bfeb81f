"""What somebody wants done with what is kept of them: what is named, and no more than that."""

from __future__ import annotations

import pytest

from bot.conversation.assistant import Assistant
from bot.conversation.wishes import wish
from bot.conversation.wording import say
from intents import Reading
from knowledge import Knowledge
from tests.bot.conversation.conftest import Person
from tests.bot.conversation.test_filling import FOR_ONESELF, at_step, registered

CATEGORY = {"categories", "certificate", "help"}
OF_THE_DISABILITY = ["残疾信息删掉", "把残疾的删了 其他留着", "收回残疾那部分的同意", "把我的残疾情况删掉"]


@pytest.fixture
def member(person: Person) -> Person:
    registered(person)
    return person


@pytest.mark.parametrize(
    "text", ["把我的资料发一份给我", "给我一份我的登记", "我想要一份我的信息", "导出我的资料", "给我导出一份我的登记"]
)
def test_who_asks_for_a_copy_gets_one(member: Person, text: str) -> None:
    member.says(text)
    assert any(reply.file for reply in member.replies)


@pytest.mark.parametrize("text", OF_THE_DISABILITY)
def test_only_what_tells_of_the_disability_is_deleted_where_only_that_is_named(member: Person, text: str) -> None:
    assert member.says(text).startswith(say("uncategory_sure", name="王建国"))
    member.says("对头")
    (kept,) = member.state.registrations
    assert not CATEGORY & kept.answers.keys()
    assert kept.answers["name"] == "王建国"
    assert [one.agreed for one in kept.consents if one.kind == "category_consent"] == [False]


def test_what_may_be_about_no_more_than_the_disability_is_asked(
    assistant: Assistant, tiny: Knowledge, member: Person
) -> None:
    reading = Reading("action", action="withdraw", score=0.9)
    other = Person(Assistant(tiny, lambda _: reading, assistant._filling))
    other.state = member.state
    assert other.says("我不同意你们记我的残疾了").startswith(say("withdraw_what"))


def test_a_no_leaves_it(member: Person) -> None:
    assert member.says("残疾信息删掉", "不") == say("kept")
    assert member.state.registrations[0].answers.keys() >= CATEGORY


def test_where_nothing_of_the_kind_is_kept_it_says_so(member: Person) -> None:
    member.says("残疾信息删掉", "是")
    assert member.says("残疾信息删掉") == say("category_not_kept")


@pytest.mark.parametrize("text", ["我问过的话删掉", "我要删了我说过的话", "把我问的问题都删了"])
def test_the_questions_go_and_the_registration_stays(member: Person, text: str) -> None:
    assert say("forget_kept") in member.says(text)
    assert not member.state.forgotten
    member.says("是")
    assert member.state.forgotten
    assert member.state.registrations


@pytest.mark.parametrize("text", ["不用找我了", "莫再联系我了", "找到工作了，不用联系我了"])
def test_who_wants_to_hear_no_more_is_asked_whether_to_delete(member: Person, text: str) -> None:
    assert "真的要删掉王建国的登记吗" in member.says(text)


@pytest.mark.parametrize("text", ["不用给我打电话了", "你们不要给我打电话"])
def test_who_wants_no_calls_may_change_the_way_or_delete(member: Person, text: str) -> None:
    assert member.says(text).startswith(say("no_calls", way="打电话"))
    assert "怎么联系" in member.says("1")


def test_without_a_registration_nothing_is_to_be_deleted(person: Person) -> None:
    assert "真的要删掉" not in person.says("不用找我了")
    assert person.says("把我的资料发一份给我").startswith(say("no_registration"))


@pytest.mark.parametrize("text", ["残疾那块不要了", "别问我残疾了", "我改主意了 残疾的不要记了"])
def test_in_the_form_what_tells_of_the_disability_goes_and_the_form_goes_on(person: Person, text: str) -> None:
    person.says(*FOR_ONESELF[:13])
    assert say("category_dropped") in person.says(text)
    draft = person.state.draft
    assert draft is not None
    assert not CATEGORY & draft.answers.keys()
    assert draft.answers["category_consent"] == "no"
    assert draft.step == "education"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("登记资料发我一份可以不", "copy"),
        ("我电话填对了不", "read_back"),
        ("其他的不要删，只删残疾的", "category"),
        ("残疾类别不要，删掉", "category"),
    ],
)
def test_a_no_that_asks_or_spares_the_rest_denies_nothing(text: str, wanted: str) -> None:
    assert wish(text) == wanted


@pytest.mark.parametrize(
    "text", ["残疾类别不要删", "残疾类别要不要记", "残疾情况要不要", "不要撤残疾情况", "不删问过的话", "你们要不要找我"]
)
def test_who_denies_or_asks_it_wants_nothing_deleted(text: str) -> None:
    assert wish(text) is None


@pytest.mark.parametrize("text", ["现在填了些啥子", "我要看下记了些啥子", "我电话是不是填对了", "你们存了我哪些东西"])
def test_in_the_form_what_was_filled_in_is_read_back(person: Person, text: str) -> None:
    at_step(person, "读书读到哪里")
    assert say("so_far") in person.says(text)
    assert "电话：138 1234 5678" in person.heard
    assert "读书读到哪里" in person.heard


def test_what_was_just_shown_is_read_again(member: Person) -> None:
    shown = member.says("我的登记")
    assert member.says("再念一遍") == shown


def test_at_the_check_page_reading_back_is_to_show_it_again(person: Person) -> None:
    person.says(*FOR_ONESELF)
    page = person.heard
    assert person.says("念一遍给我听") == page


@pytest.mark.parametrize("text", ["给我一份工作", "我的残疾证", "不要", "登记", "删", "残疾"])
def test_other_words_are_no_such_wish(person: Person, text: str) -> None:
    person.says(text)
    assert say("category_not_kept") not in person.heard
    assert say("so_far") not in person.heard
