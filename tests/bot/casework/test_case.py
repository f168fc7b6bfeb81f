"""What a status becomes, and when somebody was first in touch."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.casework.case import (
    CONTACT,
    Case,
    CaseMessage,
    Event,
    FollowUp,
    Status,
    Step,
    StepDone,
    advanced,
    fallen_back,
    first_contact,
    missing,
    moment_of,
)
from bot.conversation.registration import Registration

NOW = datetime(2025, 6, 12, 9, 30, tzinfo=UTC)
EARLY, LATE = datetime(2025, 6, 3, 1, 0, tzinfo=UTC), datetime(2025, 6, 9, 1, 0, tzinfo=UTC)
CASE = Case(
    registration=Registration("123456785", {}, (), EARLY, EARLY),
    town="白沙镇",
    phone_shared=False,
    status=Status.NEW,
    reason="",
    counselor=None,
    version=1,
    first_contact=None,
    employed=None,
    filed=None,
    plan="",
)


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


def test_nobody_was_in_touch_with_a_new_case() -> None:
    note = Event(1, "note", 1, {"text": "x"}, EARLY)
    reply = CaseMessage(1, None, "x", EARLY)
    open_visit = FollowUp(1, date(2025, 6, 3), "", 1)
    assert first_contact(replace(CASE, events=(note,), messages=(reply,), follow_ups=(open_visit,))) is None


def visited(at: datetime, contact: str, id: int = 1) -> Event:
    content = {"due": "2025-06-09", "on": at.date().isoformat(), "result": "x", CONTACT: contact}
    return Event(id, "follow-up-done", 1, {name: value for name, value in content.items() if value}, at)


@pytest.mark.parametrize(
    "contact",
    [
        {"messages": (CaseMessage(1, 1, "x", EARLY, "sent"),)},
        {"messages": (CaseMessage(1, 1, "x", EARLY, "waiting"),)},
        {"events": (Event(1, "note", 1, {"text": "x", CONTACT: "yes"}, EARLY),)},
        {"events": (visited(EARLY, "yes"),)},
        {"events": (visited(EARLY, ""),)},  # from before it was asked
        {"steps": (StepDone(Step.SERVICE, date(2025, 6, 3), 1, ""),)},
    ],
)
def test_the_first_of_all_contacts_counts(contact: dict[str, tuple[object, ...]]) -> None:
    later = {
        "messages": (CaseMessage(2, 1, "x", LATE),),
        "events": (Event(2, "note", 1, {"text": "x", CONTACT: "yes"}, LATE), visited(LATE, "yes", 3)),
        "steps": (StepDone(Step.INFORMATION_CHECK, date(2025, 6, 9), 1, ""),),
    }
    both = {name: (*values, *contact.get(name, ())) for name, values in later.items()}
    found = first_contact(replace(CASE, **both))  # type: ignore[arg-type]
    assert found is not None
    assert found.date() == date(2025, 6, 3)


@pytest.mark.parametrize(
    "tried",
    [
        {"messages": (CaseMessage(1, 1, "x", EARLY, "blocked"), CaseMessage(2, 1, "x", EARLY, "given-up"))},
        {"events": (visited(EARLY, "no"),)},
        {
            "follow_ups": (FollowUp(1, date(2025, 6, 9), "", 1, done=date(2025, 6, 3)),),
            "events": (visited(EARLY, "no"),),
        },
    ],
)
def test_who_was_not_reached_was_not_contacted(tried: dict[str, tuple[object, ...]]) -> None:
    assert first_contact(replace(CASE, **tried)) is None  # type: ignore[arg-type]


def test_a_step_was_a_contact_when_it_was_first_noted_that_day() -> None:
    on = {"step": "service", "before": "", "after": "2025-06-09"}
    events = (
        Event(1, "step", 1, {**on, "after": "2025-06-03"}, EARLY),
        Event(2, "step", 1, on, LATE),
        Event(3, "step", 1, on, NOW),
    )
    done = (StepDone(Step.SERVICE, date(2025, 6, 9), 1, ""),)
    assert first_contact(replace(CASE, steps=done, events=events)) == LATE


def test_what_was_done_today_was_done_now_and_what_was_done_before_at_noon() -> None:
    assert moment_of(date(2025, 6, 12), NOW) == NOW
    assert moment_of(date(2025, 6, 11), NOW).isoformat() == "2025-06-11T12:00:00+08:00"
