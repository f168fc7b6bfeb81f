"""An inbox that fails when it is told to."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from bot.store.errors import StoreUnavailable
from bot.store.inbox import Arrival


class FakeInbox:
    """Keeps arrivals by their number, as the real one does. ``failures`` are raised first, one a time."""

    def __init__(self) -> None:
        self.kept: dict[int, Arrival] = {}
        self.batches: list[list[int]] = []
        self.failures: list[Exception] = []

    async def keep(self, arrivals: list[Arrival]) -> None:
        await asyncio.sleep(0)
        if self.failures:
            raise self.failures.pop(0)
        self.batches.append([arrival.update_id for arrival in arrivals])
        for arrival in arrivals:
            self.kept.setdefault(arrival.update_id, arrival)

    @property
    def texts(self) -> list[str]:
        """What was said, in the order of the numbers."""
        return [text_of(self.kept[number]) for number in sorted(self.kept)]


def text_of(arrival: Arrival) -> Any:
    return json.loads(arrival.body)["message"]["text"]


def unavailable() -> StoreUnavailable:
    return StoreUnavailable("full", "disk")
