"""From what somebody typed or dictated to the plain form that is compared.

One width, lower case, simplified characters, usual words for dialect and misheard ones, nothing
invisible, single spaces for everything that is no word. Any string has a normal form.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Generic, TypeVar

LONGEST = 600
"""Characters that are looked at. Of a longer text the beginning and the end count."""

_SHORTEST_ASKED = 2  # characters
_HEAD = LONGEST * 2 // 3
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_APART = re.compile(f"(?<=[{_HAN}])[ \\t\u3000]+(?=[{_HAN}])")  # deaf people often write so; it parts no words
_NOT_A_WORD = re.compile(r"[\W_]+")
_STUTTER = re.compile(r"(.)\1{2,}")

Meaning = TypeVar("Meaning")


class Normaliser:
    """Brings any text into its normal form.

    ``simplified`` maps Traditional characters to Simplified ones (as for ``str.translate``);
    ``replace`` maps dialect and misheard words to usual ones, the longest word first. ``openings`` and ``closings``,
    in usual words, are left out before and after what is said, unless hardly anything else is.
    """

    def __init__(
        self,
        simplified: Mapping[int, str],
        replace: Mapping[str, str],
        openings: Sequence[str] = (),
        closings: Sequence[str] = (),
    ) -> None:
        self._simplified = simplified
        self._words = WordFinder(replace)
        self._before = re.compile(f"(?:(?:{_any_of(openings)}) ?)+")
        self._after = re.compile(f"(?: ?(?:{_any_of(word[::-1] for word in closings)}))+")

    def __call__(self, text: str) -> str:
        """Return the normal form of ``text``: maybe empty."""
        return self.usual(self.plain(text))

    def plain(self, text: str) -> str:
        """Return ``text`` in one width, case and script: at most :data:`LONGEST` characters, maybe empty."""
        text = _INVISIBLE.sub("", _ends(_valid(_ends(text, 4 * LONGEST)), 4 * LONGEST))
        text = _APART.sub("", unicodedata.normalize("NFKC", text)).lower().translate(self._simplified)
        text = _STUTTER.sub(r"\1\1", _NOT_A_WORD.sub(" ", text)).strip()
        return _ends(text, LONGEST)

    def usual(self, plain: str) -> str:
        """Return ``plain`` text in usual words, without what people say out of courtesy."""
        return self._asked(_replaced(plain, self._words))

    def _asked(self, text: str) -> str:
        begin = found.end() if (found := self._before.match(text)) else 0
        end = len(text) - (found.end() if (found := self._after.match(text[::-1])) else 0)
        asked = text[begin:end].strip()
        return asked if len(asked) >= _SHORTEST_ASKED else text


class WordFinder(Generic[Meaning]):
    """Finds the words of a mapping in a text, from left to right, the longest first."""

    def __init__(self, words: Mapping[str, Meaning]) -> None:
        self._words = {word: meaning for word, meaning in words.items() if word}
        lengths: dict[str, set[int]] = {}
        for word in self._words:
            lengths.setdefault(word[0], set()).add(len(word))
        self._lengths = {first: sorted(found, reverse=True) for first, found in lengths.items()}

    def find(self, text: str) -> Iterator[tuple[int, str, Meaning]]:
        """Yield ``(start, word, meaning)`` for each word found; they don't overlap."""
        words, lengths = self._words, self._lengths
        end = 0
        for start, first in enumerate(text):
            if start >= end and first in lengths:
                for length in lengths[first]:
                    word = text[start : start + length]
                    if word in words:
                        yield start, word, words[word]
                        end = start + length
                        break


def _replaced(text: str, words: WordFinder[str]) -> str:
    """Return ``text`` with every word found replaced by its meaning."""
    pieces: list[str] = []
    end = 0
    for start, word, meaning in words.find(text):
        pieces += (text[end:start], meaning)
        end = start + len(word)
    return "".join(pieces) + text[end:] if pieces else text


def _any_of(words: Iterable[str]) -> str:
    """A pattern for any of ``words``, the longest first; for none it matches nothing."""
    return "|".join(map(re.escape, sorted(filter(None, words), key=len, reverse=True))) or "(?!)"


def _ends(text: str, longest: int) -> str:
    """Keep the beginning and the end of a text that is too long."""
    if len(text) <= longest:
        return text
    head = longest * _HEAD // LONGEST
    return text[:head] + text[head - longest :]


def _valid(text: str) -> str:
    """Join surrogate pairs and replace lone surrogates, which cannot be encoded."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
