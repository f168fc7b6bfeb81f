"""Who did what to whose registration."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert

from bot.store import tables
from bot.store.scope import Scope

_ADD = insert(tables.audit)


class Audit:
    """Entries are only ever added. They hold no personal data: ``subject`` is the keyed hash of a receipt."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def add(self, who: str, what: str, subject: str, now: datetime) -> None:
        """Note that ``who`` did ``what``; ``subject`` is the receipt, of which only the keyed hash is kept."""
        await self.add_all(who, what, (subject,), now)

    async def add_all(self, who: str, what: str, subjects: Sequence[str], now: datetime) -> None:
        """Note that ``who`` did ``what`` to each of ``subjects``."""
        hashed = (self._scope.keys.receipt_hash(subject) for subject in subjects)
        entries = [{"who": who, "what": what, "subject": subject, "at": now} for subject in hashed]
        if entries:
            await self._scope.run(_ADD, entries)
