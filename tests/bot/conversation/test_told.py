"""Several things told in one message while registering, or at its start: put to the person, never taken for granted."""

from __future__ import annotations

import pytest

from bot.conversation.registration import Answer
from bot.conversation.wording import say
from tests.bot.conversation.conftest import Person

ALL_AT_ONCE = "我想登记，我叫张三，电话13812345678，住白沙，想做客服"
DICTATED = "我想登记我叫张三电话幺三八一二三四五六七八住白沙想做客服"


def told(person: Person) -> dict[str, Answer]:
    assert person.state.draft is not None
    return dict(person.state.draft.told)


def answers(person: Person) -> dict[str, Answer]:
    assert person.state.draft is not None
    return dict(person.state.draft.answers)


@pytest.mark.parametrize("text", [ALL_AT_ONCE, DICTATED])
def test_what_is_told_at_the_start_is_taken_apart_after_the_consent(person: Person, text: str) -> None:
    person.says(text, "同意")
    assert told(person) == {"name": "张三", "phone": "+8613812345678", "town": "白沙镇", "wanted": ("office",)}
    assert answers(person) == {"consent": "yes"}


def test_until_there_is_consent_nothing_of_it_is_kept_in_the_form(person: Person) -> None:
    text = person.says(ALL_AT_ONCE)
    assert "称呼、电话、镇或街道、想做的工作，同意了才记" in text
    assert "您同意这样登记吗" in text
    assert told(person) == answers(person) == {}


def test_without_consent_it_is_gone(person: Person) -> None:
    person.says(ALL_AT_ONCE, "不同意")
    assert "张三" not in repr(person.state)
    assert "138" not in repr(person.state)


def test_each_thing_told_is_put_to_the_person_and_confirmed_by_yes(person: Person) -> None:
    person.says(ALL_AT_ONCE, "同意", "我自己", "30岁", "不同意")
    assert "您前面说了称呼：张三。对吗？" in person.heard
    assert "name" not in answers(person)
    person.says("对", "打电话")
    assert "您前面说了电话：138 1234 5678。对吗？" in person.heard
    person.says("嗯", "1")
    assert "您前面说了：办公室、电脑、客服。" in person.heard
    person.says("对")
    kept = answers(person)
    assert kept["name"] == "张三"
    assert kept["phone"] == "+8613812345678"
    assert kept["town"] == "白沙镇"
    assert kept["wanted"] == ("office",)
    assert told(person) == {}


@pytest.mark.parametrize("words", ["不是", "不对", "2", "不是，我重新说"])
def test_what_was_told_can_be_denied_and_is_asked_anew(person: Person, words: str) -> None:
    person.says(ALL_AT_ONCE, "同意", "我自己", "30岁", "不同意", words)
    assert "怎么称呼您" in person.heard
    assert "name" not in answers(person)
    assert "怎么联系您" in person.says("李四")
    assert answers(person)["name"] == "李四"


def test_another_answer_takes_the_place_of_what_was_told(person: Person) -> None:
    person.says(ALL_AT_ONCE, "同意", "我自己", "30岁", "不同意", "李四")
    assert answers(person)["name"] == "李四"


def test_more_can_be_chosen_than_was_told(person: Person) -> None:
    person.says(ALL_AT_ONCE, "同意", "我自己", "30岁", "不同意", "对", "打电话", "对", "对", "在家里做的", "选好了")
    assert answers(person)["wanted"] == ("home", "office")


def test_things_told_instead_of_consent_are_no_consent(person: Person) -> None:
    text = person.says("我要登记", "同意，我叫张三，电话13812345678")
    assert "您同意登记吗" in text
    assert answers(person) == {}
    person.says("同意")
    assert told(person) == {"name": "张三", "phone": "+8613812345678"}


def test_beside_the_answer_other_things_are_heard_too(person: Person) -> None:
    text = person.says("我要登记", "同意", "我自己，今年35岁，叫张三，住白沙镇")
    assert text.startswith(say("noted", value="我自己"))
    assert "您还说了年龄段、称呼、镇或街道" in text
    assert told(person) == {"age": "30-39", "name": "张三", "town": "白沙镇"}


def test_a_name_among_other_things_answers_its_own_step_alone(person: Person) -> None:
    person.says("我要登记", "同意", "我自己", "42", "不同意", "张三，13812345678，白沙镇")
    assert answers(person)["name"] == "张三"
    assert told(person) == {"phone": "+8613812345678", "town": "白沙镇"}


