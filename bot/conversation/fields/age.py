"""Age bands; neither the age nor the year of birth is kept."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from bot.conversation.fields import digits
from bot.conversation.numerals import number_in_words

Band = tuple[str, int, int | None]
"""Id, youngest and oldest age in it (None: no end)."""

_Ages = tuple[int, int]
_Reading = Callable[[re.Match[str], date], _Ages | None]

_LONGEST = 200
_OLDEST = 120
_GROWN_UP = 18
_SPACES = re.compile(r"\s+")
_OWN = re.compile(r"(?:我|本人|自己)(?:今年|现在|都|已经|也|是|有|满|\s)*$")
_DENIED = re.compile(r"(?:不是|不止|并非|哪是)$")
_LONG_AGO = re.compile(
    r"(?:就|那年|那时|那会|时|的时候|开始|起|出来|出去|出门|残疾|残的|伤残|得病|得的病|生病|出事|受伤|摔|遭|瘫|聋|瞎|看不|听不|上学|读书|读初|读小|打工|没了|走的)"
)
_AROUND = re.compile(
    r"(?:[我他她都也才还刚满有是周岁了咯啦喽哒的吧嘛哈哦啊呢,，。.!！、:：]|男的?|女的?|本人|自己|今年|现在|如今|已经|只有|年龄|年纪|岁数|生日|年?出?生(?:的|人)?|年的?)*"
)


def read_age(text: str, bands: Sequence[Band], today: date) -> str | None:
    """Return the id of the one band that the age in ``text`` falls in, or None.

    Where several ages are spoken of, the person's own counts.
    """
    found = [(_band(ages, bands), own) for ages, own in _ages(_flat(text), today)]
    meant = {band for band, own in found if own} or {band for band, _ in found}
    return meant.pop() if len(meant) == 1 else None


def says_only_age(text: str) -> bool:
    """Say whether ``text`` gives an age and speaks of nothing else."""
    flat = _flat(text)
    found = (match for pattern, _ in _READINGS for match in pattern.finditer(flat))
    return any(_AROUND.fullmatch(flat[: match.start()] + flat[match.end() :]) for match in found)


def _flat(text: str) -> str:
    visible = "".join(char for char in text[:_LONGEST] if digits.plain(char) != digits.HIDDEN)
    return _SPACES.sub("", unicodedata.normalize("NFKC", visible))


def _ages(text: str, today: date) -> Iterator[tuple[_Ages, bool]]:
    """Yield the youngest and oldest age of each mention, and whether the person speaks of themselves.

    An age that is denied, or at which something happened long ago (十五岁就出来打工), is none.
    """
    for pattern, reading in _READINGS:
        for match in pattern.finditer(text):
            ages = reading(match, today)
            if ages is not None:
                number = match.start("n") if "n" in pattern.groupindex else match.start()
                if not (_DENIED.search(text[:number]) or _LONG_AGO.match(text[match.end() :])):
                    yield ages, _OWN.search(text[:number]) is not None
                text = text[: match.start()] + "#" * len(match[0]) + text[match.end() :]


def _band(ages: _Ages, bands: Sequence[Band]) -> str | None:
    """Return the only band that ``ages`` touch."""
    youngest, oldest = ages
    touched = [id for id, low, high in bands if youngest <= (_OLDEST if high is None else high) and low <= oldest]
    return touched[0] if len(touched) == 1 else None


def _number(match: re.Match[str]) -> int | None:
    number = number_in_words(match["n"])
    return number if number is not None and number <= _OLDEST else None


def _between(below: int, above: int) -> _Reading:
    """Read a number as the ages from ``below`` under it to ``above`` over it."""

    def read(match: re.Match[str], _today: date) -> _Ages | None:
        number = _number(match)
        return None if number is None else (max(number - below, 0), min(number + above, _OLDEST))

    return read


def _tens_and_more(match: re.Match[str], _today: date) -> _Ages | None:
    """三十多: thirty-one to thirty-nine."""
    number = _number(match)
    return (number + 1, number + 9) if number and number % 10 == 0 else None


def _bare(match: re.Match[str], _today: date) -> _Ages | None:
    """A number and nothing else: below ten it rather is the number of a choice."""
    number = _number(match)
    return (number, number) if number is not None and number >= 10 else None


def _under(match: re.Match[str], _today: date) -> _Ages | None:
    number = _number(match)
    if not number:
        return None
    return (0 if number <= _GROWN_UP else number - 2, number - 1)


def _from_to(match: re.Match[str], _today: date) -> _Ages | None:
    low, high = number_in_words(match["n"]), number_in_words(match["m"])
    return (low, high) if low is not None and high is not None and low <= high <= _OLDEST else None


def _two_tens(match: re.Match[str], _today: date) -> _Ages | None:
    """四五十: forty to fifty-nine."""
    low, high = number_in_words(match["n"] + "十"), number_in_words(match["m"] + "十")
    return (low, high + 9) if low and high and high - low == 10 else None


def _two_ones(match: re.Match[str], _today: date) -> _Ages | None:
    """三十四五: thirty-four or thirty-five."""
    low, high = number_in_words(match["tens"] + match["n"]), number_in_words(match["tens"] + match["m"])
    return (low, high) if low and high and high - low == 1 else None


def _born(match: re.Match[str], today: date) -> _Ages | None:
    """A year of birth, maybe with the month; without, this year's birthday may be still to come."""
    year = number_in_words(match["n"])
    if year is None:
        return None
    if year < 100:
        year += 2000 if year <= today.year % 100 else 1900
    age = today.year - year
    if not 0 <= age <= _OLDEST:
        return None
    month = number_in_words(match["m"]) if match["m"] else None
    if month is None or month == today.month:
        return (max(age - 1, 0), age)
    return (age, age) if month < today.month else (max(age - 1, 0), max(age - 1, 0))


