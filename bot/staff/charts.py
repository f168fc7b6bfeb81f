"""Charts, drawn as shapes for SVG, and the same numbers as a table.

Across, everything is measured in percent; down, in em. So a chart takes the width that there is, its words grow with
the reader's letters, and nothing needs an inline style. What tells series apart is the pattern as well as the colour.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from bot.staff.look import written_day
from bot.staff.wording import say

_LINE, _BAR, _GAP = 1.3, 0.8, 0.6  # em: a line of words, a bar, what parts one row from the next
_WIDEST = 9  # Chinese characters in a line: as many as fit on a small screen with letters twice as large
_COLUMNS_HIGH = 9.0
SERIES = 4
"""How many series can be told apart."""


@dataclass(frozen=True)
class Box:
    """A rectangle: ``x``, ``width`` in percent, ``y``, ``height`` in em. ``look`` is its class; ``says`` is shown by
    the browser when it is pointed at.
    """

    x: float
    y: float
    width: float
    height: float
    look: str
    says: str = ""


@dataclass(frozen=True)
class Words:
    """``text`` with its baseline at ``y`` (em); ``anchor``: start, middle or end at ``x`` (percent)."""

    x: float
    y: float
    text: str
    anchor: str = "start"


@dataclass(frozen=True)
class Table:
    """``head`` names the columns; of each row the first cell names it, the others are numbers as they are read."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Chart:
    """What a template draws. ``id`` is unique on the page; ``description`` says in words what can be seen; ``legend``:
    the series in the order of their looks ``series-1`` …; ``height`` in em, 0 when there is nothing to draw.
    """

    id: str
    title: str
    description: str
    table: Table
    height: float = 0
    boxes: tuple[Box, ...] = ()
    words: tuple[Words, ...] = ()
    legend: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """One thing that is counted, and how many there are of each part of it."""

    label: str
    values: tuple[int, ...]

    @property
    def total(self) -> int:
        """All parts together."""
        return sum(self.values)


@dataclass
class _Drawing:
    """Rows of words with a bar under them, from the top down."""

    boxes: list[Box] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)
    y: float = 0

    def add(self, text: str, parts: Iterable[tuple[float, str, str]]) -> None:
        """Add a bar of ``parts``: how wide in percent, which look, what it says."""
        for line in _lines(text):
            self.y += _LINE
            self.words.append(Words(0, round(self.y, 2), line))
        self.y += 0.4
        x = 0.0
        for width, look, says in parts:
            if width > 0:
                self.boxes.append(Box(round(x, 2), round(self.y, 2), round(width, 2), _BAR, look, says))
            x += width
        self.y += _BAR + _GAP


def bars(id: str, title: str, head: tuple[str, str], counts: Sequence[tuple[str, int]], unit: str = "") -> Chart:
    """Return a chart with a bar for each of ``counts``. ``head`` names what is counted, and the number."""
    rows = tuple(Row(label, (count,)) for label, count in counts)
    return _of_rows(id, title, head, rows, unit, legend=())


def stacked(
    id: str, title: str, head: tuple[str, ...], rows: Sequence[Row], unit: str = "", *, with_total: bool = True
) -> Chart:
    """Return a chart with a bar for each row, made of its parts. ``head`` names the row and each of the parts.

    Raises ValueError for more parts than can be told apart, or a row with another number of them.
    """
    parts = head[1:]
    if len(parts) > SERIES or any(len(row.values) != len(parts) for row in rows):
        raise ValueError("every row needs a value for each part, and there can't be more than four parts")
    return _of_rows(id, title, head, tuple(rows), unit, legend=parts, with_total=with_total)


def _of_rows(
    id: str,
    title: str,
    head: tuple[str, ...],
    rows: tuple[Row, ...],
    unit: str,
    *,
    legend: tuple[str, ...],
    with_total: bool = True,
) -> Chart:
    several = len(legend) > 1
    table = Table(
        (*head, say("charts.total")) if several and with_total else head,
        tuple(
            (row.label, *map(number, row.values), *([number(row.total)] if several and with_total else []))
            for row in rows
        ),
    )
    widest = max((row.total for row in rows), default=0)
    if not widest:
        return Chart(id, title, say("charts.none"), table)
    drawing = _Drawing()
    for row in rows:
        parts = [
            (part * 100 / widest, f"series-{place}", _part(row.label, legend[place - 1] if several else "", part, unit))
            for place, part in enumerate(row.values, 1)
        ]
        drawing.add(f"{row.label} {number(row.total)}{unit}", parts)
    most = max(rows, key=lambda row: row.total)
    said = [
        say("charts.all", total=number(sum(row.total for row in rows)), unit=unit),
        say("charts.most", label=most.label, value=number(most.total), unit=unit),
    ]
    return Chart(id, title, _joined(said), table, drawing.y, tuple(drawing.boxes), tuple(drawing.words), legend)


def rates(id: str, title: str, head: tuple[str, str, str], counts: Sequence[tuple[str, int, int]]) -> Chart:
    """Return a chart of how far each of ``counts`` (label, done, of how many) has come; every full bar is as wide."""
    table = Table(
        (*head, say("charts.share_label")),
        tuple((label, number(done), number(whole), percent(done, whole)) for label, done, whole in counts),
    )
    if not any(whole for _, _, whole in counts):
        return Chart(id, title, say("charts.none"), table)
    drawing, said = _Drawing(), []
    for label, done, whole in counts:
        words = say("charts.of", label=label, done=number(done), whole=number(whole), percent=percent(done, whole))
        share = min(done * 100 / whole, 100) if whole else 0
        drawing.add(words, ((share, "series-1", words), (100 - share, "rest", words)))
        said.append(words)
    return Chart(id, title, _joined(said), table, drawing.y, tuple(drawing.boxes), tuple(drawing.words))


