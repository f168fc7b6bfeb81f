"""Charts, drawn as shapes for SVG, and the same numbers as a table.

Across, everything is measured in percent; down, in em. So a chart takes the width that there is, its words grow with
the reader's letters, and nothing needs an inline style. SVG can't wrap words: what a bar counts stands above it as text
of the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from bot.staff.look import written_day
from bot.staff.percentages import percent
from bot.staff.wording import say

_LINE, _COLUMNS_HIGH = 1.3, 9.0  # em: a line of words, the highest of the upright bars


@dataclass(frozen=True)
class Bar:
    """A bar, filled as far as ``filled`` (percent), and the words above it: what is counted, and how many. ``whole``:
    an outline shows how far it could go; ``mark``: where it passed what was wanted (percent).
    """

    label: str
    value: str
    filled: float
    whole: bool = False
    mark: float | None = None


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
class Columns:
    """Upright bars with the few words that have room beside them; ``height`` in em."""

    height: float
    boxes: tuple[Box, ...]
    words: tuple[Words, ...]


@dataclass(frozen=True)
class Table:
    """``head`` names the columns; of each row the first cell names it, the others are numbers as they are read."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Chart:
    """What a template draws: ``bars`` or ``columns``, neither when there is nothing to draw. ``id`` is unique on the
    page; ``description`` says in words what can be seen, without repeating the table.
    """

    id: str
    title: str
    description: str
    table: Table
    bars: tuple[Bar, ...] = ()
    columns: Columns | None = None


def bars(id: str, title: str, head: tuple[str, str], counts: Sequence[tuple[str, int]], unit: str = "") -> Chart:
    """Return a chart with a bar for each of ``counts``. ``head`` names what is counted, and the number."""
    table = Table(head, tuple((label, number(count)) for label, count in counts))
    most, widest = max(counts, key=lambda each: each[1], default=("", 0))
    if not widest:
        return Chart(id, title, say("charts.none"), table)
    drawn = tuple(Bar(label, f"{number(count)}{unit}", _share(count, widest)) for label, count in counts)
    said = [
        say("charts.all", total=number(sum(count for _, count in counts)), unit=unit),
        say("charts.most", label=most, value=number(widest), unit=unit),
    ]
    return Chart(id, title, _joined(said), table, drawn)


def rates(id: str, title: str, head: tuple[str, str, str], counts: Sequence[tuple[str, int, int]]) -> Chart:
    """Return a chart of how far each of ``counts`` (label, done, of how many) has come; every full bar is as wide."""
    table = Table(
        (*head, say("charts.share_label")),
        tuple((label, number(done), number(whole), percent(done, whole)) for label, done, whole in counts),
    )
    drawn = tuple(
        Bar(label, _rate(done, whole), min(_share(done, whole), 100), whole=True) for label, done, whole in counts
    )
    ranked = sorted((each for each in counts if each[2]), key=lambda each: each[1] / each[2], reverse=True)
    if not ranked:
        return Chart(id, title, say("charts.none"), table)
    ends = [("highest", ranked[0]), ("lowest", ranked[-1])][: len(ranked)]
    said = [say(f"charts.{end}", label=label, value=_rate(done, whole)) for end, (label, done, whole) in ends]
    return Chart(id, title, _joined(said), table, drawn)


def _rate(done: int, whole: int) -> str:
    return say("charts.of", done=number(done), whole=number(whole), percent=percent(done, whole))


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
    drawn = tuple(
        Bar(label, f"{number(count)}{unit} {percent(count, whole)}", _share(count, widest)) for label, count in steps
    )
    said = [say("charts.step", label=bar.label, value=bar.value) for bar in dict.fromkeys((drawn[0], drawn[-1]))]
    return Chart(id, title, _joined(said), table, drawn)


def target(id: str, title: str, reached: int, wanted: int, unit: str = "") -> Chart:
    """Return a chart of what was ``reached`` of what is ``wanted`` (0: nothing is)."""
    labels = [say(f"charts.{name}_label") for name in ("reached", "target", "missing", "percent")]
    cells = (number(reached), number(wanted), number(max(wanted - reached, 0)), percent(reached, wanted))
    rows = tuple(zip(labels, cells, strict=True))
    table = Table(("", title), rows if wanted else rows[:1])
    phrase = "charts.reached" if wanted else "charts.reached_only"
    words = say(phrase, reached=cells[0], target=cells[1], percent=cells[3], unit=unit)
    whole = max(reached, wanted)
    passed = _share(wanted, whole) if 0 < wanted < reached else None
    return Chart(id, title, words, table, (Bar("", words, _share(reached, whole), whole=True, mark=passed),))


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
            says = say("charts.week", label=written_day(day), value=number(count), unit=unit)
            left, wide = slot * (place + 0.1), slot * 0.8
            boxes.append(Box(round(left, 2), round(floor - high, 2), round(wide, 2), round(high, 2), "filled", says))
    day, count = max(weeks, key=lambda week: week[1])
    last_day, last = weeks[-1]
    said = [
        say("charts.all", total=number(sum(n for _, n in weeks)), unit=unit),
        say("charts.most", label=written_day(day), value=number(count), unit=unit),
        say("charts.latest", label=written_day(last_day), value=number(last), unit=unit),
    ]
    words = (Words(0, 1, f"{number(highest)}{unit}"), *_ends([day for day, _ in weeks], floor + _LINE))
    return Chart(id, title, _joined(said), table, columns=Columns(floor + _LINE + 0.6, tuple(boxes), words))


def _ends(days: Sequence[date], y: float) -> list[Words]:
    """Return the names of the first and the last of ``days``: two have room everywhere."""
    first, *others = days
    ends = [Words(0, round(y, 2), written_day(first))]
    return [*ends, Words(100, round(y, 2), written_day(others[-1]), "end")] if others else ends


def number(count: int) -> str:
    """Return ``count`` as it is read, in groups of three."""
    return f"{count:,}"


def _share(part: int, whole: int) -> float:
    """Return how much of the width that is, in percent."""
    return round(part * 100 / whole, 2) if whole else 0


def _joined(said: Iterable[str]) -> str:
    return say("charts.apart").join(said)
