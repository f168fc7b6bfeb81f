"""Cases that nobody works on: given to nobody, or to somebody who left or may not see them any more."""

from __future__ import annotations

from sqlalchemy import ColumnElement, String, cast, false, func, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.casework.account import Role
from bot.store.tables import cases, staff

_ABLE = select(staff.c.id, staff.c.role, staff.c.towns).where(staff.c.disabled.is_(None))


async def unattended(connection: AsyncConnection) -> ColumnElement[bool]:
    """Return the condition as the accounts are now."""
    able = (await connection.execute(_ABLE)).all()
    everywhere = [id for id, role, _ in able if role == Role.ADMIN]
    in_towns = [f"{id} {town}" for id, role, towns in able if role == Role.CLERK for town in towns]
    # One text looked up in a list is much quicker than pairs compared one by one.
    pair = cast(cases.c.counselor, String).concat(" ").concat(cases.c.town)
    attended = or_(cases.c.counselor.in_(everywhere), pair.in_(in_towns))
    # What compares with nothing is neither true nor false.
    return not_(func.coalesce(attended, false()))
