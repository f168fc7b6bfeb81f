"""The lists that lead to cases: where they are, and what they show in which order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

from bot.casework.account import Account
from bot.casework.filter_address import from_pairs, to_pairs
from bot.casework.filters import QueueFilter, of_the_day
from bot.staff.posted import clean, local_path

START, QUEUE, FOLLOW_UPS, GRADUATES = "/", "/queue", "/follow-ups", "/graduates"
MINE = "mine"
"""In the address of the follow-ups: those of the own cases alone."""


@dataclass(frozen=True)
class Listing:
    """A list that leads to cases: its ``path``, and what is ``chosen`` for it; ``mine``: the own follow-ups alone."""

    path: str
    chosen: QueueFilter
    mine: bool = False

    @property
    def address(self) -> str:
        """Where it is."""
        if self.path == QUEUE:
            return queue_address(self.chosen)
        if self.path == GRADUATES and self.chosen.page > 1:
            return f"{GRADUATES}?page={self.chosen.page}"
        return f"{self.path}?{MINE}=1" if self.mine else self.path

    def on(self, page: int) -> Listing:
        """Return the list as it is on a page."""
        return replace(self, chosen=replace(self.chosen, page=page))


def queue_address(chosen: QueueFilter) -> str:
    """Return where the queue shows what ``chosen`` lets through."""
    pairs = to_pairs(chosen)
    return f"{QUEUE}?{urlencode(pairs)}" if pairs else QUEUE


def graduates(page: int = 1) -> QueueFilter:
    """Return a page of the graduates, those without a plan first."""
    return QueueFilter(graduates=True, order="plan", page=page)


def due(owner: Account, *, mine: bool) -> QueueFilter:
    """Return the cases with follow-ups, the first that is due first; the ``owner``'s own if ``mine``."""
    return QueueFilter(order="follow-up", counselor=owner.id if mine else None)


def due_parts(owner: Account, today: date, *, mine: bool) -> dict[str, QueueFilter]:
    """Return the follow-ups that are late, those of today, and those left until Sunday; the ``owner``'s own if mine."""
    usual, sunday, tomorrow = due(owner, mine=mine), _sunday(today), today + timedelta(days=1)
    parts = {
        "late": replace(usual, follow_up_until=today - timedelta(days=1)),
        "today": replace(usual, follow_up_since=today, follow_up_until=today),
    }
    if tomorrow <= sunday:
        parts["week"] = replace(usual, follow_up_since=tomorrow, follow_up_until=sunday)
    return parts


def listed(address: str, owner: Account, today: date) -> Listing | None:
    """Return the list at ``address``; None for what is no list."""
    if local_path(address) != address:
        return None
    parts = urlsplit(address)
    pairs = [(name, clean(value)) for name, value in parse_qsl(parts.query)]
    chosen = from_pairs(pairs)
    if parts.path == QUEUE:
        return Listing(QUEUE, chosen)
    if parts.path == START:
        return Listing(START, of_the_day(owner.id)["mine"])
    if parts.path == GRADUATES:
        return Listing(GRADUATES, graduates(chosen.page))
    if parts.path == FOLLOW_UPS:
        mine = (MINE, "1") in pairs
        return Listing(FOLLOW_UPS, replace(due(owner, mine=mine), follow_up_until=_sunday(today)), mine)
    return None


def _sunday(today: date) -> date:
    """The week ends on Sunday."""
    return today + timedelta(days=6 - today.weekday())
