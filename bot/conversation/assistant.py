"""The conversation, the same for every channel: a message and a state in, replies and a state out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from bot.conversation.answering import answer, choice_list, related_list, titles
from bot.conversation.numerals import chosen_number
from bot.conversation.wording import say
from intents.reading import Reading
from knowledge.model import Knowledge
from knowledge.text import bare

_EASY_WORDS = ("简单", "简单点", "简单说", "短一点")
_FULL_WORDS = ("详细", "详细点", "全部", "说全")
_HUMAN_WORDS = ("人工", "转人工", "真人")


@dataclass(frozen=True)
class State:
    """What is remembered of one person's conversation.

    ``easy``: answers in easy-to-read words; ``choices``: the entries of the list open to be chosen from;
    ``topic``: the entry answered last.
    """

    easy: bool = False
    choices: tuple[str, ...] = ()
    topic: str | None = None


@dataclass(frozen=True)
class Reply:
    """One message to the person. ``reading`` is what the message was understood as, if it was read."""

    text: str
    reading: Reading | None = None


class Assistant:
    """Answers messages. Pure: it keeps nothing, and does nothing but answer."""

    def __init__(self, knowledge: Knowledge, read: Callable[[str], Reading], today: Callable[[], date]) -> None:
        self._knowledge = knowledge
        self._read = read
        self._today = today

    def welcome(self) -> tuple[list[Reply], State]:
        """Return what is said first (what it is, what can be asked, and how) and the state to begin with."""
        replies, state = self._about("action:greeting", State())
        return [*replies, Reply(say("how"))], replace(state, topic=None)

    def reply(self, message: str, state: State) -> tuple[list[Reply], State]:
        """Return the replies to ``message`` (any string) and the state after it."""
        words = bare(message)
        if not message.strip():
            return [Reply(say("empty"))], state
        if words in _EASY_WORDS or words in _FULL_WORDS:
            return self._switch(replace(state, easy=words in _EASY_WORDS))
        if words in _HUMAN_WORDS:
            return self._about("action:human", state)
        picked = self._picked(message, state)
        return picked if picked is not None else self._understand(message, state)

    def _switch(self, state: State) -> tuple[list[Reply], State]:
        """Say that the manner changed, and the last answer again in it."""
        replies = [Reply(say("easy_on" if state.easy else "easy_off"))]
        if state.topic is not None:
            replies += self._about(state.topic, state)[0]
        return replies, state

    def _picked(self, message: str, state: State) -> tuple[list[Reply], State] | None:
        """Answer a choice from the open list: by its number or its words."""
        number = chosen_number(message)
        if number is None:
            words = [bare(title) for title in titles(self._knowledge, state.choices)]
            number = words.index(bare(message)) + 1 if bare(message) in words else None
        if number is None:
            return None
        if number == 0 and state.choices:
            return [Reply(say("choices_declined"))], replace(state, choices=())
        if 1 <= number <= len(state.choices):
            return self._about(state.choices[number - 1], state)
        return [Reply(say("choices_gone", number=number))], state

    def _understand(self, message: str, state: State) -> tuple[list[Reply], State]:
        reading = self._read(message)
        if reading.kind == "choices":
            text = choice_list(self._knowledge, reading.choices)
            return [Reply(text, reading)], replace(state, choices=reading.choices)
        key = f"action:{reading.action}" if reading.action else reading.topic
        if key is None:
            return [Reply(say("none"), reading)], replace(state, choices=())
        return self._about(key, state, reading)

    def _about(self, key: str, state: State, reading: Reading | None = None) -> tuple[list[Reply], State]:
        """Answer about one entry, and offer what is related to it as the open list."""
        text = answer(self._knowledge, key, easy=state.easy, today=self._today())
        related: tuple[str, ...] = getattr(self._knowledge.by_key[key], "related", ())
        if related:
            text += "\n" + related_list(self._knowledge, related)
        return [Reply(text, reading)], replace(state, choices=related, topic=key)
