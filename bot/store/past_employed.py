"""Who was newly employed and whose registration is gone: nothing but how many, by day of employment and town."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.tables import tallies
from bot.store.tallies import Tallies

_NAME = "employed-gone"
OF_PAST_EMPLOYED = tallies.c.what.startswith(_NAME)


async def count_past_employed(counts: Tallies, gone: Iterable[tuple[date, str | None]]) -> None:
    """Count those whose registrations are being deleted, by the day of employment and the town of each."""
    for day, town in gone:
        await counts.add_on(_name(town), day)


async def past_employed(
    connection: AsyncConnection, scope: tuple[str, ...] | None, during: Iterable[ColumnElement[bool]]
) -> int:
    """Return how many there are of ``scope`` (towns, None: all); ``during``: what must hold of the tallies' days."""
    named = OF_PAST_EMPLOYED if scope is None else tallies.c.what.in_([_name(town) for town in scope])
    counted = select(func.coalesce(func.sum(tallies.c.n), 0)).where(named, *during)
    return int((await connection.execute(counted)).scalar_one())


def _name(town: str | None) -> str:
    return f"{_NAME} {town or ''}".strip()
