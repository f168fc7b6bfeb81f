"""Two questions that are understood as one stand under one entry."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.knowledge_check import check
from bot.settings import BUILT_IN_KNOWLEDGE
from tests.conftest import DATA
from tests.knowledge.test_loading import spoil


@pytest.mark.parametrize("question", ["攤位費減免", "摊位费　减免！", "摊位费\u200b减免"])
def test_the_same_question_in_other_clothes_is_found(tiny_folder: Path, question: str) -> None:
    spoil(tiny_folder, "entries.yaml", "      - 哪里教推拿\n", f"      - 哪里教推拿\n      - {question}\n")
    assert any("摊位费减免" in str(fault) or "已经有了" in str(fault) for fault in check(tiny_folder))


def test_dialect_and_standard_are_the_same(tiny_folder: Path) -> None:
    spoil(tiny_folder, "entries.yaml", "      - 哪里教推拿\n", "      - 哪里教推拿\n      - 啷个办卡\n")
    spoil(tiny_folder, "entries.yaml", "      - 坐轻轨免费吗\n", "      - 坐轻轨免费吗\n      - 怎么办卡\n")
    (fault,) = check(tiny_folder)
    assert "“怎么办卡”和 massage-course 的“啷个办卡”只差字体、方言或者口误" in str(fault)


def test_the_shipped_knowledge_is_sound() -> None:
    plan = (DATA / "jiangjin-plan.txt").read_text(encoding="utf-8")
    assert [str(fault) for fault in check(BUILT_IN_KNOWLEDGE, plan)] == []
