"""An event loop whose clock jumps to the next timer instead of waiting: hours pass at once, in the same order."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")
START = datetime(2026, 3, 1, 9, tzinfo=UTC)


class _Impatient(selectors.DefaultSelector):  # type: ignore[misc,valid-type]
    """Never waits: tells the loop how long it would have."""

    loop: VirtualLoop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("nothing will ever happen again: the test waits for itself")
        if not ready and timeout:
            self.loop.passed += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.passed = 0.0
        selector = _Impatient()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.passed


def run(test: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(test)


def now() -> datetime:
    """The time of day, by the loop's clock."""
    return START + timedelta(seconds=seconds())


def seconds() -> float:
    """The loop's clock; 0 while there is no loop yet."""
    try:
        return asyncio.get_running_loop().time()
    except RuntimeError:
        return 0.0
