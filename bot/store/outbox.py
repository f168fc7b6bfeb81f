"""What is to be sent and has not arrived yet."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Executable, Select, bindparam, exists, func, insert, or_, select, update

from bot.conversation.message import Reply
from bot.store import contacts
from bot.store.dialects import Insert
from bot.store.errors import UnreadableError
from bot.store.scope import Scope, padded
from bot.store.tables import conversations, outbox


@dataclass(frozen=True)
class Parcel:
    """A reply on its way to a chat.

    ``context`` is what the channel handed over with the message, such as the query to acknowledge.
    The reply's ``reading``, ``note`` and ``letter`` are not for the person and are left out when it is stored.
    """

    chat: str
    reply: Reply
    context: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True)
class OutboxRow:
    """A parcel to be delivered; ``attempts`` is how often that went wrong before."""

    id: int
    chat: str
    parcel: Parcel
    attempts: int
    created: datetime


_PARCEL = TypeAdapter(Parcel)
_NOT_SENT: Any = {"chat": True, "reply": {"reading", "about", "note", "letter"}}


def _written(parcel: Parcel) -> str:
    # Through json: pydantic's own writer and reader refuse half surrogates, which people can send.
    return json.dumps(_PARCEL.dump_python(parcel, mode="json", exclude=_NOT_SENT))


def _read(chat: str, text: str) -> Parcel:
    return _PARCEL.validate_python({**json.loads(text), "chat": chat})


def _first_in_lane() -> ColumnElement[bool]:
    earlier = outbox.alias("earlier")
    return ~exists().where(earlier.c.chat == outbox.c.chat, earlier.c.id < outbox.c.id, earlier.c.finished.is_(None))


def _claim() -> Select[Any]:
    """Return the query for rows that are first in their lane and that nobody has a lease on.

    Side by side on PostgreSQL it is as right as the inbox's (see there): a lease is taken in the transaction that
    holds the row's lock, and the newest version of a row, with its lease, is what is looked at again when the lock
    is free. Parcels of one chat are added under the lock of its conversation, so their ids go up in the order of
    their commits.
    """
    free = or_(outbox.c.leased_until.is_(None), outbox.c.leased_until <= bindparam("now"))
    # What was never put off is due whatever the time: the clock may have gone back.
    is_due = or_(outbox.c.due <= bindparam("now"), outbox.c.attempts == 0, outbox.c.due > bindparam("farthest"))
    return (
        select(outbox.c.id, outbox.c.chat, outbox.c.body, outbox.c.attempts, outbox.c.created)
        .where(outbox.c.finished.is_(None), is_due, free, _first_in_lane())
        .order_by(outbox.c.id)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True, of=outbox)
    )


_FARTHEST = timedelta(days=2)  # nothing is put off for longer
_ADD = insert(outbox)
_ADD_ONE = _ADD.returning(outbox.c.id)
_CLAIM = _claim()
_CHOSEN = outbox.c.id.in_(bindparam("ids", expanding=True))
_LEASE = update(outbox).where(_CHOSEN).values(worker=bindparam("who"), leased_until=bindparam("until"))
_DONE: dict[str, Any] = {"finished": bindparam("now"), "worker": None, "leased_until": None}
_GONE: dict[str, Any] = {**_DONE, "body": None, "error": None}
_UNFINISHED = outbox.c.finished.is_(None)
# What has arrived is needed no more: its content goes at once.
_SENT = update(outbox).where(_CHOSEN).values(**_GONE, outcome="sent")
_MINE = outbox.c.worker == bindparam("who")
_TRY_LATER = (
    update(outbox)
    .where(outbox.c.id == bindparam("row"), _UNFINISHED, _MINE)
    .values(
        due=bindparam("later"), error=bindparam("why"), attempts=outbox.c.attempts + 1, worker=None, leased_until=None
    )
)
_GIVE_UP = (
    update(outbox)
    .where(outbox.c.id == bindparam("row"), _UNFINISHED)
    .values(**_DONE, outcome="given-up", error=bindparam("why"))
)
_BLOCK = update(outbox).where(outbox.c.chat == bindparam("whose"), _UNFINISHED).values(**_GONE, outcome="blocked")
_UNBLOCK = update(conversations).where(conversations.c.chat == bindparam("whose")).values(blocked=None)
_RELEASE = update(outbox).where(_UNFINISHED, outbox.c.leased_until.is_not(None)).values(worker=None, leased_until=None)
_RELEASE_ONE = _RELEASE.where(_MINE)
_GIVE_BACK = _RELEASE_ONE.where(_CHOSEN)
_HOLD_ON = (
    update(outbox)
    .where(_UNFINISHED, outbox.c.worker.in_(bindparam("names", expanding=True)))
    .values(worker=bindparam("name"))
    .returning(outbox.c.id)
)
_WAITING = select(func.count()).select_from(outbox).where(_UNFINISHED)
_UNREADABLE = "the stored parcel cannot be read"


@cache
def _mark_blocked(insert: Insert) -> Executable:
    new: Any = insert(conversations)
    return new.on_conflict_do_update(index_elements=["chat"], set_={"blocked": new.excluded.blocked})  # type: ignore[no-any-return]


class Outbox:
    """Each chat is a lane here too. A worker takes a lease on what it sends, so that no other sends it as well."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def add(self, parcels: Sequence[Parcel], now: datetime) -> None:
        """Put ``parcels`` at the end of their lanes."""
        if parcels:
            await self._scope.run(_ADD, [self._row(parcel, now) for parcel in parcels])

    async def add_one(self, parcel: Parcel, now: datetime) -> int:
        """Put ``parcel`` at the end of its lane and return the id of its row, to see later what became of it."""
        return int((await self._scope.run(_ADD_ONE, self._row(parcel, now))).scalar_one())

    def _row(self, parcel: Parcel, now: datetime) -> dict[str, Any]:
        body = self._scope.keys.encrypt(_written(parcel))
        return {"chat": parcel.chat, "body": body, "created": now, "due": now, "attempts": 0}

    async def claim(self, now: datetime, limit: int, worker: str, lease: timedelta) -> list[OutboxRow]:
        """Return rows to be sent, the oldest first, and note that ``worker`` has them until ``now + lease``.

        At most one for each chat: its earliest unfinished one, if that is due and nobody has it. A row that cannot
        be read is given up.
        """
        parameters = {"now": now, "most": limit, "farthest": now + _FARTHEST}
        found = (await self._scope.run(_CLAIM, parameters)).all()
        rows = []
        for id_, chat, body, attempts, created in found:
            try:
                parcel = _read(chat, self._scope.keys.decrypt(body or b""))
            except (UnreadableError, ValueError):
                await self.give_up(id_, _UNREADABLE, now)
            else:
                rows.append(OutboxRow(id_, chat, parcel, attempts, created))
        if rows:
            chosen = padded(row.id for row in rows)
            await self._scope.run(_LEASE, {"ids": chosen, "who": worker, "until": now + lease})
        return rows

    async def sent(self, ids: Iterable[int], now: datetime, written_about: Iterable[str] | None = None) -> None:
        """Note that the rows have arrived, and clear their content. What the staff wrote was a contact from now on.

        ``written_about``: the cases that the rows are about, where that was looked up already.
        """
        if chosen := padded(ids):
            await self._scope.run(_SENT, {"ids": chosen, "now": now})
            about = await self.written_about(chosen) if written_about is None else written_about
            for receipt in about:
                await contacts.renew(self._scope, receipt)

    async def written_about(self, ids: Iterable[int]) -> dict[str, str]:
        """Return the cases that those of the rows are about which are messages of the staff, with their chats.

        Their conversations are to be locked before it is noted that the rows were sent: the cases change with it.
        """
        chosen = padded(ids)
        return await contacts.written_about(self._scope, chosen) if chosen else {}

    async def try_later(self, id: int, due: datetime, error: str, worker: str) -> None:
        """Note that sending the row went wrong; it and what is behind it in its lane wait until ``due``.

        Nothing happens if ``worker`` has it no more: another may be sending it just now.
        """
        await self._scope.run(_TRY_LATER, {"row": id, "later": due, "why": self._scope.seal(error), "who": worker})

    async def give_back(self, ids: Iterable[int], worker: str) -> None:
        """End the leases that ``worker`` has on the rows, which were not tried."""
        if chosen := padded(ids):
            await self._scope.run(_GIVE_BACK, {"ids": chosen, "who": worker})

    async def hold_on(self, names: Collection[str], worker: str) -> set[int]:
        """Return the rows that any of ``names`` has a lease on; they are ``worker``'s now."""
        return set((await self._scope.run(_HOLD_ON, {"names": padded(sorted(names)), "name": worker})).scalars())

    async def give_up(self, id: int, reason: str, now: datetime) -> None:
        """Note that the row will not be sent. Its content is kept for a day, to find out why."""
        await self._scope.run(_GIVE_UP, {"row": id, "why": self._scope.seal(reason), "now": now})

    async def block(self, chat: str, now: datetime) -> None:
        """Give up all that is on its way to ``chat``, which takes nothing any more, and mark it."""
        await self._scope.run(_BLOCK, {"whose": chat, "now": now})
        mark = {"chat": chat, "has_draft": False, "updated": now, "blocked": now}
        await self._scope.run(_mark_blocked(self._scope.dialect.insert), mark)

    async def unblock(self, chat: str) -> None:
        """Take the mark off: the person is back."""
        await self._scope.run(_UNBLOCK, {"whose": chat})

    async def release(self, worker: str | None = None) -> None:
        """End the leases of ``worker``, or all of them: for the start, when nobody can be sending."""
        await self._scope.run(_RELEASE_ONE if worker else _RELEASE, {"who": worker} if worker else None)

    async def waiting(self) -> int:
        """Return how many rows are not finished."""
        return int((await self._scope.run(_WAITING)).scalar_one())
