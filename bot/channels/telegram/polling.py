"""Fetch updates by long polling: each is stored before Telegram is told that it was taken."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

import structlog

from bot.channels.telegram.backoff import Backoff, Sleep, patiently
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.client import TelegramBot
from bot.channels.telegram.faults import Fault, TokenRefused
from bot.channels.telegram.shapes import WANTED
from bot.channels.telegram.updates import LARGEST_ID
from bot.store.errors import StoreUnavailable
from bot.store.inbox import Arrival

Keep = Callable[[list[Arrival]], Awaitable[object]]
"""Stores arrivals; when it returns, they are safe. Raises StoreUnavailable."""

_log = structlog.stdlib.get_logger(__name__)


async def _always() -> bool:
    return True


def _now() -> datetime:
    return datetime.now(UTC)


class Poller:
    """Takes updates in, through ``keep``, for as long as it runs.

    ``may_take`` is asked before each poll, and every ``pause`` seconds while it says no (too much waits
    already). ``wait``: seconds that Telegram holds a poll open; ``limit``: the most updates of one poll.
    """

    def __init__(
        self,
        bot: TelegramBot,
        channel: TelegramChannel,
        keep: Keep,
        *,
        may_take: Callable[[], Awaitable[bool]] = _always,
        wait: int = 25,
        limit: int = 100,
        pause: float = 0.2,
        sleep: Sleep = asyncio.sleep,
        now: Callable[[], datetime] = _now,
    ) -> None:
        self._bot = bot
        self._channel = channel
        self._keep = keep
        self._may_take = may_take
        self._wait = wait
        self._limit = limit
        self._pause = pause
        self._sleep = sleep
        self._now = now
        self._offset: int | None = None
        self._backoff = Backoff()
        self._last_success: datetime | None = None

    @property
    def last_success(self) -> datetime | None:
        """When Telegram was last reached and all it had was stored."""
        return self._last_success

    async def run(self) -> None:
        """Poll until cancelled, whatever fails meanwhile. Raises TokenRefused."""
        await patiently("deleteWebhook", self._delete_webhook, sleep=self._sleep)
        while True:
            wait = await self._turn()
            if wait:
                await self._sleep(wait)

    async def _delete_webhook(self) -> bool:
        return await self._bot.delete_webhook(drop_pending_updates=False)

    async def _turn(self) -> float:
        """Poll once; return how long to wait before the next time."""
        try:
            if not await self._may_take():
                return self._pause
            taken = await self._fetch()
            await self._take(taken)
        except Fault as error:
            fault = error
        except StoreUnavailable as error:
            return self._failed("updates can't be stored, they wait at telegram", error.reason)
        except Exception as error:  # a poller that ends leaves everybody without an answer
            return self._failed("updates can't be taken, they wait at telegram", type(error).__name__)
        else:
            self._backoff.reset()
            self._last_success = self._now()
            return 0
        return self._not_polled(fault)

    async def _fetch(self) -> Sequence[object]:
        updates = await self._bot.raw_updates(offset=self._offset, limit=self._limit, wait=self._wait, allowed=WANTED)
        if not isinstance(updates, list):
            raise Fault("the answer can't be read")
        return updates

    async def _take(self, updates: Sequence[object]) -> None:
        """Store, then move on: the next poll acknowledges what is stored.

        After an empty answer nothing is left to acknowledge, and the offset is forgotten, because the
        numbers may start anew, lower, after a quiet week.
        """
        if not updates:
            self._offset = None
            return
        received = self._now()
        arrivals = [self._channel.arrival(update, received) for update in updates]
        kept = [arrival for arrival in arrivals if arrival is not None]
        if kept:
            await self._keep(kept)
        numbers = [number for update in updates if (number := _number(update)) is not None]
        before, self._offset = self._offset, max(numbers) + 1 if numbers else self._offset
        if self._offset == before:
            raise Fault("updates that can't be acknowledged")  # waits, so that they don't come round and round

    def _not_polled(self, fault: Fault) -> float:
        if fault.token_refused:
            raise TokenRefused
        if fault.own and fault.status == 409:
            what = "another program takes this bot's updates, only one may poll with a token"
            return self._failed(what, fault.message)
        return self._failed("telegram can't be polled, trying again", fault.message, fault.after or 0)

    def _failed(self, what: str, reason: str, at_least: float = 0) -> float:
        wait = self._backoff.next(at_least)
        _log.warning(what, reason=reason, again_in=round(wait, 1))
        return wait


def _number(update: object) -> int | None:
    number = update.get("update_id") if isinstance(update, dict) else None
    return number if type(number) is int and 0 <= number <= LARGEST_ID else None
