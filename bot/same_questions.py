"""The rule of the knowledge that only understanding can see: no two entries have the same question."""

from __future__ import annotations

from collections.abc import Iterator

from intents.seen import Seen
from knowledge import Fault
from knowledge.checking import questions_in_order
from knowledge.loading import Loaded
from knowledge.text import bare


def same_when_understood(loaded: Loaded, seen: Seen) -> Iterator[Fault]:
    """Yield the questions under two entries that only differ in script, dialect or slips.

    ``seen`` are the questions of this knowledge as they look through its words.
    """
    first: dict[str, tuple[str, str]] = {}
    for key, entry, place, index, question in questions_in_order(loaded):
        normal = seen.characters[seen.place[question]].replace(" ", "")
        other_key, other = first.setdefault(normal, (key, question))
        if normal and other_key != key and bare(other) != bare(question):
            yield place.fault(
                entry.id,
                f"“{question}”和 {other_key} 的“{other}”只差字体、方言或者口误；只留一处",
                "questions",
                index,
            )
