"""Numbers as people say and type them when they choose from a list."""

from __future__ import annotations

import re
import unicodedata

_DIGITS = {
    "零": 0,
    "〇": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
    "十": 10,
}
_NONE_OF_THEM = re.compile(r"(都|全)不(是|对)|没有?(一个)?(对|是)的")
_CHOICE = re.compile(
    r"(?:我?[选要]|回复?|按|点)?(?:择|的是)?第?(?P<number>\d{1,2}|[零〇一二两三四五六七八九十])"
    r"(?:个|项|条|号)?(?:吧|嘛|啊|哈|了|的)?"
)
_NOT_A_WORD = re.compile(r"[\W_]+")


def chosen_number(message: str) -> int | None:
    """Return the number that ``message`` chooses, or None when it is no choice.

    ``1``, ``１``, ``1.``, ``一``, ``第一个``, ``选1`` and ``第1个吧`` are 1; ``都不是`` is 0.
    """
    text = _NOT_A_WORD.sub("", unicodedata.normalize("NFKC", message))
    if _NONE_OF_THEM.fullmatch(text):
        return 0
    match = _CHOICE.fullmatch(text)
    if match is None:
        return None
    number = match["number"]
    return int(number) if number.isdecimal() else _DIGITS[number]
