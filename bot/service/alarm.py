"""Wakes a loop that waits for work."""

from __future__ import annotations

import asyncio


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    """Wait until ``event`` is set, but not longer than ``seconds``."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        pass


class Alarm:
    """An alarm clock for one sleeper; ringing while it is awake makes its next sleep end at once."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake the sleeper."""
        self._rung.set()

    def ring_in(self, seconds: float) -> None:
        """Wake the sleeper in so many ``seconds``."""
        asyncio.get_running_loop().call_later(seconds, self._rung.set)

    async def sleep(self, at_most: float) -> None:
        """Sleep until rung, or ``at_most`` so many seconds."""
        await wait_for(self._rung, at_most)
        self._rung.clear()
