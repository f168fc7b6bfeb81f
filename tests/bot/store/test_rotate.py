"""A new key for everything, while the bot goes on."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from bot.conversation.message import Note
from bot.conversation.state import State
from bot.store import InboxRow, KeyFileError, Keys, Store, StoreUnavailable, WrongKeysError, rotate, tables
from bot.store.rotate import rotate_key
from bot.store.tables import metadata, sealed_columns
from tests.bot.store.conftest import Opener
from tests.bot.store.samples import (
    CHAT,
    NOW,
    OTHER,
    PHONE,
    add,
    arrival,
    load,
    parcel,
    post,
    register,
    registration,
    save,
    talking,
)

STATE = talking(registrations=(registration(),))


async def fill(store: Store) -> None:
    await save(store, STATE)
    await add(store, arrival(1, body="周桂芳"))
    await post(store, parcel("周桂芳"))
    async with store.transaction() as transaction:
        await transaction.questions.add(CHAT, Note("unanswered", "?"), NOW)
        await transaction.dead_letters.add(InboxRow(1, "telegram", 1, CHAT, "{}", NOW, 3), "KeyError", NOW)


async def sealed(store: Store) -> list[bytes]:
    found = []
    async with store.reading() as connection:
        for table in metadata.sorted_tables:
            for column in sealed_columns(table):
                found += [one for one in (await connection.execute(select(column))).scalars() if one]
    return found


async def test_everything_is_encrypted_and_hashed_with_the_new_key_alone(store: Store, key_file) -> None:
    await fill(store)
    old_hash = store.keys.phone_hash(PHONE)
    counts = await rotate_key(store)
    assert {name: n for name, n in counts.items() if n} == {
        "meta": 3, "inbox": 1, "outbox": 1, "conversations": 1, "registrations": 1, "questions": 1, "dead_letters": 1,
    }  # fmt: skip
    only_new = Keys.open(key_file, pytest.fail)
    assert not only_new.rotating
    for one in await sealed(store):
        only_new.decrypt(one)
    assert await load(store) == STATE
    async with store.transaction() as transaction:
        hashed = (await transaction.scope.run(select(tables.registrations.c.phone_hash))).scalar_one()
    assert hashed == only_new.phone_hash(PHONE) != old_hash


async def test_a_running_bot_goes_on_in_the_middle(url: str, opened: Opener, key_file) -> None:
    store = await opened(url, patience=10)
    bot = await opened(url, Keys.open(key_file, pytest.fail), patience=10)
    await fill(store)
    stop = asyncio.Event()
    done = 0

    async def talk() -> None:
        nonlocal done
        while not stop.is_set():
            chat = f"telegram:{done % 40}"
            before = await load(bot, chat)
            assert before.question == (str(done - 40) if done >= 40 else "")
            await save(bot, State(question=str(done)), chat)
            done += 1

    talking_on = asyncio.create_task(talk())
    while done < 60:
        await asyncio.sleep(0.01)
    for _ in range(3):
        await rotate_key(store)
    stop.set()
    await talking_on
    fresh = Keys.open(key_file, pytest.fail)
    assert not fresh.rotating
    for one in await sealed(store):
        fresh.decrypt(one)


async def test_who_began_with_the_old_key_is_waited_for(url: str, opened: Opener, key_file) -> None:
    store = await opened(url, patience=10)
    bot = await opened(url, Keys.open(key_file, pytest.fail), patience=10)
    async with bot.transaction() as transaction:
        rotating = asyncio.create_task(rotate_key(store))
        while not Keys.open(key_file, pytest.fail).rotating:
            await asyncio.sleep(0.01)
        await transaction.inbox.add([arrival(1, body="late")])
        await asyncio.sleep(0.05)
        assert not rotating.done()
    await rotating
    async with bot.transaction() as transaction:
        assert [row.body for row in await transaction.inbox.claim(NOW, 5)] == ["late"]


@pytest.mark.parametrize("at", range(8))
async def test_cut_short_anywhere_it_goes_on_with_the_same_key(
    store: Store, opened: Opener, url: str, key_file, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    await fill(store)
    begun, left = store.transaction, [at * 2]

    def cut(**options):
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return begun(**options)

    monkeypatch.setattr(store, "transaction", cut)
    with pytest.raises(KeyboardInterrupt):
        await rotate_key(store)
    half_way = Keys.open(key_file, pytest.fail)
    again = await opened(url, half_way)
    assert await load(again) == STATE
    newest = half_way.encrypt("x")
    await rotate_key(again)
    finished = Keys.open(key_file, pytest.fail)
    assert not finished.rotating
    assert finished.decrypt(newest) == "x"
    for one in await sealed(again):
        finished.decrypt(one)


async def test_of_two_who_change_keys_at_once_one_is_told_to_wait(store: Store, url: str, opened: Opener) -> None:
    await fill(store)
    other = await opened(url, Keys.open(store.keys.file, pytest.fail))
    done = await asyncio.gather(rotate_key(store), rotate_key(other), return_exceptions=True)
    (refused,) = (one for one in done if isinstance(one, Exception))
    assert isinstance(refused, KeyFileError)
    assert "等它做完" in str(refused)
    await rotate_key(other)
    assert await load(await opened(url, Keys.open(store.keys.file, pytest.fail))) == STATE


async def test_the_same_phone_is_known_across_the_change(store: Store) -> None:
    await register(store, registration())
    store.keys.rotated()
    await register(store, registration("876543217"), chat=OTHER)
    async with store.transaction() as transaction:
        assert (await transaction.scope.run(select(tables.registrations.c.phone_shared))).scalars().all() == [True] * 2
    await rotate_key(store)
    await register(store, chat=OTHER)
    async with store.transaction() as transaction:
        assert (await transaction.scope.run(select(tables.registrations.c.phone_shared))).scalars().all() == [False]


async def test_a_row_that_no_key_reads_holds_nothing_up(store: Store) -> None:
    await register(store, registration(), registration("876543217"))
    async with store.transaction() as transaction:
        spoilt = tables.registrations.update().where(tables.registrations.c.receipt == "876543217")
        await transaction.scope.run(spoilt.values(answers=b"spoilt"))
    assert (await rotate_key(store))["registrations"] == 1


async def test_old_keys_alone_are_refused_afterwards(store: Store, url: str, opened: Opener, key_file) -> None:
    old = key_file.with_name("old.json")
    old.write_bytes(key_file.read_bytes())
    old.chmod(0o600)
    await rotate_key(store)
    with pytest.raises(WrongKeysError):
        await opened(url, Keys.open(old, pytest.fail))


async def test_a_row_that_stays_locked_keeps_the_old_key(
    postgresql_url: str, opened: Opener, key_file, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotate, "_PASSES", 2)
    monkeypatch.setattr(rotate, "_PAUSE", 0)
    store, bot = await opened(postgresql_url), await opened(postgresql_url)
    await fill(store)
    async with bot.engine.connect() as connection:
        await connection.execute(select(tables.inbox).with_for_update())
        with pytest.raises(StoreUnavailable, match="inbox"):
            await rotate_key(store)
        assert Keys.open(key_file, pytest.fail).rotating
    await rotate_key(store)
    assert not Keys.open(key_file, pytest.fail).rotating
