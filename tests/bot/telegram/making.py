"""Updates as Telegram makes them."""

from __future__ import annotations

import json
from typing import Any

from bot.channels.delivery import Departure, Incoming
from bot.channels.telegram.updates import Me, read

ME = Me(7000000001, "zhucan_bot")
WANG: dict[str, Any] = {"id": 42, "is_bot": False, "first_name": "王芳"}
BOT: dict[str, Any] = {"id": ME.id, "is_bot": True, "first_name": "助残", "username": ME.username}
PRIVATE = {"id": 42, "type": "private", "first_name": "王芳"}
GROUP = {"id": -100987, "type": "supergroup", "title": "求职群"}


def message(chat: dict[str, Any] = PRIVATE, **content: Any) -> dict[str, Any]:
    return {"message_id": 7, "date": 1_780_000_000, "chat": chat, "from": WANG} | content


def query(shown: dict[str, Any] | None = None, **content: Any) -> dict[str, Any]:
    shown = shown or message(**{"from": BOT})
    return {"id": "4001", "from": WANG, "chat_instance": "1", "message": shown, "data": "v1:abc:1"} | content


def membership(old: str, new: str, chat: dict[str, Any] = PRIVATE) -> dict[str, Any]:
    members = {"old_chat_member": {"user": BOT, "status": old}, "new_chat_member": {"user": BOT, "status": new}}
    return {"chat": chat, "from": WANG, "date": 1_780_000_000} | members


def understood(**update: Any) -> Incoming | Departure | None:
    return read(json.dumps({"update_id": 1} | update), ME)


def said(**content: Any) -> Incoming:
    """What a private message is read as."""
    found = understood(message=message(**content))
    assert isinstance(found, Incoming)
    return found


def said_in_group(**content: Any) -> Incoming | Departure | None:
    return understood(message=message(GROUP, **content))
