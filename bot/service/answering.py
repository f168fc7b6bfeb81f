"""Holds what answers, so that it can be exchanged while the service runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.conversation.message import Message, Reply
from bot.conversation.state import State

Answer = Callable[[Message, State], tuple[list[Reply], State]]
"""What ``Assistant.reply`` is: replies, and the state after the message."""


@dataclass
class Holder:
    """The ``answer`` in use and the ``version`` of the knowledge behind it."""

    answer: Answer
    version: str = "unknown"
