"""Learning from sample questions which features speak for which topic.

Multinomial logistic regression over sparse features, by stochastic gradient steps with a step size
for each weight (Duchi, Hazan, Singer 2011: Adagrad). Only building an index needs this module, and
with it SciPy.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

from intents.vocabulary import Vector

EPOCHS = 4
STEP = 1.0
_LARGEST_BATCH, _SMALLEST_BATCH = 1024, 16
_FEWEST_BATCHES = 25  # in an epoch, so that few questions also give many steps
_FIRST_GRADIENT = 0.01  # keeps the first steps finite
_SEED = 20230216


def train(
    vectors: Sequence[Vector], groups: npt.NDArray[np.int64], features: int, count: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Learn weights of shape (features, count) and biases of shape (count,).

    ``groups`` gives the right group (0 ≤ group < count) of each vector. The same input gives the
    same output on one machine.
    """
    questions = _matrix(vectors, features)
    weights = np.zeros((features, count), np.float32)
    squares = np.full((features, count), _FIRST_GRADIENT, np.float32)
    biases = np.zeros(count, np.float32)
    bias_squares = np.full(count, _FIRST_GRADIENT, np.float32)
    order = np.random.default_rng(_SEED)
    for _ in range(EPOCHS):
        for batch in np.array_split(order.permutation(len(vectors)), _batches(len(vectors))):
            rows = questions[batch]
            columns, rows = _only_used(rows)
            errors = _softmax(rows @ weights[columns] + biases)
            errors[np.arange(len(batch)), groups[batch]] -= 1
            gradient = rows.T @ errors
            squared = squares[columns] + gradient**2
            squares[columns] = squared
            weights[columns] -= STEP * gradient / np.sqrt(squared)
            bias_gradient = errors.sum(axis=0)
            bias_squares += bias_gradient**2
            biases -= STEP * bias_gradient / np.sqrt(bias_squares)
    return weights, biases


def _batches(questions: int) -> int:
    """Into how many batches so many questions are cut."""
    return max(questions // _LARGEST_BATCH, min(_FEWEST_BATCHES, questions // _SMALLEST_BATCH), 1)


def _matrix(vectors: Sequence[Vector], features: int) -> sparse.csr_array:
    bounds = np.concatenate(([0], np.cumsum([len(vector.columns) for vector in vectors])))
    columns = np.concatenate([vector.columns for vector in vectors])
    values = np.concatenate([vector.values for vector in vectors])
    return sparse.csr_array((values, columns, bounds), shape=(len(vectors), features))


def _only_used(rows: sparse.csr_array) -> tuple[npt.NDArray[np.int64], sparse.csr_array]:
    """Return the columns that hold anything, and ``rows`` with only those."""
    columns, renumbered = np.unique(rows.indices, return_inverse=True)
    return columns.astype(np.int64), sparse.csr_array(
        (rows.data, renumbered, rows.indptr), shape=(rows.shape[0], len(columns))
    )


def _softmax(scores: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: npt.NDArray[np.float32] = powers / powers.sum(axis=1, keepdims=True)
    return shares
