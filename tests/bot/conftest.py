"""The command line with the tiny knowledge and a store of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import Zhucan


@pytest.fixture
def zhucan(index_folder: Path, tmp_path: Path) -> Zhucan:
    return Zhucan(index_folder, tmp_path)
