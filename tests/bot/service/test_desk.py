"""Somebody who sits right here: what they ask is kept and counted as it is on every channel."""

from __future__ import annotations

from copy import copy
from datetime import datetime
from functools import partial
from pathlib import Path

from bot.conversation.message import Message, Note, Reply
from bot.conversation.state import State
from bot.service.desk import Desk
from bot.store import Keys, Store
from bot.store.asked import asked_figures
from bot.store.figures import Period

NOON = datetime.fromisoformat("2025-06-20T12:00:00+08:00")


async def test_what_was_asked_is_noted_for_the_staff_and_counted(tmp_path: Path) -> None:
    replies = {
        "摊位费": Reply("能减", about="stall-rent"),
        "月亮有多远": Reply("不知道", note=Note("unanswered", "月亮有多远")),
    }

    def answer(message: Message, state: State) -> tuple[list[Reply], State]:
        return [replies[message.text]], state

    keys = Keys.open(tmp_path / "key", lambda _: None)
    async with await Store.open(f"sqlite:///{tmp_path / 'desk.db'}", keys) as store:
        desk = Desk(store, "terminal:1")
        for text, reply in replies.items():
            message = Message(NOON, "0" * 32, text)
            assert await desk.answer(answer, partial(copy, message)) == [reply]
        async with store.transaction() as transaction:
            (kept,) = await transaction.questions.unsettled(9)
        async with store.reading() as connection:
            found = await asked_figures(connection, Period())
    assert kept.note.text == "月亮有多远"
    assert [(one.key, one.answered) for one in found.topics] == [("stall-rent", 1)]
    assert found.outcomes["unanswered"] == 1
