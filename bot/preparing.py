"""Checks changed knowledge and works out its index, in a process of its own.

``python -m bot.preparing FOLDER KEPT_IN SPARE VERSION [OVERLAY]`` makes itself ready, waits for a line on its standard
input, and prints one JSON object: ``{"kept": file}`` or ``{"faults": [[path, line, column, entry, message], …]}``.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from dataclasses import astuple
from pathlib import Path

from bot import index_file
from bot.same_questions import same_when_understood
from intents.index import Index
from intents.seen import Seen
from knowledge import Knowledge, KnowledgeError
from knowledge.checking import examine


def prepare(folder: Path, kept_in: Path, spare: Path, known: Seen | None, overlay: Path | None = None) -> Path:
    """Check the knowledge in ``folder`` and ``overlay``, work out its index, keep both and return the file.

    It is kept in ``kept_in``, in ``spare`` where that is not possible; ``known`` is how the questions were seen
    before. Raises KnowledgeError with all that :func:`bot.knowledge_check.check` finds, OSError when neither place
    can be written.
    """
    version = index_file.fingerprint(folder, overlay)
    faults, loaded = examine(folder, overlay=overlay)
    if loaded is None:
        raise KnowledgeError(faults)
    facts = loaded.knowledge
    seen = index_file.see(facts, known)
    faults += same_when_understood(loaded, seen)
    if faults:
        raise KnowledgeError(faults)
    learnt = index_file.learnt_from(facts)
    index = index_file.reusable(learnt, kept_in) or index_file.build(facts, seen)
    if index_file.fingerprint(folder, overlay) != version:  # saved again meanwhile: its name would lie
        return prepare(folder, kept_in, spare, seen, overlay)
    try:
        return _kept(index_file.place(kept_in, version, learnt), facts, index, seen)
    except OSError:
        return _kept(index_file.place(spare, version, learnt), facts, index, seen)


def _kept(path: Path, facts: Knowledge, index: Index, seen: Seen) -> Path:
    index_file.write(path, facts, index, seen)
    return path


def main(folder: str, kept_in: str, spare: str, version: str, overlay: str = "") -> None:
    """Do as the module says; ``version`` is that of the knowledge before the change."""
    gc.disable()  # the process ends soon, and it makes hundreds of thousands of small objects
    known = index_file.known(Path(kept_in), version)
    if not sys.stdin.readline():  # nobody waits any more
        return
    try:
        kept = prepare(Path(folder), Path(kept_in), Path(spare), known, Path(overlay) if overlay else None)
        told: dict[str, object] = {"kept": str(kept)}
    except KnowledgeError as error:
        told = {"faults": [astuple(fault) for fault in error.faults]}
    print(json.dumps(told, default=str), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
    os._exit(0)  # to give back some hundred megabytes piece by piece would take a tenth of a second
