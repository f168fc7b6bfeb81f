"""Starts all parts of the service, and stops them in the order in which nothing is lost."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import structlog

from bot.service import logs
from bot.service.faults import told
from bot.store import StoreError

_log = structlog.stdlib.get_logger(__name__)

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Part(Protocol):
    """Something that runs until it is cancelled."""

    async def run(self) -> None:
        """Run."""


class Stoppable(Part, Protocol):
    """A part that is asked to stop, and then ends by itself once it has put everything in order."""

    def stop(self) -> None:
        """Ask it to stop."""


@dataclass(frozen=True)
class Parts:
    """The parts of a service, built already.

    ``processor`` and ``sender`` are missing where no channel is served. ``sources`` bring messages (pollers), ``webs``
    are servers that do (webhooks) and others, ``upkeep`` is
    housekeeping and reloading, ``watchers`` are servers that are to answer till the end (monitoring).
    ``close`` is called last, in this order, whatever happened (bot, store). ``speaking`` are the exceptions whose
    text is made for whoever runs the service and holds nothing of a person: it is logged when they end a part.
    """

    processor: Stoppable | None = None
    sender: Stoppable | None = None
    sources: tuple[Part, ...] = ()
    webs: tuple[Stoppable, ...] = ()
    upkeep: tuple[Part, ...] = ()
    watchers: tuple[Stoppable, ...] = ()
    close: tuple[Callable[[], Awaitable[object]], ...] = ()
    speaking: tuple[type[Exception], ...] = (StoreError,)

    @property
    def handling(self) -> tuple[Stoppable, ...]:
        """Processor and sender, in the order in which they are to end."""
        return tuple(part for part in (self.processor, self.sender) if part is not None)


async def run(parts: Parts, *, grace: float = 5.0, stop: asyncio.Event | None = None) -> int:
    """Run all parts until SIGTERM, SIGINT or ``stop``; return the status to exit with.

    0 after having been asked to stop, 1 when a part failed or ended by itself: then all stop, and whoever
    supervises the process starts it anew. What is on its way gets ``grace`` seconds; a second signal ends that.
    """
    logs.tell_of_loop_faults(asyncio.get_running_loop())
    running = _Running(grace, stop or asyncio.Event(), parts.speaking)
    try:
        with _signals(running):
            async with asyncio.TaskGroup() as group:
                running.start(group, parts)
                await running.stop.wait()
                await running.wind_up(parts)
    finally:
        await _close(parts)
    _log.info("stopped", failed=running.failed)
    return 1 if running.failed else 0


class _Running:
    """The tasks of one run."""

    def __init__(self, grace: float, stop: asyncio.Event, speaking: tuple[type[Exception], ...]) -> None:
        self.stop = stop
        self.failed: list[str] = []
        self._grace = grace
        self._speaking = speaking
        self._hurry = asyncio.Event()
        self._tasks: dict[int, asyncio.Task[None]] = {}

    def start(self, group: asyncio.TaskGroup, parts: Parts) -> None:
        every = (*parts.watchers, *parts.handling, *parts.upkeep, *parts.webs, *parts.sources)
        for part in every:
            self._tasks[id(part)] = group.create_task(self._watch(part))
        _log.info("started", parts=[_name(part) for part in every])

    def asked_to_stop(self, number: signal.Signals) -> None:
        if self.stop.is_set():
            self._hurry.set()
        _log.info("asked to stop", signal=number.name)
        self.stop.set()

    async def wind_up(self, parts: Parts) -> None:
        """Take nothing more in, finish what was taken, send what is on its way, and only then be silent."""
        await self._end(*parts.webs, *parts.sources, *parts.upkeep)
        for part in parts.handling:
            await self._end(part)
        await self._end(*parts.watchers)

    async def _watch(self, part: Part) -> None:
        try:
            await part.run()
        except Exception as error:
            self.failed.append(_name(part))
            why = {"why": str(error)} if isinstance(error, self._speaking) else {}
            _log.critical("a part failed, stopping everything", part=_name(part), **why, **told(error))
        else:
            if not self.stop.is_set():
                self.failed.append(_name(part))
                _log.critical("a part ended by itself, stopping everything", part=_name(part))
        self.stop.set()

    async def _end(self, *parts: Part) -> None:
        """Ask those that can be asked and give them time; cancel the others, and whoever takes longer."""
        asked = []
        for part in parts:
            task = self._tasks[id(part)]
            if hasattr(part, "stop"):
                part.stop()
                asked.append(task)
            else:
                task.cancel()
        await self._until_done(asked)
        tasks = [self._tasks[id(part)] for part in parts]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _until_done(self, tasks: list[asyncio.Task[None]]) -> None:
        if not tasks:
            return
        hurry = asyncio.create_task(self._hurry.wait())
        all_done = asyncio.create_task(asyncio.wait(tasks))
        await asyncio.wait([hurry, all_done], timeout=self._grace, return_when=asyncio.FIRST_COMPLETED)
        if not all_done.done():
            _log.warning("not finished in time")
        hurry.cancel()
        all_done.cancel()


@contextmanager
def _signals(running: _Running) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.add_signal_handler(number, running.asked_to_stop, number)
    try:
        yield
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)


async def _close(parts: Parts) -> None:
    for close in parts.close:
        try:
            await close()
        except Exception as error:
            _log.error("not closed cleanly", **told(error))


def _name(part: Part) -> str:
    return str(getattr(part, "name", type(part).__name__.lower()))
