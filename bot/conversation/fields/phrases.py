"""Lists of words as regular expressions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping

from bot.conversation.fields import digits

_CONCEDES = re.compile(r"([^是]+)[是倒]\1")


def any_of(words: Iterable[str]) -> str:
    """Return the pattern of any of ``words``, the longest first."""
    return "(?:" + "|".join(map(re.escape, sorted(words, key=lambda word: (-len(word), word)))) + ")"


def has_all(text: str, word: str) -> bool:
    """Whether ``text`` has ``word``: all of it that is joined by +, wherever it stands."""
    return all(part in text for part in word.split("+"))


def concedes(text: str) -> bool:
    """Whether ``text`` says 可以是可以 or the like: a but is to come."""
    return _CONCEDES.search(text) is not None


def folded(text: str) -> str:
    """Return ``text`` in one width and in lower case, without what cannot be seen."""
    visible = "".join(char for char in text if digits.plain(char) != digits.HIDDEN)
    return unicodedata.normalize("NFKC", visible).lower()


def made_of(text: str, lists: Mapping[str, Collection[str]]) -> Collection[frozenset[str]]:
    """Return the ways in which ``text`` is nothing but words of ``lists``: of which of these it has any, each time."""
    reached: list[set[frozenset[str]]] = [set() for _ in range(len(text) + 1)]
    reached[0].add(frozenset())
    for place, ways in enumerate(reached):
        for name, words in lists.items() if ways else ():
            for word in words:
                if text.startswith(word, place):
                    reached[place + len(word)] |= {way | {name} for way in ways}
    return reached[-1]
