"""Hearing what was said: whether it is a command, a choice, words for the staff, part of a form, or a question."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from bot.conversation import letters, lists
from bot.conversation.acting import Acting
from bot.conversation.advising import Advising
from bot.conversation.commands import (
    command,
    confirms,
    form_commands,
    is_angry,
    is_short_answer,
    rates_unhelpful,
    wonders_who,
)
from bot.conversation.hearing_in_form import HearingInForm
from bot.conversation.message import Message, Reply
from bot.conversation.registering import Registering
from bot.conversation.settling import Settling, is_near, left_open, nothing_done, put_again
from bot.conversation.state import Option, State
from bot.conversation.turn import Turn
from bot.conversation.wording import say
from intents.reading import Reading

_YES_OR_NO = 2  # options
_STEERING = {"back", "skip", "pause", "restart"}
_FORM_CHOICES = {"pick", "done", "edit", "submit", "skip"}
"""Verbs of choices that a form hears for itself: a number can be several choices at once there."""


@dataclass(frozen=True)
class Hearing:
    """Hands what was said to where it belongs: ``acting`` for what leaves no doubt, ``advising`` for questions,
    ``registering`` for the form, None where nobody can register. ``read`` understands a text.
    """

    read: Callable[[str], Reading]
    advising: Advising
    acting: Acting
    registering: Registering | None

    @cached_property
    def in_form(self) -> HearingInForm:
        """What hears while a form is being filled in."""
        assert self.registering is not None
        return HearingInForm(self.read, self.registering.filling, self.advising)

    @cached_property
    def settling(self) -> Settling:
        """What hears a yes or no to what cannot be taken back."""
        return Settling(self.acting.act)

    def hear(self, message: Message, text: str, state: State) -> Turn:
        """Answer ``text``, the words of ``message`` that may be read."""
        return left_open(state, self._heard(message, text, state), message)

    def _heard(self, message: Message, text: str, state: State) -> Turn:
        name = command(text)
        if name is not None and not self._answers_form(message, text, state):
            return self.acting.command(name, message, replace(state, letter_to=""))
        letter = self._letter(message, text, state)
        if letter is not None:
            return self.advising.go_on(message, letter)
        chosen = lists.number_or_words(text, state.open)
        if isinstance(chosen, Option) and not (state.in_form and chosen.act.partition(" ")[0] in _FORM_CHOICES):
            return self.acting.act(message, state, chosen.act)
        if (settled := self.settling.settled(message, text, state)) is not None:
            return settled
        if (again := self._in_doubt(message, text, state)) is not None:
            return again
        if self.registering is not None and (wished := self.registering.wished(message, text, state)) is not None:
            return self._in_case(text, wished)
        if state.in_form:
            return self.in_form.hear(message, text, state)
        if self._answers_staff(message, text, state, chosen):
            return letters.offer(message, state, text)
        if self.registering is not None and (number := self.registering.another_number(message, text, state)):
            return number
        if isinstance(chosen, int):
            return self.acting.wrong_number(state, chosen)
        said = confirms(text) if _goes_on_with_yes(state) or letters.is_asked(state) else None
        if said is not None:
            return self.acting.act(message, state, state.open.options[0].act if said and state.open else "none")
        return self._hear_question(message, text, state)

    def _in_case(self, text: str, turn: Turn) -> Turn:
        """Say whom to call before ``turn``, where ``text`` may be said in distress: 再也不要找我了."""
        reading = self.read(text)
        return ([*self.advising.consoling.in_case(reading), *turn[0]], turn[1]) if reading.kind == "safety" else turn

    def _in_doubt(self, message: Message, text: str, state: State) -> Turn | None:
        """Ask once more what cannot be taken back, then go on with the form: 好 to 真的不填了吗 hands in nothing."""
        if not is_near(text, state) or self._alarms(text):
            return None
        again = put_again(message, state)
        return self.acting.act(message, state, "resume") if again is None and state.in_form else again

    def _alarms(self, text: str) -> bool:
        """Whether ``text`` may be said in distress, which comes before all else."""
        reading = self.read(text)
        return reading.kind == "safety" or reading.offers_help

    def _answers_form(self, message: Message, text: str, state: State) -> bool:
        """Whether what sounds like a command answers the form: 不识字 the question about school, 全部 every choice."""
        if self.registering is None or not state.in_form:
            return False
        filling = self.registering.filling
        return filling.is_own_word(message, text, state) or (filling.takes_several(state) and "全" in text)

    def _letter(self, message: Message, text: str, state: State) -> Turn | None:
        """What is said to the staff; distress in it is met here as well. None for all else."""
        if self.registering is None:
            return None
        spoken = not state.in_form and bool(state.registrations)
        words = letters.opening(text, spoken=spoken)
        if words is not None:
            turn = letters.begin(message, state, words)
        elif state.letter_to and not message.public:
            turn = letters.take(text, state)
        else:
            return None
        reading = self.read(words or text)
        if reading.kind != "safety":
            return turn
        help_now, after = self.advising.about(message, str(reading.topic), turn[1], reading)
        return [*help_now, *turn[0]], replace(after, open=turn[1].open)

    def _answers_staff(self, message: Message, text: str, state: State, chosen: Option | int | None) -> bool:
        """Whether a number, or a mere yes or no, may be an answer to what the staff wrote: nothing else asks for it."""
        # 好 and 不用 are said to what was said to distress, unless the staff wrote since: that closes the list
        in_distress = state.in_distress and letters.is_offered(state)
        if self.registering is None or in_distress or not letters.may_be_meant(message, state):
            return False
        asked = letters.is_asked(state)
        if state.open is not None and not letters.is_offered(state):
            return False
        if is_short_answer(text):
            return not (asked and confirms(text) is not None)
        return chosen is not None and (state.open is None or (asked and chosen != 0))

    def _hear_question(self, message: Message, text: str, state: State) -> Turn:
        consoled = self.advising.consoling.reply(text, state)
        if consoled is not None:
            return consoled
        leaning = self.advising.follow_up(message, text, state)
        place = self.advising.other_place(message, text, state) if leaning is None else None
        if isinstance(place, str):
            text = place
        else:
            leaning = leaning or place
        if leaning is None and self.registering is not None:
            leaning = self.registering.changed(message, text, state, surely=True)
        if leaning is not None:
            return leaning
        if rates_unhelpful(text) and not state.in_distress:
            return self.acting.unhelped(message, state)
        reading = self.advising.consoling.meant(text, state, self.read(text))
        if wonders_who(text) and not is_angry(text) and reading.kind in ("none", "choices"):
            return [Reply(say("who_i_am"))], replace(state, open=None)
        if self.registering is not None and (
            reading.kind in ("none", "choices") or reading.action in ("my-registration", "cancel")
        ):
            changed = self.registering.changed(message, text, state, surely=False)
            if changed is not None:
                return changed
        if (unsettled := self._unsettled(message, state, reading)) is not None:
            return unsettled
        waiting = self._waiting_form(message, text, state, reading)
        if waiting is not None:
            return waiting
        if not message.public:
            state = replace(state, question=text)
        introduced = self.registering.introduced(message, text, state, reading) if self.registering else None
        return introduced or self.advising.understood(message, text, state, reading)

    def _unsettled(self, message: Message, state: State, reading: Reading) -> Turn | None:
        """Put once more what cannot be taken back to whoever said nothing to it that is understood."""
        other = reading.kind not in ("none", "choices") and reading.action not in ("withdraw", "cancel")
        if reading.offers_help or other:
            return None
        if (again := put_again(message, state)) is not None:
            return again
        nothing = nothing_done(state)
        return ([Reply(nothing)], replace(state, open=None)) if nothing else None

    def _waiting_form(self, message: Message, text: str, state: State, reading: Reading) -> Turn | None:
        """Words that only make sense in a form, while one waits or none is there; None for all others."""
        if self.registering is None or message.public or reading.kind in ("answer", "signpost", "safety"):
            return None
        if state.draft is None:
            steering = form_commands(text) & _STEERING
            return ([Reply(say("no_form"))], state) if steering and not state.in_distress else None
        filling = self.registering.filling
        active = replace(state, draft=replace(state.draft, paused=False))
        if (changed := filling.correcting.in_the_middle(message, text, active)) is not None:
            return changed  # 镇改成白沙: so they go on with it
        steers = form_commands(text) & {"back", "cancel", "restart"}
        if not steers and form_commands(text) and state.in_distress:
            return None  # 完了, 不知道 of somebody in distress
        if not filling.plain_answer(message, text, active):
            return None
        if steers or not (filling.takes_anything(active) or filling.binds(active)):
            return self.in_form.hear(message, text, active)  # it can be nothing but the answer to what was asked
        options = [Option(say("resume"), "resume"), Option(say("cancel_discard"), "discard")]
        return lists.offer(message, state, [say("form_waits_shall_it_go_on"), *options])


def _goes_on_with_yes(state: State) -> bool:
    """Whether it was asked just now whether to register, or to go on with it."""
    options = state.open.options if state.open is not None else ()
    return len(options) == _YES_OR_NO and options[0].act in ("register", "resume")
