"""Explaining the form itself: why something is asked, who sees it, how the data is used."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from bot.clock import day_of
from bot.conversation.asking import Asking
from bot.conversation.forms import Asked
from bot.conversation.message import Message
from bot.conversation.state import State
from intents.reading import Reading
from knowledge.text import bare

_ABOUT_REGISTERING = ("register", "my-registration", "withdraw")
_WHY = re.compile(
    r"为什么|为啥|为何|干啥|干什么|做啥|做什么用|咋个要|凭什么|凭啥|问这个|问这些|有必要|拿来做|有啥子?用|有什么用|有用没|好处|要不要紧|要紧不|哪门要"
)
_WHY_ASKED = re.compile(
    r"(?:为什么|为啥子?|为何|凭什么|凭啥子?|咋个|怎么|哪门|干嘛|做啥子?)(?:还|又|非|都)?(?:要|得)?(?:我的?)?"
    r"(?:问|填|写|登记|记|晓得|知道|留|给|选|说)"
)


@dataclass(frozen=True)
class Explaining:
    """Explains the form that ``asking`` asks."""

    asking: Asking

    def notice(self, message: Message) -> str:
        """Return what was told before the person agreed: how the data is used."""
        told = [step.ask for step in self.asking.form.steps if step.kind == "consent" and not step.when]
        return self.asking.filled_in(told[0].rpartition("\n")[0], message)

    def about_form(self, message: Message, text: str, state: State, reading: Reading) -> str | None:
        """Return the answer to a question about registering itself; None when it is about something else."""
        said = self._about_form(text, state, reading)
        if isinstance(said, Asked):
            registered = max((one.created for one in state.registrations), default=None)
            if said.registered and registered is not None and state.draft is None:
                by_when = day_of(registered) + timedelta(days=self.asking.office.contact_days)
                contact = self.asking.office.contact
                return said.registered.format(month=by_when.month, day=by_when.day, contact=contact)
            said = said.answer
        return self.asking.filled_in(said, message) if said is not None else None

    def _about_form(self, text: str, state: State, reading: Reading) -> Asked | str | None:
        if reading.kind == "safety":
            return None
        words = bare(text)
        step = self.asking.form.step(state.draft.step) if state.draft is not None else None
        why = step.why if step is not None else ""
        if state.in_form and why and _WHY_ASKED.search(words):  # 为什么要问年龄: of the question just asked
            return why
        found = [asked for asked in self.asking.form.faq if asked.is_asked(words)]
        if reading.kind in ("answer", "signpost"):
            return next((one for one in found if one.sure), None) if state.in_form else None
        asked = found[0] if found else None
        if not state.in_form and asked is not None:
            own = asked.registered and state.registrations and state.draft is None
            if asked.anywhere or own:
                return asked
        if not state.in_form and reading.action not in _ABOUT_REGISTERING:
            return None
        if why and _WHY.search(words):
            return why
        return asked
