"""Tables as Excel and CSV files, written row by row as the rows come.

XlsxWriter makes everything about the workbook but the rows of the long sheet. Those go straight into the file:
XlsxWriter would put them into named temporary files, in plain text, and takes ten times as long.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import IO, Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

import xlsxwriter  # type: ignore[import-untyped]
from xlsxwriter.utility import xl_col_to_name  # type: ignore[import-untyped]

from bot.clock import CHINA

Cell = str | int | float | date | datetime | None
Row = Sequence[Cell]
About = Sequence[tuple[str, str]]

EXCEL_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE = "text/csv; charset=utf-8"


class Kind(StrEnum):
    """What the cells of a column are. ``TEXT`` stays text, whatever it looks like."""

    TEXT = "text"
    NUMBER = "number"
    DAY = "day"


@dataclass(frozen=True)
class Column:
    """``width`` is in Latin letters (a Chinese character takes two), 0 for as wide as the title or a day."""

    title: str
    kind: Kind = Kind.TEXT
    width: int = 0


class Spreadsheet(ABC):
    """A file being written. ``rows`` is how many went in, without the titles."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns = tuple(columns)
        self.rows = 0

    def add(self, rows: Iterable[Row]) -> None:
        """Write ``rows``; each has a cell for each column. Raises ValueError for one that has not."""
        for row in rows:
            self.rows += 1
            self._write(tuple(_plain(cell, of.kind) for cell, of in zip(row, self.columns, strict=True)))

    @abstractmethod
    def _write(self, cells: Row) -> None: ...

    @abstractmethod
    def finish(self) -> None:
        """Write what comes behind the rows, and close. The file itself stays open."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the file, which stays open, whether or not all was written."""


def _plain(cell: Cell, kind: Kind) -> Cell:
    """Return text as text, and a time as its day in China."""
    if cell is None or cell == "":
        return None
    if kind is Kind.TEXT:
        return str(cell).encode("utf-8", "replace").decode()  # people can send half surrogates
    if isinstance(cell, datetime):
        return (cell.astimezone(CHINA) if cell.tzinfo else cell).date()
    return cell


# What spreadsheets take for the beginning of a formula, also as typed with a Chinese keyboard and behind spaces.
_FORMULA = re.compile(r"[\s\0]*[=+\-@＝＋－＠]|[\t\r\n]")
# What they take for a number or a day, and would show as another: 00123, 138001380001234, 3-5, 1e5.
_OTHER_NUMBER = re.compile(
    r"0\d+|\d{12,}|\d{1,4}(?:[-/.:]\d{1,2}){1,2}|\d{1,2}[-/]\d{4}|\d+(?:\.\d+)?[eE]\d+",
)


def defused(text: str) -> str:
    """Return ``text`` so that a spreadsheet that reads it from a CSV file keeps it as text."""
    return f"'{text}" if _FORMULA.match(text) or _OTHER_NUMBER.fullmatch(text) else text


