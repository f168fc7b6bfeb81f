"""The annual report as an Excel workbook."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import IO, Any

import xlsxwriter  # type: ignore[import-untyped]

from bot.clock import CHINA
from bot.staff.percentages import percent
from bot.staff.report import Item, Report
from bot.staff.wording import say

_TEXT = 49  # the number of Excel's format for text
_ITEM_COLUMNS = {"place": 6, "clause": 11, "heading": 24, "quotes": 46, "departments": 22, "counted": 34, "text": 44}
_FIGURE_COLUMNS = {"clause": 11, "label": 26, "value": 10, "whole": 10, "share": 10, "goal": 26, "how": 70}
_A4 = 9


def write_excel(report: Report, out: IO[bytes], who: str) -> None:
    """Write ``report`` to ``out``: the plan's items, the figures one by one, and what this is. ``who`` asked for it."""
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        _Sheet(book, "items", _ITEM_COLUMNS, title=title_of(report)).add(map(_item, report.items))
        figures = [row for item in report.items for row in _figures(item)]
        _Sheet(book, "figures", _FIGURE_COLUMNS).add(figures)
        _add_about(book, report, who)


def title_of(report: Report) -> str:
    """Return what stands above the report."""
    return say("report.title", year=report.year, plan=report.plan.title)


def about(report: Report, who: str) -> list[tuple[str, str]]:
    """Return what the report is of, line by line."""
    towns = say("report.departments").join(report.towns) if report.towns is not None else say("report.all_towns")
    valid = report.plan.valid
    lines = {
        "plan": f"{report.plan.title}（{report.plan.number}）",
        "year": str(report.year),
        "span": say("report.span", since=report.since, until=report.until),
        "towns": towns,
        "made": f"{report.made.astimezone(CHINA):%Y-%m-%d %H:%M}",
        "who": who,
        "note": say("report.note", begins=valid.begins, until=valid.until),
    }
    return [(say(f"report.about_{name}"), line) for name, line in lines.items()]


def _item(item: Item) -> tuple[object, ...]:
    counted = [say("report.figure", label=one.label, value=one.written) for one in item.figures]
    return (
        item.place,
        item.clause.id,
        item.clause.heading,
        "\n".join(say("report.quote", text=text) for text in item.quotes),
        say("report.departments").join(item.clause.departments),
        "\n".join(counted) or say("report.nothing_counted"),
        item.written or say("report.empty"),
    )


def _figures(item: Item) -> Iterable[tuple[object, ...]]:
    for one in item.figures:
        share = percent(one.value, one.whole) if one.whole is not None else ""
        yield item.clause.id, one.label, one.value, one.whole, share, one.goal, one.how


class _Sheet:
    """A sheet with titles over its columns, made for printing too."""

    def __init__(self, book: Any, name: str, columns: dict[str, int], title: str = "") -> None:
        look = {"text_wrap": True, "valign": "top", "border": 1}
        self._text = book.add_format(look | {"num_format": _TEXT, "quote_prefix": True})
        self._number = book.add_format(look)
        self._sheet = book.add_worksheet(say(f"report.sheet_{name}"))
        self._row = 0
        if title:
            self._sheet.write_string(0, 0, title, book.add_format({"bold": True, "font_size": 14}))
            self._row = 1
        heading = book.add_format(look | {"bold": True})
        for place, (column, width) in enumerate(columns.items()):
            self._sheet.set_column(place, place, width)
            self._sheet.write_string(self._row, place, say(f"report.head_{column}"), heading)
        self._row += 1
        self._sheet.freeze_panes(self._row, 0)
        self._sheet.repeat_rows(self._row - 1)
        self._sheet.set_landscape()
        self._sheet.set_paper(_A4)
        self._sheet.fit_to_pages(1, 0)

    def add(self, rows: Iterable[Sequence[object]]) -> None:
        """Write ``rows``; text stays text, whatever it looks like."""
        for row in rows:
            for place, cell in enumerate(row):
                if isinstance(cell, int):
                    self._sheet.write_number(self._row, place, cell, self._number)
                elif cell:
                    self._sheet.write_string(self._row, place, _clean(str(cell)), self._text)
                else:
                    self._sheet.write_blank(self._row, place, None, self._text)
            self._row += 1


def _add_about(book: Any, report: Report, who: str) -> None:
    sheet = book.add_worksheet(say("report.sheet_about"))
    label, text = book.add_format({"bold": True, "valign": "top"}), book.add_format({"text_wrap": True})
    sheet.set_column(0, 0, 14)
    sheet.set_column(1, 1, 90)
    for row, (name, line) in enumerate(about(report, who)):
        sheet.write_string(row, 0, name, label)
        sheet.write_string(row, 1, _clean(line), text)


def _clean(text: str) -> str:
    """Return what can be written as UTF-8: people can send half surrogates."""
    return text.encode("utf-8", "replace").decode()
