"""Carrying out what leaves no doubt: a command, a pressed button, a line chosen from a list."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.conversation import lists, notes
from bot.conversation.advising import Advising
from bot.conversation.message import Message, Reply
from bot.conversation.registering import Registering
from bot.conversation.settling import put_again
from bot.conversation.state import State
from bot.conversation.turn import Turn
from bot.conversation.wording import say
from knowledge.model import Knowledge


@dataclass(frozen=True)
class Acting:
    """Carries out commands and choices: about ``knowledge`` through ``advising``, about registrations through
    ``registering``, which is None where nobody can register.
    """

    knowledge: Knowledge
    advising: Advising
    registering: Registering | None

    def command(self, name: str, message: Message, state: State) -> Turn:
        """Carry out the command ``name``, one of those that work everywhere."""
        if name in ("easy", "full"):
            return self._switch(message, state, easy=name == "easy")
        if name == "start" or (name == "help" and "action:help" not in self.knowledge.by_key):
            return self.advising.welcome(message, state)
        if name in ("help", "human"):
            return self.advising.about(message, f"action:{name}", state)
        if self.registering is None:
            key = "action:register" if name in ("register", "continue") else "action:my-registration"
            return self.advising.about(message, key, state)
        return self.registering.command(name, message, state)

    def press(self, message: Message, state: State) -> Turn:
        """Carry out the choice of a button; it may be forged, or of a list that is no longer open."""
        option = lists.pressed(str(message.button), state.open)
        return self._gone(message, state) if option is None else self.act(message, state, option.act)

    def act(self, message: Message, state: State, act: str) -> Turn:
        """Carry out the choice of a line: a verb and its object, from our own list."""
        verb, _, value = act.partition(" ")
        if verb == "entry" and value in self.knowledge.by_key:
            related = state.topic is not None or not state.question  # else it was offered for a question
            if related and not message.public:
                state = replace(state, question=self.knowledge.by_key[value].title)
            return self.advising.about(message, value, state)
        if verb in ("helped", "unhelped"):
            return self._thanks(message, state, helped=verb == "helped")
        if verb == "none":
            return self.advising.go_on(message, _declined(state))
        turn = self.registering.act(message, state, act) if self.registering is not None else None
        return self._gone(message, state) if turn is None else turn

    def wrong_number(self, state: State, number: int) -> Turn:
        """Say that no line has this ``number``; 0 is for none of them."""
        if number == 0 and state.open is not None:
            return _declined(state)
        if state.open is None:
            return [Reply(say("no_list", number=number))], state
        return [Reply(say("choices_gone", number=number, last=len(state.open.options)))], state

    def _switch(self, message: Message, state: State, *, easy: bool) -> Turn:
        """Say that the manner changed, and what was said last again in it."""
        phrase = "easy_on" if easy else "full_here" if state.in_form and not state.easy else "easy_off"
        state = replace(state, easy=easy)
        again: list[Reply] = []
        if state.topic in self.knowledge.by_key and state.topic is not None:
            again, state = self.advising.about(message, state.topic, state, whole=not easy)
            again = [replace(each, about=None) for each in again]  # nobody asked anew
        elif state.in_form and self.registering is not None:
            again, state = self.registering.filling.asking.ask_in_full(message, state)
        elif state.open is not None:
            again, state = put_again(message, state) or lists.again(message, state, [say("choose")])
        return [Reply(say(phrase)), *again], state

    def unhelped(self, message: Message, state: State) -> Turn:
        """Answer somebody who says in words that it did not help.

        The question before is noted once: here while it can still be rated, else it was when it found no answer.
        """
        if state.open is not None and any(option.act == "unhelped" for option in state.open.options):
            return self._thanks(message, state, helped=False)
        return [Reply(self.advising.with_number(say("unhelped_again")))], state

    def _thanks(self, message: Message, state: State, *, helped: bool) -> Turn:
        note = None if helped else notes.unhelpful(message, state, self.knowledge.towns)
        phrase = "helped" if helped else ("unhelped_in_public" if message.public else "unhelped")
        return [Reply(say(phrase), note=note)], replace(state, open=None)

    def _gone(self, message: Message, state: State) -> Turn:
        """Say that the list is no longer open, and ask what is to be chosen or answered now."""
        if self.registering is not None and state.in_form:
            return self.registering.filling.asking.ask_again(message, state, say("list_old"))
        if state.open is not None:
            return lists.again(message, state, [say("list_old"), say("choose")])
        return [Reply(say("list_old"))], state


def _declined(state: State) -> Turn:
    """None of what was offered is wanted; what it was offered for is not kept for anything else."""
    return [Reply(say("choices_declined"))], replace(state, open=None, topic=None, question="")
