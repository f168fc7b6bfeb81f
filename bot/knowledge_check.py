"""The whole check of a knowledge folder: its own rules, and what only understanding can see."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from bot.same_questions import same_when_understood
from intents.libraries import ask_libraries
from intents.seen import see_questions
from knowledge import Fault
from knowledge.checking import examine


def check(
    folder: Path, plan: str | None = None, only: Collection[Path] = (), overlay: Path | None = None
) -> list[Fault]:
    """Return everything wrong with the knowledge in ``folder`` and ``overlay``, sorted; as :func:`knowledge.check`,
    and the questions under two entries that only differ in script, dialect or slips.

    ``only`` keeps the faults in these files or folders, unless so much is broken elsewhere that
    their meaning could not be checked: then the reason is among the faults returned.
    """
    faults, loaded = examine(folder, plan, overlay)
    if loaded is None:
        return sorted(faults)
    faults += same_when_understood(loaded, see_questions(loaded.knowledge, ask_libraries()))
    return sorted(fault for fault in faults if not only or _lies_in(fault.path, only))


def _lies_in(path: Path, places: Collection[Path]) -> bool:
    resolved = path.resolve()
    return any(place.resolve() in (resolved, *resolved.parents) for place in places)
