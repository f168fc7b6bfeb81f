"""Handing in a filled-in form: kept as a registration, in the place of an earlier one or beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.clock import day_of
from bot.conversation.asking import Asking, in_words
from bot.conversation.message import Message, Reply
from bot.conversation.receipts import new_receipt, shown
from bot.conversation.registration import Registration
from bot.conversation.state import Option, State, draft_of
from bot.conversation.turn import Turn
from bot.conversation.wording import say


@dataclass(frozen=True)
class Submitting:
    """Hands in what was filled in through ``asking``."""

    asking: Asking

    def submit(self, message: Message, state: State) -> Turn:
        """Keep the draft as a registration, or ask what is still missing or whose it is."""
        journey = self.asking.journey(message)
        draft = journey.pruned(draft_of(state))
        missing = journey.next_open(draft)
        if missing is not None:
            return self.asking.ask(message, state, replace(draft, step=missing, picked=()))
        if draft.receipt is not None:
            former = state.registration(draft.receipt)
            if former is None:
                return [Reply(say("registration_gone"))], replace(state, draft=None, open=None)
            return self.register(message, state, former)
        alike = [one for one in state.registrations if one.answers.get("whom") == draft.answers.get("whom")]
        same = [one for one in alike if one.answers.get("name") == draft.answers.get("name")]
        sure = [one for one in same if one.answers.get("phone") == draft.answers.get("phone")]
        doubtful = same or (alike if draft.answers.get("whom") == "self" else [])
        if doubtful and not sure:
            return self._ask_who_it_is(message, state, doubtful)
        return self.register(message, state, sure[0] if sure else None)

    def _ask_who_it_is(self, message: Message, state: State, doubtful: Sequence[Registration]) -> Turn:
        """Somebody much like this one was registered before: the same, or another with the same name or phone?"""
        options = [
            *(Option(say("same_person", name=former.name), f"submit-as {former.receipt}") for former in doubtful),
            Option(say("another_person"), "submit-as new"),
        ]
        new = str(draft_of(state).answers.get("name"))
        return self.asking.reply(message, state, [say("who_is_it", new=new)], options)

    def register(self, message: Message, state: State, former: Registration | None) -> Turn:
        """Keep the draft as a registration: in the place of ``former``, or as a new one."""
        draft = self.asking.journey(message).pruned(draft_of(state))
        registration = Registration(
            receipt=former.receipt if former else new_receipt(message.token),
            answers=draft.answers,
            consents=draft.consents,
            created=former.created if former else message.at,
            updated=message.at,
        )
        others = [registration if one == former else one for one in state.registrations]
        by_when = day_of(message.at) + timedelta(days=self.asking.office.contact_days)
        text = say(
            "changed" if former else "registered",
            receipt=shown(registration.receipt),
            office=self.asking.office.name,
            phone=say("office_phone", phone=self.asking.office.phone) if self.asking.office.phone else "",
            days=self.asking.office.contact_days,
            month=by_when.month,
            day=by_when.day,
            way=in_words(self.asking.form.step("contact_way"), draft.answers.get("contact_way")),
        )
        return [Reply(text)], replace(
            state, draft=None, open=None, registrations=tuple(others) if former else (*others, registration)
        )
