"""The whole check of a knowledge folder: its own rules, and what only understanding can see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import knowledge
from intents.libraries import ask_libraries
from intents.views import Views
from knowledge import Fault
from knowledge.checking import entries
from knowledge.loading import Loaded, load_what_can_be
from knowledge.text import bare


def check(folder: Path, plan: str | None = None) -> list[Fault]:
    """Return everything wrong with the knowledge in ``folder``, sorted; as :func:`knowledge.check`,
    and the questions under two entries that only differ in script, dialect or slips.
    """
    faults = knowledge.check(folder, plan)
    _, loaded = load_what_can_be(folder)
    if loaded is not None:
        faults += _same_when_understood(loaded)
    return sorted(faults)


def _same_when_understood(loaded: Loaded) -> Iterator[Fault]:
    views = Views(ask_libraries(), loaded.knowledge.language)
    first: dict[str, tuple[str, str]] = {}
    for key, entry, place in entries(loaded):
        for index, question in enumerate(entry.questions):
            normal = views.see(question).characters.replace(" ", "")
            other_key, other = first.setdefault(normal, (key, question))
            if normal and other_key != key and bare(other) != bare(question):
                yield place.fault(
                    entry.id,
                    f"“{question}”和 {other_key} 的“{other}”只差字体、方言或者口误；只留一处",
                    "questions",
                    index,
                )
