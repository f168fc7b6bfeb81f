"""The newly employed are counted for good: deleting a registration takes nobody out of a figure."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.casework.case import Status
from bot.store import Keys, Store
from bot.store.backup import backup, restore
from bot.store.figures import Period, figures
from bot.store.housekeeping import Retention, purge
from bot.store.recent_figures import RecentFigures
from bot.store.report_counts import report_counts
from bot.store.tables import metadata, tallies
from tests.bot.store.conftest import PATIENCE, Opener
from tests.bot.store.samples import CHAT, NOW, OTHER, RECEIPT, after, clerk, register, registration, work

SECOND = "876543217"
DAY = date(2025, 6, 1)
YEAR, GOAL = Period(date(2025, 1, 1), date(2025, 12, 31)), Period(date(2024, 1, 1), date(2026, 12, 31))
Scope = tuple[str, ...] | None


@pytest.fixture
async def employed(store: Store) -> Store:
    """One who is employed, and one who is not."""
    who = await clerk(store)
    await register(store, registration(answers={"town": "白沙镇"}))
    await register(store, registration(SECOND, {"town": "油溪镇"}), chat=OTHER)
    await work(store, lambda cases: cases.employ(RECEIPT, 1, who, NOW, DAY))
    return store


async def counts(store: Store, scope: Scope = None, year: Period = YEAR) -> tuple[int, int, int]:
    """How many are employed in the figures of the year, in its report, and in that of the whole period."""
    async with store.reading() as connection:
        found = await figures(connection, store.keys, scope, year, NOW, 7)
        names = ("employed", "employed_period")
        reported = await report_counts(connection, store.keys, scope, names, year, GOAL)
    return (found.employed, reported["employed"], reported["employed_period"])


async def expire(store: Store) -> None:
    await purge(store, Retention(registrations=10), after(days=11))


async def erase(store: Store) -> None:
    await register(store)


async def forget(store: Store) -> None:
    async with store.transaction() as transaction:
        await transaction.people.load([CHAT])
        await transaction.people.forget(CHAT, after(days=400))


@pytest.mark.parametrize("go", [expire, erase, forget])
async def test_who_is_gone_still_counts_where_and_when_they_were_employed(employed: Store, go) -> None:
    before = [await counts(employed, scope) for scope in (None, ("白沙镇",), ("油溪镇",), ())]
    assert before == [(1, 1, 1), (1, 1, 1), (0, 0, 0), (0, 0, 0)]
    await go(employed)
    assert [await counts(employed, scope) for scope in (None, ("白沙镇",), ("油溪镇",), ())] == before
    assert await counts(employed, year=Period(date(2026, 1, 1), date(2026, 12, 31))) == (0, 0, 1)
    assert await counts(employed, year=Period(date(2024, 1, 1), date(2024, 12, 31))) == (0, 0, 0)


async def test_a_number_by_day_and_town_is_all_that_is_left_of_it(employed: Store) -> None:
    await expire(employed)
    async with employed.reading() as connection:
        kept = (await connection.execute(select(tallies).where(tallies.c.day == DAY))).all()
    assert [tuple(row) for row in kept] == [(DAY, "employed-gone 白沙镇", 1)]
    for table in metadata.sorted_tables:
        if "receipt" in table.c:
            async with employed.reading() as connection:
                assert (await connection.execute(select(table))).all() == [], table.name


async def test_who_had_no_work_after_all_is_not_counted(employed: Store) -> None:
    await work(employed, lambda cases: cases.set_status(RECEIPT, 2, 1, NOW, Status.SERVED))
    await erase(employed)
    assert await counts(employed) == (0, 0, 0)


async def test_who_was_in_no_town_counts_in_all(store: Store) -> None:
    await register(store, registration(answers={"town": ""}))
    who = await clerk(store)
    await work(store, lambda cases: cases.employ(RECEIPT, 1, who, NOW, DAY))
    await erase(store)
    assert await counts(store) == (1, 1, 1)


async def test_the_figures_just_counted_are_counted_again_then(employed: Store) -> None:
    recent = RecentFigures()

    async def shown() -> tuple[int, int]:
        async with employed.reading() as connection:
            found = await recent.of(connection, employed.keys, None, YEAR, NOW, 7)
        return found.total, found.employed

    assert await shown() == (2, 1)
    await erase(employed)
    assert await shown() == (1, 1)


@pytest.mark.parametrize("go", [expire, erase])
async def test_a_restore_does_not_count_twice(
    url: str, employed: Store, keys: Keys, opened: Opener, tmp_path: Path, go
) -> None:
    before, after_it = tmp_path / "before", tmp_path / "after"
    await backup(employed, before, NOW)
    await go(employed)
    await backup(employed, after_it, NOW)
    await employed.close()
    for day, file in enumerate((before, before, after_it, before), start=1):
        await restore(url, keys, file, after(days=day), lambda _: None, patience=PATIENCE)
        async with await Store.open(url, keys, patience=PATIENCE) as again:
            assert await counts(again) == (1, 1, 1)


async def test_a_restore_loses_nobody_who_found_work_after_the_backup_and_is_gone(
    url: str, store: Store, keys: Keys, opened: Opener, tmp_path: Path
) -> None:
    who = await clerk(store)
    await register(store, registration(answers={"town": "白沙镇"}))
    await backup(store, tmp_path / "backup", NOW)
    await work(store, lambda cases: cases.employ(RECEIPT, 1, who, NOW, DAY))
    await erase(store)
    await store.close()
    for day in (1, 2):
        await restore(url, keys, tmp_path / "backup", after(days=day), lambda _: None, patience=PATIENCE)
        async with await Store.open(url, keys, patience=PATIENCE) as again:
            assert await counts(again) == (1, 1, 1)


async def test_a_town_is_not_taken_for_another_that_begins_alike(store: Store) -> None:
    who = await clerk(store)
    await register(store, registration(answers={"town": "白沙镇东"}))
    await work(store, lambda cases: cases.employ(RECEIPT, 1, who, NOW, NOW.date() - timedelta(days=1)))
    await erase(store)
    assert await counts(store, ("白沙镇",)) == (0, 0, 0)
