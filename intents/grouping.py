"""Which topics learn weights of their own, and which share them.

Weights for tens of thousands of topics would fill the memory and teach little where a topic has
three sample questions. So the topics with most questions stand alone, and the rest share groups of
like topics, inside which the nearest sample questions decide.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from intents.vocabulary import Vectors

MOST_GROUPS = 256
_SHARED = 64  # of these, when there are more topics than groups
_DIMENSIONS = 64
_ROUNDS = 8
_SEED = 20230216


def groups_of(vectors: Vectors, owners: npt.NDArray[np.int64], features: int) -> npt.NDArray[np.int64]:
    """Return the group of each topic, numbered from 0.

    ``owners`` gives the topic of each vector. Up to :data:`MOST_GROUPS` topics all stand alone.
    """
    topics = int(owners.max()) + 1
    if topics <= MOST_GROUPS:
        return np.arange(topics)
    alone = np.argsort(-np.bincount(owners, minlength=topics), kind="stable")[: MOST_GROUPS - _SHARED]
    sharing = np.setdiff1d(np.arange(topics), alone)
    group = np.empty(topics, dtype=np.int64)
    group[alone] = np.arange(len(alone))
    group[sharing] = len(alone) + _clusters(_sketches(vectors, owners, features, topics)[sharing])
    return group


def _sketches(vectors: Vectors, owners: npt.NDArray[np.int64], features: int, topics: int) -> npt.NDArray[np.float32]:
    """A short random projection of each topic's questions: like topics have like sketches."""
    directions = np.random.default_rng(_SEED).standard_normal((features, _DIMENSIONS), dtype=np.float32)
    sketches = np.zeros((topics, _DIMENSIONS), np.float32)
    for vector, owner in zip(vectors, owners, strict=True):
        sketches[owner] += vector.values @ directions[vector.columns]
    lengths = np.linalg.norm(sketches, axis=1, keepdims=True)
    unit: npt.NDArray[np.float32] = sketches / np.maximum(lengths, 1e-9)
    return unit


def _clusters(sketches: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """Spherical k-means with a fixed start; empty clusters keep their number."""
    centres = sketches[np.linspace(0, len(sketches) - 1, _SHARED).astype(int)].copy()
    nearest = np.zeros(len(sketches), dtype=np.int64)
    for _ in range(_ROUNDS):
        nearest = (sketches @ centres.T).argmax(axis=1)
        for number in range(_SHARED):
            members = sketches[nearest == number]
            if len(members):
                centre = members.sum(axis=0)
                centres[number] = centre / max(float(np.linalg.norm(centre)), 1e-9)
    return nearest
