"""Sample questions that are being tried while the console goes on: one of each account, one at a time."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from bot.casework.account import Account
from bot.own_process import environment
from bot.staff.exports import Stage
from bot.store.uninterrupted import uninterrupted
from bot.trial import Outcome
from bot.trying import OUTCOME, TASK, Task

_log = logging.getLogger(__name__)
TRY = (sys.executable, "-m", "bot.trying")
_PATIENCE = 600.0  # seconds until a trial is given up
_LONGEST_LINE = 1 << 24  # an outcome names every question that fares otherwise


@dataclass(repr=False)
class Trial:
    """A sample question on trial: ``task`` says which. ``questions``: numbers of those in the log it is meant for."""

    task: Task
    questions: tuple[int, ...]
    done: int = 0
    total: int = 0
    stage: Stage = Stage.RUNNING
    outcome: Outcome | None = None

    @property
    def percent(self) -> int:
        """How much of it is done."""
        return min(self.done * 100 // self.total, 100) if self.total else 0


class Trials:
    """The trials of all accounts. ``command`` runs :mod:`bot.trying`."""

    def __init__(self, command: Sequence[str] = TRY) -> None:
        self._command = command
        self._trials: dict[int, Trial] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Semaphore(1)

    def begin(self, owner: Account, task: Task, questions: Sequence[int]) -> Trial:
        """Begin a trial; one of the same account from before is let go."""
        self.discard(owner)
        trial = Trial(task, tuple(questions))
        self._trials[owner.id] = trial
        self._tasks[owner.id] = asyncio.create_task(self._run(trial))
        return trial

    def of(self, account: Account) -> Trial | None:
        """Return the trial of ``account``, None if there is none."""
        return self._trials.get(account.id)

    def discard(self, account: Account) -> None:
        """Let go of the trial of ``account``, whether or not it is over."""
        if (task := self._tasks.pop(account.id, None)) is not None:
            task.cancel()
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)
        self._trials.pop(account.id, None)

    async def close(self) -> None:
        """Stop all trials."""
        tasks = [*self._tasks.values(), *self._ending]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, trial: Trial) -> None:
        try:
            async with self._turn, asyncio.timeout(_PATIENCE):
                await self._try(trial)
        except Exception as error:
            # The class only: what was asked could be part of the message.
            _log.error("a trial failed: %s", type(error).__name__)
        if trial.outcome is None:
            trial.stage = Stage.FAILED

    async def _try(self, trial: Trial) -> None:
        process = await uninterrupted(self._started(), undo=_ended)
        try:
            await _follow(process, trial)
        finally:
            await uninterrupted(_ended(process))

    async def _started(self) -> Process:
        return await asyncio.create_subprocess_exec(
            *self._command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=environment(), limit=_LONGEST_LINE
        )


async def _ended(process: Process) -> None:
    """End the process if it runs, and let go of its pipes."""
    with suppress(ProcessLookupError):
        process.kill()
    await process.communicate()


async def _follow(process: Process, trial: Trial) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(TASK.dump_json(trial.task))
    await process.stdin.drain()
    process.stdin.close()
    async for line in process.stdout:
        told = json.loads(line)
        if "outcome" in told:
            trial.outcome, trial.stage = OUTCOME.validate_python(told["outcome"]), Stage.READY
            return
        trial.done, trial.total = told["done"], told["total"]
