"""The features that sample questions have in common, and how telling each is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from intents.feature_table import FeatureTable
from intents.features import CONCEPTS, SOUNDS, Features, Hashes

FEWEST_QUESTIONS = 2
"""A feature must occur in this many sample questions to count."""

# Against characters. Measured on held-out questions: sounds between 0.5 and 1 and concepts between
# 0.5 and 1 make little difference; without sounds, pinyin cannot be read, and without concepts a
# topic with a dozen samples is found some 2 to 4 points less often.
_TRUST = {SOUNDS: 0.7, CONCEPTS: 0.6}


@dataclass(frozen=True)
class Vector:
    """A text as the vocabulary sees it.

    ``columns`` (which features) and ``values`` (their weights, of Euclidean length 1) run in
    parallel; both are empty when nothing of the text is known.
    """

    columns: npt.NDArray[np.int64]
    values: npt.NDArray[np.float32]


@dataclass(frozen=True)
class Vectors:
    """The vectors of many texts: that of text ``n`` is what stands from ``bounds[n]`` to ``bounds[n + 1]``."""

    bounds: npt.NDArray[np.int64]
    columns: npt.NDArray[np.int64]
    values: npt.NDArray[np.float32]

    @classmethod
    def of(cls, vectors: Sequence[Vector]) -> Vectors:
        """Put ``vectors`` one behind the other."""
        bounds = np.cumsum([0, *(len(vector.columns) for vector in vectors)])
        return cls(
            bounds,
            np.concatenate([vector.columns for vector in vectors]),
            np.concatenate([vector.values for vector in vectors]),
        )

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def __iter__(self) -> Iterator[Vector]:
        for begin, end in pairwise(self.bounds.tolist()):
            yield Vector(self.columns[begin:end], self.values[begin:end])


@dataclass(frozen=True)
class Vocabulary:
    """``hashes`` are sorted; ``weights`` (inverse document frequency, less for sounds) run along."""

    hashes: Hashes
    weights: npt.NDArray[np.float32]

    @classmethod
    def of(cls, questions: FeatureTable) -> Vocabulary:
        """Take the vocabulary from the features of the sample questions."""
        counts = questions.counts()
        common = counts >= FEWEST_QUESTIONS
        if not common.any():  # a handful of questions with nothing in common
            common = counts > 0
        weights = np.log(1 + len(questions) / counts[common])
        kinds = questions.kind_of_each()[common]
        for kind, trust in _TRUST.items():
            weights[kinds == kind] *= trust
        return cls(questions.hashes[common], weights.astype(np.float32))

    def vector(self, features: Features) -> Vector:
        """Weigh the features of one text."""
        columns, found = self._columns(features.hashes)
        columns = columns[found]
        values = self.weights[columns]
        length = float(np.sqrt(values @ values))
        return Vector(columns, values / length if length else values)

    def vectors(self, texts: FeatureTable) -> Vectors:
        """Weigh the features of each text: quicker for many than one by one."""
        column_of, known = self._columns(texts.hashes)
        found = known[texts.places]
        bounds = np.concatenate(([0], np.cumsum(found)))[texts.bounds]
        columns = column_of[texts.places[found]]
        values = self.weights[columns]
        text = np.repeat(np.arange(len(texts)), np.diff(bounds))
        lengths = np.sqrt(np.bincount(text, weights=values * values, minlength=len(texts)))
        return Vectors(bounds, columns, values / lengths.astype(np.float32)[text])

    def _columns(self, hashes: Hashes) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
        """Where each hash stands, and whether it is there at all."""
        columns = np.searchsorted(self.hashes, hashes)
        columns[columns == len(self.hashes)] = 0
        return columns, self.hashes[columns] == hashes
