"""Takes replies from the outbox and sends them: in order for each chat, as fast as each platform likes it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import structlog

from bot.channels.delivery import Channel, Gone, Refused, TryLater
from bot.service.alarm import Alarm, wait_for
from bot.service.chats import channel_of
from bot.service.faults import class_of, told
from bot.service.handling import RECEIVED
from bot.service.metrics import Metrics, Verdict
from bot.service.pace import Pace
from bot.service.store_watch import StoreWatch
from bot.service.uncut import to_its_end
from bot.store import OutboxRow, Store, StoreUnavailable, Transaction, Worker

_log = structlog.stdlib.get_logger(__name__)

_CHANNEL_OFF = timedelta(minutes=1)
_LAST_TRIES = 4  # to mark what was sent, before the end
_SOON = 60.0  # seconds: what is due later is found by looking


@dataclass(frozen=True)
class Patience:
    """How a reply is tried again.

    Seconds: ``first`` delay, doubled up to ``longest``; ``timeout`` of one try; ``in_hand`` is how long a reply
    may wait for its chat's turn before it goes back. ``given_up``: the age from which a reply is given up that
    doesn't get through although others do. ``faults``: tries for a reply that makes our own code fail.
    ``lease`` keeps other processes away; it must outlast ``in_hand`` and ``timeout``.
    """

    first: float = 0.5
    longest: float = 300.0
    timeout: float = 60.0
    in_hand: float = 60.0
    given_up: timedelta = timedelta(days=1)
    faults: int = 5
    lease: timedelta = timedelta(minutes=3)


@dataclass(frozen=True)
class _Result:
    """What became of a try; ``due`` and ``reason`` where they matter. "back": there was none."""

    row: OutboxRow
    verdict: Verdict | Literal["back"]
    due: datetime
    reason: str = ""


class Sender:
    """Empties the outbox.

    A loop marks what was sent and claims what is next, in one transaction; each claimed reply is a task that waits
    for its chat's turn and is delivered. At most ``concurrency`` are on their way or not noted yet: no more than
    that are repeated after the process was killed. What was sent but could
    not be marked yet stays in memory and is never sent again by this process. ``alone``: no other process
    sends from this store, so what one had in hand when it was killed is free at the start.
    """

    def __init__(
        self,
        store: Store,
        channels: Mapping[str, Channel],
        *,
        pace: Pace,
        metrics: Metrics,
        now: Callable[[], datetime],
        alarm: Alarm,
        worker: Worker,
        alone: bool = False,
        patience: Patience = Patience(),
        concurrency: int = 32,
        most_in_hand: int = 512,
        gather: float = 0.02,
        fallback: float = 1.0,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._store = store
        self._channels = channels
        self._pace = pace
        self._metrics = metrics
        self._now = now
        self._alarm = alarm
        self._worker = worker
        self._alone = alone
        self._patience = patience
        self._slots = asyncio.Semaphore(concurrency)
        self._most_in_hand = most_in_hand
        self._gather = gather
        self._fallback = fallback
        self._chance = chance
        self._watch = StoreWatch("sender", metrics)
        self._stopping = asyncio.Event()
        self._with_slot: set[object] = set()  # row ids
        self._in_hand: dict[object, asyncio.Task[None]] = {}  # by row id, until the result is marked
        self._results: list[_Result] = []
        self._got_through: dict[str, datetime] = {}  # by channel: when something was sent last
        self._names: set[str] = set()  # under which it may hold something of which it doesn't know

    def stop(self) -> None:
        """Let :meth:`run` send nothing more and end when what is on its way has arrived."""
        self._stopping.set()
        self._alarm.ring()

    async def run(self) -> None:
        """Send until stopped; then wait for what is on its way, mark it and leave the rest to the next run.

        Cancelled, it marks what was sent and gives up what is on its way.
        """
        try:
            while not self._stopping.is_set():
                await self._turn()
            await self._on_their_way()
        finally:
            await self._hand_over()
            await self._worker.close()

    async def exchange(self) -> int:
        """Mark what was tried and claim what is next, in one transaction; return how many were claimed.

        Raises StoreUnavailable; then everything stays as it was.
        """
        doubtful = bool(self._names)  # the last time failed, and may have claimed something all the same
        self._names.add(self._worker.name)
        gone = await self._worker.look_around()
        doubtful = doubtful or self._worker.name not in self._names
        began, results = self._seconds(), list(self._results)
        room = 0 if self._stopping.is_set() else self._most_in_hand - len(self._in_hand) + len(results)
        now = self._now()
        rows: list[OutboxRow] = []
        async with self._store.transaction() as transaction:
            if self._alone:
                await transaction.outbox.release()
            for worker in gone:
                await transaction.outbox.release(worker)
            lost = await self._lost(transaction) if doubtful else ()
            await self._mark(transaction, results, now)
            if room > 0:
                rows = await transaction.outbox.claim(now, room, self._worker.name, self._patience.lease)
        self._alone = False  # once is enough
        self._names.clear()
        for row_id in lost:
            self._in_hand.pop(row_id).cancel()
        self._marked(results)
        return sum(self._take(row, began) for row in rows)

    async def _turn(self) -> None:
        began = self._seconds()
        try:
            await to_its_end(self.exchange())
        except StoreUnavailable as error:
            await wait_for(self._stopping, self._watch.failed(error))
            return
        self._watch.worked()
        await self._alarm.sleep(self._fallback)
        # Under load, what happens within this time is marked together.
        await wait_for(self._stopping, max(0.0, began + self._gather - self._seconds()))

    async def _lost(self, transaction: Transaction) -> list[object]:
        """Find out what is held; return what is in hand, not begun, and held no more. What isn't in hand goes back."""
        held = await transaction.outbox.hold_on(self._names, self._worker.name)
        await transaction.outbox.give_back(held - self._in_hand.keys(), self._worker.name)
        return [row_id for row_id in self._in_hand if row_id not in held and row_id not in self._with_slot]

    async def _mark(self, transaction: Transaction, results: list[_Result], now: datetime) -> None:
        outbox = transaction.outbox
        gone = {result.row.chat for result in results if result.verdict == "gone"}
        sent = [result.row.id for result in results if result.verdict == "sent"]
        # Their conversations are locked first, as everywhere: before the rows, and the cases that change along.
        written_about = await outbox.written_about(sent)
        await transaction.people.load(sorted(gone | set(written_about.values())))
        if sent:
            await outbox.sent(sent, now, written_about)
        await outbox.give_back([result.row.id for result in results if result.verdict == "back"], self._worker.name)
        for result in results:
            if result.verdict == "later":
                await outbox.try_later(result.row.id, result.due, result.reason, self._worker.name)
            elif result.verdict == "gone":
                await outbox.give_up(result.row.id, result.reason, now)
                await outbox.block(result.row.chat, now)
            elif result.verdict not in ("sent", "back"):
                await outbox.give_up(result.row.id, result.reason, now)

    def _marked(self, results: list[_Result]) -> None:
        del self._results[: len(results)]
        for result in results:
            self._let_go(result.row)
            wait = (result.due - self._now()).total_seconds()
            if result.verdict == "later" and wait < _SOON:
                self._alarm.ring_in(max(0.0, wait))

    def _take(self, row: OutboxRow, claimed: float) -> bool:
        if row.id in self._in_hand:  # its lease ran out, or its result could not be marked: never send it twice
            return False
        self._in_hand[row.id] = asyncio.create_task(self._send(row, claimed))
        return True

    async def _send(self, row: OutboxRow, claimed: float) -> None:
        """Try one reply once; the result goes to the next exchange."""
        result = await self._when_it_is_its_turn(row, claimed)
        if result.verdict == "back":
            self._free_slot(row)
        else:
            self._metrics.replies.labels(channel_of(row.chat), result.verdict).inc()
        self._results.append(result)
        self._alarm.ring()

    def _let_go(self, row: OutboxRow) -> None:
        self._in_hand.pop(row.id, None)
        self._free_slot(row)

    def _free_slot(self, row: OutboxRow) -> None:
        if row.id in self._with_slot:
            self._with_slot.discard(row.id)
            self._slots.release()

    async def _when_it_is_its_turn(self, row: OutboxRow, claimed: float) -> _Result:
        channel = self._channels.get(channel_of(row.chat))
        if channel is None:
            return self._later(row, _CHANNEL_OFF, "ChannelOff")
        wait = self._pace.turn(row.chat, self._seconds(), self._patience.in_hand)
        if wait > self._patience.in_hand:
            return self._later(row, timedelta(seconds=wait), "Pace")
        await wait_for(self._stopping, wait)
        while (wait := self._pace.overall(row.chat, self._seconds())) > 0 and not self._stopping.is_set():
            await wait_for(self._stopping, wait)
        await self._slots.acquire()
        self._with_slot.add(row.id)
        too_late = claimed + self._patience.lease.total_seconds() - self._patience.timeout
        if self._stopping.is_set() or self._seconds() > too_late or not self._worker.is_sure():
            return _Result(row, "back", self._now())
        return await self._try(row, channel)

    async def _try(self, row: OutboxRow, channel: Channel) -> _Result:
        try:
            async with asyncio.timeout(self._patience.timeout):
                await channel.deliver(row.chat, row.parcel)
        except TryLater as error:
            return self._again(row, error)
        except TimeoutError:
            return self._again(row, TryLater("Timeout", unknown=True))
        except Refused as error:
            _log.error("reply refused", row=row.id, channel=channel.name, reason=error.reason)
            return _Result(row, "refused", self._now(), error.reason)
        except Gone as error:
            _log.info("nobody there any more", row=row.id, channel=channel.name, reason=error.reason)
            return _Result(row, "gone", self._now(), error.reason)
        except Exception as error:
            return self._fault(row, error)
        self._measure(row)
        return _Result(row, "sent", self._now())

    def _again(self, row: OutboxRow, error: TryLater) -> _Result:
        """Work out when to try again what may get through later."""
        if error.after is not None:
            if self._pace.slow_down(row.chat, error.after, self._seconds()):
                _log.warning("all replies pause", channel=channel_of(row.chat), seconds=error.after)
            return self._later(row, timedelta(seconds=error.after), error.reason)
        if self._is_hopeless(row):
            _log.error("reply given up", row=row.id, tries=row.attempts + 1, reason=error.reason)
            return _Result(row, "given-up", self._now(), error.reason)
        delay = self._delay(row)
        _log.warning("reply not sent yet", row=row.id, tries=row.attempts + 1, reason=error.reason, again_in=delay)
        return self._later(row, timedelta(seconds=delay), error.reason)

    def _fault(self, row: OutboxRow, error: Exception) -> _Result:
        last = row.attempts + 1 >= self._patience.faults
        _log.error("reply not sent", row=row.id, tries=row.attempts + 1, last=last, **told(error))
        if last:
            return _Result(row, "given-up", self._now(), class_of(error))
        return self._later(row, timedelta(seconds=self._delay(row)), class_of(error))

    def _later(self, row: OutboxRow, wait: timedelta, reason: str) -> _Result:
        return _Result(row, "later", self._now() + wait, reason)

    def _delay(self, row: OutboxRow) -> float:
        delay = min(self._patience.longest, self._patience.first * 2.0 ** min(row.attempts, 30))
        return round(delay * (0.75 + 0.25 * self._chance()), 3)

    def _is_hopeless(self, row: OutboxRow) -> bool:
        """Old, while others get through: then it isn't the network."""
        through = self._got_through.get(channel_of(row.chat))
        recent = self._now() - timedelta(seconds=2 * self._patience.longest)
        return self._now() - row.created > self._patience.given_up and through is not None and through > recent

    def _measure(self, row: OutboxRow) -> None:
        now = self._now()
        self._got_through[channel_of(row.chat)] = now
        received = row.parcel.context.get(RECEIVED)
        if isinstance(received, int):
            self._metrics.handling.observe(max(0.0, now.timestamp() - received / 1000))

    async def _on_their_way(self) -> None:
        while self._in_hand:
            try:
                await to_its_end(self.exchange())
            except StoreUnavailable as error:
                await asyncio.sleep(self._watch.failed(error))
                continue
            if tasks := [task for task in self._in_hand.values() if not task.done()]:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)

    async def _hand_over(self) -> None:
        """Mark what was tried, and let others have what was not."""
        self._stopping.set()
        for task in self._in_hand.values():
            task.cancel()
        await asyncio.gather(*self._in_hand.values(), return_exceptions=True)
        for _ in range(_LAST_TRIES):
            try:
                await self.exchange()
                async with self._store.transaction() as transaction:
                    await transaction.outbox.release(self._worker.name)
            except StoreUnavailable as error:
                await asyncio.sleep(self._watch.failed(error))
            else:
                return
        _log.error("replies may be sent again, for the store was not there to note them", replies=len(self._results))

    def _seconds(self) -> float:
        return asyncio.get_running_loop().time()
