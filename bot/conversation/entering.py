"""Coming into a form: beginning it, going on with it, opening what was handed in for changes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.conversation.asking import Asking
from bot.conversation.commands import registers_another
from bot.conversation.message import Message, Reply
from bot.conversation.registration import Registration
from bot.conversation.state import Draft, Option, State
from bot.conversation.suggesting import Suggesting
from bot.conversation.taking import Taking
from bot.conversation.turn import Turn
from bot.conversation.wording import say

_MOST_REGISTRATIONS = 10  # from one chat


@dataclass(frozen=True)
class Entering:
    """Leads into the form that ``asking`` asks. What was told before it began is found by ``suggesting``;
    ``taking`` says goodbye where that ends the form.
    """

    asking: Asking
    suggesting: Suggesting
    taking: Taking

    def is_closed(self, message: Message) -> bool:
        """Whether nobody can register on this channel."""
        return bool(message.abroad) and not self.asking.office.abroad

    def begin(self, message: Message, state: State, *, afresh: bool = False) -> Turn:
        """Start the form, or offer what there is: a draft to go on with, registrations to change."""
        if (refused := self._refused(message)) is not None:
            return [refused], state
        if state.draft is not None and not afresh:
            replies, state = self.resume(message, state)
            first = [Reply(say("another_later"))] if registers_another(message.text) else []
            return [*first, *replies], state
        if state.registrations and not afresh:
            return self._offer_existing(message, state)
        if len(state.registrations) >= _MOST_REGISTRATIONS:
            return [Reply(say("too_many_registrations", most=_MOST_REGISTRATIONS))], state
        asking = self.asking
        draft = asking.at_next_step(message, Draft(asking.form.id, message.at))
        told = self.suggesting.told_in(message, state.question, draft)
        if (end := self.suggesting.ending(told)) is not None:
            return self.taking.end(message, replace(state, draft=draft), end)
        intro = say("form_commands_easy" if state.easy else "form_commands", drafts=asking.office.drafts)
        waits = say("told_waits", labels=self.suggesting.labels(told)) if told else ""
        return asking.ask(message, state, draft, "\n".join(filter(None, [intro, waits])))

    def resume(self, message: Message, state: State) -> Turn:
        """Go on where the draft was left."""
        if not message.public and state.draft is None:
            return [Reply(say("nothing_to_continue"))], state
        if (refused := self._refused(message)) is not None:
            return [refused], state
        assert state.draft is not None
        draft = replace(state.draft, paused=False)
        steps = self.asking.journey(message).steps(draft.answers)
        if draft.step is not None and draft.step not in [step.id for step in steps]:
            draft = self.asking.at_next_step(message, draft)
        return self.asking.ask(message, state, draft, say("form_resumed"))

    def change(self, message: Message, state: State, registration: Registration) -> Turn:
        """Open a registration for changes, at the check page."""
        steps = self.asking.journey(message).steps(registration.answers)
        draft = Draft(
            self.asking.form.id,
            message.at,
            answers=registration.answers,
            skipped=tuple(step.id for step in steps if step.id not in registration.answers),
            consents=registration.consents,
            receipt=registration.receipt,
        )
        return self.asking.ask(message, state, draft)

    def _refused(self, message: Message) -> Reply | None:
        """What is said where no form can be filled in: with others reading along, or on a channel that is closed."""
        if message.public:
            return Reply(say("not_in_public"))
        if self.is_closed(message):
            return Reply(say("not_abroad", platform=message.abroad, contact=self.asking.office.contact))
        return None

    def _offer_existing(self, message: Message, state: State) -> Turn:
        options = [
            *(
                Option(say("change_of", name=registration.name), f"change {registration.receipt}")
                for registration in state.registrations
            ),
            Option(say("register_another"), "register-afresh"),
        ]
        return self.asking.reply(message, state, [say("registered_already")], options)
