"""Character tables taken once from well-kept libraries, so that reading a text needs neither.

OpenCC knows which Simplified character stands for a Traditional one, pypinyin how a character is
read. Both are asked when an index is built; the index keeps what they said.
"""

from __future__ import annotations

import opencc
from pypinyin import Style, lazy_pinyin

from intents.tables import Tables

_BLOCKS = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF))
_IDEOGRAPHS = [chr(code) for first, last in _BLOCKS for code in range(first, last + 1)]


def ask_libraries() -> Tables:
    """Ask OpenCC and pypinyin about every ideograph of the two common blocks."""
    converted = opencc.OpenCC("t2s").convert("\n".join(_IDEOGRAPHS)).split("\n")
    simplified = {
        ord(char): simple
        for char, simple in zip(_IDEOGRAPHS, converted, strict=True)
        if simple != char and len(simple) == 1
    }
    readings = {}
    for char in _IDEOGRAPHS:
        reading = lazy_pinyin(char, style=Style.NORMAL, errors="ignore", v_to_u=False)
        if reading and reading[0].isascii():
            readings[char] = reading[0]
    return Tables(simplified, readings)
