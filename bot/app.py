"""Builds everything from the settings and hands it on as arguments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot import index_file
from bot.conversation.assistant import Assistant
from bot.conversation.fields.town import Towns
from bot.conversation.filling import Filling
from bot.conversation.forms import load_form
from bot.conversation.office import Office
from bot.conversation.reading_answers import Tools
from bot.conversation.wording import say as phrase
from bot.settings import Settings
from intents import Reader
from intents.sounds import Sounds
from knowledge import Knowledge

FEDERATION = "federation"
JOBSEEKER = "jobseeker"


@dataclass(frozen=True)
class App:
    """What a channel or a command works with.

    ``adviser`` only answers questions: it is for those who ask once and cannot fill in a form. ``version`` is the
    fingerprint of the knowledge.
    """

    settings: Settings
    knowledge: Knowledge
    reader: Reader
    assistant: Assistant
    adviser: Assistant
    version: str


def build(settings: Settings, say: Callable[[str], None]) -> App:
    """Build the assistant. ``say`` is told what takes long. Raises KnowledgeError."""
    sources = settings.knowledge
    version = index_file.fingerprint(sources.folder, sources.overlay)  # before: what is edited meanwhile is taken up
    knowledge, index = index_file.load(sources.folder, settings.index.folder, say, sources.overlay)
    return assemble(settings, knowledge, Reader(knowledge, index), version)


def assemble(settings: Settings, knowledge: Knowledge, reader: Reader, version: str) -> App:
    """Put the assistant together from ``knowledge`` and its ``reader``."""
    knowledge = _with_phone(knowledge, settings.federation.phone)
    office = _office(settings, knowledge)
    filling = Filling(load_form(JOBSEEKER), office, _tools(knowledge, reader, office), _titles(knowledge))
    return App(
        settings,
        knowledge,
        reader,
        Assistant(knowledge, reader.read, filling),
        Assistant(knowledge, reader.read),
        version,
    )


def _with_phone(knowledge: Knowledge, phone: str | None) -> Knowledge:
    """The federation's number is no public fact yet: whoever runs the assistant sets it."""
    if phone is None:
        return knowledge
    contacts = tuple(
        replace(contact, phone=phone) if contact.id == FEDERATION else contact for contact in knowledge.contacts
    )
    return replace(knowledge, contacts=contacts)


def _office(settings: Settings, knowledge: Knowledge) -> Office:
    contact = knowledge.contact.get(FEDERATION)
    name = contact.name if contact else phrase("office_unnamed")
    phone = contact.phone if contact else None
    return Office(
        name=name,
        contact=phrase("office_contact", name=name, phone=phone) if phone else phrase("office_contact_unknown"),
        phone=phone,
        keep_months=settings.registration.keep_months,
        drafts_days=settings.retention.drafts_days,
        backups_days=settings.retention.backups_days,
        contact_days=settings.registration.contact_days,
        area_code=settings.registration.area_code,
        category_abroad=settings.registration.category_abroad,
        abroad=settings.registration.abroad,
    )


def _tools(knowledge: Knowledge, reader: Reader, office: Office) -> Tools:
    tables = reader.index.tables
    elsewhere = knowledge.scope.places if knowledge.scope is not None else ()
    towns = Towns(knowledge.towns, tables.readings, simplified=tables.simplified, elsewhere=elsewhere)
    return Tools(towns, knowledge.towns, Sounds(tables.readings), office.area_code)


def _titles(knowledge: Knowledge) -> Callable[[str], str | None]:
    titles = {key: entry.title for key, entry in knowledge.entries()}
    return titles.get
