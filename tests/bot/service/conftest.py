"""A bare service: a store in memory, a channel that notes what it is given, an assistant that repeats what it hears."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.conversation.message import Reply
from bot.service.alarm import Alarm
from bot.service.answering import Answer, Holder
from bot.service.flood import Flood
from bot.service.intake import Intake
from bot.service.metrics import Metrics
from bot.service.pace import Limits, Pace
from bot.service.processor import Processor
from bot.service.sender import Sender
from bot.store import Arrival, Parcel, Worker

from .channel import NotedChannel, echo
from .memory_store import MemoryStore
from .virtual_time import now

SORRY = "对不起"


@dataclass
class Service:
    """Everything between a channel's two ends."""

    store: Any = field(default_factory=MemoryStore)
    channel: NotedChannel = field(default_factory=NotedChannel)
    answer: Answer = echo
    limits: Limits = field(default_factory=lambda: Limits(burst=3))
    flood: Flood = field(default_factory=Flood)
    now: Any = now

    def __post_init__(self) -> None:
        self.metrics = Metrics(["noted"])
        self.incoming, self.outgoing = Alarm(), Alarm()
        self.holder = Holder(self.answer)
        self.channels: dict[str, Any] = {"noted": self.channel}
        self.intake = Intake(self.store, self.incoming, self.metrics, self.now)
        self.processor = self.new_processor()
        self.sender = self.new_sender()

    def new_processor(self, **settings: Any) -> Processor:
        return Processor(
            self.store,
            self.channels,
            self.holder,
            flood=self.flood,
            metrics=self.metrics,
            now=self.now,
            alarm=self.incoming,
            outgoing=self.outgoing,
            sorry=SORRY,
            **settings,
        )

    def new_sender(self, worker: Worker | None = None, **settings: Any) -> Sender:
        return Sender(
            self.store,
            self.channels,
            pace=Pace(self.limits),
            metrics=self.metrics,
            now=self.now,
            alarm=self.outgoing,
            worker=worker or Worker("a"),
            chance=lambda: 1.0,
            **settings,
        )

    async def bring(self, *arrivals: Arrival) -> None:
        await self.intake.keep(list(arrivals))

    async def put_out(self, *texts: str, chat: str = "noted:1") -> None:
        """Put replies straight into the outbox."""
        async with self.store.transaction() as transaction:
            await transaction.outbox.add([Parcel(chat, Reply(text)) for text in texts], self.now())
        self.outgoing.ring()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(self.processor.run()), asyncio.create_task(self.sender.run())]
        try:
            yield
        finally:
            self.processor.stop()
            self.sender.stop()
            await asyncio.gather(*tasks)

    def counted(self, name: str, **labels: str) -> float:
        return self.metrics.registry.get_sample_value(name, labels) or 0.0


@pytest.fixture
def service() -> Service:
    return Service()
