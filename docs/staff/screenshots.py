"""Takes the pictures of the handbook: ``python docs/staff/screenshots.py`` after ``make .venv/ready-dev``.

The people in them are invented (:mod:`bot.staff.demo`), always the same. Needs Debian's chromium and a Chinese font.
"""

from __future__ import annotations

import asyncio
import re
import socket
import tempfile
from datetime import datetime
from pathlib import Path

from playwright.async_api import Browser, Page, async_playwright

from bot import app
from bot.clock import CHINA
from bot.conversation.forms import load_form
from bot.service.serving import Web
from bot.settings import Settings, StaffSettings
from bot.staff import demo
from bot.staff.console import build_console
from bot.staff.passphrases import Passphrases
from bot.staff.visit import ConsoleParts

HERE = Path(__file__).parent
NOW = datetime(2024, 11, 12, 9, 30, tzinfo=CHINA)
CHROMIUM = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
PAGES = {"start": "/", "queue": "/queue", "follow-ups": "/follow-ups", "graduates": "/graduates", "figures": "/figures"}


async def main() -> None:
    """Fill a demo, serve it, and look at it."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(staff=StaffSettings(enabled=True, port=_free_port()))
        place = demo.Place(Path(folder))
        made = await demo.make(place, settings.knowledge.folder, 3000, 2023, NOW)
        built = app.build(settings, print)
        async with await place.opened() as store:
            form = load_form(app.JOBSEEKER)
            parts = ConsoleParts(settings, store, lambda: built, form, lambda: NOW, Passphrases(), demo=True)
            console = build_console(parts)
            web = Web(console, settings.staff.host, settings.staff.port)
            serving = asyncio.create_task(web.run())
            await _look(f"http://127.0.0.1:{web.port}", made.passphrase)
            web.stop()
            await serving


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


async def _look(address: str, passphrase: str) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=list(CHROMIUM))
        page = await _signed_in(browser, address, "demo-clerk-1", passphrase, HERE / "sign-in.png")
        for name, path in PAGES.items():
            await page.goto(address + path)
            await page.screenshot(path=HERE / f"{name}.png")
        await _case(page, address)
        await page.set_viewport_size({"width": 390, "height": 844})
        await page.goto(f"{address}/queue#list")
        await page.screenshot(path=HERE / "phone.png")
        page = await _signed_in(browser, address, "demo-admin", passphrase)
        await page.goto(f"{address}/questions")
        await page.screenshot(path=HERE / "questions.png")
        await browser.close()


async def _signed_in(browser: Browser, address: str, login: str, passphrase: str, picture: Path | None = None) -> Page:
    page = await (await browser.new_context(viewport={"width": 1100, "height": 760}, locale="zh-CN")).new_page()
    await page.goto(address)
    await page.fill("[name=login]", login)
    if picture:
        await page.screenshot(path=picture)
    await page.fill("[name=passphrase]", passphrase)
    await page.press("[name=passphrase]", "Enter")
    await page.wait_for_url(address + "/")
    return page


async def _case(page: Page, address: str) -> None:
    """A case with something in it: one that is being worked on."""
    await page.goto(f"{address}/queue?status=assessed")
    links = await page.eval_on_selector_all("main a", "all => all.map(a => a.getAttribute('href'))")
    case = next(link for link in links if link and re.fullmatch(r"/cases/\d{9}", link))
    await page.goto(address + case)
    await page.set_viewport_size({"width": 1100, "height": 1300})
    await page.screenshot(path=HERE / "case.png")
    await page.set_viewport_size({"width": 1100, "height": 760})


if __name__ == "__main__":
    asyncio.run(main())
