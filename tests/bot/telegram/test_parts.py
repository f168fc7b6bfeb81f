"""Replies, cut into what Telegram takes as one message each."""

from __future__ import annotations

import random
from datetime import date

import pytest

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.client import make_bot
from bot.channels.telegram.splitting import LONGEST_TEXT, units
from bot.conversation.answering import answer
from bot.conversation.message import Button, File, Reply
from bot.store.outbox import Parcel
from knowledge import Knowledge
from tests.bot.telegram.making import ME
from tests.standin import BotApi

BUTTONS = (Button("选一", "v1:a:1"), Button("选二", "v1:a:2"))
FILE = File("我的登记.txt", "称呼：王芳")
LONG = "\n\n".join("很长的一段。" * 100 for _ in range(20))


@pytest.fixture
def cutter() -> TelegramChannel:
    """A channel that nothing is sent through."""
    return TelegramChannel(make_bot("7000000001:AAHsStandInTokenForTests_0123456789"), ME)


def test_a_short_reply_is_one_part(cutter: TelegramChannel) -> None:
    reply = Reply("好", BUTTONS, asks_phone=True)
    assert cutter.parts(reply) == (reply,)


def test_a_long_reply_is_several_parts_with_the_buttons_at_the_end(cutter: TelegramChannel) -> None:
    parts = cutter.parts(Reply(LONG, BUTTONS))
    assert "\n\n".join(part.text for part in parts) == LONG
    assert all(0 < units(part.text) <= LONGEST_TEXT for part in parts)
    assert [part.buttons for part in parts] == [()] * (len(parts) - 1) + [BUTTONS]


def test_a_file_hangs_under_a_short_text(cutter: TelegramChannel) -> None:
    reply = Reply("这是您的登记", BUTTONS, FILE)
    assert cutter.parts(reply) == (reply,)


def test_a_file_comes_after_a_text_too_long_to_stand_under_it(cutter: TelegramChannel) -> None:
    text = "长" * 1025
    assert cutter.parts(Reply(text, BUTTONS, FILE)) == (Reply(text), Reply("", BUTTONS, FILE))


def test_a_file_alone_is_one_part(cutter: TelegramChannel) -> None:
    assert cutter.parts(Reply("", file=FILE)) == (Reply("", file=FILE),)


@pytest.mark.parametrize("text", ["", " \n "])
def test_nothing_to_say_is_no_part(cutter: TelegramChannel, text: str) -> None:
    assert cutter.parts(Reply(text)) == ()


def test_cutting_again_changes_nothing(cutter: TelegramChannel) -> None:
    for part in cutter.parts(Reply(LONG, BUTTONS, FILE)):
        assert cutter.parts(part) == (part,)


def test_every_answer_is_one_message(cutter: TelegramChannel, shipped: Knowledge) -> None:
    for key in shipped.by_key:
        for easy in (False, True):
            text = answer(shipped, key, easy=easy, today=date(2026, 5, 1))
            assert cutter.parts(Reply(text)) == (Reply(text.rstrip()),), key


async def test_every_answer_arrives_word_for_word(channel: TelegramChannel, api: BotApi, shipped: Knowledge) -> None:
    person = api.person()
    person.say("/start")
    texts = [
        answer(shipped, key, easy=easy, today=date(2026, 5, 1)) for key in shipped.by_key for easy in (False, True)
    ]
    for text in random.Random(1).sample(texts, 40):
        await channel.deliver(f"telegram:{person.id}", Parcel(f"telegram:{person.id}", Reply(text, BUTTONS)))
        assert (await person.hears()).text == text.strip()
