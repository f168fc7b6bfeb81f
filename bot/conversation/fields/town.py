"""Finding which town somebody means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from rapidfuzz import fuzz

from bot.conversation.fields.data import words
from bot.conversation.fields.identity import without_secrets
from bot.conversation.fields.phrases import any_of, folded
from bot.conversation.numerals import chosen_number, number_in_words
from intents.sounds import Sounds

_LONGEST = 200
_MOST = 4
_NOT_A_WORD = re.compile(r"[\W_]+")
_LATIN = re.compile(r"[a-z]+")
_SHORT_TEXT = 4
_NEARLY = 70
_INITIALS = range(2, 4)


@dataclass(frozen=True)
class Town:
    """``name`` is as it was handed in (白沙镇), ``short`` without what kind of place it is (白沙)."""

    name: str
    short: str


class Towns:
    """Finds towns by name, part of the name, look or sound.

    ``readings``: each character's toneless reading, as in the index's tables; ``aliases``: other words →
    the names they may mean; ``ignore``: words that tell nothing (the district's own name);
    ``simplified``: Traditional to Simplified, as for ``str.translate``; ``elsewhere``: places in other districts: who
    names one lives there, and means no town that only sounds like it (永川, 永兴).
    """

    def __init__(
        self,
        names: Sequence[str],
        readings: Mapping[str, str],
        aliases: Mapping[str, Sequence[str]] | None = None,
        ignore: Sequence[str] = (),
        simplified: Mapping[int, str] | None = None,
        elsewhere: Sequence[str] = (),
    ) -> None:
        kinds = re.compile(rf"(?<=..){any_of(words().town_kinds)}$")
        self._towns = tuple(Town(name, kinds.sub("", name)) for name in names)
        self._by_name = {town.name: town for town in self._towns}
        self._aliases = {
            folded(word): tuple(self._by_name[name] for name in meant if name in self._by_name)
            for word, meant in (aliases or {}).items()
        }
        self._simplified = simplified or {}
        self._sounds = Sounds(readings)
        self._heard = {town: tuple(self._sounds.of(town.short)) for town in self._towns}
        self._spelt = {town: "".join(readings.get(char, "") for char in town.short) for town in self._towns}
        self._initials = {town: "".join(readings.get(char, " ")[0] for char in town.short) for town in self._towns}
        self._kinds_spelt = {"", *("".join(readings.get(char, "") for char in kind) for kind in words().town_kinds)}
        self._said = re.compile(any_of(town.short for town in self._towns) if self._towns else r"(?!)")
        self._besides = re.compile(any_of((*words().town_besides, *map(folded, ignore))))
        self._elsewhere = re.compile(any_of(elsewhere) if elsewhere else r"(?!)")
        self._kinds = re.compile(any_of(words().town_kinds))

    def find(self, text: str) -> Town | tuple[Town, ...] | None:
        """Return the town meant; one to four, likeliest first, where it has to be asked; None where none is near."""
        line = folded(without_secrets(text[:_LONGEST])).translate(self._simplified)
        if not line or chosen_number(line) is not None:
            return None
        named = self._named(line)
        if named:
            return named[0] if len(named) == 1 else named[:_MOST]
        return None if self._elsewhere.search(_NOT_A_WORD.sub("", line)) else self._nearest(line)

    def _named(self, line: str) -> tuple[Town, ...]:
        """Return the towns that stand in ``line``; whole names before short ones, short ones before aliases."""
        joined = _NOT_A_WORD.sub("", line)
        for search in (line, joined):
            hits = [(match.start(), town) for match in self._said.finditer(search) for town in self._called(match[0])]
            wanted = [(start, town) for start, town in hits if not _refused().search(search[:start])]
            whole = [(start, town) for start, town in wanted if search.startswith(town.name, start)]
            if found := _distinct(town for _, town in whole or wanted):
                return found
        return next((meant for word, meant in self._aliases.items() if word in joined), ())

    def _called(self, short: str) -> list[Town]:
        return [town for town in self._towns if town.short == short]

    def _nearest(self, line: str) -> Town | tuple[Town, ...] | None:
        """Return the towns whose name ``line``, or something in it, is a part of, sounds or looks like."""
        core = self._core(line)
        if not core or number_in_words(core) is not None or _refused().match(line):
            return None
        if parts := [town for town in self._towns if core in town.short]:
            return parts[0] if len(parts) == 1 else tuple(parts[:_MOST])
        if _LATIN.search(core):
            return self._by_letters(line, core)
        return self._by_sound(core) or self._by_look(core)

    def _core(self, line: str) -> str:
        """Return what is left of ``line`` without the words around a town's name."""
        joined = _NOT_A_WORD.sub("", line)
        stripped = self._besides.sub("", joined)
        return self._kinds.sub("", stripped) or ""

    def _by_letters(self, line: str, core: str) -> Town | tuple[Town, ...] | None:
        """Read pinyin, with slips, or the initials."""
        letters = "".join(_LATIN.findall(core))
        exact = [town for town in self._towns if self._spelt[town] and self._is_spelt(letters, self._spelt[town])]
        if len(exact) == 1:
            return exact[0]
        if not exact and len(letters) in _INITIALS:
            exact = [town for town in self._towns if self._initials[town] == letters]
        if exact:
            return tuple(exact[:_MOST])
        return self._by_sound(line) or self._by_spelling(letters)

    def _is_spelt(self, letters: str, spelt: str) -> bool:
        return letters.startswith(spelt) and letters.removeprefix(spelt) in self._kinds_spelt

    def _by_sound(self, text: str) -> Town | tuple[Town, ...] | None:
        """Return the towns heard in ``text``: sure when nothing else is in it and only one sounds so."""
        heard = tuple(sound for sound in self._sounds.of(text) if sound)
        found = [town for town in self._towns if _within(self._heard[town], heard)]
        whole = [town for town in found if len(self._heard[town]) == len(heard)]
        if len(whole) == 1 and len(found) == 1:
            return whole[0]
        return tuple(found[:_MOST]) or None

    def _by_spelling(self, letters: str) -> tuple[Town, ...] | None:
        scores = {town: fuzz.ratio(letters, spelt) for town, spelt in self._spelt.items()}
        return _best(scores, _NEARLY)

    def _by_look(self, core: str) -> tuple[Town, ...] | None:
        """Return the towns that share a character at its place, the one that sounds nearest first."""
        if not 2 <= len(core) <= _SHORT_TEXT:
            return None
        heard = " ".join(self._sounds.of(core))
        scores = {
            town: 50 + fuzz.ratio(heard, " ".join(self._heard[town])) / 2
            for town in self._towns
            if any(one == two for one, two in zip(core, town.short, strict=False))
        }
        return _best(scores, 50)


def _within(part: Sequence[str], whole: Sequence[str]) -> bool:
    size = len(part)
    return any(tuple(whole[start : start + size]) == tuple(part) for start in range(len(whole) - size + 1))


def _best(scores: Mapping[Town, float], least: float) -> tuple[Town, ...] | None:
    near = sorted((town for town, score in scores.items() if score >= least), key=lambda town: -scores[town])
    return tuple(near[:_MOST]) or None


def _distinct(towns: Iterable[Town]) -> tuple[Town, ...]:
    return tuple(dict.fromkeys(towns))


@cache
def _refused() -> re.Pattern[str]:
    return re.compile(rf"{any_of(words().town_not)}[在住到]?$")
