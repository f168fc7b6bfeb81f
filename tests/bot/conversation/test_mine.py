"""我的登记: seeing, changing, copying, withdrawing, deleting."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from bot.conversation.assistant import Assistant
from bot.conversation.receipts import shown
from bot.conversation.wording import say
from intents import Reading
from knowledge import Knowledge
from tests.bot.conversation.conftest import OFFICE, Person
from tests.bot.conversation.test_filling import FOR_ANOTHER, FOR_ONESELF, registered


@pytest.fixture
def member(person: Person) -> Person:
    registered(person)
    return person


def test_it_shows_everything_that_is_stored(member: Person) -> None:
    text = member.says("我的登记")
    assert shown(member.state.registrations[0].receipt) in text
    for words in ("王建国", "138 1234 5678", "白沙镇", "视力", "盲人按摩", "下午接电话方便"):
        assert words in text


def test_when_nobody_got_in_touch_in_time_it_says_what_to_do(member: Person) -> None:
    member.at += timedelta(days=7)
    assert "以前该有人联系您" not in member.says("我的登记")
    member.at += timedelta(days=1)
    assert "3月9日以前该有人联系您" in member.says("我的登记")
    assert OFFICE.contact in member.heard


def test_what_was_changed_since_puts_the_day_off_no_further(member: Person) -> None:
    (made,) = member.state.registrations
    changed = replace(made, updated=made.created + timedelta(days=6))
    member.state = replace(member.state, registrations=(changed,))
    member.at += timedelta(days=8)
    assert "3月9日以前该有人联系您" in member.says("我的登记")


def test_the_days_until_then_are_those_in_china(member: Person) -> None:
    (made,) = member.state.registrations
    member.state = replace(member.state, registrations=(replace(made, created=made.created.astimezone(UTC)),))
    member.at = (member.at + timedelta(days=7)).replace(hour=23, minute=30).astimezone(UTC)
    assert "以前该有人联系您" not in member.says("我的登记")
    member.at += timedelta(hours=1)
    assert "3月9日以前该有人联系您" in member.says("我的登记")


def test_without_a_registration_it_says_so(person: Person) -> None:
    assert person.says("我的登记").startswith(say("no_registration"))


def test_what_was_asked_can_be_erased_without_a_registration(person: Person) -> None:
    person.says("我的登记", "把我问过的话也删掉")
    assert person.heard == say("forgotten")
    assert person.state.forgotten


def test_a_draft_is_said_to_be_unfinished(person: Person) -> None:
    person.says(*FOR_ONESELF[:6])
    assert person.says("我的登记").startswith(say("draft_only"))


def test_an_answer_can_be_changed(member: Person) -> None:
    receipt = member.state.registrations[0].receipt
    member.says("我的登记")
    member.presses("改")
    (number,) = [line.split(".")[0] for line in member.lines if "镇或街道：" in line]
    member.says(number, "德感")
    assert member.state.registrations[0].answers["town"] == "白沙镇"
    member.says("提交")
    assert member.state.registrations[0].answers["town"] == "德感街道"
    assert member.state.registrations[0].receipt == receipt


@pytest.mark.parametrize("words", ["电话改成13912345678", "我的电话换成13912345678"])
def test_an_answer_can_be_changed_by_naming_it(member: Person, words: str) -> None:
    assert "139 1234 5678" in member.says(words)
    assert member.state.registrations[0].answers["phone"] == "+8613812345678"
    member.says("提交")
    assert member.state.registrations[0].answers["phone"] == "+8613912345678"


def test_naming_what_has_changed_asks_for_it(member: Person) -> None:
    assert "打哪个电话" in member.says("电话换了")


def test_changes_can_be_given_up(member: Person) -> None:
    member.says("我的登记", "改")
    assert member.says("取消", "取消") == say("change_dropped")
    assert member.state.registrations[0].answers["town"] == "白沙镇"


def test_a_copy_holds_answers_consents_and_times(member: Person) -> None:
    member.says("我的登记")
    member.presses("把登记发我一份（文字文件）")
    file = member.replies[0].file
    assert file is not None
    for words in ("王建国", "138 1234 5678", "同意登记：同意（2026-03-02 12:00，说明的版本 2026-11）"):
        assert words in file.content


def test_the_category_consent_can_be_withdrawn_alone(member: Person) -> None:
    member.says("我的登记")
    assert member.presses("收回同意，删掉跟残疾有关的情况") == say("category_withdrawn")
    (registration,) = member.state.registrations
    assert not {"categories", "certificate", "help"} & set(registration.answers)
    (consent,) = [consent for consent in registration.consents if consent.kind == "category_consent"]
    assert not consent.agreed
    assert "收回同意，删掉跟残疾有关的情况" not in member.says("我的登记")


def test_withdrawing_consent_asks_which(member: Person) -> None:
    assert member.says("撤回同意").startswith(say("withdraw_what"))
    assert member.says("1") == say("category_withdrawn")


def test_how_the_data_is_used_can_be_read_again(member: Person) -> None:
    member.says("我的登记")
    text = member.presses("看看怎么用我的信息")
    assert "2年" in text
    assert "同意这样登记吗" not in text


@pytest.mark.parametrize("words", ["删除我的登记", "/delete", "注销登记"])
def test_deleting_asks_once_and_leaves_nothing(member: Person, words: str) -> None:
    member.says(words)
    assert "王建国" in member.heard
    assert member.says("全部删掉").startswith(say("deleted", name="王建国"))
    assert member.state.registrations == ()
    for word in ("王建国", "13812345678"):
        assert word not in repr(member.state)


def test_deleting_can_be_thought_better_of(member: Person) -> None:
    member.says("删除我的登记", "不删，留着")
    assert len(member.state.registrations) == 1


def test_with_several_registrations_it_asks_which(member: Person) -> None:
    member.says("我要登记", "再登记一个人", *FOR_ANOTHER, "提交")
    assert member.says("我的登记").startswith(say("which_registration"))
    assert "您的登记" in member.says("1")


def test_deleting_while_changing_drops_the_changes_too(member: Person) -> None:
    member.says("我的登记", "改", "删除我的登记", "全部删掉")
    assert member.state.draft is None
    assert member.says("继续") == say("nothing_to_continue")


def test_a_half_filled_form_is_not_lost_by_changing_another(member: Person) -> None:
    member.says("我要登记", "再登记一个人", *FOR_ANOTHER[:6], "小张")
    assert member.says("我的登记", "改").startswith(say("draft_first"))
    assert member.state.draft is not None


def test_withdrawing_with_several_registrations_names_whose(member: Person) -> None:
    other = [text.replace("王建国", "张小燕") for text in FOR_ANOTHER]
    member.says("我要登记", "再登记一个人", *other, "提交")
    text = member.says("收回残疾类别的同意")
    assert "1. 王建国：" in text
    assert "2. 张小燕：" in text
    member.says("2")
    assert "categories" in member.state.registrations[0].answers
    assert "categories" not in member.state.registrations[1].answers


def test_what_stands_in_brackets_behind_a_choice_need_not_be_typed(member: Person) -> None:
    member.says("我的登记", "把登记发我一份")
    assert member.heard == say("copy_sent")


def test_wanting_to_be_deleted_while_changing_means_the_registration(assistant: Assistant, tiny: Knowledge) -> None:
    person = Person(assistant)
    registered(person)
    person.says("电话换了")
    person._assistant = Assistant(tiny, lambda _: Reading("action", action="withdraw", score=0.9), assistant._filling)
    assert person.says("我不想搞了 把我名字删了").startswith("真的要删掉王建国的登记吗")


def test_not_wanting_to_change_anything_after_all_leads_back(member: Person) -> None:
    assert member.says("电话换了", "不改了").startswith(say("check_page"))
    assert member.says("不改了", "取消", "取消") == say("change_dropped")
