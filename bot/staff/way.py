"""Through which list somebody came to a case, and which case comes next there."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from bot.casework.filters import QueueFilter
from bot.clock import day_of
from bot.staff import case_lists, phone_look
from bot.staff.listings import FOLLOW_UPS, GRADUATES, QUEUE, START, Listing, listed
from bot.staff.posted import LIST, LOOKED, THEN, addressed, local_path
from bot.staff.visit import Visit
from bot.staff.wording import say
from bot.store.case_list import Place, takes_long

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


@dataclass(frozen=True)
class Stop:
    """A case on the way: ``way`` as it goes on from there, what is ``following`` and the way ``onward`` to it, and the
    address ``back`` to the list.

    Nothing follows the last case, nor where nobody came from a list.
    """

    way: Way
    back: str
    following: Following | None = None
    onward: Way = field(default_factory=Way)


async def stop_at(visit: Visit, way: Way, receipt: str) -> Stop:
    """Return where the way goes on from the case with this ``receipt``, and where it leads back to.

    That is the case in its list, on the page where it stands now; where it has left the list, the one that follows.
    What was to follow and has left the list itself, as where a colleague was faster, is passed over.
    """
    if way.list is None:
        return Stop(way, f"{QUEUE}#case-{receipt}")
    chosen = way.list.chosen
    if takes_long(chosen):  # so its place is not looked for
        return Stop(way, f"{way.list.address}#case-{receipt}")
    then = way.then if way.then != receipt else ""
    places = await case_lists.places_of(visit, chosen, filter(None, (receipt, then)))
    here = places.get(receipt)
    if then in places:
        coming = (then, *places[then].after)
    elif here is not None:
        coming = here.after
    else:  # where nothing was to follow, the case was the last
        coming = await _first_of(visit, chosen) if then else ()
    following = await _named(visit, coming[0]) if coming else None
    there, place = receipt, here
    if here is None and following is not None:
        there, place = following.receipt, places.get(following.receipt, Place(1, ()))
    shown = way.list.on(place.page) if place else way.list
    return Stop(
        replace(way, list=shown, then=following.receipt if following else ""),
        f"{shown.address}#case-{there}" if place else f"{shown.address}#list",
        following,
        Way(shown, next(iter(coming[1:]), "")),
    )


async def _first_of(visit: Visit, chosen: QueueFilter) -> tuple[str, ...]:
    """Return the receipts of the first two in the list, or of as many as there are."""
    page = await case_lists.page_of(visit, replace(chosen, page=1), 2)
    return tuple(row.receipt for row in page.rows)


async def _named(visit: Visit, receipt: str) -> Following | None:
    """Return the case with this ``receipt`` if it is theirs."""
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
