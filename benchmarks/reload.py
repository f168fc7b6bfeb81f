"""How soon changed knowledge is taken up: ``python -m benchmarks reload``."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import structlog

from benchmarks import telegram
from benchmarks.measures import ROOT, megabytes
from bot import index_file
from bot.service.reload import KnowledgeWatcher, TakenUp
from bot.settings import BUILT_IN_KNOWLEDGE

ROUNDS = 5
_POLICY = Path("policies") / "03-private.yaml"
_WORDS = Path("language") / "dialect.yaml"
_PATIENCE = 120  # seconds
_REST = 0.3  # seconds between edits, and a little more each time, so that they don't keep step with the looks
_REST_UNDER_LOAD = 2.5
_TAKEN_UP = b"changed knowledge taken up"


@dataclass(frozen=True)
class Edit:
    """A change to one file of the shipped knowledge; ``change`` gets its text and the number of the edit."""

    name: str
    path: Path
    change: Callable[[str, int], str]

    def make(self, folder: Path, number: int) -> None:
        path = folder / self.path
        before = path.read_text(encoding="utf-8")
        after = self.change(before, number)
        if after == before:
            raise RuntimeError(f"{path} has changed its looks")
        path.write_text(after, encoding="utf-8")


EDITS = (
    Edit("an answer", _POLICY, lambda text, number: text.replace("    answer: ", f"    answer: 第{number}版，", 1)),
    Edit(
        "a sample question",
        _POLICY,
        lambda text, number: text.replace("    questions:\n", f"    questions:\n      - 第{number}次来问这件事\n", 1),
    ),
    Edit(
        "a dialect word",
        _WORDS,
        lambda text, number: text.replace("replace:\n", f"replace:\n  第{number}号土话: 怎么\n", 1),
    ),
)


@dataclass(frozen=True)
class Reloads:
    """Seconds from saving to the new knowledge being in use, for each kind of edit; ``megabytes`` is the peak of the
    process that prepares it.
    """

    seconds: Mapping[str, Sequence[float]]
    megabytes: float


@dataclass(frozen=True)
class Measured:
    """``first`` is how long a program takes that has to work out the first index; the rest is with and without load."""

    first: float
    idle: Reloads
    load: telegram.Load
    loaded: Mapping[str, Sequence[float]]


def measure() -> Measured:
    """Edit a copy of the shipped knowledge, in a process that does nothing else and in the program under load."""
    with _places() as (folder, kept_in):
        first = _first(folder, kept_in)
        command = [sys.executable, "-m", "benchmarks.reload", str(folder), str(kept_in)]
        idle = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=ROOT).stdout)
    with _places() as (folder, kept_in):
        _first(folder, kept_in)
        editor = _Editor(folder)
        load = telegram.measure(settings=_settings(folder, kept_in), beside=editor.at_work)
    return Measured(first, Reloads(**idle), load, editor.seconds)


@contextmanager
def _places() -> Iterator[tuple[Path, Path]]:
    with tempfile.TemporaryDirectory() as place:
        folder = shutil.copytree(BUILT_IN_KNOWLEDGE, Path(place) / "knowledge")
        yield folder, Path(place) / "kept"


def _settings(folder: Path, kept_in: Path) -> dict[str, str]:
    return {"ZHUCAN_KNOWLEDGE__FOLDER": str(folder), "ZHUCAN_INDEX__FOLDER": str(kept_in)}


def _first(folder: Path, kept_in: Path) -> float:
    """Let a process of its own work out the first index."""
    environment = os.environ | _settings(folder, kept_in)
    start = time.perf_counter()
    command = [sys.executable, "-m", "bot", "ask", "你好"]
    subprocess.run(command, capture_output=True, check=True, cwd=ROOT, env=environment)
    return time.perf_counter() - start


async def _idle(folder: Path, kept_in: Path) -> Reloads:
    taken_up: asyncio.Queue[TakenUp] = asyncio.Queue()
    version = index_file.fingerprint(folder)
    watcher = asyncio.create_task(KnowledgeWatcher(folder, kept_in, version, taken_up.put_nowait).run())
    await asyncio.sleep(1)
    seconds: dict[str, list[float]] = {edit.name: [] for edit in EDITS}
    for number in range(ROUNDS):
        for edit in EDITS:
            await asyncio.sleep(_REST + number / 20)
            edit.make(folder, number)
            saved = time.perf_counter()
            await asyncio.wait_for(taken_up.get(), _PATIENCE)
            seconds[edit.name].append(time.perf_counter() - saved)
    watcher.cancel()
    await asyncio.gather(watcher, return_exceptions=True)
    return Reloads(seconds, megabytes(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))


class _Editor:
    """Edits the knowledge while the program is busy, and sees in its log when that is taken up."""

    def __init__(self, folder: Path) -> None:
        self.seconds: dict[str, list[float]] = {edit.name: [] for edit in EDITS}
        self._folder = folder
        self._done = threading.Event()

    @contextmanager
    def at_work(self, log: Path) -> Iterator[None]:
        thread = threading.Thread(target=self._work, args=(log,))
        thread.start()
        try:
            yield
        finally:
            self._done.set()
            thread.join()

    def _work(self, log: Path) -> None:
        for number, edit in enumerate(cycle(EDITS)):
            if self._done.wait(_REST_UNDER_LOAD):
                return
            edit.make(self._folder, number)
            saved = time.perf_counter()
            while log.read_bytes().count(_TAKEN_UP) <= number:
                if time.perf_counter() - saved > _PATIENCE:
                    raise TimeoutError(edit.name)
                time.sleep(0.05)
            self.seconds[edit.name].append(time.perf_counter() - saved)


def section(measured: Measured) -> str:
    """Return the part of the report."""
    rows = "\n".join(
        f"| {name} | {_times(measured.idle.seconds[name])} | {_times(measured.loaded[name])} |"
        for name in measured.idle.seconds
    )
    load = measured.load
    return f"""## Changed knowledge while it runs

From saving a file of the shipped knowledge to answering from it: noticed, checked, learnt, taken up. *Idle* is the
watcher alone ({ROUNDS} edits of each kind), *under load* the whole program with {load.a_second} messages a second as
in the section above: {load.answered:,} of {load.said:,} answered, p99 {load.percentile(0.99):.0f} ms, longest
{load.percentile(1):.0f} ms.
The process that prepares a change ends with it; until then it takes {measured.idle.megabytes:.0f} MiB at most.
The very first index, with nothing to go by, takes {measured.first:.1f} s (`zhucan ask`, the whole process).

| changed | idle: median, longest | under load: median, longest |
|---|---|---|
{rows}
"""


def _times(seconds: Sequence[float]) -> str:
    return f"{statistics.median(seconds):.1f} s, {max(seconds):.1f} s" if seconds else "–"


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    print(json.dumps(vars(asyncio.run(_idle(*map(Path, sys.argv[1:]))))))
