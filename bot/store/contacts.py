"""When somebody was first in touch: worked out anew from a case whenever that may have changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, select, update

from bot.casework.contact import first_contact
from bot.clock import day_of
from bot.store.case_reading import load_cases
from bot.store.scope import Scope
from bot.store.tables import case_messages, cases, outbox

_NUMBER = cases.c.receipt == bindparam("number")
_LOCK = select(cases.c.created).where(_NUMBER).with_for_update()
_CHANGE = update(cases).where(_NUMBER)
_WRITTEN_ABOUT = (
    select(case_messages.c.receipt)
    .join(outbox, outbox.c.id == case_messages.c.outbox)
    .distinct()
    .order_by(case_messages.c.receipt)
)
BY_CHAT: Select[Any] = _WRITTEN_ABOUT.where(outbox.c.chat == bindparam("whose"), outbox.c.outcome == "blocked")
BY_PARCEL: Select[Any] = _WRITTEN_ABOUT.where(outbox.c.id == bindparam("row"))
"""Which cases messages are about: those that did not get to a chat, or one by its number."""


async def renew(scope: Scope, receipt: str) -> None:
    """Let the columns for the first contact be as the case tells; nothing happens where there is no case."""
    created = (await scope.run(_LOCK, {"number": receipt})).scalar()
    found = (await load_cases(scope, [receipt])).get(receipt)
    if created is not None and found is not None:
        columns = contact_columns(created, first_contact(found))
        await scope.run(_CHANGE.values(columns), {"number": receipt})


async def renew_written_about(scope: Scope, which: Select[Any], parameters: dict[str, Any]) -> None:
    """Do so for the cases that ``which`` finds: a message that did not arrive was no contact."""
    for receipt in (await scope.run(which, parameters)).scalars().all():
        await renew(scope, receipt)


def contact_columns(created: datetime, first: datetime | None) -> dict[str, Any]:
    """Return the columns for a first contact, which cannot have been before the registration."""
    if first is None:
        return {"first_contact": None, "contacted_after": None}
    at = max(created, first)
    return {"first_contact": at, "contacted_after": (day_of(at) - day_of(created)).days}
