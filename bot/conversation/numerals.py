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
}
_PLACES = {"十": 10, "百": 100, "千": 1000}
_SHORT = {"廿": "二十", "卅": "三十", "卌": "四十"}
_NONE_OF_THEM = re.compile(r"(都|全)不(是|对)|没有?(一个)?(对|是)的")
_CHOICE = re.compile(
    r"(?:我?[选要]|回复?|按|点)?(?:择|的是)?第?(?P<number>\d{1,2}|[一二三四五六七八九]?十[一二三四五六七八九]?|[零〇一二两三四五六七八九])"
    r"(?:个|项|条|号)?(?:吧|嘛|啊|哈|了|的)?"
)
_ONE_TO_NINE = "[一二两三四五六七八九]"
_WITH_PLACES = re.compile(
    rf"(?=.)(?:{_ONE_TO_NINE}千)?[零〇]?(?:{_ONE_TO_NINE}百)?[零〇]?(?:{_ONE_TO_NINE}?十)?[零〇]?{_ONE_TO_NINE}?"
)
_NOT_A_WORD = re.compile(r"[\W_]+")
_IN_A_CIRCLE = re.compile("[\u2460-\u249b\u24ea-\u24ff\u2776-\u2793\u3220-\u3229\u3280-\u3289]")
_FIGURES = re.compile(r"\d+")
_SIGNED = re.compile(r"^\s*[-+=\u2212]+\s*\d")


def chosen_number(message: str) -> int | None:
    """Return the number that ``message`` chooses, or None when it is no choice.

    ``1``, ``１``, ``1.``, ``一``, ``第一个``, ``选1`` and ``第1个吧`` are 1; ``都不是`` is 0. Figures in several
    places (``1 2``, ``1、3``) or behind a sign (``-1``) are none.
    """
    written = unicodedata.normalize("NFKC", _IN_A_CIRCLE.sub(r" \g<0> ", message))
    if len(_FIGURES.findall(written)) > 1 or _SIGNED.match(written):
        return None
    text = _NOT_A_WORD.sub("", written)
    if _NONE_OF_THEM.fullmatch(text):
        return 0
    match = _CHOICE.fullmatch(text)
    if match is None:
        return None
    return number_in_words(match["number"])


def number_in_words(words: str) -> int | None:
    """Return the number that ``words`` are as a whole: ``35``, ``三十五``, ``一百零二``.

    ``三五`` is read digit by digit. None where they are no number, or one of more than four digits.
    """
    words = unicodedata.normalize("NFKC", words)
    for short, long in _SHORT.items():
        words = words.replace(short, long)
    if words.isdecimal():
        return int(words) if len(words) <= 4 else None
    if words and all(char in _DIGITS for char in words):
        return int("".join(str(_DIGITS[char]) for char in words)) if len(words) <= 4 else None
    return _sum_of_places(words)


def _sum_of_places(words: str) -> int | None:
    """Return the value of ``words`` such as 三十五, their places from high to low."""
    if not _WITH_PLACES.fullmatch(words):
        return None
    total = 0
    digit = 0
    for char in words:
        if char in _PLACES:
            total += (digit or 1) * _PLACES[char]
            digit = 0
        else:
            digit = _DIGITS[char]
    return total + digit
