"""The staff's queue, search and figures on both databases: ``python -m benchmarks console``."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import clock
from bot.casework.case import Status, Step
from bot.casework.filters import QueueFilter
from bot.settings import BUILT_IN_KNOWLEDGE
from bot.staff import demo
from bot.store import Keys, Store, case_list
from bot.store.case_query import Query
from bot.store.figures import Period, figures
from bot.store.recent_figures import RecentFigures
from bot.store.tables import cases
from knowledge import load
from tests.postgres import running_server

CASES = 50_000
RUNS = 20
SEED = 2023
CONTACT_DAYS = 7
_TOWN = ("白沙镇",)
_TEN_TOWNS = (
    "白沙镇",
    "几江街道",
    "德感街道",
    "双福街道",
    "鼎山街道",
    "圣泉街道",
    "油溪镇",
    "吴滩镇",
    "石门镇",
    "朱杨镇",
)
_LAST = 10**6
_PHONE = "154 0000 0500"
T = TypeVar("T")
Look = Callable[[AsyncConnection, Keys, datetime], Awaitable[Any]]


@dataclass(frozen=True)
class Times:
    """Milliseconds of one look: the usual, the slowest but one in twenty, and CPU of program and database together."""

    p50: float
    p95: float
    cpu: float


@dataclass(frozen=True)
class Measured:
    """One database: seconds to fill it and to go through all of it; times by what was looked at."""

    fill: float
    fill_cpu: float
    all_rows: float
    name: float
    megabytes: float
    times: dict[str, Times]


def _page(scope: tuple[str, ...] | None = None, **chosen: Any) -> Look:
    async def look(connection: AsyncConnection, keys: Keys, now: datetime) -> None:
        await case_list.page(connection, Query(keys, scope, QueueFilter(**chosen), now, CONTACT_DAYS))

    return look


def _figures(scope: tuple[str, ...] | None = None, period: Period = Period()) -> Look:  # noqa: B008 – frozen
    async def look(connection: AsyncConnection, keys: Keys, now: datetime) -> None:
        await figures(connection, keys, scope, period, now, CONTACT_DAYS)

    return look


def _figures_again() -> Look:
    recent = RecentFigures()

    async def look(connection: AsyncConnection, keys: Keys, now: datetime) -> None:
        await recent.of(connection, keys, None, Period(), now, CONTACT_DAYS)

    return look


def looks(now: datetime, receipt: str) -> dict[str, Look]:
    """Return everything that is looked at, by what it is called in the report."""
    this_year = Period(date(now.year, 1, 1), date(now.year, 12, 31))
    return {
        "queue, most urgent first": _page(),
        "queue, most urgent first, last page": _page(page=_LAST),
        "queue, newest first": _page(order="newest"),
        "queue, newest first, last page": _page(order="newest", page=_LAST),
        "queue, oldest first": _page(order="oldest"),
        "queue, last changed first": _page(order="updated"),
        "queue by town": _page(order="town"),
        "queue by status": _page(order="status"),
        "queue by follow-up": _page(order="follow-up"),
        "one town": _page(scope=_TOWN),
        "one status": _page(status=(Status.NEW,)),
        "two kinds of wanted work": _page(wanted=("factory", "home")),
        "one category": _page(categories=("vision",)),
        "nobody's": _page(counselor=0),
        "half a year": _page(since=date(now.year, 1, 1), until=date(now.year, 6, 30)),
        "a step missing": _page(missing=Step.SERVICE),
        "nobody has been in touch": _page(uncontacted=True),
        "overdue": _page(overdue=True),
        "follow-ups of the week": _page(follow_up="week", order="follow-up"),
        "graduates": _page(graduates=True),
        "an unread reply": _page(unanswered=True),
        "five filters at once": _page(
            wanted=("factory", "home"),
            categories=("vision",),
            status=(Status.NEW, Status.CHECKED),
            missing=Step.SERVICE,
            since=date(now.year, 1, 1),
        ),
        "search by receipt": _page(search=receipt),
        "search by part of a receipt": _page(search=receipt[:5]),
        "search by phone": _page(search=_PHONE),
        "figures of all, and nothing happened since": _figures_again(),
        "figures of all": _figures(),
        "figures of a year": _figures(period=this_year),
        "figures of ten towns": _figures(scope=_TEN_TOWNS),
        "figures of one town in a year": _figures(scope=_TOWN, period=this_year),
    }


def measure() -> dict[str, Measured]:
    """Fill both databases and look at everything."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        key_file = Path(folder) / "keys" / "keys.json"
        server = stack.enter_context(running_server())
        urls = {
            "SQLite": f"sqlite:///{folder}/data/zhucan.db",
            "PostgreSQL": server.url(server.database()),
        }
        # In processes of their own, so that each one's peak of memory is its own.
        return {name: _apart(_look_around, url, key_file, _apart(_fill, url, key_file)) for name, url in urls.items()}


def _apart(work: Callable[..., T], *arguments: object) -> T:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(work, *arguments).result()


def _fill(url: str, key_file: Path) -> tuple[float, float]:
    """Return the seconds and the CPU seconds that it takes."""
    started, used = time.perf_counter(), time.process_time()
    asyncio.run(filled(url, key_file))
    return time.perf_counter() - started, time.process_time() - used


