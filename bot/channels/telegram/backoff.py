"""Wait longer and longer while something fails."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from bot.channels.telegram.faults import TokenRefused, as_fault

Sleep = Callable[[float], Awaitable[object]]
_T = TypeVar("_T")
_log = structlog.stdlib.get_logger(__name__)


class Backoff:
    """Seconds to wait: from ``first``, doubled with each failure, to ``longest``, each a little by chance
    (``chance`` gives 0 to 1), so that many clients don't come back at once.
    """

    def __init__(self, first: float = 0.5, longest: float = 30, *, chance: Callable[[], float] = random.random) -> None:
        self._first = first
        self._longest = longest
        self._chance = chance
        self._failures = 0

    def next(self, at_least: float = 0) -> float:
        """Return how long to wait after one more failure in a row."""
        whole = min(self._longest, self._first * 2.0 ** min(self._failures, 30))
        self._failures += 1
        return max(at_least, whole * (0.75 + 0.25 * self._chance()))

    def reset(self) -> None:
        """Begin anew: it worked."""
        self._failures = 0


async def patiently(
    what: str, call: Callable[[], Awaitable[_T]], *, patience: float = float("inf"), sleep: Sleep = asyncio.sleep
) -> _T:
    """Return what ``call`` returns, calling again while the network or the server fails (``what`` is for the log).

    Raises TokenRefused, or Fault if the Bot API refuses the call itself or asks for a pause of more than ``patience``
    seconds.
    """
    backoff = Backoff()
    while True:
        try:
            return await call()
        except Exception as error:  # also an answer of a shape that the library can't read
            fault = as_fault(error)
        if fault.token_refused:
            raise TokenRefused
        if fault.own and (fault.status == 400 or (fault.after or 0) > patience):
            raise fault
        wait = backoff.next(fault.after or 0)
        _log.warning(
            "a call to telegram failed, trying again", call=what, reason=fault.message, again_in=round(wait, 1)
        )
        await sleep(wait)
