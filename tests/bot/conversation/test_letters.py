"""留言: what a person says to the staff through the assistant."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.conversation.message import Letter
from bot.conversation.receipts import shown
from bot.conversation.wording import say
from tests.bot.conversation.conftest import Person
from tests.bot.conversation.test_filling import FOR_ANOTHER, registered


@pytest.fixture
def member(person: Person) -> Person:
    registered(person)
    return person


def receipt_of(person: Person) -> str:
    return person.state.registrations[0].receipt


def letters(person: Person) -> list[Letter]:
    return [reply.letter for reply in person.replies if reply.letter is not None]


def written_to(person: Person, days_ago: int = 1) -> None:
    """The staff wrote about the person's registration."""
    person.state = replace(person.state, staff_wrote=(receipt_of(person), person.at - timedelta(days=days_ago)))


@pytest.mark.parametrize("opening", ["留言", "回话", "给工作人员留言", "我要留言", "回复工作人员"])
def test_what_follows_the_word_is_passed_on(member: Person, opening: str) -> None:
    heard = member.says(f"{opening}：明天上午可以打电话")
    assert letters(member) == [Letter(receipt_of(member), "明天上午可以打电话")]
    assert heard == say("letter_sent", receipt=shown(receipt_of(member)))


def test_after_the_word_alone_the_next_message_is_passed_on(member: Person) -> None:
    assert member.says("留言") == say("letter_ask")
    assert letters(member) == []
    member.says("摊位费能减吗")
    assert letters(member) == [Letter(receipt_of(member), "摊位费能减吗")]
    member.says("摊位费能减吗")
    assert letters(member) == []


def test_it_can_be_begun_from_ones_registration(member: Person) -> None:
    member.says("摊位费能减吗", "我的登记")
    assert member.presses(say("mine_letter")) == say("letter_ask")
    member.says("我换了班次")
    assert letters(member) == [Letter(receipt_of(member), "我换了班次")]


@pytest.mark.parametrize("word", ["取消", "返回"])
def test_it_can_be_taken_back_before_it_is_written(member: Person, word: str) -> None:
    member.says("留言")
    assert member.says(word) == say("letter_dropped")
    assert letters(member) == []


@pytest.mark.parametrize("word", ["人工", "我的登记", "帮助"])
def test_a_command_is_a_command_also_where_a_letter_is_awaited(member: Person, word: str) -> None:
    member.says("留言", word)
    assert letters(member) == []
    member.says("好晓得了")
    assert letters(member) == []


def test_without_a_registration_it_says_what_to_do(person: Person) -> None:
    assert person.says("留言 你们什么时候上班") == say("letter_needs_registration")
    assert letters(person) == []


def test_with_several_registrations_it_asks_whose_and_keeps_the_words(member: Person) -> None:
    member.says("我要登记", "再登记一个人", *FOR_ANOTHER, "提交")
    other = member.state.registrations[1]
    assert member.says("留言 他换电话了").startswith(say("letter_about_whom"))
    member.says("2")
    assert letters(member) == [Letter(other.receipt, "他换电话了")]


def test_words_that_make_no_sense_are_offered_to_the_staff_who_wrote(member: Person) -> None:
    written_to(member)
    assert member.says("星期三要得").startswith(say("letter_meant"))
    assert letters(member) == []
    member.presses(say("letter_pass_on"))
    assert letters(member) == [Letter(receipt_of(member), "星期三要得")]


@pytest.mark.parametrize("answer", ["好", "好的", "不要", "不是", "3", "45", "不得空", "0"])
def test_a_short_answer_is_offered_to_the_staff_who_wrote(member: Person, answer: str) -> None:
    written_to(member)
    assert member.says(answer).startswith(say("letter_meant"))
    member.says("1")
    assert letters(member) == [Letter(receipt_of(member), answer)]


def test_a_number_is_none_to_the_staff_where_a_list_asks_for_one(member: Person) -> None:
    written_to(member)
    assert say("letter_pass_on") not in member.says("我的登记", "9")


