"""How a text sounds: toneless syllables, with the sounds merged that Chongqing speech and speech
recognition confuse, so that 按模, 按磨 and ``anmo`` meet 按摩.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_LATIN = re.compile(r"[a-z]+")
_LONGEST_SYLLABLE = 6


def merged(syllable: str) -> str:
    """Return ``syllable`` (toneless pinyin, ``v`` for ü) with the confusable sounds merged.

    Retroflex and dental initials (zh/z, ch/c, sh/s), n/l at the start, hu-/f-, and -ng/-n after
    i and e fall together, as they do in south-western speech.
    """
    for whole, part in (("zh", "z"), ("ch", "c"), ("sh", "s")):
        if syllable.startswith(whole):
            syllable = part + syllable[2:]
    if syllable.startswith("n") and len(syllable) > 1 and syllable != "ng":
        syllable = "l" + syllable[1:]
    if syllable.startswith("hu") and syllable != "hu":
        syllable = "f" + {"i": "ei", "n": "en", "o": "o"}.get(syllable[2:], syllable[2:])
    elif syllable == "hu":
        syllable = "fu"
    if syllable.endswith(("ing", "eng")):
        syllable = syllable[:-1]
    return syllable


class Sounds:
    """Turns a normal text into syllables.

    ``readings`` gives each character's most usual toneless reading.
    """

    def __init__(self, readings: Mapping[str, str]) -> None:
        self._syllables = frozenset(readings.values())
        merged_of = {syllable: merged(syllable) for syllable in self._syllables}
        self._merged = {char: merged_of[reading] for char, reading in readings.items()} | {" ": ""}

    def of(self, text: str) -> list[str]:
        """Return the merged syllables of ``text``, an empty string for each break.

        Runs of Latin letters that can be cut into pinyin count as syllables.
        """
        merged_sound = self._merged.get
        if not _LATIN.search(text):
            return [merged_sound(char, char) for char in text]
        text, spelt = self._spelt(text)
        sounds: list[str] = []
        for position, char in enumerate(text):
            if position in spelt:
                sounds += spelt[position]
            elif char != "\0":
                sounds.append(merged_sound(char, char))
        return sounds

    def is_spelt(self, text: str) -> bool:
        """Whether ``text`` is pinyin throughout, but for the odd character among it: at least two syllables."""
        words = _LATIN.findall(text)
        spelt = [syllables for word in words if (syllables := self._cut(word))]
        letters, others = sum(map(len, words)), len("".join(_LATIN.sub("", text).split()))
        fits = sum(len(syllable) for syllables in spelt for syllable in syllables)
        count = sum(map(len, spelt))
        return count >= 2 and count > others and fits >= 0.8 * letters

    def _spelt(self, text: str) -> tuple[str, dict[int, list[str]]]:
        """Blank the pinyin words out of ``text`` and return their syllables by position."""
        spelt: dict[int, list[str]] = {}

        def blank(match: re.Match[str]) -> str:
            syllables = self._cut(match[0])
            if syllables:
                spelt[match.start()] = [merged(syllable) for syllable in syllables]
                return "\0" * len(match[0])
            return match[0]

        if self.is_spelt(text):
            text = text.replace(" ", "\0")
        return _LATIN.sub(blank, text), spelt

    def _cut(self, word: str) -> list[str]:
        """Cut ``word`` into as few syllables as possible; an empty list where none fit."""
        best: list[list[str] | None] = [[]]
        for end in range(1, len(word) + 1):
            found: list[str] | None = None
            for start in range(max(0, end - _LONGEST_SYLLABLE), end):
                before = best[start]
                if (
                    before is not None
                    and word[start:end] in self._syllables
                    and (found is None or len(before) + 1 < len(found))
                ):
                    found = [*before, word[start:end]]
            best.append(found)
        return best[-1] or []
