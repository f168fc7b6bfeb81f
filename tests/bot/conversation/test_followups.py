"""Questions that lean on the topic just spoken of."""

from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.followups import asked, asked_among_others, asked_roughly, names_in
from knowledge import Knowledge
from tests.conftest import QUESTIONS as QUESTION_SETS

QUESTIONS = {
    "money": ["要好多钱", "多少钱？", "那补贴好多嘛", "一个月好多", "具体多少钱", "那个标准是多少"],
    "fee": ["免费吗", "要不要钱", "这个要交钱吗", "要钱不", "收不收费"],
    "wage": ["一个月能挣好多", "工资好多", "待遇怎么样"],
    "board": ["包吃不", "管吃住吗"],
    "funding": ["经费从哪里出", "钱从哪儿来", "那哪个出钱"],
    "long": ["能领好久", "期限多长", "可以领几个月", "能待多久", "学好久"],
    "apply": ["什么时候申请", "好久可以报名", "什么时候能领"],
    "when": ["什么时候截止", "好久开班", "那每年什么时候办", "什么时候可以办"],
    "soon": ["钱好久到", "要好久到账", "那要等好久", "多久能批下来"],
    "number": ["那要招几个呢", "能领几次", "多久查一次", "有好多名额"],
    "conditions": ["有啥子条件", "那我可以申请吗", "哪些人可以", "我符合条件吗", "有没得要求"],
    "residence": ["外地户口可以吗", "那农村户口行不行", "户口不在本地可以不"],
    "education": ["没读过书可以吗", "有学历要求吗"],
    "age": ["有年龄限制吗", "我五十二岁了可以不", "多大岁数可以"],
    "certificate": ["没有残疾证行吗", "要残疾人证吗", "没得证可以不"],
    "category": ["三级残疾可以吗", "那聋人呢", "我是低视力可以不", "肢体四级行不行"],
    "proxy": ["那我老婆来办可以不", "家里人能不能代办", "要本人去吗"],
    "exam": ["要考试吗", "要不要面试"],
    "how": ["怎么申请", "咋个办", "那要什么手续", "流程是啥子"],
    "papers": ["要带啥子材料", "要哪些资料", "带什么"],
    "online": ["可以网上申请吗", "手机上能办不", "网上咋个办"],
    "who": ["那找哪个", "找谁", "该找哪个部门呢", "电话是多少", "在哪里办", "归哪个管", "那我该找哪边"],
    "where": ["在哪里", "地址在哪儿", "附近有没有"],
    "which": ["哪个国企", "有哪些岗位", "还有别的没得", "教些什么"],
    "consequences": ["不招会怎样", "没完成要追责不", "不安排要罚款吗"],
    "still": ["有没有新的", "过期没有", "现在还有没得"],
    "original": ["方案原话是咋个写的", "原文是啥子", "真的假的", "在方案第几条"],
    "text_way": ["我不想打电话", "打不了电话", "我说不了话", "听不见"],
    "again": ["再说一遍", "什么意思", "啥子"],
}


def sides(message: str, *own: str) -> list[str]:
    found = asked(message, names_in(*own))
    return [side.name for side in found.sides] if found else []


@pytest.mark.parametrize(("side", "messages"), QUESTIONS.items())
def test_it_is_known_what_is_asked(side: str, messages: list[str]) -> None:
    assert {message: sides(message) for message in messages} == {message: [side] for message in messages}


@pytest.mark.parametrize(
    "message",
    [
        *("创业基地要好多钱", "残疾证怎么办理", "我要登记", "那", "嗯", "要得", "", "按摩", "公交车免费吗", "好的"),
        *("你是做什么的", "你都会啥呀", "没有残疾证怎么办", "户口怎么迁", "现在可以报名不", "哪样都行", "附近"),
    ],
)
def test_what_can_stand_alone_is_none(message: str) -> None:
    assert sides(message) == []


@pytest.mark.parametrize(
    "message",
    [
        "我没得钱",
        "我老了不行了",
        "我真的不行",
        "他要钱",
        "没得工资",
        "我一辈子就这样了",
        "我算了",
        "我是聋人",
        "老板不给",
    ],
)
def test_what_somebody_tells_of_themselves_is_no_question(message: str) -> None:
    assert sides(message) == []


def test_distress_is_never_taken_for_one(shipped: Knowledge) -> None:
    questions = [question for entry in shipped.safety for question in entry.questions]
    assert [question for question in questions if sides(question)] == []


@pytest.mark.parametrize("name", ["dev", "apart-3", "apart-4"])
def test_whole_questions_are_never_taken_for_one(name: str) -> None:
    with (QUESTION_SETS / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        questions = [row["question"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]
    assert [question for question in questions if sides(question)] == []


def test_two_sides_can_be_asked_about_at_once() -> None:
    assert sides("在哪里，要好多钱") == ["money", "where"]


def test_words_that_leave_open_which_side_is_meant_ask_about_all_that_may_be() -> None:
    assert sides("好久") == ["long", "when", "soon"]


def test_the_topic_may_be_named_with_it() -> None:
    assert sides("那个认证每年什么时候办") == []
    assert sides("那个认证每年什么时候办", "按比例就业联网认证") == ["when"]


def test_a_name_is_not_made_across_a_mark() -> None:
    assert "园托" not in names_in("渝馨家园、托养机构")


def test_a_side_can_be_found_among_other_words() -> None:
    found = asked_among_others("国有企业没完成要追责不", frozenset())
    assert found is not None
    assert found.is_about("consequences")
    assert asked_among_others("国有企业", frozenset()) is None


def test_an_unknown_word_among_what_is_asked_leaves_it_likely() -> None:
    found = asked_roughly("最少领多少", frozenset())
    assert found is not None
    assert found.is_about("money")
    assert sides("最少领多少") == []


def test_what_is_no_question_is_not_guessed_to_be_one() -> None:
    assert asked_roughly("没得几天好活", frozenset()) is None


@given(st.text(st.sampled_from("那我想问要的了呢钱好多少啥子哪个"), max_size=5000))
def test_any_text_is_answered_at_once(text: str) -> None:
    asked(text)
    asked_roughly(text, frozenset())
    asked_among_others(text, frozenset())
