"""The command line as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import DATA, own_store


class Zhucan:
    """Runs the command with the tiny knowledge."""

    def __init__(self, index_folder: Path, working_folder: Path) -> None:
        self.folder = working_folder
        self.environment = {
            **os.environ,
            "ZHUCAN_KNOWLEDGE__FOLDER": str(DATA / "tiny"),
            "ZHUCAN_INDEX__FOLDER": str(index_folder),
            **own_store(working_folder),
            "PYTHONWARNINGS": "error",
        }

    def __call__(self, *arguments: str, said: bytes = b"", **environment: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "bot", *arguments],
            input=said,
            capture_output=True,
            check=False,
            cwd=self.folder,
            env={**self.environment, "PYTHONPATH": str(DATA.parent.parent), **environment},
            timeout=60,
        )
        return subprocess.CompletedProcess(
            done.args, done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8")
        )
