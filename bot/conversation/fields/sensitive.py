"""What free text tells that is not to be kept: the exact address, illness, income and disability."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from bot.conversation.fields.addresses import address_patterns
from bot.conversation.fields.data import sensitive
from bot.conversation.fields.phrases import any_of

SensitiveKind = Literal["address", "illness", "income", "disability"]

_STOP = "[^,，。;；!！?？\n]"
_IDEOGRAPH = "\u3400-\u9fff"
_NUMERALS = "一二两三四五六七八九十百千万"
_FIGURE = (
    "(?:[0-9０-９]{1,9}(?:[.,][0-9]{1,3})?[多几来]?[百千万kKwW]?"
    "|[一二两三四五六七八九十几]{0,3}[百千万][一二两三四五六七八九十百千几多零]{0,8})"
)
_PIECES = "(?:块钱|块|元|圆)"
_AMOUNT = rf"{_FIGURE}[多几来]?{_PIECES}?(?:多|左右|钱)?"
_NOT_MONEY = (
    rf"(?!\s*(?:[个岁人天月年次里米斤点分号级楼]|公里|小时|[0-9{_NUMERALS}]"
    rf"|(?:{_PIECES}|多|左右|钱)*(?:以上|就行|就可以|起)))"
)
_PAY = "(?:低保|补贴|补助|工资|收入|养老金|退休金)"
_LEVEL = "[一二三四五1-5]"
_DISABLED = "(?:视力|听力|言语|肢体|智力|精神|多重|重度)"


@dataclass(frozen=True)
class SensitivePart:
    """``text[start:end]`` tells such a thing."""

    kind: SensitiveKind
    start: int
    end: int


def sensitive_parts(text: str) -> tuple[SensitivePart, ...]:
    """Return what is sensitive in ``text`` from left to right; parts don't overlap.

    Certificates and other numbers are not among it. Neither is what somebody cannot see, hear or do: it says how they
    can be reached and helped.
    """
    found = sorted(_found(text), key=lambda part: (part.start, -part.end))
    apart: list[SensitivePart] = []
    for part in found:
        if not apart or part.start >= apart[-1].end:
            apart.append(part)
    return tuple(apart)


def _found(text: str) -> Iterator[SensitivePart]:
    for pattern in address_patterns():
        yield from (SensitivePart("address", *match.span()) for match in pattern.finditer(text))
    for pattern in _groups_of_houses():
        yield from (SensitivePart("address", *match.span()) for match in pattern.finditer(text))
    for match in _disability().finditer(text):
        if match["not"] is None:
            yield SensitivePart("disability", *match.span())
    for match in _illness().finditer(text):
        if match["not"] is None:
            yield SensitivePart("illness", *match.span())
    for match in _income().finditer(text):
        if match["plain"] or not _wish().search(text[max(0, match.end() - 40) : match.end()]):
            yield SensitivePart("income", *match.span())


@cache
def _groups_of_houses() -> tuple[re.Pattern[str], ...]:
    number = "[0-9一二三四五六七八九十]{1,3}"
    return (
        re.compile(rf"第?{number}[组社队]\s*{number}号"),
        re.compile(rf"门牌号?(?:是|为|[:：\s])*{number}"),
    )


@cache
def _disability() -> re.Pattern[str]:
    told = any_of(sensitive().disabilities)
    return re.compile(
        rf"(?P<not>{any_of(sensitive().not_disabilities)})"
        rf"|{_DISABLED}(?:残疾)?{_LEVEL}级|{_LEVEL}级(?:{_DISABLED}?(?:伤?残疾?)|{_DISABLED})|(?:残疾|伤残)(?:等级)?(?:是|为)?{_LEVEL}级"
        rf"|残疾证(?:上)?(?:是|为|写的)?{_LEVEL}级|{told}(?:残疾)?(?:{_LEVEL}级)?|[{sensitive().disability_characters}](?:人|子|巴)?"
    )


@cache
def _illness() -> re.Pattern[str]:
    words = sensitive()
    ending = any_of(words.illness_endings)
    return re.compile(
        rf"(?P<not>(?:[{_IDEOGRAPH}]{{0,2}}?)(?:{any_of(words.not_illnesses)}))"
        rf"|{any_of((*words.illnesses, *words.treatments))}|吃(?:着|了|的|过)?[{_IDEOGRAPH}]{{0,4}}药(?![店材房厂品])"
        rf"|(?![有得是的了和生看治因没过我你他她这那])[{_IDEOGRAPH}]{{1,3}}{ending}(?![人房历假床友毒状态例变热])",
        re.IGNORECASE,
    )


@cache
def _income() -> re.Pattern[str]:
    return re.compile(
        rf"(?P<plain>{any_of(sensitive().incomes)})"
        rf"|{any_of(sensitive().money)}{_STOP}{{0,6}}?{_AMOUNT}{_NOT_MONEY}(?:{_STOP}{{0,4}}?{_PAY})?"
        rf"|{_FIGURE}[多几来]?{_PIECES}{_STOP}{{0,3}}?(?:{_PAY}|一个月|每个月)"
    )


@cache
def _wish() -> re.Pattern[str]:
    return re.compile(rf"{any_of(sensitive().wishes)}{_STOP}{{0,16}}$")