class CsvFile(Spreadsheet):
    """CSV as Excel and WPS read it without being asked: UTF-8 with its mark, CRLF, everything in quotes."""

    def __init__(self, out: IO[bytes], columns: Sequence[Column]) -> None:
        super().__init__(columns)
        self._text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=False)
        self._detached = False
        self._writer = csv.writer(self._text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        self._writer.writerow([defused(column.title) for column in self.columns])

    def _write(self, cells: Row) -> None:
        self._writer.writerow([defused(cell) if isinstance(cell, str) else cell for cell in cells])

    def finish(self) -> None:
        """Write what is still held back, and close. The file itself stays open."""
        self._text.flush()
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        if not self._detached:
            self._detached = True
            self._text.detach()


_TYPES = "[Content_Types].xml"
_SHEET = "xl/worksheets/sheet1.xml"
_FIRST_ROW = '<row r="2"'
_ROW_END = "</row>"
_LONGEST = 32_767  # characters in a cell, all that Excel takes
_MOST_ROWS = 1_048_575
_DAY_ZERO = date(1899, 12, 30).toordinal()
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_DAY_FORMAT, _TEXT_FORMAT = "yyyy-mm-dd", 49


class ExcelFile(Spreadsheet):
    """An Excel workbook: the rows under frozen titles with a filter, and a sheet that says what this is.

    ``title`` and ``about_title`` name the two sheets. ``about`` are the lines of the second; behind them comes
    ``count_label`` with the number of rows.
    """

    def __init__(
        self,
        out: IO[bytes],
        columns: Sequence[Column],
        title: str,
        about_title: str,
        about: About,
        count_label: str,
    ) -> None:
        super().__init__(columns)
        self._titles = (title, about_title)
        self._about = tuple(about)
        self._count_label = count_label
        self._letters = [xl_col_to_name(place) for place in range(len(self.columns))]
        self._held = ExitStack()
        self._file = self._held.enter_context(ZipFile(out, "w", ZIP_DEFLATED, compresslevel=1))
        frame = self._frame()
        self._file.writestr(_TYPES, frame[_TYPES])  # what tells a file's kind by its beginning looks for this
        start, self._styles, _ = _cut(frame[_SHEET].decode())
        self._part = self._held.enter_context(self._file.open(_SHEET, "w"))
        self._part.write(start.encode())

    def _write(self, cells: Row) -> None:
        if self.rows > _MOST_ROWS:
            raise ValueError(f"a sheet takes no more than {_MOST_ROWS} rows")
        number = self.rows + 1
        written = "".join(
            _cell(f"{letter}{number}", style, cell)
            for letter, style, cell in zip(self._letters, self._styles, cells, strict=True)
            if cell is not None
        )
        self._part.write(f'<row r="{number}">{written}</row>'.encode())

    def finish(self) -> None:
        """Write the rest of the workbook, and close. The file itself stays open."""
        frame = self._frame()
        _, _, end = _cut(frame.pop(_SHEET).decode())
        self._part.write(end.encode())
        self._part.close()
        for name, content in frame.items():
            if name != _TYPES:
                self._file.writestr(name, content)
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._held.close()

    def _frame(self) -> dict[str, bytes]:
        """Return the parts of the workbook; its first sheet has one row, empty, for the styles of the cells."""
        made = io.BytesIO()
        with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
            sheet = book.add_worksheet(self._titles[0])
            heading = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
            styles = {
                Kind.TEXT: book.add_format({"num_format": _TEXT_FORMAT, "quote_prefix": True, "valign": "top"}),
                Kind.NUMBER: book.add_format({"valign": "top"}),
                Kind.DAY: book.add_format({"num_format": _DAY_FORMAT, "align": "left", "valign": "top"}),
            }
            for place, column in enumerate(self.columns):
                sheet.set_column(place, place, _width(column))
                sheet.write_string(0, place, column.title, heading)
                sheet.write_blank(1, place, None, styles[column.kind])
            sheet.freeze_panes(1, 1)
            sheet.autofilter(0, 0, self.rows, len(self.columns) - 1)
            sheet.set_landscape()
            sheet.repeat_rows(0)
            sheet.fit_to_pages(1, 0)
            self._add_about(book)
        with ZipFile(made) as parts:
            return {name: parts.read(name) for name in parts.namelist()}

    def _add_about(self, book: Any) -> None:
        sheet = book.add_worksheet(self._titles[1])
        label, text = book.add_format({"bold": True, "valign": "top"}), book.add_format({"text_wrap": True})
        sheet.set_column(0, 0, 14)
        sheet.set_column(1, 1, 90)
        for place, (name, value) in enumerate((*self._about, (self._count_label, str(self.rows)))):
            sheet.write_string(place, 0, name, label)
            sheet.write_string(place, 1, value, text)


def _cut(sheet: str) -> tuple[str, list[str], str]:
    """Return what comes before the rows, the style of each cell, and what comes behind the rows."""
    start, _, rest = sheet.partition(_FIRST_ROW)
    row, _, end = rest.partition(_ROW_END)
    cells = ElementTree.fromstring(f"<row{row}{_ROW_END}")
    # How far the sheet reaches would be wrong, and readers that believe it would see no rows.
    return re.sub(r"<dimension [^>]*>", "", start), [cell.attrib["s"] for cell in cells], end


def _cell(place: str, style: str, cell: Cell) -> str:
    if isinstance(cell, str):
        return f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{_text(cell)}</t></is></c>'
    value = cell.toordinal() - _DAY_ZERO if isinstance(cell, date) else cell
    return f'<c r="{place}" s="{style}"><v>{value}</v></c>'


def _text(text: str) -> str:
    return escape(_LOOKS_ESCAPED.sub("_x005F_", _NOT_XML.sub("", text[:_LONGEST])))


def _width(column: Column) -> int:
    return column.width or max(width_of(column.title) + 4, 12 if column.kind is Kind.DAY else 8)


def width_of(text: str) -> int:
    """Return how many Latin letters ``text`` is as wide as."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
