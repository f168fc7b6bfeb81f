"""What the staff write to people through the bot: templates, and how it looks when it arrives."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from bot import data_files
from bot.conversation.receipts import shown
from bot.staff.wording import say
from bot.store.cases import LONGEST_MESSAGE

_BLANK = re.compile("〔([^〔〕\\n]+)〕")
"""What a template leaves open; nothing that still has it is sent."""


@dataclass(frozen=True)
class Template:
    """A text to begin with. ``other``: the same to somebody who registered another person."""

    id: str
    title: str
    text: str
    other: str


@cache
def templates() -> tuple[Template, ...]:
    """Return all templates."""
    found: Mapping[str, Any] = data_files.read("bot.staff", "letters.yaml")
    return tuple(Template(id, **fields) for id, fields in found.items())


def filled(id: str, name: str, *, by_other: bool) -> str:
    """Return the text of a template for the person called ``name``; empty where there is none with this ``id``."""
    template = next((each for each in templates() if each.id == id), None)
    if template is None:
        return ""
    return (template.other if by_other else template.text).format(name=name)


def composed(receipt: str, text: str) -> str:
    """Return the whole message as it arrives: from whom it is, and how to answer, stand around ``text``."""
    return say("letter.frame", receipt=shown(receipt), text=text)


@cache
def _known_blanks() -> frozenset[str]:
    return frozenset(name for each in templates() for text in (each.text, each.other) for name in _BLANK.findall(text))


def blanks(text: str) -> list[str]:
    """Return what is still to be filled in; other words in such brackets, as the numbers of documents, are text."""
    return [name for name in dict.fromkeys(_BLANK.findall(text)) if name in _known_blanks()]


def fault(receipt: str, text: str) -> str:
    """Return what is wrong with ``text``, empty if it can be sent."""
    if not text:
        return say("letter.empty")
    if left := blanks(text):
        return say("letter.blank", blanks=say("letter.apart").join(say("letter.named", name=name) for name in left))
    over = len(composed(receipt, text)) - LONGEST_MESSAGE
    return say("letter.too_long", over=over) if over > 0 else ""
