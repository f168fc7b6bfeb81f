"""With the tiny knowledge and a store of its own: the command line, and the whole program on Telegram."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import app
from bot.conversation.assistant import Assistant
from bot.settings import IndexSettings, KnowledgeSettings, Settings
from tests.command import Zhucan
from tests.program import TINY, Program
from tests.standin import BotApi


@pytest.fixture
def zhucan(index_folder: Path, tmp_path: Path) -> Zhucan:
    return Zhucan(index_folder, tmp_path)


@pytest.fixture(scope="session")
def assistant(index_folder: Path) -> Assistant:
    """Put together as the program's own."""
    settings = Settings(knowledge=KnowledgeSettings(folder=TINY), index=IndexSettings(folder=index_folder))
    return app.build(settings, lambda _: None).assistant


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    """The stand-in for Telegram's server."""
    async with BotApi() as api:
        yield api


@pytest.fixture
async def program(api: BotApi, tmp_path: Path, index_folder: Path) -> AsyncIterator[Program]:
    """The program, just started; it may take a moment until it answers."""
    async with Program(api, tmp_path, index_folder) as program:
        yield program
