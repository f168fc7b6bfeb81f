"""Figures that were just counted."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event

from bot.casework.case import Status, Step
from bot.store import Store
from bot.store.cases import Cases
from bot.store.figures import Figures, Period, figures
from bot.store.recent_figures import RecentFigures
from tests.bot.store.conftest import Opener
from tests.bot.store.samples import NOW, RECEIPT, Change, clerk, register, registration, work

SECOND = "876543217"


class Board:
    """Looks at the figures, and at how much had to be asked of the database for it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._recent = RecentFigures()
        self._asked = 0
        event.listen(store.readers.sync_engine, "before_cursor_execute", self._count)

    def _count(self, *_: object) -> None:
        self._asked += 1

    async def look(
        self, now: datetime = NOW, scope: tuple[str, ...] | None = None, period: Period = Period()  # noqa: B008
    ) -> tuple[Figures, bool]:  # fmt: skip
        """Return the figures and whether they were counted anew."""
        async with self._store.reading() as connection:
            before = self._asked
            found = await self._recent.of(connection, self._store.keys, scope, period, now, 7)
            return found, self._asked - before > 1


@pytest.fixture
def board(store: Store) -> Board:
    return Board(store)


async def test_what_was_just_counted_is_not_counted_again(store: Store, board: Board) -> None:
    await register(store, registration())
    found, counted = await board.look()
    assert counted
    async with store.reading() as connection:
        assert found == await figures(connection, store.keys, None, Period(), NOW, 7)
    assert await board.look(NOW + timedelta(seconds=59)) == (found, False)


async def test_after_a_minute_it_is_counted_again(store: Store, board: Board) -> None:
    await board.look()
    assert (await board.look(NOW + timedelta(minutes=1)))[1]
    assert (await board.look(NOW - timedelta(days=1)))[1]


async def test_other_towns_and_other_days_have_their_own(store: Store, board: Board) -> None:
    await register(store, registration())
    await board.look()
    for scope, period in (((), Period()), (("baisha",), Period()), (None, Period(NOW.date()))):
        assert (await board.look(scope=scope, period=period))[1]
        assert not (await board.look(scope=scope, period=period))[1]
    assert (await board.look(scope=()))[0].total == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda cases: cases.note(RECEIPT, 1, 1, NOW, "打了", contact=True),
        lambda cases: cases.set_status(RECEIPT, 1, 1, NOW, Status.CHECKED),
        lambda cases: cases.plan_follow_up(RECEIPT, 1, 1, NOW, NOW.date()),
    ],
    ids=["contact", "status", "follow-up"],
)
async def test_what_the_staff_do_shows_at_once(store: Store, board: Board, change: Change) -> None:
    await register(store, registration())
    assert await clerk(store) == 1
    before, _ = await board.look()
    await work(store, change)
    after, counted = await board.look()
    assert counted
    assert after != before


async def test_what_was_begun_first_and_ends_last_shows_too(postgresql_url: str, opened: Opener) -> None:
    store = await opened(postgresql_url)
    board = Board(store)
    await register(store, registration(), registration(SECOND))
    who = await clerk(store)
    begun, end = asyncio.Event(), asyncio.Event()

    async def slowly(cases: Cases) -> None:
        await cases.do_step(RECEIPT, 1, who, NOW, Step.SERVICE, NOW.date())
        begun.set()
        await end.wait()

    slow = asyncio.create_task(work(store, slowly))
    await begun.wait()
    await work(store, lambda cases: cases.do_step(SECOND, 1, who, NOW, Step.SERVICE, NOW.date()))
    assert (await board.look())[0].steps[Step.SERVICE] == 1
    end.set()
    await slow
    assert (await board.look())[0].steps[Step.SERVICE] == 2


async def test_what_the_people_do_shows_at_once(store: Store, board: Board) -> None:
    await register(store, registration())
    assert (await board.look())[0].total == 1
    await register(store, registration(), registration(SECOND))
    assert (await board.look())[0].total == 2
    await register(store, registration(), registration(SECOND, {"wanted": ("home",)}))
    assert (await board.look())[0].wanted["home"] == 1
    await register(store, registration(SECOND, {"wanted": ("home",)}))
    assert (await board.look())[0].total == 1
