"""One look at a telephone number: it lasts while somebody goes on working on the page of that case."""

from __future__ import annotations

from datetime import timedelta

from bot.staff import sealing
from bot.staff.posted import LOOKED
from bot.staff.visit import Visit

LASTS = timedelta(minutes=10)


def begin(visit: Visit, receipt: str) -> str:
    """Return what the forms and links of the page carry along, once the look is on record."""
    return sealing.seal(visit.store.keys, "phone-look", [visit.account.id, receipt], visit.now)


def still(visit: Visit, receipt: str) -> str:
    """Return the look that a form or a link of the page carried along, if it is the same person's at the same case.

    It does not last any longer for being carried: who needs the number after that asks for it again, on record.
    """
    carried = visit.carried(LOOKED)
    looked = sealing.unseal(visit.store.keys, "phone-look", carried, visit.now, LASTS) if carried else None
    return carried if looked == [visit.account.id, receipt] else ""
