"""Through which list somebody came to a case, and which case comes next there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from bot.casework.filters import QueueFilter
from bot.clock import day_of
from bot.staff import case_lists, phone_look
from bot.staff.listings import FOLLOW_UPS, GRADUATES, QUEUE, START, listed
from bot.staff.posted import LIST, LOOKED, THEN, addressed, local_path
from bot.staff.visit import Visit
from bot.staff.wording import say
from bot.store.case_list import takes_long

_SIZE, _PAGES = 50, 4
_BACK = {START: "start", FOLLOW_UPS: "follow_ups", GRADUATES: "graduates"}


@dataclass(frozen=True)
class Way:
    """``list``: the address of the list, empty where nobody came from one; ``then``: the case that comes next there.

    That is the receipt of the one that came next when the case was opened: what is done to a case often takes it out of
    the list. ``looked``: a look at the telephone, which goes along while that page is worked on.
    """

    list: str = ""
    then: str = ""
    looked: str = ""

    @property
    def fields(self) -> dict[str, str]:
        """What forms carry along, and addresses."""
        along = {LIST: self.list, THEN: self.then, LOOKED: self.looked}
        return {name: value for name, value in along.items() if value}

    def to(self, path: str) -> str:
        """Return ``path`` with the way in its address."""
        return addressed(path, self.fields)

    def back(self, receipt: str) -> str:
        """Return where the case with this ``receipt`` stands in the list."""
        return f"{self.list or QUEUE}#case-{receipt}"

    @property
    def back_label(self) -> str:
        """What the link back to the list says."""
        return say(f"way.back_to_{_BACK.get(urlsplit(self.list).path, 'queue')}")


@dataclass(frozen=True)
class Following:
    """The case that comes next in the list."""

    receipt: str
    name: str


def way_of(visit: Visit, receipt: str) -> Way:
    """Return the way to the case with this ``receipt`` that the form or the address tells.

    Where neither does, it begins at the page that led here, if that is a list.
    """
    shown = _listed(visit, visit.carried(LIST) or _page_before(visit))
    then = visit.carried(THEN)
    return Way(
        shown[0] if shown else "",
        then if shown and then.isdecimal() and then.isascii() else "",
        phone_look.still(visit, receipt),
    )


async def following(visit: Visit, way: Way, receipt: str) -> Following | None:
    """Return what comes after the case with this ``receipt``; None for the last, and where nobody came from a list."""
    if not way.list:
        return None
    if way.then and way.then != receipt and (found := await _named(visit, way.then)):
        return found
    shown = _listed(visit, way.list)
    if shown is None or takes_long(shown[1]):
        return None
    return await _next_row(visit, shown[1], receipt)


async def _next_row(visit: Visit, chosen: QueueFilter, receipt: str) -> Following | None:
    """Look for the row with this ``receipt`` from the page of ``chosen`` on: meanwhile it may have moved down."""
    found = False
    for number in range(chosen.page, chosen.page + _PAGES):
        page = await case_lists.page_of(visit, replace(chosen, page=number), _SIZE)
        for row in page.rows:
            if found:
                return Following(row.receipt, row.name)
            found = row.receipt == receipt
        if number >= page.pages:
            break
    return None


async def _named(visit: Visit, receipt: str) -> Following | None:
    async with visit.store.transaction() as transaction:
        case = await transaction.cases.load(receipt)
    if case is None or not visit.account.may_see(case.town):
        return None
    name = case.registration.answers.get("name", "")
    return Following(receipt, name if isinstance(name, str) else "")


def _page_before(visit: Visit) -> str:
    """Return the address within the console of the page that led here, empty for one elsewhere."""
    try:
        led = urlsplit(visit.request.headers.get("referer", ""))
    except ValueError:
        return ""
    return local_path(f"{led.path}?{led.query}") if led.netloc == visit.request.headers.get("host") else ""


def _listed(visit: Visit, address: str) -> tuple[str, QueueFilter] | None:
    return listed(address, visit.account, day_of(visit.now))
