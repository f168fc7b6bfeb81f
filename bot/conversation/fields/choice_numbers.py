"""Which numbers of a list are meant in what is left of a text when its words are taken out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from bot.conversation.fields.data import words
from bot.conversation.fields.phrases import any_of
from bot.conversation.numerals import number_in_words

_CHINESE = "零〇一二两三四五六七八九十"
_SEPARATORS = re.compile(r"[\W_]+")
_TOKEN = re.compile(rf"[0-9]+|[{_CHINESE}]+")
_SMALL = f"[0-9]{{1,2}}|[{_CHINESE}]{{1,3}}"
_SPAN = re.compile(rf"(?P<low>{_SMALL})[个项号]?(?:到|至|~|—|–)第?(?P<high>{_SMALL})[个项号]?")
_FIRST = re.compile(r"前(?:面)?(?P<n>[0-9]{1,2}|[一二两三四五六七八九十])(?:个|项|样|种)")
_LAST = re.compile(r"(?:最后|后面?|末尾)(?:面)?(?:的)?(?P<n>[0-9]{1,2}|[一二两三四五六七八九十])?(?:个|项|样|种|条)")
_ONE_NUMBER = re.compile("[号个项条样]")


@dataclass(frozen=True)
class Mention:
    """A number of the list, or one outside it, at ``start:end`` of the text."""

    number: int
    start: int
    end: int
    in_range: bool


def read_numbers(rest: str, last: int, several: bool) -> tuple[Mention, ...]:
    """Return the numbers meant in ``rest``, for a list from 1 to ``last``.

    Chinese numerals and numbers in a sentence count only where they are clearly a choice (第三个, 选3): 三轮车 is
    none. Where ``several`` may be chosen, ``135`` is 1, 3 and 5 if no such number is in the list; ``13`` is never
    1 and 3, for it may as well be one number that was mistyped, and what is recorded may tell of a disability.
    """
    found: list[Mention] = []
    for pattern, reader in ((_SPAN, _span), (_FIRST, _first), (_LAST, _last)):
        for match in pattern.finditer(rest):
            numbers = reader(match, last) if several or (pattern is _LAST and match["n"] in (None, "1", "一")) else []
            if not numbers or _has_unit(rest, match.end()):
                continue
            found += (Mention(n, match.start(), match.end(), 1 <= n <= last) for n in numbers)
            rest = rest[: match.start()] + " " * len(match[0]) + rest[match.end() :]
    only_numbers = not _besides().sub("", _TOKEN.sub("", _SEPARATORS.sub("", rest)))
    for match in _TOKEN.finditer(rest):
        if only_numbers or _is_choice(rest, match):
            found += _mentions(match, rest, last, several)
    return tuple(sorted(found, key=lambda mention: mention.start))


def _mentions(match: re.Match[str], rest: str, last: int, several: bool) -> Iterator[Mention]:
    marked = _ONE_NUMBER.match(rest, match.end()) is not None
    for number in _cut(match[0], last, several and not marked):
        yield Mention(number, match.start(), match.end(), 1 <= number <= last)


def _cut(token: str, last: int, several: bool) -> list[int]:
    """Return ``token`` as one number, or as one for each digit; nothing for a number too long for any list."""
    whole = number_in_words(token)
    if several and _may_be_run_together(token) and not 1 <= (whole or 0) <= last:
        singles = [digit for char in token if (digit := number_in_words(char)) is not None]
        in_range = sum(1 <= digit <= last for digit in singles)
        enough = in_range == len(singles) or (in_range >= 2 and len(token) > 2)
        if enough and len(set(singles)) == len(token):
            return singles
    return [] if whole is None else [whole]


def _may_be_run_together(token: str) -> bool:
    """Whether each digit may be a number of its own: 135 and 一三, not 13, which a list of some length could have."""
    return len(token) > (2 if token.isdecimal() else 1) and "十" not in token


def _is_choice(rest: str, match: re.Match[str]) -> bool:
    """Whether a number within a sentence is the number of a choice."""
    before, after = rest[: match.start()], rest[match.end() :]
    if _has_unit(rest, match.end()):
        return False
    if re.search(r"(?:第|选|选择|回复)\s*$", before):
        return True
    if match[0].isdecimal():
        return not re.search(r"[a-z0-9.]$", before) and not re.match(r"[a-z0-9]|\.[0-9]", after)
    return not re.search(r"\w$", before) and not re.match(r"\w", after)


def _has_unit(rest: str, end: int) -> bool:
    return _unit().match(rest, end) is not None


def _span(match: re.Match[str], last: int) -> list[int]:
    low, high = number_in_words(match["low"]), number_in_words(match["high"])
    if low is None or high is None or not low < high:
        return []
    return [*range(low, min(high, last) + 1), *([high] if high > last else [])]


def _first(match: re.Match[str], last: int) -> list[int]:
    count = number_in_words(match["n"]) or 0
    return list(range(1, count + 1)) if count <= last else [count]


def _last(match: re.Match[str], last: int) -> list[int]:
    count = (number_in_words(match["n"]) or 0) if match["n"] else 1
    return list(range(last - count + 1, last + 1)) if count <= last else [count]


@cache
def _unit() -> re.Pattern[str]:
    return re.compile(rf"\s*{any_of(words().units)}")


@cache
def _besides() -> re.Pattern[str]:
    return re.compile(any_of(words().fillers))
