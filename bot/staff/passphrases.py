"""Passphrases: which ones will do, and what is stored of them."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from enum import StrEnum
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot import data_files

SHORTEST, LONGEST = 12, 128
_LEAST_LEFT = 6
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_SHORTEST_RUN = 3
_AT_ONCE = 2


class Fault(StrEnum):
    """Why a passphrase will not do."""

    SHORT = "short"
    LONG = "long"
    OWN_NAME = "own-name"
    TRIVIAL = "trivial"


def fault_of(passphrase: str, login: str, name: str) -> Fault | None:
    """Return why ``passphrase`` will not do for the account, None if it will.

    Length is what counts: no kinds of characters are asked for.
    """
    text = _canonical(passphrase)
    if len(text) < SHORTEST:
        return Fault.SHORT
    if len(text) > LONGEST:
        return Fault.LONG
    folded = text.casefold()
    if any(_canonical(own).casefold() in folded for own in (login, name) if own):
        return Fault.OWN_NAME
    return Fault.TRIVIAL if _is_trivial(folded) else None


def _canonical(text: str) -> str:
    """However the keyboard sends a character, it is the same: full-width or not, in one piece or in two."""
    return unicodedata.normalize("NFKC", text)


def _bytes(text: str) -> bytes:
    return _canonical(text).encode("utf-8", "surrogatepass")


def _is_trivial(text: str) -> bool:
    """Whether little is left without what everybody tries first."""
    left = _trivial_words().sub(" ", text)
    left = "".join(char for char in left if char.isalnum())
    left = re.sub(r"(.{1,6}?)\1+", r"\1", left)
    return len(set(_without_runs(left))) < _LEAST_LEFT


@cache
def _trivial_words() -> re.Pattern[str]:
    words: list[str] = data_files.read("bot.staff", "passphrases.yaml")["trivial"]
    return re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)))


def _without_runs(text: str) -> str:
    """Leave out what counts up or down, or lies side by side on the keyboard, but for its first character."""
    left, run = "", text[:1]
    for char in text[1:]:
        if _step(run[-1], char) in {-1, 1} and (len(run) == 1 or _step(run[-1], char) == _step(run[-2], run[-1])):
            run += char
        else:
            left += run[:1] if len(run) >= _SHORTEST_RUN else run
            run = char
    return left + (run[:1] if len(run) >= _SHORTEST_RUN else run)


def _step(one: str, two: str) -> int:
    for row in _ROWS:
        if one in row and two in row:
            beside = row.index(two) - row.index(one)
            if beside in {-1, 1}:
                return beside
    return ord(two) - ord(one)


class Passphrases:
    """Hashes and checks. Both take long on purpose, and memory: in a thread, and few at a time."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._nobodys = self._hasher.hash("")

    async def hashed(self, passphrase: str) -> str:
        """Return what is stored of ``passphrase``."""
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, _bytes(passphrase))

    async def match(self, stored: str | None, passphrase: str) -> bool:
        """Say whether ``passphrase`` is the one that was ``stored``. With None it is not, and takes as long."""
        text = _bytes(passphrase[: LONGEST * 4])
        async with self._turn:
            is_right = await asyncio.to_thread(self._verify, stored or self._nobodys, text)
        return is_right and stored is not None

    def _verify(self, stored: str, text: bytes) -> bool:
        try:
            return self._hasher.verify(stored, text)
        except (VerificationError, InvalidHashError):
            return False

    def is_outdated(self, stored: str) -> bool:
        """Whether today's hashes are made with other parameters."""
        return self._hasher.check_needs_rehash(stored)
