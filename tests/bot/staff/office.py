"""The console in process, on a store of its own, with a standing cast: who is let in, who is not, who never again."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import httpx
from argon2 import PasswordHasher
from starlette.applications import Starlette

from bot import app
from bot.casework.account import Account, Role
from bot.clock import CHINA
from bot.conversation.forms import load_form
from bot.settings import IndexSettings, KnowledgeSettings, Settings, StaffSettings
from bot.staff.console import build_console
from bot.staff.passphrases import Passphrases
from bot.staff.visit import ConsoleParts
from bot.store import Keys, Store
from tests.bot.store.samples import register, registration
from tests.conftest import DATA

NOW = datetime(2024, 3, 5, 9, 30, tzinfo=CHINA)
RECEIPT = "123456785"
HOST = "http://127.0.0.1:8080"
CAST = {
    "admin": ("陈管理", Role.ADMIN, ()),
    "clerk": ("李经办", Role.CLERK, ("白沙镇",)),
    "two-towns": ("王经办", Role.CLERK, ("白沙镇", "德感街道")),
    "elsewhere": ("钱经办", Role.CLERK, ("珞璜镇",)),
    "statistics": ("赵统计", Role.STATISTICS, ()),
    "disabled": ("孙离职", Role.CLERK, ("白沙镇",)),
}
PASSPHRASE = "桥头有三棵黄葛树 1987"
QUICK = Passphrases(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
"""So that a thousand tries don't take the time they ought to."""
WORKING = tuple(login for login in CAST if login != "disabled")


