"""From evidence to probabilities that can be believed: of the answers given with 0.9, nine in ten
shall be right. The two scales are measured on held-out questions, never set by hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

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
        """Return the probability of each topic; they add up to 1.

        ``crowding`` is the logarithm of how many topics share a topic's learnt weights: these are
        told apart by the votes alone.
        """
        logits = self.learnt * evidence.learnt - crowding + evidence.votes * (self.votes + crowding)
        powers = np.exp(logits - logits.max())
        return np.asarray(powers / powers.sum())


_LEARNT = np.arange(1.0, 4.01, 0.25)
_VOTES = np.arange(0.0, 8.01, 1.0)


def calibrate(
    held_out: Sequence[tuple[Evidence, npt.NDArray[np.bool_]]], crowding: npt.NDArray[np.float64]
) -> Calibration:
    """Return the calibration under which the right topics of ``held_out`` are most probable.

    Each item is the evidence for a question and a mask of the topics that would be right.
    """

    def surprise(calibration: Calibration) -> float:
        return -sum(
            float(np.log(calibration.probabilities(evidence, crowding)[right].sum() + 1e-6))
            for evidence, right in held_out
        )

    return min((Calibration(float(learnt), float(votes)) for learnt, votes in product(_LEARNT, _VOTES)), key=surprise)
