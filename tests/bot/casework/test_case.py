"""What a status becomes."""

from __future__ import annotations

from datetime import date

import pytest

from bot.casework.case import Status, Step, StepDone, advanced, fallen_back, missing


@pytest.mark.parametrize(
    ("before", "step", "after"),
    [
        (Status.NEW, Step.INFORMATION_CHECK, Status.CHECKED),
        (Status.NEW, Step.ABILITY_ASSESSMENT, Status.ASSESSED),
        (Status.CHECKED, Step.SERVICE, Status.SERVED),
        (Status.SERVED, Step.INFORMATION_CHECK, Status.SERVED),
        (Status.CHECKED, Step.NEED_REGISTRATION, Status.CHECKED),
        (Status.PAUSED, Step.SERVICE, Status.PAUSED),
        (Status.CLOSED, Step.SERVICE, Status.CLOSED),
        (Status.EMPLOYED, Step.SERVICE, Status.EMPLOYED),
    ],
)
def test_a_step_moves_a_case_forward_only(before: Status, step: Step, after: Status) -> None:
    assert advanced(before, step) is after


@pytest.mark.parametrize(
    ("before", "undone", "left", "after"),
    [
        (Status.CHECKED, Step.INFORMATION_CHECK, [], Status.NEW),
        (Status.SERVED, Step.SERVICE, [Step.INFORMATION_CHECK, Step.ABILITY_ASSESSMENT], Status.ASSESSED),
        (Status.SERVED, Step.SERVICE, [Step.NEED_REGISTRATION], Status.NEW),
        (Status.SERVED, Step.INFORMATION_CHECK, [Step.SERVICE], Status.SERVED),
        (Status.CHECKED, Step.NEED_REGISTRATION, [Step.INFORMATION_CHECK], Status.CHECKED),
        (Status.CHECKED, Step.INFORMATION_CHECK, [Step.SERVICE], Status.NEW),
        (Status.PAUSED, Step.SERVICE, [], Status.PAUSED),
        (Status.EMPLOYED, Step.SERVICE, [], Status.EMPLOYED),
    ],
)
def test_a_step_undone_takes_back_the_status_that_it_led_to(
    before: Status, undone: Step, left: list[Step], after: Status
) -> None:
    assert fallen_back(before, undone, left) is after


def test_the_steps_still_to_be_done_come_in_the_order_of_the_plan() -> None:
    done = (StepDone(Step.ABILITY_ASSESSMENT, date(2025, 6, 3), 1, ""),)
    assert missing(done) == (Step.INFORMATION_CHECK, Step.NEED_REGISTRATION, Step.SERVICE)
