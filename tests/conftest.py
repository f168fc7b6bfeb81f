"""Two sizes of knowledge: a tiny one for single points, and the shipped one, read once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.settings import BUILT_IN_KNOWLEDGE
from intents import Reader
from knowledge import Knowledge, load

DATA = Path(__file__).parent / "data"
QUESTIONS = Path(__file__).parent / "questions"


@pytest.fixture
def tiny_folder(tmp_path: Path) -> Path:
    """A copy of the tiny knowledge that a test may spoil."""
    return Path(shutil.copytree(DATA / "tiny", tmp_path / "tiny"))


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
