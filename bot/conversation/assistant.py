"""The conversation, the same for every channel: a message and a state in, replies and a state out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.conversation.acting import Acting
from bot.conversation.advising import Advising
from bot.conversation.fields.identity import without_secrets
from bot.conversation.fields.text import clean
from bot.conversation.filling import Filling
from bot.conversation.hearing import Hearing
from bot.conversation.message import Message, Reply
from bot.conversation.registering import Registering
from bot.conversation.state import State
from bot.conversation.turn import Turn
from bot.conversation.wording import say
from intents.reading import Reading
from knowledge.model import Knowledge
from knowledge.text import bare

LONGEST_MESSAGE = 2000
"""Characters of a message that are read."""
SECRET_MARK = "（证号不记）"
"""Stands where a number was that is never kept."""


class Assistant:
    """Answers messages and takes registrations. Pure: it keeps nothing, and does nothing but answer.

    ``read`` understands a text; ``filling`` takes registrations, None where none can be taken. What may be read of a
    message is decided here; what it means in :class:`Hearing`, and what is answered in :class:`Advising`.
    """

    def __init__(self, knowledge: Knowledge, read: Callable[[str], Reading], filling: Filling | None = None) -> None:
        registering = Registering(filling) if filling is not None else None
        self._filling = filling
        self._advising = Advising(knowledge, registering)
        self._acting = Acting(knowledge, self._advising, registering)
        self._hearing = Hearing(read, self._advising, self._acting, registering)

    def welcome(self, message: Message, state: State) -> Turn:
        """Say what this is, what can be done and asked, and how."""
        return self._advising.welcome(message, state)

    def reply(self, message: Message, state: State) -> Turn:
        """Return the replies to ``message`` (whatever it holds) and the state after it."""
        replies, after = self._reply(message, state)
        return replies, _topic_closed(state, after)

    def _reply(self, message: Message, state: State) -> Turn:
        if message.public and (state.draft or state.registrations):
            own = replace(State(), easy=state.easy)
            replies, _ = self.reply(message, own)
            return replies, state
        if message.button is not None:
            return self._acting.press(message, state)
        typed = message.phone or message.text
        if message.attachment is not None and not bare(typed):
            return self._again(message, state, say(f"attachment_{message.attachment}"))
        text, cut = clean(typed, LONGEST_MESSAGE)
        notices = [Reply(say("too_long", limit=LONGEST_MESSAGE))] if cut else []
        text = without_secrets(text)
        if SECRET_MARK in text:
            text = text.replace(SECRET_MARK, "")
            notices.append(Reply(say("secret_not_kept")))
        if message.attachment is not None:
            notices.append(Reply(say(f"attachment_{message.attachment}")))
        if not bare(text):
            nothing = say("no_words" if text.strip() else "empty")
            replies, state = self._again(message, state, "" if notices else nothing)
        else:
            replies, state = self._hearing.hear(message, text, state)
        return [*notices, *replies], state

    def _again(self, message: Message, state: State, said: str) -> Turn:
        """Say something about the message itself, and leave the person where they were."""
        if self._filling is not None and state.in_form:
            return self._filling.asking.ask_again(message, state, said)
        return ([Reply(said)] if said else []), state


def _topic_closed(before: State, after: State) -> State:
    """Return the state in which nothing leans any more on what was said before the form's present question: 要钱不 is
    about that. Who was in distress still is.
    """
    asked_before = before.draft.step if before.in_form and before.draft else ""
    same = not after.in_form or after.draft is None or after.draft.step == asked_before
    return after if same or after.in_distress else replace(after, topic=None)
