"""Questions that only name another place, such as 那永川呢 after what holds here."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

from bot import data_files
from bot.conversation.fields.phrases import any_of
from knowledge.model import Knowledge
from knowledge.text import bare

_LONGEST = 20  # characters
_PART = "(?:区|县|市|省)?"


def asked_of(message: str, knowledge: Knowledge) -> Literal["here", "elsewhere"] | None:
    """Return whether ``message`` only asks the same of the district itself or of another place; None for neither."""
    scope, words = knowledge.scope, bare(message)
    if scope is None or len(words) > _LONGEST or not _is_made_of(words, _around() | {*scope.here, *scope.places}):
        return None
    if any(place in words for place in scope.places):
        return "elsewhere"
    return "here" if any(place in words for place in scope.here) else None


def brought_here(question: str, knowledge: Knowledge) -> str:
    """Return the ``question`` without the other places that it names."""
    return re.sub(any_of(knowledge.scope.places) + _PART, "", question) if knowledge.scope is not None else question


def _is_made_of(words: str, pieces: frozenset[str]) -> bool:
    reached = {0}
    for start in range(len(words)):
        if start in reached:
            reached |= {end for end in range(start + 1, len(words) + 1) if words[start:end] in pieces}
    return len(words) in reached


@cache
def _around() -> frozenset[str]:
    return frozenset(map(bare, data_files.read("bot.conversation", "places.yaml")["around"]))
