"""Who can be given a case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.casework import filters
from bot.casework.account import Account, Role
from bot.casework.case import Case
from bot.staff.wording import say

NOBODY = str(filters.NOBODY)


def able(accounts: Iterable[Account], towns: Iterable[str | None]) -> list[Account]:
    """Return those of ``accounts`` that may see cases of any of ``towns``, the clerks first."""
    wanted = set(towns)
    found = [account for account in accounts if any(account.may_work_on(town) for town in wanted)]
    return sorted(found, key=lambda account: (account.role is Role.ADMIN, account.name))


def options(accounts: Sequence[Account]) -> list[tuple[str, str]]:
    """Return them as options of a choice, nobody last."""
    named = [(str(account.id), _named(account)) for account in accounts]
    return [*named, (NOBODY, say("queue.nobody"))]


def name_of(case: Case, accounts: Iterable[Account]) -> str:
    """Return what is read of who works on ``case``, empty if it was given to nobody. ``accounts``: all there are."""
    if case.counselor is None:
        return ""
    return name_at(next((account for account in accounts if account.id == case.counselor), None), case.town)


def name_at(account: Account | None, town: str | None) -> str:
    """Return what is read of who works on a case of ``town``: also that they do not any more."""
    if account is None:
        return say("queue.unknown")
    return account.name if account.may_work_on(town) else say("queue.gone", name=account.name)


def _named(account: Account) -> str:
    where = say("filter.apart").join(account.towns) if account.towns else say("case.all_towns")
    return say("case.counselor_named", name=account.name, towns=where)
