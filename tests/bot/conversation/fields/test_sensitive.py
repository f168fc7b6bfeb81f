"""What free text tells that is not to be kept; and what only sounds like it."""

from __future__ import annotations

from itertools import pairwise
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.fields.sensitive import sensitive_parts


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        (
            "address",
            [
                *[
                    "我住滨江路123号5栋2单元8-3",
                    "宝珠村3组",
                    "白沙镇沿河村五社",
                    "我住三组12号",
                    "东门社区2栋3单元501室",
                ],
                *["3栋2单元", "和平街15号", "陈家巷8号附3号", "门牌号是12", "滨江花园7栋"],
            ],
        ),
        (
            "illness",
            [
                *[
                    "抑郁症",
                    "有癫痫",
                    "糖尿病",
                    "高血压",
                    "我精神分裂好多年了",
                    "长期吃药",
                    "吃着降压药",
                    "化疗完了",
                    "肺癌",
                ],
                *[
                    "每个星期透析三次",
                    "脑梗后遗症",
                    "得过肺炎",
                    "骨髓病",
                    "血管瘤",
                    "有HIV",
                    "奥氮平",
                    "住过院",
                    "天天吃中药",
                ],
                *["腰椎间盘突出", "肾结石", "尿毒症", "羊儿疯", "心脏装了支架", "打胰岛素", "尘肺"],
            ],
        ),
        (
            "income",
            [
                *[
                    "每个月低保600",
                    "工资三千",
                    "一个月2000块",
                    "低保户",
                    "我吃低保",
                    "每个月有两补150元",
                    "退休金1800元",
                ],
                *["欠了3万块钱", "领护理费80", "600块低保", "没有收入", "五保户", "月薪3500", "建档立卡"],
            ],
        ),
        (
            "disability",
            [
                *[
                    "视力残疾一级",
                    "肢体二级",
                    "三级残疾",
                    "残疾证是四级",
                    "我是聋人",
                    "我盲",
                    "瘫痪在床",
                    "坐轮椅",
                    "脑瘫",
                ],
                *["戴助听器", "截肢", "小儿麻痹", "有自闭症", "两只耳朵全聋", "智力三级", "高位截瘫", "拄拐"],
            ],
        ),
    ],
)
def test_what_is_not_to_be_kept(kind: str, texts: list[str]) -> None:
    assert {text: {part.kind for part in sensitive_parts(text)} for text in texts} == {text: {kind} for text in texts}


@pytest.mark.parametrize(
    "text",
    [
        *[
            "白天上班，晚上7点后打电话",
            "做过5年保安",
            "干过3年厂里质检，会用电脑",
            "能接受加班",
            "有驾照C1",
            "会修手机",
        ],
        *[
            "想做盲人按摩",
            "我文盲不识字",
            "生病了明天不来",
            "毛病多",
            "看病去了",
            "我在药店上过班",
            "会打农药",
            "天气炎热",
        ],
        *[
            "希望工资三千以上",
            "工资2500以上就行",
            "想一个月挣3000",
            "工资两千五就可以",
            "一个月能做20天",
            "一个月休息4天",
        ],
        *[
            "请发短信，我听不到",
            "看不见，走路慢",
            "腿不好站久了痛",
            "轮椅进得去的地方",
            "以前在医院做护工",
            "办了残疾证",
        ],
        *[
            "住在镇上",
            "我家3楼",
            "5楼没电梯",
            "每月15号以后有空",
            "一年前受伤",
            "喂过100头猪",
            "孩子要人带",
            "初中毕业",
        ],
        *["一天做8小时", "拿过三等奖", "家里有2个老人", "没有", "瞎说的", "打字慢", "字大一点", ""],
    ],
)
def test_what_only_sounds_like_it(text: str) -> None:
    assert sensitive_parts(text) == ()


def test_parts_are_told_in_order_with_their_places() -> None:
    text = "我住宝珠村3组，视力残疾一级，有糖尿病，每个月低保600"
    parts = [(part.kind, text[part.start : part.end]) for part in sensitive_parts(text)]
    assert parts[0][0] == "address"
    assert parts[1:] == [("disability", "视力残疾一级"), ("illness", "糖尿病"), ("income", "每个月低保600")]


@pytest.mark.parametrize("piece", ["百", "9", "工资", "路一号", "病", "一百块", "希望"])
def test_a_long_text_is_read_at_once(piece: str) -> None:
    started = perf_counter()
    sensitive_parts(piece * 1000)
    assert perf_counter() - started < 2


@given(st.text() | st.text(alphabet="住路3号栋工资千病症低保聋吃药有，", max_size=30))
def test_parts_are_in_order_and_apart(text: str) -> None:
    parts = sensitive_parts(text)
    assert all(0 <= part.start < part.end <= len(text) for part in parts)
    assert all(one.end <= two.start for one, two in pairwise(parts))
