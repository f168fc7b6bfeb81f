"""The lock on a conversation: who changes a chat's state, or adds to what it is sent, holds it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Executable, bindparam, select

from bot.store.dialects import Insert
from bot.store.scope import Scope, padded
from bot.store.tables import conversations

_CONVERSATIONS = (
    select(conversations.c.chat, conversations.c.state)
    .where(conversations.c.chat.in_(bindparam("chats", expanding=True)))
    .order_by(conversations.c.chat)  # always locked in the same order: two processes can't wait crosswise
    .with_for_update()
)


@cache
def _make_room(insert: Insert) -> Executable:
    new: Any = insert(conversations)
    return new.on_conflict_do_nothing(index_elements=["chat"])  # type: ignore[no-any-return]


async def lock(scope: Scope, chats: Collection[str]) -> dict[str, bytes | None]:
    """Lock the conversations of ``chats``, which come into being if need be; return their states as stored."""
    wanted = sorted(set(chats))
    found = await lock_existing(scope, wanted)
    if scope.dialect.one_writer:
        return found
    # What is not there cannot be locked. If another process makes it at the same time, this waits for that
    # process to commit, and the second look finds what it wrote.
    if missing := [chat for chat in wanted if chat not in found]:
        rows = [{"chat": chat, "has_draft": False} for chat in missing]
        await scope.run(_make_room(scope.dialect.insert), rows)
        found |= await lock_existing(scope, missing)
    return found


async def lock_existing(scope: Scope, chats: Sequence[str]) -> dict[str, bytes | None]:
    """The same for those that are there; the others are left out."""
    found = (await scope.run(_CONVERSATIONS, {"chats": padded(chats)})).all()
    return {chat: state for chat, state in found}  # noqa: C416 – mypy knows a row only when it is taken apart