def funnel(id: str, title: str, head: tuple[str, str], steps: Sequence[tuple[str, int]], unit: str = "") -> Chart:
    """Return a chart of how many came as far as each of ``steps``, and which share of the first step that is."""
    whole = steps[0][1] if steps else 0
    table = Table(
        (*head, say("charts.share_label")),
        tuple((label, number(count), percent(count, whole)) for label, count in steps),
    )
    if not whole:
        return Chart(id, title, say("charts.none"), table)
    widest = max(count for _, count in steps)
    drawing, said = _Drawing(), []
    for label, count in steps:
        words = f"{label} {number(count)}{unit} {percent(count, whole)}"
        drawing.add(words, ((count * 100 / widest, "series-1", words),))
        said.append(words)
    return Chart(id, title, _joined(said), table, drawing.y, tuple(drawing.boxes), tuple(drawing.words))


def target(id: str, title: str, reached: int, wanted: int, unit: str = "") -> Chart:
    """Return a chart of what was ``reached`` of what is ``wanted`` (0: nothing is)."""
    labels = [say(f"charts.{name}_label") for name in ("reached", "target", "missing", "percent")]
    cells = (number(reached), number(wanted), number(max(wanted - reached, 0)), percent(reached, wanted))
    rows = tuple(zip(labels, cells, strict=True))
    table = Table(("", title), rows if wanted else rows[:1])
    phrase = "charts.reached" if wanted else "charts.reached_only"
    words = say(phrase, reached=cells[0], target=cells[1], percent=cells[3], unit=unit)
    whole = max(reached, wanted) or 1
    drawing = _Drawing()
    parts = ((reached * 100 / whole, "series-1", words), ((whole - reached) * 100 / whole, "rest", words))
    drawing.add(words, parts)
    boxes = [*drawing.boxes]
    if 0 < wanted < reached:  # where the target was passed
        boxes.append(Box(round(wanted * 100 / whole, 2), boxes[0].y - 0.2, 0.4, _BAR + 0.4, "mark", words))
    return Chart(id, title, words, table, drawing.y, tuple(boxes), tuple(drawing.words))


def weekly(id: str, title: str, head: tuple[str, str], weeks: Sequence[tuple[date, int]], unit: str = "") -> Chart:
    """Return a chart with an upright bar for each of ``weeks`` (its first day, a count), the oldest first."""
    table = Table(head, tuple((written_day(day), number(count)) for day, count in weeks))
    highest = max((count for _, count in weeks), default=0)
    if not highest:
        return Chart(id, title, say("charts.none"), table)
    slot, floor = 100 / len(weeks), _LINE + _COLUMNS_HIGH
    boxes = [Box(0, round(floor, 2), 100, 0.08, "axis")]
    for place, (day, count) in enumerate(weeks):
        high = count * _COLUMNS_HIGH / highest
        if count:
            says = say("charts.parts", label=written_day(day), value=number(count), unit=unit)
            left, wide = slot * (place + 0.1), slot * 0.8
            boxes.append(Box(round(left, 2), round(floor - high, 2), round(wide, 2), round(high, 2), "series-1", says))
    day, count = max(weeks, key=lambda week: week[1])
    last_day, last = weeks[-1]
    said = [
        say("charts.all", total=number(sum(n for _, n in weeks)), unit=unit),
        say("charts.most", label=written_day(day), value=number(count), unit=unit),
        say("charts.latest", label=written_day(last_day), value=number(last), unit=unit),
    ]
    words = (Words(0, 1, f"{number(highest)}{unit}"), *_ends([day for day, _ in weeks], floor + _LINE))
    return Chart(id, title, _joined(said), table, floor + _LINE + 0.6, tuple(boxes), words)


def _ends(days: Sequence[date], y: float) -> list[Words]:
    """Return the names of the first and the last of ``days``: two have room everywhere."""
    first, *others = days
    ends = [Words(0, round(y, 2), written_day(first))]
    return [*ends, Words(100, round(y, 2), written_day(others[-1]), "end")] if others else ends


def number(count: int) -> str:
    """Return ``count`` as it is read, in groups of three."""
    return f"{count:,}"


def percent(part: int, whole: int) -> str:
    """Return the share with one digit behind the point, a dash where there is no whole."""
    return f"{part * 100 / whole:.1f}%" if whole else "—"


def _part(label: str, part: str, count: int, unit: str) -> str:
    return say("charts.parts", label=f"{label} {part}".strip(), value=number(count), unit=unit)


def _joined(said: Iterable[str]) -> str:
    return say("charts.apart").join(said)


# What is not broken: a number with what is counted, other Latin letters, a single Chinese character; no line begins
# with what closes, or ends with what opens.
_TOKEN = re.compile(r"[（“]*(?:\d[!-~]*[^!-~\s，。、；：）”]?|[!-~]+|[^!-~\s])[，。、；：）”]*|\s")


def _lines(text: str) -> list[str]:
    """Break ``text`` into lines that fit everywhere."""
    lines = [""]
    for token in _TOKEN.findall(text):
        if lines[-1] and _em(lines[-1] + token) > _WIDEST:
            lines.append("")
        lines[-1] += token
    return [line.strip() for line in lines if line.strip()] or [""]


def _em(text: str) -> float:
    return sum(0.55 if character.isascii() else 1 for character in text)
