"""One text, seen in all the ways it is compared: characters, sounds, concepts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from intents.features import Features, features, surfaces
from intents.normalise import Normaliser, WordFinder
from intents.sounds import Sounds
from intents.tables import Tables
from knowledge.model import Language


@dataclass(frozen=True)
class View:
    """A text as it is compared.

    ``plain`` is the text in one width, case and script; ``characters`` the normal form, empty where the text is
    spelt in pinyin; ``sounds`` are syllables; ``concepts`` the ids of the concepts that its words stand for.
    """

    plain: str
    characters: str
    sounds: tuple[str, ...]
    concepts: tuple[str, ...]

    def features(self) -> Features:
        """Return what of the text is compared, as hashes."""
        return features(self.characters, self.sounds, self.concepts)

    def surfaces(self) -> Iterator[tuple[str, int]]:
        """Yield ``(what it looks like, hash)`` for everything that is compared."""
        return surfaces(self.characters, self.sounds, self.concepts)


class Views:
    """Looks at texts through the character tables and the words about words."""

    def __init__(self, tables: Tables, language: Language) -> None:
        self._normalise = Normaliser(tables.simplified, language.replace, language.openings, language.closings)
        self._sounds = Sounds(tables.readings)
        self._concepts = WordFinder(meanings(language))

    def plain(self, text: str) -> str:
        """Return ``text`` in one width, case and script."""
        return self._normalise.plain(text)

    def see(self, text: str) -> View:
        """Return the view of any ``text``."""
        plain = self._normalise.plain(text)
        normal = self._normalise.usual(plain)
        characters = "" if self._sounds.is_spelt(normal) else normal
        concepts = {concept for _, _, found in self._concepts.find(characters) for concept in found}
        return View(plain, characters, tuple(self._sounds.of(normal)), tuple(sorted(concepts)))


def meanings(language: Language) -> Mapping[str, tuple[str, ...]]:
    """Return each word that has a meaning, with the ids of its concepts."""
    found: dict[str, tuple[str, ...]] = {}
    for concept in language.concepts:
        for word in concept.words:
            found[word] = (*found.get(word, ()), concept.id)
    return found
