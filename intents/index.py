"""Everything a reader needs, worked out once from the knowledge: an index.

Building one (``building``) takes seconds and needs OpenCC, pypinyin and SciPy; using it takes a
millisecond and needs NumPy. An index turns into plain arrays and back, so that somebody with a
disk can keep it.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from intents.calibration import Calibration, Evidence
from intents.features import features
from intents.memory import Memory
from intents.tables import Tables
from intents.vocabulary import Vector, Vocabulary

NEIGHBOURS = 30
"""So many of the nearest sample questions have a vote."""


@dataclass(frozen=True)
class Index:
    """What was worked out.

    ``keys`` names the topics (policies, signposts, safety, actions, outside groups); ``owners``
    gives the topic of each sample question and ``group`` of each topic, ``weights`` has the shape
    (features, groups), ``biases`` (groups,).
    """

    tables: Tables
    keys: tuple[str, ...]
    owners: npt.NDArray[np.int32]
    group: npt.NDArray[np.int32]
    vocabulary: Vocabulary
    weights: npt.NDArray[np.float16]
    biases: npt.NDArray[np.float32]
    memory: Memory
    calibration: Calibration

    def learnt(self, vector: Vector) -> npt.NDArray[np.float32]:
        """Return what the trained weights say for each group, as logits."""
        scores: npt.NDArray[np.float32] = vector.values @ self.weights[vector.columns].astype(np.float32) + self.biases
        return scores

    def evidence(self, vector: Vector) -> Evidence:
        """Gather what speaks for each topic."""
        near = self.memory.nearest(vector, NEIGHBOURS)
        owners = self.owners[near.questions]
        votes = np.bincount(owners, weights=near.likeness, minlength=len(self.keys)).astype(np.float64)
        total = votes.sum()
        return Evidence(self.learnt(vector)[self.group], votes / total if total else votes)

    def alarm(self, vector: Vector) -> float:
        """Return how probable distress is by the trained weights alone (0 to 1): quick, and enough to
        see whether a closer look is needed.
        """
        return self._share(vector, self._safety_groups)

    def share(self, vector: Vector, keys: Collection[str]) -> float:
        """Return how probable ``keys``, or others of their groups, are by the trained weights alone (0 to 1)."""
        return self._share(vector, self._groups(keys))

    def _share(self, vector: Vector, groups: npt.NDArray[np.int64]) -> float:
        scores = self.calibration.learnt * self.learnt(vector)
        powers = np.exp(scores - scores.max())
        return float(powers[groups].sum() / powers.sum())

    def speaks_of(self, concept: str, keys: Collection[str]) -> bool:
        """Say whether the words of a ``concept`` speak for one of ``keys``, or their groups, more than for others."""
        vector = self.vocabulary.vector(features("", (), (concept,)))
        if not len(vector.columns):
            return False
        weights = self.weights[vector.columns].astype(np.float32).sum(axis=0)
        return int(weights.argmax()) in self._groups(keys)

    def _groups(self, keys: Collection[str]) -> npt.NDArray[np.int64]:
        topics = [topic for topic, key in enumerate(self.keys) if key in keys]
        return np.unique(self.group[topics]).astype(np.int64)

    @cached_property
    def distress(self) -> frozenset[str]:
        """The keys of what is said to somebody in distress."""
        return frozenset(key for key in self.keys if key.startswith("safety:"))

    @cached_property
    def _safety_groups(self) -> npt.NDArray[np.int64]:
        return self._groups(self.distress)

    @cached_property
    def crowding(self) -> npt.NDArray[np.float64]:
        """The logarithm of how many topics share each topic's group (0 for a topic of its own)."""
        counts = np.bincount(self.group, minlength=len(self.biases))
        return np.asarray(np.log(counts[self.group]))

    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """Return everything as named arrays; :meth:`from_arrays` takes them back."""
        words = {
            "keys": list(self.keys),
            "simplified": {chr(code): simple for code, simple in self.tables.simplified.items()},
            "readings": dict(self.tables.readings),
            "calibration": vars(self.calibration),
        }
        return {
            "words": np.frombuffer(json.dumps(words, ensure_ascii=False).encode(), dtype=np.uint8),
            "owners": self.owners,
            "group": self.group,
            "hashes": self.vocabulary.hashes,
            "idf": self.vocabulary.weights,
            "weights": self.weights,
            "biases": self.biases,
            "bounds": self.memory.bounds,
            "questions": self.memory.questions,
            "values": self.memory.values,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[np.generic]]) -> Index:
        """Take back what :meth:`arrays` gave. Raises KeyError or ValueError for anything else."""
        words = _words(arrays)
        a: Mapping[str, Any] = arrays
        return cls(
            tables=_tables(words),
            keys=tuple(words["keys"]),
            owners=a["owners"],
            group=a["group"],
            vocabulary=Vocabulary(a["hashes"], a["idf"]),
            weights=a["weights"],
            biases=a["biases"],
            memory=Memory(a["bounds"], a["questions"], a["values"], len(a["owners"])),
            calibration=Calibration(**words["calibration"]),
        )


def tables_in(arrays: Mapping[str, npt.NDArray[np.generic]]) -> Tables:
    """Return only the tables of an index. Raises as :meth:`Index.from_arrays`."""
    return _tables(_words(arrays))


def _words(arrays: Mapping[str, npt.NDArray[np.generic]]) -> dict[str, Any]:
    words: dict[str, Any] = json.loads(arrays["words"].tobytes())
    return words


def _tables(words: Mapping[str, Any]) -> Tables:
    return Tables({ord(char): simple for char, simple in words["simplified"].items()}, words["readings"])
