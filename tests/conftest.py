"""Two sizes of knowledge: a tiny one for single points, and the shipped one, read once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from bot import index_file
from bot.settings import BUILT_IN_KNOWLEDGE
from intents import Reader
from knowledge import Knowledge, load

settings.register_profile("untimed", deadline=None)  # how long a thing takes is for the benchmarks
settings.load_profile("untimed")

DATA = Path(__file__).parent / "data"
QUESTIONS = Path(__file__).parent / "questions"


@pytest.fixture
def tiny_folder(tmp_path: Path) -> Path:
    """A copy of the tiny knowledge that a test may spoil."""
    return Path(shutil.copytree(DATA / "tiny", tmp_path / "tiny"))


@pytest.fixture(scope="session")
def index_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that keeps the index of the tiny knowledge, so that no program has to work it out."""
    folder = tmp_path_factory.mktemp("index")
    index_file.load(DATA / "tiny", folder, lambda _: None)
    return folder


def own_store(folder: Path) -> dict[str, str]:
    """Return the environment that makes a program keep its data below ``folder``, not in the user's."""
    return {
        "ZHUCAN_STORE__URL": f"sqlite:///{folder / 'data' / 'zhucan.db'}",
        "ZHUCAN_KNOWLEDGE__OVERLAY": str(folder / "data" / "overlay.yaml"),
        "ZHUCAN_STORE__KEY_FILE": str(folder / "keys" / "zhucan.key"),
        "XDG_DATA_HOME": str(folder / "user-data"),
    }


@pytest.fixture(scope="session")
def tiny() -> Knowledge:
    return load(DATA / "tiny")


@pytest.fixture(scope="session")
def tiny_reader(tiny: Knowledge) -> Reader:
    return Reader(tiny)


@pytest.fixture(scope="session")
def shipped() -> Knowledge:
    return load(BUILT_IN_KNOWLEDGE)


@pytest.fixture(scope="session")
def shipped_reader(shipped: Knowledge) -> Reader:
    return Reader(shipped)
