"""Holds what answers, so that it can be exchanged while the service runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bot.conversation.message import Message, Reply
from bot.conversation.state import State
from bot.store import Transaction

Answer = Callable[[Message, State], tuple[list[Reply], State]]
"""What ``Assistant.reply`` is: replies, and the state after the message."""


class Aside(Protocol):
    """Answers what is not for the assistant, with the database at hand."""

    def concerns(self, message: Message, state: State) -> bool:
        """Whether ``message`` is for it."""

    async def answer(
        self, transaction: Transaction, chat: str, message: Message, state: State
    ) -> tuple[list[Reply], State]:
        """Return replies, and the state after the message. Whatever it raises undoes the transaction."""


@dataclass
class Holder:
    """The ``answer`` in use and the ``version`` of the knowledge behind it."""

    answer: Answer
    version: str = "unknown"
