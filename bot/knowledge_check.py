"""The whole check of a knowledge folder: its own rules, and what only understanding can see."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from intents.libraries import ask_libraries
from intents.views import See, Views
from knowledge import Fault
from knowledge.checking import entries, examine
from knowledge.loading import Loaded
from knowledge.text import bare


def check(folder: Path, plan: str | None = None, only: Collection[Path] = ()) -> list[Fault]:
    """Return everything wrong with the knowledge in ``folder``, sorted; as :func:`knowledge.check`,
    and the questions under two entries that only differ in script, dialect or slips.

    ``only`` keeps the faults in these files or folders, unless so much is broken elsewhere that
    their meaning could not be checked: then the reason is among the faults returned.
    """
    faults, loaded = examine(folder, plan)
    if loaded is None:
        return sorted(faults)
    faults += same_when_understood(loaded, Views(ask_libraries(), loaded.knowledge.language).see)
    return sorted(fault for fault in faults if not only or _lies_in(fault.path, only))


def _lies_in(path: Path, places: Collection[Path]) -> bool:
    resolved = path.resolve()
    return any(place.resolve() in (resolved, *resolved.parents) for place in places)


def same_when_understood(loaded: Loaded, see: See) -> Iterator[Fault]:
    """Yield the questions under two entries that only differ in script, dialect or slips.

    ``see`` looks at a text through the words of this knowledge.
    """
    first: dict[str, tuple[str, str]] = {}
    for key, entry, place in entries(loaded):
        for index, question in enumerate(entry.questions):
            normal = see(question).characters.replace(" ", "")
            other_key, other = first.setdefault(normal, (key, question))
            if normal and other_key != key and bare(other) != bare(question):
                yield place.fault(
                    entry.id,
                    f"“{question}”和 {other_key} 的“{other}”只差字体、方言或者口误；只留一处",
                    "questions",
                    index,
                )
