"""The queue, page by page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.casework.filters import NOBODY, QueueFilter
from bot.store.case_query import CaseRow, Query, searches_names
from bot.store.scope import padded
from bot.store.unattended import unattended

_AT_ONCE = 512


@dataclass(frozen=True)
class CasePage:
    """One page of the queue. ``total``: how many cases there are on all pages; ``pages``: how many pages."""

    rows: tuple[CaseRow, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True)
class Place:
    """Where a case stands in the queue: on which ``page``, and the receipts of the two that come ``after`` it, or of as
    many as there are.
    """

    page: int
    after: tuple[str, ...]


def takes_long(chosen: QueueFilter) -> bool:
    """Return whether a page of ``chosen`` takes seconds, so that it has to be read as what is long."""
    return searches_names(chosen.search)


async def page(connection: AsyncConnection, query: Query, size: int = 50) -> CasePage:
    """Return the page that the filter of ``query`` names, or the last one if there are fewer."""
    query, wanted = await _settled(connection, query), query.filter.page
    if query.name:
        found = [receipt async for receipt in _by_name(connection, query)]
        number, pages = _place(len(found), wanted, size)
        return CasePage(await _lines(connection, query, found[(number - 1) * size :][:size]), len(found), number, pages)
    total = int((await connection.execute(query.counted())).scalar_one())
    number, pages = _place(total, wanted, size)
    # Ordered without what makes rows heavy, which is then read for one page only.
    some = await _numbers(connection, query, (number - 1) * size, min(number * size, total), total)
    return CasePage(await _lines(connection, query, some), total, number, pages)


async def _numbers(connection: AsyncConnection, query: Query, start: int, end: int, total: int) -> Sequence[str]:
    """Return the receipts from place ``start`` to before ``end``, counted from the nearer side."""
    if start <= total - end:
        return list((await connection.execute(query.numbers().limit(end - start).offset(start))).scalars())
    backwards = query.numbers(backwards=True).limit(end - start).offset(total - end)
    return list((await connection.execute(backwards)).scalars())[::-1]


async def places(
    connection: AsyncConnection, query: Query, receipts: Iterable[str], size: int = 50
) -> dict[str, Place]:
    """Return where cases stand, of those that ``query`` lets through; no name is searched for in it.

    They are looked for first on the page that its filter names, and on the next: to number all takes longest.
    """
    query = await _settled(connection, query)
    let_through = (await connection.execute(query.among(padded(receipts)))).scalars().all()
    if not let_through:
        return {}
    before, wanted = (query.filter.page - 1) * size, 2 * size + 2
    near = list((await connection.execute(query.numbers().limit(wanted).offset(before))).scalars())
    whole = near if len(near) < wanted else near[:-2]
    found = {
        receipt: Place((before + at) // size + 1, tuple(near[at + 1 : at + 3]))
        for at, receipt in enumerate(whole)
        if receipt in let_through
    }
    if farther := [receipt for receipt in let_through if receipt not in found]:
        for row in await connection.execute(query.places_of(padded(farther))):
            found[row.receipt] = Place(-(-row.place // size), tuple(filter(None, (row.after, row.beyond))))
    return found


async def count(connection: AsyncConnection, query: Query) -> int:
    """Return how many cases ``query`` lets through; no name is searched for in it."""
    query = await _settled(connection, query)
    return int((await connection.execute(query.counted())).scalar_one())


async def _settled(connection: AsyncConnection, query: Query) -> Query:
    """Return the query with what the accounts have to say to it."""
    return query.narrowed(await unattended(connection)) if query.filter.counselor == NOBODY else query


def _place(total: int, wanted: int, size: int) -> tuple[int, int]:
    pages = max(1, -(-total // size))
    return min(max(1, wanted), pages), pages


async def _lines(connection: AsyncConnection, query: Query, some: Sequence[str]) -> tuple[CaseRow, ...]:
    if not some:
        return ()
    return query.lines(some, (await connection.execute(query.rows_of(padded(some)))).all())


async def rows(connection: AsyncConnection, query: Query) -> AsyncIterator[tuple[CaseRow, ...]]:
    """Yield all that ``query`` lets through, in its order, whatever page it names.

    They come some hundred at a time; decrypting goes on beside other work.
    """
    query = await _settled(connection, query)
    found = [receipt async for receipt in _all(connection, query)]
    for start in range(0, len(found), _AT_ONCE):
        some = found[start : start + _AT_ONCE]
        rows = (await connection.execute(query.rows_of(padded(some)))).all()
        yield await asyncio.to_thread(query.lines, some, rows)


async def _all(connection: AsyncConnection, query: Query) -> AsyncIterator[str]:
    if query.name:
        async for receipt in _by_name(connection, query):
            yield receipt
        return
    for receipt in (await connection.execute(query.numbers())).scalars():
        yield receipt


async def _by_name(connection: AsyncConnection, query: Query) -> AsyncIterator[str]:
    """Yield the receipts of those whose name holds what is searched for: all within the filter are decrypted."""
    found = (await connection.execute(query.numbers())).scalars().all()
    for start in range(0, len(found), _AT_ONCE):
        some = found[start : start + _AT_ONCE]
        sealed = (await connection.execute(query.sealed_of(padded(some)))).all()
        named = await asyncio.to_thread(query.named, sealed)
        for receipt in some:
            if receipt in named:
                yield receipt
