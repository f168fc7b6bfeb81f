"""The features of many texts in a few arrays, so that tens of thousands of texts are counted at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from intents.features import KINDS, Hashes, runs_of_all


@dataclass(frozen=True)
class FeatureTable:
    """``hashes``, sorted, are all features that occur. Text ``n`` holds those at ``places[bounds[n]:bounds[n + 1]]``
    among them, each once and in order; their ``kinds`` run along.
    """

    hashes: Hashes
    bounds: npt.NDArray[np.int64]
    places: npt.NDArray[np.int32]
    kinds: npt.NDArray[np.uint8]

    @classmethod
    def of(cls, texts: Sequence[tuple[str, Sequence[str], Sequence[str]]]) -> FeatureTable:
        """Take the features of each ``(text, sounds, concepts)``, as :func:`intents.features.features` does of one."""
        runs, kinds, bounds = runs_of_all(texts)
        hashes, places = np.unique(runs, return_inverse=True)
        text = np.repeat(np.arange(len(texts)), np.diff(bounds))
        held = np.sort((text * len(hashes) + places) * KINDS + kinds)
        held = held[np.diff(held // KINDS, prepend=-1) != 0]
        held, kinds = np.divmod(held, KINDS)
        text, places = np.divmod(held, max(len(hashes), 1))
        bounds = np.searchsorted(text, np.arange(len(texts) + 1))
        return cls(hashes, bounds, places.astype(np.int32), kinds.astype(np.uint8))

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def counts(self) -> npt.NDArray[np.int64]:
        """In how many texts each feature occurs."""
        return np.bincount(self.places, minlength=len(self.hashes))

    def kind_of_each(self) -> npt.NDArray[np.uint8]:
        """The kind of each feature: that of its first appearance, where two kinds have the same hash by chance."""
        found = np.zeros(len(self.hashes), np.uint8)
        found[self.places[::-1]] = self.kinds[::-1]
        return found

    def followed_by(self, other: FeatureTable) -> FeatureTable:
        """Put the texts of ``other`` behind these."""
        hashes = np.sort(np.concatenate([self.hashes, other.hashes]))
        hashes = hashes[np.diff(hashes, prepend=~hashes[:1]) != 0]
        places = [np.searchsorted(hashes, table.hashes).astype(np.int32)[table.places] for table in (self, other)]
        bounds = np.concatenate([self.bounds, self.bounds[-1] + other.bounds[1:]])
        return FeatureTable(hashes, bounds, np.concatenate(places), np.concatenate([self.kinds, other.kinds]))

    def take(self, texts: npt.NDArray[np.int64]) -> FeatureTable:
        """Return the table of only these ``texts``, in this order, and of the features that they hold."""
        lengths = np.diff(self.bounds)[texts]
        bounds = np.concatenate(([0], np.cumsum(lengths)))
        taken = np.repeat(self.bounds[texts] - bounds[:-1], lengths) + np.arange(bounds[-1])
        places = self.places[taken]
        held = np.bincount(places, minlength=len(self.hashes)) > 0
        moved = np.cumsum(held, dtype=np.int32) - 1
        return FeatureTable(self.hashes[held], bounds, moved[places], self.kinds[taken])
