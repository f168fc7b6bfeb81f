"""Whole pages of the console, as a browser asks for them, on both databases: ``python -m benchmarks pages``."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlalchemy import select

from benchmarks.console import CASES, filled
from bot import app, clock
from bot.casework.account import Role
from bot.conversation.forms import load_form
from bot.settings import Settings, StaffSettings
from bot.staff.console import build_console
from bot.staff.visit import ConsoleParts
from bot.store import Keys, Store
from bot.store.tables import cases
from tests.postgres import running_server

HOST = "http://127.0.0.1:8080"
RUNS = 40
_PHONE = "15400000500"


@dataclass(frozen=True)
class Times:
    """Milliseconds from asking for a page until all of it is there: the usual, the slowest but one in twenty."""

    p50: float
    p95: float


def measure() -> dict[tuple[str, str], dict[str, Times]]:
    """Return the times by database and role, and by what the page is called in the report."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        key_file = Path(folder) / "keys" / "keys.json"
        server = stack.enter_context(running_server())
        urls = {"SQLite": f"sqlite:///{folder}/data/zhucan.db", "PostgreSQL": server.url(server.database())}
        return {
            (name, role): times
            for name, url in urls.items()
            for role, times in asyncio.run(_measure(url, key_file)).items()
        }


async def session(store: Store, role: Role) -> str:
    """Sign in one of those who have ``role``; return what their browser keeps."""
    async with store.transaction() as transaction:
        account = next(account for account in await transaction.staff.all() if account.role is role)
        return await transaction.sessions.begin(account.id, clock.now())


async def _measure(url: str, key_file: Path) -> dict[str, dict[str, Times]]:
    await filled(url, key_file)
    settings = Settings(staff=StaffSettings(enabled=True))
    built = app.build(settings, lambda _: None)
    async with await Store.open(url, Keys.open(key_file, lambda _: None)) as store:
        async with store.reading() as connection:
            receipt = str(await connection.scalar(select(cases.c.receipt).limit(1)))
        console = build_console(ConsoleParts(settings, store, lambda: built, load_form(app.JOBSEEKER)))
        found = {}
        async with console.router.lifespan_context(console):
            for role in (Role.ADMIN, Role.CLERK):
                transport = httpx.ASGITransport(app=console)
                async with httpx.AsyncClient(transport=transport, base_url=HOST, timeout=None) as browser:
                    browser.cookies.set("zhucan-session", await session(store, role))
                    paths = _paths(receipt, await _first_of_queue(browser))
                    found[role.value] = {name: await _times(browser, path) for name, path in paths.items()}
        return found


async def _first_of_queue(browser: httpx.AsyncClient) -> str:
    return (await browser.get("/queue")).text.partition('href="/cases/')[2].partition('"')[0]


def _paths(receipt: str, first: str) -> dict[str, str]:
    return {
        "first page": "/",
        "queue": "/queue",
        "case opened from the queue": f"/cases/{first}?list=/queue",
        "queue, nobody has been in touch": "/queue?uncontacted=1",
        "search by receipt": f"/queue?q={receipt}",
        "search by phone": f"/queue?q={_PHONE}",
        "figures": "/figures",
        "follow-ups": "/follow-ups",
        "graduates": "/graduates",
    }


async def _times(browser: httpx.AsyncClient, path: str) -> Times:
    taken = []
    for _ in range(RUNS):
        started = time.perf_counter()
        answer = await browser.get(path)
        taken.append(1000 * (time.perf_counter() - started))
        assert answer.status_code == 200, answer.text
    taken.sort()
    return Times(taken[RUNS // 2], taken[int(RUNS * 0.95)])


def _cells(name: str, measured: Mapping[tuple[str, str], Mapping[str, Times]]) -> str:
    return " | ".join(f"{times[name].p50:.0f} | {times[name].p95:.0f}" for times in measured.values())


def section(measured: dict[tuple[str, str], dict[str, Times]]) -> str:
    """Return the section of the report."""
    head = " | ".join(f"{database}, {role}: p50 | p95" for database, role in measured)
    rows = "\n".join(
        f"| {name} | "
        + " | ".join(f"{times[name].p50:.0f} | {times[name].p95:.0f}" for times in measured.values())
        + " |"
        for name in _paths("", "")
    )
    return f"""## Pages of the console, {CASES:,} registrations

Milliseconds until the whole page is there, {RUNS} times each, through the application as it is served, without the
network: who is there, what they may see, the audit entry and the page itself are in it. The administrator sees all
towns, the clerk some. Figures are counted once and then only when something happened; what that takes is in the
section on queue and figures.

| page | {head} |
|---{"|---" * 2 * len(measured)}|
{rows}
"""
