"""What somebody wants done with what is kept of them: a copy, a part of it deleted, to have it read back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from bot import data_files
from bot.conversation.fields.phrases import made_of
from knowledge.text import bare

_LONGEST = 30  # characters; what is longer tells something
_DENIED = re.compile(
    "要不要|(?<!其他的)(?<!其它的)(?<!别的)(?<!剩下的)[不别莫][要想准同意得能]{0,2}(?:删|撤|收回|去掉|抹|划|清|拿掉|忘)"
)
"""Of 残疾类别要不要记 and 不要撤残疾情况 the pieces alone would want the opposite."""


def wish(text: str) -> str | None:
    """Return what ``text`` as a whole wants (copy, category, questions, stop, read_back), None for all else."""
    words = bare(text)
    if not words or len(words) > _LONGEST or _DENIED.search("".join(text.split())):
        return None
    for name, lists in _wishes().items():
        needed = lists.keys() & {"about", "wants"}
        if any(needed <= way for way in made_of(words, lists)):
            return name
    return None


@cache
def _wishes() -> Mapping[str, Mapping[str, frozenset[str]]]:
    """For each wish, its lists of words: what it is about, what is wanted, and what may stand besides."""
    groups = data_files.read("bot.conversation", "wishes.yaml")
    fillers = groups.pop("fillers")
    return {
        name: {kind: frozenset(map(bare, words)) for kind, words in {**lists, "fillers": fillers}.items()}
        for name, lists in groups.items()
    }
