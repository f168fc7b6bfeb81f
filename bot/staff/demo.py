"""A database to look around in: plainly invented people, and accounts to sign in with."""

from __future__ import annotations

import asyncio
import random
import secrets
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from urllib.parse import quote

from argon2 import PasswordHasher
from sqlalchemy import Select, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.casework.account import Account, Role
from bot.casework.case import Case
from bot.conversation.forms import load_form
from bot.conversation.message import Note
from bot.staff.demo_cases import invent, words
from bot.store import Keys, Store, StoreError
from bot.store.asked import Outcome, count_asked
from bot.store.case_writing import add_cases
from bot.store.dialects import private_file
from bot.store.locks import LockFile
from bot.store.scope import Scope
from bot.store.tables import (
    conversations,
    dead_letters,
    inbox,
    meta,
    metadata,
    outbox,
    questions,
    registrations,
    staff_drafts,
    tallies,
)
from knowledge import Knowledge, load

_FORM = "jobseeker"
_MARK = "demo"
_FILLED = "demo-filled"
_AT_ONCE = 1000
_MOST_QUESTIONS = 400
_LOOK_AGAIN = 0.2  # seconds
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_NO_DEMO = "这个数据库不是演示用的，没有动它；请换一个文件夹"
_DAYS_OF_QUESTIONS = 120
_ANSWERED_FOR_EACH = 12  # questions answered for each that was not answered well


def _marked(mark: str) -> Select[tuple[str]]:
    return select(meta.c.name).where(meta.c.name == mark)


@dataclass(frozen=True)
class Place:
    """Where a demo has its own database, its own keys, and the passphrase of its accounts."""

    folder: Path

    @property
    def url(self) -> str:
        """The setting ``store.url``."""
        return f"sqlite:///{self._file}"

    @property
    def _file(self) -> Path:
        return self.folder / "data" / "demo.db"

    @property
    def key_file(self) -> Path:
        """The setting ``store.key_file``."""
        return self.folder / "keys" / "demo.key"

    def is_filled(self) -> bool:
        """Return whether there is nothing to wait for; where that cannot be seen, there is."""
        if not self._file.exists():
            return False
        try:
            with closing(sqlite3.connect(f"file:{quote(str(self._file))}?mode=ro", uri=True)) as connection:
                return connection.execute(f"SELECT 1 FROM {meta.name} WHERE name = ?", [_FILLED]).fetchone() is not None
        except sqlite3.Error:
            return False

    def passphrase(self) -> str:
        """Return what all accounts of this demo sign in with, made on the first call. Raises OSError."""
        file = self.folder / "keys" / "passphrase"
        private_file(file)
        if not (passphrase := file.read_text(encoding="utf-8").strip()):
            passphrase = new_passphrase()
            file.write_text(f"{passphrase}\n", encoding="utf-8")
        return passphrase

    async def opened(self) -> Store:
        """Open the database, made if need be. Raises :class:`StoreError` or StoreUnavailable."""
        return await Store.open(self.url, Keys.open(self.key_file, lambda _: None))


@dataclass(frozen=True)
class Made:
    """A demo that was filled: how many cases, and how to sign in."""

    count: int
    accounts: tuple[Account, ...]
    passphrase: str


async def make(place: Place, knowledge: Path, count: int, seed: int, now: datetime) -> Made:
    """Fill the demo at ``place`` for the district in the folder ``knowledge``.

    Raises KnowledgeError, :class:`StoreError` (also where there is another database), StoreUnavailable or OSError.
    """
    passphrase = place.passphrase()
    async with await place.opened() as store:
        accounts = await fill(store, await asyncio.to_thread(load, knowledge), count, seed, now, passphrase)
    return Made(count, accounts, passphrase)


async def make_ready(place: Place, knowledge: Path, count: int, seed: int, now: datetime) -> None:
    """See to it that there is a demo at ``place`` that can be signed in to; one that is there stays as it is.

    The rest is for one that has to be made. Raises what :func:`make` raises.
    """
    with _turn_at(place):
        async with await place.opened() as store:
            if await is_filled(store):
                await let_in(store, place.passphrase(), now)
                return
        await make(place, knowledge, count, seed, now)


@contextmanager
def _turn_at(place: Place) -> Iterator[None]:
    """Wait until nobody else fills the demo at ``place``."""
    file = place.folder / "filling"
    while True:
        try:
            lock = LockFile(file, exclusive=True)
            break
        except BlockingIOError:
            time.sleep(_LOOK_AGAIN)
    try:
        yield
    finally:
        lock.release()


