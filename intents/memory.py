"""The sample questions themselves, and which of them a text is most like."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from intents.vocabulary import Vector, Vectors

TOO_COMMON = 1 / 16
"""A feature in more than this share of the sample questions tells none of them apart."""

_ALWAYS_KEPT = 32  # however small the collection
_NEAR = 0.5  # as a share of the nearest question's likeness; what is further away has no say
_TINY = 1e-6


@dataclass(frozen=True)
class Neighbours:
    """The sample questions nearest to a text: their numbers, and their cosine likeness (0 to 1)."""

    questions: npt.NDArray[np.int64]
    likeness: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Memory:
    """An inverted index: for feature ``c``, the questions ``questions[bounds[c]:bounds[c + 1]]``
    hold it with the ``values`` beside them. ``count`` is the number of questions.
    """

    bounds: npt.NDArray[np.int64]
    questions: npt.NDArray[np.int32]
    values: npt.NDArray[np.float32]
    count: int

    @classmethod
    def of(cls, vectors: Vectors, features: int, too_common: float = TOO_COMMON) -> Memory:
        """Remember the sample questions given as ``vectors`` over so many ``features``.

        What more than ``too_common`` of them have (a share) is left out; 1 leaves out nothing.
        """
        counts = np.bincount(vectors.columns, minlength=features)
        counts[counts > max(_ALWAYS_KEPT, len(vectors) * too_common)] = 0
        telling = counts[vectors.columns] > 0
        questions = np.repeat(np.arange(len(vectors), dtype=np.int32), np.diff(vectors.bounds))[telling]
        order = _order(vectors.columns[telling])
        bounds = np.concatenate(([0], np.cumsum(counts)))
        return cls(bounds, questions[order], vectors.values[telling][order], len(vectors))

    def nearest(self, vector: Vector, most: int) -> Neighbours:
        """Return at most ``most`` questions that share anything with ``vector``, nearest first."""
        spans = list(zip(self.bounds[vector.columns].tolist(), self.bounds[vector.columns + 1].tolist(), strict=True))
        lengths = [end - begin for begin, end in spans]
        if not any(lengths):
            return Neighbours(np.zeros(0, np.int64), np.zeros(0))
        questions = np.concatenate([self.questions[begin:end] for begin, end in spans])
        products = np.concatenate([self.values[begin:end] for begin, end in spans])
        products *= np.repeat(vector.values, lengths)
        likeness = np.bincount(questions, weights=products, minlength=self.count).astype(np.float64)
        # A threshold first: selecting among tens of thousands of equal zeros is slow.
        best = np.flatnonzero(likeness >= max(_NEAR * float(likeness.max()), _TINY))
        # Equally near questions keep the order of the files, so that a reading never depends on chance.
        best = best[np.argsort(-likeness[best], kind="stable")[:most]]
        return Neighbours(best, likeness[best])


def _order(columns: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """A stable order of ``columns``, by their low and then by their high bits: NumPy sorts short numbers by radix."""
    order = np.argsort(columns.astype(np.uint16), kind="stable")
    return order[np.argsort((columns >> 16)[order].astype(np.uint16), kind="stable")]
