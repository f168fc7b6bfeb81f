"""What the annual report counts, on a handful of cases whose numbers can be checked by eye."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import insert, update

from bot.casework.case import Status
from bot.clock import CHINA
from bot.conversation.registration import Answer, Registration
from bot.staff.report import counts_needed
from bot.store import Store
from bot.store.figures import Period
from bot.store.report_counts import report_counts
from bot.store.tables import cases, follow_ups
from tests.bot.store.samples import register, registration

YEAR = Period(date(2024, 1, 1), date(2024, 12, 31))
GOAL = Period(date(2022, 1, 1), date(2024, 12, 31))
BEFORE, DURING, AFTER = date(2023, 5, 1), date(2024, 5, 1), date(2025, 5, 1)


def left(receipt: str, on: date, **answers: Answer) -> Registration:
    at = datetime(on.year, on.month, on.day, 12, tzinfo=CHINA)
    made = registration(receipt, {"town": "白沙镇", "wanted": ("home",), **answers}, updated=at)
    return Registration(made.receipt, made.answers, made.consents, at, at)


async def worked(store: Store, one: Registration, **days: date | None) -> None:
    await register(store, one, chat=f"telegram:{one.receipt}", now=one.created)
    if days:
        async with store.transaction() as transaction:
            await transaction.scope.run(update(cases).where(cases.c.receipt == one.receipt).values(days))


async def visited(store: Store, receipt: str, done: date | None) -> None:
    row = {"receipt": receipt, "due": DURING, "noted": datetime(2024, 5, 1, tzinfo=CHINA), "done": done}
    async with store.transaction() as transaction:
        await transaction.scope.run(insert(follow_ups).values(row))


@pytest.fixture
async def filled(store: Store) -> Store:
    all_four: dict[str, Any] = {
        "information_check": BEFORE,
        "ability_assessment": DURING,
        "need_registration": DURING,
        "service": DURING,
    }
    college = {"education": "college-recent"}
    await worked(store, left("100000011", BEFORE, **college), **all_four, filed=DURING, employed=BEFORE)
    await worked(store, left("100000022", DURING, wanted=("blind-massage", "home")), employed=DURING)
    await worked(store, left("100000033", DURING, town="几江街道", training=("massage",)), information_check=AFTER)
    await worked(store, left("100000044", DURING, education="college-student"), service=AFTER, filed=AFTER)
    await worked(store, left("100000055", AFTER, **college, wanted=("blind-massage",)), employed=AFTER)
    await worked(store, left("100000066", AFTER), **all_four)  # known to the office before it registered
    await worked(store, left("100000077", DURING, **college), status=Status.CLOSED, **all_four)  # left twice
    await visited(store, "100000011", DURING)
    await visited(store, "100000033", DURING)
    await visited(store, "100000033", AFTER)
    await visited(store, "100000033", None)
    return store


async def counted(store: Store, *names: str, scope: tuple[str, ...] | None = None) -> dict[str, int]:
    async with store.reading() as connection:
        return await report_counts(connection, store.keys, scope, names, YEAR, GOAL)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("registered", 4),
        ("on_file", 5),
        ("to_serve", 4),
        ("employed", 1),
        ("employed_period", 2),
        ("follow_ups", 2),
        ("step:information_check", 0),
        ("step:ability_assessment", 3),
        ("step:service", 3),
        ("all_steps", 1),
        ("graduates", 2),
        ("graduates:filed", 1),
        ("graduates:served", 1),
        ("graduates:employed", 1),
        ("wanted:home", 5),
        ("wanted:blind-massage", 1),
        ("placed:blind-massage", 1),
        ("placed:factory", 0),
        ("training:massage", 1),
        ("education:college-recent", 2),
        ("town_kind:镇", 4),
        ("town_kind:街道", 1),
    ],
)
async def test_a_count_is_right(filled: Store, name: str, number: int) -> None:
    assert await counted(filled, name) == {name: number}


async def test_everything_that_a_report_needs_is_counted(filled: Store) -> None:
    assert set(await counted(filled, *counts_needed())) == counts_needed()


async def test_only_the_towns_that_may_be_seen_count(filled: Store) -> None:
    names = ("registered", "follow_ups", "training:massage", "employed")
    assert await counted(filled, *names, scope=("几江街道",)) == {
        "registered": 1,
        "follow_ups": 1,
        "training:massage": 1,
        "employed": 0,
    }
    assert set((await counted(filled, *names, scope=())).values()) == {0}


async def test_an_empty_database_counts_nothing(store: Store) -> None:
    assert set((await counted(store, *counts_needed())).values()) == {0}


async def test_a_name_that_means_nothing_is_a_fault(store: Store) -> None:
    with pytest.raises(KeyError):
        await counted(store, "happiness")