async def filled(url: str, key_file: Path) -> None:
    """Put as many invented cases as are measured with into the database at ``url``."""
    async with await Store.open(url, Keys.open(key_file, lambda _: None)) as store:
        await demo.fill(store, load(BUILT_IN_KNOWLEDGE), CASES, SEED, clock.now(), demo.new_passphrase())
        await _analyse(store)


def _look_around(url: str, key_file: Path, filled: tuple[float, float]) -> Measured:
    return asyncio.run(_measure(url, key_file, filled))


async def _measure(url: str, key_file: Path, filled: tuple[float, float]) -> Measured:
    now = clock.now()
    async with await Store.open(url, Keys.open(key_file, lambda _: None)) as store:
        async with store.reading() as connection:
            receipt = str(await connection.scalar(select(cases.c.receipt).limit(1)))
        times = {name: await _times(store, look, now) for name, look in looks(now, receipt).items()}
        _forget_peak()
        before = _memory("VmRSS")
        all_rows = await _seconds(_through_all(store, now))
        grown = _memory("VmHWM") - before
        name = await _seconds(_by_name(store, now))
    return Measured(*filled, all_rows, name, grown, times)


async def _analyse(store: Store) -> None:
    """PostgreSQL tidies up by itself after some time; the tests' server does not."""
    if not store.dialect.one_writer:
        engine = store.engine.execution_options(isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            await connection.execute(text("VACUUM ANALYZE"))


async def _times(store: Store, look: Look, now: datetime) -> Times:
    taken = []
    async with store.reading() as connection:
        server = await _server_of(store, connection)
        used = _cpu(server)
        for _ in range(RUNS):
            started = time.perf_counter()
            await look(connection, store.keys, now)
            taken.append(1000 * (time.perf_counter() - started))
        cpu = 1000 * (_cpu(server) - used) / RUNS
    taken.sort()
    return Times(taken[RUNS // 2], taken[int(RUNS * 0.95)], cpu)


async def _server_of(store: Store, connection: AsyncConnection) -> int | None:
    return None if store.dialect.one_writer else int(str(await connection.scalar(text("SELECT pg_backend_pid()"))))


def _cpu(server: int | None) -> float:
    return time.process_time() + (_cpu_of_family(server) if server is not None else 0.0)


def _cpu_of_family(backend: int) -> float:
    """Return the CPU seconds of the server of ``backend``, with those of its processes that have ended."""
    mother = int(_stat(backend)[1])
    children = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()]
    ticks = 0
    for process in (mother, *children):
        try:
            stat = _stat(process)
        except OSError:  # it has just ended
            continue
        if process == mother or int(stat[1]) == mother:
            ticks += sum(map(int, stat[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _stat(process: int) -> list[str]:
    """Return what the kernel tells of a process from its state on."""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()


async def _through_all(store: Store, now: datetime) -> None:
    async with store.reading() as connection:
        found = 0
        async for rows in case_list.rows(connection, Query(store.keys, None, QueueFilter(), now, CONTACT_DAYS)):
            found += len(rows)
    assert found == CASES


async def _by_name(store: Store, now: datetime) -> None:
    async with store.reading() as connection:
        wanted = QueueFilter(search="张示")
        await case_list.page(connection, Query(store.keys, None, wanted, now, CONTACT_DAYS))


async def _seconds(work: Awaitable[None]) -> float:
    started = time.perf_counter()
    await work
    return time.perf_counter() - started


def _forget_peak() -> None:
    """Let the kernel count the peak of this process from what it uses now; a peak is handed down by the parent too."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _memory(what: str) -> float:
    """Return MiB: ``VmRSS`` used now, ``VmHWM`` at the peak."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(what)) / 1024


def section(measured: dict[str, Measured]) -> str:
    """Return the section of the report."""
    names = list(measured)
    heads = " | ".join(f"{name} p50 | p95 | CPU" for name in names)
    lines = "\n".join(
        f"| {what} | " + " | ".join(_cells(measured[name].times[what]) for name in names) + " |"
        for what in measured[names[0]].times
    )
    worst = {name: max(measured[name].times.items(), key=lambda item: item[1].p95) for name in names}
    slowest = "; ".join(f"{name}: {what}, {times.p95:.0f} ms" for name, (what, times) in worst.items())
    whole = "\n".join(
        f"| {name} | {one.fill:.0f} s ({one.fill_cpu:.0f} s CPU) | {one.all_rows:.1f} s, {one.megabytes:.0f} MiB "
        f"| {one.name:.1f} s |"
        for name, one in measured.items()
    )
    return f"""## The staff's queue and figures, {CASES:,} registrations

What the store takes for one page of the console, {RUNS} times each, in milliseconds; the page itself comes on top. CPU
is the program's and the database's together: where other programs want the cores too (the load average is
{os.getloadavg()[1]:.1f} on {os.cpu_count()} cores now), that tells more than the time. p95 slowest: {slowest}.

| what | {heads} |
|---|{"---|" * (3 * len(names))}
{lines}

Some things take longer. Filling is done by `zhucan demo`. An export goes through all cases: time, and what the peak of
the process grows by. Looking for a part of a name decrypts all registrations that may be seen, beside other work.

| | filling | going through all | looking for a name among all |
|---|---|---|---|
{whole}
"""


def _cells(times: Times) -> str:
    return f"{times.p50:.1f} | {times.p95:.1f} | {times.cpu:.1f}"
