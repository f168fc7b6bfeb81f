"""Digits in whatever way they are written, and the places where they stand.

``plain`` brings a text into a form of the *same length*: every digit as 0-9, every invisible character as
NUL, full width as half width. What is found in it can therefore be cut out of the text itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

HIDDEN = "\0"
_SPOKEN = dict(
    zip(
        "零〇○洞幺一壹弌二贰貳两兩三叁參四肆五伍六陆陸七柒拐八捌九玖勾",
        "0000111122222333445566677788999",
        strict=True,
    )
)
_UNSEEN = frozenset({"Cf", "Mn", "Me", "Cs", "Co"})
_KEPT_CONTROLS = frozenset("\t\n\v\f\r\x85")
# Letters that dictation and printed numbers put for 0 and 1, only beside a digit and not within a word.
_LOOK_ALIKE = re.compile(r"(?<![A-Za-z])[OoIl|]+(?=\0*[0-9])|(?<=[0-9])[OoIl|]+(?![A-Za-z])")
_ZEROS_AND_ONES = str.maketrans("OoIl|", "00111")


@dataclass(frozen=True)
class Group:
    """Digits that stand together, in one script: ``text[start:end]``."""

    start: int
    end: int
    digits: str
    spoken: bool


def plain(text: str) -> str:
    """Return ``text`` with digits, width and invisible characters made alike; its length stays."""
    return _LOOK_ALIKE.sub(lambda match: match[0].translate(_ZEROS_AND_ONES), "".join(map(_plain, text)))


def spoken(char: str) -> bool:
    """Whether ``char`` is a numeral that can also be (part of) a Chinese word."""
    return char in _SPOKEN


def runs(text: str, flat: str, between: str, figures: str = "0-9") -> Iterator[tuple[Group, ...]]:
    """Yield the runs of digits in ``text``, whose plain form is ``flat``.

    ``between``: the inside of a regular expression's brackets, the characters that don't end a run. A run
    is cut into groups at them and where figures meet Chinese numerals. ``figures``: what goes on a run,
    in the same notation.
    """
    for match in re.finditer(rf"[0-9](?:[\0{between}]*[{figures}])*", flat):
        yield tuple(_groups(text, match[0], match.start(), figures))


def _groups(text: str, run: str, offset: int, figures: str) -> Iterator[Group]:
    """Yield the groups of one run, which begins at ``offset``."""
    for match in re.finditer(rf"[{figures}](?:\0*[{figures}])*", run):
        start = position = offset + match.start()
        end = offset + match.end()
        while position < end:
            script = spoken(text[position])
            position += 1
            while position < end and (run[position - offset] == HIDDEN or spoken(text[position]) == script):
                position += 1
            yield Group(start, position, run[start - offset : position - offset].replace(HIDDEN, ""), script)
            start = position


@lru_cache(maxsize=4096)
def _plain(char: str) -> str:
    """Return the one character that stands for ``char``."""
    if char in _SPOKEN:
        return _SPOKEN[char]
    digit = unicodedata.digit(char, None)
    if digit is not None:
        return str(digit)
    category = unicodedata.category(char)
    if category in _UNSEEN or (category == "Cc" and char not in _KEPT_CONTROLS):
        return HIDDEN
    folded = unicodedata.normalize("NFKC", char)
    if len(folded) != 1:
        return char
    return _SPOKEN.get(folded, folded)
