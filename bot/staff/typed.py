"""What was typed and not saved: whether it may be kept at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qsl

from bot.casework.account import Account
from bot.casework.filter_address import from_pairs
from bot.staff.posted import SHOWN_WITH
from bot.staff.sheet import first_typed, form_of, is_key, page_of
from bot.store import Transaction

DRAFTS = "/drafts"
"""Where the script of the pages sends what is being typed."""
_OF_CASE = re.compile(r"/cases/([^/?#]*)")
_FILTER = "filter"
"""The field in which a form carries the filter of a list along."""


def receipt_of(key: str) -> str:
    """Return the receipt of the case whose page has the form that is kept under ``key``, empty for other pages."""
    found = _OF_CASE.match(key)
    return found[1] if found else ""


async def drop(transaction: Transaction, owner: Account, key: str, content: Mapping[str, str]) -> None:
    """Keep nothing more of what ``owner`` typed into the form with ``key``, of which ``content`` was posted.

    The same text kept of another load of the page is dropped too: a browser puts it back when somebody goes back. What
    differs is what was typed in another tab, and stays.
    """
    kept = await transaction.sessions.drafts(owner.id, f"{page_of(key)}#{form_of(key)}")
    over = [words(content)] + ([words(kept[key].content)] if key in kept else [])
    for each, draft in kept.items():
        if form_of(each) == form_of(key) and words(draft.content) in over:
            await transaction.sessions.drop_draft(owner.id, each)


def words(content: Mapping[str, str]) -> dict[str, str]:
    """Return what somebody typed or chose, without the state of things that the form was shown with."""
    return {name: text for name, text in content.items() if name not in SHOWN_WITH}


async def keep(transaction: Transaction, owner: Account, key: str, content: Mapping[str, str], now: datetime) -> bool:
    """Keep what ``owner`` typed into the form with ``key``; return whether it was kept.

    It is not if nobody could find it again when its person is deleted: if it is about a case that is gone already (or
    is not theirs), or holds a name or number that was searched for. Nor is a button, in which there is nothing typed.
    """
    if not is_key(key) or not first_typed(content) or from_pairs(parse_qsl(content.get(_FILTER, ""))).search:
        return False
    receipt = receipt_of(key)
    if receipt and not await transaction.cases.holds(receipt, owner.scope):
        return False
    await transaction.sessions.keep_draft(owner.id, key, content, now)
    return True
