"""Agreeing in more words than one. What is in doubt is asked again, never taken for consent."""

from __future__ import annotations

import pytest

from bot.conversation.fields.agreement import agrees, another_agrees


@pytest.mark.parametrize(
    "text",
    [
        "同意同意我的你问吧",
        "我愿意的同意你接着问",
        "我看了，同意",
        "听清楚了，同意",
        "没问题我同意",
        "前面说的我都听明白了，我自愿登记",
        "好的好的，我没意见，往下问嘛",
        "谢谢你，我愿意",
        "我本人完全同意你们使用我的资料",
        "看懂了 同意 开始吧",
        "要得，同意你们记，快问嘛",
    ],
)
def test_agreeing_in_a_sentence_of_ones_own_is_agreeing(text: str) -> None:
    assert agrees(text)


@pytest.mark.parametrize("text", ["行嘛你问嘛", "好，那你们记嘛", "可以的你们问", "好嘛 那就登嘛"])
def test_to_go_on_is_agreeing_only_where_nothing_else_was_asked(text: str) -> None:
    assert agrees(text, to_go_on=True)
    assert not agrees(text)


@pytest.mark.parametrize(
    "text",
    [
        "不太同意",
        "同意不了",
        "我同意什么",
        "不同意",
        "同意，但是不要打电话给我",
        "看完再同意",
        "如果不要钱我就同意",
        "你们非要我同意",
        "你同意我才同意",
        "我老婆同意",
        "同意收回",
        "我同意了会怎么样",
        "我愿意去上班",
        "勉强同意",
        "同意同意个锤子",
        "我知道了",
        "可以问问题",
        "好的，继续",
        "你们问",
        "可以你们问他",
        "行嘛你问我老婆",
        "好嘛你说",
        "那就登嘛",
        "不行你问",
        "同意" * 40,
    ],
)
def test_what_is_in_doubt_or_about_something_else_is_no_consent(text: str) -> None:
    assert not agrees(text)


def test_he_agrees_counts_only_where_the_consent_is_another_persons() -> None:
    assert agrees("他愿意的，你接着问", for_another=True)
    assert not agrees("他愿意的，你接着问")


@pytest.mark.parametrize(
    "text",
    [
        "他同意的，我问过他了",
        "问过他了，同意",
        "他说可以",
        "我儿子说他愿意",
        "刚跟娃儿商量过了，他没意见",
        "前面的我讲给他听了，他点头了",
        "我问了他本人，他自己答应的",
        "他愿意的我问过了",
        "他晓得的也同意",
        "他说要",
    ],
)
def test_what_the_person_registered_said_can_be_passed_on(text: str) -> None:
    assert another_agrees(text, "parent")


@pytest.mark.parametrize(
    "text",
    [
        "同意",
        "可以",
        "我同意",
        "我问过他了，我同意",
        "他妈妈同意",
        "我妈同意",
        "我替他同意",
        "他应该会同意",
        "他说随便",
        "他说要考虑",
        "他说要不得",
        "他们说同意",
        "他晓得的",
        "我问了他，他不愿意",
        "等他同意",
        "他同意吗",
        "我去问他",
        "问过他妈了，同意",
    ],
)
def test_nobody_else_agrees_for_them(text: str) -> None:
    assert not another_agrees(text, "parent")


def test_whose_mother_or_son_agrees_depends_on_who_is_registered() -> None:
    assert another_agrees("我妈同意", "child")
    assert not another_agrees("我儿子同意", "child")
