"""Through which list somebody came to a case, and which case comes next there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from bot.clock import day_of
from bot.staff import case_lists, phone_look
from bot.staff.listings import FOLLOW_UPS, GRADUATES, QUEUE, START, Listing, listed
from bot.staff.posted import LIST, LOOKED, THEN, addressed, local_path
from bot.staff.visit import Visit
from bot.staff.wording import say
from bot.store.case_list import takes_long

_BACK = {START: "start", FOLLOW_UPS: "follow_ups", GRADUATES: "graduates"}


@dataclass(frozen=True)
class Way:
    """``list``: the one that somebody came from, None where nobody did; ``then``: the case that comes next there.

    That is the receipt of the one that came next when the case was opened: what is done to a case often takes it out of
    the list. ``looked``: a look at the telephone, which goes along while that page is worked on.
    """

    list: Listing | None = None
    then: str = ""
    looked: str = ""

    @property
    def fields(self) -> dict[str, str]:
        """What forms carry along, and addresses."""
        along = {LIST: self.list.address if self.list else "", THEN: self.then, LOOKED: self.looked}
        return {name: value for name, value in along.items() if value}

    def to(self, path: str) -> str:
        """Return ``path`` with the way in its address."""
        return addressed(path, self.fields)

    def back(self, receipt: str) -> str:
        """Return where the case with this ``receipt`` stands in the list."""
        return f"{self.list.address if self.list else QUEUE}#case-{receipt}"

    @property
    def back_label(self) -> str:
        """What the link back to the list says."""
        return say(f"way.back_to_{_BACK.get(self.list.path, 'queue') if self.list else 'queue'}")


@dataclass(frozen=True)
class Following:
    """The case that comes next in the list."""

    receipt: str
    name: str


def way_of(visit: Visit, receipt: str) -> Way:
    """Return the way to the case with this ``receipt`` that the form or the address tells.

    Where neither does, it begins at the page that led here, if that is a list.
    """
    found = listed(visit.carried(LIST) or _page_before(visit), visit.account, day_of(visit.now))
    then = visit.carried(THEN)
    return Way(found, then if found and then.isdecimal() and then.isascii() else "", phone_look.still(visit, receipt))


async def went_on(visit: Visit, way: Way, receipt: str) -> tuple[Way, Following | None]:
    """Return the way as it goes on from the case with this ``receipt``, and what comes next there.

    The list is that page of it on which the case stands now. Nothing comes after the last case, nor where nobody came
    from a list.
    """
    if way.list is None:
        return way, None
    place = None if takes_long(way.list.chosen) else await case_lists.place_of(visit, way.list.chosen, receipt)
    if place is not None:
        way = replace(way, list=way.list.on(place.page))
    for then in (way.then, place.after if place else None):
        if then and then != receipt and (found := await _named(visit, then)):
            return replace(way, then=found.receipt), found
    return replace(way, then=""), None


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
