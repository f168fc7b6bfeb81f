"""The conversation, the same for every channel: a message and a state in, replies and a state out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from bot.conversation.answering import answer, choice_list, related_list, titles
from bot.conversation.numerals import chosen_number
from bot.conversation.wording import say
from intents.reading import Reading
from knowledge.model import Knowledge
from knowledge.text import bare

_EASY_WORDS = re.compile(
    r"(听不懂|看不懂|没听懂|没看懂)?(请|麻烦)?(你|您)?(再|能不能|可不可以)?(请|换|用|说|讲|看)?(得|个)?"
    r"(简单|短)一?[点些]?儿?(的|的话|话)?(来)?(说|讲)*[吧嘛吗哈]?"
)
_FULL_WORDS = re.compile(
    r"(请|麻烦)?(你|您)?再?(换|说|讲|看)?得?(个)?(详细|全部|全)一?[点些]?儿?的?(说|讲|看)*[吧嘛吗哈]?"
)
_HUMAN_WORDS = re.compile(r"(转|找|要|接)?(人工|真人)(客服|服务)?[吧嘛]?")


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
        return [*replies, Reply(say("how"))], state

    def reply(self, message: str, state: State) -> tuple[list[Reply], State]:
        """Return the replies to ``message`` (any string) and the state after it."""
        words = bare(message)
        if not message.strip():
            return [Reply(say("empty"))], state
        if _EASY_WORDS.fullmatch(words):
            return self._switch(replace(state, easy=True))
        if _FULL_WORDS.fullmatch(words):
            return self._switch(replace(state, easy=False))
        if _HUMAN_WORDS.fullmatch(words):
            return self._about("action:human", state)
        picked = self._picked(message, state)
        return picked if picked is not None else self._understand(message, state)

    def _switch(self, state: State) -> tuple[list[Reply], State]:
        """Say that the manner changed, and what was said last again in it."""
        replies = [Reply(say("easy_on" if state.easy else "easy_off"))]
        if state.topic is not None:
            again, state = self._about(state.topic, state)
            replies += again
        elif state.choices:
            replies.append(Reply(choice_list(self._knowledge, state.choices)))
        return replies, state

    def _picked(self, message: str, state: State) -> tuple[list[Reply], State] | None:
        """Answer a choice from the open list: by its number or its words."""
        words = [bare(title) for title in titles(self._knowledge, state.choices)]
        number = words.index(bare(message)) + 1 if bare(message) in words else chosen_number(message)
        if number is None or not (state.choices or bare(message).isdecimal()):
            return None
        if number == 0 and state.choices:
            return [Reply(say("choices_declined"))], replace(state, choices=(), topic=None)
        if 1 <= number <= len(state.choices):
            return self._about(state.choices[number - 1], state)
        return [Reply(say("choices_gone", number=number))], state

    def _understand(self, message: str, state: State) -> tuple[list[Reply], State]:
        reading = self._read(message)
        if reading.kind == "choices":
            text = choice_list(self._knowledge, reading.choices)
            return [Reply(text, reading)], replace(state, choices=reading.choices, topic=None)
        key = f"action:{reading.action}" if reading.action else reading.topic
        if key is None:
            return [Reply(say("none_easy" if state.easy else "none"), reading)], replace(state, choices=(), topic=None)
        return self._about(key, state, reading)

    def _about(self, key: str, state: State, reading: Reading | None = None) -> tuple[list[Reply], State]:
        """Answer about one entry, and offer what is related to it as the open list."""
        text = answer(self._knowledge, key, easy=state.easy, today=self._today())
        related: tuple[str, ...] = getattr(self._knowledge.by_key[key], "related", ())
        if related:
            text += "\n" + related_list(self._knowledge, key, related)
        return [Reply(text, reading)], replace(state, choices=related, topic=key)
