"""Planned visits and calls of a case, and what came of them, row by row. The case itself is looked after elsewhere."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, bindparam, delete, func, insert, select, update

from bot.store.scope import Scope
from bot.store.tables import follow_ups

_THIS = follow_ups.c.id == bindparam("row")
_ADD = insert(follow_ups).returning(follow_ups.c.id)
_OPEN = (
    select(follow_ups.c.due, follow_ups.c.purpose)
    .where(follow_ups.c.receipt == bindparam("number"), _THIS, follow_ups.c.done.is_(None))
    .with_for_update()
)
_FINISH = (
    update(follow_ups).where(_THIS).values(done=bindparam("on"), done_by=bindparam("who"), result=bindparam("came"))
)
_DONE = (
    select(follow_ups.c.due, follow_ups.c.purpose)
    .where(follow_ups.c.receipt == bindparam("number"), _THIS, follow_ups.c.done.is_not(None))
    .with_for_update()
)
_REOPEN = update(follow_ups).where(_THIS).values(done=None, done_by=None, result=None)
_MOVE = update(follow_ups).where(_THIS).values(due=bindparam("to"))
_DROP = delete(follow_ups).where(_THIS)
_NEXT = select(func.min(follow_ups.c.due)).where(
    follow_ups.c.receipt == bindparam("number"), follow_ups.c.done.is_(None)
)


async def plan(scope: Scope, receipt: str, due: date, purpose: str, staff: int, now: datetime) -> int:
    """Add one; return its id."""
    planned = {"receipt": receipt, "due": due, "purpose": scope.seal(purpose or None)}
    return int((await scope.run(_ADD, {**planned, "staff": staff, "noted": now})).scalar_one())


async def planned(scope: Scope, receipt: str, id: int) -> tuple[date, str]:
    """Return for when and what an open one is planned, and lock it. Raises ValueError where there is none."""
    return await _held(scope, _OPEN, receipt, id)


async def over(scope: Scope, receipt: str, id: int) -> tuple[date, str]:
    """Return for when and what one was planned that was done, and lock it. Raises ValueError where there is none."""
    return await _held(scope, _DONE, receipt, id)


async def finish(scope: Scope, id: int, on: date, staff: int, result: str) -> None:
    """Note that it was done."""
    await scope.run(_FINISH, {"row": id, "on": on, "who": staff, "came": scope.seal(result or None)})


async def reopen(scope: Scope, id: int) -> None:
    """Note that it was not done after all."""
    await scope.run(_REOPEN, {"row": id})


async def move(scope: Scope, id: int, due: date) -> None:
    """Plan it for another day."""
    await scope.run(_MOVE, {"row": id, "to": due})


async def drop(scope: Scope, id: int) -> None:
    """Take it out."""
    await scope.run(_DROP, {"row": id})


async def next_columns(scope: Scope, receipt: str) -> dict[str, Any]:
    """Return the column of the case that says when the next one is due."""
    return {"next_follow_up": (await scope.run(_NEXT, {"number": receipt})).scalar_one()}


async def _held(scope: Scope, which: Select[Any], receipt: str, id: int) -> tuple[date, str]:
    found = (await scope.run(which, {"number": receipt, "row": id})).first()
    if found is None:
        raise ValueError("there is no such follow-up")
    return found.due, scope.read(found.purpose)
