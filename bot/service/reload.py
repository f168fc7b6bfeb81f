"""Takes up changed knowledge while the assistant goes on answering.

Files are looked at, not listened to: that works on every system and on shared folders. Checking and building
is done by another process (:mod:`bot.preparing`), which makes itself ready as soon as a change shows.
"""

from __future__ import annotations

import asyncio
import json
import math
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import structlog

from bot import index_file
from bot.own_process import environment
from bot.service.faults import told
from intents import Reader
from knowledge import Fault, Knowledge, KnowledgeError

_log = structlog.stdlib.get_logger(__name__)

PREPARE = (sys.executable, "-m", "bot.preparing")
_MOST_FAULTS = 20  # log lines for one state of the knowledge
_PATIENCE = 300.0  # seconds until the other process is given up
_AGAIN = 60.0  # seconds until another try after anything but a fault in the knowledge
_LONGEST_SHOWN = 500  # characters

Look = frozenset[tuple[str, int, int, int]]
Trouble = Literal["faults", "failed"]


@dataclass(frozen=True)
class TakenUp:
    """Knowledge without a fault, a reader of it, and the fingerprint of its files."""

    knowledge: Knowledge
    reader: Reader
    version: str


class NotPreparedError(Exception):
    """The other process gave no result; ``said`` is what it said last."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said[-_LONGEST_SHOWN:]


class KnowledgeWatcher:
    """Watches the knowledge in ``folder`` and hands over each new state of it that has no fault.

    A state is looked into when two looks, ``every`` so many seconds, show the same: a file that is just being
    saved is not taken. ``taken_up`` gets the new knowledge, in the event loop. Where the knowledge has faults, or
    something else failed, that is logged, ``refused`` is told, and the old knowledge stays.
    """

    version: str
    """The fingerprint of the knowledge in use."""

    trouble: Trouble | None
    """Why the files are not what is in use; None while all is well."""

    def __init__(
        self,
        folder: Path,
        kept_in: Path,
        version: str,
        taken_up: Callable[[TakenUp], None],
        refused: Callable[[Trouble], None] = lambda _: None,
        *,
        every: float = 0.25,
        prepare: Sequence[str] = PREPARE,
        overlay: Path | None = None,
    ) -> None:
        """``kept_in`` is where indexes are kept, ``version`` the fingerprint of the knowledge in use
        (:func:`bot.index_file.fingerprint`), ``prepare`` the command that prepares changed knowledge; ``overlay`` holds
        what staff added to it.
        """
        self.version = version
        self.trouble = None
        self._folder = folder
        self._overlay = overlay
        self._taken_up = taken_up
        self._refused = refused
        self._every = every
        self._preparer = Preparer(prepare, folder, kept_in, overlay)
        self._seen: Look | None = None
        self._looked_into: Look | None = None
        self._again_at = math.inf
        self._faulty: str | None = None
        self._failure: dict[str, object] = {}

    async def run(self) -> None:
        """Watch until cancelled. Raises nothing else."""
        try:
            while True:
                try:
                    await self._look()
                except Exception as error:
                    self._fail(error)
                await asyncio.sleep(self._every)
        finally:
            await self._preparer.stop()

    async def _look(self) -> None:
        before, self._seen = self._seen, await asyncio.to_thread(_look_at, self._folder, self._overlay)
        if self._seen != before:
            if before is not None:
                await self._preparer.make_ready(self.version)
        elif self._seen != self._looked_into or asyncio.get_running_loop().time() >= self._again_at:
            self._looked_into, self._again_at = self._seen, math.inf
            await self._look_into()
        else:  # the change that it was made ready for is gone
            await self._preparer.stop()

    async def _look_into(self) -> None:
        named = await asyncio.to_thread(index_file.fingerprint, self._folder, self._overlay)
        if named == self.version:  # saved again without a change, or changed back
            self._all_is_well()
            return
        if named == self._faulty:
            self.trouble = "faults"
            return
        try:
            fresh = await self._preparer.prepare(self.version)
            self._taken_up(fresh)
        except KnowledgeError as error:
            self._faulty = named
            self._refuse("faults", error.faults)
        else:
            self.version = fresh.version
            self._all_is_well()
            _log.info("changed knowledge taken up", version=self.version)

    def _all_is_well(self) -> None:
        self.trouble = self._faulty = None
        self._failure = {}

    def _refuse(self, trouble: Trouble, faults: Sequence[Fault]) -> None:
        self.trouble = trouble
        self._failure = {}
        for fault in faults[:_MOST_FAULTS]:
            at = f"{fault.path}:{fault.line}:{fault.column}"
            _log.error("fault in the knowledge", at=at, entry=fault.entry, fault=fault.message)
        _log.error("changed knowledge not taken up, the old one stays", faults=len(faults))
        self._refused(trouble)

    def _fail(self, error: Exception) -> None:
        """Say what went wrong, unless it was said last time, and try again later."""
        self._again_at = asyncio.get_running_loop().time() + _AGAIN
        failure = told(error) | ({"said": error.said} if isinstance(error, NotPreparedError) else {})
        if failure != self._failure:
            self.trouble, self._failure = "failed", failure
            _log.error("changed knowledge could not be prepared, the old one stays", **failure)
            self._refused("failed")


class Preparer:
    """The other process: made ready ahead, and used once."""

    def __init__(self, command: Sequence[str], folder: Path, kept_in: Path, overlay: Path | None = None) -> None:
        self._command = command
        self._folder = folder
        self._kept_in = kept_in
        self._overlay = str(overlay) if overlay else ""
        self._process: Process | None = None
        self._spare: tempfile.TemporaryDirectory[str] | None = None

    async def make_ready(self, version: str) -> Process:
        """Start the process, unless it waits already; ``version`` is in use now. Raises OSError."""
        if self._process is None:
            self._spare = tempfile.TemporaryDirectory(prefix="zhucan-")
            told = (str(self._folder), str(self._kept_in), self._spare.name, version, self._overlay)
            self._process = await asyncio.create_subprocess_exec(
                *self._command, *told, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment()
            )
        return self._process

    async def prepare(self, version: str) -> TakenUp:
        """Return the knowledge as it is now, ``version`` having been in use until now.

        Raises KnowledgeError, NotPreparedError, OSError, TimeoutError.
        """
        process = await self.make_ready(version)
        try:
            out, err = await asyncio.wait_for(process.communicate(b"\n"), _PATIENCE)
            return await asyncio.to_thread(_read, _kept(out, err))
        finally:
            await self.stop()

    async def stop(self) -> None:
        """End the process if it runs."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.communicate()
        if self._spare is not None:
            self._spare.cleanup()
            self._spare = None


def _kept(out: bytes, err: bytes) -> Path:
    """Return the file that the process named. Raises KnowledgeError or NotPreparedError."""
    try:
        result = json.loads(out)
        if "kept" in result:
            return Path(result["kept"])
        faults = [Fault(Path(path), *rest) for path, *rest in result["faults"]]
    except (ValueError, TypeError, KeyError) as error:
        raise NotPreparedError(err.decode("utf-8", "replace").strip().rpartition("\n")[2]) from error
    raise KnowledgeError(faults)


def _read(path: Path) -> TakenUp:
    knowledge, index = index_file.read(path)
    return TakenUp(knowledge, Reader(knowledge, index), index_file.version_of(path))


def _look_at(folder: Path, overlay: Path | None) -> Look:
    """Return name, size, time of change and number of each file: a cheap way to see that something changed."""
    found = set()
    for path in index_file.files(folder, overlay):
        with suppress(OSError):  # just being replaced
            status = path.stat()
            found.add((str(path), status.st_size, status.st_mtime_ns, status.st_ino))
    return frozenset(found)
