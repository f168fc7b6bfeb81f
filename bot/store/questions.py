"""Questions that were not answered well, kept for the staff."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import bindparam, func, insert, select, update

from bot.conversation.message import Note
from bot.store import tables
from bot.store.scope import Scope, padded

_ADD = insert(tables.questions)
_NOTE = TypeAdapter(Note)
_UNSETTLED = tables.questions.c.settled.is_(None)
_NEWEST = (
    select(
        tables.questions.c.id,
        tables.questions.c.content,
        tables.questions.c.asked,
        tables.questions.c.taught,
    )
    .where(_UNSETTLED)
    .order_by(tables.questions.c.asked.desc(), tables.questions.c.id.desc())
    .limit(bindparam("most"))
)
_COUNT = select(func.count()).select_from(tables.questions).where(_UNSETTLED)
_SETTLE = (
    update(tables.questions)
    .where(tables.questions.c.id.in_(bindparam("ids", expanding=True)), _UNSETTLED)
    .values(settled=bindparam("at"))
)
_TEACH = (
    update(tables.questions)
    .where(tables.questions.c.id.in_(bindparam("ids", expanding=True)))
    .values(taught=bindparam("together"))
)


@dataclass(frozen=True)
class Asked:
    """A question in the log: the ``note`` of it, ``at`` which time it was asked.

    ``taught`` is the same number for all that a sample question was added for together, None where none was.
    """

    id: int
    note: Note
    at: datetime
    taught: int | None = None


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

    async def unsettled(self, most: int) -> list[Asked]:
        """Return what nobody has dealt with, the newest first, at most so many. What cannot be read is left out."""
        found = []
        for id, content, asked, taught in await self._scope.run(_NEWEST, {"most": most}):
            try:
                found.append(Asked(id, _NOTE.validate_json(self._scope.read(content)), asked, taught))
            except ValidationError:  # it was logged
                continue
        return found

    async def count_unsettled(self) -> int:
        """Return how many nobody has dealt with."""
        return int((await self._scope.run(_COUNT)).scalar_one())

    async def settle(self, ids: Sequence[int], now: datetime) -> int:
        """Note that these are dealt with; return how many were not so before."""
        return (await self._scope.run(_SETTLE, {"ids": padded(ids), "at": now})).rowcount if ids else 0

    async def teach(self, ids: Sequence[int]) -> None:
        """Note that a sample question was added for these together: nobody has dealt with them by that alone."""
        if ids:
            await self._scope.run(_TEACH, {"ids": padded(ids), "together": min(ids)})
