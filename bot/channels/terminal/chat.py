"""Talk to the assistant in a terminal or through a pipe."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import TextIO

from prompt_toolkit import PromptSession

from bot.conversation.message import Reply
from bot.conversation.wording import say
from knowledge.text import bare

_BYE_WORDS = ("退出", "再见", "拜拜", "exit", "quit", "bye")
_PROMPT = "您："
_WHO_SPEAKS = "\033[1m助手：\033[0m"
_SCREEN_READER_VARIABLES = ("NO_COLOR", "ACCESSIBILITY_ENABLED", "SCREEN_READER")


def chat(
    welcome: Callable[[], Iterable[Reply]],
    reply: Callable[[str], Iterable[Reply]],
    messages: Iterator[str],
    show: Callable[[str], None],
) -> None:
    """Welcome, then answer each of ``messages`` through ``show`` until they end or say goodbye."""
    _show_all(welcome(), show)
    show(say("how_to_leave"))
    for message in messages:
        if bare(message) in _BYE_WORDS:
            break
        _show_all(reply(message), show)
    show(say("bye"))


def _show_all(replies: Iterable[Reply], show: Callable[[str], None]) -> None:
    for reply in replies:
        show(reply.text)
        if reply.file is not None:
            show(f"{reply.file.name}\n{reply.file.content}")


def is_plain(setting: bool, output: TextIO) -> bool:
    """Whether to write plain lines: by setting, for pipes and simple terminals, for screen readers."""
    return (
        setting
        or not output.isatty()
        or os.environ.get("TERM") in ("dumb", "")
        or any(os.environ.get(name) for name in _SCREEN_READER_VARIABLES)
    )


def typed_messages(plain: bool) -> Iterator[str]:
    """Yield what is typed or piped in, line by line, until its end or an interruption.

    Plain input is read as it comes; otherwise the arrow keys edit the line and bring earlier ones
    back (in this conversation only: nothing is written to disk).
    """
    if sys.stdin is None:  # closed by whoever started us
        return
    if not sys.stdin.isatty():
        for line in sys.stdin.buffer:
            yield line.decode("utf-8", "replace").rstrip("\r\n")
        return
    if plain:
        # Loading readline gives input() its history and arrow keys; where it is missing, the console does.
        with suppress(ImportError):
            import readline  # noqa: F401, PLC0415

        ask: Callable[[str], str] = input
    else:
        ask = PromptSession[str]().prompt
    while True:
        try:
            yield ask(_PROMPT)
        except (EOFError, KeyboardInterrupt):
            return


def printer(plain: bool, output: TextIO) -> Callable[[str], None]:
    """Return what shows a reply: its text alone, or with who speaks in bold before it."""

    def show(text: str) -> None:
        print(text if plain else f"{_WHO_SPEAKS}{text}", end="\n\n", file=output, flush=True)

    return show
