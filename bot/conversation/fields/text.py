"""Free text as it may be kept: visible characters, within a limit."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_LINE_END = re.compile(r"\r\n?|[\v\f\x85\u2028\u2029]")
_UNSEEN = re.compile(
    "[\0-\x08\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
_PILED_MARKS = re.compile(
    r"([\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{2})[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)
_SPACES = re.compile(r"[^\S\n]+")
_BESIDE_LINE_END = re.compile(r" ?\n ?")
_EMPTY_LINES = re.compile(r"\n{3,}")


class Cleaned(NamedTuple):
    """``cut`` is whether ``text`` was longer than the limit."""

    text: str
    cut: bool


def clean(text: str, limit: int) -> Cleaned:
    """Return ``text`` without what cannot be seen, at most ``limit`` characters of it.

    Controls, direction marks and zero-width characters go; of spaces in a row one stays, of empty lines one.
    """
    text = _UNSEEN.sub("", _LINE_END.sub("\n", _whole(text)))
    text = _PILED_MARKS.sub(r"\1", text)
    text = _EMPTY_LINES.sub("\n\n", _BESIDE_LINE_END.sub("\n", _SPACES.sub(" ", text))).strip()
    if len(text) <= limit:
        return Cleaned(text, False)
    end = max(limit, 0)
    while end and unicodedata.combining(text[end]):
        end -= 1
    return Cleaned(text[:end].rstrip(), True)


def _whole(text: str) -> str:
    """Join surrogate pairs and drop lone surrogates, which cannot be stored."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    return text