@pytest.mark.parametrize("text", ["有啥帮我的", "摊位费能减吗", "公交", "我想把名字登记上", "不想活了"])
def test_whatever_is_answered_can_be_passed_on_all_the_same(member: Person, text: str) -> None:
    written_to(member)
    member.says(text)
    member.presses(say("letter_for_staff"))
    assert letters(member) == [Letter(receipt_of(member), text)]


def test_nothing_can_be_passed_on_where_no_staff_wrote(member: Person) -> None:
    assert say("letter_for_staff") not in member.says("有啥帮我的")
    assert say("letter_for_staff") not in member.says("摊位费能减吗")


def test_what_is_said_in_several_messages_is_passed_on_together(member: Person) -> None:
    written_to(member)
    member.says("可以")
    assert member.says("星期三要得").startswith(say("letter_meant_all", words="“可以”“星期三要得”"))
    member.says("要带啥子嘛", "要")
    member.says("1")
    assert letters(member) == [Letter(receipt_of(member), "可以\n星期三要得\n要带啥子嘛\n要")]


def asked_and_written_to_again(member: Person, text: str) -> None:
    """Let the person be asked about passing ``text`` on, and the staff write once more before they answer."""
    written_to(member)
    member.says(text)
    member.state = member.state.with_all_put_aside(receipt_of(member))
    written_to(member, 0)


def test_what_was_to_be_passed_on_when_the_staff_wrote_once_more_goes_with_the_answer(member: Person) -> None:
    asked_and_written_to_again(member, "我明天下午三点带身份证来")
    assert member.says("1").startswith("“我明天下午三点带身份证来”“1”")
    member.says("1")
    assert letters(member) == [Letter(receipt_of(member), "我明天下午三点带身份证来\n1")]
    assert member.says("星期三要得").startswith(say("letter_meant"))
    member.says("1")
    assert letters(member) == [Letter(receipt_of(member), "星期三要得")]


def test_what_was_answered_and_only_could_be_passed_on_does_not_go_along(member: Person) -> None:
    asked_and_written_to_again(member, "摊位费能减吗")
    member.says("要得", "1")
    assert letters(member) == [Letter(receipt_of(member), "要得")]


@pytest.mark.parametrize("done", [("留言 我三点来",), ("删掉我问过的话", "1"), ("删掉我的登记", "1")])
def test_nothing_is_left_of_it_once_a_letter_went_or_all_was_to_be_erased(
    member: Person, done: tuple[str, ...]
) -> None:
    asked_and_written_to_again(member, "我明天下午三点带身份证来")
    member.says(*done)
    assert member.state.unsent == ""


@pytest.mark.parametrize("answer", ["是的", "好", "1"])
def test_a_yes_to_whether_to_pass_it_on_passes_it_on(member: Person, answer: str) -> None:
    written_to(member)
    member.says("星期三要得", answer)
    assert letters(member) == [Letter(receipt_of(member), "星期三要得")]


def test_a_form_that_waits_can_be_gone_on_with_instead(member: Person) -> None:
    member.says("我的登记")
    member.presses("改")
    member.state = member.state.with_all_put_aside(receipt_of(member))
    written_to(member)
    assert member.says("好的").startswith(say("letter_meant"))
    assert "提交" in member.presses(say("resume"))


def test_a_question_after_the_staff_wrote_does_not_lean_on_what_was_spoken_of_before(member: Person) -> None:
    member.says("摊位费能减吗")
    member.state = member.state.with_all_put_aside(receipt_of(member))
    written_to(member)
    assert member.says("要好多钱").startswith(say("letter_meant"))


def test_who_was_in_distress_is_still_stayed_with_after_the_staff_wrote(member: Person) -> None:
    member.says("不想活了")
    member.state = member.state.with_all_put_aside(receipt_of(member))
    written_to(member)
    assert member.state.topic == "safety:despair"
    assert "12345" in member.says("不想活了")


