"""Takes messages from the inbox, has them answered, and keeps all that follows in one transaction."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import structlog

from bot.channels.delivery import Channel, Departure, Incoming
from bot.conversation.message import Letter, Note
from bot.conversation.state import State
from bot.service.alarm import Alarm, wait_for
from bot.service.answering import Aside, Holder
from bot.service.faults import class_of, told
from bot.service.flood import Flood
from bot.service.handling import Task, answered, apology, message_of, read
from bot.service.metrics import Metrics
from bot.service.store_watch import StoreWatch
from bot.service.uncut import to_its_end
from bot.store import InboxRow, NoSuchCase, Parcel, ReceiptTaken, Store, StoreUnavailable, Transaction
from bot.store.asked import Outcome, count_asked

_log = structlog.stdlib.get_logger(__name__)

RETRIES = (timedelta(seconds=0.2), timedelta(seconds=1))
"""How long a message waits after its first fault, its second …; the next one makes it a dead letter."""

_CHANNEL_OFF = timedelta(minutes=1)
_RECEIPT_TRIES = 3


@dataclass
class _Outcome:
    """What a batch leads to, written down at its end."""

    finished: list[InboxRow] = field(default_factory=list)
    before: dict[str, State] = field(default_factory=dict)
    after: dict[str, State] = field(default_factory=dict)
    parcels: list[Parcel] = field(default_factory=list)
    notes: list[tuple[str, Note]] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)
    departures: list[Departure] = field(default_factory=list)
    later: list[tuple[InboxRow, datetime, str]] = field(default_factory=list)
    dead: list[tuple[InboxRow, str]] = field(default_factory=list)
    results: list[tuple[str, str]] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    asked: list[tuple[Outcome, str]] = field(default_factory=list)


class Processor:
    """Handles the inbox, a batch at a time.

    Answering and everything that follows from it is one transaction, so a crash at any moment leaves a message
    either not begun or done. A message that cannot be read or answered waits and in the end becomes a
    dead letter; the others of its batch never notice. ``alarm`` wakes it; ``outgoing`` is rung when there is
    something to send. ``aside`` answers what is not for the assistant. ``fallback`` seconds without being woken it
    looks by itself: another process may have put something in.
    """

    def __init__(
        self,
        store: Store,
        channels: Mapping[str, Channel],
        holder: Holder,
        *,
        flood: Flood,
        metrics: Metrics,
        now: Callable[[], datetime],
        alarm: Alarm,
        outgoing: Alarm,
        sorry: str,
        aside: Aside | None = None,
        token: Callable[[], str] = lambda: secrets.token_hex(16),
        batch: int = 32,
        fallback: float = 1.0,
    ) -> None:
        self._store = store
        self._channels = channels
        self._holder = holder
        self._flood = flood
        self._metrics = metrics
        self._now = now
        self._alarm = alarm
        self._outgoing = outgoing
        self._sorry = sorry
        self._aside = aside
        self._token = token
        self._batch = batch
        self._fallback = fallback
        self._watch = StoreWatch("processor", metrics)
        self._handled_until = now()
        self._stopping = asyncio.Event()
        self._one_by_one = 0  # how many batches of one are still to come after a batch that could not be kept
        self._receipts_taken = 0
        self._unkept: dict[object, Exception] = {}  # by row id: why its outcome could not be kept, though alone

    @property
    def handled_until(self) -> datetime:
        """Nothing that came before this is waiting, but for what is held back or waits for another try."""
        return self._handled_until

    def stop(self) -> None:
        """Let :meth:`run` end after the transaction that it is in."""
        self._stopping.set()
        self._alarm.ring()

    async def run(self) -> None:
        """Handle messages until stopped. Whatever the store is up to, nothing is lost."""
        while not self._stopping.is_set():
            try:
                handled = await to_its_end(self.step())
            except StoreUnavailable as error:
                await wait_for(self._stopping, self._watch.failed(error))
                continue
            self._watch.worked()
            if not handled:
                await self._alarm.sleep(self._longest_sleep())

    async def step(self) -> int:
        """Handle what is due, at most one batch; return how many messages it was. Raises StoreUnavailable."""
        rows: list[InboxRow] = []
        outcome = _Outcome()
        try:
            async with self._store.transaction() as transaction:
                rows = await self._claim(transaction)
                if not rows:
                    self._handled_until = self._now()
                    return 0
                await self._handle(transaction, rows, outcome)
                await self._keep(transaction, outcome)
        except StoreUnavailable:
            raise
        except Exception as error:
            if not rows:
                raise
            self._not_kept(rows, error)
        else:
            self._kept(rows, outcome)
        return len(rows)

    def _longest_sleep(self) -> float:
        until_next = self._flood.until_next(self._seconds())
        return self._fallback if until_next is None else min(self._fallback, until_next)

    def _seconds(self) -> float:
        return asyncio.get_running_loop().time()

    async def _claim(self, transaction: Transaction) -> list[InboxRow]:
        limit = 1 if self._one_by_one else self._batch
        return await transaction.inbox.claim(self._now(), limit, self._flood.held_back(self._seconds()))

    async def _handle(self, transaction: Transaction, rows: Sequence[InboxRow], outcome: _Outcome) -> None:
        tasks = [self._read(row) for row in rows]
        chats = {task.chat for task in tasks if isinstance(task.meant, Incoming)}
        outcome.before = dict(await transaction.people.load(sorted(chats))) if chats else {}
        for task in tasks:
            await self._settle(transaction, task, outcome)

    def _read(self, row: InboxRow) -> Task:
        task = read(row, self._channels)
        return replace(task, fault=self._unkept[row.id]) if row.id in self._unkept else task

    async def _settle(self, transaction: Transaction, task: Task, outcome: _Outcome) -> None:
        """Note in ``outcome`` what becomes of one message."""
        if task.channel is None:
            outcome.later.append((task.row, self._now() + _CHANNEL_OFF, "ChannelOff"))
            self._count(outcome, task, "channel-off")
        elif task.fault is not None:
            self._fault(task, task.fault, outcome)
        elif isinstance(task.meant, Incoming):
            await self._answer(transaction, task, task.channel, task.meant, outcome)
        else:
            if task.meant is not None:
                outcome.departures.append(task.meant)
            outcome.finished.append(task.row)
            self._count(outcome, task, "ignored" if task.meant is None else "departure")

    async def _answer(
        self, transaction: Transaction, task: Task, channel: Channel, incoming: Incoming, outcome: _Outcome
    ) -> None:
        state = outcome.after.get(incoming.chat, outcome.before[incoming.chat])
        message = message_of(task, channel, incoming, self._token())
        aside = self._aside if self._aside is not None and self._aside.concerns(message, state) else None
        if aside is not None:  # a fault of it undoes the batch, for it may have written something
            replies, after = await aside.answer(transaction, incoming.chat, message, state)
        try:
            if aside is None:
                replies, after = self._holder.answer(message, state)
            led_to = answered(task, channel, incoming, replies, after)
        except Exception as error:
            self._fault(task, error, outcome)
            return
        outcome.finished.append(task.row)
        outcome.after[incoming.chat] = led_to.state
        outcome.parcels += led_to.parcels
        outcome.notes += [(incoming.chat, note) for note in led_to.notes]
        outcome.letters += led_to.letters
        outcome.kinds += led_to.kinds
        outcome.asked += led_to.asked
        self._count(outcome, task, "answered")

    def _fault(self, task: Task, error: Exception, outcome: _Outcome) -> None:
        """Let the message wait for another try; after the last one it becomes a dead letter."""
        row, tries = task.row, task.row.attempts + 1
        last = tries > len(RETRIES)
        _log.error("message not handled", row=row.id, tries=tries, last=last, **told(error))
        if not last:
            outcome.later.append((row, self._now() + RETRIES[row.attempts], class_of(error)))
            self._count(outcome, task, "failed")
            return
        outcome.dead.append((row, class_of(error)))
        try:
            outcome.parcels += apology(task, self._sorry)
        except Exception as again:
            _log.error("no kind word possible", row=row.id, **told(again))
        self._count(outcome, task, "dead")

    def _count(self, outcome: _Outcome, task: Task, result: str) -> None:
        outcome.results.append((task.row.channel, result))

    async def _keep(self, transaction: Transaction, outcome: _Outcome) -> None:
        """Write down the outcome.

        Rows are finished before people are saved, because erasing a registration clears finished messages; what is
        to be sent comes after, because it must outlast that.
        """
        now = self._now()
        for row, error in outcome.dead:
            await transaction.dead_letters.add(row, error, now)
        done = [row.id for row in outcome.finished] + [row.id for row, _ in outcome.dead]
        if done:
            await transaction.inbox.finish(done, now)
        for row, due, error in outcome.later:
            await transaction.inbox.try_later(row.id, due, error)
        for chat, after in outcome.after.items():
            await transaction.people.save(chat, outcome.before[chat], after, now)
        for departure in outcome.departures:
            if departure.blocked:
                await transaction.outbox.block(departure.chat, now)
            else:
                await transaction.outbox.unblock(departure.chat)
        if outcome.parcels:
            await transaction.outbox.add(outcome.parcels, now)
        for chat, note in outcome.notes:
            await transaction.questions.add(chat, note, now)
        await count_asked(transaction.tallies, outcome.asked, now)
        for letter in outcome.letters:
            with suppress(NoSuchCase):  # deleted in the same breath
                await transaction.cases.replied(letter.receipt, letter.text, now)

    def _kept(self, rows: Sequence[InboxRow], outcome: _Outcome) -> None:
        """After the transaction: wake the sender, count, and remember who is fast."""
        self._one_by_one = max(0, self._one_by_one - 1)
        self._receipts_taken = 0
        came = [self._now()]
        for row in rows:
            self._unkept.pop(row.id, None)
            if self._flood.handled(row.chat, self._seconds()):
                self._metrics.flood_waits.inc()
            else:
                came.append(row.received)
        self._handled_until = min(came)
        for _, due, _ in outcome.later:
            self._alarm.ring_in(max(0.0, (due - self._now()).total_seconds()))
        if outcome.parcels:
            self._outgoing.ring()
        for channel, result in outcome.results:
            self._metrics.messages.labels(channel, result).inc()
        for kind in outcome.kinds:
            self._metrics.readings.labels(kind).inc()
        self._metrics.dead_letters.inc(len(outcome.dead))

    def _not_kept(self, rows: Sequence[InboxRow], error: Exception) -> None:
        """After a transaction that was undone: find out which message it was, and blame only that one.

        Raises the error when not even blaming it could be kept: then it isn't the message.
        """
        if rows[0].id in self._unkept and len(rows) == 1:
            raise error
        if isinstance(error, ReceiptTaken) and self._receipts_taken < _RECEIPT_TRIES:
            self._receipts_taken += 1
            return
        self._receipts_taken = 0
        if len(rows) > 1:
            self._one_by_one = len(rows)
            _log.warning("batch not kept, going on one by one", messages=len(rows), **told(error))
        else:
            self._unkept[rows[0].id] = error
