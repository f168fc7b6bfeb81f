"""What differs between an account as it was and as it is, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.casework.account import Account
from bot.casework.wording import label


@dataclass(frozen=True)
class AccountChange:
    """``label``: what was changed."""

    label: str
    before: str
    after: str


def account_changes(before: Account, after: Account) -> tuple[AccountChange, ...]:
    """Return what an administrator may change and differs."""
    pairs = zip(_facts(before), _facts(after), strict=True)
    return tuple(AccountChange(label("account", what), old, new) for (what, old), (_, new) in pairs if old != new)


def changes_told(before: Account, after: Account) -> str:
    """Return what differs in one line, as it goes on record; empty if nothing does."""
    return "；".join(f"{each.label}：{each.before} → {each.after}" for each in account_changes(before, after))


def _facts(account: Account) -> Iterator[tuple[str, str]]:
    yield "name", account.name
    yield "role", label("role", account.role)
    yield "towns", "、".join(account.towns) or label("account", "no_towns")
    yield "teaches", label("account", "may_teach" if account.teaches else "may_not_teach")
