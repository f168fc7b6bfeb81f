"""Telegram counts in UTF-16 units: lengths, pieces of a long text, and the marks clients put on a person's text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .chats import Json

LONGEST_TEXT = 4096
_MARKS = re.compile(
    r"(?P<url>https?://\S+)|(?P<bot_command>(?<![\w/])/[A-Za-z0-9_]{1,64}(?:@\w+)?)|(?P<mention>(?<!\w)@\w{4,32})",
    re.ASCII,
)


def units(text: str) -> int:
    """The length as Telegram counts it."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def pieces(text: str) -> Iterator[str]:
    """The text as a client sends it, in messages of at most 4,096 units."""
    if units(text) <= LONGEST_TEXT:
        yield text
        return
    start = size = 0
    for i, character in enumerate(text):
        width = 2 if ord(character) > 0xFFFF else 1
        if size + width > LONGEST_TEXT:
            yield text[start:i]
            start, size = i, 0
        size += width
    yield text[start:]


def entities_in(text: str) -> list[Json]:
    """Commands, mentions and addresses in a person's text."""
    if "/" not in text and "@" not in text:
        return []
    return [
        {"type": m.lastgroup, "offset": units(text[: m.start()]), "length": units(m.group())}
        for m in _MARKS.finditer(text)
    ]
