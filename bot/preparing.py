"""Checks changed knowledge and works out its index, in a process of its own.

``python -m bot.preparing FOLDER KEPT_IN SPARE`` makes itself ready, waits for a line on its standard
input, and prints one JSON object: ``{"kept": file}`` or ``{"faults": [[path, line, column, entry, message], …]}``.
"""

from __future__ import annotations

import gc
import json
import sys
from dataclasses import astuple
from functools import cache
from pathlib import Path

from bot import index_file
from bot.knowledge_check import same_when_understood
from intents.building import build
from intents.index import Index
from intents.libraries import ask_libraries
from intents.views import Views
from knowledge import Knowledge, KnowledgeError
from knowledge.checking import examine


def prepare(folder: Path, kept_in: Path, spare: Path) -> Path:
    """Check the knowledge in ``folder``, work out its index, keep both and return the file.

    It is kept in ``kept_in``, in ``spare`` where that is not possible. Raises KnowledgeError with all that
    :func:`bot.knowledge_check.check` finds, OSError when neither place can be written.
    """
    version = index_file.fingerprint(folder)
    faults, loaded = examine(folder)
    if loaded is None:
        raise KnowledgeError(faults)
    facts = loaded.knowledge
    see = cache(Views(ask_libraries(), facts.language).see)
    faults += same_when_understood(loaded, see)
    if faults:
        raise KnowledgeError(faults)
    learnt = index_file.learnt_from(facts)
    index = index_file.reusable(learnt, kept_in) or build(facts, see)
    if index_file.fingerprint(folder) != version:  # saved again meanwhile: its name would lie
        return prepare(folder, kept_in, spare)
    try:
        return _kept(index_file.place(kept_in, version, learnt), facts, index)
    except OSError:
        return _kept(index_file.place(spare, version, learnt), facts, index)


def _kept(path: Path, facts: Knowledge, index: Index) -> Path:
    index_file.write(path, facts, index)
    return path


def main(folder: str, kept_in: str, spare: str) -> None:
    """Do as the module says."""
    gc.disable()  # the process ends soon, and it makes hundreds of thousands of small objects
    ask_libraries()
    if not sys.stdin.readline():  # nobody waits any more
        return
    try:
        told: dict[str, object] = {"kept": str(prepare(Path(folder), Path(kept_in), Path(spare)))}
    except KnowledgeError as error:
        told = {"faults": [astuple(fault) for fault in error.faults]}
    print(json.dumps(told, default=str))


if __name__ == "__main__":
    main(*sys.argv[1:])