def test_what_was_skipped_and_is_told_after_all_is_asked(person: Person) -> None:
    person.says("我要登记", "同意", "我自己", "42", "不同意", "张三", "短信", "13812345678", "白沙", "都可以", "跳过")
    assert "想不想学点什么" in person.heard
    person.says("不想学，初中毕业")
    assert "您前面说了文化程度：初中。对吗？" in person.heard


def test_what_is_told_too_early_waits_for_its_step(person: Person) -> None:
    text = person.says("我要登记", "同意", "我自己", "13812345678")
    assert text.startswith(say("told_later", labels="电话"))
    assert "您多大年纪" in text


@pytest.mark.parametrize(
    "text",
    [
        "我妈电话13812345678",  # whose?
        "打过13812345678和13912345678",  # which?
        "我在白沙上过班",
        "我怕打电话",
        "不想做客服",
        "我15岁就聋了",
        "视力残疾一级，有残疾证",  # asked for apart, after its own consent
    ],
)
def test_what_is_doubtful_or_needs_its_own_consent_is_not_taken(person: Person, text: str) -> None:
    person.says("我要登记", "同意", text)
    assert told(person) == {}


def test_of_another_person_only_what_is_told_of_them_counts(person: Person) -> None:
    person.says("我想给儿子登记，我叫李梅，他叫陈小宝，住蔡家，电话13512345678", "同意", "帮别人", "我是他妈妈")
    assert told(person) == {}  # the other person has not agreed yet
    person.says("他今年22岁", "他同意")
    assert told(person) == {"age": "18-29", "name": "陈小宝", "phone": "+8613512345678", "town": "蔡家镇"}


def test_what_is_told_waits_for_the_consent_to_servers_abroad_too(person_abroad: Person) -> None:
    person_abroad.says(ALL_AT_ONCE, "同意")
    assert told(person_abroad) == {}
    person_abroad.says("同意")
    assert told(person_abroad)["name"] == "张三"


def test_what_was_told_of_oneself_is_not_told_of_another(person: Person) -> None:
    person.says("我想登记，我叫李梅，今年50岁", "同意", "帮别人")
    assert told(person) == {}


def test_whoever_tells_all_without_saying_why_is_asked_whether_to_register(person: Person) -> None:
    text = person.says("我叫张三，电话13812345678，住白沙")
    assert say("told_register", labels="称呼、电话、镇或街道") in text
    assert person.state.draft is None
    person.says("1", "同意")
    assert told(person)["name"] == "张三"


@pytest.mark.parametrize("words", ["是的", "对", "嗯", "要得"])
def test_whether_to_register_can_be_answered_by_yes(person: Person, words: str) -> None:
    assert "您同意这样登记吗" in person.says("我叫张三，电话13812345678，住白沙", words)


def test_whether_to_register_can_be_answered_by_no(person: Person) -> None:
    assert person.says("我叫张三，电话13812345678，住白沙", "不是") == say("choices_declined")


def test_under_sixteen_told_at_the_start_needs_no_consent_to_be_explained(person: Person) -> None:
    text = person.says("我想登记，我叫张三，今年15岁，电话13812345678")
    assert text.startswith(say("too_young"))
    assert "张三" not in repr(person.state)


def test_at_the_check_page_a_new_number_is_the_new_answer(person: Person) -> None:
    person.says("我要登记", "同意", "我自己", "42", "不同意", "张三", "短信", "13812345678", "白沙")
    person.says("都可以", "跳过", "跳过", "跳过", "13912345678")
    assert answers(person)["phone"] == "+8613912345678"
    assert person.lines[0] == say("check_page")


@pytest.mark.parametrize("words", ["改年龄", "年龄填错了", "我要改年龄段"])
def test_an_earlier_answer_can_be_named_to_change_it_in_the_middle(person: Person, words: str) -> None:
    person.says("我要登记", "同意", "我自己", "42", "不同意", words)
    assert "现在填的是：40到49岁" in person.heard
    assert "怎么称呼您" in person.says("35岁")
    assert answers(person)["age"] == "30-39"


def test_an_earlier_answer_can_be_changed_in_one_go(person: Person) -> None:
    person.says("我要登记", "同意", "我自己", "42", "不同意", "张三", "名字改成李四")
    assert answers(person)["name"] == "李四"
    assert "怎么联系您" in person.heard


@pytest.mark.parametrize(
    ("text", "step", "value"),
    [("六十二咯", "age", "60plus"), ("我四十五岁满了", "age", "40-49"), ("没读过啥子书", "education", "none")],
)
def test_what_is_told_at_another_question_in_ones_own_words_is_kept(
    person: Person, text: str, step: str, value: str
) -> None:
    said = person.says("我要登记", "同意", text)
    assert told(person) == {step: value}
    assert said.startswith("您还说了")
