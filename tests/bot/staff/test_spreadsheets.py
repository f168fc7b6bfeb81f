"""Excel and CSV files, opened again."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.cell import Cell as OpenedCell
from openpyxl.workbook import Workbook

from bot.staff.spreadsheets import Column, CsvFile, ExcelFile, Kind, Row

COLUMNS = (Column("称呼", width=10), Column("人数", Kind.NUMBER), Column("登记日", Kind.DAY))
ABOUT = (("导出时间", "2025-06-02 09:30"), ("筛选", "=白沙镇"))
FORMULAS = (
    "=1+1",
    "+86",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "＝1+1",
    "＋1",
    "－1",
    "＠a",
    "=cmd|'/c calc'!A1",
)


def excel(rows: Sequence[Row], columns: Sequence[Column] = COLUMNS) -> io.BytesIO:
    out = io.BytesIO()
    file = ExcelFile(out, columns, "登记", "说明", ABOUT, "行数")
    file.add(rows)
    file.finish()
    return out


def book(rows: Sequence[Row], columns: Sequence[Column] = COLUMNS) -> Workbook:
    return openpyxl.load_workbook(excel(rows, columns))


def first_cell(text: str) -> OpenedCell:
    cell = book([(text, 1, None)])["登记"]["A2"]
    assert isinstance(cell, OpenedCell)
    return cell


def csv_bytes(rows: Sequence[Row], columns: Sequence[Column] = COLUMNS) -> bytes:
    out = io.BytesIO()
    file = CsvFile(out, columns)
    file.add(rows[:1])
    file.add(rows[1:])
    file.finish()
    return out.getvalue()


def csv_rows(rows: Sequence[Row]) -> list[list[str]]:
    return list(csv.reader(io.StringIO(csv_bytes(rows).decode("utf-8-sig"), newline="")))


class TestExcel:
    def test_every_row_comes_back(self) -> None:
        rows = [(f"李{place}", place, date(2025, 6, 2)) for place in range(300)]
        found = list(book(rows)["登记"].iter_rows(values_only=True))
        assert found[0] == ("称呼", "人数", "登记日")
        assert [(name, n, day.date()) for name, n, day in found[1:]] == rows  # type: ignore[union-attr]

    def test_readers_that_ask_how_far_it_reaches_see_every_row_too(self) -> None:
        made = openpyxl.load_workbook(excel([("李", 1, None)] * 20), read_only=True)
        assert len(list(made["登记"].iter_rows())) == 21
        made.close()

    @pytest.mark.parametrize("text", FORMULAS)
    def test_what_looks_like_a_formula_stays_text(self, text: str) -> None:
        cell = first_cell(text)
        assert (cell.data_type, cell.quotePrefix, cell.number_format) == ("s", True, "@")
        assert str(cell.value).strip() == text.strip()

    def test_no_cell_is_a_formula(self) -> None:
        parts = ZipFile(excel([(text, 1, None) for text in FORMULAS]))
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml") + parts.read("xl/worksheets/sheet2.xml")

    @pytest.mark.parametrize("text", ["0012345678", "138001380001234", "1e5", "3-5", "1234-5678-9"])
    def test_a_number_that_is_a_name_keeps_all_its_digits(self, text: str) -> None:
        assert first_cell(text).value == text

    @pytest.mark.parametrize(
        ("text", "read"),
        [
            ("<b>&\"'", "<b>&\"'"),
            ("一\x00二\x0b三", "一二三"),
            ("半\ud83d个", "半?个"),
            ("𠮷野家😀", "𠮷野家😀"),
            ("  两头空  ", "  两头空  "),
            ("第一行\n第二行", "第一行\n第二行"),
        ],
    )
    def test_any_text_can_be_written(self, text: str, read: str) -> None:
        assert first_cell(text).value == read

    def test_what_looks_like_an_escaped_character_is_not_taken_for_one(self) -> None:
        assert b"_x005F_x0041_" in ZipFile(excel([("_x0041_", 1, None)])).read("xl/worksheets/sheet1.xml")

    def test_a_text_longer_than_a_cell_is_cut(self) -> None:
        assert first_cell("长" * 40_000).value == "长" * 32_767

    def test_a_day_is_a_day(self) -> None:
        cell = book([("李", 1, date(2025, 6, 2))])["登记"]["C2"]
        assert cell.is_date
        assert cell.number_format == "yyyy-mm-dd"

    def test_a_time_is_its_day_in_china(self) -> None:
        assert book([("李", 1, datetime(2025, 6, 2, 17, 0, tzinfo=UTC))])["登记"]["C2"].value == datetime(2025, 6, 3)

    def test_nothing_is_an_empty_cell(self) -> None:
        assert [cell.value for cell in book([("", None, None)])["登记"][2]] == [None, None, None]

    def test_the_titles_stay_in_sight_and_filter_all_rows(self) -> None:
        sheet = book([("李", 1, None)] * 5)["登记"]
        assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("B2", "A1:C6")

    def test_without_rows_there_are_the_titles(self) -> None:
        sheet = book([])["登记"]
        assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [["称呼", "人数", "登记日"]]

    def test_a_column_is_wide_enough_for_its_chinese_title(self) -> None:
        columns = (Column("最近一次联系的结果"), Column("号", width=20))
        widths = book([("", "")], columns)["登记"].column_dimensions
        assert widths["A"].width > 2 * 9
        assert 20 <= widths["B"].width < 22

    def test_a_second_sheet_says_what_this_is(self) -> None:
        rows = list(book([("李", 1, None)] * 3)["说明"].iter_rows(values_only=True))
        assert rows == [*ABOUT, ("行数", "3")]

    def test_a_row_of_another_length_is_refused(self) -> None:
        with pytest.raises(ValueError, match="zip"):
            excel([("李", 1)])


class TestCsv:
    def test_excel_is_told_that_it_is_utf_8(self) -> None:
        assert csv_bytes([("李", 1, None)]).startswith(b'\xef\xbb\xbf"')

    def test_lines_end_as_on_windows_and_every_cell_is_quoted(self) -> None:
        assert csv_bytes([("李", 1, date(2025, 6, 2))]).decode("utf-8-sig") == (
            '"称呼","人数","登记日"\r\n"李","1","2025-06-02"\r\n'
        )

    def test_every_row_comes_back(self) -> None:
        rows = [(f'李\n"{place}"', place, date(2025, 6, 2)) for place in range(300)]
        assert csv_rows(rows)[1:] == [[name, str(n), day.isoformat()] for name, n, day in rows]

    @pytest.mark.parametrize("text", FORMULAS)
    def test_what_looks_like_a_formula_begins_with_an_apostrophe(self, text: str) -> None:
        assert csv_rows([(text, 1, None)])[1][0] == f"'{text}"

    @pytest.mark.parametrize("text", ["00123", "138001380001234", "3-5", "3-2025", "2025/1/2", "12:30", "1e5", "1.5E3"])
    def test_what_would_turn_into_another_number_or_a_day_begins_with_an_apostrophe(self, text: str) -> None:
        assert csv_rows([(text, 1, None)])[1][0] == f"'{text}"

    @pytest.mark.parametrize(
        "text", ["王*", "138****0000", "白沙镇", "138 1234 5678", "023-4752 1234", "1234-5678-9", "想做a=b", "15"]
    )
    def test_other_text_is_written_as_it_is(self, text: str) -> None:
        assert csv_rows([(text, 1, None)])[1][0] == text

    def test_a_number_below_zero_is_a_number(self) -> None:
        assert csv_rows([("李", -3, None)])[1][1] == "-3"

    def test_the_file_stays_open(self) -> None:
        out = io.BytesIO()
        CsvFile(out, COLUMNS).finish()
        assert not out.closed
