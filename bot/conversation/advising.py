"""Advising: what is said to a question, and what is offered with it or in its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from bot.clock import day_of
from bot.conversation import letters, lists, notes, places
from bot.conversation.answering import answer, call_line
from bot.conversation.commands import is_angry
from bot.conversation.consoling import Consoling
from bot.conversation.facets import facet_answer, names_in_titles, names_in_words
from bot.conversation.followups import Asked, asked, asked_among_others, asked_roughly
from bot.conversation.message import Message, Reply
from bot.conversation.registering import Registering
from bot.conversation.state import Option, State
from bot.conversation.turn import Turn
from bot.conversation.wording import say
from intents.reading import Reading
from knowledge.model import Knowledge, Policy, Signpost

_A_PERSON = "action:human"
_SURE = 0.8
_ELSEWHERE = "signpost:other-districts"
_MENUS = {"action:greeting", "action:help"}


@dataclass(frozen=True)
class Advising:
    """Answers from ``knowledge``; ``registering`` does what is no question but a wish to register, None where nobody
    can.
    """

    knowledge: Knowledge
    registering: Registering | None

    @cached_property
    def consoling(self) -> Consoling:
        """Who looks after somebody in distress."""
        return Consoling(self.knowledge)

    @cached_property
    def _names(self) -> Mapping[str, frozenset[str]]:
        return names_in_titles(self.knowledge)

    def understood(self, message: Message, text: str, state: State, reading: Reading) -> Turn:
        """Answer ``text`` as ``reading`` has it, or offer its choices, or say that nothing was understood."""
        replies, state = self._understood(message, text, state, reading)
        return [*self.consoling.kind_word(reading), *self._reminder(reading), *replies], state

    def _reminder(self, reading: Reading) -> list[Reply]:
        """Return what is said before the answer to somebody who lives or studies elsewhere."""
        scope = self.knowledge.scope
        return [Reply(scope.reminder)] if scope is not None and reading.elsewhere else []

    def _understood(self, message: Message, text: str, state: State, reading: Reading) -> Turn:
        about_form = self.about_form(message, text, state, reading)
        if about_form is not None:
            return self.go_on(message, ([Reply(about_form, reading=reading)], state))
        if self.consoling.is_about_it(state, reading):
            note = notes.not_understood("unanswered", message, text, state, reading, self.knowledge.towns)
            return letters.offer_also(message, state, self.consoling.stay(message, text, state, reading, note), text)
        leaning = self._leaning(message, text, state, reading)
        if leaning is not None:
            return leaning
        if reading.kind == "choices":
            choices = self._offer_choices(message, text, state, reading)
            return letters.offer_also(message, state, choices, text)
        key = f"action:{reading.action}" if reading.action else reading.topic
        if key is None and not state.in_form and letters.may_be_meant(message, state):
            return letters.offer(message, state, text)
        if key is None:
            return self._nothing_found(message, text, state, reading)
        turn = self.about(message, key, state, reading)
        return turn if key in _MENUS else letters.offer_also(message, state, turn, text)

    def about(
        self, message: Message, key: str, state: State, reading: Reading | None = None, *, whole: bool = False
    ) -> Turn:
        """Answer about one entry, and offer what is related to it; shortly in the middle of a form unless ``whole``."""
        if self.registering is not None and (turn := self.registering.entry(message, key, state)) is not None:
            return turn
        short = state.in_form and not (whole or state.easy or key.startswith("safety:"))
        said_before = key.startswith("safety:") and state.topic == key
        text = answer(self.knowledge, key, easy=state.easy or short or said_before, today=day_of(message.at))
        if short and not key.startswith("action:"):
            text += "\n" + say("more_in_full")
        if key.startswith("safety:"):
            if state.in_form:
                text += "\n" + say("form_waits")
            return [Reply(text, reading=reading)], replace(state.with_form_paused(), open=None, topic=key, stayed=False)
        if key in _MENUS and not state.in_form:
            return self._menu(message, key, state, reading=reading)
        related: tuple[str, ...] = getattr(self.knowledge.by_key[key], "related", ())
        return self._answered(message, state, key, text, related, reading)

    def follow_up(self, message: Message, text: str, state: State) -> Turn | None:
        """Answer what leans on the entry spoken of last (要好多钱); None when ``text`` does not."""
        sides = asked(text, self._names.get(state.topic or "", frozenset()))
        topic = state.topic if state.topic in self.knowledge.by_key else None
        if topic is None and sides is not None and sides.is_about("text_way") and "电话" in text:
            topic = _A_PERSON  # whoever cannot call a person
        return self._side(message, state, topic, sides)

    def other_place(self, message: Message, text: str, state: State) -> Turn | str | None:
        """Answer what only names a place to ask the same of: 那永川呢. What was asked of another place is returned as a
        question about the district, to be read: 那江津呢. None for all else.
        """
        entry = self.knowledge.by_key.get(state.topic or "")
        place = places.asked_of(text, self.knowledge) if isinstance(entry, Policy | Signpost) else None
        if place is None or _ELSEWHERE not in self.knowledge.by_key:
            return None
        if place == "here" and "我" not in text:  # 那我在江津上班呢 is another matter
            return places.brought_here(state.question, self.knowledge) or None
        easy = state.easy or (place == "elsewhere" and state.topic == _ELSEWHERE)
        said = answer(self.knowledge, _ELSEWHERE, easy=easy, today=day_of(message.at))
        return self._answered(message, state, _ELSEWHERE, said, related=())

    def _leaning(self, message: Message, text: str, state: State, reading: Reading) -> Turn | None:
        """Answer what is asked of the entry spoken of last, where that is likelier than what was read.

        ``text`` may name what only the answer named, or the same entry was read again: then the side is what is new.
        """
        entry = self.knowledge.by_key.get(state.topic or "")
        if not isinstance(entry, Policy) or reading.offers_help or reading.kind in ("safety", "action"):
            return None
        if reading.topic == state.topic or state.topic in reading.choices:
            return self._side(message, state, state.topic, asked_among_others(text, names_in_words(entry)))
        if reading.topic is not None and reading.score >= _SURE:
            return None
        names = names_in_words(entry)
        sides = asked(text, names) or (asked_roughly(text, names) if reading.topic is None else None)
        return self._side(message, state, state.topic, sides)

    def _side(self, message: Message, state: State, topic: str | None, sides: Asked | None) -> Turn | None:
        if sides is None or topic is None or topic not in self.knowledge.by_key:
            return None
        said = facet_answer(self.knowledge, topic, sides, easy=state.easy, today=day_of(message.at))
        return None if said is None else self._answered(message, state, topic, said, related=())

    def about_form(self, message: Message, text: str, state: State, reading: Reading) -> str | None:
        """Return the answer to a question about registering itself; None when it is about something else."""
        if self.registering is None:
            return None
        return self.registering.filling.explaining.about_form(message, text, state, reading)

    def go_on(self, message: Message, turn: Turn) -> Turn:
        """Put the form's question, where one is being filled in, after what was answered in the middle of it."""
        return self.registering.filling.asking.go_on(message, turn) if self.registering is not None else turn

    def welcome(self, message: Message, state: State) -> Turn:
        """Say what this is, what can be done and asked, and how."""
        return self._menu(message, "action:greeting", state.with_form_paused(), [say("how")])

    # -- where one entry was found

    def _answered(
        self,
        message: Message,
        state: State,
        key: str,
        text: str,
        related: tuple[str, ...],
        reading: Reading | None = None,
    ) -> Turn:
        """Say ``text`` about an entry; then what is related, whether it helped, or the form's question."""
        entry = self.knowledge.by_key[key]
        is_answer = isinstance(entry, Policy | Signpost)
        about = key if is_answer else None
        if is_answer or state.topic is None:  # 谢谢 leaves what was spoken of
            state = replace(state, topic=key)
        if state.in_form:
            return self.go_on(message, ([Reply(text, reading=reading, about=about)], state))
        parts: list[str | Option] = [text]
        if related:
            parts += [say("related" if is_answer else "can_ask"), *self._entries(related)]
        if (
            is_answer and not getattr(entry, "lead", "") and self.registering is not None
        ):  # 节哀 is no service to be rated
            parts += [say("did_it_help"), Option(say("it_helped"), "helped"), Option(say("it_did_not"), "unhelped")]
        (reply,), state = lists.offer(message, state, parts)
        return [replace(reply, reading=reading, about=about)], state

    def _menu(
        self, message: Message, key: str, state: State, parts: Iterable[str] = (), reading: Reading | None = None
    ) -> Turn:
        """Say what a greeting or help says, then ``parts``, then all that can be done and asked from here."""
        text = answer(self.knowledge, key, easy=state.easy, today=day_of(message.at))
        own: list[Option] = []
        if self.registering is not None and not message.public:
            begun = state.draft is not None
            if begun or not self.registering.filling.entering.is_closed(message):
                own.append(Option(say("resume" if begun else "register_now"), "resume" if begun else "register"))
            if state.registrations:
                own.append(Option(say("mine_see"), "mine-all"))
        options = [*own, *self._entries(getattr(self.knowledge.by_key[key], "related", ()))]
        lines: list[str | Option] = [text, *parts, say("can_ask") if options else "", *options]
        (reply,), state = lists.offer(message, replace(state, topic=None, question=""), lines)
        return [replace(reply, reading=reading)], state

    def _entries(self, keys: Iterable[str]) -> list[Option]:
        by_key = self.knowledge.by_key
        return [Option(by_key[key].title, f"entry {key}") for key in keys if key in by_key]

    # -- where none was, or several

    def _offer_choices(self, message: Message, text: str, state: State, reading: Reading) -> Turn:
        note = notes.not_understood("uncertain", message, text, state, reading, self.knowledge.towns)
        way_back = [Option(say("resume"), "resume")] if state.in_form else []
        offers: list[str | Option] = [
            say("choices"),
            *self._entries(reading.choices),
            Option(say("choices_none"), "none"),
            *way_back,
        ]
        (reply,), state = lists.offer(message, replace(state, topic=None), offers)
        return [replace(reply, reading=reading, note=note)], state

    def _nothing_found(self, message: Message, text: str, state: State, reading: Reading) -> Turn:
        note = notes.not_understood("unanswered", message, text, state, reading, self.knowledge.towns)
        if is_angry(text):
            return [Reply(say("angry"), reading=reading)], replace(state, open=None, topic=None)
        text = self.with_number(say("none_easy" if state.easy else "none"))
        return [Reply(text, reading=reading, note=note)], replace(state, open=None)

    def with_number(self, text: str) -> str:
        """Return ``text`` and whom to call, as far as the knowledge has a number of somebody."""
        human = self.knowledge.by_key.get(_A_PERSON)
        return "\n".join([text, *call_line(self.knowledge, getattr(human, "contacts", ()))])
