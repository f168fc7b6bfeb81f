"""Plain views of a text that checking and understanding share."""

from __future__ import annotations

import re
import unicodedata

# Whatever carries no word: spaces, punctuation, symbols, marks and controls.
_NOT_A_WORD = re.compile(r"[\W_]+")
_SENTENCE_END = re.compile(r"[。！？!?；;\n]+")


def bare(text: str) -> str:
    """Return ``text`` in one width, lower case, without spaces, punctuation and symbols.

    Two questions with the same bare text are the same question.
    """
    return _NOT_A_WORD.sub("", unicodedata.normalize("NFKC", text).lower())


def sentences(text: str) -> list[str]:
    """Split ``text`` at sentence ends; the pieces carry no end mark and no outer spaces."""
    return [piece for piece in map(str.strip, _SENTENCE_END.split(text)) if piece]


def look_alikes(text: str) -> list[str]:
    """Return the characters of ``text`` that look like others or cannot be seen.

    Radicals and compatibility ideographs stand in for ordinary characters, Greek and Cyrillic
    for Latin letters, full-width letters and digits for plain ones; zero-width, bidirectional,
    private and control characters are invisible.
    """
    return _LOOK_ALIKE.findall(text)


_LOOK_ALIKES = (
    (0x0000, 0x0009),
    (0x000B, 0x001F),
    (0x007F, 0x009F),
    (0x00AD, 0x00AD),
    (0x0370, 0x03FF),  # Greek
    (0x0400, 0x052F),  # Cyrillic
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x2E80, 0x2FDF),  # radicals
    (0xD800, 0xF8FF),  # surrogates, private use
    (0xF900, 0xFAFF),  # compatibility ideographs
    (0xFE00, 0xFE0F),  # variation selectors
    (0xFEFF, 0xFEFF),
    (0xFF10, 0xFF19),  # full-width digits
    (0xFF21, 0xFF3A),  # full-width letters
    (0xFF41, 0xFF5A),
)
_LOOK_ALIKE = re.compile("[" + "".join(f"\\U{first:08X}-\\U{last:08X}" for first, last in _LOOK_ALIKES) + "]")
