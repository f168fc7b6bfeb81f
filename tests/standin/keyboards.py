"""reply_markup, checked as the server does."""

from __future__ import annotations

from typing import Any

from .chats import Json
from .form import Arguments
from .refusal import RefusedError

DATA_BYTES = 64
INLINE_BUTTONS = 100
ACTIONS = frozenset(
    {
        "callback_game",
        "copy_text",
        "login_url",
        "pay",
        "switch_inline_query",
        "switch_inline_query_chosen_chat",
        "switch_inline_query_current_chat",
        "web_app",
    }
)


def reply_markup(args: Arguments) -> Json | None:
    """The keyboard asked for; None when there is none or it is empty. RefusedError when it is not as it should be."""
    given = args.json("reply_markup", "reply keyboard markup")
    if given is None:
        return None
    if not isinstance(given, dict):
        raise RefusedError("object expected as reply markup")
    keyboard = _rows(given.get("keyboard"), 'field "keyboard" must be an Array of Arrays')
    inline = _rows(
        given.get("inline_keyboard"), 'field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays'
    )
    for button in (b for row in keyboard for b in row):
        _check_button(button)
    for button in (b for row in inline for b in row):
        _check_inline(button)
    if sum(map(len, inline)) > INLINE_BUTTONS:
        raise RefusedError("REPLY_MARKUP_TOO_LONG")
    keyboard, inline = [row for row in keyboard if row], [row for row in inline if row]
    if keyboard:
        return given | {"keyboard": keyboard}
    if inline:
        return {"inline_keyboard": inline}
    return given if given.get("remove_keyboard") or given.get("force_reply") else None


def _rows(given: Any, words: str) -> list[list[Any]]:
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(row, list) for row in given):
        raise RefusedError(words)
    return given


def _check_button(button: Any) -> None:
    if isinstance(button, str):
        return
    if not isinstance(button, dict):
        raise RefusedError("can't parse keyboard button: KeyboardButton must be a String or an Object")
    if not isinstance(button.get("text"), str):
        raise RefusedError("can't parse keyboard button: Can't find field \"text\"")


def _check_inline(button: Any) -> None:
    said = "can't parse inline keyboard button: "
    if not isinstance(button, dict):
        raise RefusedError(said + "InlineKeyboardButton must be an Object")
    if not isinstance(button.get("text"), str):
        raise RefusedError(said + 'Can\'t find field "text"')
    if not button["text"].strip():
        raise RefusedError("BUTTON_TEXT_INVALID")
    data = button.get("callback_data")
    if button.get("url"):
        _check_url(str(button["url"]))
    elif data:
        if len(str(data).encode()) > DATA_BYTES:
            raise RefusedError("BUTTON_DATA_INVALID")
    elif not any(name in button for name in ACTIONS):
        raise RefusedError(said + "Text buttons are unallowed in the inline keyboard")


def _check_url(url: str) -> None:
    rest = url.removeprefix("https://").removeprefix("http://").removeprefix("tg://")
    if " " in url or ("." not in rest and not url.startswith("tg://")):
        raise RefusedError(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
