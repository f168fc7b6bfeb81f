"""``python -m benchmarks [SECTION …]``: measure all or some of it, print it, and write it into docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from benchmarks import console, exports, measures, pages, reload, telegram, trial
from bot.settings import BUILT_IN_KNOWLEDGE
from intents import Reader
from knowledge import load

REPORT = measures.ROOT / "docs" / "benchmarks.md"
SIZES = ((0, 0), (300, 30), (3_000, 35), (30_000, 4))


def main(*chosen: str) -> None:
    """Measure the ``chosen`` sections, all without any; takes some minutes. The others stay as they were."""
    unknown = [name for name in chosen if name not in SECTIONS]
    if unknown:
        sys.exit(f"no section {', '.join(unknown)}; there are {', '.join(SECTIONS)}")
    written = {} if set(chosen or SECTIONS) == set(SECTIONS) else _sections(REPORT.read_text(encoding="utf-8"))
    for name in chosen or SECTIONS:
        _say(f"{name} …")
        written |= _sections(f"{SECTIONS[name]()}\nMeasured on {date.today()}.\n")
    REPORT.write_text(_report(written), encoding="utf-8")
    print(REPORT.read_text(encoding="utf-8"))


def _sections(report: str) -> dict[str, str]:
    """Take a report apart: its sections by their headings."""
    return {part.partition("\n")[0]: f"## {part.strip()}\n" for part in f"\n{report}".split("\n## ")[1:]}


def _report(sections: Mapping[str, str]) -> str:
    head = (
        f"# Benchmarks\n\nWritten by `make bench`. Machine: {_machine()}; one core is used unless it says otherwise.\n"
    )
    return "\n".join((head, *sections.values()))


def _reading() -> str:
    with _on_one_core():
        reading = measures.reading(Reader(load(BUILT_IN_KNOWLEDGE)))
    return f"""## One reading, with the shipped knowledge

| p50 | p99 | questions a second | a text of 10,000 characters (slowest of 10) |
|---|---|---|---|
| {reading.p50:.2f} ms | {reading.p99:.2f} ms | {reading.a_second:,.0f} | {reading.ten_thousand_characters:.2f} ms |

The questions are those of `tests/questions/dev.tsv`, each read ten times after one round to warm up.
"""


def _start() -> str:
    with _on_one_core():
        measures.process("-m", "bot", "ask", "你好", runs=1)  # works out the index if need be
        start = measures.process("-m", "bot", "ask", "残疾人办烟草证有照顾吗")
        bare = measures.process("-c", "pass")
    return f"""## `zhucan ask` as a whole process, its index built before

| wall time (median of 7) | peak memory | Python alone |
|---|---|---|
| {start.seconds:.2f} s | {start.megabytes:.0f} MiB | {bare.seconds:.2f} s, {bare.megabytes:.0f} MiB |
"""


def _growth() -> str:
    sizes = []
    with _on_one_core():
        for topics, questions in SIZES:
            _say(f"knowledge of {topics or 'the shipped number of'} topics …")
            sizes.append(measures.size(topics, questions))
    rows = "\n".join(
        f"| {size.topics:,} | {size.questions:,} | {size.build_seconds:.1f} s | {size.index_megabytes:.0f} MB "
        f"| {size.load_seconds:.2f} s | {size.memory_megabytes:.0f} MiB | {size.p50:.2f} ms | {size.p99:.2f} ms "
        f"| {size.right_first:.1%} |"
        for size in sizes
    )
    return f"""## How it grows

The first row is the shipped knowledge; the others put invented topics beside it (`benchmarks/made_up.py`). *Build* is
done once for a knowledge; *load*, *memory* (peak of a process that reads) and times are for every start after it.
*Right first* is that of `tests/questions/dev.tsv`: how much the answers suffer from the company of strangers.

| topics | sample questions | build | index | load | memory | p50 | p99 | right first |
|---|---|---|---|---|---|---|---|---|
{rows}
"""


def _telegram() -> str:
    return telegram.section(telegram.measure())


def _console() -> str:
    return console.section(console.measure())


def _pages() -> str:
    return pages.section(pages.measure())


def _reload() -> str:
    return reload.section(reload.measure())


def _trial() -> str:
    return trial.section(trial.measure())


def _exports() -> str:
    return exports.section(exports.measure())


SECTIONS: Mapping[str, Callable[[], str]] = {
    "reading": _reading,
    "start": _start,
    "growth": _growth,
    "telegram": _telegram,
    "console": _console,
    "pages": _pages,
    "exports": _exports,
    "reload": _reload,
    "trial": _trial,
}


@contextmanager
def _on_one_core() -> Iterator[None]:
    """What a small machine has."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _machine() -> str:
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line.partition(":")[2].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    return f"{model}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
