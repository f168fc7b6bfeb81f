"""The annual report: the plan's items, what was counted, what was written."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import UTC, date, datetime

import openpyxl
import pytest

from bot.conversation.forms import load_form
from bot.staff import report as reports
from bot.staff.report import TARGET, Report, Target
from bot.staff.report_file import about, write_excel
from bot.store.report_texts import ReportText
from knowledge import Knowledge
from tests.conftest import DATA

NOW = datetime(2025, 6, 2, 9, 30, tzinfo=UTC)
TARGETED = Target(1500, date(2023, 1, 1), date(2024, 12, 31))
COUNTS = {name: place for place, name in enumerate(sorted(reports.counts_needed()), 1)}


def written(clause: str, text: str) -> Mapping[str, ReportText]:
    return {clause: ReportText(clause, text, 1, 7, NOW)}


@pytest.fixture
def report(shipped: Knowledge) -> Report:
    return reports.build(2025, shipped, COUNTS, written("一（三）2", "办了三场招聘会。"), TARGETED, NOW)


def opened(report: Report) -> openpyxl.Workbook:
    out = io.BytesIO()
    write_excel(report, out, "李主任")
    return openpyxl.load_workbook(out)


def rows(report: Report, sheet: str) -> list[tuple[object, ...]]:
    return list(opened(report)[sheet].iter_rows(values_only=True))


class TestItems:
    def test_they_are_all_clauses_in_the_plans_order_without_its_head(self, report: Report, shipped: Knowledge) -> None:
        head, *clauses = shipped.plan.clauses
        assert head.id == "题头"
        assert [item.clause for item in report.items] == clauses
        assert [item.place for item in report.items] == list(range(1, 29))

    def test_each_has_words_of_the_plan_and_departments(self, report: Report) -> None:
        assert [item.clause.id for item in report.items if not item.quotes or not item.clause.departments] == []

    def test_the_words_are_those_of_the_knowledge_each_once(self, report: Report, shipped: Knowledge) -> None:
        shown = [(item.clause.id, text) for item in report.items for text in item.quotes]
        quotes = [quote for policy in shipped.policies for quote in policy.quotes if quote.clause != "题头"]
        known = {(quote.clause, quote.text) for quote in quotes}
        assert set(shown) == known
        assert len(shown) == len(known)

    def test_the_words_of_a_clause_stand_in_the_plans_order(self, report: Report) -> None:
        plan = (DATA / "jiangjin-plan.txt").read_text(encoding="utf-8")
        for item in report.items:
            places = [plan.index(text) for text in item.quotes]
            assert places == sorted(places), item.clause.id

    def test_what_the_staff_wrote_stands_beside_its_clause(self, report: Report) -> None:
        assert {item.clause.id: item.written for item in report.items if item.written} == {
            "一（三）2": "办了三场招聘会。"
        }
        assert report.unwritten == 27


class TestMeasures:
    def test_they_belong_to_policies_that_there_are(self, shipped: Knowledge) -> None:
        assert set(reports.measures()) <= set(shipped.labels.policies)

    def test_each_says_how_it_is_counted(self) -> None:
        assert [one.label for several in reports.measures().values() for one in several if len(one.how) < 10] == []

    def test_answers_that_are_counted_can_be_given(self) -> None:
        form = load_form("jobseeker")
        for name in reports.counts_needed():
            step, _, option = name.replace("placed:", "wanted:").partition(":")
            if step in {"wanted", "training", "education"}:
                asked = form.step(step)
                assert asked
                assert asked.option(option), name

    def test_the_goals_are_those_of_the_plan(self, report: Report) -> None:
        by_clause = {item.clause.id: item for item in report.items}
        rates = [one for one in by_clause["一（七）1"].figures if one.goal]
        assert {one.goal for one in rates} == {"要求 100%"}
        assert "建档率100%、就业服务率100%" in by_clause["一（七）1"].quotes[0]
        (target,) = [one for several in reports.measures().values() for one in several if one.goal == TARGET]
        assert target.label in {one.label for one in by_clause["三"].figures}


class TestFigures:
    def test_a_number_is_the_count_it_names(self, report: Report) -> None:
        shown = {(one.label, one.value) for item in report.items for one in item.figures}
        named = {(one.label, COUNTS[one.count]) for several in reports.measures().values() for one in several}
        assert shown == named

    def test_a_rate_says_of_how_many_and_what_it_should_be(self, shipped: Knowledge) -> None:
        counts = COUNTS | {"graduates": 4, "graduates:filed": 3}
        made = reports.build(2025, shipped, counts, {}, TARGETED, NOW)
        figures = {one.label: one.written for item in made.items for one in item.figures}
        assert figures["大学生建档率"] == "3 / 4（75.0%），要求 100%"

    def test_nobody_of_nobody_is_no_rate(self, shipped: Knowledge) -> None:
        made = reports.build(2025, shipped, dict.fromkeys(COUNTS, 0), {}, TARGETED, NOW)
        figures = {one.label: one.written for item in made.items for one in item.figures}
        assert figures["大学生建档率"] == "0 / 0（—），要求 100%"

    def test_newly_employed_are_held_against_the_target(self, shipped: Knowledge) -> None:
        made = reports.build(2025, shipped, COUNTS | {"employed_period": 312}, {}, TARGETED, NOW)
        figures = {one.label: one.written for item in made.items for one in item.figures}
        assert figures["目标期内新增就业"] == "312，目标 1,500，完成 20.8%"

    def test_how_it_was_counted_names_days_and_no_setting(self, report: Report) -> None:
        how = {one.label: one.how for item in report.items for one in item.figures}
        assert "从2023年1月1日到2024年12月31日" in how["目标期内新增就业"]
        assert [words for words in how.values() if "staff." in words or "{" in words] == []

    def test_a_count_that_is_missing_is_a_fault_and_not_a_zero(self, shipped: Knowledge) -> None:
        with pytest.raises(KeyError):
            reports.build(2025, shipped, {}, {}, TARGETED, NOW)


class TestSpan:
    @pytest.mark.parametrize(
        ("year", "today", "until"),
        [
            (2025, date(2025, 6, 2), date(2025, 6, 2)),
            (2024, date(2025, 6, 2), date(2024, 12, 31)),
            (2025, date(2025, 12, 31), date(2025, 12, 31)),
        ],
    )
    def test_a_year_is_counted_to_its_end_or_to_today(self, year: int, today: date, until: date) -> None:
        assert reports.year_until(year, today) == until

    def test_today_is_the_day_in_china(self, shipped: Knowledge) -> None:
        late = datetime(2025, 6, 2, 17, 0, tzinfo=UTC)
        assert reports.build(2025, shipped, COUNTS, {}, TARGETED, late).until == date(2025, 6, 3)


class TestExcel:
    def test_the_items_stand_in_the_plans_order(self, report: Report) -> None:
        _, head, *found = rows(report, "落实情况")
        assert head == ("序号", "条款", "内容", "方案原文", "责任部门", "系统里数出来的", "落实情况")
        assert [row[:3] for row in found] == [(one.place, one.clause.id, one.clause.heading) for one in report.items]

    def test_what_nobody_wrote_asks_to_be_written(self, report: Report) -> None:
        found = {row[1]: row[6] for row in rows(report, "落实情况")[2:]}
        assert found.pop("一（三）2") == "办了三场招聘会。"
        assert set(found.values()) == {"请填写"}

    def test_what_cannot_be_counted_is_said_to_be_so(self, report: Report) -> None:
        counted = {row[1]: row[5] for row in rows(report, "落实情况")[2:]}
        silent = {item.clause.id for item in report.items if not item.figures}
        assert silent
        assert {clause for clause, words in counted.items() if words == "系统数不出这一条。"} == silent

    def test_every_figure_is_a_number_with_how_it_was_counted(self, report: Report) -> None:
        _, *found = rows(report, "数据")
        assert [(row[0], row[1], row[2], row[6]) for row in found] == [
            (item.clause.id, one.label, one.value, one.how) for item in report.items for one in item.figures
        ]

    def test_text_that_looks_like_a_formula_stays_text(self, shipped: Knowledge) -> None:
        made = reports.build(2025, shipped, COUNTS, written("三", "=1+1"), TARGETED, NOW)
        cells = [cell for row in opened(made)["落实情况"].iter_rows() for cell in row if cell.value == "=1+1"]
        assert [(cell.data_type, cell.quotePrefix) for cell in cells] == [("s", True)]

    def test_it_says_what_it_is_of(self, report: Report) -> None:
        lines = dict(rows(report, "说明"))  # type: ignore[arg-type]
        assert lines["统计时间"] == "2025-01-01 到 2025-06-02"
        assert (lines["统计范围"], lines["生成人"], lines["生成时间"]) == ("全区", "李主任", "2025-06-02 17:30")

    def test_a_report_of_some_towns_names_them(self, shipped: Knowledge) -> None:
        made = reports.build(2025, shipped, COUNTS, {}, TARGETED, NOW, ("白沙镇", "李市镇"))
        assert dict(about(made, "李"))["统计范围"] == "白沙镇、李市镇"
