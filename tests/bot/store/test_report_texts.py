"""What the staff wrote into the annual reports."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select

from bot.store import Store
from bot.store.report_texts import ReportText, TextChanged
from bot.store.tables import report_texts, staff
from tests.bot.store.samples import NOW

CLAUSE = "一（九）1"


@pytest.fixture
async def clerk(store: Store) -> int:
    async with store.transaction() as transaction:
        row = {
            "login": "li",
            "name": store.keys.encrypt("李"),
            "role": "admin",
            "towns": [],
            "teaches": False,
            "digest_on": False,
            "created": NOW,
        }
        return int((await transaction.scope.run(insert(staff).values(row).returning(staff.c.id))).scalar_one())


async def write(store: Store, clerk: int, text: str, version: int, year: int = 2025) -> None:
    async with store.transaction() as transaction:
        await transaction.report_texts.write(year, CLAUSE, text, version, clerk, NOW)


async def texts(store: Store, year: int = 2025) -> dict[str, ReportText]:
    async with store.transaction() as transaction:
        return await transaction.report_texts.of(year)


async def test_what_was_written_is_there(store: Store, clerk: int) -> None:
    await write(store, clerk, "办了三场。", 0)
    assert await texts(store) == {CLAUSE: ReportText(CLAUSE, "办了三场。", 1, clerk, NOW)}


async def test_every_year_has_its_own(store: Store, clerk: int) -> None:
    await write(store, clerk, "今年", 0)
    await write(store, clerk, "去年", 0, year=2024)
    assert [(await texts(store, year))[CLAUSE].text for year in (2024, 2025)] == ["去年", "今年"]
    assert await texts(store, 2023) == {}


async def test_it_can_be_written_anew(store: Store, clerk: int) -> None:
    await write(store, clerk, "办了三场。", 0)
    await write(store, clerk, "办了四场。", 1)
    assert (await texts(store))[CLAUSE].text == "办了四场。"
    assert (await texts(store))[CLAUSE].version == 2


@pytest.mark.parametrize("version", [0, 1, 3])
async def test_who_wrote_over_another_version_is_told_what_stands_there_now(
    store: Store, clerk: int, version: int
) -> None:
    await write(store, clerk, "一", 0)
    await write(store, clerk, "二", 1)
    with pytest.raises(TextChanged) as told:
        await write(store, clerk, "三", version)
    assert told.value.current.text == "二"
    assert (await texts(store))[CLAUSE].text == "二"


async def test_who_wrote_over_what_was_never_there_is_told_that_there_is_nothing(store: Store, clerk: int) -> None:
    with pytest.raises(TextChanged) as told:
        await write(store, clerk, "一", 4)
    assert (told.value.current.text, told.value.current.version) == ("", 0)


async def test_it_is_encrypted(store: Store, clerk: int) -> None:
    await write(store, clerk, "办了三场。", 0)
    async with store.reading() as connection:
        stored = await connection.scalar(select(report_texts.c.text))
    assert "三场".encode() not in stored
