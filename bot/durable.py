"""What is written outlasts a power cut."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def sync(file: Path) -> None:
    """Make a file outlast a power cut. Raises OSError."""
    _sync(file, os.O_RDWR)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder outlast a power cut, where the system can."""
    with suppress(OSError):
        _sync(folder, os.O_RDONLY)


def _sync(path: Path, how: int) -> None:
    handle = os.open(path, how)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
