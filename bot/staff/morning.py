"""The numbers of the day, sent each morning to the staff who want them on their phone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, time

import structlog

from bot.channels.delivery import Channel
from bot.clock import day_of
from bot.conversation.message import Reply
from bot.service.alarm import Alarm
from bot.service.faults import told
from bot.service.handling import parcels
from bot.staff.phone import Phone
from bot.staff.wording import say
from bot.store import Store

_log = structlog.stdlib.get_logger(__name__)
_EVERY = 60.0  # seconds


class Morning:
    """Looks every minute whether it is time; several processes may, each account gets its numbers once a day.

    ``at``: the time of day, in China. Who has nothing to do gets nothing.
    """

    def __init__(
        self,
        store: Store,
        channel: Channel,
        phone: Phone,
        *,
        at: time,
        now: Callable[[], datetime],
        outgoing: Alarm,
        every: float = _EVERY,
    ) -> None:
        self._store = store
        self._channel = channel
        self._phone = phone
        self._at = at
        self._now = now
        self._outgoing = outgoing
        self._every = every

    async def run(self) -> None:
        """Send until cancelled. A fault is logged, and the next look tries again."""
        while True:
            try:
                if await self.send():
                    self._outgoing.ring()
            except Exception as error:
                _log.error("numbers of the morning not sent", **told(error))
            await asyncio.sleep(self._every)

    async def send(self) -> int:
        """Put what is due into the outbox; return to how many. Raises StoreUnavailable."""
        now = self._now()
        if now.time() < self._at:
            return 0
        today, sent = day_of(now), 0
        async with self._store.transaction() as transaction:
            for account in await transaction.staff.digest_due(today):
                if account.chat is None or not await transaction.staff.take_digest(account.id, today):
                    continue
                numbers = await self._phone.numbers(transaction, account, now)
                if not numbers or not account.sees_persons:
                    continue
                text = say("phone.morning", day=today.isoformat()) + "\n" + say("phone.numbers", **vars(numbers))
                await transaction.outbox.add(parcels(self._channel, account.chat, Reply(text), {}), now)
                sent += 1
        return sent
