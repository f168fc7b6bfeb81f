"""Learning does not depend on where a question stands, so that one more changes little for the others."""

from __future__ import annotations

import numpy as np

from intents.training import train
from intents.vocabulary import Vector, Vectors

FEATURES, GROUPS = 40, 4


def test_the_same_questions_in_another_order_are_learnt_in_the_same_way() -> None:
    chance = np.random.default_rng(1)
    groups = np.arange(60) % GROUPS
    marks = chance.integers(2**63, size=60, dtype=np.uint64)
    vectors = [_vector(chance, int(group)) for group in groups]
    order = chance.permutation(60)
    shuffled = [vectors[place] for place in order]
    first, first_biases = train(Vectors.of(vectors), groups, FEATURES, GROUPS, marks)
    again, biases = train(Vectors.of(shuffled), groups[order], FEATURES, GROUPS, marks[order])
    assert np.array_equal(first, again)
    assert np.array_equal(first_biases, biases)
    assert np.abs(first).max() > 0


def _vector(chance: np.random.Generator, group: int) -> Vector:
    columns = np.unique(np.append(chance.integers(FEATURES, size=4), group)).astype(np.int64)
    return Vector(columns, np.full(len(columns), len(columns) ** -0.5, np.float32))
