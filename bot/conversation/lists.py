"""Numbered lists: made, told apart by an unguessable id, and chosen from by number, words or button."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import count

from bot.conversation.message import Button, Message, Reply
from bot.conversation.numerals import chosen_number
from bot.conversation.state import OpenList, Option, State
from bot.conversation.turn import Turn
from knowledge.text import bare

LONGEST_PAYLOAD = 64
"""Bytes that a platform takes behind a button."""
_REMARK = re.compile(r"（[^（）]*）$")
"""What stands in brackets at the end of a label need not be typed."""
_PAYLOAD = re.compile(r"1:(?P<list>[0-9a-f]{8}):(?P<number>[1-9][0-9]?)")


def offer(
    message: Message, state: State, parts: Iterable[str | Option], *, asks_phone: bool = False, words: str = ""
) -> Turn:
    """Say lines and offer numbered options in one reply, in the order of ``parts``; then one of them can be chosen.

    Empty lines are left out. Without options no list is open then; the id of one is made of the message's token, so
    that no other message's buttons belong to it. ``words``: what one of the options passes on.
    """
    parts = [part for part in parts if part]
    options = tuple(part for part in parts if isinstance(part, Option))
    numbers = count(1)
    lines = [_numbered(next(numbers), part.label) if isinstance(part, Option) else part for part in parts]
    open_list = OpenList(message.token[:8], options, words) if options else None
    reply = Reply("\n".join(lines), buttons=_buttons(open_list), asks_phone=asks_phone)
    return [reply], replace(state, open=open_list)


def offer_also(message: Message, turn: Turn, option: Option, words: str) -> Turn:
    """Add a line to the list at the end of what was said, or begin one with it; it passes ``words`` on."""
    (*before, last), state = turn
    found = state.open if last.buttons else None
    options = (*(found.options if found else ()), option)
    open_list = OpenList(found.id if found else message.token[:8], options, words)
    text = f"{last.text}\n{_numbered(len(options), option.label)}"
    return [*before, replace(last, text=text, buttons=_buttons(open_list))], replace(state, open=open_list)


def again(message: Message, state: State, lines: Iterable[str]) -> Turn:
    """Say ``lines`` and offer once more what can be chosen now."""
    assert state.open is not None
    replies, after = offer(message, state, [*lines, *state.open.options], words=state.open.words)
    assert after.open is not None
    return replies, replace(after, open=replace(after.open, again=state.open.again))


def pressed(payload: str, open_list: OpenList | None) -> Option | None:
    """Return the option of a pressed button; None for a forged payload, an old list or another person's."""
    match = _PAYLOAD.fullmatch(payload)
    if match is None or open_list is None or match["list"] != open_list.id:
        return None
    number = int(match["number"])
    return open_list.options[number - 1] if number <= len(open_list.options) else None


def number_or_words(message: str, open_list: OpenList | None) -> int | Option | None:
    """Return the option that ``message`` names; the number it says when no line has it; None when it is neither."""
    options = open_list.options if open_list else ()
    words = bare(message)
    named = _named(words, options, lambda label: label) or _named(words, options, lambda label: _REMARK.sub("", label))
    if len(named) == 1:
        return named[0]
    number = chosen_number(message)
    if number is not None and 1 <= number <= len(options):
        return options[number - 1]
    return number if number is not None and (options or words.isdecimal()) else None


def _named(words: str, options: Sequence[Option], part: Callable[[str], str]) -> list[Option]:
    """Return the options that ``words`` name by a part of their label, or by that behind their number."""
    labels = [(f"{line}", bare(part(option.label)), option) for line, option in enumerate(options, 1)]
    return [option for line, label, option in labels if words and words in (label, line + label)]


def _numbered(number: int, label: str) -> str:
    return f"{number}. {label}"


def _buttons(open_list: OpenList | None) -> tuple[Button, ...]:
    options = open_list.options if open_list else ()
    return tuple(
        Button(_numbered(number, option.label), f"1:{open_list.id}:{number}")  # type: ignore[union-attr]
        for number, option in enumerate(options, 1)
    )
