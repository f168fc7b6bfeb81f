"""Character tables taken once from well-kept libraries, so that reading a text needs neither.

OpenCC knows which Simplified character stands for a Traditional one, pypinyin how a character is
read. Both are asked when an index is built; the index keeps what they said.
"""

from __future__ import annotations

from functools import cache

import opencc
from pypinyin.constants import PINYIN_DICT
from pypinyin.contrib.tone_convert import to_normal

from intents.tables import Tables

_BLOCKS = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF))
_IDEOGRAPHS = [chr(code) for first, last in _BLOCKS for code in range(first, last + 1)]


@cache
def ask_libraries() -> Tables:
    """Ask OpenCC and pypinyin about every ideograph of the two common blocks."""
    converted = opencc.OpenCC("t2s").convert("\n".join(_IDEOGRAPHS)).split("\n")
    simplified = {
        ord(char): simple
        for char, simple in zip(_IDEOGRAPHS, converted, strict=True)
        if simple != char and len(simple) == 1
    }
    toneless = cache(to_normal)  # some 1,500 readings for all characters
    first_readings = ((char, PINYIN_DICT.get(ord(char), "").partition(",")[0]) for char in _IDEOGRAPHS)
    readings = {char: plain for char, reading in first_readings if (plain := toneless(reading)) and plain.isascii()}
    return Tables(simplified, readings)
