"""What comes in from a person and what goes back, the same for every channel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from intents.reading import Reading

Attachment = Literal["voice", "video", "photo", "sticker", "file", "location", "other"]


@dataclass(frozen=True)
class Message:
    """One message from a person.

    ``text``: what was typed ("" if nothing); ``button``: the payload of a pressed button, as the platform
    handed it over (anyone can forge one); ``phone``: the number of the contact that the person shared of
    themselves; ``attachment``: what kind of thing came that cannot be read. ``public``: others read along
    (a group). ``abroad``: the platform whose servers abroad it passed through, "" if none did.
    ``at``: when it came, in the person's time zone. ``token``: fresh, random and unguessable, at least 16 of
    ``0-9a-f``; numbers of lists and receipts are made of it, so that answering stays pure.
    """

    at: datetime
    token: str
    text: str = ""
    button: str | None = None
    phone: str | None = None
    attachment: Attachment | None = None
    public: bool = False
    abroad: str = ""


@dataclass(frozen=True)
class Button:
    """A shortcut for a number: ``label`` is read, ``payload`` (ASCII, at most 64 bytes) comes back when pressed."""

    label: str
    payload: str


@dataclass(frozen=True)
class File:
    """A text file for the person, such as the copy of a registration."""

    name: str
    content: str


@dataclass(frozen=True)
class Note:
    """Something for the staff to learn from: a question that was not answered well.

    ``text`` is the question with names, phones and numbers of persons blacked out; ``topic`` and
    ``candidates`` are entry keys: what was answered, and what came nearest.
    """

    kind: Literal["unanswered", "uncertain", "unhelpful"]
    text: str
    topic: str | None = None
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True)
class Letter:
    """What a person wrote to those who work on the registration ``receipt``."""

    receipt: str
    text: str


@dataclass(frozen=True)
class Reply:
    """One message to the person, as plain text. It says everything; ``buttons`` only repeat its numbered list.

    ``asks_phone``: the channel may offer to share the person's own number. ``reading`` is what the message
    was understood as, if it was read; ``about`` the key of the entry that a question is answered with; ``note`` and
    ``letter`` are kept for the staff. None of them is sent.
    """

    text: str
    buttons: tuple[Button, ...] = ()
    file: File | None = None
    asks_phone: bool = False
    reading: Reading | None = None
    about: str | None = None
    note: Note | None = None
    letter: Letter | None = None
