"""A conversation with whoever sits at the terminal, kept in the database like any other."""

from __future__ import annotations

import asyncio
import getpass
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bot import clock
from bot.app import App
from bot.conversation.message import Message, Reply
from bot.conversation.wording import say as phrase
from bot.service.desk import Answer, Desk
from bot.storage import open_store
from bot.store import StoreUnavailable


class Seat:
    """Where somebody sits: what is said is answered and kept at once."""

    def __init__(self, runner: asyncio.Runner, desk: Desk, built: App) -> None:
        self._runner = runner
        self._desk = desk
        self._assistant = built.assistant

    def welcome(self) -> list[Reply]:
        """Return what is said first."""
        return self._answered(self._assistant.welcome, "")

    def reply(self, text: str) -> list[Reply]:
        """Return the answer to ``text``; where it cannot be kept, words that say so."""
        return self._answered(self._assistant.reply, text)

    def _answered(self, answer: Answer, text: str) -> list[Reply]:
        try:
            return self._runner.run(self._desk.answer(answer, lambda: _message(text)))
        except StoreUnavailable:
            return [Reply(phrase("cannot_keep"))]


@contextmanager
def at_the_terminal(built: App, say: Callable[[str], None]) -> Iterator[Seat]:
    """Open the database for a conversation at the terminal. Raises StoreError or StoreUnavailable."""
    with asyncio.Runner() as runner:
        store = runner.run(open_store(built.settings, say))
        try:
            yield Seat(runner, Desk(store, f"terminal:{_user()}"), built)
        finally:
            runner.run(store.close())


def _message(text: str) -> Message:
    return Message(at=clock.now(), token=secrets.token_hex(16), text=text)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no such user, as in some containers
        return "local"
