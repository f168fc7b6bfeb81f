"""Gives several cases to a clerk at once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from starlette.responses import Response

from bot.casework.account import Account
from bot.casework.case import Case
from bot.staff import case_lists, counselors
from bot.staff.access import Access
from bot.staff.listings import QUEUE
from bot.staff.page import Page
from bot.staff.posted import local_path
from bot.staff.visit import ANOTHER_TOWN, Visit
from bot.staff.wording import say
from bot.store import CaseChanged, Transaction

_PATH = f"{QUEUE}/assign"
_MOST = 100
_NUMBER = re.compile("[0-9]{1,9}")


@dataclass(frozen=True)
class _Ticked:
    """What was ticked in the list: versions by receipt, as they were shown."""

    versions: Mapping[str, int]

    @classmethod
    def read(cls, values: Iterable[str]) -> _Ticked:
        """Return what ``values`` of the form ``receipt.version`` stand for; what does not read as one is left out."""
        pairs = [value.partition(".")[::2] for value in values]
        return cls({receipt: int(version) for receipt, version in pairs[:_MOST] if _NUMBER.fullmatch(version)})

    @property
    def values(self) -> list[str]:
        return [f"{receipt}.{version}" for receipt, version in self.versions.items()]


async def assign(visit: Visit) -> Response:
    """Show what was ticked and ask whom to give it to; then do it."""
    posting = visit.request.method == "POST"
    given = visit.form.all("case") if posting else visit.request.query_params.getlist("case")
    ticked = _Ticked.read(given)
    back = local_path((visit.form.text("back") if posting else visit.query("back")) or QUEUE)
    if not ticked.versions:
        return visit.redirect(back, say("queue.assign_none_ticked"))
    async with visit.store.transaction() as transaction:
        cases = await _own(visit, transaction, ticked)
        everybody = await transaction.staff.all()
        accounts = counselors.able(everybody, [case.town for case in cases])
        if posting and (chosen := _chosen(visit, accounts)) is not None:
            said = await _give(visit, transaction, ticked, cases, chosen[0])
            return visit.redirect(back, said)
        await case_lists.note_each(transaction, visit, [case.receipt for case in cases])
    if not cases:
        return visit.redirect(back, say("queue.skipped_gone", count=len(ticked.versions)))
    faults = {"counselor": say("queue.assign_no_counselor")} if posting else {}
    return visit.render(
        "assign.html",
        sheet=visit.blank("assign", {"case": ticked.values}, faults),
        cases=cases,
        counselors={case.receipt: counselors.name_of(case, everybody) for case in cases},
        options=counselors.options(accounts),
        back=back,
    )


async def _own(visit: Visit, transaction: Transaction, ticked: _Ticked) -> list[Case]:
    """Return those of the cases that are theirs.

    One of another town is left out as one that is gone, or it could be found out that it is there; it goes on record.
    """
    loaded = await transaction.cases.load_all(list(ticked.versions))
    for receipt, case in loaded.items():
        if not visit.account.may_see(case.town):
            why = f"{ANOTHER_TOWN}: {_PATH}"
            await transaction.audit.add_case(visit.who, "refused", receipt, visit.now, why)
    return [case for case in loaded.values() if visit.account.may_see(case.town)]


def _chosen(visit: Visit, accounts: list[Account]) -> tuple[Account | None] | None:
    """Return who was chosen, which may be nobody; None if nothing (that can be) was."""
    value = visit.form.text("counselor")
    if value == counselors.NOBODY:
        return (None,)
    return next(((account,) for account in accounts if str(account.id) == value), None)


async def _give(
    visit: Visit, transaction: Transaction, ticked: _Ticked, cases: Iterable[Case], to: Account | None
) -> str:
    """Give the cases to somebody, those that can be; return what is to be said of it."""
    became: Counter[str] = Counter(gone=len(ticked.versions))
    ordered = sorted(cases, key=lambda case: case.receipt)  # two who give the same ones don't wait crosswise
    await transaction.cases.hold_conversations([case.receipt for case in ordered])
    for case in ordered:
        became["gone"] -= 1
        became[await _give_one(visit, transaction, case, ticked.versions[case.receipt], to)] += 1
    name = to.name if to else ""
    said = [say("queue.assigned" if to else "queue.assigned_nobody", name=name, count=became["given"])]
    said += [say(f"queue.skipped_{why}", name=name, count=became[why]) for why in _SKIPPED if became[why]]
    return "".join(said)


_SKIPPED = ("changed", "town", "gone")


async def _give_one(visit: Visit, transaction: Transaction, case: Case, version: int, to: Account | None) -> str:
    if to and not to.may_see(case.town):
        return "town"
    counselor = to.id if to else None
    if case.counselor == counselor:
        return "given"
    try:
        await transaction.cases.assign(case.receipt, version, visit.account.id, visit.now, counselor)
    except CaseChanged:
        return "changed"
    await transaction.audit.add_case(visit.who, "counselor", case.receipt, visit.now)
    return "given"


PAGES = (Page(_PATH, assign, methods=("GET", "POST"), access=Access.PERSONS),)
