"""From evidence to probabilities that can be believed: of the answers given with 0.9, nine in ten
shall be right. The two scales are measured on held-out questions, never set by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Evidence:
    """What speaks for each topic: ``learnt`` (from the trained weights, a logit for each topic) and
    ``votes`` (the nearest sample questions' share, 0 to 1, for each topic).
    """

    learnt: npt.NDArray[np.float32]
    votes: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Calibration:
    """How much to make of the learnt weights and of the votes."""

    learnt: float = 2.0
    votes: float = 4.0

    def probabilities(self, evidence: Evidence, crowding: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return the probability of each topic (the last axis); they add up to 1.

        ``crowding`` is the logarithm of how many topics share a topic's learnt weights: these are
        told apart by the votes alone.
        """
        logits = self.learnt * evidence.learnt - crowding + evidence.votes * (self.votes + crowding)
        powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


_LEARNT = np.arange(1.0, 4.01, 0.25)
_VOTES = np.arange(0.0, 8.01, 1.0)
_LEAST = 1e-6  # keeps one hopeless question from deciding everything
_AT_ONCE = 100_000  # numbers in an array: enough for speed, little enough for memory


def calibrate(
    held_out: Sequence[tuple[Evidence, npt.NDArray[np.bool_]]], crowding: npt.NDArray[np.float64]
) -> Calibration:
    """Return the calibration under which the right topics of ``held_out`` are most probable.

    Each item is the evidence for a question and a mask of the topics that would be right.
    """
    surprise = np.zeros((len(_LEARNT), len(_VOTES)))
    step = max(1, _AT_ONCE // len(crowding))
    for start in range(0, len(held_out), step):
        part = held_out[start : start + step]
        evidence = Evidence(np.stack([one.learnt for one, _ in part]), np.stack([one.votes for one, _ in part]))
        right = np.stack([mask for _, mask in part])
        surprise -= np.log(_found(evidence, right, crowding) + _LEAST).sum(axis=0)
    learnt, votes = np.unravel_index(int(surprise.argmin()), surprise.shape)
    return Calibration(float(_LEARNT[learnt]), float(_VOTES[votes]))


def _found(
    evidence: Evidence, right: npt.NDArray[np.bool_], crowding: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """How probable the ``right`` topics of each question are, with every scale for what was learnt and for the votes.

    The same as :meth:`Calibration.probabilities`, with each power worked out once instead of for every pair.
    """
    most = evidence.learnt.max(axis=-1, keepdims=True)
    by_learnt = np.exp(_LEARNT[:, None] * (evidence.learnt - most)[:, None] - crowding)
    by_votes = np.exp(evidence.votes[:, None] * (_VOTES[:, None] + crowding)).swapaxes(1, 2)
    return np.asarray((by_learnt * right[:, None]) @ by_votes / (by_learnt @ by_votes))
