"""Questions that lean on the topic just spoken of, such as 要好多钱 after the incubation base."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from bot import data_files
from knowledge.text import bare

_LONGEST = 20  # characters; what is longer says more than such a question does


def facet(message: str) -> str | None:
    """Return which side of a topic ``message`` asks about (who, how, money, when, conditions, again, text_way).

    None when it names anything else: such a question can stand alone.
    """
    words = bare(message)
    if len(words) > _LONGEST:
        return None
    return next((name for name, pattern in _patterns().items() if pattern.fullmatch(words)), None)


@cache
def _patterns() -> Mapping[str, re.Pattern[str]]:
    """For each side: its words, once or more, among fillers."""
    words: dict[str, list[str]] = data_files.read("bot.conversation", "followups.yaml")
    fillers = f"(?:{_any_of(words.pop('fillers'))})*"
    return {name: re.compile(f"{fillers}(?:(?:{_any_of(asked)}){fillers})+") for name, asked in words.items()}


def _any_of(words: list[str]) -> str:
    return "|".join(re.escape(bare(word)) for word in sorted(words, key=len, reverse=True))
