"""What to call a person, out of what they say about it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.fields.name import LONGEST, NameFault, read_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("王建国", "王建国"),
        ("我叫王建国", "王建国"),
        ("我叫王建国今年35岁", "王建国"),
        ("王建国，今年35岁", "王建国"),
        ("我叫王建国电话13812345678", "王建国"),
        ("姓名 王建国 性别 男", "王建国"),
        ("王 建 国", "王建国"),
        ("王\u200b建\u202e国", "王建国"),
        ("姓李", "李"),
        ("免贵姓陈", "陈"),
        ("我姓张，弓长张", "张"),
        ("叫我小王就行", "小王"),
        ("喊我三娃子嘛", "三娃子"),
        ("您可以叫我李老师", "李老师"),
        ("王师傅", "王师傅"),
        ("王女士。", "王女士"),
        ("小王（男）", "小王"),
        ("名字：李四", "李四"),
        ("称呼：老刘吧", "老刘"),
        ("我妈", "我妈"),
        ("邻居张姐", "邻居张姐"),
        ("欧阳娜娜", "欧阳娜娜"),
        ("阿里木·买买提", "阿里木·买买提"),
        ("阿卜杜热合曼", "阿卜杜热合曼"),
        ("Maria Garcia", "Maria Garcia"),
        ("<b>王</b>", "<b>王</b>"),
    ],
)
def test_the_name_is_taken_out_of_the_words_around_it(text: str, name: str) -> None:
    assert read_name(text) == name


@pytest.mark.parametrize(
    ("fault", "texts"),
    [
        (NameFault.EMPTY, ["", "   ", "\u200b"]),
        (NameFault.DECLINED, ["不想说", "不方便说", "保密", "不告诉你"]),
        (NameFault.TOO_LONG, ["a" * 21]),
        (NameFault.NUMBERS, ["13812345678", "王13812345678", "500116199001011234"]),
        (NameFault.LINK, ["http://x.cn", "t.me/wang", "www.wang.cn"]),
        (NameFault.NOT_A_NAME, ["你好", "1", "。。。", "😀", "我想找个工作", "为什么要这个？", "要得", "姓", "=1+1"]),
    ],
)
def test_what_is_no_name_says_why(fault: NameFault, texts: list[str]) -> None:
    assert {text: read_name(text) for text in texts} == dict.fromkeys(texts, fault)


@given(st.text())
def test_a_name_is_short_and_visible(text: str) -> None:
    name = read_name(text)
    if not isinstance(name, NameFault):
        assert 0 < len(name) <= LONGEST
        assert name == name.strip()
        assert "\n" not in name
        name.encode()
