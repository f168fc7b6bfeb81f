"""What of a case stands in a table, masked and in full."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.casework.case import Status, Step
from bot.conversation.forms import load_form
from bot.staff.case_columns import CaseColumns, case_columns
from bot.staff.spreadsheets import Cell, Kind
from bot.store.case_query import CaseRow

CREATED = datetime(2025, 6, 2, 9, 30, tzinfo=UTC)
CASE = CaseRow(
    receipt="123456785",
    town="白沙镇",
    status=Status.ASSESSED,
    counselor=7,
    version=3,
    created=CREATED,
    changed=CREATED,
    updated=CREATED,
    first_contact=CREATED,
    next_follow_up=date(2025, 7, 1),
    employed=None,
    filed=date(2025, 6, 5),
    steps={Step.INFORMATION_CHECK: date(2025, 6, 3), Step.SERVICE: date(2025, 6, 9)},
    answers={
        "whom": "self",
        "consent": "yes",
        "category_consent": "yes",
        "age": "40-49",
        "name": "周桂芳",
        "contact_way": "proxy",
        "proxy": "邻居张姐",
        "phone": "+8613800138000",
        "town": "白沙镇",
        "wanted": ("home", "nearby"),
        "categories": ("vision",),
        "certificate": "have",
        "help": ("sign",),
        "education": "junior",
        "training": ("massage",),
        "more": "=晚上打电话",
    },
    contact_late=False,
    follow_up_late=False,
    unanswered=False,
)


def table(*, full: bool) -> CaseColumns:
    return case_columns(load_form("jobseeker"), {7: "李经办"}, full=full)


def shown(case: CaseRow = CASE, *, full: bool) -> dict[str, Cell]:
    columns = table(full=full)
    return dict(zip([column.title for column in columns.columns], columns.row(case), strict=True))


@pytest.mark.parametrize("full", [False, True])
def test_what_was_done_stands_there_with_days(full: bool) -> None:
    cells = shown(full=full)
    assert cells["登记号"] == "1234-5678-5"
    assert (cells["镇或街道"], cells["状态"], cells["经办人"]) == ("白沙镇", "已评估", "李经办")
    assert (cells["基础信息核对"], cells["职业能力评估"], cells["就业服务"]) == (
        date(2025, 6, 3),
        None,
        date(2025, 6, 9),
    )
    assert (cells["下次回访"], cells["建档（一人一策）"], cells["就业日"]) == (date(2025, 7, 1), date(2025, 6, 5), None)


@pytest.mark.parametrize("full", [False, True])
def test_answers_stand_there_in_words(full: bool) -> None:
    cells = shown(full=full)
    assert cells["想做的工作"] == "在家里做的；离家近的"
    assert (cells["文化程度"], cells["年龄段"], cells["怎么联系"]) == ("初中", "40到49岁", "找帮我接电话的人")


def test_masked_shows_neither_name_nor_number() -> None:
    cells = shown(full=False)
    assert (cells["称呼"], cells["帮接电话的人"], cells["电话"]) == ("周*", "邻*", "138****8000")


def test_masked_leaves_out_what_was_written_freely_and_what_tells_of_a_disability() -> None:
    assert table(full=False).left_out == ("残疾类别", "残疾证", "要什么帮助", "还想说的")
    assert not set(table(full=False).left_out) & set(shown(full=False))
    everything = " ".join(str(cell) for cell in shown(full=False).values())
    for secret in ("周桂芳", "张姐", "13800138000", "138 0013 8000", "视力", "手语", "晚上"):
        assert secret not in everything


def test_in_full_everything_that_was_asked_stands_there() -> None:
    cells = shown(full=True)
    assert (cells["称呼"], cells["帮接电话的人"], cells["电话"]) == ("周桂芳", "邻居张姐", "138 0013 8000")
    assert (cells["残疾类别"], cells["残疾证"], cells["要什么帮助"]) == ("视力", "有", "手语翻译")
    assert cells["还想说的"] == "=晚上打电话"
    assert table(full=True).left_out == ()


@pytest.mark.parametrize("full", [False, True])
def test_who_answered_nothing_has_empty_cells(full: bool) -> None:
    cells = shown(replace(CASE, answers={}, steps={}, counselor=None), full=full)
    assert cells["称呼"] is None
    assert not cells["经办人"]


@pytest.mark.parametrize("full", [False, True])
def test_titles_are_there_once_and_numbers_are_text(full: bool) -> None:
    columns = {column.title: column.kind for column in table(full=full).columns}
    assert len(columns) == len(table(full=full).columns)
    assert columns["登记号"] is columns["电话"] is Kind.TEXT
    assert columns["登记日"] is columns["就业日"] is Kind.DAY


def test_an_option_that_is_no_longer_offered_keeps_its_id() -> None:
    assert shown(replace(CASE, answers={"wanted": ("gone",)}), full=False)["想做的工作"] == "gone"
