"""The plan's text is cut at its own numbering."""

from __future__ import annotations

from knowledge import plan_text
from tests.conftest import DATA


def test_items_sections_and_parts_become_clauses() -> None:
    clauses = plan_text.clauses((DATA / "tiny-plan.txt").read_text(encoding="utf-8"))
    assert list(clauses) == ["题头", "一（一）1", "一（一）2", "二"]
    assert "减免摊位费" in clauses["一（一）1"]
    assert "减免摊位费" not in clauses["一（一）2"]


def test_a_text_without_numbering_is_all_heading() -> None:
    assert plan_text.clauses("一句话\n两句话") == {"题头": "一句话\n两句话"}


def test_ten_items_and_more_stay_apart() -> None:
    items = "\n".join(f"{number}．第{number}项" for number in range(1, 12))
    clauses = plan_text.clauses(f"一、措施\n（一）帮扶\n{items}\n十、附则\n十一、其他\n")
    assert clauses["一（一）1"] == "1．第1项"
    assert clauses["一（一）11"] == "11．第11项"
    assert list(clauses)[-2:] == ["十", "十一"]