def _decade(match: re.Match[str], today: date) -> _Ages | None:
    """八零后, 90后: born within ten years."""
    year = number_in_words(match["n"])
    if year is None:
        return None
    year += 2000 if year <= today.year % 100 else 1900
    return (max(today.year - year - 10, 0), today.year - year)


def _minor(_match: re.Match[str], _today: date) -> _Ages:
    return (0, _GROWN_UP - 1)


def _age(name: str) -> str:
    """Return the pattern of an age, as a group of that name."""
    return (
        rf"(?P<{name}>(?<![0-9零〇一二三四五六七八九十百])(?:[0-9]{{1,3}}|[零〇一二两三四五六七八九十百廿卅]{{1,5}}))"
    )


_N = _age("n")
_Y = "(?:周?岁)?"
_ONE = "[一二三四五六七八九]"
_D = "[零〇一二三四五六七八九]"
_YEAR = rf"(?<![0-9])(?P<n>(?:19|20)[0-9]{{2}}|[一二][九零〇]{_D}{{2}})"
_SHORT_YEAR = rf"(?<![0-9一二三四五六七八九十])(?P<n>[0-9]{{2}}|{_D}{{2}})"
_MONTH = rf"(?P<m>1[0-2]|0?[1-9]|十[一二]?|{_ONE})"
_BORN = "(?:出生|生人|生|的|人)"
_READINGS: tuple[tuple[re.Pattern[str], _Reading], ...] = (
    (re.compile("未成年|没有?成年"), _minor),
    (re.compile(rf"{_YEAR}(?P<m>0[1-9]|1[0-2])[0-3][0-9](?![0-9])"), _born),
    (re.compile(rf"{_YEAR}(?:年|[-./]){_MONTH}(?:月|[-./])"), _born),
    (re.compile(rf"{_YEAR}(?![0-9岁])年?(?P<m>)"), _born),
    (re.compile(rf"{_SHORT_YEAR}年{_MONTH}月"), _born),
    (re.compile(rf"{_SHORT_YEAR}(?:年{_BORN}|生人|出生)(?P<m>)"), _born),
    (re.compile(rf"^{_SHORT_YEAR}年(?P<m>)$"), _born),
    (re.compile(r"(?<![0-9])(?P<n>[0-9]0|[零〇五六七八九][零〇])后"), _decade),
    (re.compile(rf"{_N}{_Y}(?:到|至|[-~—－]){_age('m')}岁?"), _from_to),
    (re.compile(rf"(?P<n>{_ONE})(?P<m>{_ONE})十多?岁?"), _two_tens),
    (re.compile(rf"(?P<tens>{_ONE}?十)(?P<n>{_ONE})(?P<m>{_ONE})岁?"), _two_ones),
    (re.compile(rf"(?:不满|[未没]满|没有满|不足|小于){_N}{_Y}"), _under),
    (re.compile(rf"{_N}{_Y}以下"), _under),
    (re.compile(rf"(?:超过|大于|过了){_N}{_Y}"), _between(0, _OLDEST)),
    (re.compile(rf"{_N}{_Y}(?:以上|往上|开外)"), _between(0, _OLDEST)),
    (re.compile(rf"虚岁{_N}"), _between(2, -1)),
    (re.compile(rf"(?:快要?|将近|马上|就要|接近|差点|不到|奔)(?:满|到|上)?{_N}{_Y}"), _between(2, -1)),
    (re.compile(rf"{_N}(?:多|几|来|好几|\+)岁?"), _tens_and_more),
    (re.compile(rf"{_N}{_Y}(?:刚刚?)?出头"), _between(0, 3)),
    (re.compile(rf"{_N}{_Y}(?:左右|上下)"), _between(2, 2)),
    (re.compile(rf"(?:大概|大约|差不多|估计){_N}{_Y}"), _between(2, 2)),
    (re.compile(rf"{_N}周?岁"), _between(0, 0)),
    (re.compile(rf"{_N}(?=[,，。.;；!])"), _bare),
    (
        re.compile(
            rf"(?:我|本人|现在|如今|今年|已经|是)(?:都|也|才|还|刚|只有|是|有|满|已经|今年|现在)*{_N}(?=了?$|了?[,，。.;；!])"
        ),
        _bare,
    ),
    (
        re.compile(
            rf"^(?:我|他|她|男的?|女的?|本人|年龄|年纪|是|今年|现在|都|已经|刚?满|有|[:,，])*{_N}(?:了|咯|啦|喽|哒|的|吧|嘛|哈|[,，。.!])*$"
        ),
        _bare,
    ),
)
