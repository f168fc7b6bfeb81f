"""Each rule about meaning finds the fault planted for it, at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge import check
from tests.conftest import DATA
from tests.knowledge.test_loading import spoil

PLAN = (DATA / "tiny-plan.txt").read_text(encoding="utf-8")


def test_sound_knowledge_has_no_fault(tiny_folder: Path) -> None:
    assert check(tiny_folder, PLAN) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        pytest.param(
            "entries.yaml", "  - id: bus\n", "  - id: Bus_1\n", "entries.yaml:45:9: Bus_1: id 只用小写", id="odd id"
        ),
        pytest.param(
            "entries.yaml", "  - id: massage-course\n", "  - id: stall-rent\n", "已经有一条了", id="repeated id"
        ),
        pytest.param(
            "entries.yaml", "towns: [白沙镇,", "towns: [德感街道,", "“德感街道”前面已经有了", id="repeated town"
        ),
        pytest.param(
            "entries.yaml",
            "towns: [白沙镇,",
            "scope: {elsewhere: 'signpost:bus', others: 'signpost:nowhere', reminder: 只有本区的}\ntowns: [白沙镇,",
            "scope: others 里的“signpost:nowhere”不是哪一条 signposts",
            id="scope without signpost",
        ),
        pytest.param("plan.yaml", "{id: federation,", "{id: hotline,", "已经用过了", id="repeated contact"),
        pytest.param(
            "entries.yaml", "  - id: massage-course\n", "  - id: massage\n", "不在标签表", id="unlisted label"
        ),
        pytest.param(
            "plan.yaml",
            "actions: [human, greeting]",
            "actions: [human, greeting, help]",
            "却没有这一条",
            id="label without entry",
        ),
        pytest.param(
            "entries.yaml", "related: [stall-rent]", "related: [nothing]", "related 里的“nothing”不存在", id="related"
        ),
        pytest.param(
            "entries.yaml", "related: [stall-rent]", "related: [massage-course]", "写了自己", id="related to itself"
        ),
        pytest.param(
            "entries.yaml",
            "contacts: [hotline]\n    related",
            "contacts: [line]\n    related",
            "contacts 里的“line”不存在",
            id="contact",
        ),
        pytest.param(
            "entries.yaml",
            "audience: [jobseeker]",
            "audience: [everyone]",
            "audience 里的“everyone”不存在",
            id="audience",
        ),
        pytest.param(
            "entries.yaml", "clauses: [一（一）2]", "clauses: [一（一）3]", "clauses 里的“一（一）3”不存在", id="clause"
        ),
        pytest.param(
            "entries.yaml",
            "      money:\n",
            "      price:\n",
            "entries.yaml:22:7: stall-rent: stated 里不认识“price”",
            id="facet",
        ),
        pytest.param(
            "entries.yaml",
            "{clause: 一（一）1, text: 适当减免摊位费}",
            "{clause: 一（九）1, text: 适当减免摊位费}",
            "方案里没有“一（九）1”这一条",
            id="clause of what is stated",
        ),
        pytest.param(
            "entries.yaml",
            "{clause: 一（一）1, text: 适当减免摊位费}",
            "{clause: 一（一）1, text: 减免摊位费三成}",
            "“减免摊位费三成”和方案 一（一）1 的原文不是一字不差",
            id="what is stated",
        ),
        pytest.param(
            "entries.yaml",
            "{clause: 一（一）1, text: 适当减免摊位费}",
            "{clause: 一（一）1, text: ' '}",
            "引文是空的",
            id="nothing stated",
        ),
        pytest.param(
            "entries.yaml",
            "clauses: [题头, 一（一）1, 二]",
            "clauses: [题头, 一（一）1]",
            "plan.yaml:17:7: 二: 没有哪一条政策",
            id="uncovered",
        ),
        pytest.param(
            "entries.yaml",
            "      - clause: 一（一）2\n",
            "      - clause: 二\n",
            "不在 clauses 里",
            id="quote's clause",
        ),
        pytest.param(
            "entries.yaml", "  - labels: [none]\n", "  - labels: [nobody]\n", "没有“nobody”这一条", id="held-out label"
        ),
        pytest.param(
            "entries.yaml",
            "not_stated: [减多少]",
            "not_stated: []",
            "entries.yaml:11:17: stall-rent: not_stated 是空的",
            id="empty list",
        ),
        pytest.param("entries.yaml", "    easy: 可以学按摩。\n", "    easy: ' '\n", "easy 是空的", id="empty text"),
        pytest.param("entries.yaml", "      - 哪里教推拿\n", "      - ''\n", "问法是空的", id="empty question"),
        pytest.param(
            "entries.yaml",
            "      - 哪里教推拿\n",
            "      - 摊位费，减免？\n",
            "entries.yaml:40:9: massage-course: “摊位费，减免？”在 stall-rent 里已经有了（entries.yaml 第 18 行）",
            id="question twice",
        ),
        pytest.param("entries.yaml", "[公交卡丢了]", "[摊位费减免]", "也是 stall-rent 的问法", id="held-out question"),
        pytest.param(
            "entries.yaml",
            "    answer: 请问公交公司。\n",
            f"    answer: {'问' * 351}\n",
            "answer 有 351 字",
            id="long answer",
        ),
        pytest.param(
            "entries.yaml",
            "    easy: 可以学按摩。\n",
            f"    easy: {'可以学按摩。' * 17}\n",
            "easy 有 102 字",
            id="long easy",
        ),
        pytest.param(
            "entries.yaml",
            "    easy: 可以学按摩。\n",
            f"    easy: {'可' * 21}。\n",
            "有 21 字；一句最多 20 字",
            id="long sentence",
        ),
        pytest.param(
            "entries.yaml", "    easy: 可以学按摩。\n", "    easy: 可以减免。\n", "“减免”不好懂", id="hard word"
        ),
        pytest.param(
            "entries.yaml", "      - 哪里教推拿\n", "      - 哪⾥教推拿\n", "U+2FA5", id="radical for a character"
        ),
        pytest.param("entries.yaml", "    title: 坐公交\n", "    title: 坐公\u200b交\n", "U+200B", id="invisible"),
        pytest.param(
            "entries.yaml",
            "        text: 适当减免摊位费\n",
            "        text: 适当减免\u0430摊位费\n",
            "U+0430",
            id="Cyrillic in a quote",
        ),
        pytest.param("entries.yaml", "视力残疾, 盲人]}", "视力残疾, 看不见]}", "“看不见”写了两次", id="word twice"),
        pytest.param(
            "entries.yaml",
            "hard_words:",
            "  - {id: blind, words: [瞎]}\nhard_words:",
            "概念已经有了",
            id="concept twice",
        ),
        pytest.param("entries.yaml", "  - id: greeting\n", "  - id: hello\n", "少了 action:greeting", id="no greeting"),
        pytest.param("entries.yaml", "safety:\n  - id", "policiez:\n  - id", "不认识的键", id="section misspelt"),
        pytest.param("plan.yaml", "until: 2024-12-31", "until: 2020-12-31", "until 比 begins 还早", id="period"),
        pytest.param("entries.yaml", "answer: 请问公交公司。", "answer: 请打47521234。", "47521234 不是", id="number"),
        pytest.param(
            "entries.yaml", "text: 适当减免摊位费", "text: 减免摊位费用", "不是一字不差", id="quote not in the plan"
        ),
        pytest.param(
            "entries.yaml",
            "departments: [区残联, 各镇街]",
            "departments: [区残联, 区政府]",
            "相关条款里没有“区政府”",
            id="department",
        ),
        pytest.param(
            "plan.yaml",
            "heading: 按摩培训, departments: [区残联]",
            "heading: 按摩培训, departments: [残联会]",
            "这一条里没有“残联会”",
            id="clause's department",
        ),
        pytest.param(
            "plan.yaml",
            "    - {id: 二, heading: 落实, departments: [区残联]}\n",
            "",
            "plan.yaml 里没有",
            id="clause left out",
        ),
        pytest.param("plan.yaml", "{id: 二, heading", "{id: 三, heading", "方案里没有这一条", id="clause invented"),
    ],
)
def test_a_planted_fault_is_found(tiny_folder: Path, name: str, old: str, new: str, expected: str) -> None:
    spoil(tiny_folder, name, old, new)
    found = [str(fault) for fault in check(tiny_folder, PLAN)]
    assert any(expected in fault for fault in found), found


def test_all_faults_come_at_once_and_in_order(tiny_folder: Path) -> None:
    spoil(tiny_folder, "entries.yaml", "related: [stall-rent]", "related: [nothing]")
    spoil(tiny_folder, "entries.yaml", "related: [massage-course]", "related: [nobody]")
    spoil(tiny_folder, "entries.yaml", "    title: 坐公交\n", "    title: 坐公\u200b交\n")
    lines = [fault.line for fault in check(tiny_folder)]
    assert len(lines) == 3
    assert lines == sorted(lines)


def test_without_the_plan_quotes_are_not_compared(tiny_folder: Path) -> None:
    spoil(tiny_folder, "entries.yaml", "text: 适当减免摊位费", "text: 别的话")
    assert check(tiny_folder) == []


def test_outside_groups_may_show_anything(tiny_folder: Path) -> None:
    spoil(tiny_folder, "entries.yaml", "      - 讲个笑话\n", "      - Привет\n      - Ｈｅｌｌｏ\n")
    assert check(tiny_folder) == []


def test_knowledge_without_safety_is_refused(tiny_folder: Path) -> None:
    text = (tiny_folder / "entries.yaml").read_text(encoding="utf-8")
    start, end = text.index("safety:"), text.index("actions:")
    (tiny_folder / "entries.yaml").write_text(text[:start] + text[end:], encoding="utf-8")
    assert any("一条 safety 都没有" in str(fault) for fault in check(tiny_folder))


def test_a_fault_of_shape_hides_no_fault_of_meaning(tiny_folder: Path) -> None:
    spoil(tiny_folder, "entries.yaml", "    title: 坐公交\n", "    title: 12\n")
    spoil(tiny_folder, "entries.yaml", "related: [stall-rent]", "related: [nothing, signpost:bus]")
    found = [str(fault) for fault in check(tiny_folder, PLAN)]
    assert len(found) == 2, found
    assert "“nothing”不存在" in found[0]
    assert "“title”要写成文字" in found[1]


@pytest.mark.parametrize(
    ("name", "old", "new", "faults"),
    [
        ("plan.yaml", "phone: '12345'", "phone: 12345", 1),
        ("entries.yaml", "signposts:\n", "signpost:\n", 1),
        ("entries.yaml", "  - id: bus\n", "   - id: bus\n  x", 1),
    ],
)
def test_one_fault_of_shape_brings_no_false_ones(tiny_folder: Path, name: str, old: str, new: str, faults: int) -> None:
    spoil(tiny_folder, "entries.yaml", "answer: 请问公交公司。", "answer: 请打12345。")
    spoil(tiny_folder, name, old, new)
    found = check(tiny_folder)
    assert len(found) == faults, list(map(str, found))


def test_nobody_is_led_outside(tiny_folder: Path) -> None:
    spoil(tiny_folder, "entries.yaml", "related: [stall-rent]", "related: [outside:chat]")
    assert "“outside:chat”不存在" in str(check(tiny_folder)[0])
