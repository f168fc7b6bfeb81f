"""Cut a long text into messages. Telegram counts in UTF-16 units."""

from __future__ import annotations

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
_BREAKS = ("\n\n", "\n", "。")  # best first


def units(text: str) -> int:
    """Return the length of ``text`` in UTF-16 units."""
    return len(text) + sum(char > "\uffff" for char in text)


def split(text: str, longest: int = LONGEST_TEXT) -> list[str]:
    """Return ``text`` in pieces of at most ``longest`` units, none of them blank.

    Cut between paragraphs if possible, else between lines, sentences, or characters.
    """
    pieces = []
    while units(text) > longest:
        cut = _cut(text, _fitting(text, longest))
        pieces.append(text[:cut])
        text = text[cut:].lstrip("\n")
    pieces.append(text)
    return [piece.rstrip() for piece in pieces if piece.strip()]


def _fitting(text: str, longest: int) -> int:
    """Return how many characters fit."""
    taken = 0
    for count, char in enumerate(text):
        taken += 1 + (char > "\uffff")
        if taken > longest:
            return count
    return len(text)


def _cut(text: str, fitting: int) -> int:
    """Return where to cut: after the last good place that leaves something before it."""
    for mark in _BREAKS:
        place = text.rfind(mark, 0, fitting)
        if place >= 0 and text[:place].strip():
            return place + len(mark)
    return fitting
