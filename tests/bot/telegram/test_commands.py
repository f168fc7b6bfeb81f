from __future__ import annotations

import asyncio

import pytest

from bot.channels.telegram.client import TelegramBot
from bot.channels.telegram.commands import commands, in_words, offer_menu
from intents import Reader
from tests.standin import BotApi


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("/register", "我要登记"),
        ("/mine", "我的登记"),
        ("/human", "人工"),
        ("/easy", "简单"),
        ("/full", "详细"),
        ("/cancel", "取消"),
        ("/resume", "继续"),
        ("/help", "帮助"),
        ("/start", "/start"),
        ("/REGISTER@zhucan_bot", "我要登记"),
    ],
)
def test_a_command_is_said_in_words(text: str, words: str) -> None:
    assert in_words(text) == words


def test_what_a_link_puts_behind_start_is_dropped() -> None:
    assert in_words("/start 我要登记") == "/start"


@pytest.mark.parametrize("text", ["/unknown", "/ register", "//register", "请发/register", "/", ""])
def test_what_is_no_command_of_ours_stays_as_it_is(text: str) -> None:
    assert in_words(text) == text


@pytest.mark.parametrize(
    ("name", "action"), [("register", "register"), ("mine", "my-registration"), ("help", "help"), ("cancel", "cancel")]
)
def test_the_words_of_a_command_are_understood(shipped_reader: Reader, name: str, action: str) -> None:
    words = next(command.words for command in commands() if command.name == name)
    assert shipped_reader.read(words).action == action


async def test_the_menu_is_offered_and_a_shorter_one_in_groups(bot: TelegramBot, api: BotApi) -> None:
    await offer_menu(bot)
    menus = {scope: [command["command"] for command in menu] for (scope, _), menu in api.commands.items()}
    assert menus == {
        '{"type": "all_private_chats"}': [command.name for command in commands()],
        '{"type": "all_group_chats"}': ["help", "human"],
    }


async def test_a_refused_menu_is_no_harm(bot: TelegramBot, api: BotApi) -> None:
    api.faults.refuse("BOT_COMMAND_INVALID", method="setMyCommands")
    await offer_menu(bot)
    assert api.commands == {}


async def test_nobody_waits_long_for_the_menu(bot: TelegramBot, api: BotApi) -> None:
    api.faults.too_many(3600, method="setMyCommands", times=None)
    async with asyncio.timeout(30):
        await offer_menu(bot)
