"""Whether a few characters are plainly a name, could be one, or are something else."""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import IntEnum
from functools import cache

from bot.conversation.fields.data import names, words
from bot.conversation.fields.name_patterns import any_surname, often_surname, sure_surname
from bot.conversation.fields.phrases import any_of

LONGEST_IN_IDEOGRAPHS = 6

_IDEOGRAPH = "\u3400-\u9fff"
_IDEOGRAPHS = re.compile(rf"[{_IDEOGRAPH}]+")
_JOINED_BY_DOTS = re.compile(rf"[{_IDEOGRAPH}]{{1,8}}(?:[·•・‧．.][{_IDEOGRAPH}]{{1,8}})+")
_LETTERS = re.compile(r"[^\W\d_][^\W\d_.'’\-]*(?:[.'’\- ]+[^\W\d_]+){0,4}\.?")
_WITH_LETTERS = re.compile(rf"[{_IDEOGRAPH}A-Za-z]{{2,4}}")
_WHOSE = "(?:我们?|他们?|她们?|俺|咱)(?:家|的|家的)?"


class Shape(IntEnum):
    """How much something looks like a name."""

    NONE = 0
    MAYBE = 1
    PLAIN = 2


def shape(name: str, announced: bool = False, places: Collection[str] = ()) -> Shape:
    """Return how much ``name`` looks like one; ``announced`` by words such as 叫我; ``places`` are never names."""
    if name.lower() in words().not_names or _is_place(name, places):
        return Shape.NONE
    if _IDEOGRAPHS.fullmatch(name):
        return _of_ideographs(name, announced) if len(name) <= LONGEST_IN_IDEOGRAPHS else Shape.NONE
    if _JOINED_BY_DOTS.fullmatch(name):
        return Shape.PLAIN
    if _IDEOGRAPHS.search(name):
        return Shape.MAYBE if _WITH_LETTERS.fullmatch(name) else Shape.NONE
    if len(name) < 2 or not _LETTERS.fullmatch(name):
        return Shape.NONE
    parts = re.split(r"[ .\-]+", name.strip("."))
    return Shape.PLAIN if all(part[:1].isupper() and not part[1:].isupper() for part in parts) else Shape.MAYBE


def is_kin(name: str) -> bool:
    """Whether ``name`` says whose relative somebody is (我妈) rather than how they are called."""
    return _kin_alone().fullmatch(name) is not None


def _is_place(name: str, places: Collection[str]) -> bool:
    kinds = any_of(words().town_kinds)
    if re.search(rf"(?<=.)(?:{kinds}|村|社区|区|县|市)$", name):
        return True
    return any(name == place or name == re.sub(rf"(?<=..){kinds}$", "", place) for place in places)


def _of_ideographs(name: str, announced: bool) -> Shape:
    if any(pattern.fullmatch(name) for pattern in _plain()) or (announced and _nickname().fullmatch(name)):
        return Shape.PLAIN
    if any(word in name for word in (*words().not_in_names, *words().never_within_names)) or _ordinary().match(name):
        return Shape.NONE
    if len(name) == 1:
        if name in names().not_in_names and not re.fullmatch(any_surname(), name):
            return Shape.NONE
        return Shape.PLAIN if announced else Shape.MAYBE
    return Shape.MAYBE if any(pattern.fullmatch(name) for pattern in _possible()) else Shape.NONE


@cache
def _plain() -> tuple[re.Pattern[str], ...]:
    no_word = rf"(?!{_ordinary().pattern}|{any_of((*words().not_names, '老师'))}$)"
    given = rf"(?:[{_IDEOGRAPH}](?<![{re.escape(names().not_in_names)}]))"
    sure, often, anybody = sure_surname(), often_surname(), any_surname()
    full = rf"(?:{no_word}(?:{sure}{given}{{1,2}}|[{often}]{given}{{2}}))"
    titles = any_of({*names().titles, *names().short_titles, *words().name_titles})
    titled = rf"(?:{no_word}{anybody}{given}{{0,2}}{titles})"
    nickname = rf"(?:(?!{any_of(names().not_nicknames)})[老小大]{anybody}(?:子|儿|娃|妹|哥|姐)?)"
    called = rf"(?:{full}|{titled}|{nickname}|阿(?!姨|婆|公|爸|妈){given})"
    someone = rf"(?:{_WHOSE})?{_kin()}"
    return tuple(
        re.compile(pattern)
        for pattern in (
            rf"{no_word}(?:{sure}|[{often}])",
            called,
            rf"{_WHOSE}{_kin()}",
            rf"{someone}(?:叫|是|姓)?{called}",
        )
    )


@cache
def _possible() -> tuple[re.Pattern[str], ...]:
    stop, hard = re.escape(names().not_in_names), re.escape(_hard_stop())
    return tuple(
        re.compile(pattern)
        for pattern in (
            rf"(?:(?![{stop}])[{_IDEOGRAPH}]){{2,{LONGEST_IN_IDEOGRAPHS}}}",
            rf"{any_surname()}(?:(?![{hard}])[{_IDEOGRAPH}]){{1,2}}",
            _kin(),
        )
    )


@cache
def _nickname() -> re.Pattern[str]:
    """Return the pattern of what people are called by but never write: 三娃子, 幺妹, 丽丽."""
    stop = re.escape(names().not_in_names)
    given = rf"(?:(?!(?:{_ordinary().pattern}))[{_IDEOGRAPH}](?<![{stop}]))"
    endings = any_of(words().nickname_endings)
    return re.compile(
        rf"{given}{{1,2}}{endings}|(?P<one>{given})(?P=one)|[小老大阿幺]{given}{{1,2}}|[一二三四五六七八九]{given}"
    )


def _hard_stop() -> str:
    """Return the characters that are in no name at all; the others stand in a few."""
    return "".join(char for char in names().not_in_names if char not in words().seldom_in_names)


@cache
def _ordinary() -> re.Pattern[str]:
    return re.compile(any_of(names().ordinary))


@cache
def _kin() -> str:
    return any_of({*(kin for kind in words().kin.values() for kin in kind), *words().name_whose})


@cache
def _kin_alone() -> re.Pattern[str]:
    return re.compile(rf"(?:{_WHOSE})?{_kin()}")
