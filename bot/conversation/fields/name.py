"""How a person wants to be called."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from bot.conversation.fields import digits
from bot.conversation.fields.data import words
from bot.conversation.fields.name_shapes import Shape, is_kin, shape
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
_ANNOUNCED = re.compile(
    r"(?:名字叫做?|名字是|称呼我为?|[叫喊]我做?|[我他她]叫做?|叫做?|[我他她]姓|免贵姓|姓名是?)[:：\s]*(?=\S)"
)
_RUN = re.compile(r"[^\s，,。;；！!、|（）()]{1,20}")
_CALLED_BY = re.compile("(?:叫|是|姓)")


class NameFault(StrEnum):
    """Why no name could be read."""

    EMPTY = "empty"
    DECLINED = "declined"  # would rather not say
    TOO_LONG = "too_long"
    NUMBERS = "numbers"
    LINK = "link"
    NOT_A_NAME = "not_a_name"


@dataclass(frozen=True)
class Unsure:
    """``name`` may be one: the person has to be asked."""

    name: str


def read_name(text: str, places: Collection[str] = ()) -> str | Unsure | NameFault:
    """Return what to call the person (at most :data:`LONGEST` characters), or why not.

    Only what is plainly a name, a nickname that is announced or somebody's relative (我妈) is returned as it is.
    ``places``: the towns of the form, which are no names.
    """
    seen = clean(text, _READ).text
    if not seen:
        return NameFault.EMPTY
    if _LINK.search(seen):
        return NameFault.LINK
    if _declined().search(seen):
        return NameFault.DECLINED
    secret = words().secret in seen
    seen = seen.replace(words().secret, " ").strip()
    name, announced = _unwrapped(seen)
    numbers = _MANY_DIGITS.search(digits.plain(name)) is not None
    if numbers or any(word in seen for word in words().name_asking):
        return NameFault.NUMBERS if numbers else NameFault.NOT_A_NAME
    read = _judged(seen, name, announced, places)
    if read is not None:
        return read
    if secret or _MANY_DIGITS.search(digits.plain(seen)):
        return NameFault.NUMBERS
    return NameFault.TOO_LONG if _is_too_long(seen, name) else NameFault.NOT_A_NAME


def _judged(seen: str, name: str, announced: bool, places: Collection[str]) -> str | Unsure | None:
    """Return the name where it is plain, what may be one, or None."""
    looks = shape(name, announced, places) if len(name) <= LONGEST else Shape.NONE
    others = [other for other in dict.fromkeys(_announced(seen, places)) if other != name and other not in name]
    if looks and others and not is_kin(name):
        if len(name) == 1 and len(others) == 1 and name in others[0]:
            return others[0] if shape(others[0], True, places) == Shape.PLAIN else Unsure(others[0])
        return Unsure(name)
    if looks == Shape.PLAIN:
        about_more = any(word in seen for word in words().not_in_names)
        return Unsure(name) if about_more and not is_kin(name) else _called(name)
    if looks == Shape.MAYBE:
        return Unsure(name)
    plain = {part for part in _parts(seen) if len(part) > 1 and shape(part, False, places) == Shape.PLAIN}
    found = [*others, *(part for part in plain if not is_kin(part))]
    return Unsure(found[0]) if len(found) == 1 else None


def _announced(seen: str, places: Collection[str]) -> Iterator[str]:
    """Yield the names that words such as 叫我 announce anywhere in the text."""
    for match in _ANNOUNCED.finditer(seen):
        run = _RUN.match(seen, match.end())
        name = _trimmed(run[0], True) if run else ""
        if name and shape(name, True, places) == Shape.PLAIN:
            yield name


def _parts(seen: str) -> Iterator[str]:
    for part in re.split(r"[\s，,。;；！!、|（）()：:的]+", seen):
        yield _trimmed(_before().sub("", part, count=1), True)


def _called(name: str) -> str:
    """Return 我妈王桂芳 for 我妈叫王桂芳."""
    for match in _CALLED_BY.finditer(name):
        if is_kin(name[: match.start()]):
            return name[: match.start()] + name[match.end() :]
    return name


def _is_too_long(seen: str, name: str) -> bool:
    return len(name) > LONGEST and not any(word in seen for word in words().not_in_names)


def _unwrapped(seen: str) -> tuple[str, bool]:
    """Return the name without the words around it, and whether any announced it."""
    name, announced = _before().subn("", _hesitation().sub("", seen.strip(_EDGES)), count=1)
    name = _hesitation().sub("", name)
    name = next((part for part in _END.split(name) if part.strip(_EDGES)), "").strip(_EDGES)
    return _trimmed(name, bool(announced)), bool(announced)


def _trimmed(name: str, announced: bool) -> str:
    """Return ``name`` without what follows it; where it was ``announced``, other words may follow it at once."""
    if announced:
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
def _hesitation() -> re.Pattern[str]:
    return re.compile(rf"^(?:{any_of(words().name_hesitations)}[，,。！!、~～…\s]*)+(?=\S)")


@cache
def _before() -> re.Pattern[str]:
    return re.compile(rf"^{any_of(words().name_before)}[:：,，\s]*(?:是|叫|为)?[:：\s]*(?=\S)")


@cache
def _after() -> re.Pattern[str]:
    return re.compile(rf"(?:{any_of(words().name_after)})+$")


@cache
def _ends() -> re.Pattern[str]:
    return re.compile(rf"(?<=.)(?:{any_of(words().name_ends)})|(?<=[\u3400-\u9fff])[0-9]")
