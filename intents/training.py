"""Learning from sample questions which features speak for which topic.

Multinomial logistic regression over sparse features, by stochastic gradient steps with a step size
for each weight (Duchi, Hazan, Singer 2011: Adagrad, beginning at 1). Only building an index needs this module, and
with it SciPy.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse

from intents.vocabulary import Vectors

EPOCHS = 3  # a fourth brings nothing but confidence in the samples
_LARGEST_BATCH, _SMALLEST_BATCH = 1024, 16
_FEWEST_BATCHES = 25  # in an epoch, so that few questions also give many steps
_FIRST_GRADIENT = 0.01  # keeps the first steps finite
_AT_ONCE = 1024  # features
_LEARNT = 0.02  # what is taken for right with all but so much teaches too little to be worth its time
_SEED = 20230216


def train(
    vectors: Vectors, groups: npt.NDArray[np.int64], features: int, count: int, marks: npt.NDArray[np.uint64]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Learn weights of shape (features, count) and biases of shape (count,).

    ``groups`` gives the right group (0 ≤ group < count) of each vector, ``marks`` any number that is the vector's own
    whatever others there are: they say in which order is learnt, so that one vector more leaves the others where they
    were, and changes little else. The same input gives the same output on one machine.
    """
    place = _by_use(vectors, features)
    questions = _matrix(vectors, place)
    weights = np.zeros((features, count), np.float32)
    squares = np.full((features, count), _FIRST_GRADIENT, np.float32)
    biases = np.zeros(count, np.float32)
    bias_squares = np.full(count, _FIRST_GRADIENT, np.float32)
    chance = np.random.default_rng(_SEED)
    unlearnt = np.ones(len(vectors), np.bool_)
    for _ in range(EPOCHS):
        order = np.argsort(marks * _odd(chance), kind="stable")
        order = order[unlearnt[order]]
        for batch in np.array_split(order, _batches(len(order))):
            rows = questions[batch]
            errors = _softmax(rows @ weights + biases)
            errors[np.arange(len(batch)), groups[batch]] -= 1
            telling = np.abs(errors).max(axis=1, initial=0) > _LEARNT
            unlearnt[batch] = telling
            errors = errors[telling]
            _step(weights, squares, rows[telling].T.tocsr(), errors)
            bias_gradient = errors.sum(axis=0)
            bias_squares += bias_gradient**2
            biases -= bias_gradient / np.sqrt(bias_squares)
    return weights[place], biases


def _odd(chance: np.random.Generator) -> np.uint64:
    """A factor that shuffles numbers and makes no two of them the same."""
    return chance.integers(2**63, dtype=np.uint64) | np.uint64(1)


def _step(
    weights: npt.NDArray[np.float32],
    squares: npt.NDArray[np.float32],
    holders: sparse.csr_array,
    errors: npt.NDArray[np.float32],
) -> None:
    """Move the ``weights`` against their gradient: ``holders``, the rows that hold each feature, times ``errors``.

    This is most of the work of training, so it goes in place and in parts that fit into the processor's cache.
    """
    columns = np.flatnonzero(np.diff(holders.indptr))
    bounds = np.append(holders.indptr[columns], holders.nnz)
    for start in range(0, len(columns), _AT_ONCE):
        part, ends = columns[start : start + _AT_ONCE], bounds[start : start + _AT_ONCE + 1]
        inside = slice(ends[0], ends[-1])
        held = (holders.data[inside], holders.indices[inside], ends - ends[0])
        change = sparse.csr_array(held, shape=(len(part), len(errors))) @ errors
        squared = change * change
        squared += squares.take(part, axis=0, mode="clip")  # "clip" asks no questions, so it is quicker
        squares[part] = squared
        change /= np.sqrt(squared, out=squared)
        moved = weights.take(part, axis=0, mode="clip")
        moved -= change
        weights[part] = moved


def _batches(questions: int) -> int:
    """Into how many batches so many questions are cut."""
    return max(questions // _LARGEST_BATCH, min(_FEWEST_BATCHES, questions // _SMALLEST_BATCH), 1)


def _by_use(vectors: Vectors, features: int) -> npt.NDArray[np.int32]:
    """Return a place for each feature, the most used first: so the memory in use lies close together."""
    used = np.bincount(vectors.columns, minlength=features)
    place = np.empty(features, np.int32)
    place[np.argsort(-used, kind="stable")] = np.arange(features)
    return place


def _matrix(vectors: Vectors, place: npt.NDArray[np.int32]) -> sparse.csr_array:
    parts = (vectors.values, place[vectors.columns], vectors.bounds.astype(np.int32))
    return sparse.csr_array(parts, shape=(len(vectors), len(place)))


def _softmax(scores: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: npt.NDArray[np.float32] = powers / powers.sum(axis=1, keepdims=True)
    return shares
