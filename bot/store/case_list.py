"""The queue, page by page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.casework.filters import QueueFilter
from bot.store.case_query import CaseRow, Query
from bot.store.keys import Keys

_AT_ONCE = 500


@dataclass(frozen=True)
class CasePage:
    """One page of the queue. ``total``: how many cases there are on all pages; ``pages``: how many pages."""

    rows: tuple[CaseRow, ...]
    total: int
    page: int
    pages: int


async def page(
    connection: AsyncConnection,
    keys: Keys,
    scope: tuple[str, ...] | None,
    chosen: QueueFilter,
    now: datetime,
    contact_days: int,
    size: int = 50,
    area_code: str = "",
) -> CasePage:
    """Return the page that ``chosen`` names, or the last one if there are fewer.

    ``scope``: the towns whose cases may be seen, None for all; ``contact_days``: within how many days somebody should
    have been in touch; ``area_code``: of telephone numbers searched for without one.
    """
    query = Query(keys, scope, chosen, now, contact_days, area_code)
    if query.name:
        return await _page_by_name(connection, query, size)
    total = int((await connection.execute(query.counted())).scalar_one())
    number, pages = _place(total, chosen.page, size)
    found = await connection.execute(query.rows().limit(size).offset((number - 1) * size)) if total else ()
    return CasePage(tuple(query.row(one) for one in found), total, number, pages)


async def _page_by_name(connection: AsyncConnection, query: Query, size: int) -> CasePage:
    found = [receipt async for receipt in _by_name(connection, query)]
    number, pages = _place(len(found), query.filter.page, size)
    chosen = found[(number - 1) * size : number * size]
    rows = {one.receipt: query.row(one) for one in await connection.execute(query.rows_of(chosen))}
    return CasePage(tuple(rows[receipt] for receipt in chosen if receipt in rows), len(found), number, pages)


def _place(total: int, wanted: int, size: int) -> tuple[int, int]:
    pages = max(1, -(-total // size))
    return min(max(1, wanted), pages), pages


async def receipts(
    connection: AsyncConnection,
    keys: Keys,
    scope: tuple[str, ...] | None,
    chosen: QueueFilter,
    now: datetime,
    contact_days: int,
    area_code: str = "",
) -> AsyncIterator[str]:
    """Yield the receipts of all cases that ``chosen`` lets through, in its order, whatever page it names."""
    query = Query(keys, scope, chosen, now, contact_days, area_code)
    if query.name:
        async for receipt in _by_name(connection, query):
            yield receipt
        return
    async for (receipt,) in await connection.stream(query.numbers()):
        yield receipt


async def rows(
    connection: AsyncConnection,
    keys: Keys,
    scope: tuple[str, ...] | None,
    chosen: QueueFilter,
    now: datetime,
    contact_days: int,
    area_code: str = "",
) -> AsyncIterator[tuple[CaseRow, ...]]:
    """Yield all that ``chosen`` lets through, some hundred at a time; decrypting goes on beside other work."""
    query = Query(keys, scope, chosen, now, contact_days, area_code)
    if query.name:
        found = [receipt async for receipt in _by_name(connection, query)]
        for start in range(0, len(found), _AT_ONCE):
            some = found[start : start + _AT_ONCE]
            by_receipt = {one.receipt: one for one in await connection.execute(query.rows_of(some))}
            yield await asyncio.to_thread(query.all_rows, [by_receipt[one] for one in some if one in by_receipt])
        return
    async for partition in (await connection.stream(query.rows())).partitions(_AT_ONCE):
        yield await asyncio.to_thread(query.all_rows, partition)


async def _by_name(connection: AsyncConnection, query: Query) -> AsyncIterator[str]:
    """Yield the receipts of those whose name holds what is searched for: all within the filter are decrypted."""
    async for partition in (await connection.stream(query.sealed())).partitions(_AT_ONCE):
        for receipt in await asyncio.to_thread(query.named, partition):
            yield receipt
