"""What a database knows that a backup of it cannot.

What was deleted since, who did what, who may sign in, how many of those that are gone had found work.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, insert, inspect, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.audit import Audit
from bot.store.chain import Entry
from bot.store.keys import Keys
from bot.store.past_employed import OF_PAST_EMPLOYED
from bot.store.scope import Scope
from bot.store.store import Store, Transaction
from bot.store.tables import audit, erasures, sealed_columns, staff, staff_sessions, tallies

_INVITATIONS = {"invite_hash": None, "invite_until": None, "link_hash": None, "link_until": None}


@dataclass(frozen=True)
class Meantime:
    """``breaks``: how many places of the audit were meddled with; ``staff``: the rows of the accounts.

    ``employed``: the counts of those whose registrations were gone; ``unreadable``: how much of audit and accounts no
    key reads.
    """

    erasures: tuple[tuple[str, date], ...] = ()
    audit: tuple[Entry, ...] = ()
    breaks: int = 0
    staff: tuple[dict[str, Any], ...] = ()
    unreadable: int = 0
    employed: tuple[dict[str, Any], ...] = ()


async def meantime_of(store: Store, connection: AsyncConnection) -> Meantime:
    """Read it from ``store``, which may be of an older version."""
    erased = await _rows(connection, erasures)
    noted = await _rows(connection, audit)
    accounts = await _rows(connection, staff)
    scope = Scope(connection, store.dialect, store.keys)
    return Meantime(
        tuple((row["subject"], row["day"]) for row in erased),
        tuple(_entry(scope, row) for row in noted),
        len((await Audit(scope).verdict()).breaks) if any(row.get("digest") for row in noted) else 0,
        tuple(accounts),
        _unreadable(store.keys, audit, noted) + _unreadable(store.keys, staff, accounts),
        tuple(await _rows(connection, tallies, OF_PAST_EMPLOYED)),
    )


def _unreadable(keys: Keys, table: Table, rows: Sequence[dict[str, Any]]) -> int:
    return sum(not keys.can_read(row.get(column.name)) for column in sealed_columns(table) for row in rows)


async def _rows(connection: AsyncConnection, table: Table, *conditions: ColumnElement[bool]) -> list[dict[str, Any]]:
    """Return all rows, the oldest first, with those columns that are there."""
    there = await connection.run_sync(_columns, table.name)
    columns = [column for column in table.c if column.name in there]
    if not columns:
        return []
    found = await connection.execute(select(*columns).where(*conditions).order_by(*table.primary_key))
    return [dict(row) for row in found.mappings()]


def _columns(connection: Connection, name: str) -> set[str]:
    tables = inspect(connection)
    return {column["name"] for column in tables.get_columns(name)} if tables.has_table(name) else set()


def _entry(scope: Scope, row: dict[str, Any]) -> Entry:
    return Entry(row["id"], row["who"], row["what"], row["subject"], scope.read(row.get("why")), row["at"])


async def keep_audit(transaction: Transaction, entries: Sequence[Entry]) -> None:
    """Put those of ``entries`` behind the audit that it does not hold yet."""
    columns = (audit.c.who, audit.c.what, audit.c.subject, audit.c.at)
    known = Counter(tuple(row) for row in await transaction.scope.run(select(*columns)))
    new = []
    for entry in entries:
        same = (entry.who, entry.what, entry.subject, entry.at)
        if known[same]:
            known[same] -= 1
        else:
            new.append(entry)
    await transaction.audit.take_over(new)


async def keep_staff(transaction: Transaction, rows: Sequence[dict[str, Any]]) -> list[str]:
    """Let the accounts be as in ``rows``, so that who was shut out since stays so; return the logins left out.

    Left out is whose number or login belongs to another account. Everybody has to sign in anew.
    """
    run = transaction.scope.run
    await run(delete(staff_sessions))
    await run(update(staff).values(chat=None if rows else staff.c.chat, **_INVITATIONS))
    there = {id: login for id, login in await run(select(staff.c.id, staff.c.login))}  # noqa: C416 – for mypy
    left_out = []
    for row in rows:
        if there.get(row["id"]) == row["login"]:
            await run(update(staff).where(staff.c.id == row["id"]).values(row))
        elif row["id"] not in there and row["login"] not in there.values():
            await run(insert(staff).values(row))
        else:
            left_out.append(row["login"])
    return left_out
