"""Questions that lean on the topic just spoken of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.followups import facet


@pytest.mark.parametrize(
    ("side", "messages"),
    [
        ("money", ["要好多钱", "多少钱？", "那补贴好多嘛", "免费吗", "要不要钱", "这个要交钱吗", "一个月好多"]),
        ("who", ["那找哪个", "找谁", "该找哪个部门呢", "电话是多少", "在哪里办", "归哪个管"]),
        ("how", ["怎么申请", "咋个办", "要带啥子材料", "那要什么手续"]),
        ("when", ["好久", "什么时候截止", "过期没有", "什么时候可以办"]),
        ("conditions", ["有啥子条件", "那我可以申请吗", "哪些人可以"]),
        ("text_way", ["我不想打电话", "打不了电话", "我说不了话", "听不见"]),
        ("again", ["再说一遍", "什么意思", "啥子"]),
    ],
)
def test_it_is_known_what_is_asked(side: str, messages: list[str]) -> None:
    assert {message: facet(message) for message in messages} == dict.fromkeys(messages, side)


@pytest.mark.parametrize(
    "message",
    ["创业基地要好多钱", "残疾证怎么办理", "我要登记", "那", "嗯", "要得", "", "按摩", "公交车免费吗", "好的"],
)
def test_what_can_stand_alone_is_none(message: str) -> None:
    assert facet(message) is None


@given(st.text(st.sampled_from("那我想问要的了呢钱好多少啥子哪个"), max_size=5000))
def test_any_text_is_answered_at_once(text: str) -> None:
    facet(text)
