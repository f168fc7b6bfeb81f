"""Lets a call to the database come to its end before a cancelled task goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


async def uninterrupted(work: Coroutine[Any, Any, T], undo: Callable[[T], Awaitable[None]] | None = None) -> T:
    """Return what ``work`` returns. If the task is cancelled meanwhile, that is raised only when ``work`` has ended.

    A driver that is left in the middle of a call goes on in its thread, or with its server, and may then hold locks
    that nobody knows of. ``undo`` is given what ``work`` returned when there is nobody left to take it.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([task])
        if undo is not None and not task.cancelled() and task.exception() is None:
            await uninterrupted(_awaited(undo(task.result())))
        elif not task.cancelled():
            task.exception()  # looked at, so that nobody is told that it was lost
        raise


async def _awaited(work: Awaitable[None]) -> None:
    await work
