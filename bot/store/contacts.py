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
_WRITTEN_ABOUT = (
    select(case_messages.c.receipt, outbox.c.chat)
    .join(outbox, outbox.c.id == case_messages.c.outbox)
    .where(outbox.c.id.in_(bindparam("rows", expanding=True)))
    .order_by(case_messages.c.receipt)
)


async def renew(scope: Scope, receipt: str) -> None:
    """Let the columns for the first contact be as the case tells; nothing happens where there is no case."""
    created = (await scope.run(_LOCK, {"number": receipt})).scalar()
    found = (await load_cases(scope, [receipt])).get(receipt)
    if created is not None and found is not None:
        columns = contact_columns(created, first_contact(found))
        await scope.run(_CHANGE.values(columns), {"number": receipt})


async def written_about(scope: Scope, rows: Sequence[int]) -> dict[str, str]:
    """Return the cases that messages of the staff are about which stand in these ``rows`` of the outbox, with the chat
    of each, in the order in which cases are locked.
    """
    found = await scope.run(_WRITTEN_ABOUT, {"rows": rows})
    return {row.receipt: row.chat for row in found}


def contact_columns(created: datetime, first: datetime | None) -> dict[str, Any]:
    """Return the columns for a first contact, which cannot have been before the registration."""
    if first is None:
        return {"first_contact": None, "contacted_after": None}
    at = max(created, first)
    return {"first_contact": at, "contacted_after": (day_of(at) - day_of(created)).days}
