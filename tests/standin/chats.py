"""What the server remembers: chats, and the messages that took effect in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]


@dataclass(frozen=True)
class Button:
    """One button of an inline keyboard, or of a reply keyboard (then without data)."""

    text: str
    data: str | None = None
    url: str | None = None
    request_contact: bool = False


@dataclass(frozen=True)
class Document:
    """A file that the bot sent."""

    name: str
    content: bytes = field(repr=False)
    mime_type: str = "application/octet-stream"


@dataclass(frozen=True)
class Sent:
    """A message of the bot's as the person sees it: after parsing of markup, with what hangs below it."""

    chat_id: int
    message_id: int
    text: str  # of a document: its caption
    rows: tuple[tuple[Button, ...], ...] = ()
    document: Document | None = None
    reply_to: int | None = None  # message_id of the message it answers
    removes_keyboard: bool = False
    inline: bool = True  # whether the buttons are an inline keyboard
    parse_mode: str | None = None
    method: str = "sendMessage"
    time: float = 0.0  # time.monotonic() at the effect

    @property
    def buttons(self) -> tuple[Button, ...]:
        """Every button, in reading order."""
        return tuple(button for row in self.rows for button in row)

    def button(self, wanted: str) -> Button:
        """The button with these words or this data. LookupError says which there are."""
        for button in self.buttons:
            if wanted in (button.text, button.data):
                return button
        raise LookupError(f"no button {wanted!r} among {[button.text for button in self.buttons]}")


@dataclass(eq=False)
class Chat:
    """One chat: who is in it, what was said, and whether the bot may still write there."""

    id: int
    kind: Literal["private", "group", "supergroup"]
    title: str
    username: str | None = None
    started: bool = False  # a bot can't write first
    blocked: bool = False  # by the person; in a group: the bot was removed
    migrated_to: int | None = None
    messages: dict[int, Json] = field(default_factory=dict)  # as the API shows them, by id
    seen: dict[int, Sent] = field(default_factory=dict)  # the bot's own, in their current state
    sent: list[Sent] = field(default_factory=list)  # the bot's own, as they were sent

    @property
    def json(self) -> Json:
        if self.kind == "private":
            names = {"first_name": self.title} | ({"username": self.username} if self.username else {})
            return {"id": self.id, "type": "private", **names}
        return {"id": self.id, "type": self.kind, "title": self.title}

    def newest_with(self, wanted: str) -> Sent:
        """The newest of the bot's messages that has this button now. LookupError when none has."""
        for message in self._newest_first():
            if any(wanted in (button.text, button.data) for button in message.buttons):
                return message
        there = sorted({button.text for message in self._newest_first() for button in message.buttons})
        raise LookupError(f"no message in chat {self.id} has a button {wanted!r}; there are {there}")

    def _newest_first(self) -> Iterator[Sent]:
        return reversed(self.seen.values())


def buttons_of(markup: Mapping[str, Any] | None) -> tuple[tuple[Button, ...], ...]:
    """The rows of a checked reply_markup."""
    if not markup:
        return ()
    if "inline_keyboard" in markup:
        return tuple(
            tuple(Button(b["text"], b.get("callback_data"), b.get("url")) for b in row)
            for row in markup["inline_keyboard"]
        )
    return tuple(
        tuple(
            Button(b) if isinstance(b, str) else Button(b["text"], request_contact=bool(b.get("request_contact")))
            for b in row
        )
        for row in markup.get("keyboard", ())
    )
