"""Cases: made, changed and deleted with their registrations, and worked through by the staff."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Table, func, select, update

from bot.casework.case import Case, Event, Status, Step
from bot.casework.notes import Why, standing
from bot.conversation.state import Draft, OpenList, Option, State
from bot.store import CaseChanged, NoSuchCase, Store, Unreachable, facets, tables
from bot.store.cases import LONGEST_MESSAGE, Cases
from bot.store.housekeeping import Retention, purge
from tests.bot.store.conftest import Opener
from tests.bot.store.samples import (
    CHAT,
    NOW,
    OTHER,
    RECEIPT,
    Change,
    after,
    case_of,
    clerk,
    load,
    parcel,
    post,
    register,
    registration,
    save,
    work,
)

TODAY = date(2025, 6, 2)
SECOND = "876543217"


@pytest.fixture
async def who(store: Store) -> int:
    """A clerk, and a case to be worked on."""
    await register(store, registration())
    return await clerk(store)


def last(case: Case) -> Event:
    return case.events[-1]


async def rows(store: Store, table) -> list[tuple]:
    async with store.reading() as connection:
        return [tuple(row) for row in await connection.execute(select(table))]


# -- with the registration


async def test_a_registration_has_its_case_from_the_beginning(store: Store) -> None:
    await register(store, registration())
    case = await case_of(store)
    assert case.registration == registration()
    assert (case.town, case.status, case.version, case.counselor) == ("baisha", Status.NEW, 1, None)
    assert case.first_contact is case.employed is case.filed is None
    assert [(event.kind, event.staff, event.content, event.at) for event in case.events] == [("opened", None, {}, NOW)]
    assert (case.steps, case.follow_ups, case.messages) == ((), (), ())


async def test_a_case_is_kept_with_its_registration_or_neither(store: Store) -> None:
    async def break_off() -> None:
        async with store.transaction() as transaction:
            await transaction.people.load([CHAT])
            await transaction.people.save(CHAT, State(), State(registrations=(registration(),)), NOW)
            assert await transaction.cases.load(RECEIPT) is not None
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await break_off()
    for table in (tables.cases, tables.facets, tables.case_events):
        assert await rows(store, table) == []


async def test_there_is_no_case_without_a_registration(store: Store) -> None:
    async with store.transaction() as transaction:
        assert await transaction.cases.load(RECEIPT) is None
        assert await transaction.cases.load_all([]) == {}


async def test_what_the_person_changes_is_followed_and_named_without_being_told(store: Store) -> None:
    await register(store, registration())
    later = after(days=3)
    await register(store, registration(answers={"town": "youxi", "wanted": ("farm",)}, updated=later), now=later)
    case = await case_of(store)
    assert (case.town, case.version) == ("youxi", 2)
    assert (last(case).kind, last(case).staff, last(case).at) == ("changed", None, later)
    assert last(case).content == {"fields": "镇或街道、想做的工作"}


async def test_cases_come_in_the_order_asked_for(store: Store) -> None:
    await register(store, registration(), registration(SECOND))
    async with store.transaction() as transaction:
        assert list(await transaction.cases.load_all([SECOND, "111111118", RECEIPT])) == [SECOND, RECEIPT]


async def test_what_cannot_be_read_any_more_is_empty_and_the_case_still_comes(store: Store) -> None:
    await register(store, registration())
    async with store.transaction() as transaction:
        await transaction.scope.run(update(tables.registrations).values(answers=b"spoilt"))
        await transaction.scope.run(update(tables.cases).values(plan=b"spoilt"))
    case = await case_of(store)
    assert (case.registration.answers, case.plan) == ({}, "")


# -- facets


async def facet_values(store: Store) -> set[tuple[int, str]]:
    return {(value, receipt) for value, receipt, _, _ in await rows(store, tables.facets)}


async def test_coded_answers_can_be_found_by_their_hashes_and_by_nothing_else(store: Store) -> None:
    await register(store, registration(answers={"categories": ("vision", "speech"), "education": "college-recent"}))
    expected = {
        ("wanted", "massage"),
        ("categories", "vision"),
        ("categories", "speech"),
        ("education", "college-recent"),
    }
    assert await facet_values(store) == {(facets.value_of(store.keys, *one), RECEIPT) for one in expected}


async def test_an_answer_taken_back_is_found_no_more(store: Store) -> None:
    await register(store, registration(answers={"categories": ("vision",)}))
    await register(store, registration(answers={"wanted": ("massage", "home")}))
    expected = {("wanted", "massage"), ("wanted", "home")}
    assert await facet_values(store) == {(facets.value_of(store.keys, *one), RECEIPT) for one in expected}


async def test_answers_are_counted_in_the_town_that_the_person_is_in_now(store: Store) -> None:
    await register(store, registration())
    await register(store, registration(answers={"town": "youxi", "wanted": ("massage", "home")}))
    assert {(town, day) for _, _, town, day in await rows(store, tables.facets)} == {("youxi", TODAY)}


async def test_registrations_from_before_are_found_once_the_store_was_opened(url: str, opened) -> None:
    store = await opened(url)
    await register(store, *(registration(f"{number:09d}") for number in range(1100)))
    before = await facet_values(store)
    assert len(before) == 1100
    async with store.transaction() as transaction:
        await transaction.scope.run(tables.facets.delete())
        await transaction.scope.run(tables.meta.delete().where(tables.meta.c.name == "facets"))
        stale = {"value": 7, "receipt": "000000001", "registered": TODAY}
        await transaction.scope.run(tables.facets.insert().values(stale))
    await store.close()
    assert await facet_values(await opened(url)) == before


async def test_facets_are_hashed_only_once(url: str, opened) -> None:
    store = await opened(url)
    await register(store, registration())
    async with store.transaction() as transaction:
        await transaction.scope.run(tables.facets.delete())
    await store.close()
    assert await facet_values(await opened(url)) == set()


# -- status


async def test_the_status_changes_with_what_it_was_before(store: Store, who: int) -> None:
    await work(store, lambda cases: cases.set_status(RECEIPT, 1, who, after(days=1), Status.PAUSED, " 本人住院 "))
    case = await case_of(store)
    assert (case.status, case.reason, case.version) == (Status.PAUSED, "本人住院", 2)
    assert (last(case).kind, last(case).staff, last(case).at) == ("status", who, after(days=1))
    assert last(case).content == {"before": "new", "after": "paused", "reason": "本人住院"}


@pytest.mark.parametrize("status", [Status.PAUSED, Status.CLOSED])
@pytest.mark.parametrize("reason", ["", " \n"])
async def test_a_pause_or_an_end_needs_a_reason(store: Store, who: int, status: Status, reason: str) -> None:
    with pytest.raises(ValueError, match="reason"):
        await work(store, lambda cases: cases.set_status(RECEIPT, 1, who, NOW, status, reason))
    assert (await case_of(store)).version == 1


async def test_a_reason_goes_with_the_pause_that_it_was_given_for(store: Store, who: int) -> None:
    await work(store, lambda cases: cases.set_status(RECEIPT, 1, who, NOW, Status.PAUSED, "住院"))
    await work(store, lambda cases: cases.set_status(RECEIPT, 2, who, NOW, Status.CHECKED))
    assert (await case_of(store)).reason == ""


async def test_who_has_work_has_it_since_a_day(store: Store, who: int) -> None:
    await work(store, lambda cases: cases.employ(RECEIPT, 1, who, after(days=3), TODAY, "镇上的超市"))
    case = await case_of(store)
    assert (case.status, case.employed) == (Status.EMPLOYED, TODAY)
    assert last(case).content == {"before": "new", "after": "employed", "on": "2025-06-02", "result": "镇上的超市"}


@pytest.mark.parametrize(
    ("status", "counts"), [(Status.CLOSED, True), (Status.PAUSED, True), (Status.SERVED, False), (Status.NEW, False)]
)
async def test_who_had_work_counts_until_it_turns_out_that_they_had_none(
    store: Store, who: int, status: Status, counts: bool
) -> None:
    await work(store, lambda cases: cases.set_status(RECEIPT, 1, who, NOW, Status.EMPLOYED))
    assert (await case_of(store)).employed == TODAY
    await work(store, lambda cases: cases.set_status(RECEIPT, 2, who, after(days=9), status, "说明"))
    assert (await case_of(store)).employed == (TODAY if counts else None)


# -- the four


async def test_a_step_is_done_once_by_somebody_with_a_result(store: Store, who: int) -> None:
    await work(
        store, lambda cases: cases.do_step(RECEIPT, 1, who, after(days=2), Step.INFORMATION_CHECK, TODAY, "属实")
    )
    case = await case_of(store)
    (done,) = case.steps
    assert (done.step, done.on, done.staff, done.result) == (Step.INFORMATION_CHECK, TODAY, who, "属实")
    assert case.status is Status.CHECKED
    assert last(case).kind == "step"
    assert last(case).content == {
        "step": "information_check", "before": "", "after": "2025-06-02", "result": "属实", "status": "checked",
    }  # fmt: skip


async def test_a_step_done_again_is_corrected(store: Store, who: int) -> None:
    await work(store, lambda cases: cases.do_step(RECEIPT, 1, who, after(days=2), Step.SERVICE, TODAY, "错了"))
    other = await clerk(store, "other")
    on = TODAY + timedelta(days=1)
    await work(store, lambda cases: cases.do_step(RECEIPT, 2, other, after(days=2), Step.SERVICE, on, "介绍了工作"))
    case = await case_of(store)
    (done,) = case.steps
    assert (done.on, done.staff, done.result) == (on, other, "介绍了工作")
    assert last(case).content["before"] == "2025-06-02"


async def test_correcting_a_step_moves_no_status(store: Store, who: int) -> None:
    await work(store, lambda cases: cases.do_step(RECEIPT, 1, who, NOW, Step.SERVICE, TODAY))
    await work(store, lambda cases: cases.set_status(RECEIPT, 2, who, NOW, Status.CHECKED))
    await work(store, lambda cases: cases.do_step(RECEIPT, 3, who, NOW, Step.SERVICE, TODAY, "推荐了岗位"))
    case = await case_of(store)
    assert (case.status, case.steps[0].result) == (Status.CHECKED, "推荐了岗位")
    assert "status" not in last(case).content


async def test_a_step_undone_takes_its_status_and_its_contact_with_it(store: Store, who: int) -> None:
    await work(store, lambda cases: cases.do_step(RECEIPT, 1, who, after(days=1), Step.ABILITY_ASSESSMENT, TODAY))
    await work(store, lambda cases: cases.note(RECEIPT, 2, who, after(days=4), "打了电话", contact=True))
    await work(store, lambda cases: cases.undo_step(RECEIPT, 3, who, after(days=5), Step.ABILITY_ASSESSMENT))
    case = await case_of(store)
    assert (case.steps, case.status, case.first_contact) == ((), Status.NEW, after(days=4))
    assert last(case).content == {
        "step": "ability_assessment", "before": "2025-06-02", "after": "", "status": "new",
    }  # fmt: skip
    await work(store, lambda cases: cases.do_step(RECEIPT, 4, who, after(days=5), Step.ABILITY_ASSESSMENT, TODAY))


# -- other work


async def test_notes_are_only_ever_added(store: Store, who: int) -> None:
    await work(store, lambda cases: cases.note(RECEIPT, 1, who, NOW, "想下个月开始"))
    await work(store, lambda cases: cases.note(RECEIPT, 2, who, NOW, "打过电话", contact=True))
    case = await case_of(store)
    assert [event.content for event in case.events if event.kind == "note"] == [
        {"text": "想下个月开始"}, {"text": "打过电话", "contact": "yes"},
    ]  # fmt: skip


async def test_a_case_is_given_to_somebody_and_taken_back(store: Store, who: int) -> None:
    await work(store, lambda cases: cases.assign(RECEIPT, 1, who, NOW, who))
    assert (await case_of(store)).counselor == who
    await work(store, lambda cases: cases.assign(RECEIPT, 2, who, NOW, None))
    case = await case_of(store)
    assert case.counselor is None
    assert last(case).content == {"before": str(who), "after": ""}


async def test_follow_ups_are_planned_and_finished(store: Store, who: int) -> None:
    soon, later = TODAY + timedelta(days=7), TODAY + timedelta(days=30)
    await work(store, lambda cases: cases.plan_follow_up(RECEIPT, 1, who, NOW, later, "看看工作怎么样"))
    await work(store, lambda cases: cases.plan_follow_up(RECEIPT, 2, who, NOW, soon))
    case = await case_of(store)
    assert [(each.due, each.purpose, each.done) for each in case.follow_ups] == [
        (soon, "", None), (later, "看看工作怎么样", None),
    ]  # fmt: skip
    first, second = (each.id for each in case.follow_ups)
    async with store.reading() as connection:
        assert await connection.scalar(select(tables.cases.c.next_follow_up)) == soon
    await work(store, lambda cases: cases.finish_follow_up(RECEIPT, 3, who, after(days=7), first, soon, "在等面试"))
    case = await case_of(store)
    done = case.follow_ups[0]
    assert (done.done, done.done_by, done.result) == (soon, who, "在等面试")
    async with store.reading() as connection:
        assert await connection.scalar(select(tables.cases.c.next_follow_up)) == later
    with pytest.raises(ValueError, match="no such follow-up"):
        await work(store, lambda cases: cases.finish_follow_up(RECEIPT, 4, who, after(days=8), first, soon))
    await work(store, lambda cases: cases.finish_follow_up(RECEIPT, 4, who, after(days=9), second, soon))
    async with store.reading() as connection:
        assert await connection.scalar(select(tables.cases.c.next_follow_up)) is None


async def test_a_follow_up_of_another_case_cannot_be_finished(store: Store, who: int) -> None:
    await register(store, registration(SECOND), chat=OTHER)
    await work(store, lambda cases: cases.plan_follow_up(SECOND, 1, who, NOW, TODAY))
    (visit,) = (await case_of(store, SECOND)).follow_ups
    with pytest.raises(ValueError, match="no such follow-up"):
        await work(store, lambda cases: cases.finish_follow_up(RECEIPT, 1, who, NOW, visit.id, TODAY))


async def next_due(store: Store) -> date | None:
    async with store.reading() as connection:
        found: date | None = await connection.scalar(select(tables.cases.c.next_follow_up))
    return found


async def planned(store: Store, who: int, due: date = TODAY) -> int:
    """Plan a follow-up and return its id."""
    await work(store, lambda cases: cases.plan_follow_up(RECEIPT, 1, who, NOW, due, "问面试"))
    (visit,) = (await case_of(store)).follow_ups
    return visit.id


async def test_a_follow_up_is_cancelled_with_a_reason_and_leaves_its_line_in_the_history(
    store: Store, who: int
) -> None:
    id = await planned(store, who)
    await work(store, lambda cases: cases.cancel_follow_up(RECEIPT, 2, who, after(days=1), id, " 搬走了 "))
    case = await case_of(store)
    assert (case.follow_ups, case.first_contact, await next_due(store)) == ((), None, None)
    assert (last(case).kind, last(case).staff) == ("follow-up-cancelled", who)
    assert last(case).content == {"visit": str(id), "due": "2025-06-02", "purpose": "问面试", "reason": "搬走了"}


async def test_a_follow_up_that_was_not_done_after_all_is_to_be_done_again(store: Store, who: int) -> None:
    id = await planned(store, who)
    await work(store, lambda cases: cases.finish_follow_up(RECEIPT, 2, who, NOW, id, TODAY, "录用", contact=True))
    assert (await case_of(store)).first_contact == NOW
    await work(store, lambda cases: cases.reopen_follow_up(RECEIPT, 3, who, NOW, id))
    case = await case_of(store)
    (visit,) = case.follow_ups
    assert (visit.done, visit.done_by, visit.result, visit.purpose) == (None, None, "", "问面试")
    assert (case.first_contact, await next_due(store)) == (None, TODAY)
    assert last(case).kind == "follow-up-reopened"
    with pytest.raises(ValueError, match="no such follow-up"):
        await work(store, lambda cases: cases.reopen_follow_up(RECEIPT, 4, who, NOW, id))


# -- notes


async def noted(store: Store, who: int, text: str = "打通了", *, contact: bool = True) -> int:
    """Write a note and return its id."""
    version = (await case_of(store)).version
    await work(store, lambda cases: cases.note(RECEIPT, version, who, NOW, text, contact))
    return last(await case_of(store)).id


def held(case: Case) -> list[tuple[str, bool]]:
    return [(note.text, note.contact) for note in standing(case.events)]


async def test_a_note_is_corrected_and_the_history_keeps_what_stood_there(store: Store, who: int) -> None:
    id = await noted(store, who)
    await work(store, lambda cases: cases.correct_note(RECEIPT, 2, who, after(days=1), id, "没打通"))
    case = await case_of(store)
    assert (held(case), case.first_contact, case.version) == ([("没打通", False)], None, 3)
    assert [event.content.get("text") for event in case.events if "note" in event.kind] == ["打通了", "没打通"]


async def test_a_contact_that_was_forgotten_counts_from_when_the_note_was_written(store: Store, who: int) -> None:
    id = await noted(store, who, contact=False)
    await work(store, lambda cases: cases.correct_note(RECEIPT, 2, who, after(days=1), id, "打通了", contact=True))
    assert (await case_of(store)).first_contact == NOW


async def test_a_note_withdrawn_holds_no_more_and_is_no_contact(store: Store, who: int) -> None:
    id = await noted(store, who)
    await work(store, lambda cases: cases.withdraw_note(RECEIPT, 2, who, NOW, id, Why.MISTAKEN))
    case = await case_of(store)
    assert (held(case), case.first_contact) == ([], None)
    assert [event.content.get("text") for event in case.events if event.kind == "note"] == ["打通了"]
    for again in (
        lambda cases: cases.withdraw_note(RECEIPT, 3, who, NOW, id, Why.MISTAKEN),
        lambda cases: cases.correct_note(RECEIPT, 3, who, NOW, id, "x"),
    ):
        with pytest.raises(ValueError, match="no such note"):
            await work(store, again)
    assert (await case_of(store)).version == 3


@pytest.mark.parametrize("why", [Why.OTHER_PERSON, Why.PRIVATE])
async def test_what_should_never_have_stood_there_is_erased_wherever_it_was_written(
    store: Store, who: int, why: Why
) -> None:
    kept = await noted(store, who, "别的事")
    id = await noted(store, who, "他的身份证号")
    await work(store, lambda cases: cases.correct_note(RECEIPT, 3, who, NOW, id, "还是他的身份证号"))
    async with store.transaction() as transaction:
        for form in (f"note-{id}", f"note-{kept}"):
            page = f"/cases/{RECEIPT}#{form}.0123abcd"
            await transaction.sessions.keep_draft(who, page, {"text": "身份证号"}, NOW)
    await work(store, lambda cases: cases.withdraw_note(RECEIPT, 4, who, NOW, id, why))
    case = await case_of(store)
    assert held(case) == [("别的事", True)]
    told = [event.content for event in case.events if "note" in event.kind]
    assert [content.get("text", "") for content in told] == ["别的事", "", "", ""]
    assert [content.get("note") for content in told[2:]] == [str(id), str(id)]
    async with store.transaction() as transaction:
        left = await transaction.sessions.drafts(who, f"/cases/{RECEIPT}#")
    assert list(left) == [f"/cases/{RECEIPT}#note-{kept}.0123abcd"]


async def test_a_note_of_another_case_is_not_touched(store: Store, who: int) -> None:
    await register(store, registration(SECOND), chat=OTHER)
    id = await noted(store, who)
    with pytest.raises(ValueError, match="no such note"):
        await work(store, lambda cases: cases.withdraw_note(SECOND, 1, who, NOW, id, Why.PRIVATE))
    assert held(await case_of(store)) == [("打通了", True)]


# -- follow-ups that change


async def test_a_follow_up_is_moved_to_another_day(store: Store, who: int) -> None:
    id, later = await planned(store, who), TODAY + timedelta(days=9)
    await work(store, lambda cases: cases.move_follow_up(RECEIPT, 2, who, after(days=1), id, later, "本人约的"))
    case = await case_of(store)
    assert [(visit.id, visit.due, visit.purpose) for visit in case.follow_ups] == [(id, later, "问面试")]
    assert await next_due(store) == later
    assert last(case).kind == "follow-up-moved"
    assert last(case).content == {
        "before": "2025-06-02", "after": "2025-06-11", "purpose": "问面试", "reason": "本人约的",
    }  # fmt: skip


async def test_a_follow_up_is_not_cancelled_without_a_reason(store: Store, who: int) -> None:
    id = await planned(store, who)
    with pytest.raises(ValueError, match="reason"):
        await work(store, lambda cases: cases.cancel_follow_up(RECEIPT, 2, who, NOW, id, " "))
    assert len((await case_of(store)).follow_ups) == 1


async def test_what_is_done_is_neither_cancelled_nor_moved(store: Store, who: int) -> None:
    id = await planned(store, who)
    await work(store, lambda cases: cases.finish_follow_up(RECEIPT, 2, who, NOW, id, TODAY))
    for change in (
        lambda cases: cases.cancel_follow_up(RECEIPT, 3, who, NOW, id, "写错了"),
        lambda cases: cases.move_follow_up(RECEIPT, 3, who, NOW, id, TODAY),
    ):
        with pytest.raises(ValueError, match="no such follow-up"):
            await work(store, change)


async def test_a_plan_is_put_on_file_and_taken_off(store: Store, who: int) -> None:
    await work(store, lambda cases: cases.file_plan(RECEIPT, 1, who, NOW, "先培训，再就业", TODAY))
    case = await case_of(store)
    assert (case.plan, case.filed) == ("先培训，再就业", TODAY)
    await work(store, lambda cases: cases.file_plan(RECEIPT, 2, who, NOW, " ", TODAY))
    case = await case_of(store)
    assert (case.plan, case.filed) == ("", None)
    assert last(case).content == {"before": "先培训，再就业", "after": ""}


TOMORROW = TODAY + timedelta(days=1)


@pytest.mark.parametrize(
    "change",
    [
        lambda cases: cases.do_step(RECEIPT, 1, 1, NOW, Step.SERVICE, TOMORROW),
        lambda cases: cases.employ(RECEIPT, 1, 1, NOW, TOMORROW),
        lambda cases: cases.finish_follow_up(RECEIPT, 1, 1, NOW, 1, TOMORROW),
        lambda cases: cases.file_plan(RECEIPT, 1, 1, NOW, "x", TOMORROW),
    ],
    ids=["step", "employment", "follow-up", "plan"],
)
async def test_nothing_was_done_tomorrow(store: Store, who: int, change: Change) -> None:
    with pytest.raises(ValueError, match="day"):
        await work(store, change)


# -- first contact


@pytest.mark.parametrize(
    ("change", "at"),
    [
        (lambda cases: cases.note(RECEIPT, 1, 1, after(days=2), "打了", contact=True), after(days=2)),
        (lambda cases: cases.do_step(RECEIPT, 1, 1, after(days=2), Step.SERVICE, date(2025, 6, 4)), after(days=2)),
        (lambda cases: cases.write(RECEIPT, 1, 1, after(days=2), "您好"), None),
        (lambda cases: cases.note(RECEIPT, 1, 1, after(days=2), "没打通"), None),
        (lambda cases: cases.assign(RECEIPT, 1, 1, after(days=2), 1), None),
        (lambda cases: cases.plan_follow_up(RECEIPT, 1, 1, after(days=2), TODAY), None),
        (lambda cases: cases.set_status(RECEIPT, 1, 1, after(days=2), Status.CHECKED), None),
        (lambda cases: cases.replied(RECEIPT, "在吗", after(days=2)), None),
    ],
    ids=["contact", "step", "message", "note", "counselor", "planned", "status", "reply"],
)
async def test_what_counts_as_the_first_contact(store: Store, who: int, change: Change, at) -> None:
    async with store.transaction() as transaction:
        await transaction.scope.run(update(tables.staff).values(id=1))
    await work(store, change)
    assert (await case_of(store)).first_contact == at


async def test_the_first_contact_is_the_earliest_and_never_before_the_registration(store: Store, who: int) -> None:
    await work(store, lambda cases: cases.note(RECEIPT, 1, who, after(days=9), "打了", contact=True))
    await work(store, lambda cases: cases.do_step(RECEIPT, 2, who, after(days=9), Step.SERVICE, date(2025, 6, 5)))
    async with store.reading() as connection:
        assert await connection.scalar(select(tables.cases.c.contacted_after)) == 3
    await work(store, lambda cases: cases.do_step(RECEIPT, 3, who, after(days=9), Step.INFORMATION_CHECK, TODAY))
    assert (await case_of(store)).first_contact == NOW  # noon of that day is before
    async with store.reading() as connection:
        assert await connection.scalar(select(tables.cases.c.contacted_after)) == 0


async def contacted_after(store: Store) -> int | None:
    async with store.reading() as connection:
        found: int | None = await connection.scalar(select(tables.cases.c.contacted_after))
    return found


async def test_a_step_moved_to_another_day_takes_the_first_contact_with_it(store: Store, who: int) -> None:
    later = TODAY + timedelta(days=10)
    await work(store, lambda cases: cases.do_step(RECEIPT, 1, who, after(days=10), Step.SERVICE, TODAY))
    assert await contacted_after(store) == 0
    await work(store, lambda cases: cases.do_step(RECEIPT, 2, who, after(days=10), Step.SERVICE, later))
    assert await contacted_after(store) == 10
    assert (await case_of(store)).first_contact == after(days=10)


async def test_the_first_contact_stays_when_it_was_whatever_is_done_later(store: Store, who: int) -> None:
    await work(store, lambda cases: cases.do_step(RECEIPT, 1, who, after(hours=1), Step.SERVICE, TODAY))
    for version, hours in enumerate((3, 40), start=2):
        await work(store, lambda cases, v=version, h=hours: cases.note(RECEIPT, v, who, after(hours=h), "又打了"))
        assert (await case_of(store)).first_contact == after(hours=1)


@pytest.mark.parametrize(("contact", "days"), [(True, 3), (False, None)])
async def test_a_visit_counts_as_contact_if_the_person_was_spoken_to(
    store: Store, who: int, contact: bool, days: int | None
) -> None:
    on = TODAY + timedelta(days=3)
    await work(store, lambda cases: cases.plan_follow_up(RECEIPT, 1, who, NOW, on))
    (visit,) = (await case_of(store)).follow_ups
    await work(
        store,
        lambda cases: cases.finish_follow_up(RECEIPT, 2, who, after(days=4), visit.id, on, "没打通", contact=contact),
    )
    assert await contacted_after(store) == days
    assert last(await case_of(store)).content["contact"] == ("yes" if contact else "no")


async def give_up(store: Store) -> None:
    async with store.transaction() as transaction:
        (sent,) = await transaction.outbox.claim(after(days=1), 10, "w", timedelta(minutes=1))
        await transaction.outbox.give_up(sent.id, "Bad Request", after(days=1))


async def send(store: Store) -> None:
    async with store.transaction() as transaction:
        (sent,) = await transaction.outbox.claim(after(days=1), 10, "w", timedelta(minutes=1))
        await transaction.outbox.sent([sent.id], after(days=1))


async def block(store: Store) -> None:
    async with store.transaction() as transaction:
        await transaction.outbox.block(CHAT, after(days=1))


async def test_a_message_is_a_contact_once_it_was_sent(store: Store, who: int) -> None:
    await register(store, registration(), registration(SECOND, {"phone": "13900139000"}))
    await work(store, lambda cases: cases.write(RECEIPT, 1, who, NOW, "您好"))
    assert (await case_of(store)).first_contact is None
    async with store.transaction() as transaction:
        (sent,) = await transaction.outbox.claim(NOW, 10, "w", timedelta(minutes=1))
        await transaction.outbox.add([parcel("x", OTHER)], NOW)
        (other,) = await transaction.outbox.claim(NOW, 10, "w", timedelta(minutes=1))
        assert await transaction.outbox.written_about([sent.id, other.id]) == {RECEIPT: CHAT}
        await transaction.outbox.sent([sent.id, other.id], NOW)
    assert (await case_of(store)).first_contact == NOW
    assert (await case_of(store, SECOND)).first_contact is None
    await purge(store, Retention(), after(days=4))
    await work(store, lambda cases: cases.note(RECEIPT, 2, who, after(days=5), "打了", contact=True))
    assert (await case_of(store)).first_contact == NOW


@pytest.mark.parametrize("fail", [give_up, block])
async def test_a_message_that_did_not_arrive_was_no_contact(
    store: Store, who: int, fail: Callable[[Store], Awaitable[None]]
) -> None:
    await work(store, lambda cases: cases.write(RECEIPT, 1, who, NOW, "您好"))
    assert await contacted_after(store) is None
    await fail(store)
    assert await contacted_after(store) is None
    case = await case_of(store)
    assert (case.first_contact, case.version) == (None, 2)  # nobody's work on it is in the way of that
    await purge(store, Retention(), after(days=4))
    await work(store, lambda cases: cases.note(RECEIPT, 2, who, after(days=5), "打了", contact=True))
    assert await contacted_after(store) == 5


@pytest.mark.parametrize("fail", [give_up, block])
async def test_what_was_a_contact_besides_stays_one(
    store: Store, who: int, fail: Callable[[Store], Awaitable[None]]
) -> None:
    await work(store, lambda cases: cases.write(RECEIPT, 1, who, NOW, "您好"))
    await work(store, lambda cases: cases.note(RECEIPT, 2, who, after(days=1), "打了", contact=True))
    await fail(store)
    assert await contacted_after(store) == 1


async def test_a_message_that_arrived_stays_a_contact_when_another_does_not(store: Store, who: int) -> None:
    await work(store, lambda cases: cases.write(RECEIPT, 1, who, NOW, "您好"))
    await send(store)
    await work(store, lambda cases: cases.write(RECEIPT, 2, who, after(days=1), "在吗"))
    await block(store)
    assert await contacted_after(store) == 0


# -- messages


async def test_a_message_goes_into_the_outbox_with_the_case(store: Store, who: int) -> None:
    await work(store, lambda cases: cases.write(RECEIPT, 1, who, NOW, "明天上午来一趟好吗？"))
    async with store.transaction() as transaction:
        (sent,) = await transaction.outbox.claim(NOW, 10, "w", timedelta(minutes=1))
    assert (sent.chat, sent.parcel.reply.text) == (CHAT, "明天上午来一趟好吗？")
    case = await case_of(store)
    (message,) = case.messages
    assert (message.staff, message.text, message.at, message.delivery) == (who, "明天上午来一趟好吗？", NOW, "waiting")
    assert (last(case).kind, last(case).content, case.version) == ("message", {}, 2)


DELETE = OpenList("0" * 8, (Option("全部删掉", f"delete-sure {RECEIPT}"), Option("不删", "none")))


async def talk(store: Store, change: Callable[[State], State] = lambda state: state) -> State:
    """Change the conversation and return what it was before."""
    async with store.transaction() as transaction:
        before = (await transaction.people.load([CHAT]))[CHAT]
        await transaction.people.save(CHAT, before, change(before), NOW)
    return before


async def test_a_number_after_a_message_of_the_staff_is_no_choice_from_a_list_of_before(store: Store, who: int) -> None:
    await talk(store, lambda state: replace(state, open=DELETE))
    await work(store, lambda cases: cases.write(RECEIPT, 1, who, after(days=20), "想去哪个？回复数字。"))
    assert (await talk(store)).open is None


async def test_a_yes_after_a_message_of_the_staff_is_no_answer_to_a_form_of_before(store: Store, who: int) -> None:
    draft = Draft("jobseeker", NOW, answers={"age": "40-49"}, receipt=RECEIPT)
    await talk(store, lambda state: replace(state, draft=draft))
    await work(store, lambda cases: cases.write(RECEIPT, 1, who, NOW, "明天来，要得不？"))
    assert (await talk(store)).draft == replace(draft, paused=True)


@pytest.mark.parametrize(("about", "awaited"), [(RECEIPT, RECEIPT), ("100000016", "")])
async def test_a_letter_is_awaited_after_a_message_of_the_staff_only_about_the_same_registration(
    store: Store, who: int, about: str, awaited: str
) -> None:
    await talk(store, lambda state: replace(state, letter_to=about))
    await work(store, lambda cases: cases.write(RECEIPT, 1, who, NOW, "您好"))
    assert (await talk(store)).letter_to == awaited


async def test_a_message_that_is_not_sent_leaves_the_conversation_as_it_is(store: Store, who: int) -> None:
    await talk(store, lambda state: replace(state, open=DELETE))
    with pytest.raises(CaseChanged):
        await work(store, lambda cases: cases.write(RECEIPT, 7, who, NOW, "您好"))
    assert (await talk(store)).open == DELETE


async def test_a_message_that_cannot_be_kept_is_not_sent(store: Store, who: int) -> None:
    with pytest.raises(CaseChanged):
        await work(store, lambda cases: cases.write(RECEIPT, 7, who, NOW, "您好"))
    assert await rows(store, tables.outbox) == []


@pytest.mark.parametrize("outcome", ["sent", "blocked", "given-up"])
async def test_what_became_of_a_message_is_known_also_after_its_row_is_gone(
    store: Store, who: int, outcome: str
) -> None:
    await work(store, lambda cases: cases.write(RECEIPT, 1, who, NOW, "您好"))
    async with store.transaction() as transaction:
        (sent,) = await transaction.outbox.claim(NOW, 10, "w", timedelta(minutes=1))
        if outcome == "sent":
            await transaction.outbox.sent([sent.id], NOW)
        elif outcome == "blocked":
            await transaction.outbox.block(CHAT, NOW)
        else:
            await transaction.outbox.give_up(sent.id, "x", NOW)
    assert (await case_of(store)).messages[0].delivery == outcome
    await purge(store, Retention(), after(days=3))
    assert await rows(store, tables.outbox) == []
    assert (await case_of(store)).messages[0].delivery == outcome


@pytest.mark.parametrize("chat", ["terminal:zhou", "telegram:-1001", "telegram:-1001/7"])
async def test_nobody_is_written_to_where_no_bot_is_or_others_read_along(store: Store, chat: str) -> None:
    await register(store, registration(), chat=chat)
    who = await clerk(store)
    async with store.transaction() as transaction:
        assert not await transaction.cases.reachable(RECEIPT)
    with pytest.raises(Unreachable):
        await work(store, lambda cases: cases.write(RECEIPT, 1, who, NOW, "您好"))
    assert (await case_of(store)).messages == ()


async def test_who_blocked_the_bot_is_not_written_to_until_they_are_back(store: Store, who: int) -> None:
    async with store.transaction() as transaction:
        await transaction.outbox.block(CHAT, NOW)
    with pytest.raises(Unreachable):
        await work(store, lambda cases: cases.write(RECEIPT, 1, who, NOW, "您好"))
    async with store.transaction() as transaction:
        await transaction.outbox.unblock(CHAT)
        assert await transaction.cases.reachable(RECEIPT)


async def test_who_has_not_talked_for_long_can_still_be_written_to(store: Store, who: int) -> None:
    async with store.transaction() as transaction:
        await transaction.scope.run(tables.conversations.delete())
    await work(store, lambda cases: cases.write(RECEIPT, 1, who, NOW, "您好"))
    assert len(await rows(store, tables.outbox)) == 1


@pytest.mark.parametrize("text", ["", " \n", "长" * (LONGEST_MESSAGE + 1)])
async def test_a_message_has_some_words_and_not_too_many(store: Store, who: int, text: str) -> None:
    with pytest.raises(ValueError, match="characters"):
        await work(store, lambda cases: cases.write(RECEIPT, 1, who, NOW, text))


async def test_what_the_person_wrote_back_is_kept_until_a_clerk_has_seen_it(store: Store, who: int) -> None:
    await work(store, lambda cases: cases.replied(RECEIPT, "好的，几点？", after(hours=1)))
    case = await case_of(store)
    (reply,) = case.messages
    assert (reply.staff, reply.text, reply.delivery, reply.seen) == (None, "好的，几点？", "", None)
    assert (last(case).kind, last(case).staff) == ("reply", None)
    assert case.version == 1  # nobody's work on it is in the way of that
    await work(store, lambda cases: cases.seen(case, after(hours=2)))
    await work(store, lambda cases: cases.seen(case, after(hours=3)))
    assert (await case_of(store)).messages[0].seen == after(hours=2)


async def test_what_came_after_the_page_was_shown_is_not_seen(store: Store, who: int) -> None:
    await work(store, lambda cases: cases.replied(RECEIPT, "好的", NOW))
    shown = await case_of(store)
    await work(store, lambda cases: cases.replied(RECEIPT, "来不了", after(hours=1)))
    await work(store, lambda cases: cases.seen(shown, after(hours=2)))
    assert [message.seen for message in (await case_of(store)).messages] == [after(hours=2), None]


# -- two at once


CHANGES = {
    "status": lambda cases, who: cases.set_status(RECEIPT, 1, who, NOW, Status.CHECKED),
    "employed": lambda cases, who: cases.employ(RECEIPT, 1, who, NOW, TODAY),
    "step": lambda cases, who: cases.do_step(RECEIPT, 1, who, NOW, Step.SERVICE, TODAY),
    "undone": lambda cases, who: cases.undo_step(RECEIPT, 1, who, NOW, Step.SERVICE),
    "note": lambda cases, who: cases.note(RECEIPT, 1, who, NOW, "一句话"),
    "counselor": lambda cases, who: cases.assign(RECEIPT, 1, who, NOW, who),
    "planned": lambda cases, who: cases.plan_follow_up(RECEIPT, 1, who, NOW, TODAY),
    "moved": lambda cases, who: cases.move_follow_up(RECEIPT, 1, who, NOW, 1, TODAY),
    "cancelled": lambda cases, who: cases.cancel_follow_up(RECEIPT, 1, who, NOW, 1, "写错了"),
    "plan": lambda cases, who: cases.file_plan(RECEIPT, 1, who, NOW, "办法", TODAY),
    "message": lambda cases, who: cases.write(RECEIPT, 1, who, NOW, "您好"),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_the_second_of_two_is_shown_what_the_first_did_and_changes_nothing(
    store: Store, who: int, change: str
) -> None:
    await work(store, lambda cases: cases.note(RECEIPT, 1, who, NOW, "先来的"))
    before = await case_of(store)
    with pytest.raises(CaseChanged) as raised:
        await work(store, lambda cases: CHANGES[change](cases, who))
    assert raised.value.current == before == await case_of(store)


@pytest.mark.parametrize("change", CHANGES)
async def test_a_case_whose_registration_is_gone_cannot_be_changed(store: Store, who: int, change: str) -> None:
    await register(store)
    with pytest.raises(NoSuchCase):
        await work(store, lambda cases: CHANGES[change](cases, who))


async def test_what_the_person_changes_meanwhile_is_shown_too(store: Store, who: int) -> None:
    await register(store, registration(answers={"phone": "13900139000"}))
    with pytest.raises(CaseChanged) as raised:
        await work(store, lambda cases: cases.note(RECEIPT, 1, who, NOW, "打13800138000"))
    assert raised.value.current.registration.answers["phone"] == "13900139000"


async def test_of_many_at_the_same_moment_one_is_first(store: Store, who: int) -> None:
    async def note(number: int) -> bool:
        try:
            await work(store, lambda cases: cases.note(RECEIPT, 1, who, NOW, f"第{number}个"))
        except CaseChanged:
            return False
        return True

    assert sum(await asyncio.gather(*(note(number) for number in range(4)))) == 1
    assert len((await case_of(store)).events) == 2


async def test_writing_to_somebody_who_is_just_writing_waits_for_its_turn(store: Store, who: int) -> None:
    """Both take the conversation first and the case second, so neither can wait for the other for ever."""

    async def person() -> None:
        for number in range(5):
            await register(store, registration(answers={"more": f"第{number}次"}))

    async def staff() -> None:
        for _ in range(5):
            version = (await case_of(store)).version
            try:
                await work(store, lambda cases, version=version: cases.write(RECEIPT, version, who, NOW, "您好"))
            except CaseChanged:
                continue

    await asyncio.gather(person(), staff())
    assert (await load(store)).registrations[0].answers["more"] == "第4次"


async def test_the_next_of_several_follow_ups_is_told(store: Store, who: int) -> None:
    later, sooner = TODAY + timedelta(days=9), TODAY + timedelta(days=2)
    await work(store, lambda cases: cases.plan_follow_up(RECEIPT, 1, who, NOW, later, "问工作"))
    await work(store, lambda cases: cases.plan_follow_up(RECEIPT, 2, who, NOW, sooner, "问面试"))
    async with store.transaction() as transaction:
        cases = transaction.cases
        next_ones = await cases.next_follow_ups([RECEIPT, SECOND])
        assert {receipt: (one.due, one.purpose, one.staff) for receipt, one in next_ones.items()} == {
            RECEIPT: (sooner, "问面试", who)
        }
        await cases.finish_follow_up(RECEIPT, 3, who, NOW, next_ones[RECEIPT].id, TODAY)
        assert (await cases.next_follow_ups([RECEIPT]))[RECEIPT].due == later
        assert await cases.next_follow_ups([]) == {}


# -- deleted with the registration


async def counted(store: Store, about_one: list[Table]) -> dict[str, int]:
    """Return how many rows of each table are about the one registration."""
    async with store.reading() as connection:
        return {
            table.name: await connection.scalar(
                select(func.count()).select_from(table).where(table.c.receipt == RECEIPT)
            )
            for table in about_one
        }


async def test_nothing_of_a_deleted_registration_stays_in_any_table(store: Store, who: int) -> None:
    await register(store, registration(), registration(SECOND, {"phone": "13900139000"}))
    kept = await case_of(store, SECOND)

    async def everything(cases: Cases) -> None:
        await cases.do_step(RECEIPT, 1, who, NOW, Step.SERVICE, TODAY, "介绍了工作")
        await cases.note(RECEIPT, 2, who, NOW, "打了电话")
        await cases.assign(RECEIPT, 3, who, NOW, who)
        await cases.plan_follow_up(RECEIPT, 4, who, NOW, TODAY, "回访")
        await cases.file_plan(RECEIPT, 5, who, NOW, "办法", TODAY)
        await cases.write(RECEIPT, 6, who, NOW, "您好")
        await cases.replied(RECEIPT, "好", NOW)

    await work(store, everything)
    about_one = [table for table in tables.metadata.sorted_tables if "receipt" in table.c]
    assert all((await counted(store, about_one)).values())
    await save(store, State(registrations=(registration(SECOND, {"phone": "13900139000"}),)))
    assert await counted(store, about_one) == {table.name: 0 for table in about_one}
    assert await case_of(store, SECOND) == kept


async def test_nothing_of_a_deleted_registration_stays_in_the_bytes_of_the_files(
    sqlite_url: str, sqlite_file: Path, opened: Opener
) -> None:
    """Not even what is encrypted; only the message that was sent is left for a while, without its content."""
    store = await opened(sqlite_url)
    await register(store, registration())
    who = await clerk(store)
    await work(store, lambda cases: cases.do_step(RECEIPT, 1, who, NOW, Step.SERVICE, TODAY, "介绍了工作"))
    await work(store, lambda cases: cases.note(RECEIPT, 2, who, NOW, "打了电话"))
    await work(store, lambda cases: cases.plan_follow_up(RECEIPT, 3, who, NOW, TODAY, "回访"))
    await work(store, lambda cases: cases.file_plan(RECEIPT, 4, who, NOW, "办法", TODAY))
    await work(store, lambda cases: cases.write(RECEIPT, 5, who, NOW, "您好"))
    await work(store, lambda cases: cases.replied(RECEIPT, "好", NOW))
    await store.tidy()
    about_one = [table for table in tables.metadata.sorted_tables if "receipt" in table.c]
    kept = [value for table in about_one for row in await rows(store, table) for value in row]
    secret = {value for value in kept if isinstance(value, bytes)} | {RECEIPT.encode()}
    assert len(secret) > 10
    assert all(value in sqlite_file.read_bytes() for value in secret)
    async with store.transaction() as transaction:
        (sent,) = await transaction.outbox.claim(NOW, 10, "w", timedelta(minutes=1))
        await transaction.outbox.sent([sent.id], NOW)
    await register(store)
    await store.tidy()
    for file in sqlite_file.parent.iterdir():
        content = file.read_bytes()
        assert [value for value in secret if value in content] == [], file


async def test_a_registration_kept_long_enough_goes_however_much_was_worked_on_it(store: Store, who: int) -> None:
    """People were told: so many months after their last change."""
    await work(store, lambda cases: cases.note(RECEIPT, 1, who, after(days=729), "还在找", contact=True))
    await purge(store, Retention(registrations=730), after(days=731))
    async with store.transaction() as transaction:
        assert await transaction.cases.load(RECEIPT) is None


async def test_what_the_staff_were_typing_about_it_goes_too(store: Store, who: int) -> None:
    async with store.transaction() as transaction:
        for page in (f"/cases/{RECEIPT}#note", f"/cases/{SECOND}#note", "/accounts/new#account"):
            await transaction.sessions.keep_draft(who, page, {"text": "还没写完"}, NOW)
    await register(store)
    assert {page for _, _, page, *_ in await rows(store, tables.staff_drafts)} == {
        f"/cases/{SECOND}#note",
        "/accounts/new#account",
    }


async def test_an_account_that_worked_on_a_case_stays_when_the_case_goes(store: Store, who: int) -> None:
    await work(store, lambda cases: cases.assign(RECEIPT, 1, who, NOW, who))
    await register(store)
    assert len(await rows(store, tables.staff)) == 1


async def test_a_chat_without_cases_is_no_hindrance(store: Store) -> None:
    await post(store, parcel("您好"))
    await purge(store, Retention(), after(days=3))
