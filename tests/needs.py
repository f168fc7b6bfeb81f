"""What the machine has to have for some tests."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest


def missing(what: str) -> NoReturn:
    """Skip the test and say why; in continuous integration, where nothing may be skipped, fail."""
    if os.environ.get("CI", "").lower() in ("true", "1"):
        pytest.fail(f"{what} (and CI may not skip)")
    pytest.skip(what)


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A disk of its own, mounted at ``folder``: only root can do that."""
    if os.name == "nt" or os.geteuid() or not shutil.which("mount"):
        missing("only root can mount a disk")
    folder.mkdir(parents=True, exist_ok=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        missing("nothing can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@contextmanager
def read_only(file: Path) -> Iterator[None]:
    """Let ``file`` be one that can only be read. Root, who may write all files, mounts it over itself."""
    if os.geteuid():
        mode = file.stat().st_mode
        file.chmod(0o400)
        try:
            yield
        finally:
            file.chmod(mode)
        return
    for how in (["--bind", file, file], ["-o", "remount,bind,ro", file]):
        if subprocess.run(["mount", *how], capture_output=True, check=False).returncode:
            missing("nothing can be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", file], check=True)
