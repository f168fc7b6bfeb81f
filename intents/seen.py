"""Sample questions as they were seen: what building an index learns from, and can be spared next time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from intents.feature_table import FeatureTable
from intents.tables import Tables
from intents.views import Views, meanings
from knowledge.model import Knowledge, Language

_Meaning = TypeVar("_Meaning")


@dataclass(frozen=True)
class Seen:
    """``texts``, each once, as they look through ``tables`` and words.

    ``plain`` and ``characters`` are those of their views, ``features`` what of them is compared; all run in
    parallel. They were seen through the words ``replace``, ``courtesies`` (openings, closings) and ``meanings``.
    """

    tables: Tables
    replace: Mapping[str, str]
    courtesies: tuple[tuple[str, ...], ...]
    meanings: Mapping[str, tuple[str, ...]]
    texts: tuple[str, ...]
    plain: tuple[str, ...]
    characters: tuple[str, ...]
    features: FeatureTable

    @cached_property
    def place(self) -> Mapping[str, int]:
        """Where each text stands."""
        return {text: place for place, text in enumerate(self.texts)}

    def features_of(self, texts: Iterable[str]) -> FeatureTable:
        """Return the features of ``texts``, all of which were seen."""
        return self.features.take(np.array([self.place[text] for text in texts], np.int64))

    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """Return all but the tables as named arrays; :meth:`from_arrays` takes them back."""
        names = ("replace", "courtesies", "meanings", "texts", "plain", "characters")
        words = json.dumps({name: getattr(self, name) for name in names}, ensure_ascii=False)
        return {
            "seen_words": np.frombuffer(words.encode("utf-8", "surrogatepass"), dtype=np.uint8),
            "seen_hashes": self.features.hashes,
            "seen_bounds": self.features.bounds,
            "seen_places": self.features.places,
            "seen_kinds": self.features.kinds,
        }

    @classmethod
    def from_arrays(cls, tables: Tables, arrays: Mapping[str, npt.NDArray[np.generic]]) -> Seen:
        """Take back what :meth:`arrays` gave. Raises KeyError or ValueError for anything else."""
        words = json.loads(arrays["seen_words"].tobytes().decode("utf-8", "surrogatepass"))
        a: Mapping[str, Any] = arrays
        return cls(
            tables,
            words["replace"],
            tuple(map(tuple, words["courtesies"])),
            {word: tuple(concepts) for word, concepts in words["meanings"].items()},
            tuple(words["texts"]),
            tuple(words["plain"]),
            tuple(words["characters"]),
            FeatureTable(a["seen_hashes"], a["seen_bounds"], a["seen_places"], a["seen_kinds"]),
        )


def see_questions(knowledge: Knowledge, tables: Tables, known: Seen | None = None) -> Seen:
    """Look at every question of ``knowledge``, also at those held out, through ``tables`` and its words.

    What is ``known`` from other knowledge is not looked at again, unless it was seen through other tables or a word
    in it has changed: the outcome is the same, only sooner.
    """
    asked = [question for _, entry in knowledge.entries() for question in entry.questions]
    asked += [question for group in knowledge.held_out for question in group.questions]
    if known is None or known.tables != tables:
        known = _see((), tables, knowledge.language)
    return _see_again(tuple(dict.fromkeys(asked)), tables, knowledge.language, known)


def _see(texts: Sequence[str], tables: Tables, language: Language) -> Seen:
    see = Views(tables, language).see
    views = [see(text) for text in texts]
    return Seen(
        tables,
        language.replace,
        (language.openings, language.closings),
        meanings(language),
        tuple(texts),
        tuple(view.plain for view in views),
        tuple(view.characters for view in views),
        FeatureTable.of([(view.characters, view.sounds, view.concepts) for view in views]),
    )


def _see_again(texts: tuple[str, ...], tables: Tables, language: Language, known: Seen) -> Seen:
    stale = _stale(known, language)
    fresh = _see([text for text in texts if text not in known.place or known.place[text] in stale], tables, language)
    beyond = len(known.texts)
    places = [beyond + fresh.place[text] if text in fresh.place else known.place[text] for text in texts]
    plain, characters = known.plain + fresh.plain, known.characters + fresh.characters
    return Seen(
        tables,
        language.replace,
        (language.openings, language.closings),
        fresh.meanings,
        texts,
        tuple(plain[place] for place in places),
        tuple(characters[place] for place in places),
        known.features.followed_by(fresh.features).take(np.array(places, np.int64)),
    )


def _stale(known: Seen, language: Language) -> set[int]:
    """The places of the texts that may look otherwise through the words of ``language``."""
    if known.courtesies != (language.openings, language.closings):
        return set(range(len(known.texts)))
    replaced = _holding(_changed(known.replace, language.replace), known.plain)
    return replaced | _holding(_changed(known.meanings, meanings(language)), known.characters)


def _changed(before: Mapping[str, _Meaning], now: Mapping[str, _Meaning]) -> set[str]:
    return {word for word in before.keys() | now.keys() if word and before.get(word) != now.get(word)}


def _holding(words: set[str], texts: Sequence[str]) -> set[int]:
    if not words:
        return set()
    any_of_them = re.compile("|".join(map(re.escape, sorted(words))))
    return {place for place, text in enumerate(texts) if any_of_them.search(text)}
