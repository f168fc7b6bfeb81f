"""What the names of persons look like among other words.

Chinese names carry no mark, and most surnames are words too. So a name is looked for by what stands around it: the
surer that is, the less the name itself has to look like one.
"""

from __future__ import annotations

import re
from functools import cache

from bot.conversation.fields.data import names, words
from bot.conversation.fields.phrases import any_of

_IDEOGRAPH = "\u3400-\u9fff"
_LATIN_NAME = r"[A-Za-z][A-Za-z.'\-]+(?: [A-Z][A-Za-z.'\-]+){0,3}"
_JOINT = r"(?:[:：]\s*|\s+|是\s*|为\s*)?"


def any_surname() -> str:
    """Return the pattern of one surname."""
    return rf"(?:{_compound()}|[{_singles()}])"


def sure_surname() -> str:
    """Return the pattern of a surname that is no common word."""
    return rf"(?:{_compound()}|[{_sure()}])"


def often_surname() -> str:
    """Return the characters that are both a frequent surname and a common word."""
    return _often()


def given_name(name: str) -> str:
    """Return ``name`` without its surname where two characters are left, else an empty string."""
    match = re.fullmatch(rf"{any_surname()}([{_IDEOGRAPH}]{{2}})", name)
    return match[1] if match else ""


@cache
def name_patterns(keep: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    """Return the patterns of names, each with a group ``name``; ``keep`` are words that are none."""
    no_word = rf"(?!{any_of((*names().ordinary, *keep))})"
    given = rf"[{_IDEOGRAPH}](?<![{_stop()}])"
    surname = any_surname()
    sure = sure_surname()
    short = rf"{no_word}{sure}(?:{given}){{1,2}}"
    full = rf"{no_word}{surname}(?:{given}){{1,2}}"
    likely = rf"(?:{short}|{no_word}[{_often()}](?:{given}){{1,2}}{_end()})"
    kinds = any_of(words().town_kinds)
    towns = any_of({*keep, *(re.sub(rf"(?<=..){kinds}$", "", word) for word in keep)}) if keep else r"(?!)"
    asks = any_of(names().asks_after)
    black = words().black
    return tuple(
        re.compile(pattern)
        for pattern in (
            rf"(?P<name>{full})(?=[\s:：,，()（）]*(?:的|电话|手机|号码|[:：\s]){{0,4}}{black})",
            rf"{black}[\s,，:：()（）]*(?P<name>{short}){_end()}",
            rf"(?P<name>{any_of(names().spelt_out)})",
            rf"(?P<name>[{_IDEOGRAPH}]{{1,8}}(?:[·•・][{_IDEOGRAPH}]{{1,8}})+)",
            rf"{any_of(names().markers)}{_JOINT}(?!{any_of(names().not_called)})(?P<name>(?:{given}){{1,4}}|{_LATIN_NAME})",
            rf"{any_of(names().roles)}(?:[:：]\s*)(?P<name>(?:{given}){{1,4}}|{_LATIN_NAME})",
            rf"{any_of(names().roles)}{_JOINT}(?P<name>{likely})",
            rf"姓(?P<name>{surname})(?={_end()}|{any_of(names().titles)})",
            *_with_titles(no_word, sure, given),
            rf"{any_of(names().family)}{_JOINT}(?P<name>{likely})",
            rf"{any_of(names().people)}{_JOINT}(?P<name>{likely}){_end()}",
            rf"^\W*(?P<name>{no_word}(?:{sure}(?:{given}){{1,2}}|[{_often()}](?:{given}){{2}}))\W*(?:{asks}|$)",
            rf"^\W*(?P<name>{no_word}{sure}(?:{given}){{1,2}})[,，]",
            rf"(?:我|他|她|本人)(?:就)?是[{_IDEOGRAPH}]{{1,8}}?的(?P<name>{likely})",
            rf"{towns}(?:{kinds})?(?:那边|这边)?的?(?P<name>{short}|{no_word}[{_often()}](?:{given}){{2}}){_end()}",
            rf"(?<![^\W_])(?P<name>{no_word}(?:{sure}|[{_often()}])(?:{given}){{2}})(?![^\W_])",
        )
    )


def _with_titles(no_word: str, sure: str, given: str) -> tuple[str, ...]:
    """Return the patterns of names with a title (王建国师傅, 王师傅, 王哥) and of nicknames (老王)."""
    apart = rf"(?<![{names().not_before_surname}])"
    after = rf"(?<![{_IDEOGRAPH}](?<![{names().before_surname}]))"
    no_nickname = rf"(?!{any_of(names().not_nicknames)})"
    rest = rf"(?:{given}){{0,2}}?"
    short = rf"{any_of(names().short_titles)}(?![{names().not_after_short_titles}])"
    return (
        rf"{apart}(?P<name>{no_word}{sure}{rest}){any_of(names().titles)}",
        rf"{apart}{after}(?P<name>{no_word}[{_often()}]{rest}){any_of(names().titles)}",
        rf"{apart}(?P<name>{no_word}{sure}){short}",
        rf"(?<![大从最缩减中微变老小])(?P<name>{no_nickname}[老小]{no_word}(?:[{_sure()}]|[{_often()}]{_end()}))(?![老小])",
    )


def _stop() -> str:
    return re.escape(names().not_in_names)


def _end() -> str:
    return rf"(?=[{_stop()}]|[^{_IDEOGRAPH}]|$)"


@cache
def _often() -> str:
    return "".join(sorted(set(names().often)))


@cache
def _compound() -> str:
    return any_of(names().compound)


@cache
def _singles() -> str:
    return "".join(sorted(set(names().surnames) - set(" \n")))


@cache
def _sure() -> str:
    return "".join(sorted(set(_singles()) - set(names().wordlike)))
