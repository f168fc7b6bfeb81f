"""Each test of the store runs on both databases, each time with an empty one of its own."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from bot.store import Keys, Store, migrating
from bot.store.dialects import dialect_of, private_file
from tests.postgres import Server, running_server

DATABASES = ("sqlite", "postgresql")
PATIENCE = 0.3


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with running_server() as server:
        yield server


@pytest.fixture(params=DATABASES)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def _set_up(url: str) -> None:
    """Make the tables, by the migrations that a first start runs."""
    dialect = dialect_of(url, PATIENCE)
    engine = dialect.engine()
    await migrating.upgrade(engine, dialect)
    await engine.dispose()


@pytest.fixture(scope="session")
def postgresql_template(server: Server) -> str:
    """A database with empty tables, to be copied."""
    name = server.database()
    asyncio.run(_set_up(server.url(name)))
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as a file."""
    file = tmp_path_factory.mktemp("template") / "zhucan.db"
    private_file(file)
    asyncio.run(_set_up(f"sqlite:///{file}"))
    return file


@pytest.fixture
def url(kind: str, request: pytest.FixtureRequest) -> str:
    """The address of a database with empty tables."""
    return str(request.getfixturevalue(f"{kind}_url"))


@pytest.fixture
def sqlite_file(tmp_path: Path) -> Path:
    """Where the file is, or will be, that ``sqlite_url`` names."""
    return tmp_path / "data" / "zhucan.db"


@pytest.fixture
def sqlite_url(sqlite_file: Path, sqlite_template: Path) -> str:
    sqlite_file.parent.mkdir(mode=0o700)
    shutil.copy(sqlite_template, sqlite_file)
    return f"sqlite:///{sqlite_file}"


@pytest.fixture
def postgresql_url(server: Server, postgresql_template: str) -> str:
    return server.url(server.database(postgresql_template))


@pytest.fixture
def new_url(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The address of a database with nothing in it."""
    if kind == "sqlite":
        return f"sqlite:///{tmp_path}/new/zhucan.db"
    server: Server = request.getfixturevalue("server")
    return server.url(server.database())


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "keys.json"


@pytest.fixture
def keys(key_file: Path) -> Keys:
    return Keys.open(key_file, lambda _: None)


Opener = Callable[..., Awaitable[Store]]


@pytest.fixture
async def opened(keys: Keys) -> AsyncIterator[Opener]:
    """Opens stores, with little patience, and closes them after the test."""
    stores: list[Store] = []

    async def open_store(url: str, with_keys: Keys | None = None, **options: object) -> Store:
        store = await Store.open(url, with_keys or keys, **{"patience": PATIENCE, **options})  # type: ignore[arg-type]
        stores.append(store)
        return store

    yield open_store
    for store in stores:
        await store.close()


@pytest.fixture
async def store(url: str, opened: Opener) -> Store:
    return await opened(url)
