"""Blacking out what tells who a person is, in texts that others will read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from bot.conversation.fields import digits
from bot.conversation.fields.addresses import address_patterns
from bot.conversation.fields.data import names as name_words
from bot.conversation.fields.data import words
from bot.conversation.fields.identity import find_secrets
from bot.conversation.fields.name_patterns import any_surname, given_name, name_patterns
from bot.conversation.fields.phrases import any_of

_BETWEEN = r"\s\-.·•()\[\]/~—–"
_YEAR = re.compile("(?:19|20)[0-9]{2}")
_LINK = re.compile(
    r"[\w.+-]{1,64}\s?@\s?[\w-]{1,64}(?:\.[\w-]{1,64})+|(?:https?://|www\.|t\.me/)[^\s\u3000-\uffee]+|@[A-Za-z0-9_]{3,}",
    re.IGNORECASE,
)
_BIRTHDAY = re.compile(r"(?:19\d\d|200\d|201[0-5])\s?年\s?\d{1,2}\s?月(?:\s?\d{1,2}\s?[日号])?")
_LONGEST_NAME = 20


def black_out(text: str, names: Iterable[str] = (), keep: Iterable[str] = ()) -> str:
    """Return ``text`` with names, numbers, addresses and accounts as “■”.

    ``names`` are known names of persons; ``keep`` are words that are never a name (towns). The result
    never holds five digits in a row.
    """
    text = "".join(filter(_is_seen, text))
    for pattern in (_known(names), _LINK, _accounts(), _plates(), _BIRTHDAY, *address_patterns()):
        text = _blacked(text, (match.span() for match in pattern.finditer(text)))
    text = _blacked(text, ((secret.start, secret.end) for secret in find_secrets(text)))
    text = _blacked(text, _numbers(text))
    for pattern in name_patterns(tuple(keep)):
        text = _blacked(text, (match.span("name") for match in pattern.finditer(text)))
    return re.sub(f"{words().black}{{2,}}", words().black, text)


def _is_seen(char: str) -> bool:
    """Whether ``char`` is more than a control or direction mark; the marks of other scripts are."""
    return digits.plain(char) != digits.HIDDEN or unicodedata.category(char).startswith("M")


def _blacked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    pieces: list[str] = []
    end = 0
    for start, stop in spans:
        pieces += (text[end:start], words().black)
        end = stop
    return "".join(pieces) + text[end:]


def _numbers(text: str) -> Iterator[tuple[int, int]]:
    """Yield where digits stand that may lead to somebody: five together, or seven in pieces that are no years."""
    for run in digits.runs(text, digits.plain(text), _BETWEEN):
        longest = max(len(group.digits) for group in run)
        if longest >= 5 or (sum(len(group.digits) for group in run) >= 7 and not _are_years(run)):
            yield run[0].start, run[-1].end


def _are_years(run: Sequence[digits.Group]) -> bool:
    return all(_YEAR.fullmatch(group.digits) for group in run if not group.spoken)


def _known(names: Iterable[str]) -> re.Pattern[str]:
    """Return the pattern of known names, maybe with gaps between the characters, and of the given names in them."""
    known = {name.strip()[:_LONGEST_NAME] for name in names}
    given = {given_name(name) for name in known}
    spaced = [r"\s?".join(map(re.escape, name)) for name in sorted(known, key=len, reverse=True) if len(name) > 1]
    spaced += [f"{any_surname()}?{re.escape(name)}" for name in sorted(given) if name]
    return re.compile("|".join(spaced) or r"(?!)", re.IGNORECASE)


@cache
def _accounts() -> re.Pattern[str]:
    """Return the pattern of an account, with the name of the service before it."""
    kinds = any_of(name_words().accounts)
    return re.compile(
        rf"(?:(?<=[^A-Za-z])|^){kinds}(?:号码?|账号|是|为|叫|加|[:：=\s])*[A-Za-z0-9_][A-Za-z0-9_\-]{{2,}}",
        re.IGNORECASE,
    )


@cache
def _plates() -> re.Pattern[str]:
    return re.compile(
        rf"[{name_words().plates}][A-Za-z][·•.\s\-]?(?=[A-Za-z]{{0,5}}[0-9])[A-Za-z0-9]{{5,6}}(?![A-Za-z0-9])"
    )
