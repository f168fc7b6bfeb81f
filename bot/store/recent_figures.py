"""Figures that are not counted again while they would be the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.erased import IS_OF_CHAT
from bot.store.figures import Figures, Period, figures
from bot.store.keys import Keys
from bot.store.tables import case_events, erasures

_AGE = timedelta(minutes=1)
_MOST = 100
_UNDER_WAY = 10_000
"""How many events at most can be written while a transaction lasts that has written one."""

_newest = select(case_events.c.id).order_by(case_events.c.id.desc()).limit(_UNDER_WAY).subquery()
_MARK = select(
    func.max(_newest.c.id),
    func.min(_newest.c.id),
    func.count(),
    select(func.count()).select_from(erasures).where(~IS_OF_CHAT).scalar_subquery(),
).select_from(_newest)
"""Everything that happens to a case leaves an event, and a deletion leaves its mark.

The newest event alone would not do: on PostgreSQL one that was written before it may show after it.
"""


@dataclass(frozen=True)
class _Counted:
    mark: tuple[Any, ...]
    at: datetime
    figures: Figures


class RecentFigures:
    """Figures as they are now: counted again when anything happened to a case, and when they are a minute old.

    Within that minute only what is late may be missing: that comes with time alone.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[Any, ...], _Counted] = {}

    async def of(
        self,
        connection: AsyncConnection,
        keys: Keys,
        scope: tuple[str, ...] | None,
        period: Period,
        now: datetime,
        contact_days: int,
    ) -> Figures:
        """Return the figures; the arguments are those of :func:`bot.store.figures.figures`."""
        asked = (scope, period, contact_days)
        mark = tuple((await connection.execute(_MARK)).one())
        kept = self._kept.get(asked)
        if kept is None or kept.mark != mark or not kept.at <= now < kept.at + _AGE:
            kept = _Counted(mark, now, await figures(connection, keys, scope, period, now, contact_days))
            self._keep(asked, kept)
        return kept.figures

    def _keep(self, asked: tuple[Any, ...], counted: _Counted) -> None:
        self._kept.pop(asked, None)
        if len(self._kept) >= _MOST:
            del self._kept[next(iter(self._kept))]  # the one counted longest ago
        self._kept[asked] = counted
