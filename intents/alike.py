"""Puts texts that say nearly the same together."""

from __future__ import annotations

from collections.abc import Sequence

from intents.memory import Memory
from intents.vocabulary import Vector, Vectors


def groups(vectors: Sequence[Vector], features: int, least: float) -> list[list[int]]:
    """Return the numbers of texts that are alike, the text that most are like first, the largest group first.

    ``vectors`` are over so many ``features``; two texts are alike from a cosine of ``least`` (0 to 1). Every text is in
    just one group, maybe alone: the one with the most texts like it takes these, then the next of those left over.
    """
    if not vectors:
        return []
    # What is asked by most is the very thing to find: no feature is too common here.
    memory = Memory.of(Vectors.of(vectors), features, too_common=1)
    near: list[list[int]] = []
    for number, vector in enumerate(vectors):
        found = memory.nearest(vector, len(vectors))
        alike = found.questions[found.likeness >= least].tolist()
        near.append([number, *(other for other in alike if other != number)])
    left = set(range(len(vectors)))
    made = []
    for number in sorted(left, key=lambda each: (-len(near[each]), each)):
        if number in left:
            made.append([each for each in near[number] if each in left])
            left.difference_update(made[-1])
    return sorted(made, key=lambda group: (-len(group), group[0]))
