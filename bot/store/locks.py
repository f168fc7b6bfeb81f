"""Locks between processes that work with one SQLite file or change one key file.

They end with the process, however it ends.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _take(handle: int, *, exclusive: bool) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK if exclusive else msvcrt.LK_NBRLCK, 1)
else:
    import fcntl

    def _take(handle: int, *, exclusive: bool) -> None:
        fcntl.flock(handle, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)


class LockFile:
    """A lock that is held until :meth:`release`."""

    def __init__(self, file: Path, *, exclusive: bool) -> None:
        """Take the lock. Raises BlockingIOError if another has it, OSError if the file cannot be made."""
        self._handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _take(self._handle, exclusive=exclusive)
        except PermissionError as error:  # Windows' word for it
            os.close(self._handle)
            raise BlockingIOError(str(error)) from error
        except BaseException:
            os.close(self._handle)
            raise

    def release(self) -> None:
        """Let others have it."""
        os.close(self._handle)


def running(file: Path) -> Path:
    """Return the lock file of the one bot that may work with the database ``file``."""
    return file.with_name(f"{file.name}.running")


def rotating(file: Path) -> Path:
    """Return the lock file of the one process that may change keys in the key file ``file``."""
    return file.with_name(f"{file.name}.rotating")


def opened(file: Path) -> Path:
    """Return the lock file of all who have the database ``file`` open."""
    return file.with_name(f"{file.name}.opened")
