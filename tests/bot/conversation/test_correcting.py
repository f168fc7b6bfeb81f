"""Correcting what was answered: in the middle of the form, at its check page, and after it was handed in."""

from __future__ import annotations

import pytest

from bot.conversation.registration import Answer
from bot.conversation.wording import say
from tests.bot.conversation.conftest import Person
from tests.bot.conversation.test_filling import FOR_ANOTHER, FOR_ONESELF, registered


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


@pytest.mark.parametrize("yes", ["是", "对", "1", "是，电话改成 139 1234 5678"])
def test_a_number_by_itself_later_is_offered_as_the_new_one(halfway: Person, yes: str) -> None:
    assert "电话改成 139 1234 5678" in halfway.says("13912345678")
    assert answers(halfway)["phone"] == "+8613812345678"
    assert "残疾类别" in halfway.says(yes)
    assert answers(halfway)["phone"] == "+8613912345678"


def test_the_number_stays_where_the_other_is_not_wanted(halfway: Person) -> None:
    assert "残疾类别" in halfway.says("13912345678", "不改")
    assert answers(halfway)["phone"] == "+8613812345678"


@pytest.mark.parametrize("text", ["我电话换了 13912345678", "改电话 13912345678", "打错了，13912345678"])
def test_a_number_beside_a_word_for_change_is_taken_at_once(halfway: Person, text: str) -> None:
    assert say("noted_of", label="电话", value="139 1234 5678") in halfway.says(text)
    assert answers(halfway)["phone"] == "+8613912345678"


@pytest.mark.parametrize(
    "text", ["不对不对 最后是8", "尾号错了，是78", "电话最后一位是9", "我电话少写了一位", "不是这个号码"]
)
def test_a_few_digits_of_the_number_ask_for_it_whole(halfway: Person, text: str) -> None:
    assert "打哪个电话" in halfway.says(text)


def test_the_same_number_again_is_nothing_new(halfway: Person) -> None:
    assert "电话改成" not in halfway.says("13812345678")


@pytest.mark.parametrize("text", ["13912345678", "我的新号码 13912345678", "一三九一二三四五六七八"])
def test_who_registered_and_writes_a_number_is_asked_whether_it_is_the_new_one(person: Person, text: str) -> None:
    registered(person)
    assert "电话改成 139 1234 5678" in person.says(text)
    person.says("对", "提交")
    assert person.state.registrations[0].answers["phone"] == "+8613912345678"


def test_who_registered_and_wants_no_other_number_changes_nothing(person: Person) -> None:
    registered(person)
    assert person.says("13912345678", "不改") == say("change_dropped")
    assert person.state.draft is None


@pytest.mark.parametrize("text", ["我电话换了 13912345678", "改电话 13912345678"])
def test_who_registered_and_says_that_the_number_changed_sees_the_new_one(person: Person, text: str) -> None:
    registered(person)
    assert "139 1234 5678" in person.says(text)


def test_of_several_registrations_it_is_asked_which_is_to_be_changed(person: Person) -> None:
    registered(person)
    person.says("我要登记", "再登记一个人", *FOR_ANOTHER, "提交")
    assert len(person.state.registrations) == 2
    assert person.says("我电话换了 13912345678").startswith(say("which_to_change"))


@pytest.mark.parametrize("text", ["类别错了，是听力", "类别改成听力"])
def test_of_several_choices_the_new_one_takes_the_place_of_the_wrong_one(person: Person, text: str) -> None:
    person.says(*FOR_ONESELF[:13], text)
    assert answers(person)["categories"] == ("hearing",)


def test_what_is_typed_to_a_question_asked_anew_takes_the_place_too(person: Person) -> None:
    person.says(*FOR_ONESELF, "改残疾类别", "听力")
    assert answers(person)["categories"] == ("hearing",)


@pytest.mark.parametrize("texts", [("类别再加一个听力",), ("改残疾类别", "再加一个听力")])
def test_what_is_to_be_added_is_added(person: Person, texts: tuple[str, ...]) -> None:
    person.says(*FOR_ONESELF, *texts)
    assert answers(person)["categories"] == ("vision", "hearing")


def test_a_mistake_of_the_answer_being_asked_for_changes_no_other(person: Person) -> None:
    person.says(*FOR_ONESELF[:6], "发短信", "电话错了")
    assert answers(person)["contact_way"] == "sms"
    assert person.state.draft is not None
    assert person.state.draft.step == "phone"


@pytest.mark.parametrize("text", ["不对，打字", "应该是打电话", "其实是有的"])
def test_a_word_that_may_answer_several_questions_changes_none(person: Person, text: str) -> None:
    person.says(*FOR_ONESELF[:6], "发短信", *FOR_ONESELF[7:13])
    before = answers(person)
    person.says(text)
    assert answers(person).items() >= before.items()


@pytest.mark.parametrize("text", ["残疾证写错了", "医院把名字写错了", "12333的号码不对", "你们给的电话错了"])
def test_mistakes_in_other_papers_open_no_registration(person: Person, text: str) -> None:
    registered(person)
    person.says(text)
    assert person.state.draft is None
