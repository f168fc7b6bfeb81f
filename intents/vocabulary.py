"""The features that sample questions have in common, and how telling each is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

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
class Vocabulary:
    """``hashes`` are sorted; ``weights`` (inverse document frequency, less for sounds) run along."""

    hashes: Hashes
    weights: npt.NDArray[np.float32]

    @classmethod
    def of(cls, questions: Sequence[Features]) -> Vocabulary:
        """Take the vocabulary from the features of the sample questions."""
        hashes, first, counts = np.unique(
            np.concatenate([question.hashes for question in questions]), return_index=True, return_counts=True
        )
        kinds = np.concatenate([question.kinds for question in questions])[first]
        common = counts >= FEWEST_QUESTIONS
        if not common.any():  # a handful of questions with nothing in common
            common[:] = True
        weights = np.log(1 + len(questions) / counts)
        for kind, trust in _TRUST.items():
            weights[kinds == kind] *= trust
        return cls(hashes[common], weights[common].astype(np.float32))

    def vector(self, features: Features) -> Vector:
        """Weigh the features of one text."""
        columns, found = self._columns(features.hashes)
        return self._vector(columns[found])

    def vectors(self, texts: Sequence[Features]) -> list[Vector]:
        """Weigh the features of each text: quicker for many than one by one."""
        if not texts:
            return []
        columns, found = self._columns(np.concatenate([text.hashes for text in texts]))
        ends = np.cumsum(found)[np.cumsum([len(text.hashes) for text in texts]) - 1].tolist()
        columns = columns[found]
        return [self._vector(columns[begin:end]) for begin, end in pairwise([0, *ends])]

    def _columns(self, hashes: Hashes) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
        """Where each hash stands, and whether it is there at all."""
        columns = np.searchsorted(self.hashes, hashes)
        columns[columns == len(self.hashes)] = 0
        return columns, self.hashes[columns] == hashes

    def _vector(self, columns: npt.NDArray[np.int64]) -> Vector:
        values = self.weights[columns]
        length = float(np.sqrt(values @ values))
        return Vector(columns, values / length if length else values)
