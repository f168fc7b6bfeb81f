"""Updates that could not be handled, kept for whoever mends the program."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, insert, select

from bot.store import tables
from bot.store.inbox import InboxRow
from bot.store.scope import Scope

_ADD = insert(tables.dead_letters)
_COUNT = select(func.count()).select_from(tables.dead_letters)


class DeadLetters:
    """What was given up. The error is encrypted too: its text may quote the message."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def add(self, row: InboxRow, error: str, now: datetime) -> None:
        """Keep ``row``; it stays in the inbox until it is finished there."""
        letter = {
            "channel": row.channel,
            "update_id": row.update_id,
            "chat": row.chat,
            "body": self._scope.keys.encrypt(row.body),
            "error": self._scope.keys.encrypt(error),
            "received": row.received,
            "buried": now,
        }
        await self._scope.run(_ADD, letter)

    async def count(self) -> int:
        """Return how many there are."""
        return int((await self._scope.run(_COUNT)).scalar_one())
