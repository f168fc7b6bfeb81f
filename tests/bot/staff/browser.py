"""The console in a real browser, and what every page has to be like there."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright, expect

from bot import app
from bot.service.serving import Web

from .office import Office, open_office

_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
WIDE, NARROW = 1280, 320
_PATIENCE = 60_000.0  # milliseconds, on a busy machine
expect.set_options(timeout=_PATIENCE)


@dataclass
class Served:
    """An office whose console listens at ``base``."""

    office: Office
    base: str
    browser: Browser

    async def page(self, login: str | None = None, *, width: int = WIDE, **options: Any) -> Page:
        """Open a browser of its own, signed in as one of the cast. ``options``: of its context."""
        context = await self.browser.new_context(
            base_url=self.base, viewport={"width": width, "height": 900}, locale="zh-CN", **options
        )
        context.set_default_timeout(_PATIENCE)
        if login is not None:
            async with self.office.store.transaction() as transaction:
                token = await transaction.sessions.begin(self.office.cast[login].id, self.office.clock.now)
            await context.add_cookies([{"name": "zhucan-session", "value": token, "url": self.base}])
        page = await context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"script: {error}"))
        return page


@asynccontextmanager
async def running_chromium() -> AsyncIterator[Browser]:
    """Run Debian's chromium; skip the test without it, and fail where nothing may be skipped."""
    program = shutil.which("chromium")
    if program is None:
        reason = "chromium is not installed"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(_OPTIONS))
        yield browser
        await browser.close()


@asynccontextmanager
async def serving(
    folder: Path, template: Path, built: app.App, browser: Browser, **staff: Any
) -> AsyncIterator[Served]:
    """Serve an office to the browser."""
    async with open_office(folder, template, built, **staff) as office:
        web = Web(office.console, "127.0.0.1", 0)
        task = asyncio.create_task(web.run())
        yield Served(office, f"http://127.0.0.1:{web.port}", browser)
        for context in browser.contexts:
            await context.close()
        web.stop()
        await task


_SQUEEZED = """() => [...document.querySelectorAll(".cards tbody :is(th, td)")].flatMap(cell => {
  const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT), found = [];
  while (texts.nextNode()) {
    const text = texts.currentNode.data.trim(), range = document.createRange();
    if (text.length < 6 || texts.currentNode.parentElement.closest(".unseen")) continue;
    range.selectNodeContents(texts.currentNode);
    const lines = new Set([...range.getClientRects()].map(line => Math.round(line.top)));
    if (text.length / lines.size < 2.5) found.push(`${cell.dataset.label}: ${text}`);
  }
  return found;
})"""
"""What runs down a list character by character."""
_SIDEWAYS = "() => [...document.querySelectorAll('.carded')].some(list => list.scrollWidth > list.clientWidth)"


async def assert_accessible(page: Page) -> None:
    """Check the page as it is shown now: WCAG 2.2 AA as far as axe can tell, and nothing to scroll sideways.

    Lists of things, which become cards where columns have no room, can be read to the end of each line.
    """
    found = await Axe().run(page, options={"runOnly": list(_RULES), "resultTypes": ["violations"]})
    problems = [
        f"{each['id']}: {node['html']} – {node['failureSummary']}"
        for each in found.response["violations"]
        for node in each["nodes"]
    ]
    assert not problems, f"{page.url}\n" + "\n".join(problems)
    wide, room = await page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= room, f"{page.url} is {wide} wide in {room}"
    squeezed = await page.evaluate(_SQUEEZED)
    assert not squeezed, f"{page.url}: squeezed are {squeezed}"
    assert not await page.evaluate(_SIDEWAYS), f"{page.url}: a list goes on sideways"


async def enlarge_text(page: Page) -> None:
    """Show all text at twice its size, as the setting of a browser does."""
    await page.evaluate("document.documentElement.style.fontSize = '200%'")
