"""Several processes serve the console from one PostgreSQL database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import app
from bot.casework.account import Role
from bot.conversation.forms import load_form
from bot.settings import Settings, StaffSettings
from bot.staff.console import build_console
from bot.staff.signing_in import SignedIn, SigningIn
from bot.staff.visit import ConsoleParts
from bot.store import Keys, Store
from bot.store.cases import Cases
from bot.store.sessions import Sessions
from tests.bot.store import samples
from tests.postgres import Server, running_server

from .office import NOW, PASSPHRASE, QUICK, Clock, Person
from .registered import left, registration


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with running_server() as server:
        yield server


@dataclass
class Two:
    """One person with one browser at two processes, the first and the second of which answers."""

    stores: list[Store]
    here: Person
    there: Person
    clock: Clock


@pytest.fixture
async def two(server: Server, tmp_path: Path, built: app.App) -> AsyncIterator[Two]:
    keys = Keys.open(tmp_path / "keys.json", lambda _: None)
    url, clock = server.url(server.database()), Clock()
    async with AsyncExitStack() as opened:
        stores = [await opened.enter_async_context(await Store.open(url, keys)) for _ in range(2)]
        async with stores[0].transaction() as transaction:
            account, _ = await transaction.staff.add("admin", "陈管理", Role.ADMIN, (), False, NOW)
            await transaction.staff.accept(account.id, await QUICK.hashed(PASSPHRASE), NOW)
        settings = Settings(staff=StaffSettings(enabled=True))
        here, there = (
            Person(build_console(ConsoleParts(settings, store, lambda: built, load_form(app.JOBSEEKER), clock, QUICK)))
            for store in stores
        )
        there.client.cookies = here.client.cookies.jar
        yield Two(stores, here, there, clock)


async def test_who_signed_in_at_one_is_known_at_the_other_and_what_was_typed_too(two: Two) -> None:
    here, there = two.here, two.there
    page = await here.get("/sign-in")
    await there.send(page, "sign-in", {"login": "admin", "passphrase": PASSPHRASE})
    page = await here.get("/accounts/new")
    two.clock.forward(minutes=31)
    await there.send(page, "account", {"login": "zhou", "name": "周新人", "role": "clerk"})
    asked = await here.get("/sign-in")
    assert "已经存好" in asked.text
    await here.send(asked, "sign-in", {"login": "admin", "passphrase": PASSPHRASE})
    assert (await there.get("/accounts/new?restore=account")).value("account-name") == "周新人"
    await there.post("/sign-out", {"csrf": await there.csrf()})
    assert (await here.get("/")).location == "/sign-in"


async def test_a_letter_sent_to_both_at_the_same_moment_goes_once(two: Two) -> None:
    one = registration()
    await left(two.stores[0], one)
    await two.there.send(await two.here.get("/sign-in"), "sign-in", {"login": "admin", "passphrase": PASSPHRASE})
    preview = await two.here.submit(f"/cases/{one.receipt}", "message", {"text": "请来一趟"})
    sent = [person.send(preview, "message", {}) for person in (two.here, two.there) for _ in range(3)]
    assert [answer.status for answer in await asyncio.gather(*sent)] == [303] * 6
    async with two.stores[1].transaction() as transaction:
        case = await transaction.cases.load(one.receipt)
    assert case is not None
    assert len(case.messages) == 1


async def test_who_is_being_let_in_while_a_new_link_is_given_is_shut_out(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = Keys.open(tmp_path / "keys.json", lambda _: None)
    async with await Store.open(server.url(server.database()), keys) as store:
        async with store.transaction() as transaction:
            account, _ = await transaction.staff.add("admin", "陈管理", Role.ADMIN, (), False, NOW)
            await transaction.staff.accept(account.id, await QUICK.hashed(PASSPHRASE), NOW)
        begin, resets = Sessions.begin, []

        async def reset() -> None:
            async with store.transaction() as transaction:
                await transaction.staff.invite(account.id, NOW)

        async def begin_late(self: Sessions, *given: object) -> str:
            resets.append(asyncio.create_task(reset()))
            await asyncio.wait(resets, timeout=0.5)  # unless it has to wait itself
            return await begin(self, *given)

        monkeypatch.setattr(Sessions, "begin", begin_late)
        done = await SigningIn(store, QUICK, lambda: NOW).sign_in("admin", PASSPHRASE, "192.0.2.7")
        assert isinstance(done, SignedIn)
        await asyncio.gather(*resets)
        async with store.transaction() as transaction:
            assert await transaction.sessions.find(done.token, NOW, timedelta(hours=1)) is None


@dataclass
class Giving:
    """Two registrations, of chats in another order than their numbers, that an administrator gives to themselves."""

    store: Store
    person: Person
    account: int
    csrf: str

    async def give(self, order: list[str]) -> int:
        """Give these, shown as they were at first; return the status of the answer."""
        fields = {"csrf": self.csrf, "case": [f"{one}.1" for one in order], "counselor": str(self.account)}
        return (await self.person.post("/queue/assign", fields)).status


RECEIPTS = ["123456785", "876543217"]
CHATS = ["telegram:2", "telegram:1"]


@pytest.fixture
async def giving(server: Server, tmp_path: Path, built: app.App) -> AsyncIterator[Giving]:
    keys = Keys.open(tmp_path / "keys.json", lambda _: None)
    async with await Store.open(server.url(server.database()), keys) as store:
        for receipt, chat in zip(RECEIPTS, CHATS, strict=True):
            await samples.register(store, samples.registration(receipt), chat=chat)
        async with store.transaction() as transaction:
            account, _ = await transaction.staff.add("admin", "陈管理", Role.ADMIN, (), False, NOW)
            await transaction.staff.accept(account.id, await QUICK.hashed(PASSPHRASE), NOW)
            token = await transaction.sessions.begin(account.id, NOW)
        settings = Settings(staff=StaffSettings(enabled=True))
        console = build_console(ConsoleParts(settings, store, lambda: built, load_form(app.JOBSEEKER), Clock(), QUICK))
        person = Person(console)
        person.client.cookies.set("zhucan-session", token)
        yield Giving(store, person, account.id, await person.csrf())


async def test_two_who_give_the_same_cases_in_another_order_do_not_wait_for_each_other_crosswise(
    giving: Giving, monkeypatch: pytest.MonkeyPatch
) -> None:
    assign = Cases.assign

    async def slowly(self: Cases, *given: Any) -> None:
        await assign(self, *given)
        await asyncio.sleep(0.3)

    monkeypatch.setattr(Cases, "assign", slowly)
    assert await asyncio.gather(giving.give(RECEIPTS), giving.give(RECEIPTS[::-1])) == [303, 303]


async def test_who_gives_cases_that_are_being_changed_by_their_people_does_not_wait_for_them_crosswise(
    giving: Giving, monkeypatch: pytest.MonkeyPatch
) -> None:
    assign, giving_begun, changing_begun = Cases.assign, asyncio.Event(), asyncio.Event()

    async def told(self: Cases, *given: Any) -> None:
        await assign(self, *given)
        giving_begun.set()

    async def change() -> None:
        async with giving.store.transaction() as transaction:
            states = await transaction.people.load(CHATS)
            for chat in sorted(CHATS):
                (one,) = states[chat].registrations
                changed = replace(one, answers={**one.answers, "name": "周桂花"})
                await transaction.people.save(chat, states[chat], replace(states[chat], registrations=(changed,)), NOW)
                changing_begun.set()
                with suppress(TimeoutError):  # it does not begin while it has to wait for the conversations
                    await asyncio.wait_for(giving_begun.wait(), 0.5)

    async def give() -> int:
        await changing_begun.wait()
        return await giving.give(RECEIPTS)

    monkeypatch.setattr(Cases, "assign", told)
    assert await asyncio.gather(give(), change()) == [303, None]
