"""Cases as they stand in the lists of the console."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.casework.account import Account
from bot.casework.case import OPEN, Step
from bot.casework.contact import waiting_days
from bot.casework.filters import QueueFilter
from bot.casework.wording import label
from bot.clock import day_of
from bot.staff import counselors
from bot.staff.expiry import expires
from bot.staff.filter_on_record import on_record
from bot.staff.look import near_day
from bot.staff.visit import Visit
from bot.staff.wording import say
from bot.store import Transaction, case_list
from bot.store.case_list import CasePage, Place
from bot.store.case_query import CaseRow, Query


@dataclass(frozen=True)
class CaseLine:
    """One case in a list.

    ``missing``: which of the four are still to be done, in words;
    ``waiting``: for how many days nobody has been in touch, None once somebody was and where nobody has to be;
    ``tags``: what to look at, as pairs of a word for the style and the words that are read.
    """

    row: CaseRow
    wanted: str
    missing: str
    counselor: str
    waiting: int | None
    tags: tuple[tuple[str, str], ...]


def query_of(visit: Visit, chosen: QueueFilter) -> Query:
    """Return ``chosen`` as a query for the cases that whoever is signed in may see."""
    registration = visit.parts.settings.registration
    return Query(
        visit.store.keys,
        visit.account.scope,
        chosen,
        visit.now,
        registration.contact_days,
        registration.area_code,
    )


async def page_of(visit: Visit, chosen: QueueFilter, size: int = 50) -> CasePage:
    """Return a page of the cases that whoever is signed in may see."""
    async with visit.store.reading(long=case_list.takes_long(chosen)) as connection:
        return await case_list.page(connection, query_of(visit, chosen), size)


async def places_of(visit: Visit, chosen: QueueFilter, receipts: Iterable[str]) -> dict[str, Place]:
    """Return where cases stand among those that whoever is signed in may see, of those that stand there."""
    async with visit.store.reading() as connection:
        return await case_list.places(connection, query_of(visit, chosen), receipts)


async def counts_of(visit: Visit, wanted: Mapping[str, QueueFilter]) -> dict[str, int]:
    """Return how many cases each filter lets through."""
    async with visit.store.reading() as connection:
        return {name: await case_list.count(connection, query_of(visit, chosen)) for name, chosen in wanted.items()}


async def note_look(transaction: Transaction, visit: Visit, chosen: QueueFilter) -> None:
    """Put on record that names were looked at."""
    await transaction.audit.note(visit.who, "list-seen", on_record(visit, chosen) or "all", visit.now)


async def note_each(transaction: Transaction, visit: Visit, receipts: Sequence[str]) -> None:
    """Put on record that the names of these cases were looked at, which no filter has brought together."""
    await transaction.audit.add_all(visit.who, "list-seen", receipts, visit.now)


def lines(visit: Visit, rows: Iterable[CaseRow], accounts: Iterable[Account]) -> tuple[CaseLine, ...]:
    """Return the lines of a list. ``accounts``: all there are."""
    by_id = {account.id: account for account in accounts}
    return tuple(
        CaseLine(
            row,
            wanted_words(visit, row.wanted),
            _missing(row),
            _counselor(row, by_id),
            waiting_days(row.status, row.first_contact, row.created, visit.now),
            tuple(_tags(visit, row)),
        )
        for row in rows
    )


def wanted_words(visit: Visit, wanted: Sequence[str]) -> str:
    """Return what work is wanted, in the words of the form."""
    step = visit.parts.form.step("wanted")
    labels = {option.id: option.label for option in step.options} if step else {}
    return say("filter.options_apart").join(labels.get(one, one) for one in wanted)


def _missing(row: CaseRow) -> str:
    steps = [label("short_step", step) for step in Step if step not in row.steps]
    return say("queue.steps_missing", steps=say("filter.apart").join(steps)) if steps else say("queue.steps_done")


def _counselor(row: CaseRow, accounts: Mapping[int, Account]) -> str:
    if row.counselor is None:
        return say("queue.nobody")
    return counselors.name_at(accounts.get(row.counselor), row.town)


def _tags(visit: Visit, row: CaseRow) -> Iterator[tuple[str, str]]:
    last = expires(visit, row.status, row.updated)
    found = {
        "contact_late": row.contact_late,
        "uncontacted": row.uncontacted and not row.contact_late,
        "follow_up_late": row.follow_up_late,
        "unanswered": row.unanswered,
        "expiring": last is not None,
        "graduate": row.graduate and row.filed is None,
        "contacted": row.status in OPEN and row.first_contact is not None,
    }
    today = day_of(visit.now)
    due = day_of(row.created) + timedelta(days=visit.parts.settings.registration.contact_days)
    contacted = day_of(row.first_contact or row.created)
    days = {"contact_late": due, "uncontacted": due, "contacted": contacted, "expiring": last or today}
    for name, holds in found.items():
        if holds:
            yield name, say(f"queue.tag_{name}", day=near_day(days.get(name, today), today))
