"""All cases taken out of the console as files: ``python -m benchmarks exports``."""

from __future__ import annotations

import asyncio
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx

from benchmarks.pages import HOST, session
from bot import app, clock
from bot.casework.account import Role
from bot.conversation.forms import load_form
from bot.settings import BUILT_IN_KNOWLEDGE, Settings, StaffSettings
from bot.staff import demo
from bot.staff.console import build_console
from bot.staff.visit import ConsoleParts

CASES = 50_000
SEED = 2023
KINDS = (("xlsx", "masked"), ("xlsx", "full"), ("csv", "masked"), ("csv", "full"))
_WAIT = 0.1


@dataclass(frozen=True)
class Measured:
    """Seconds until the file was there, CPU seconds, its megabytes; the memory of the process before and at most;
    milliseconds for which another page was waited meanwhile, usually and at most.
    """

    seconds: float
    cpu: float
    megabytes: float
    before: float
    most: float
    other_usual: float
    other_most: float


def measure() -> dict[tuple[str, str], Measured]:
    """Fill a demo and make each kind of file in a process of its own, which has the reader of the bot loaded too."""
    app.build(Settings(), lambda _: None)  # works out the index if need be: that takes much memory
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(demo.make(demo.Place(Path(folder)), BUILT_IN_KNOWLEDGE, CASES, SEED, clock.now()))
        return {kind: _in_a_process(folder, *kind) for kind in KINDS}


def _in_a_process(folder: str, ending: str, content: str) -> Measured:
    made = subprocess.run(
        [sys.executable, "-m", "benchmarks.exports", folder, ending, content], capture_output=True, check=True
    )
    return Measured(**json.loads(made.stdout))


async def export(folder: Path, ending: str, content: str) -> Measured:
    """Ask the console for the file, wait for it as its page does, and fetch it."""
    settings = Settings(staff=StaffSettings(enabled=True))
    built = app.build(settings, lambda _: None)
    async with await demo.Place(folder).opened() as store:
        console = build_console(ConsoleParts(settings, store, lambda: built, load_form(app.JOBSEEKER)))
        async with console.router.lifespan_context(console):
            transport = httpx.ASGITransport(app=console)
            async with httpx.AsyncClient(transport=transport, base_url=HOST, timeout=None) as browser:
                browser.cookies.set("zhucan-session", await session(store, Role.ADMIN))
                return await _exported(browser, ending, content)


async def _exported(browser: httpx.AsyncClient, ending: str, content: str) -> Measured:
    form = re.search(r'<form [^>]*id="export".*?</form>', (await browser.get("/export")).text, flags=re.DOTALL)
    assert form
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form[0]))
    fields = hidden | {"format": ending, "content": content, "why": "benchmark"}
    before, cpu, started = _memory(), time.process_time(), time.perf_counter()
    answer = await browser.post("/export", data=fields, headers={"origin": HOST})
    assert answer.status_code == 303, answer.text
    waited, most = [], before
    while "<progress" in (await browser.get("/export/progress")).text:
        looked = time.perf_counter()
        assert (await browser.get("/me")).status_code == 200
        waited.append(1000 * (time.perf_counter() - looked))
        most = max(most, _memory())
        await asyncio.sleep(_WAIT)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    size = 0
    async with browser.stream("GET", "/export/file") as file:
        async for piece in file.aiter_bytes():
            size += len(piece)
    waited.sort()
    return Measured(seconds, cpu, size / 1e6, before, most, waited[len(waited) // 2], waited[-1])


def _memory() -> float:
    """Return how much of the machine's memory the process has now, in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def section(measured: dict[tuple[str, str], Measured]) -> str:
    """Return the section of the report."""
    rows = "\n".join(
        f"| {ending}, {content} | {one.seconds:.1f} s ({one.cpu:.1f} s CPU) | {one.megabytes:.1f} MB "
        f"| {one.before:.0f} MiB, {one.most:.0f} MiB | {one.other_usual:.0f} ms, {one.other_most:.0f} ms |"
        for (ending, content), one in measured.items()
    )
    return f"""## Exports of all, {CASES:,} registrations

On SQLite, through the console, in a process that has the knowledge and the reader of the bot loaded. While the file was
made another page was opened ten times a second.

| file | until it is there | size | memory of the process before, at most | another page: usually, at most |
|---|---|---|---|---|
{rows}
"""


if __name__ == "__main__":
    _folder, _ending, _content = sys.argv[1:]
    print(json.dumps(asdict(asyncio.run(export(Path(_folder), _ending, _content)))))
