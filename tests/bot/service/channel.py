"""A channel that understands JSON of our own making, and notes what was sent, when, and in which order."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable

from bot.channels.delivery import Departure, Incoming, Outgoing, UnreadableUpdate
from bot.conversation.message import Message, Reply
from bot.conversation.state import State
from bot.store import Arrival

from .virtual_time import START


class NotedChannel:
    """``obstacle(chat, text)`` may return an exception, which delivering then raises."""

    name = "noted"
    abroad = ""

    def __init__(self, takes: float = 0.0, obstacle: Callable[[str, str], Exception | None] | None = None) -> None:
        self.sent: list[tuple[float, str, str]] = []
        self.tried: list[tuple[float, str, str]] = []
        self.at_once = 0
        self.most_at_once = 0
        self._takes = takes
        self.obstacle = obstacle or (lambda chat, text: None)

    def read(self, body: str) -> Incoming | Departure | None:
        update = json.loads(body)
        if update.get("unreadable"):
            raise UnreadableUpdate("unreadable: all")
        if update.get("explode"):
            raise KeyError("a secret of 王小明")
        if "blocked" in update:
            return Departure(update["chat"], update["blocked"])
        if "text" not in update:
            return None
        return Incoming(update["chat"], text=update["text"], context={"n": update["n"]})

    def parts(self, reply: Reply) -> tuple[Reply, ...]:
        return tuple(Reply(part) for part in reply.text.split("|"))

    async def deliver(self, chat: str, parcel: Outgoing) -> None:
        time = asyncio.get_running_loop().time
        text = parcel.reply.text
        self.tried.append((time(), chat, text))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(self._takes)
        finally:
            self.at_once -= 1
        obstacle = self.obstacle(chat, text)
        if obstacle is not None:
            raise obstacle
        self.sent.append((time(), chat, text))

    def texts(self, chat: str) -> list[str]:
        return [text for _, to, text in self.sent if to == chat]

    def by_chat(self) -> dict[str, list[str]]:
        texts: dict[str, list[str]] = defaultdict(list)
        for _, chat, text in self.sent:
            texts[chat].append(text)
        return texts


def arrival(number: int, chat: str = "noted:1", **update: object) -> Arrival:
    body = json.dumps({"n": number, "chat": chat, **update})
    return Arrival("noted", number, chat, body, START, START)


def said(number: int, text: str, chat: str = "noted:1") -> Arrival:
    return arrival(number, chat, text=text)


def echo(message: Message, state: State) -> tuple[list[Reply], State]:
    """Answer with what was said; the state remembers how it all went."""
    if message.text == "explode":
        raise ValueError("a secret of 王小明")
    return [Reply(f"re:{message.text}")], State(question=state.question + message.text)
