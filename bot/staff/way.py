"""Through which list somebody came to a case, and which case comes next there."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from bot.casework.filter_address import from_pairs
from bot.casework.filters import QueueFilter
from bot.staff import case_lists
from bot.staff.case_lists import QUEUE, queue_address
from bot.staff.posted import LIST, THEN, clean, local_path
from bot.staff.visit import Visit
from bot.store.case_list import takes_long

_SIZE = 50


@dataclass(frozen=True)
class Way:
    """``list``: the address of the list, empty where nobody came from one; ``then``: the case that comes next there.

    That is the receipt of the one that came next when the case was opened: what is done to a case often takes it out of
    the list.
    """

    list: str = ""
    then: str = ""

    @property
    def fields(self) -> dict[str, str]:
        """What forms carry along, and addresses."""
        return {name: value for name, value in ((LIST, self.list), (THEN, self.then)) if value}

    def to(self, path: str) -> str:
        """Return ``path`` with the way in its address."""
        return f"{path}{'&' if '?' in path else '?'}{urlencode(self.fields)}" if self.fields else path

    def back(self, receipt: str) -> str:
        """Return where the case with this ``receipt`` stands in the list."""
        return f"{self.list or QUEUE}#case-{receipt}"


@dataclass(frozen=True)
class Following:
    """The case that comes next in the list."""

    receipt: str
    name: str


def way_of(visit: Visit) -> Way:
    """Return the way that the form or the address tells, else the one that the page tells which led here."""
    given = visit.form.text if visit.request.method == "POST" else visit.query
    if given(LIST):
        return _read(given(LIST), given(THEN))
    led = _page_before(visit)
    if urlsplit(led).path == QUEUE:
        return _read(led, "")
    if urlsplit(led).path == visit.path:
        before = dict(parse_qsl(urlsplit(led).query))
        return _read(before.get(LIST, ""), before.get(THEN, ""))
    return Way()


async def following(visit: Visit, way: Way, receipt: str) -> Following | None:
    """Return what comes after the case with this ``receipt``; None for the last, and where nobody came from a list."""
    if not way.list:
        return None
    if way.then and way.then != receipt and (found := await _named(visit, way.then)):
        return found
    chosen = _filter(way.list)
    if takes_long(chosen):
        return None
    page = await case_lists.page_of(visit, chosen, _SIZE)
    rows = list(page.rows)
    place = next((place for place, row in enumerate(rows) if row.receipt == receipt), None)
    if place is None:
        return None
    if place == len(rows) - 1 and page.page < page.pages:
        rows += (await case_lists.page_of(visit, _filter(way.list, page.page + 1), _SIZE)).rows
    return next((Following(row.receipt, row.name) for row in rows[place + 1 : place + 2]), None)


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


def _read(address: str, then: str) -> Way:
    if local_path(address) != address or urlsplit(address).path != QUEUE:
        return Way()
    return Way(queue_address(_filter(address)), then if then.isdecimal() and then.isascii() else "")


def _filter(address: str, page: int | None = None) -> QueueFilter:
    pairs = [(name, clean(value)) for name, value in parse_qsl(urlsplit(address).query)]
    return from_pairs([*((name, value) for name, value in pairs if page is None or name != "page"), *_numbered(page)])


def _numbered(page: int | None) -> list[tuple[str, str]]:
    return [] if page is None else [("page", str(page))]
