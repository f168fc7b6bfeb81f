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
