"""The nearest sample questions are found by cosine likeness."""

from __future__ import annotations

import numpy as np
import pytest

from intents.memory import Memory
from intents.vocabulary import Vector, Vectors


def vector(*values: float) -> Vector:
    full = np.array(values, np.float32)
    full /= np.linalg.norm(full)
    columns = np.flatnonzero(full)
    return Vector(columns, full[columns])


QUESTIONS = [vector(1, 0, 0), vector(1, 1, 0), vector(0, 1, 1), vector(1, 0, 0)]
MEMORY = Memory.of(Vectors.of(QUESTIONS), 3)


def test_the_nearest_come_first_and_equals_keep_their_order() -> None:
    near = MEMORY.nearest(vector(1, 0, 0), 3)
    assert near.questions.tolist() == [0, 3, 1]
    assert near.likeness == pytest.approx([1, 1, 0.7071], abs=1e-4)


def test_no_more_than_asked_for() -> None:
    assert len(MEMORY.nearest(vector(1, 1, 1), 2).questions) == 2


def test_nothing_in_common_is_no_neighbour() -> None:
    assert MEMORY.nearest(Vector(np.zeros(0, np.int64), np.zeros(0, np.float32)), 3).questions.tolist() == []
    assert 2 not in MEMORY.nearest(vector(1, 0, 0), 3).questions


def test_what_nearly_every_question_holds_tells_none_apart() -> None:
    common = [vector(1, *(float(place == own) for place in range(99))) for own in range(99)]
    near = Memory.of(Vectors.of(common), 100).nearest(vector(1, *(float(place == 7) for place in range(99))), 5)
    assert near.questions.tolist() == [7]


def test_more_features_than_sixteen_bits_can_number_stay_apart() -> None:
    far = 65_536 + 7
    questions = [Vector(np.array([column]), np.ones(1, np.float32)) for column in (far, 7, 7)]
    memory = Memory.of(Vectors.of(questions), far + 1)
    assert memory.nearest(questions[0], 3).questions.tolist() == [0]
    assert memory.nearest(questions[1], 3).questions.tolist() == [1, 2]
