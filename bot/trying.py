"""Tries a new sample question, in a process of its own: checks it, learns it, and measures what it changes.

``python -m bot.trying`` reads a :class:`Task` as JSON from its standard input. It prints a JSON object a line: how far
it is, ``{"done": 10, "total": 400}``, and at the end ``{"outcome": …}``, a :class:`bot.trial.Outcome`.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import TypeAdapter

from bot import index_file, overlay_file
from bot.evaluation import QuestionFileError, Row, held_out_rows, read_rows, unknown_labels
from bot.same_questions import same_when_understood
from bot.trial import Outcome, Wish, effect, on_what_was_asked
from intents import Reader
from intents.index import Index
from knowledge import Fault, Knowledge, KnowledgeError
from knowledge.checking import examine

HELD_OUT = "held_out"
_STEPS = 20  # checking and learning, told as if they were so many questions read
_NICENESS = 19  # who asks the assistant something comes first


@dataclass(frozen=True)
class Task:
    """``wish`` is tried with the knowledge in ``folder`` and ``overlay``, on what it holds out and on ``sets``.

    ``kept_in`` is where indexes are kept, ``sets`` a folder of question sets, None for none.
    """

    wish: Wish
    folder: Path
    overlay: Path
    kept_in: Path
    sets: Path | None = None


TASK = TypeAdapter(Task)
OUTCOME = TypeAdapter(Outcome)
Tell = Callable[[int, int], None]


def try_out(task: Task, tell: Tell) -> Outcome:
    """Try the wish; ``tell`` is told what is done, of how much. Nothing is written but the index in use."""
    version = index_file.fingerprint(task.folder, task.overlay)
    try:
        facts, index = index_file.load(task.folder, task.kept_in, lambda _: None, task.overlay)
        fresh_facts, fresh_index = _learnt(task, version)
    except KnowledgeError as error:
        return Outcome(version, tuple(error.faults))
    before, after = Reader(facts, index), Reader(fresh_facts, fresh_index)
    skipped: list[str] = []
    sets = list(_sets(task, facts, skipped))
    total, done = _STEPS + 2 * sum(len(rows) for _, rows in sets), _STEPS
    tell(done, total)

    def read(count: int) -> None:
        nonlocal done
        before, done = done, done + count
        if before * 100 // total != done * 100 // total:  # who is told has other things to do
            tell(done, total)

    effects = tuple(effect(name, rows, before, after, read) for name, rows in sets)
    return Outcome(version, (), effects, on_what_was_asked(task.wish, before, after), tuple(skipped))


def _learnt(task: Task, version: str) -> tuple[Knowledge, Index]:
    """Return the knowledge with the sample in it, and its index. Raises KnowledgeError."""
    with tempfile.TemporaryDirectory(prefix="zhucan-") as spare:
        overlay = Path(spare) / task.overlay.name
        overlay_file.write(overlay, (*overlay_file.read(task.overlay), task.wish.sample))
        faults, loaded = examine(task.folder, overlay=overlay)
        if loaded is None:
            raise KnowledgeError(faults)
        seen = index_file.see(loaded.knowledge, index_file.known(task.kept_in, version))
        faults += same_when_understood(loaded, seen)
    if faults:
        raise KnowledgeError([_in_place(fault, overlay, task.overlay) for fault in faults])
    return loaded.knowledge, index_file.build(loaded.knowledge, seen)


def _in_place(fault: Fault, tried: Path, overlay: Path) -> Fault:
    """The file that was tried is gone; the fault is told as it would stand in the real one."""
    return replace(fault, path=overlay) if fault.path == tried else fault


def _sets(task: Task, facts: Knowledge, skipped: list[str]) -> Iterator[tuple[str, list[Row]]]:
    if rows := held_out_rows(facts):
        yield HELD_OUT, rows
    known = (*facts.labels.policies, *facts.labels.actions)
    for path in sorted(task.sets.glob("*.tsv")) if task.sets else ():
        try:
            rows = read_rows(path)
        except QuestionFileError:
            rows = []
        if rows and not unknown_labels(rows, known):
            yield path.stem, rows
        else:
            skipped.append(path.name)


def main() -> None:
    """Do as the module says."""
    gc.disable()  # the process ends soon
    with suppress(AttributeError, OSError):  # there is no such thing, or it is not allowed
        os.nice(_NICENESS)
    task = TASK.validate_json(sys.stdin.buffer.read())
    outcome = try_out(task, lambda done, total: print(json.dumps({"done": done, "total": total}), flush=True))
    print(json.dumps({"outcome": OUTCOME.dump_python(outcome, mode="json")}), flush=True)


if __name__ == "__main__":
    main()
    os._exit(0)  # to give back some hundred megabytes piece by piece would take a tenth of a second