def new_passphrase() -> str:
    """Return a random passphrase that can be typed without taking one letter for another."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))


async def fill(
    store: Store, knowledge: Knowledge, count: int, seed: int, now: datetime, passphrase: str
) -> tuple[Account, ...]:
    """Put ``count`` invented cases into ``store`` and return the accounts, all with the same ``passphrase``.

    What an earlier filling left is taken out. Raises :class:`StoreError` for a database that is no demo's and not
    empty: then nothing was touched.
    """
    await _make_room(store)
    accounts = await _accounts(store, knowledge, now)
    await let_in(store, passphrase, now)
    chats = (f"demo:{number}" for number in range(count))
    cases = invent(count, seed, now, load_form(_FORM), knowledge.towns, accounts)
    while some := dict(zip(islice(chats, _AT_ONCE), cases, strict=False)):
        await _add(store, some)
    await _ask(store, knowledge, count, seed, now)
    async with store.transaction() as transaction:
        await _mark(transaction.scope, _FILLED)
    return accounts


async def is_demo(store: Store) -> bool:
    """Return whether ``store`` is a demo's, filled or not."""
    async with store.reading() as connection:
        return (await connection.execute(_marked(_MARK))).first() is not None


async def is_filled(store: Store) -> bool:
    """Return whether ``store`` is a demo's and whoever filled it came to the end."""
    async with store.reading() as connection:
        return (await connection.execute(_marked(_FILLED))).first() is not None


async def let_in(store: Store, passphrase: str, now: datetime) -> None:
    """Let the accounts of a demo sign in with ``passphrase`` from now on. Raises :class:`StoreError` elsewhere."""
    hashed = await asyncio.to_thread(PasswordHasher().hash, passphrase)
    async with store.transaction() as transaction:
        await _refuse_others(transaction.scope.connection)
        for known in words()["accounts"]:
            account = await transaction.staff.by_login(known["login"])
            if account is not None:
                await transaction.staff.accept(account.id, hashed, now)
                await transaction.staff.set_totp(account.id, None)
                await transaction.staff.enable(account.id)


async def _make_room(store: Store) -> None:
    """Mark an empty database as a demo's, or take out what is in a demo's. The audit and the accounts stay."""
    async with store.transaction() as transaction:
        run = transaction.scope.run
        if (await run(_marked(_MARK))).first() is None:
            for table in metadata.sorted_tables:
                if table is not meta and (await run(select(func.count()).select_from(table))).scalar_one():
                    raise StoreError(_NO_DEMO)
            await _mark(transaction.scope, _MARK)
        await run(delete(meta).where(meta.c.name == _FILLED))
        for table in (registrations, conversations, inbox, outbox, questions, dead_letters, tallies, staff_drafts):
            await run(delete(table))


async def _mark(scope: Scope, mark: str) -> None:
    await scope.run(insert(meta), {"name": mark, "content": scope.keys.encrypt(mark)})


async def _refuse_others(connection: AsyncConnection) -> None:
    if (await connection.execute(_marked(_MARK))).first() is None:
        raise StoreError(_NO_DEMO)


async def _accounts(store: Store, knowledge: Knowledge, now: datetime) -> tuple[Account, ...]:
    known = words()["accounts"]
    clerks = [one["login"] for one in known if one["role"] == Role.CLERK]
    shares = _shares(knowledge.towns, clerks)
    accounts = []
    async with store.transaction() as transaction:
        for one in known:
            login = one["login"]
            account = await transaction.staff.by_login(login)
            if account is None:
                role = Role(one["role"])
                account, _ = await transaction.staff.add(login, one["name"], role, shares.get(login, ()), False, now)
            accounts.append(account)
    return tuple(accounts)


def _shares(towns: Sequence[str], clerks: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the towns of each clerk: the last one has the last town, the others share the rest."""
    *others, last = clerks
    rest = towns[:-1]
    return {last: tuple(towns[-1:]), **{login: tuple(rest[place :: len(others)]) for place, login in enumerate(others)}}


async def _add(store: Store, cases: dict[str, Case]) -> None:
    async with store.transaction() as transaction:
        await add_cases(transaction.scope, cases)


async def _ask(store: Store, knowledge: Knowledge, count: int, seed: int, now: datetime) -> None:
    """Leave some questions that found no good answer, and count more that did."""
    chance = random.Random(seed)
    topics = [policy.id for policy in knowledge.policies]
    chance.shuffle(topics)
    likely = [1 / place for place in range(1, len(topics) + 1)]  # a few are asked about often, most now and then
    bad = words()["questions"]
    notes = [Note("unanswered", text) for text in bad["unanswered"]]
    notes += [Note("uncertain", text) for text in bad["uncertain"]]
    notes += [Note("unhelpful", text, topic) for text, topic in bad["unhelpful"].items()]
    async with store.transaction() as transaction:
        for number in range(min(count // 10, _MOST_QUESTIONS)):
            note = chance.choice(notes)
            at = now - timedelta(days=_DAYS_OF_QUESTIONS * chance.random())
            await transaction.questions.add(f"demo:q{number}", note, at)
            asked: list[tuple[Outcome, str]] = [(note.kind, note.topic or "")]
            asked += [("answered", note.topic)] if note.topic else []
            asked += [("answered", topic) for topic in chance.choices(topics, likely, k=_ANSWERED_FOR_EACH)]
            await count_asked(transaction.tallies, asked, at)
