"""Questions that were not answered well, kept for the staff."""

from __future__ import annotations

from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import insert

from bot.conversation.message import Note
from bot.store import tables
from bot.store.scope import Scope

_ADD = insert(tables.questions)
_NOTE = TypeAdapter(Note)


class Questions:
    """The question log.

    All that was asked is encrypted: blacking out may have missed something, and a topic can tell of a disability.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def add(self, chat: str, note: Note, now: datetime) -> None:
        """Keep ``note``."""
        content = _NOTE.dump_json(note).decode()
        row = {"chat": chat, "kind": note.kind, "content": self._scope.keys.encrypt(content), "asked": now}
        await self._scope.run(_ADD, row)
