"""Hearing what is said while a form is being filled in: an answer, or something else in the middle of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.conversation import lists
from bot.conversation.advising import Advising
from bot.conversation.commands import gives_up, registers_another
from bot.conversation.filling import Filling
from bot.conversation.followups import asked
from bot.conversation.message import Message
from bot.conversation.questions import asks, asks_how, asks_plainly
from bot.conversation.state import Option, State, draft_of
from bot.conversation.turn import Turn
from bot.conversation.wording import say
from intents.parts import clauses_in
from intents.reading import Reading
from knowledge.text import bare

_OFTEN = 3  # answers in a row
_ALARMED = 0.6
"""How probable distress has to be where a short text would do as the answer: those without any stay far below, those
with it are mostly above 0.9."""
_SURE_ALARM = 0.9
"""How probable it has to be where anything may be said, for the form to wait."""
_SHORT_WISH = 10  # characters
_WISH = re.compile("(?:我|他|她|也|还|就|要|想|都|会|能|可以|喜欢|以前|愿意)*[学做干搞当种养喂]|.*[^不][要想]$")
_ABOUT_ONES_OWN = ("withdraw", "my-registration")


@dataclass(frozen=True)
class HearingInForm:
    """Tells answers for ``filling`` from questions for ``advising``; ``read`` understands a text."""

    read: Callable[[str], Reading]
    filling: Filling
    advising: Advising

    def hear(self, message: Message, text: str, state: State) -> Turn:
        """Carry out, take or answer ``text``; then the form goes on, unless it is left."""
        steered = self.filling.command(message, text, state)
        if steered is not None:
            return steered
        chosen = lists.number_or_words(text, state.open)
        if isinstance(chosen, Option) and not (
            chosen.act.startswith("pick ") and self.filling.takes_several(state)  # 1 3: the form reads it as a whole
        ):
            return self.filling.act(message, state, chosen.act)
        plain = self.filling.plain_answer(message, text, state)
        reading = self._understood(message, text, state, plain=plain)
        plain = plain and reading.kind != "safety"
        if reading.kind == "safety" and self.filling.takes_free_text(state):
            return self._alarmed(message, text, state, reading)
        aside = None if plain else self._aside(message, text, state, reading)
        if aside is not None:
            return aside
        about_form = (asks_plainly(text) or asks_how(text)) and self.advising.about_form(
            message, text, state, reading
        ) is not None
        if self.filling.takes_anything(state) and (about_form or _is_question(text, reading)):
            return self._detour(message, text, state, reading)
        turn = self.filling.answer(message, text, state)
        if isinstance(turn, str):
            return self._no_answer(message, text, state, reading, turn)
        return turn[0], replace(turn[1], topic=None)

    def _understood(self, message: Message, text: str, state: State, *, plain: bool) -> Reading:
        """Understand ``text``; of a ``plain`` answer nothing counts but distress that leaves hardly a doubt."""
        if plain and self.filling.says_nothing_else(message, text, state):
            return Reading("none")
        reading = self.read(text)
        return Reading("none") if plain and not (reading.kind == "safety" and reading.score >= _ALARMED) else reading

    def _alarmed(self, message: Message, text: str, state: State, reading: Reading) -> Turn:
        """Meet distress where anything may be said; take what hardly is any (不要爬高的). Neither way is it lost."""
        alone = [found for clause in clauses_in(text) if (found := self.read(clause)).kind == "safety"]
        reading = max([reading, *alone], key=lambda found: found.score)
        if reading.score >= _SURE_ALARM:
            state = self.filling.kept_for_later(message, self._beside_despair(text, reading), state)
            return self.advising.about(message, str(reading.topic), state, reading)
        turn = self.filling.answer(message, text, state)
        replies, state = self.filling.asking.ask_again(message, state, turn) if isinstance(turn, str) else turn
        return [*self.advising.consoling.in_case(reading), *replies], replace(state, topic=None)

    def _beside_despair(self, text: str, reading: Reading) -> str:
        """Return ``text``, of words of despair only what else was said: they are not read out to anybody again."""
        if not self.advising.consoling.is_despair(reading):
            return text
        return "，".join(clause for clause in clauses_in(text) if self.read(clause).kind != "safety")

    def _aside(self, message: Message, text: str, state: State, reading: Reading) -> Turn | None:
        """What comes before the form's question: distress, and what leans on what was said last. None for all else."""
        if reading.kind == "safety":
            return self.advising.about(message, str(reading.topic), state, reading)
        # 不想打电话 is about how to get in touch where that is asked, not about what was spoken of before
        sides = asked(text)
        own = sides is not None and sides.is_about("text_way") and self.filling.asks_how_to_reach(state)
        leaning = None if own else self.advising.follow_up(message, text, state)
        if leaning is None and state.topic is None and sides is not None and sides.is_about("again"):
            # 什么意思: of what is asked
            return self.filling.asking.ask_in_full(message, replace(state, easy=True))
        return leaning

    def _no_answer(self, message: Message, text: str, state: State, reading: Reading, unclear: str) -> Turn:
        """Answer what was asked instead, or say what was ``unclear`` and ask again."""
        if self.advising.about_form(message, text, state, reading) is not None:
            return self._detour(message, text, state, reading)
        guessed = reading.kind == "choices" and not reading.offers_help and not asks(text)
        # 同意，但是不要打电话: not yet about a registration, as there is none
        guessed = guessed or (reading.action in _ABOUT_ONES_OWN and not (state.registrations or gives_up(text)))
        guessed = guessed or (self.filling.takes_several(state) and _wishes(text))
        if reading.action == "register" and registers_another(text):
            return self.filling.asking.ask_again(message, state, say("another_later"))
        if reading.kind == "none" or reading.action == "register" or guessed:
            return self._missed(message, state, unclear)
        return self._detour(message, text, state, reading)

    def _missed(self, message: Message, state: State, unclear: str) -> Turn:
        """Ask again; who is not understood time after time hears what else can be done."""
        draft = draft_of(state)
        draft = replace(draft, missed=draft.missed + 1)
        ways_out = [say("missed_often")] if draft.missed % _OFTEN == 0 else []
        return self.filling.asking.ask_again(message, replace(state, draft=draft), "\n".join([unclear, *ways_out]))

    def _detour(self, message: Message, text: str, state: State, reading: Reading) -> Turn:
        """Answer what was asked in the middle of the form; then the form goes on (:meth:`Advising.go_on`)."""
        asked = asks(text) and self.advising.about_form(message, text, state, reading) is not None
        leaves = reading.action == "cancel" or (reading.action in _ABOUT_ONES_OWN and gives_up(text))
        changes = reading.action == "withdraw" and draft_of(state).receipt is not None  # what was handed in is meant
        if changes and not asked:
            return self.advising.about(message, "action:withdraw", state, reading)
        if leaves and not asked:
            return self.filling.steering.cancel(message, state, surely=False)
        return self.advising.understood(message, text, state, reading)


def _wishes(text: str) -> bool:
    """Whether ``text`` names, in few words, what somebody wants to do or learn: no question, though a topic has it."""
    return len(bare(text)) <= _SHORT_WISH and not asks(text) and _WISH.match(text) is not None


def _is_question(text: str, reading: Reading) -> bool:
    """Whether what was typed where anything may be typed is meant as a question."""
    return reading.kind in ("answer", "signpost", "action") and (
        reading.action in ("cancel", "withdraw", "human") or asks(text)
    )
