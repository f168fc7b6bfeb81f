"""The audit in plain words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.casework.account import Account
from bot.casework.filter_address import from_pairs
from bot.conversation.forms import Form
from bot.staff.filter_on_record import SEARCHED
from bot.staff.filter_words import filter_in_words, joined
from bot.staff.wording import phrases, say
from bot.store.chain import Entry

_HASHED = re.compile(r"[0-9a-f]{32,}")
_SHOWN = 8
_REFUSED = "refused"


@dataclass(frozen=True)
class Told:
    """One entry as it is read. ``about``: what it was done to; ``why``: the reason that was given."""

    id: int
    at: datetime
    who: str
    what: str
    about: str
    why: str


def told(entry: Entry, accounts: Mapping[int, Account], form: Form, titles: Mapping[str, str]) -> Told:
    """Return ``entry`` in words. ``titles``: of the entries of the knowledge, by key."""
    return Told(
        entry.id,
        entry.at,
        who(entry.who, accounts),
        phrases("audit_what").get(entry.what, entry.what),
        titles.get(entry.subject) or _about(entry.subject, accounts, form),
        _why(entry),
    )


def _why(entry: Entry) -> str:
    """Return the reason. That of a refusal is the program's own, before the page where it is about a case."""
    if entry.what != _REFUSED:
        return entry.why
    reason, _, path = entry.why.partition(": ")
    words = phrases("audit_why").get(reason, reason)
    return say("filter.joined").join((words, say("audit.page", path=path))) if path else words


def who(name: str, accounts: Mapping[int, Account]) -> str:
    """Return who ``name`` is: a member of the staff, or what is not one."""
    kind, _, id = name.partition(":")
    if kind == "staff":
        account = accounts.get(int(id)) if id.isdecimal() else None
        return account.name if account else name
    return phrases("audit_who").get(name, name)


def _about(subject: str, accounts: Mapping[int, Account], form: Form) -> str:
    kind, _, id = subject.partition(":")
    if kind == "account" and id.isdecimal():
        account = accounts.get(int(id))
        return say("audit.account", login=account.login if account else id)
    if _HASHED.fullmatch(subject):
        return say("audit.case", mark=subject[:_SHOWN])
    if subject.startswith("/"):
        return say("audit.page", path=subject)
    return _filter(subject, accounts, form)


def _filter(subject: str, accounts: Mapping[int, Account], form: Form) -> str:
    """Return what a filter in a subject lets through; words beside it stand first."""
    parts = subject.split(" ")
    pairs = [(name, value) for name, sign, value in (part.partition("=") for part in parts) if sign]
    words = [phrases("audit_subject").get(part, part) for part in parts if part and "=" not in part]
    searched = [_searched(value) for name, value in pairs if name == SEARCHED]
    if len(pairs) > len(searched):
        names = {id: account.name for id, account in accounts.items()}
        words.append(joined(filter_in_words(from_pairs(pairs), form, names)))
    return say("filter.joined").join((*words, *searched))


def _searched(value: str) -> str:
    kind, _, mark = value.partition(":")
    return say(f"audit.searched_{kind}", mark=mark[:_SHOWN])