@pytest.mark.parametrize("days_ago", [1, 400])
def test_with_several_registrations_nobody_is_written_to_unasked(member: Person, days_ago: int) -> None:
    member.says("我要登记", "再登记一个人", *FOR_ANOTHER, "提交")
    written_to(member, days_ago)
    assert member.says("留言 他换电话了").startswith(say("letter_about_whom"))
    assert letters(member) == []
    member.says("1")
    assert letters(member) == [Letter(receipt_of(member), "他换电话了")]


def test_words_of_which_it_was_asked_whom_they_are_about_are_kept_when_the_staff_write_meanwhile(
    member: Person,
) -> None:
    member.says("我要登记", "再登记一个人", *FOR_ANOTHER, "提交", "留言 他换电话了")
    member.state = member.state.with_all_put_aside(receipt_of(member))
    assert member.state.unsent == "他换电话了"


def test_with_several_registrations_an_answer_is_passed_on_about_the_one_that_is_chosen(member: Person) -> None:
    member.says("我要登记", "再登记一个人", *FOR_ANOTHER, "提交")
    written_to(member)
    member.says("星期三要得")
    assert member.says("1").startswith(say("letter_about_whom"))
    member.says("2")
    assert letters(member) == [Letter(member.state.registrations[1].receipt, "星期三要得")]


def test_distress_in_a_letter_of_several_registrations_leaves_the_choice_open(member: Person) -> None:
    member.says("我要登记", "再登记一个人", *FOR_ANOTHER, "提交", "留言 不想活了", "2")
    assert letters(member) == [Letter(member.state.registrations[1].receipt, "不想活了")]


def test_they_are_not_offered_when_that_was_long_ago(member: Person) -> None:
    written_to(member, days_ago=31)
    assert member.says("星期三要得").startswith(say("none"))


def test_they_are_not_passed_on_against_the_persons_will(member: Person) -> None:
    written_to(member)
    member.says("星期三要得", "2")
    assert letters(member) == []


def test_a_question_is_answered_also_after_the_staff_wrote(member: Person) -> None:
    written_to(member)
    assert "摊位" in member.says("摊位费能减吗")
    assert letters(member) == []


def test_distress_in_a_letter_is_met_at_once_and_the_letter_is_passed_on(member: Person) -> None:
    member.says("留言")
    heard = member.says("不想活了")
    assert heard.index("12345") < heard.index(say("letter_sent", receipt=shown(receipt_of(member))))
    assert letters(member) == [Letter(receipt_of(member), "不想活了")]


def test_numbers_of_identity_cards_are_struck_out(member: Person) -> None:
    member.says("留言 我的号是 500116199001011234 收到没")
    (letter,) = letters(member)
    assert "500116" not in letter.text
    assert say("secret_not_kept") in member.heard


def test_nothing_is_taken_where_others_read_along(member: Person) -> None:
    assert member.says("留言 我想换工作", public=True)
    assert letters(member) == []


def test_a_form_goes_on_after_a_letter(member: Person) -> None:
    member.says("我的登记")
    member.presses("改")
    member.says("留言 我先问问屋头")
    assert letters(member) == [Letter(receipt_of(member), "我先问问屋头")]
    assert "提交" in member.heard


def test_a_letter_about_a_deleted_registration_goes_nowhere(member: Person) -> None:
    member.says("我的登记")
    old = member.replies
    member.says("我的登记", "收回同意，把登记全部删掉", "全部删掉")
    member.replies = old
    member.presses(say("mine_letter"))
    assert letters(member) == []


@pytest.mark.parametrize("text", ["好", "不用", "算了"])
def test_what_is_said_after_distress_is_no_answer_to_the_staff(member: Person, text: str) -> None:
    written_to(member)
    member.says("不想活了", text)
    assert member.state.topic == "safety:despair"
    assert letters(member) == []


def test_after_distress_an_answer_to_a_later_letter_is_offered_to_the_staff(member: Person) -> None:
    member.says("不想活了")
    member.state = member.state.with_all_put_aside(receipt_of(member))
    written_to(member, 0)
    assert member.says("可以").startswith(say("letter_meant"))
