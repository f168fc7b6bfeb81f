"""Answers somebody who sits right here: no inbox and no outbox, the reply is shown as soon as it is kept."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from bot.conversation.message import Message, Reply
from bot.conversation.state import State
from bot.service.handling import outcomes
from bot.store import NoSuchCase, ReceiptTaken, Store
from bot.store.asked import count_asked

Answer = Callable[[Message, State], tuple[list[Reply], State]]
_RECEIPT_TRIES = 5


class Desk:
    """One ``chat`` of the ``store``."""

    def __init__(self, store: Store, chat: str) -> None:
        self._store = store
        self._chat = chat

    async def answer(self, answer: Answer, message: Callable[[], Message]) -> list[Reply]:
        """Return what ``answer`` replies, once all that follows from it is kept.

        ``message`` makes the message, with a fresh token each time: a receipt number may be taken already.
        Raises StoreUnavailable; then nothing has changed.
        """
        for tries_left in reversed(range(_RECEIPT_TRIES)):
            try:
                return await self._answer(answer, message())
            except ReceiptTaken:
                if not tries_left:
                    raise
        raise AssertionError("the last try returns or raises")

    async def _answer(self, answer: Answer, message: Message) -> list[Reply]:
        async with self._store.transaction() as transaction:
            before = (await transaction.people.load([self._chat]))[self._chat]
            replies, after = answer(message, before)
            await transaction.people.save(self._chat, before, after, message.at)
            for reply in replies:
                if reply.note is not None:
                    await transaction.questions.add(self._chat, reply.note, message.at)
                if reply.letter is not None:
                    with suppress(NoSuchCase):  # deleted in the same breath
                        await transaction.cases.replied(reply.letter.receipt, reply.letter.text, message.at)
            await count_asked(transaction.tallies, outcomes(replies), message.at)
        return replies
