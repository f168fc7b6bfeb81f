"""Lists of words as regular expressions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from bot.conversation.fields import digits


def any_of(words: Iterable[str]) -> str:
    """Return the pattern of any of ``words``, the longest first."""
    return "(?:" + "|".join(map(re.escape, sorted(words, key=lambda word: (-len(word), word)))) + ")"


def has_all(text: str, word: str) -> bool:
    """Whether ``text`` has ``word``: all of it that is joined by +, wherever it stands."""
    return all(part in text for part in word.split("+"))


def folded(text: str) -> str:
    """Return ``text`` in one width and in lower case, without what cannot be seen."""
    visible = "".join(char for char in text if digits.plain(char) != digits.HIDDEN)
    return unicodedata.normalize("NFKC", visible).lower()
