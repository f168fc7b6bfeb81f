"""When somebody was first in touch: worked out anew from a case whenever that may have changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from bot.casework.contact import first_contact
from bot.clock import day_of
from bot.store.case_reading import load_cases
from bot.store.scope import Scope
from bot.store.tables import case_messages, cases, outbox

_NUMBER = cases.c.receipt == bindparam("number")
_LOCK = select(cases.c.created).where(_NUMBER).with_for_update()
_CHANGE = update(cases).where(_NUMBER)
_ROWS = outbox.c.id.in_(bindparam("rows", expanding=True))
_WRITTEN_ABOUT = (
    select(case_messages.c.receipt)
    .join(outbox, outbox.c.id == case_messages.c.outbox)
    .where(_ROWS)
    .distinct()
    .order_by(case_messages.c.receipt)
)
_CHATS = select(outbox.c.chat).join(case_messages, case_messages.c.outbox == outbox.c.id).where(_ROWS).distinct()


async def renew(scope: Scope, receipt: str) -> None:
    """Let the columns for the first contact be as the case tells; nothing happens where there is no case."""
    created = (await scope.run(_LOCK, {"number": receipt})).scalar()
    found = (await load_cases(scope, [receipt])).get(receipt)
    if created is not None and found is not None:
        columns = contact_columns(created, first_contact(found))
        await scope.run(_CHANGE.values(columns), {"number": receipt})


async def renew_written_about(scope: Scope, rows: Sequence[int]) -> None:
    """Do so for the cases that messages are about which stand in these ``rows`` of the outbox."""
    for receipt in (await scope.run(_WRITTEN_ABOUT, {"rows": rows})).scalars().all():
        await renew(scope, receipt)


async def chats_written_to(scope: Scope, rows: Sequence[int]) -> set[str]:
    """Return the chats of those of ``rows`` of the outbox that are messages of the staff about a case."""
    return set((await scope.run(_CHATS, {"rows": rows})).scalars())


def contact_columns(created: datetime, first: datetime | None) -> dict[str, Any]:
    """Return the columns for a first contact, which cannot have been before the registration."""
    if first is None:
        return {"first_contact": None, "contacted_after": None}
    at = max(created, first)
    return {"first_contact": at, "contacted_after": (day_of(at) - day_of(created)).days}
