"""Telegram as a channel: reads what came in, sends replies out."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Coroutine
from dataclasses import replace
from datetime import datetime
from typing import Any

from telegram import InputFile

from bot.channels.delivery import Context, Departure, Incoming, Outgoing, Refused
from bot.channels.telegram import updates
from bot.channels.telegram.client import TelegramBot
from bot.channels.telegram.commands import wording
from bot.channels.telegram.faults import Fault, as_fault, for_sending
from bot.channels.telegram.splitting import LONGEST_CAPTION, split, units
from bot.channels.telegram.updates import Me
from bot.conversation.message import Button, Reply
from bot.store.inbox import Arrival

_CHAT = re.compile(r"telegram:(-?\d{1,19})(/\d{1,19})?", re.ASCII)
_LONGEST_PAYLOAD = 64  # bytes
_MOST_BUTTONS = 100
_QUERIES_REMEMBERED = 2000
_NO_PREVIEW = {"is_disabled": True}


class TelegramChannel:
    """Talks with people through ``bot``, who is ``me``. ``query_seconds``: how long to wait for Telegram to
    confirm that it heard of a pressed button.
    """

    name = updates.NAME
    abroad = "Telegram"

    def __init__(self, bot: TelegramBot, me: Me, *, query_seconds: float = 5) -> None:
        self._bot = bot
        self._me = me
        self._query_seconds = query_seconds
        self._acknowledged: OrderedDict[str, None] = OrderedDict()

    def arrival(self, raw: object, received: datetime, due: datetime | None = None) -> Arrival | None:
        """Return an update to be kept in the inbox, as it came; None if it is to be ignored."""
        return updates.arrival(raw, self._me, received, due)

    def read(self, body: str) -> Incoming | Departure | None:
        """Return what a stored update means, None if it is to be ignored. Raises UnreadableUpdate and nothing else."""
        return updates.read(body, self._me)

    def parts(self, reply: Reply) -> tuple[Reply, ...]:
        """Return ``reply`` cut into single messages: the text in short enough pieces, the file under the last
        of them if that may stand under a file, the buttons at the very end. Nothing to say gives no part.
        """
        pieces = [Reply(text) for text in split(_sound(reply.text))]
        if reply.file is not None:
            under = pieces.pop() if pieces and units(pieces[-1].text) <= LONGEST_CAPTION else Reply("")
            pieces.append(replace(under, file=reply.file))
        if not pieces:
            return ()
        end = replace(reply, text=pieces[-1].text, file=pieces[-1].file)
        return (*pieces[:-1], end)

    async def deliver(self, chat: str, parcel: Outgoing) -> None:
        """Acknowledge the button that was pressed, and send the reply. Raises TryLater, Refused or Gone.

        A reply that is more than one part is sent whole, but is then repeated whole if a later part fails.
        """
        found = _CHAT.fullmatch(chat)
        if found is None:
            raise Refused("no such chat")
        _, fault = await asyncio.gather(
            self._acknowledge(parcel.context.get("query")),
            self._send_all(int(found[1]), parcel, public=found[2] is not None),
        )
        if fault is not None:
            raise for_sending(fault)

    async def _acknowledge(self, query: str | int | None) -> None:
        """Stop the button's waiting sign, once. Too late or not at all is no harm, and no words wait for it."""
        if not isinstance(query, str) or query in self._acknowledged:
            return
        self._acknowledged[query] = None
        if len(self._acknowledged) > _QUERIES_REMEMBERED:
            self._acknowledged.popitem(last=False)
        await _tried(self._bot.answer_callback_query(query, read_timeout=self._query_seconds))

    async def _send_all(self, address: int, parcel: Outgoing, *, public: bool) -> Fault | None:
        for part in self.parts(parcel.reply):
            fault = await self._send(address, part, parcel.context, public=public)
            if fault is not None:
                return fault
        return None

    async def _send(self, address: int, part: Reply, context: Context, *, public: bool) -> Fault | None:
        """Send one part, after the group if it has moved. Return what went wrong."""
        fault = await _tried(self._message(address, part, context, public=public))
        if fault is not None and fault.moved_to is not None:
            fault = await _tried(self._message(fault.moved_to, part, context, public=public))
        return fault

    async def _message(self, address: int, part: Reply, context: Context, *, public: bool) -> None:
        """Send ``part`` as the Bot API wants it: making the library's objects of it would take most of the time."""
        message: dict[str, object] = {
            "chat_id": address,
            "reply_markup": _markup(part, public=public),
            "reply_parameters": _answering(context.get("reply_to")),
            "message_thread_id": context.get("topic"),
        }
        if part.file is None:
            await self._bot.send("sendMessage", message | {"text": part.text, "link_preview_options": _NO_PREVIEW})
            return
        file = InputFile(_sound(part.file.content).encode(), filename=_sound(part.file.name), attach=True)
        await self._bot.send("sendDocument", message | {"document": file, "caption": part.text or None})


async def _tried(call: Coroutine[Any, Any, object]) -> Fault | None:
    """Return what went wrong. It is raised elsewhere, so that nothing of the client's insides hangs behind it."""
    try:
        await call
    except Exception as error:
        return as_fault(error)
    return None


def _answering(message: str | int | None) -> dict[str, object] | None:
    """Name the message that is answered; the answer comes without, if that has been deleted."""
    return {"message_id": message, "allow_sending_without_reply": True} if isinstance(message, int) else None


def _markup(part: Reply, *, public: bool) -> dict[str, object] | None:
    """Return the buttons. Where the phone is asked for, they stand beside that button and say their words.

    A message without any takes an old button for the phone away (never seen in groups).
    """
    if part.asks_phone and not public:
        share = {"text": wording()["share_phone"], "request_contact": True}
        words = [{"text": _sound(button.label)} for button in part.buttons if button.label.strip()]
        rows = [[key] for key in (share, *words)]
        return {"keyboard": rows, "resize_keyboard": True, "one_time_keyboard": True}
    inline = [
        [{"text": _sound(button.label), "callback_data": button.payload}]
        for button in part.buttons
        if _possible(button)
    ]
    if inline:
        return {"inline_keyboard": inline[:_MOST_BUTTONS]}
    return None if public else {"remove_keyboard": True}


def _possible(button: Button) -> bool:
    """Tell whether Telegram takes it: one bad button would make it refuse the whole message."""
    size = len(button.payload.encode("utf-8", "replace"))
    return bool(button.label.strip()) and 1 <= size <= _LONGEST_PAYLOAD


def _sound(text: str) -> str:
    """Return ``text`` without halves of characters, which no request can hold."""
    return text.encode("utf-8", "replace").decode()