class Clock:
    """The time of day: it stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **duration: float) -> None:
        self.now += timedelta(**duration)


@dataclass
class Answer:
    """What came back, as a person would look at it."""

    response: httpx.Response

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def html(self) -> str:
        return self.response.text

    @property
    def text(self) -> str:
        """What can be read on the page."""
        body = re.sub(r"<head>.*?</head>|<[^>]+>", " ", self.html, flags=re.DOTALL)
        return " ".join(unescape(body).split())

    @property
    def title(self) -> str:
        found = re.search(r"<title>(.*?)</title>", self.html, flags=re.DOTALL)
        return unescape(found[1]) if found else ""

    @property
    def location(self) -> str:
        return self.response.headers.get("location", "")

    def hidden(self, name: str, form: str = "") -> str:
        """What the page put into a field that is not seen, of the form with that id."""
        html = self.html[self.html.index(f'id="{form}"') :] if form else self.html
        found = re.search(rf'<input type="hidden" name="{name}" value="([^"]*)"', html)
        return unescape(found[1]) if found else ""

    def value(self, field: str) -> str:
        """What stands in a field that is seen: the id says which."""
        line = re.search(rf'<input [^>]*id="{field}"[^>]*?value="([^"]*)"', self.html)
        area = re.search(rf'<textarea id="{field}"[^>]*>\n?(.*?)</textarea>', self.html, flags=re.DOTALL)
        found = line or area
        return unescape(found[1]) if found else ""


class Person:
    """Somebody with a browser. Follows no way by itself."""

    def __init__(self, console: Starlette, base: str = HOST, address: str = "127.0.0.1", **headers: str) -> None:
        transport = httpx.ASGITransport(app=console, client=(address, 50000))
        self.client = httpx.AsyncClient(transport=transport, base_url=base, headers=headers)

    async def get(self, path: str, **headers: str) -> Answer:
        return Answer(await self.client.get(path, headers=headers))

    async def post(self, path: str, fields: Mapping[str, Any] | None = None, **headers: str) -> Answer:
        """Send a form just as it is."""
        given = {"origin": str(self.client.base_url).rstrip("/"), "sec-fetch-site": "same-origin"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return Answer(await self.client.post(path, data=dict(fields or {}), headers=given))

    async def submit(self, path: str, form: str, fields: Mapping[str, Any]) -> Answer:
        """Open the page at ``path``, fill in its form with the id ``form`` and send it to where the form says."""
        page = await self.get(path)
        assert page.status == 200, (path, page.status, page.location)
        return await self.send(page, form, fields)

    async def send(self, page: Answer, form: str, fields: Mapping[str, Any]) -> Answer:
        """Fill in the form of a page that was opened before."""
        found = re.search(rf'<form [^>]*action="([^"]*)"[^>]*id="{form}".*?</form>', page.html, flags=re.DOTALL)
        assert found, f"no form {form}"
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', found[0]))
        return await self.post(unescape(found[1]), {**{k: unescape(v) for k, v in hidden.items()}, **fields})

    async def csrf(self) -> str:
        """What the forms of this person carry now."""
        return (await self.get("/")).hidden("csrf")


@dataclass
class Office:
    """The console with all that is behind it."""

    store: Store
    parts: ConsoleParts
    console: Starlette
    clock: Clock
    cast: dict[str, Account]

    def stranger(self, **more: Any) -> Person:
        """Somebody who is not signed in."""
        return Person(self.console, **more)

    async def person(self, login: str, **more: Any) -> Person:
        """One of the cast, signed in."""
        person = self.stranger(**more)
        async with self.store.transaction() as transaction:
            token = await transaction.sessions.begin(self.cast[login].id, self.clock.now)
        person.client.cookies.set("zhucan-session", token)
        return person

    def without_bot(self) -> Office:
        """The same office where no bot runs."""
        parts = replace(self.parts, has_bot=False)
        return replace(self, parts=parts, console=build_console(parts))

    async def register(self, receipt: str = RECEIPT, **answers: str) -> None:
        """Let somebody register: in 白沙镇, unless ``answers`` say otherwise."""
        given = {"town": "白沙镇", **answers}
        await register(self.store, registration(receipt, given), chat=f"telegram:{receipt}", now=self.clock.now)

    async def recorded(self, what: str) -> int:
        """How often something is on record."""
        async with self.store.reading() as connection:
            rows = await connection.exec_driver_sql("SELECT what FROM audit")
            return sum(row[0] == what for row in rows)


@asynccontextmanager
async def open_office(folder: Path, template: Path, built: app.App, **staff: Any) -> AsyncIterator[Office]:
    """Open an office whose files are below ``folder``. ``staff``: its settings."""
    file = folder / "office.db"
    shutil.copy(template, file)
    file.chmod(0o600)
    async with office_at(f"sqlite:///{file}", folder, built, **staff) as office:
        yield office


@asynccontextmanager
async def office_at(url: str, folder: Path, built: app.App, **staff: Any) -> AsyncIterator[Office]:
    """Open an office on the database at ``url``, with its other files below ``folder``."""
    clock = Clock()
    settings = Settings(
        knowledge=KnowledgeSettings(
            folder=DATA / "tiny", overlay=folder / "overlay.yaml", question_sets=folder / "sets"
        ),
        index=IndexSettings(folder=folder / "index"),
        staff=StaffSettings(enabled=True, **staff),
    )
    keys = Keys.open(folder / "office.key", lambda _: None)
    async with await Store.open(url, keys) as store:
        parts = ConsoleParts(settings, store, lambda: built, load_form(app.JOBSEEKER), clock, QUICK)
        console = build_console(parts)
        async with console.router.lifespan_context(console):
            yield Office(store, parts, console, clock, await _cast(store))


async def _cast(store: Store) -> dict[str, Account]:
    cast = {}
    hashed = await QUICK.hashed(PASSPHRASE)
    async with store.transaction() as transaction:
        for login, (name, role, towns) in CAST.items():
            account, _ = await transaction.staff.add(login, name, role, towns, False, NOW)
            await transaction.staff.accept(account.id, hashed, NOW)
            cast[login] = await transaction.staff.by_id(account.id) or account
        await transaction.staff.disable(cast["disabled"].id, NOW)
    return cast
