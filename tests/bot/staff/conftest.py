"""The console in process, and in a real browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from bot import app
from bot.settings import Settings
from bot.store import migrating
from bot.store.dialects import dialect_of, private_file
from intents import Reader
from knowledge import Knowledge

from .browser import Served, running_chromium, serving
from .office import Office, Person, open_office


@pytest.fixture(scope="session")
def built(tiny: Knowledge, tiny_reader: Reader) -> app.App:
    return app.assemble(Settings(), tiny, tiny_reader, "tiny")


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with empty tables, to be copied."""
    file = tmp_path_factory.mktemp("office") / "template.db"
    private_file(file)

    async def make() -> None:
        dialect = dialect_of(f"sqlite:///{file}", 5.0)
        engine = dialect.engine()
        await migrating.upgrade(engine, dialect)
        await engine.dispose()

    asyncio.run(make())
    return file


@pytest.fixture
async def office(tmp_path: Path, template: Path, built: app.App) -> AsyncIterator[Office]:
    async with open_office(tmp_path, template, built) as office:
        yield office


@pytest.fixture
async def admin(office: Office) -> Person:
    return await office.person("admin")


@pytest.fixture
async def clerk(office: Office) -> Person:
    return await office.person("clerk")


@pytest.fixture
def stranger(office: Office) -> Person:
    return office.stranger()


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with running_chromium() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def served(tmp_path: Path, template: Path, built: app.App, chromium: Browser) -> AsyncIterator[Served]:
    """The console for the browser. Its tests are marked ``pytest.mark.asyncio(loop_scope="session")``."""
    async with serving(tmp_path, template, built, chromium) as served:
        yield served
