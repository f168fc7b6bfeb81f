"""The office's figures."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count

import pytest

from bot.casework.case import Status, Step
from bot.store import Store
from bot.store.cases import Cases
from bot.store.figures import Figures, Graduates, Period, figures
from tests.bot.store.samples import clerk, register, registration, work

TODAY = date(2025, 6, 20)  # a Friday
NOW = datetime.fromisoformat("2025-06-20T10:00:00+08:00")
Add = Callable[..., Awaitable[str]]
MONDAY = date(2025, 6, 16)


@pytest.fixture
def add(store: Store) -> Add:
    """Adds a registration of a chat of its own, some days before ``NOW``."""
    numbers = count()

    async def registered(days: float = 1, **answers: object) -> str:
        number = next(numbers)
        created = NOW - timedelta(days=days)
        one = replace(registration(f"{number:09d}", answers), created=created, updated=created)  # type: ignore[arg-type]
        await register(store, one, chat=f"telegram:{number}", now=created)
        return one.receipt

    return registered


async def count_up(
    store: Store, scope: tuple[str, ...] | None = None, period: Period = Period(), now: datetime = NOW  # noqa: B008
) -> Figures:  # fmt: skip
    async with store.reading() as connection:
        return await figures(connection, store.keys, scope, period, now, contact_days=7)


async def test_where_there_is_nobody_all_is_nought(store: Store) -> None:
    found = await count_up(store)
    assert (found.total, found.weeks, found.towns, found.employed) == (0, (), (), 0)
    assert found.median_days is found.graduates.filing_rate is found.graduates.service_rate is None
    assert set(found.statuses.values()) == set(found.wanted.values()) == set(found.steps.values()) == {0}
    assert set(vars(found.due).values()) == {0}


async def test_registrations_are_counted_by_weeks_from_monday_and_none_is_left_out(store: Store, add: Add) -> None:
    for days in (0, 4, 5, 12):
        await add(days)
    assert (await count_up(store)).weeks == (
        (MONDAY - timedelta(weeks=2), 1), (MONDAY - timedelta(weeks=1), 1), (MONDAY, 2),
    )  # fmt: skip


async def test_a_day_is_one_of_china(store: Store, add: Add) -> None:
    sunday_late = datetime.fromisoformat("2025-06-15T23:59:00+08:00")
    await add((NOW - sunday_late) / timedelta(days=1))
    await add((NOW - sunday_late - timedelta(minutes=2)) / timedelta(days=1))
    assert (await count_up(store)).weeks == ((MONDAY - timedelta(weeks=1), 1), (MONDAY, 1))


async def test_answers_are_counted_each_and_in_the_order_of_the_form(store: Store, add: Add) -> None:
    await add(wanted=("home", "farm"), categories=("vision",))
    await add(wanted=("home",))
    found = await count_up(store)
    assert {option: n for option, n in found.wanted.items() if n} == {"home": 2, "farm": 1}
    assert {option: n for option, n in found.categories.items() if n} == {"vision": 1}
    assert list(found.wanted)[:3] == ["home", "nearby", "blind-massage"]


async def test_towns_come_by_size_with_what_of_the_four_is_done(store: Store, add: Add) -> None:
    who = await clerk(store)
    one, *_ = await add(town="白沙镇"), await add(town="白沙镇"), await add(town="油溪镇")

    async def all_four(cases: Cases) -> None:
        for version, step in enumerate(Step, start=1):
            await cases.do_step(one, version, who, NOW, step, TODAY)

    await work(store, all_four)
    found = await count_up(store)
    assert [(each.town, each.total, each.all_four) for each in found.towns] == [("白沙镇", 2, 1), ("油溪镇", 1, 0)]
    assert dict(found.towns[0].steps) == dict.fromkeys(Step, 1)
    assert (found.all_four, found.contacted, dict(found.steps)) == (1, 1, dict.fromkeys(Step, 1))


async def test_who_dropped_out_is_not_among_those_of_a_town_who_have_all_four_as_in_the_report(
    store: Store, add: Add
) -> None:
    who = await clerk(store)
    one, two, _ = await add(town="白沙镇"), await add(town="白沙镇"), await add(town="白沙镇")

    async def work_through(cases: Cases) -> None:
        for receipt in (one, two):
            for version, step in enumerate(Step, start=1):
                await cases.do_step(receipt, version, who, NOW, step, TODAY)
        await cases.set_status(one, 5, who, NOW, Status.CLOSED, "重复登记")

    await work(store, work_through)
    found = await count_up(store)
    assert [(each.total, each.to_serve, each.all_four) for each in found.towns] == [(3, 2, 1)]
    assert found.all_four == 2


async def test_every_status_has_its_number(store: Store, add: Add) -> None:
    who = await clerk(store)
    await add()
    one = await add()
    await work(store, lambda cases: cases.set_status(one, 1, who, NOW, Status.CLOSED, "搬走了"))
    assert {status: n for status, n in (await count_up(store)).statuses.items() if n} == {
        Status.NEW: 1, Status.CLOSED: 1,
    }  # fmt: skip


async def test_graduates_on_file_and_served(store: Store, add: Add) -> None:
    who = await clerk(store)
    one, two = await add(education="college-student"), await add(education="college-recent")
    await add(education="college")
    await work(store, lambda cases: cases.file_plan(one, 1, who, NOW, "办法", TODAY))
    await work(store, lambda cases: cases.do_step(one, 2, who, NOW, Step.SERVICE, TODAY))
    await work(store, lambda cases: cases.file_plan(two, 1, who, NOW, "办法", TODAY))
    found = (await count_up(store)).graduates
    assert found == Graduates(total=2, filed=2, served=1)
    assert (found.filing_rate, found.service_rate) == (1.0, 0.5)


async def test_a_graduate_who_dropped_out_is_none_of_those_to_be_served(store: Store, add: Add) -> None:
    who = await clerk(store)
    twice, employed = await add(education="college-recent"), await add(education="college-recent")
    await work(store, lambda cases: cases.set_status(twice, 1, who, NOW, Status.CLOSED, "重复登记"))
    await work(store, lambda cases: cases.employ(employed, 1, who, NOW, TODAY))
    await work(store, lambda cases: cases.set_status(employed, 2, who, NOW, Status.CLOSED, "稳定了"))
    assert (await count_up(store)).graduates == Graduates(total=1, filed=0, served=0)


async def test_newly_employed_count_in_the_period_of_their_employment(store: Store, add: Add) -> None:
    who = await clerk(store)
    early, late = await add(400), await add(1)
    await work(store, lambda cases: cases.employ(early, 1, who, NOW, date(2025, 1, 1)))
    await work(store, lambda cases: cases.employ(late, 1, who, NOW, TODAY))
    await work(store, lambda cases: cases.set_status(early, 2, who, NOW, Status.CLOSED, "稳定了"))
    assert (await count_up(store)).employed == 2
    assert (await count_up(store, period=Period(date(2025, 1, 1), date(2025, 6, 19)))).employed == 1
    assert (await count_up(store, period=Period(until=date(2024, 12, 31)))).employed == 0


@pytest.mark.parametrize(("waits", "median"), [((2,), 2.0), ((0, 9), 4.5), ((1, 1, 30), 1.0), ((0, 1, 2, 30), 1.5)])
async def test_the_median_of_days_to_the_first_contact(
    store: Store, add: Add, waits: tuple[int, ...], median: float
) -> None:
    who = await clerk(store)
    await add()  # nobody was in touch yet
    for days in waits:
        receipt = await add(days)
        await work(store, lambda cases, receipt=receipt: cases.note(receipt, 1, who, NOW, "打了", contact=True))
    assert (await count_up(store)).median_days == median


async def test_what_is_late_and_what_is_due(store: Store, add: Add) -> None:
    who = await clerk(store)
    await add(8)
    for days in (-1, 0, 2, 3):
        receipt = await add(1)
        due = TODAY + timedelta(days=days)
        await work(store, lambda cases, receipt=receipt, due=due: cases.plan_follow_up(receipt, 1, who, NOW, due))
    both = await add(9)
    yesterday = TODAY - timedelta(days=1)
    await work(store, lambda cases: cases.plan_follow_up(both, 1, who, NOW, yesterday))
    due = (await count_up(store, period=Period(date(2020, 1, 1), date(2020, 12, 31)))).due
    assert (due.contact_late, due.follow_up_late, due.late, due.today, due.this_week) == (2, 2, 3, 1, 2)


async def test_only_those_registered_in_the_period_are_counted(store: Store, add: Add) -> None:
    who = await clerk(store)
    old, new = await add(30, wanted=("farm",), education="college-recent"), await add(3, wanted=("home",))
    for receipt in (old, new):
        await work(store, lambda cases, receipt=receipt: cases.do_step(receipt, 1, who, NOW, Step.SERVICE, TODAY))
    found = await count_up(store, period=Period(since=date(2025, 6, 1)))
    assert (found.total, found.contacted, found.graduates.total, found.median_days) == (1, 1, 0, 3.0)
    assert sum(number for _, number in found.weeks) == sum(town.total for town in found.towns) == 1
    assert (found.wanted["farm"], found.wanted["home"], found.steps[Step.SERVICE]) == (0, 1, 1)


async def test_only_towns_that_may_be_seen_are_counted(store: Store, add: Add) -> None:
    for town in ("白沙镇", "油溪镇", "双福街道"):
        await add(30, town=town, wanted=("farm",), education="college-recent")
    found = await count_up(store, scope=("白沙镇", "油溪镇"))
    assert (found.total, found.graduates.total, found.wanted["farm"], found.due.late) == (2, 2, 2, 2)
    assert {town.town for town in found.towns} == {"白沙镇", "油溪镇"}
    assert (await count_up(store, scope=())).total == 0
