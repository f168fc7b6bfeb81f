"""Several processes send from one PostgreSQL: who is gone leaves what it held to the others, and nobody else does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import make_url

from bot.store import SharingWorker, Store, StoreUnavailable, workers
from tests.bot.store.conftest import Opener
from tests.bot.store.samples import NOW, parcel, post
from tests.postgres import Server

PATIENCE = 30.0  # seconds, on a busy machine


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("EVERY", 0.0), ("GRACE", 0.2), ("AFTER_TROUBLE", 0.5)):
        monkeypatch.setattr(workers, name, seconds)


@pytest.fixture
def kind() -> str:
    return "postgresql"


Joins = Callable[[str], Awaitable[SharingWorker]]


@pytest.fixture
async def joins(url: str, opened: Opener) -> AsyncIterator[Joins]:
    """Lets a worker of this name, then ``name-2`` …, come from a process of its own."""
    joined = []

    async def join(name: str) -> SharingWorker:
        numbers = count()
        worker = SharingWorker(await opened(url), lambda: f"{name}-{next(numbers)}")
        joined.append(worker)
        await worker.look_around()
        return worker

    yield join
    for worker in joined:
        await worker.close()


async def takes(store: Store, worker: SharingWorker) -> list[int]:
    async with store.transaction() as transaction:
        return [row.id for row in await transaction.outbox.claim(NOW, 10, worker.name, timedelta(days=1))]


async def seen_gone(worker: SharingWorker) -> Collection[str]:
    async with asyncio.timeout(PATIENCE):
        while not (gone := await worker.look_around()):
            await asyncio.sleep(0.02)
    return gone


async def nobody_gone(worker: SharingWorker, seconds: float) -> None:
    until = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < until:
        assert not await worker.look_around()
        await asyncio.sleep(0.02)


async def end_sessions(server: Server, url: str) -> None:
    database = make_url(url).database
    end = f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{database}'"
    await asyncio.to_thread(server.execute, end)


async def test_who_is_there_is_never_taken_for_gone(store: Store, joins: Joins) -> None:
    one, two = await joins("one"), await joins("two")
    await post(store, parcel("1"))
    assert await takes(store, one)
    await nobody_gone(two, 1.0)


async def test_who_ended_without_a_word_is_gone_soon(store: Store, joins: Joins) -> None:
    one, two = await joins("one"), await joins("two")
    await post(store, parcel("1"))
    held = await takes(store, one)
    await one.close()
    assert list(await seen_gone(two)) == [one.name]
    async with store.transaction() as transaction:
        await transaction.outbox.release(one.name)
    assert await takes(store, two) == held


async def test_who_holds_nothing_is_nothing_to_anybody(store: Store, joins: Joins) -> None:
    one, two = await joins("one"), await joins("two")
    await one.close()
    await nobody_gone(two, 0.5)


async def test_who_lost_its_session_comes_back_under_a_new_name_and_holds_on_to_what_it_had(
    store: Store, joins: Joins, server: Server, url: str
) -> None:
    one = await joins("one")
    await post(store, parcel("1"))
    held, before = await takes(store, one), one.name
    await end_sessions(server, url)
    with pytest.raises(StoreUnavailable):
        await one.look_around()
    await one.look_around()
    assert one.name != before
    async with store.transaction() as transaction:
        assert await transaction.outbox.hold_on([before], one.name) == set(held)


async def test_nobody_is_taken_for_gone_right_after_the_database_was_away(
    store: Store, joins: Joins, server: Server, url: str
) -> None:
    one, two = await joins("one"), await joins("two")
    await post(store, parcel("1"))
    await takes(store, one)
    await end_sessions(server, url)
    with pytest.raises(StoreUnavailable):
        await two.look_around()
    await nobody_gone(two, 0.4)
    assert list(await seen_gone(two)) == [one.name]


async def test_who_has_not_seen_its_lock_for_a_while_is_not_sure(joins: Joins, monkeypatch: pytest.MonkeyPatch) -> None:
    one = await joins("one")
    assert one.is_sure()
    monkeypatch.setattr(workers, "SURE", 0.0)
    assert not one.is_sure()
