"""The commands of the menu, kept as data, and the words the assistant understands them by."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from functools import cache, partial
from typing import Annotated

import structlog
from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter
from telegram import BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats

from bot import data_files
from bot.channels.telegram.backoff import Sleep, patiently
from bot.channels.telegram.client import TelegramBot
from bot.channels.telegram.faults import Fault

_PATIENCE = 5.0  # seconds
_PRIVATE = BotCommandScopeAllPrivateChats()
_GROUPS = BotCommandScopeAllGroupChats()
_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]+))?(?:\s+(.*))?", re.DOTALL)
_log = structlog.stdlib.get_logger(__name__)


class Command(BaseModel):
    """One command: its ``name``, the ``words`` it stands for, and what the menu says of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,32}$")]
    words: Annotated[str, StringConstraints(min_length=1)]
    description: Annotated[str, StringConstraints(min_length=1, max_length=256)]
    groups: bool = False


def _data(name: str) -> object:
    return data_files.read("bot.channels.telegram", name)


@cache
def commands() -> tuple[Command, ...]:
    """Return the commands, in the order of the menu."""
    return TypeAdapter(tuple[Command, ...]).validate_python(_data("commands.yaml"))


@cache
def wording() -> Mapping[str, str]:
    """Return the channel's own words by name."""
    return TypeAdapter(dict[str, str]).validate_python(_data("wording.yaml"))


def addressee(text: str) -> str | None:
    """Return the username that the command at the start of ``text`` is for, if it names one."""
    found = _COMMAND.fullmatch(text)
    return found[2] if found else None


def in_words(text: str) -> str:
    """Return ``text`` with a command in it said in words; what is not a command of ours stays as it is.

    What follows /start is dropped (a link may carry anything there); what follows another is of no use to it.
    """
    found = _COMMAND.fullmatch(text)
    if found is None:
        return text
    name = found[1].lower()
    return next((command.words for command in commands() if command.name == name), text)


async def offer_menu(bot: TelegramBot, *, sleep: Sleep = asyncio.sleep) -> None:
    """Put the commands into the menus of private chats and groups, as soon as Telegram can be reached.

    A refusal is only logged, also the wish for a long pause: nobody is to wait for an answer because of a menu, and
    everything can be said in words. Raises TokenRefused.
    """
    every = [(command.name, command.description) for command in commands()]
    public = [(command.name, command.description) for command in commands() if command.groups]
    try:
        await patiently("setMyCommands", partial(bot.set_my_commands, every, _PRIVATE), patience=_PATIENCE, sleep=sleep)
        await patiently("setMyCommands", partial(bot.set_my_commands, public, _GROUPS), patience=_PATIENCE, sleep=sleep)
    except Fault as error:
        _log.warning("telegram refuses the menu of commands", reason=error.message)
