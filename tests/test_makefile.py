"""What ``make`` says before it sets anything up."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def make_run(tmp_path: Path, python: str) -> subprocess.CompletedProcess[str]:
    command = ["make", "run", f"PYTHON={python}", f"VENV={tmp_path / 'venv'}"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)


@pytest.fixture
def older(tmp_path: Path) -> str:
    """A Python that takes itself for 3.9."""
    stand_in = tmp_path / "python3.9"
    pretend = "import sys; sys.version_info = (3, 9, 2); exec(sys.argv[1])"
    stand_in.write_text(f"#!/bin/sh\nexec {sys.executable} -c '{pretend}' \"$2\"\n")
    stand_in.chmod(0o755)
    return str(stand_in)


def test_an_older_python_is_refused_at_once_with_what_would_do(tmp_path: Path, older: str) -> None:
    done = make_run(tmp_path, older)
    assert done.returncode == 2
    assert f"需要 Python 3.11 或更新的版本，{older} 是 3.9" in done.stderr
    assert f"{older} is 3.9. Once installed: make run PYTHON=python3.11" in done.stderr
    assert not (tmp_path / "venv").exists()


def test_a_python_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = make_run(tmp_path, "python-nowhere")
    assert done.returncode == 2
    assert "python-nowhere is not there" in done.stderr
    assert not (tmp_path / "venv").exists()
