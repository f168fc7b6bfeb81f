"""Yes or no to what cannot be taken back: plain words settle it, what is in doubt is asked once more."""

from __future__ import annotations

import pytest

from bot.conversation.wording import say
from tests.bot.conversation.conftest import Person
from tests.bot.conversation.test_filling import FOR_ONESELF, registered

NOT_YET = say("settle_delete")


@pytest.fixture
def member(person: Person) -> Person:
    registered(person)
    return person


@pytest.mark.parametrize(
    "yes",
    ["是", "是的", "对头", "嗯", "确定", "要得", "可以", "都删掉", "删", "删吧，谢谢", "对，都删了嘛", "确定删除"],
)
def test_a_plain_yes_to_whether_to_delete_deletes(member: Person, yes: str) -> None:
    member.says("删除我的登记", yes)
    assert member.state.registrations == ()


@pytest.mark.parametrize("no", ["不", "不是", "不删", "莫删", "算了", "还是不删了", "不，留着"])
def test_a_plain_no_keeps_it(member: Person, no: str) -> None:
    assert NOT_YET not in member.says("删除我的登记", no)
    assert member.state.registrations


@pytest.mark.parametrize(
    "doubtful",
    [
        "不要了",
        "是不是",
        "删不删",
        "是，不删",
        "好的我想想",
        "好的谢谢",
        "嗯…",
        "嗯？",
        "要好久",
        "天要下雨了",
        "他是盲人",
    ],
)
def test_what_is_in_doubt_is_asked_once_more_and_deletes_nothing(member: Person, doubtful: str) -> None:
    assert member.says("删除我的登记", doubtful).startswith(NOT_YET)
    assert member.state.registrations
    member.says("是")
    assert member.state.registrations == ()


@pytest.mark.parametrize("text", ["都可以", "真的嘛", "确定嘛", "可以吗", "随便"])
def test_who_asks_back_or_does_not_care_has_said_no_yes(member: Person, text: str) -> None:
    member.says("删除我的登记", text)
    assert member.state.registrations


@pytest.mark.parametrize("text", ["我再想想", "让我想一下"])
def test_who_wants_to_think_keeps_it(member: Person, text: str) -> None:
    member.says("删除我的登记", text)
    assert member.state.registrations
    assert member.state.open is None or not any(one.act.startswith("delete-sure") for one in member.state.open.options)


def test_once_it_was_said_how_to_answer_a_hum_is_no_yes(member: Person) -> None:
    member.says("删除我的登记", "嗯？", "嗯")
    assert member.state.registrations


@pytest.mark.parametrize("text", ["好", "要得嘛", "好的"])
@pytest.mark.parametrize("asked", ["取消", "重来"])
def test_who_was_asked_whether_to_give_up_hands_in_nothing_by_doubtful_words(
    person: Person, asked: str, text: str
) -> None:
    person.says(*FOR_ONESELF, asked, text, text)
    assert person.state.registrations == ()


def test_a_hum_is_no_yes_either_after_the_question_was_put_in_other_words(member: Person) -> None:
    member.says("删除我的登记", "简单", "简单", "嗯")
    assert member.state.registrations


def test_the_second_doubt_leaves_it_and_says_that_nothing_was_deleted(member: Person) -> None:
    assert member.says("删除我的登记", "天要下雨了", "天要下雪了") == say("nothing_deleted")
    member.says("是")
    assert member.state.registrations


def test_to_ask_for_it_again_is_no_yes(member: Person) -> None:
    member.says("删除我的登记", "删除我的登记")
    assert member.state.registrations


def test_after_another_question_was_answered_a_yes_is_for_that(member: Person) -> None:
    member.says("删除我的登记", "摊位费", "是")
    assert member.state.registrations


def test_what_was_shown_in_between_leaves_the_question_asked(member: Person) -> None:
    assert NOT_YET in member.says("删除我的登记", "隐私")
    member.says("不删")
    assert member.state.registrations


@pytest.mark.parametrize("yes", ["是", "对", "对头", "嗯", "确定", "要得", "不填了", "嗯，不填了"])
def test_a_plain_yes_to_whether_to_give_up_the_form_does(person: Person, yes: str) -> None:
    person.says("我要登记", "同意", "我自己", "三十五", "取消", yes)
    assert person.state.draft is None


@pytest.mark.parametrize("yes", ["是", "对", "确定"])
def test_a_yes_to_giving_up_is_no_yes_to_what_was_told_before(person: Person, yes: str) -> None:
    person.says("我要登记", "同意", "我自己", "我读过小学，三十五岁", "不同意", "老王", "打电话", "13812345678")
    assert "小学" in person.says("白沙", "按摩")
    person.says("选好了", "取消", yes)
    assert person.state.draft is None


@pytest.mark.parametrize("no", ["不是", "接着填", "还要填"])
def test_a_no_to_giving_up_goes_on_with_the_form(person: Person, no: str) -> None:
    assert say("form_resumed") in person.says("我要登记", "同意", "我自己", "三十五", "取消", no)


@pytest.mark.parametrize("doubtful", ["不", "不要", "算了", "好", "好的我想想"])
def test_what_may_mean_either_is_asked_once_more(person: Person, doubtful: str) -> None:
    assert say("settle_leave") in person.says("我要登记", "同意", "我自己", "三十五", "取消", doubtful)
    assert person.state.draft is not None


def test_a_yes_to_starting_over_starts_over(person: Person) -> None:
    person.says("我要登记", "同意", "我自己", "三十五", "重来", "是")
    assert person.state.draft is not None
    assert not person.state.draft.answers


def test_a_yes_to_whether_all_is_right_hands_it_in(person: Person) -> None:
    person.says(*FOR_ONESELF, "没有了", "是")
    assert person.state.registrations


@pytest.mark.parametrize("asked", ["删除我的登记", "把我问的问题都删了"])
def test_distress_comes_before_the_question(member: Person, asked: str) -> None:
    assert NOT_YET not in member.says(asked, "不想活了")
    assert member.state.topic == "safety:despair"


def test_distress_comes_before_the_question_in_a_form_too(person: Person) -> None:
    person.says("我要登记", "同意", "我自己", "三十五", "取消", "不想活了")
    assert person.state.topic == "safety:despair"


def test_whoever_was_in_distress_and_wants_to_be_left_alone_is_not_asked_about_data(member: Person) -> None:
    assert "真的要删掉" not in member.says("不想活了", "不要找我了")
