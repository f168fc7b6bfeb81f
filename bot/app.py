"""Builds everything from the settings and hands it on as arguments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from bot import index_file
from bot.conversation.assistant import Assistant
from bot.settings import Settings
from intents import Reader
from knowledge import Knowledge

FEDERATION = "federation"


@dataclass(frozen=True)
class App:
    """What a channel or a command works with."""

    settings: Settings
    knowledge: Knowledge
    reader: Reader
    assistant: Assistant


def build(settings: Settings, say: Callable[[str], None]) -> App:
    """Build the assistant. ``say`` is told what takes long. Raises KnowledgeError."""
    knowledge, index = index_file.load(settings.knowledge.folder, settings.index.folder, say)
    knowledge = _with_phone(knowledge, settings.federation.phone)
    reader = Reader(knowledge, index)
    return App(settings, knowledge, reader, Assistant(knowledge, reader.read, date.today))


def _with_phone(knowledge: Knowledge, phone: str | None) -> Knowledge:
    """The federation's number is no public fact yet: whoever runs the assistant sets it."""
    if phone is None:
        return knowledge
    contacts = tuple(
        replace(contact, phone=phone) if contact.id == FEDERATION else contact for contact in knowledge.contacts
    )
    return replace(knowledge, contacts=contacts)
