"""The single measurements. Each that needs a clean memory runs in a process of its own."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.made_up import with_made_up_topics
from bot import evaluation, index_file
from bot.settings import BUILT_IN_KNOWLEDGE
from intents import Reader
from intents.index import Index
from knowledge import Knowledge, load

ROOT = Path(__file__).parent.parent
QUESTIONS = ROOT / "tests" / "questions" / "dev.tsv"
_ROUNDS = 10


@dataclass(frozen=True)
class Reading:
    """Times of one reading in milliseconds, and questions a second on one core."""

    p50: float
    p99: float
    a_second: float
    ten_thousand_characters: float


@dataclass(frozen=True)
class Process:
    """A whole process: wall time in seconds, peak memory in MiB."""

    seconds: float
    megabytes: float


@dataclass(frozen=True)
class Size:
    """One size of knowledge: how much there is, what building and reading it costs, how right it is."""

    topics: int
    questions: int
    build_seconds: float
    index_megabytes: float
    load_seconds: float
    memory_megabytes: float
    p50: float
    p99: float
    right_first: float


def reading(reader: Reader) -> Reading:
    """Time single readings of the development questions."""
    questions = [row.question for row in evaluation.read_rows(QUESTIONS)]
    for question in questions:
        reader.read(question)
    times = sorted(_seconds(reader, question) for _ in range(_ROUNDS) for question in questions)
    long = sorted(_seconds(reader, "我眼睛看不见想开个店" * 1000) for _ in range(_ROUNDS))
    return Reading(
        p50=1000 * times[len(times) // 2],
        p99=1000 * times[int(len(times) * 0.99)],
        a_second=len(times) / sum(times),
        ten_thousand_characters=1000 * long[-1],
    )


def _seconds(reader: Reader, question: str) -> float:
    start = time.perf_counter()
    reader.read(question)
    return time.perf_counter() - start


# A child's peak memory is never below its parent's at the time of the fork, so a bare Python starts it.
_LAUNCHER = """
import resource, subprocess, sys, time
start = time.perf_counter()
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def process(*arguments: str, runs: int = 7) -> Process:
    """Run a command of Python several times; the median time and the largest memory."""
    command = [sys.executable, "-c", _LAUNCHER, sys.executable, *arguments]
    measured = [
        tuple(map(float, subprocess.run(command, capture_output=True, check=True, cwd=ROOT).stdout.split()))
        for _ in range(runs)
    ]
    times = sorted(seconds for seconds, _ in measured)
    return Process(times[len(times) // 2], megabytes(max(memory for _, memory in measured)))


def size(topics: int, questions_each: int) -> Size:
    """Measure knowledge with so many topics in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.measures", str(topics), str(questions_each)]
    done = subprocess.run(command, capture_output=True, check=True, cwd=ROOT)
    return Size(**json.loads(done.stdout))


def _build(knowledge: Knowledge, path: Path) -> float:
    """Build an index and keep it at ``path``; in a child process, so that only its file remains."""
    start = time.perf_counter()
    child = os.fork()
    if child == 0:
        seen = index_file.see(knowledge, None)
        index = index_file.build(knowledge, seen)
        index_file.write(path, knowledge, index, seen)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if status:
        raise RuntimeError(f"building the index ended with status {status}")
    return time.perf_counter() - start


def _measure(topics: int, questions_each: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.npz"
        knowledge = load(BUILT_IN_KNOWLEDGE)
        if topics:
            knowledge = with_made_up_topics(knowledge, topics, questions_each)
        build_seconds = _build(knowledge, path)
        del knowledge
        command = [sys.executable, "-m", "benchmarks.measures", str(path)]
        measured: dict[str, float] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        return {**measured, "build_seconds": build_seconds, "index_megabytes": path.stat().st_size / 1e6}


def _use(path: Path) -> dict[str, float]:
    start = time.perf_counter()
    knowledge, index = index_file.read(path)
    reader = Reader(knowledge, index)
    load_seconds = time.perf_counter() - start
    times = reading(reader)
    rows = [row for row in evaluation.read_rows(QUESTIONS) if row.answerable]
    right = sum(evaluation.Result(row, reader.read(row.question)).right for row in rows)
    return {
        "topics": len(knowledge.by_key),
        "questions": _count(index),
        "load_seconds": load_seconds,
        "memory_megabytes": megabytes(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss),
        "p50": times.p50,
        "p99": times.p99,
        "right_first": right / len(rows),
    }


def _count(index: Index) -> int:
    return len(index.owners)


def megabytes(peak: float) -> float:
    """The kernel's peak memory, which it gives in bytes on macOS and in KiB elsewhere, in MiB."""
    return peak / (1024**2 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    first, *rest = sys.argv[1:]
    print(json.dumps(_measure(int(first), int(rest[0])) if rest else _use(Path(first))))
