"""Several processes serve the console from one PostgreSQL database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot import app
from bot.casework.account import Role
from bot.conversation.forms import load_form
from bot.settings import Settings, StaffSettings
from bot.staff.console import build_console
from bot.staff.visit import ConsoleParts
from bot.store import Keys, Store
from tests.postgres import Server, running_server

from .office import NOW, PASSPHRASE, QUICK, Clock, Person


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with running_server() as server:
        yield server


async def test_who_signed_in_at_one_is_known_at_the_other_and_what_was_typed_too(
    server: Server, tmp_path: Path, built: app.App
) -> None:
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
        there.client.cookies = here.client.cookies.jar  # one browser, whichever of them answers
        page = await here.get("/sign-in")
        await there.send(page, "sign-in", {"login": "admin", "passphrase": PASSPHRASE})
        page = await here.get("/accounts/new")
        clock.forward(minutes=31)
        await there.send(page, "account", {"login": "zhou", "name": "周新人", "role": "clerk"})
        asked = await here.get("/sign-in")
        assert "已经存好" in asked.text
        await here.send(asked, "sign-in", {"login": "admin", "passphrase": PASSPHRASE})
        assert (await there.get("/accounts/new?restore=account")).value("account-name") == "周新人"
        await there.post("/sign-out", {"csrf": await there.csrf()})
        assert (await here.get("/")).location == "/sign-in"
