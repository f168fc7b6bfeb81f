"""Registrations for the console to work with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.conversation.receipts import new_receipt
from bot.conversation.registration import Answer, Consent, Registration
from bot.conversation.state import State
from bot.store import Store

from .office import NOW, Office

USUAL: Mapping[str, Answer] = {
    "whom": "self",
    "age": "40-49",
    "name": "周桂芳",
    "contact_way": "call",
    "phone": "+8613800138000",
    "town": "白沙镇",
    "wanted": ("home", "nearby"),
    "education": "junior",
}


def registration(place: int = 1, at: datetime = NOW, **answers: Answer) -> Registration:
    """A registration; those of different places have different receipts."""
    consent = Consent("registration", "2026-11", True, at)
    return Registration(new_receipt(f"{place:015x}0"), {**USUAL, **answers}, (consent,), at, at)


async def left(store: Store, *registrations: Registration) -> None:
    """Let people leave these, each in a chat of its own."""
    async with store.transaction() as transaction:
        for one in registrations:
            chat = f"telegram:{one.receipt}"
            before = (await transaction.people.load([chat]))[chat]
            await transaction.people.save(chat, before, State(registrations=(one,)), one.created)


async def registered(office: Office, *several: Mapping[str, Answer]) -> Sequence[Registration]:
    """Let one person register for each of ``several``, with these answers instead of the usual ones."""
    made = [registration(place, office.clock.now, **answers) for place, answers in enumerate(several, 1)]
    await left(office.store, *made)
    return made
