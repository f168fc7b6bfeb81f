"""The queue: who may be seen, who is chosen, in which order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count
from typing import get_args

import pytest
from sqlalchemy import update

from bot.casework.case import Status, Step
from bot.casework.filters import Order, QueueFilter
from bot.conversation.receipts import is_receipt, shown
from bot.store import Store, case_list, tables
from bot.store.case_query import Query
from bot.store.cases import Cases
from tests.bot.store.samples import NOW, RECEIPT, after, case_of, clerk, register, registration, work

TODAY = date(2025, 6, 20)
LATER = datetime.fromisoformat("2025-06-20T10:00:00+08:00")
CONTACT_DAYS = 7
Add = Callable[..., Awaitable[str]]
_RECEIPTS = [f"{number:09d}" for number in range(200_000_000, 200_001_000) if is_receipt(f"{number:09d}")]


@pytest.fixture
def add(store: Store) -> Add:
    """Adds a registration of a chat of its own, some days before ``LATER``."""
    numbers = count()

    async def registered(days: float = 1, *, receipt: str | None = None, **answers: object) -> str:
        number = next(numbers)
        created = LATER - timedelta(days=days)
        given = {"phone": f"+861380013{number:04d}", **answers}
        one = replace(registration(receipt or _RECEIPTS[number], given), created=created, updated=created)  # type: ignore[arg-type]
        await register(store, one, chat=f"telegram:{number}", now=created)
        return one.receipt

    return registered


def query(store: Store, scope: tuple[str, ...] | None = None, **chosen: object) -> Query:
    return Query(store.keys, scope, QueueFilter(**chosen), LATER, CONTACT_DAYS, area_code="023")  # type: ignore[arg-type]


async def page(store: Store, scope: tuple[str, ...] | None = None, size: int = 50, **chosen: object):
    async with store.reading() as connection:
        return await case_list.page(connection, query(store, scope, **chosen), size)


async def found(store: Store, scope: tuple[str, ...] | None = None, **chosen: object) -> list[str]:
    result = await page(store, scope, **chosen)
    assert result.total == len(result.rows)
    return [row.receipt for row in result.rows]


# -- one line


async def test_a_line_tells_what_is_needed_to_choose_it(store: Store, add: Add) -> None:
    receipt = await add(9, town="白沙镇", wanted=("home", "farm"), education="college-recent")
    who = await clerk(store)

    async def changes(cases: Cases) -> None:
        await cases.assign(receipt, 1, who, LATER, who)
        await cases.do_step(receipt, 2, who, LATER, Step.INFORMATION_CHECK, TODAY)
        await cases.plan_follow_up(receipt, 3, who, LATER, TODAY)
        await cases.replied(receipt, "好的", LATER)

    await work(store, changes)
    ((row,), total) = (await page(store)).rows, (await page(store)).total
    assert total == 1
    assert (row.receipt, row.name, row.town, row.wanted) == (receipt, "周桂芳", "白沙镇", ("home", "farm"))
    assert (row.status, row.counselor, row.version, row.graduate) == (Status.CHECKED, who, 4, True)
    assert (row.first_contact, row.next_follow_up, dict(row.steps)) == (LATER, TODAY, {Step.INFORMATION_CHECK: TODAY})
    assert (row.overdue, row.unanswered) == (False, True)


async def test_an_empty_queue_has_one_empty_page(store: Store) -> None:
    result = await page(store)
    assert (result.rows, result.total, result.page, result.pages) == ((), 0, 1, 1)


async def test_what_cannot_be_read_any_more_is_a_line_without_a_name(store: Store, add: Add) -> None:
    receipt = await add()
    async with store.transaction() as transaction:
        await transaction.scope.run(update(tables.registrations).values(answers=b"spoilt"))
    (row,) = (await page(store)).rows
    assert (row.receipt, row.name, row.wanted) == (receipt, "", ())


# -- who may be seen


@pytest.mark.parametrize("chosen", [{}, {"search": "周桂芳"}, {"search": RECEIPT}, {"search": "13800130000"}])
async def test_only_cases_of_the_own_towns_are_seen_or_found(store: Store, add: Add, chosen: dict[str, str]) -> None:
    receipt = await add(town="白沙镇", receipt=RECEIPT)
    assert await found(store, ("白沙镇", "油溪镇"), **chosen) == [receipt]
    assert await found(store, ("油溪镇",), **chosen) == []
    assert await found(store, (), **chosen) == []
    assert await found(store, ("油溪镇",), towns=("白沙镇",), **chosen) == []


async def test_who_moves_away_is_seen_by_the_other_town(store: Store, add: Add) -> None:
    receipt = await add(town="白沙镇")
    await register(store, registration(receipt, {"town": "油溪镇"}), chat="telegram:0")
    assert await found(store, ("白沙镇",)) == []
    assert await found(store, ("油溪镇",)) == [receipt]


async def test_a_case_without_a_known_town_is_seen_by_those_who_see_all(store: Store, add: Add) -> None:
    receipt = await add(town=("白沙镇", "油溪镇"))
    assert await found(store) == [receipt]
    assert await found(store, ("白沙镇", "油溪镇")) == []


# -- filters


async def test_filters_let_through_what_they_name(store: Store, add: Add) -> None:
    one = await add(1, town="白沙镇", wanted=("home", "farm"), categories=("vision", "speech"), education="college")
    two = await add(2, town="油溪镇", wanted=("factory",), education="college-student")
    who = await clerk(store)
    await work(store, lambda cases: cases.assign(two, 1, who, LATER, who))
    await work(store, lambda cases: cases.do_step(two, 2, who, LATER, Step.SERVICE, TODAY))
    for chosen, expected in (
        ({"towns": ("白沙镇",)}, [one]),
        ({"towns": ("白沙镇", "油溪镇")}, [one, two]),
        ({"status": (Status.SERVED, Status.PAUSED)}, [two]),
        ({"wanted": ("farm",)}, [one]),
        ({"wanted": ("factory", "home")}, [one, two]),
        ({"categories": ("speech",)}, [one]),
        ({"categories": ("mental",)}, []),
        ({"graduates": True}, [two]),
        ({"counselor": who}, [two]),
        ({"counselor": 0}, [one]),
        ({"missing": Step.SERVICE}, [one]),
        ({"missing": Step.INFORMATION_CHECK}, [one, two]),
        ({"wanted": ("home",), "towns": ("油溪镇",)}, []),
    ):
        assert await found(store, order="newest", **chosen) == expected, chosen


@pytest.mark.parametrize("day", [date.min, date.max])
async def test_no_day_is_too_early_or_too_late_to_be_asked_for(store: Store, add: Add, day: date) -> None:
    receipt = await add()
    assert await found(store, since=day) == ([receipt] if day == date.min else [])
    assert await found(store, until=day) == ([receipt] if day == date.max else [])


async def test_days_of_registration_are_those_of_china_and_both_included(store: Store, add: Add) -> None:
    before = await add((LATER - datetime.fromisoformat("2025-06-09T23:59:59+08:00")) / timedelta(days=1))
    first = await add((LATER - datetime.fromisoformat("2025-06-10T00:00:00+08:00")) / timedelta(days=1))
    last = await add((LATER - datetime.fromisoformat("2025-06-11T23:59:59+08:00")) / timedelta(days=1))
    behind = await add((LATER - datetime.fromisoformat("2025-06-12T00:00:00+08:00")) / timedelta(days=1))
    chosen = {"since": date(2025, 6, 10), "until": date(2025, 6, 11)}
    assert await found(store, order="oldest", **chosen) == [first, last]
    assert await found(store, order="oldest", until=date(2025, 6, 11)) == [before, first, last]
    assert await found(store, order="oldest", since=date(2025, 6, 10)) == [first, last, behind]


async def test_overdue_is_whom_nobody_called_in_time_while_the_case_is_open(store: Store, add: Add) -> None:
    late, called, paused, _fresh = [await add(days) for days in (8, 9, 10, 7)]
    who = await clerk(store)
    await work(store, lambda cases: cases.note(called, 1, who, LATER, "打了电话", contact=True))
    await work(store, lambda cases: cases.set_status(paused, 1, who, LATER, Status.PAUSED, "住院"))
    assert await found(store, overdue=True) == [late]
    (row,) = (await page(store, overdue=True)).rows
    assert (row.contact_late, row.follow_up_late) == (True, False)


async def test_the_days_to_call_within_are_whole_ones(store: Store, add: Add) -> None:
    at_ten = LATER - datetime.fromisoformat("2025-06-20T00:00:00+08:00")
    minute = timedelta(minutes=1)
    times = [at_ten + timedelta(days=7) + before for before in (-minute, minute)]
    _first_of_the_last_day, late = [await add(time / timedelta(days=1)) for time in times]
    assert await found(store, overdue=True) == [late]


async def test_overdue_is_also_a_follow_up_from_before_today(store: Store, add: Add) -> None:
    late, today = await add(2), await add(1)
    who = await clerk(store)
    await work(store, lambda cases: cases.plan_follow_up(late, 1, who, NOW, TODAY - timedelta(days=1)))
    await work(store, lambda cases: cases.plan_follow_up(today, 1, who, NOW, TODAY))
    assert await found(store, overdue=True) == [late]
    (row,) = (await page(store, overdue=True)).rows
    assert (row.contact_late, row.follow_up_late) == (False, True)


async def test_those_are_found_that_the_person_has_not_changed_for_long(store: Store, add: Add) -> None:
    old, day, _ = await add(31), await add(30), await add(29)
    who = await clerk(store)
    await work(store, lambda cases: cases.note(old, 1, who, LATER, "还在找"))  # what the staff do is no matter
    assert await found(store, updated_until=TODAY - timedelta(days=30), order="oldest") == [old, day]
    assert len(await found(store, updated_until=date.max)) == 3
    assert await found(store, updated_until=date.min) == []


@pytest.mark.parametrize(
    ("status", "counts"), [(Status.CLOSED, False), (Status.PAUSED, True), (Status.EMPLOYED, True), (Status.NEW, True)]
)
@pytest.mark.parametrize(("days", "chosen"), [(-1, "late"), (0, "today"), (0, "week")])
async def test_nothing_is_due_on_a_case_that_is_closed(
    store: Store, add: Add, status: Status, counts: bool, days: int, chosen: str
) -> None:
    who = await clerk(store)
    other, one = await add(2), await add()
    due = TODAY + timedelta(days=days)
    await work(store, lambda cases: cases.plan_follow_up(one, 1, who, NOW, due))
    await work(store, lambda cases: cases.set_status(one, 2, who, NOW, status, "搬走了"))
    expected = [one] if counts else []
    assert await found(store, follow_up=chosen) == expected
    assert await found(store, follow_up_until=due) == await found(store, follow_up_since=due) == expected
    assert await found(store, overdue=True) == (expected if chosen == "late" else [])
    assert (await found(store, order="follow-up"))[0] == (one if counts else other)
    rows = {row.receipt: row for row in (await page(store)).rows}
    assert rows[one].overdue is (counts and chosen == "late")


async def test_follow_ups_are_late_or_due_today_or_until_sunday(store: Store, add: Add) -> None:
    who = await clerk(store)
    cases_by_day = {}
    for days in (-1, 0, 2, 3):  # today is a Friday
        receipt = cases_by_day[days] = await add()
        due = TODAY + timedelta(days=days)
        await work(store, lambda cases, receipt=receipt, due=due: cases.plan_follow_up(receipt, 1, who, NOW, due))
    await add()
    assert await found(store, follow_up="late") == [cases_by_day[-1]]
    assert await found(store, follow_up="today") == [cases_by_day[0]]
    assert await found(store, follow_up="week", order="follow-up") == [cases_by_day[0], cases_by_day[2]]


async def test_follow_ups_are_found_between_days_both_included(store: Store, add: Add) -> None:
    who = await clerk(store)
    receipts = {}
    for days in range(-1, 3):
        receipts[days] = await add()
        due = TODAY + timedelta(days=days)
        await work(store, lambda cases, days=days, due=due: cases.plan_follow_up(receipts[days], 1, who, NOW, due))
    await add()
    tomorrow = TODAY + timedelta(days=1)
    between = {"follow_up_since": TODAY, "follow_up_until": tomorrow, "order": "follow-up"}
    assert await found(store, **between) == [receipts[0], receipts[1]]
    assert await found(store, follow_up_since=tomorrow, order="follow-up") == [receipts[1], receipts[2]]
    assert await found(store, follow_up_until=TODAY, order="follow-up") == [receipts[-1], receipts[0]]


async def test_cases_are_counted_as_they_are_listed(store: Store, add: Add) -> None:
    for town in ("白沙镇", "白沙镇", "油溪镇"):
        await add(town=town)
    async with store.reading() as connection:

        async def count(scope: tuple[str, ...] | None, **chosen: object) -> int:
            return await case_list.count(connection, query(store, scope, **chosen))

        assert await count(None) == 3
        assert await count(("白沙镇",)) == 2
        assert await count(("白沙镇",), towns=("油溪镇",)) == 0
        assert await count(()) == 0


async def test_who_wrote_back_is_found_until_a_clerk_has_looked(store: Store, add: Add) -> None:
    receipt, _ = await add(), await add()
    await work(store, lambda cases: cases.replied(receipt, "好", LATER))
    assert await found(store, unanswered=True) == [receipt]
    shown = await case_of(store, receipt)
    await work(store, lambda cases: cases.seen(shown, LATER))
    assert await found(store, unanswered=True) == []


# -- search


@pytest.mark.parametrize("typed", [RECEIPT, shown(RECEIPT), " 1234 5678 5 ", "１２３４５６７８５", "12345"])
async def test_a_receipt_is_found_however_it_is_typed(store: Store, add: Add, typed: str) -> None:
    receipt, _ = await add(receipt=RECEIPT), await add()
    assert await found(store, search=typed) == [receipt]


@pytest.mark.parametrize("length", range(3, 9))
async def test_the_beginning_of_a_receipt_finds_all_that_begin_with_it_and_no_others(
    store: Store, add: Add, length: int
) -> None:
    receipts = [await add(receipt=receipt) for receipt in (RECEIPT, *_RECEIPTS[:2], *_RECEIPTS[-2:])]
    for wanted in receipts:
        begins = wanted[:length]
        assert set(await found(store, search=begins)) == {one for one in receipts if one.startswith(begins)}


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("+8613800138000", "13800138000"),
        ("+8613800138000", "138 0013 8000"),
        ("+8613800138000", "+86 138-0013-8000"),
        ("+8613800138000", "１３８００１３８０００"),
        ("+862347521234", "023-47521234"),
        ("+862347521234", "4752 1234"),
        ("+8615400000001", "15400000001"),
    ],
)
async def test_a_phone_is_found_however_it_is_typed(store: Store, add: Add, stored: str, typed: str) -> None:
    receipt, _ = await add(phone=stored), await add()
    assert await found(store, search=typed) == [receipt]


async def test_a_phone_is_found_also_while_the_key_is_being_changed(store: Store, add: Add) -> None:
    receipt = await add(phone="+8613800138000")
    store.keys.rotated()
    store.keys.reload()
    assert await found(store, search="13800138000") == [receipt]


@pytest.mark.parametrize("typed", ["桂芳", "周桂芳", " 周 桂芳 ", "桂"])
async def test_a_name_is_found_by_a_part_of_it(store: Store, add: Add, typed: str) -> None:
    receipt, _ = await add(), await add(name="Ｗang")
    assert await found(store, search=typed) == [receipt]
    assert len(await found(store, search="wAng")) == 1


async def test_names_are_searched_within_the_other_filters_and_in_their_order(store: Store, add: Add) -> None:
    one, two, _ = await add(3, town="白沙镇"), await add(1, town="白沙镇"), await add(2, town="油溪镇")
    assert await found(store, search="桂芳", towns=("白沙镇",), order="newest") == [two, one]


async def test_names_are_found_page_by_page(store: Store, add: Add) -> None:
    receipts = [await add(days) for days in range(5, 0, -1)]
    result = await page(store, search="桂芳", order="oldest", page=2, size=2)
    assert ([row.receipt for row in result.rows], result.total, result.pages) == (receipts[2:4], 5, 3)


@pytest.mark.parametrize("typed", ["99999999", "没有这个人", "13900139000", "（）", "%", "'; DROP TABLE cases; --"])
async def test_what_is_not_there_is_not_found(store: Store, add: Add, typed: str) -> None:
    await add()
    assert await found(store, search=typed) == []


@pytest.mark.parametrize("typed", ["", "  "])
async def test_an_empty_search_lets_all_through(store: Store, add: Add, typed: str) -> None:
    receipt = await add()
    assert await found(store, search=typed) == [receipt]


async def test_others_go_on_while_names_are_decrypted(store: Store, add: Add) -> None:
    await add()
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    task = asyncio.create_task(others())
    await page(store, search="桂芳")
    task.cancel()
    assert turns


# -- orders and pages


async def test_the_most_urgent_come_first_and_the_longest_waiting_of_each_kind(store: Store, add: Add) -> None:
    who = await clerk(store)
    done = await add(6)
    paused = await add(5.9)
    open_ = await add(5.8)
    new, older_new = await add(3), await add(4)
    wrote, late, later = await add(2), await add(8), await add(20)
    await work(store, lambda cases: cases.set_status(done, 1, who, LATER, Status.EMPLOYED))
    await work(store, lambda cases: cases.set_status(paused, 1, who, LATER, Status.PAUSED, "住院"))
    await work(store, lambda cases: cases.set_status(open_, 1, who, LATER, Status.CHECKED))
    await work(store, lambda cases: cases.replied(wrote, "好", LATER))
    assert await found(store) == [later, late, wrote, older_new, new, open_, paused, done]


async def test_other_orders(store: Store, add: Add) -> None:
    first, second = await add(2, town="油溪镇"), await add(1, town="德感街道")
    who = await clerk(store)
    await work(store, lambda cases: cases.do_step(first, 1, who, LATER, Step.SERVICE, TODAY))
    await work(store, lambda cases: cases.plan_follow_up(second, 1, who, after(days=-9), TODAY))
    assert await found(store, order="newest") == [second, first]
    assert await found(store, order="oldest") == [first, second]
    assert await found(store, order="updated") == [first, second]
    assert await found(store, order="status") == [second, first]
    assert await found(store, order="town") == [second, first]  # by sound and by bytes
    assert await found(store, order="follow-up") == [second, first]


async def test_those_without_a_plan_come_first_then_those_without_the_service(store: Store, add: Add) -> None:
    filed, served, neither = await add(4), await add(3), await add(2)
    who = await clerk(store)
    for receipt in (filed, served):
        await work(store, lambda cases, receipt=receipt: cases.file_plan(receipt, 1, who, LATER, "先学电脑", TODAY))
    await work(store, lambda cases: cases.do_step(served, 2, who, LATER, Step.SERVICE, TODAY))
    assert await found(store, order="plan") == [neither, filed, served]


@pytest.mark.parametrize(("page", "size"), [(1, 2), (1, 1), (3, 1), (9, 2)])
@pytest.mark.parametrize("order", get_args(Order))
async def test_where_cases_stand_is_told_as_the_pages_show_it(
    store: Store, add: Add, order: Order, page: int, size: int
) -> None:
    for days in (1, 9, 3, 3, 30):
        await add(days, town="白沙镇" if days == 3 else "油溪镇")
    receipts = await found(store, order=order)
    there = {one: case_list.Place(at // size + 1, tuple(receipts[at + 1 : at + 3])) for at, one in enumerate(receipts)}
    async with store.reading() as connection:
        assert there == await case_list.places(connection, query(store, order=order, page=page), receipts, size)
        assert await case_list.places(connection, query(store, towns=("珞璜镇",)), receipts) == {}
        assert await case_list.places(connection, query(store), []) == {}


async def test_pages_follow_each_other_and_the_last_one_stands_for_those_behind_it(store: Store, add: Add) -> None:
    receipts = [await add(days) for days in range(5, 0, -1)]
    pages = [await page(store, order="oldest", size=2, page=number) for number in (1, 2, 3, 4, 0)]
    assert [[row.receipt for row in each.rows] for each in pages] == [
        receipts[:2], receipts[2:4], receipts[4:], receipts[4:], receipts[:2],
    ]  # fmt: skip
    assert [(each.page, each.pages, each.total) for each in pages] == [
        (1, 3, 5), (2, 3, 5), (3, 3, 5), (3, 3, 5), (1, 3, 5),
    ]  # fmt: skip


# -- all of it


@pytest.mark.parametrize("search", ["", "桂芳"])
async def test_all_that_the_filter_lets_through_can_be_gone_through(store: Store, search: str) -> None:
    numbers = [f"{number:09d}" for number in range(1, 1101)]
    await register(store, *(registration(number) for number in numbers))
    async with store.reading() as connection:

        async def through(scope: tuple[str, ...] | None) -> list[str]:
            wanted = query(store, scope, order="oldest", search=search, page=2)
            return [row.receipt async for rows in case_list.rows(connection, wanted) for row in rows]

        assert await through(None) == numbers
        assert await through(()) == []
