"""One turn of the conversation."""

from __future__ import annotations

from bot.conversation.message import Reply
from bot.conversation.state import State

Turn = tuple[list[Reply], State]
"""What is said to the person, and the state after it."""
