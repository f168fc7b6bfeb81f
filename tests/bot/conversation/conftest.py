"""Somebody to talk to the assistant, with readings that are known."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from bot.conversation.assistant import Assistant
from bot.conversation.fields.town import Towns
from bot.conversation.filling import Filling
from bot.conversation.forms import load_form
from bot.conversation.message import Message, Reply
from bot.conversation.office import Office
from bot.conversation.reading_answers import Tools
from bot.conversation.state import State
from intents import Reader, Reading
from intents.sounds import Sounds
from knowledge import Knowledge

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=timezone(timedelta(hours=8)))
READINGS: Mapping[str, Reading] = {
    "摊位费": Reading("answer", "stall-rent", score=0.9),
    "摊位费能减吗": Reading("answer", "stall-rent", score=0.9),
    "学按摩": Reading("answer", "massage-course", score=0.9),
    "公交": Reading("signpost", "signpost:bus", score=0.9),
    "残疾证写错了": Reading("signpost", "signpost:bus", score=0.9),
    "不想活了": Reading("safety", "safety:despair", score=0.9),
    "在家自杀": Reading("safety", "safety:despair", score=0.9),
    "不想活了，只能上午上班": Reading("safety", "safety:despair", score=0.5),
    "在家打杂": Reading("safety", "safety:despair", score=0.4),
    "祝你们好": Reading("action", action="greeting", score=0.9),
    "打电话": Reading("action", action="human", score=0.9),
    "我想把名字登记上": Reading("action", action="register", score=0.9),
    "我难过": Reading("choices", choices=("safety:despair", "action:human"), score=0.3),
    "有啥帮我的": Reading("choices", choices=("stall-rent", "massage-course", "signpost:bus"), score=0.3),
    "帮帮我": Reading("choices", choices=("stall-rent", "massage-course", "signpost:bus"), score=0.3),
}
OFFICE = Office(name="某残联", contact="要找某残联，打12345。")


class Person:
    """Talks to the assistant and remembers what it said."""

    def __init__(self, assistant: Assistant, abroad: str = "") -> None:
        self._assistant = assistant
        self._tokens = itertools.count(1)
        self._abroad = abroad
        self.state = State()
        self.replies: list[Reply] = []
        self.at = NOON

    def message(self, **values: Any) -> Message:
        token = f"{next(self._tokens) * 0x9E3779B97F4A7C15F39CC0605CEDC834 % 2**128:032x}"
        return Message(**{"at": self.at, "token": token, "abroad": self._abroad, **values})

    def starts(self) -> str:
        self.replies, self.state = self._assistant.welcome(self.message(), self.state)
        return self.heard

    def says(self, *texts: str, **values: Any) -> str:
        """Say the texts one after another; return what was answered to the last."""
        for text in texts:
            self.replies, self.state = self._assistant.reply(self.message(text=text, **values), self.state)
        return self.heard

    def sends(self, **values: Any) -> str:
        self.replies, self.state = self._assistant.reply(self.message(**values), self.state)
        return self.heard

    def presses(self, label: str) -> str:
        """Press the button that has ``label`` in it."""
        (payload,) = [
            button.payload
            for reply in self.replies
            for button in reply.buttons
            if label == button.label.partition(". ")[2]
        ]
        return self.sends(button=payload)

    @property
    def heard(self) -> str:
        return "\n".join(reply.text for reply in self.replies)

    @property
    def lines(self) -> list[str]:
        return self.heard.splitlines()

    def easy(self) -> None:
        self.state = replace(self.state, easy=True)


@pytest.fixture(scope="session")
def tools(tiny_reader: Reader, shipped: Knowledge) -> Tools:
    tables = tiny_reader.index.tables
    elsewhere = shipped.scope.places if shipped.scope is not None else ()
    towns = Towns(shipped.towns, tables.readings, simplified=tables.simplified, elsewhere=elsewhere)
    return Tools(towns, shipped.towns, Sounds(tables.readings), "023")


@pytest.fixture
def assistant(tiny: Knowledge, tools: Tools) -> Assistant:
    titles = {key: entry.title for key, entry in tiny.entries()}
    filling = Filling(load_form("jobseeker"), OFFICE, tools, titles.get)
    return Assistant(tiny, lambda text: READINGS.get(text, Reading("none")), filling)


@pytest.fixture
def person(assistant: Assistant) -> Person:
    return Person(assistant)


@pytest.fixture
def person_abroad(assistant: Assistant) -> Person:
    """Somebody on a platform whose servers are abroad."""
    return Person(assistant, abroad="Telegram")


@pytest.fixture
def meet(assistant: Assistant) -> Callable[[], Person]:
    """Meet another person each time."""
    return lambda: Person(assistant)
