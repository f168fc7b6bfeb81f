"""Staying with somebody in distress: what is said next is heard as theirs, until they speak of something else."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bot.clock import day_of
from bot.conversation.answering import answer
from bot.conversation.commands import asks_whom, denies_despair, ends_it, is_angry, wonders_who
from bot.conversation.message import Message, Note, Reply
from bot.conversation.questions import asks
from bot.conversation.state import State
from bot.conversation.turn import Turn
from bot.conversation.wording import say
from intents.reading import Reading
from knowledge.model import Knowledge
from knowledge.text import bare

_EMERGENCY, _DESPAIR = "safety:emergency", "safety:despair"
_LIFE = frozenset({_DESPAIR, _EMERGENCY})
"""Where it is a matter of life: nothing else is made of what may have been meant for that."""

_NUMBER = re.compile(r"(?<![0-9])[0-9]{3,5}(?![0-9])")
_SURE = 0.8
_CRY = re.compile("(?=.{1,6}$).*(?:救救|救命|救我|救人|帮帮我|来人)")
_FAREWELLS = frozenset({"thanks", "greeting", "cancel"})
"""What is understood of 再见, 祝你们好 and 就这样吧, which may be the last words of somebody."""


@dataclass(frozen=True)
class Consoling:
    """Looks after whoever was met with a safety entry of ``knowledge`` a moment ago."""

    knowledge: Knowledge

    def meant(self, text: str, state: State, reading: Reading) -> Reading:
        """Return what ``text`` is understood as: somebody who took pills and cries 救救我 has not been locked up."""
        cries = state.topic in _LIFE and reading.topic not in _LIFE and _CRY.match(bare(text)) is not None
        if cries and _EMERGENCY in self.knowledge.by_key:
            return replace(reading, kind="safety", topic=_EMERGENCY, action=None, choices=())
        return reading

    def reply(self, text: str, state: State) -> Turn | None:
        """Answer what is said to what was said in distress: 好, 别管我, 你是真人吗, 我要跟谁说. None for all else."""
        if not self._was_met(state):
            return None
        if (called := self._called(text)) is not None:
            return [Reply(called)], state
        said = self._said_shortly(text, str(state.topic))
        return ([Reply(self._with_numbers(said, state.topic))], state) if said else None

    def _said_shortly(self, text: str, topic: str) -> str:
        """Return the phrase that answers what is said to the safety entry ``topic``, "" where none does."""
        if topic == _DESPAIR and denies_despair(text):
            return "distress_denied"
        if asks_whom(text):
            return "distress_whom"
        if topic in _LIFE and wonders_who(text):
            return "distress_who"
        if not ends_it(text):
            return ""
        return "distress_stays" if topic in _LIFE else "safe_stays"

    def _called(self, text: str) -> str | None:
        """Say whose number it is that ``text`` asks about (12356是干什么的), None where it asks about none."""
        number = _NUMBER.search(text)
        contacts = [one for one in self.knowledge.contact.values() if number is not None and one.phone == number[0]]
        if not contacts or not asks(text):
            return None
        return say("contact", name=contacts[0].name, phone=contacts[0].phone, reach=contacts[0].reach)

    def kind_word(self, reading: Reading) -> list[Reply]:
        """Return what is said before an answer where a sigh was heard in the story around the question."""
        return [Reply(self._with_numbers("distress_heard", reading.concern))] if reading.concern else []

    @staticmethod
    def is_despair(reading: Reading) -> bool:
        """Say whether somebody was understood not to want to live."""
        return reading.topic == _DESPAIR

    def in_case(self, reading: Reading) -> list[Reply]:
        """Return what is said where an answer was taken that may have been a cry for help, but hardly was."""
        return [Reply(self._with_numbers("distress_in_case", reading.topic))]

    def is_about_it(self, state: State, reading: Reading) -> bool:
        """Say whether what was understood, if anything, is doubtful enough to have been about the distress still."""
        if not self._was_met(state) or reading.kind == "safety":
            return False
        if reading.kind == "none" or self._says_goodbye(state, reading):
            return True
        return state.topic in _LIFE and (
            reading.kind == "choices" or (reading.action is None and reading.score < _SURE)
        )

    def stay(self, message: Message, text: str, state: State, reading: Reading, note: Note | None) -> Turn:
        """Whoever was in distress a moment ago is not left with 没有听懂. The second time it is said shortly."""
        if is_angry(text) and state.topic not in _LIFE:
            return [Reply(say("angry"), reading=reading)], replace(state, open=None, topic=None)
        if self._says_goodbye(state, reading):
            return [Reply(self._with_numbers("distress_stays", state.topic), reading=reading)], state
        if state.stayed:
            words = self._with_numbers("distress_again", state.topic)
            words += say("form_waits") if state.draft is not None else ""
        else:
            safe = answer(self.knowledge, str(state.topic), easy=True, today=day_of(message.at))
            words = "\n".join([say("safe_not_understood"), safe])
        return [Reply(words, reading=reading, note=note)], replace(state, open=None, stayed=True)

    def _was_met(self, state: State) -> bool:
        """Whether what was said last was said to distress; the knowledge may have lost that entry meanwhile."""
        return state.in_distress and state.topic in self.knowledge.by_key

    def _says_goodbye(self, state: State, reading: Reading) -> bool:
        """Whether somebody takes leave, or thanks, after what was a matter of life; a form that waits can be left."""
        leaves_form = reading.action == "cancel" and state.draft is not None
        return state.topic in _LIFE and reading.action in _FAREWELLS and not leaves_form

    def _with_numbers(self, phrase: str, key: str | None) -> str:
        """Return the phrase with whom to call: what stands with the safety entry ``key``."""
        contacts = getattr(self.knowledge.by_key[str(key)], "contacts", ())
        phones = [contact.phone for contact in map(self.knowledge.contact.__getitem__, contacts) if contact.phone]
        return say(phrase, phones="、".join(phones), first=phones[0] if phones else "")
