"""Many topics share weights; the topics with most questions never do."""

from __future__ import annotations

import numpy as np

from intents.grouping import MOST_GROUPS, groups_of
from intents.vocabulary import Vector, Vectors


def collection(topics: int, questions: int) -> tuple[Vectors, np.ndarray]:
    chance = np.random.default_rng(1)
    vectors, owners = [], []
    for topic in range(topics):
        for _ in range(questions if topic else 20):
            columns = np.unique(chance.integers(0, 50, 5))
            vectors.append(Vector(columns, np.full(len(columns), 0.4, np.float32)))
            owners.append(topic)
    return Vectors.of(vectors), np.array(owners)


def test_up_to_the_limit_every_topic_stands_alone() -> None:
    vectors, owners = collection(40, 2)
    assert groups_of(vectors, owners, 50).tolist() == list(range(40))


def test_beyond_the_limit_the_rest_share_and_the_best_known_stand_alone() -> None:
    vectors, owners = collection(600, 2)
    groups = groups_of(vectors, owners, 50)
    assert groups.max() < MOST_GROUPS
    assert (groups == groups[0]).sum() == 1


def test_the_same_collection_gives_the_same_groups() -> None:
    vectors, owners = collection(600, 2)
    assert groups_of(vectors, owners, 50).tolist() == groups_of(vectors, owners, 50).tolist()
