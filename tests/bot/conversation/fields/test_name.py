"""What to call a person, out of what they say about it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.fields.name import LONGEST, NameFault, Unsure, read_name


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
        ("Maria Garcia", "Maria Garcia"),
        ("王", "王"),
        ("嗯我叫那个陈小红", "陈小红"),
        ("好的，我叫王建国", "王建国"),
        ("我姓王叫我老王就行", "老王"),
        ("叫我小王吧我是盲人", "小王"),
        ("喊我老李就是", "老李"),
        ("鄙人姓王", "王"),
        ("叫我小芳", "小芳"),
        ("我叫强", "强"),
        ("阿强", "阿强"),
        ("张三", "张三"),
        ("高小明", "高小明"),
        ("王工", "王工"),
        ("刘嬢嬢", "刘嬢嬢"),
        ("王建国师傅", "王建国师傅"),
        ("王先生，谢谢", "王先生"),
        ("王建国（证号不记）", "王建国"),
        ("他妈妈", "他妈妈"),
        ("我老公接电话", "我老公"),
        ("我妈帮我接", "我妈"),
        ("我妈叫王桂芳", "我妈王桂芳"),
        ("隔壁老王", "隔壁老王"),
        ("社区王主任", "社区王主任"),
        ("Lucy", "Lucy"),
        ("O'Brien", "O'Brien"),
        ("José", "José"),
    ],
)
def test_the_name_is_taken_out_of_the_words_around_it(text: str, name: str) -> None:
    assert read_name(text) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("秀珍", "秀珍"),
        ("我叫秀珍", "秀珍"),
        ("小芳", "小芳"),
        ("三娃子", "三娃子"),
        ("高明", "高明"),
        ("仉明", "仉明"),
        ("逯华", "逯华"),
        ("旷小红", "旷小红"),
        ("王有才", "王有才"),
        ("强", "强"),
        ("妈妈", "妈妈"),
        ("阿卜杜热合曼", "阿卜杜热合曼"),
        ("阿依古丽", "阿依古丽"),
        ("扎西", "扎西"),
        ("lucy", "lucy"),
        ("阿Q", "阿Q"),
        ("我叫王建国别人都叫我老王", "王建国"),
        ("我叫王建国，想找工作", "王建国"),
        ("我是白沙的罗小燕", "罗小燕"),
        ("罗小燕想找个活", "罗小燕"),
    ],
)
def test_what_may_be_a_name_is_asked(text: str, name: str) -> None:
    assert read_name(text) == Unsure(name)


@pytest.mark.parametrize("text", ["白沙", "白沙镇", "我是白沙的", "慈云", "先锋", "几江", "慈云镇"])
def test_a_town_is_no_name(text: str) -> None:
    assert read_name(text, ("白沙镇", "慈云镇", "先锋镇", "几江街道")) == NameFault.NOT_A_NAME


@pytest.mark.parametrize(
    ("fault", "texts"),
    [
        (NameFault.EMPTY, ["", "   ", "\u200b"]),
        (NameFault.DECLINED, ["不想说", "不方便说", "保密", "不告诉你"]),
        (NameFault.TOO_LONG, ["a" * 21]),
        (NameFault.NUMBERS, ["我身份证（证号不记）", "13812345678", "王13812345678", "500116199001011234"]),
        (NameFault.LINK, ["http://x.cn", "t.me/wang", "www.wang.cn"]),
        (
            NameFault.NOT_A_NAME,
            [
                *[
                    "第一个",
                    "我不识字",
                    "听不清楚",
                    "打字慢",
                    "我先问下老公",
                    "那个那个我想一下",
                    "你猜",
                    "后面呢",
                    "OK",
                    "a",
                ],
                *[
                    "随便叫",
                    "叫我随便",
                    "叫我等一下",
                    "我等会儿说",
                    "没有名字",
                    "好",
                    "男",
                    "我",
                    "老百姓",
                    "五保户",
                    "<b>王</b>",
                ],
                *["没人接", "我是残疾人", "不用", "何必", "高兴", "江津人", "李雷和韩梅梅", "我听不见"],
            ],
        ),
        (NameFault.NOT_A_NAME, ["你好", "1", "。。。", "😀", "我想找个工作", "为什么要这个？", "要得", "姓", "=1+1"]),
    ],
)
def test_what_is_no_name_says_why(fault: NameFault, texts: list[str]) -> None:
    assert {text: read_name(text) for text in texts} == dict.fromkeys(texts, fault)


@given(st.text())
def test_a_name_is_short_and_visible(text: str) -> None:
    read = read_name(text)
    name = read.name if isinstance(read, Unsure) else read
    if not isinstance(name, NameFault):
        assert 0 < len(name) <= LONGEST
        assert name == name.strip()
        assert "\n" not in name
        name.encode()
