"""Files that are made while the console goes on: all cases of a filter, as Excel or CSV. One is made at a time.

A file has no name on the disk, so that nothing is left behind, whatever happens to the program. It is there for a few
minutes, for the account that asked for it, and only as long as that account may see what it may see now.
"""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import ExitStack, aclosing
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from threading import Lock
from typing import IO, Generic, TypeVar

from bot.casework.account import Account
from bot.staff.spreadsheets import Row, Spreadsheet
from bot.store.uninterrupted import uninterrupted

_log = logging.getLogger(__name__)
T = TypeVar("T")
KEEP = timedelta(minutes=10)
_PIECE = 1 << 18


class Stage(StrEnum):
    """How far a file is."""

    WAITING = "waiting"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"


class ExportRunning(Exception):  # noqa: N818 – says what happened
    """The account has a file in the making already."""


@dataclass(frozen=True)
class Order(Generic[T]):
    """What is to be made.

    ``name`` and ``media_type`` are the file's; ``total``: how many things there should be; ``batches`` yields them,
    some at a time; ``row`` makes a row of each; ``begin`` begins the file. The last two are called in a thread.
    ``full``: persons can be seen in it; ``erased``: how many registrations had been deleted when it was begun.
    """

    name: str
    media_type: str
    total: int
    batches: Callable[[], AsyncGenerator[Sequence[T], None]]
    row: Callable[[T], Row]
    begin: Callable[[IO[bytes]], Spreadsheet]
    full: bool = False
    erased: int = 0


@dataclass(repr=False)
class Job:
    """A file in the making, or made. ``done`` of ``total`` rows are in it; ``dropped``: nobody wants it any more."""

    owner: Account
    name: str
    media_type: str
    total: int
    full: bool
    erased: int
    done: int = 0
    stage: Stage = Stage.WAITING
    size: int = 0
    dropped: bool = False
    _file: IO[bytes] | None = None
    _turn: Lock = field(default_factory=Lock)
    _readers: int = 0

    @property
    def percent(self) -> int:
        """How much of it is done."""
        return min(self.done * 100 // self.total, 100) if self.total else 100

    @property
    def in_the_making(self) -> bool:
        """Whether it is being made, or will be."""
        return self.stage in {Stage.WAITING, Stage.RUNNING}

    async def content(self) -> AsyncIterator[bytes]:
        """Yield what is in the file. Several can read at once; who has begun can read on when it is let go."""
        self._readers += 1
        try:
            for start in range(0, self.size, _PIECE):
                yield await uninterrupted(asyncio.to_thread(self._piece, start))
        finally:
            self._readers -= 1
            self._close_if_unused()

    def _piece(self, start: int) -> bytes:
        assert self._file is not None
        with self._turn:
            self._file.seek(start)
            return self._file.read(_PIECE)

    def drop(self) -> None:
        """Let go of the file, and with that of all that is in it."""
        self.dropped = True
        self._close_if_unused()

    def _close_if_unused(self) -> None:
        if self.dropped and not self._readers and self._file is not None:
            self._file.close()


class Exports:
    """The files of all accounts, one each. ``keep``: how long a file is there once it is made."""

    def __init__(self, keep: timedelta = KEEP) -> None:
        self._keep = keep
        self._jobs: dict[int, Job] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._turn = asyncio.Semaphore(1)

    @property
    def minutes(self) -> int:
        """How long a file is there once it is made."""
        return int(self._keep.total_seconds() // 60)

    def discard(self, account: Account) -> None:
        """Let go of the file of ``account``, whether or not it is made."""
        self._stop(account.id)

    def begin(self, owner: Account, order: Order[T]) -> Job:
        """Begin to make a file; one made before is let go. Raises :class:`ExportRunning`."""
        before = self._jobs.get(owner.id)
        if before is not None and before.in_the_making:
            raise ExportRunning
        self._stop(owner.id)
        job = Job(owner, order.name, order.media_type, order.total, order.full, order.erased)
        self._jobs[owner.id] = job
        self._tasks[owner.id] = asyncio.create_task(self._run(job, order))
        return job

    def of(self, account: Account) -> Job | None:
        """Return the file of ``account``, None if there is none.

        One that was begun with another role or other towns is let go.
        """
        job = self._jobs.get(account.id)
        if job is not None and (job.owner.role, job.owner.towns) != (account.role, account.towns):
            self._stop(account.id)
            return None
        return job

    def before(self, job: Job) -> int:
        """Return how many files are made before that of ``job``: in the order in which they were begun."""
        waiting = [each for each in self._jobs.values() if each.in_the_making]
        return waiting.index(job) if job in waiting else 0

    async def close(self) -> None:
        """Stop all that is in the making and let go of all files."""
        tasks = list(self._tasks.values())
        for account in list(self._jobs):
            self._stop(account)
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, job: Job, order: Order[T]) -> None:
        try:
            try:
                async with self._turn:
                    job.stage = Stage.RUNNING
                    await self._make(job, order)
            except Exception as error:
                if job.dropped:  # a driver that is stopped may say that it failed
                    return
                # The class only: what was being written could be part of the message.
                _log.error("an export failed: %s", type(error).__name__)
                job.stage = Stage.FAILED
            await asyncio.sleep(self._keep.total_seconds())
        finally:
            job.drop()
            if self._jobs.get(job.owner.id) is job:
                self._forget(job.owner.id)

    async def _make(self, job: Job, order: Order[T]) -> None:
        with ExitStack() as held:
            file = await uninterrupted(asyncio.to_thread(_unnamed), undo=_closed)
            held.callback(file.close)
            sheet = await uninterrupted(asyncio.to_thread(order.begin, file), undo=_closed)
            held.callback(sheet.close)
            async with aclosing(order.batches()) as batches:
                async for batch in batches:
                    await uninterrupted(asyncio.to_thread(_add, sheet, order.row, batch))
                    job.done += len(batch)
            await uninterrupted(asyncio.to_thread(sheet.finish))
            job.size = await asyncio.to_thread(_size, file)
            held.pop_all()
        job._file, job.total, job.stage = file, job.done, Stage.READY

    def _stop(self, account: int) -> None:
        if (task := self._tasks.get(account)) is not None:
            task.cancel()
        self._forget(account)

    def _forget(self, account: int) -> None:
        self._tasks.pop(account, None)
        if (job := self._jobs.pop(account, None)) is not None:
            job.drop()


def _unnamed() -> IO[bytes]:
    return tempfile.TemporaryFile()


async def _closed(made: IO[bytes] | Spreadsheet) -> None:
    made.close()


def _add(sheet: Spreadsheet, row: Callable[[T], Row], batch: Sequence[T]) -> None:
    sheet.add(row(one) for one in batch)


def _size(file: IO[bytes]) -> int:
    file.flush()
    return file.seek(0, os.SEEK_END)
