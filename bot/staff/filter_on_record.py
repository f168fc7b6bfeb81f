"""The filter of the queue as the audit keeps it, for ever: nothing in it tells of a person.

An address can hold anything, so only what can be chosen is let through. What was searched for is mostly a name or a
number: of that there stays the kind, and a mark by which somebody who knows the words can find out that it was them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Container, Mapping
from dataclasses import replace

from bot.casework.filter_address import LONGEST, to_pairs
from bot.casework.filters import QueueFilter
from bot.casework.searching import digits_of, phone_in
from bot.conversation.forms import Form
from bot.conversation.receipts import is_receipt
from bot.staff.visit import Visit
from bot.store import Keys

SEARCHED = "searched"
UNKNOWN = "?"
"""What stands for a value that nobody could have chosen."""


def on_record(visit: Visit, chosen: QueueFilter) -> str:
    """Return what the audit says of ``chosen``: pairs as in an address, apart by spaces; empty for no filter."""
    form, knowledge = visit.parts.form, visit.parts.built().knowledge
    known: Mapping[str, Container[str]] = {
        "town": {*knowledge.towns, *visit.account.towns},
        "wanted": _options(form, "wanted"),
        "category": _options(form, "categories"),
    }
    pairs = [
        (name, value if name not in known or value in known[name] else UNKNOWN)
        for name, value in to_pairs(replace(chosen, search=""))
    ]
    if chosen.search:
        kind, word = _sought(chosen.search, visit.parts.settings.registration.area_code)
        pairs.append((SEARCHED, f"{kind}:{visit.store.keys.search_hash(word)}"))
    return " ".join(f"{name}={value}" for name, value in dict.fromkeys(pairs))


def mark_of(keys: Keys, text: str, area_code: str) -> str:
    """Return the mark that is on record of a search for ``text``, however it was typed."""
    _, word = _sought(text.strip()[:LONGEST], area_code)
    return keys.search_hash(word)


def _sought(text: str, area_code: str) -> tuple[str, str]:
    """Return what kind of thing ``text`` is, and the one way of writing it."""
    digits = digits_of(text)
    if not digits:
        return "name", "".join(unicodedata.normalize("NFKC", text).casefold().split())
    if is_receipt(digits):
        return "receipt", digits
    phone = phone_in(text, area_code)
    return ("phone", phone) if phone else ("number", digits)


def _options(form: Form, step: str) -> Container[str]:
    asked = form.step(step)
    return {option.id for option in asked.options} if asked else ()
