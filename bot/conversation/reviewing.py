"""Reviewing what was filled in: read back, rid of what tells of a disability, kept though it was met as distress."""

from __future__ import annotations

from dataclasses import dataclass

from bot.conversation.asking import Asking
from bot.conversation.message import Message
from bot.conversation.state import State, draft_of
from bot.conversation.suggesting import Suggesting
from bot.conversation.summary import summary_lines
from bot.conversation.taking import Taking
from bot.conversation.turn import Turn
from bot.conversation.wording import say

_CONSENT = "consent"
_CATEGORY_CONSENT = "category_consent"


@dataclass(frozen=True)
class Reviewing:
    """Shows and thins out what was answered to ``asking``; ``taking`` goes on from there."""

    asking: Asking
    suggesting: Suggesting
    taking: Taking

    def read_back(self, message: Message, state: State) -> Turn:
        """Say what was filled in so far; then the form goes on."""
        draft = draft_of(state)
        if draft.step is None:
            return self.asking.ask_again(message, state, "")
        steps = [step for step in self.asking.journey(message).steps(draft.answers) if step.id in draft.answers]
        lines = summary_lines([step for step in steps if step.kind != _CONSENT], draft.answers)
        said = "\n".join([say("so_far"), *lines]) if lines else say("nothing_so_far")
        return self.asking.ask_again(message, state, said)

    def refuse_category(self, message: Message, state: State) -> Turn | None:
        """Keep nothing that tells of a disability, whether or not it was agreed to before; None before any consent."""
        draft = draft_of(state)
        step = self.asking.form.step(_CATEGORY_CONSENT)
        if step is None or self.suggesting.waits_for_consent(message, draft):
            return None
        return self.taking.accept(message, state, step, "no", say("category_dropped"))
