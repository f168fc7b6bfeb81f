"""When somebody of the staff was first in touch."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.casework.case import CONTACT, Case, CaseMessage, Event, FollowUp, Status, Step, StepDone
from bot.casework.contact import VISIT, first_contact, moment_of, waiting_days
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
        {"events": (Event(1, "note", 1, {"text": "x", CONTACT: "yes"}, EARLY),)},
        {"events": (visited(EARLY, "yes"),)},
        {"events": (visited(EARLY, ""),)},  # from before it was asked
        {"steps": (StepDone(Step.SERVICE, date(2025, 6, 3), 1, ""),)},
    ],
)
def test_the_first_of_all_contacts_counts(contact: dict[str, tuple[object, ...]]) -> None:
    later = {
        "messages": (CaseMessage(2, 1, "x", LATE, "sent"),),
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
        {"messages": tuple(CaseMessage(1, 1, "x", EARLY, became) for became in ("waiting", "blocked", "given-up"))},
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


NOTED = Event(1, "note", 1, {"text": "x", CONTACT: "yes"}, EARLY)


@pytest.mark.parametrize(
    ("kind", "content"),
    [("note-withdrawn", {"why": "mistaken"}), ("note-corrected", {"text": "没打通", CONTACT: "no"})],
)
def test_a_note_of_a_contact_that_was_none_counts_no_more(kind: str, content: dict[str, str]) -> None:
    later = Event(2, kind, 1, {"note": "1", **content}, LATE)
    assert first_contact(replace(CASE, events=(NOTED,))) == EARLY
    assert first_contact(replace(CASE, events=(NOTED, later))) is None


def test_a_contact_told_later_of_a_note_was_when_it_was_written() -> None:
    silent = Event(1, "note", 1, {"text": "x"}, EARLY)
    corrected = Event(2, "note-corrected", 1, {"note": "1", "text": "x", CONTACT: "yes"}, LATE)
    assert first_contact(replace(CASE, events=(silent, corrected))) == EARLY


def test_a_visit_that_was_not_made_after_all_was_no_contact() -> None:
    made = replace(visited(EARLY, "yes"), content={**visited(EARLY, "yes").content, VISIT: "7"})
    back = Event(2, "follow-up-reopened", 1, {VISIT: "7"}, LATE)
    assert first_contact(replace(CASE, events=(made, back))) is None
    other = replace(visited(LATE, "yes", 3), content={**visited(LATE, "yes").content, VISIT: "7"})
    assert first_contact(replace(CASE, events=(made, back, other))) == LATE


def test_a_visit_of_before_visits_were_numbered_is_known_by_its_day_and_what_it_was_for() -> None:
    planned = {"due": "2024-03-02", "purpose": "问面试"}
    made = Event(1, "follow-up-done", 1, planned, EARLY)
    other = Event(2, "follow-up-done", 1, {**planned, "purpose": "上门"}, LATE)
    back = Event(3, "follow-up-reopened", 1, {VISIT: "7", **planned}, LATE)
    assert first_contact(replace(CASE, events=(made, other, back))) == LATE


@pytest.mark.parametrize(
    ("status", "first", "days"),
    [(Status.NEW, None, 9), (Status.SERVED, None, 9), (Status.NEW, LATE, None), (Status.CLOSED, None, None)],
)
def test_the_days_of_waiting_are_counted_until_somebody_was_in_touch(
    status: Status, first: datetime | None, days: int | None
) -> None:
    assert waiting_days(status, first, EARLY, NOW) == days
