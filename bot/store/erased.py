"""What was deleted, by keyed hashes alone, so that a backup made before cannot bring it back.

A receipt number is never given twice, so its mark holds for ever. A chat may go on after it was erased: each erasure
of one has a mark of its own, and what a backup holds of the chat came before those marks that the backup does not have.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import UTC, date, datetime
from functools import cache

from sqlalchemy import Executable, func, select

from bot.store.dialects import Insert
from bot.store.scope import Scope
from bot.store.tables import conversations, dead_letters, erasures, inbox, outbox, questions, registrations

_CHAT = "chat "
IS_OF_CHAT = erasures.c.subject.startswith(_CHAT)
_WITH_CHATS = (conversations, inbox, outbox, questions, dead_letters)


@cache
def _note(insert: Insert) -> Executable:
    return insert(erasures).on_conflict_do_nothing(index_elements=["subject"])  # type: ignore[no-any-return]


async def mark_receipts(scope: Scope, receipts: Collection[str], now: datetime) -> None:
    """Note that the registrations with ``receipts`` are deleted."""
    day = now.astimezone(UTC).date()
    await take_over(scope, [(scope.keys.receipt_hash(one), day) for one in receipts])


async def mark_chat(scope: Scope, chat: str, now: datetime) -> None:
    """Note that what was said in ``chat`` so far is deleted."""
    mark = f"{_CHAT}{scope.keys.chat_hash(chat)} {secrets.token_hex(8)}"
    await take_over(scope, [(mark, now.astimezone(UTC).date())])


async def take_over(scope: Scope, marks: Collection[tuple[str, date]]) -> None:
    """Add ``marks`` that are not there yet, each with its day."""
    if marks:
        await scope.run(_note(scope.dialect.insert), [{"subject": subject, "day": day} for subject, day in marks])


async def marks_of(scope: Scope) -> set[str]:
    """Return all marks."""
    return set((await scope.run(select(erasures.c.subject))).scalars())


async def erased_so_far(scope: Scope) -> int:
    """Return how many registrations were deleted."""
    return int((await scope.run(select(func.count()).select_from(erasures).where(~IS_OF_CHAT))).scalar_one())


async def receipts_marked(scope: Scope, marks: Collection[str]) -> dict[str, list[str]]:
    """Return which registrations that are there have one of ``marks``, by chat."""
    found: dict[str, list[str]] = {}
    for chat, receipt in (await scope.run(select(registrations.c.chat, registrations.c.receipt))).all():
        if scope.keys.receipt_hash(receipt) in marks:
            found.setdefault(chat, []).append(receipt)
    return found


async def chats_marked(scope: Scope, marks: Collection[str]) -> set[str]:
    """Return which chats of whom something is there have one of ``marks``."""
    hashes = {mark.split(" ")[1] for mark in marks if mark.startswith(_CHAT)}
    return {chat for chat in await _chats(scope) if scope.keys.chat_hash(chat) in hashes} if hashes else set()


async def _chats(scope: Scope) -> set[str]:
    found: set[str] = set()
    for table in _WITH_CHATS:
        found |= set((await scope.run(select(table.c.chat).distinct())).scalars())
    return found
