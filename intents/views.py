"""One text, seen in all the ways it is compared: characters, sounds, concepts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from intents.features import Features, features, surfaces
from intents.normalise import Normaliser, WordFinder
from intents.sounds import Sounds
from intents.tables import Tables
from knowledge.model import Language


@dataclass(frozen=True)
class View:
    """A text as it is compared.

    ``characters`` is the normal form, empty where the text is spelt in pinyin; ``sounds`` are
    syllables; ``concepts`` the ids of the concepts that its words stand for.
    """

    characters: str
    sounds: tuple[str, ...]
    concepts: tuple[str, ...]

    def features(self) -> Features:
        """Return what of the text is compared, as hashes."""
        return features(self.characters, self.sounds, self.concepts)

    def surfaces(self) -> Iterator[tuple[str, int]]:
        """Yield ``(what it looks like, hash)`` for everything that is compared."""
        return surfaces(self.characters, self.sounds, self.concepts)


See = Callable[[str], View]
""":meth:`Views.see`, or one that remembers what it saw."""


class Views:
    """Looks at texts through the character tables and the words about words."""

    def __init__(self, tables: Tables, language: Language) -> None:
        self._normalise = Normaliser(tables.simplified, language.replace)
        self._sounds = Sounds(tables.readings)
        meanings: dict[str, list[str]] = {}
        for concept in language.concepts:
            for word in concept.words:
                meanings.setdefault(word, []).append(concept.id)
        self._concepts = WordFinder(meanings)

    def see(self, text: str) -> View:
        """Return the view of any ``text``."""
        normal = self._normalise(text)
        characters = "" if self._sounds.is_spelt(normal) else normal
        concepts = {concept for _, _, found in self._concepts.find(characters) for concept in found}
        return View(characters, tuple(self._sounds.of(normal)), tuple(sorted(concepts)))
