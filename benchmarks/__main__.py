"""``python -m benchmarks``: measure, print, and write docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
import sys
from datetime import date
from pathlib import Path

from benchmarks import measures
from bot.settings import BUILT_IN_KNOWLEDGE
from intents import Reader
from knowledge import load

REPORT = measures.ROOT / "docs" / "benchmarks.md"
SIZES = ((0, 0), (300, 30), (3_000, 35), (30_000, 4))


def main() -> None:
    """Measure everything; takes some minutes."""
    # One core: what a small machine has.
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    _say("reading …")
    reading = measures.reading(Reader(load(BUILT_IN_KNOWLEDGE)))
    _say("start-up …")
    measures.process("-m", "bot", "ask", "你好", runs=1)  # works out the index if need be
    start = measures.process("-m", "bot", "ask", "残疾人办烟草证有照顾吗")
    bare = measures.process("-c", "pass")
    sizes = []
    for topics, questions in SIZES:
        _say(f"knowledge of {topics or 'the shipped number of'} topics …")
        sizes.append(measures.size(topics, questions))
    REPORT.write_text(_report(reading, start, bare, sizes), encoding="utf-8")
    print(REPORT.read_text(encoding="utf-8"))


def _report(
    reading: measures.Reading, start: measures.Process, bare: measures.Process, sizes: list[measures.Size]
) -> str:
    rows = "\n".join(
        f"| {size.topics:,} | {size.questions:,} | {size.build_seconds:.1f} s | {size.index_megabytes:.0f} MB "
        f"| {size.load_seconds:.2f} s | {size.memory_megabytes:.0f} MiB | {size.p50:.2f} ms | {size.p99:.2f} ms "
        f"| {size.right_first:.1%} |"
        for size in sizes
    )
    return f"""# Benchmarks

Written by `make bench` on {date.today()}. Machine: {_machine()}; one core is used.

## One reading, with the shipped knowledge

| p50 | p99 | questions a second | a text of 10,000 characters (slowest of 10) |
|---|---|---|---|
| {reading.p50:.2f} ms | {reading.p99:.2f} ms | {reading.a_second:,.0f} | {reading.ten_thousand_characters:.2f} ms |

The questions are those of `tests/questions/dev.tsv`, each read ten times after one round to warm up.

## `zhucan ask` as a whole process, its index built before

| wall time (median of 7) | peak memory | Python alone |
|---|---|---|
| {start.seconds:.2f} s | {start.megabytes:.0f} MiB | {bare.seconds:.2f} s, {bare.megabytes:.0f} MiB |

## How it grows

The first row is the shipped knowledge; the others put invented topics beside it (`benchmarks/made_up.py`). *Build* is
done once for a knowledge; *load*, *memory* (peak of a process that reads) and times are for every start after it.
*Right first* is that of `tests/questions/dev.tsv`: how much the answers suffer from the company of strangers.

| topics | sample questions | build | index | load | memory | p50 | p99 | right first |
|---|---|---|---|---|---|---|---|---|
{rows}
"""


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
    main()
