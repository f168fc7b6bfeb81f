"""Confidence is measured on held-out questions, not set by hand."""

from __future__ import annotations

import numpy as np
import pytest

from intents.calibration import Calibration, Evidence, calibrate

ALONE = np.zeros(3)


def evidence(learnt: list[float], votes: list[float] | None = None) -> Evidence:
    return Evidence(np.array(learnt, np.float32), np.array(votes or [0.0] * len(learnt)))


def test_probabilities_add_up_to_one_and_follow_the_evidence() -> None:
    probabilities = Calibration(1.0, 1.0).probabilities(evidence([2, 1, 0], [0, 0, 1]), ALONE)
    assert probabilities.sum() == pytest.approx(1)
    assert probabilities.argmax() == 0


def test_evidence_that_is_always_right_is_trusted_more_than_evidence_that_often_errs() -> None:
    first = np.array([True, False, False])
    second = np.array([False, True, False])
    reliable = calibrate([(evidence([1, 0, 0]), first)] * 10, ALONE)
    erring = calibrate([(evidence([1, 0, 0]), first)] * 5 + [(evidence([1, 0, 0]), second)] * 5, ALONE)
    assert reliable.learnt > erring.learnt


def test_votes_are_trusted_when_they_are_right_where_the_weights_are_not() -> None:
    right = np.array([False, True, False])
    assert calibrate([(evidence([0.5, 0, 0], [0, 1, 0]), right)] * 10, ALONE).votes > 4


def test_topics_that_share_a_group_are_told_apart_by_votes() -> None:
    crowding = np.log([1, 2, 2])
    probabilities = Calibration(1.0, 2.0).probabilities(evidence([1, 1, 1], [0, 0, 1]), crowding)
    assert probabilities[2] > probabilities[0] > probabilities[1]
