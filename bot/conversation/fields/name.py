"""How a person wants to be called."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache

from bot.conversation.fields import digits
from bot.conversation.fields.data import words
from bot.conversation.fields.phrases import any_of
from bot.conversation.fields.text import clean

LONGEST = 20

_READ = 200
_LINK = re.compile(r"https?:|www\.|://|\bt\.me\b|@\w|\.(?:com|cn|net|org)\b", re.IGNORECASE)
_MANY_DIGITS = re.compile(r"[0-9](?:[\0\s\-.]*[0-9]){4}")
_IN_PIECES = re.compile(r"[\u3400-\u9fff](?: ?[\u3400-\u9fff]){1,3}")
_END = re.compile(r"[，,。;；！!\n、|]|[（(].*")
_EDGES = " \t.·・:：-—_~～\"'“”‘’「」『』《》=+*()（）[]【】!！?？,，。、;；"
_LETTER = re.compile(r"[^\W\d_]")
_IDEOGRAPHS = re.compile(r"[\u3400-\u9fff]+")
_LONGEST_IN_IDEOGRAPHS = 10


class NameFault(StrEnum):
    """Why no name could be read."""

    EMPTY = "empty"
    DECLINED = "declined"  # would rather not say
    TOO_LONG = "too_long"
    NUMBERS = "numbers"
    LINK = "link"
    NOT_A_NAME = "not_a_name"


def read_name(text: str) -> str | NameFault:
    """Return what to call the person (at most :data:`LONGEST` characters), or why not."""
    seen = clean(text, _READ).text
    if not seen:
        return NameFault.EMPTY
    if _LINK.search(seen):
        return NameFault.LINK
    if _declined().search(seen):
        return NameFault.DECLINED
    name = _unwrapped(seen)
    if _MANY_DIGITS.search(digits.plain(name)):
        return NameFault.NUMBERS
    return _fault(seen, name) or name


def _fault(seen: str, name: str) -> NameFault | None:
    if name in words().not_names or not _LETTER.search(name):
        return NameFault.NUMBERS if _MANY_DIGITS.search(digits.plain(seen)) else NameFault.NOT_A_NAME
    if any(word in seen for word in words().not_in_names):
        return NameFault.NOT_A_NAME
    if len(name) > LONGEST:
        return NameFault.TOO_LONG
    longest = max((len(part) for part in _IDEOGRAPHS.findall(name)), default=0)
    return NameFault.NOT_A_NAME if longest > _LONGEST_IN_IDEOGRAPHS else None


def _unwrapped(seen: str) -> str:
    """Return the name without the words around it."""
    name, named = _before().subn("", seen.strip(_EDGES), count=1)
    name = next((part for part in _END.split(name) if part.strip(_EDGES)), "").strip(_EDGES)
    if named:
        name = _ends().split(name, maxsplit=1)[0]
    shorter = _after().sub("", name.strip(_EDGES)).strip(_EDGES)
    return _joined(shorter or name.strip(_EDGES))


def _joined(name: str) -> str:
    """Join a short name said in pieces (王 建 国); of more, what is Chinese ends at its first space."""
    if _IN_PIECES.fullmatch(name):
        return name.replace(" ", "")
    first, _, _ = name.partition(" ")
    return first if _IDEOGRAPHS.fullmatch(first) else name


@cache
def _declined() -> re.Pattern[str]:
    return re.compile(any_of(words().name_declined))


@cache
def _before() -> re.Pattern[str]:
    return re.compile(rf"^{any_of(words().name_before)}[:：,，\s]*(?:是|叫|为)?[:：\s]*(?=\S)")


@cache
def _after() -> re.Pattern[str]:
    return re.compile(rf"(?:{any_of(words().name_after)})+$")


@cache
def _ends() -> re.Pattern[str]:
    return re.compile(rf"(?<=.){any_of(words().name_ends)}|(?<=[\u3400-\u9fff])[0-9]")
