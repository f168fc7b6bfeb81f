"""What came in and is not answered yet."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Executable, Select, bindparam, exists, func, or_, select, update

from bot.store.dialects import Insert
from bot.store.scope import Scope, padded
from bot.store.tables import inbox

# Nothing is put off for longer. What is due later still was put off by a clock that has been put back since.
_FARTHEST = timedelta(minutes=10)
_MOST_HELD_BACK = 16384  # databases limit how many values one statement takes


@dataclass(frozen=True)
class Arrival:
    """An update as a channel handed it over. ``body`` is its raw JSON; it is not looked at before ``due``."""

    channel: str
    update_id: int
    chat: str
    body: str
    received: datetime
    due: datetime


@dataclass(frozen=True)
class InboxRow:
    """An arrival to be handled; ``attempts`` is how often that went wrong before."""

    id: int
    channel: str
    update_id: int
    chat: str
    body: str
    received: datetime
    attempts: int


@cache
def _add(insert: Insert) -> Executable:
    new: Any = insert(inbox)
    return new.on_conflict_do_nothing(index_elements=["channel", "update_id"]).returning(inbox.c.id)  # type: ignore[no-any-return]


def _first_in_lane() -> ColumnElement[bool]:
    earlier = inbox.alias("earlier")
    return ~exists().where(
        earlier.c.chat == inbox.c.chat, earlier.c.update_id < inbox.c.update_id, earlier.c.finished.is_(None)
    )


def _claim() -> Select[Any]:
    """Return the query for rows that are first in their lane, locked until the transaction ends.

    Several processes run it side by side on PostgreSQL at READ COMMITTED. A chat's order holds all the same:

    * Whoever handles a row has it locked, so others skip it; the rows behind it are not first as long as it is
      unfinished in the snapshot of the query. Its being finished becomes visible at its commit, and only then can
      the next row be first: handled strictly after the earlier one's effects are there.
    * A snapshot taken before that commit may find the row unlocked when it comes to it. PostgreSQL then looks at
      the row's newest version, finds it finished (or no longer due) and leaves it out. The row behind it is judged
      by the old snapshot, is not first, and waits for the next query. Old knowledge can only say "wait".
    * "First" can become untrue only by an update that arrives late with a smaller number. If the two are handled
      at once, :meth:`People.load` locks the conversation, so that the second sees what the first has done.
    """
    is_due = or_(inbox.c.due <= bindparam("now"), inbox.c.due > bindparam("farthest"))
    return (
        select(
            inbox.c.id, inbox.c.channel, inbox.c.update_id, inbox.c.chat, inbox.c.body, inbox.c.received,
            inbox.c.attempts,
        )
        .where(inbox.c.finished.is_(None), is_due, _first_in_lane())
        .order_by(inbox.c.id)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True, of=inbox)
    )  # fmt: skip


_CLAIM = _claim()
_CLAIM_OTHERS = _CLAIM.where(inbox.c.chat.not_in(bindparam("held_back", expanding=True)))
# What was answered is needed no more: its content goes at once.
_FINISH = (
    update(inbox)
    .where(inbox.c.id.in_(bindparam("ids", expanding=True)))
    .values(finished=bindparam("now"), body=None, error=None)
)
_TRY_LATER = (
    update(inbox)
    .where(inbox.c.id == bindparam("row"), inbox.c.finished.is_(None))
    .values(due=bindparam("later"), error=bindparam("why"), attempts=inbox.c.attempts + 1)
)
_WAITING = select(func.count()).select_from(inbox).where(inbox.c.finished.is_(None))


class Inbox:
    """Each chat is a lane: what came first is handled first, and nothing overtakes."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def add(self, arrivals: Sequence[Arrival]) -> int:
        """Store ``arrivals``; return how many were new. One that is already there is left as it is."""
        if not arrivals:
            return 0
        rows = [
            {
                "channel": arrival.channel,
                "update_id": arrival.update_id,
                "chat": arrival.chat,
                "body": self._scope.keys.encrypt(arrival.body),
                "received": arrival.received,
                "due": arrival.due,
                "attempts": 0,
            }
            for arrival in arrivals
        ]
        return len((await self._scope.run(_add(self._scope.dialect.insert), rows)).all())

    async def claim(self, now: datetime, limit: int, held_back: Collection[str] = ()) -> list[InboxRow]:
        """Return rows to be handled in this transaction, those that came first at the front.

        At most one for each chat: its earliest unfinished one, if that is due; none of the chats in ``held_back``.
        Raises :class:`UnreadableError` never: a row that cannot be decrypted comes with an empty body.
        """
        parameters: dict[str, Any] = {"now": now, "most": limit, "farthest": now + _FARTHEST}
        if held_back:
            parameters["held_back"] = padded(islice(held_back, _MOST_HELD_BACK))
        found = await self._scope.run(_CLAIM_OTHERS if held_back else _CLAIM, parameters)
        rows = (InboxRow(**{**row, "body": self._scope.read(row["body"])}) for row in found.mappings())
        return [row for row in rows if row.chat not in held_back]

    async def finish(self, ids: Iterable[int], now: datetime) -> None:
        """Note that the rows are done with, and clear their content."""
        if chosen := padded(ids):
            await self._scope.run(_FINISH, {"ids": chosen, "now": now})

    async def try_later(self, id: int, due: datetime, error: str) -> None:
        """Note that handling the row went wrong; it and what is behind it in its lane wait until ``due``."""
        await self._scope.run(_TRY_LATER, {"row": id, "later": due, "why": self._scope.seal(error)})

    async def waiting(self) -> int:
        """Return how many rows are not finished."""
        return int((await self._scope.run(_WAITING)).scalar_one())
