"""Steering a form by words such as 返回, 跳过 or 取消: moving about in it, and leaving it."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace

from bot.conversation.asking import Asking
from bot.conversation.entering import Entering
from bot.conversation.journey import has_answers
from bot.conversation.message import Message, Reply
from bot.conversation.state import Option, State, draft_of
from bot.conversation.turn import Turn
from bot.conversation.wording import say


@dataclass(frozen=True)
class Steering:
    """Moves about in the form that ``asking`` asks, and leaves it; to start over leads back through ``entering``."""

    asking: Asking
    entering: Entering

    def command(self, message: Message, state: State, commands: Set[str]) -> Turn | None:
        """Carry out the one of ``commands`` that steers, None when none does."""
        for name, carry_out in (
            ("back", self.back),
            ("wrong", self.back),
            ("pause", self.pause),
            ("cancel", self.cancel),
            ("restart", self.restart),
            ("skip", self.skip),
        ):
            if name in commands:
                return carry_out(message, state)
        return None

    def back(self, message: Message, state: State) -> Turn:
        """Ask the question before; a registration is changed from its check page."""
        draft = draft_of(state)
        if draft.receipt is not None:
            return self.asking.ask(message, state, replace(draft, step=None, picked=()))
        before = self.asking.journey(message).before(draft)
        if before is None:
            return self.asking.ask_again(message, state, say("already_first"))
        return self.asking.ask(message, state, replace(draft, step=before, picked=()))

    def skip(self, message: Message, state: State) -> Turn:
        """Leave the current question unanswered, or as it was answered before, where that may be."""
        draft = draft_of(state)
        step = self.asking.form.step(draft.step)
        if step is None:
            return self.asking.ask_again(message, state, say("check_unclear"))
        if step.id not in draft.answers:
            if not self.asking.journey(message).can_skip(step, draft.answers):
                needed = say("must_agree" if step.kind == "consent" else "cannot_skip")
                return self.asking.ask_again(message, state, step.must or needed)
            draft = replace(draft, skipped=(*draft.skipped, step.id))
        return self.asking.ask(message, state, self.asking.at_next_step(message, draft))

    def pause(self, _: Message, state: State) -> Turn:
        """Put the form aside until the person comes back to it."""
        text = say("form_paused", drafts=self.asking.office.drafts)
        return [Reply(text)], replace(state.with_form_paused(), open=None)

    def cancel(self, message: Message, state: State, *, surely: bool = True) -> Turn:
        """Stop for good; ask first when there is something to lose, or when that is not ``surely`` what was meant."""
        asked_before = state.open is not None and any(option.act == "discard" for option in state.open.options)
        if surely and (asked_before or not has_answers(self.asking.form, draft_of(state))):
            return self.discard(message, state)
        options = [
            Option(say("cancel_discard"), "discard"),
            Option(say("cancel_pause"), "pause"),
            Option(say("cancel_continue"), "resume"),
        ]
        return self.asking.reply(message, state, [say("cancel_sure")], options)

    def discard(self, _: Message, state: State) -> Turn:
        """Throw the draft away."""
        phrase = "change_dropped" if draft_of(state).receipt else "form_discarded"
        # What was asked last goes as well: it may have been meant for the form.
        return [Reply(say(phrase))], replace(state, draft=None, open=None, topic=None, question="")

    def restart(self, message: Message, state: State) -> Turn:
        """Start over; ask first when there is something to lose."""
        if not has_answers(self.asking.form, draft_of(state)):
            return self.restart_surely(message, state)
        options = [Option(say("restart_yes"), "restart-sure"), Option(say("cancel_continue"), "resume")]
        return self.asking.reply(message, state, [say("restart_sure")], options)

    def restart_surely(self, message: Message, state: State) -> Turn:
        """Start over: from the registration as it was handed in, or from the first question."""
        registration = state.registration(draft_of(state).receipt)
        if registration is not None:
            return self.entering.change(message, state, registration)
        return self.entering.begin(message, replace(state, draft=None), afresh=True)
