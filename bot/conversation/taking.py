"""Taking answers: what was answered is kept, and the form goes on to what is asked next."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.conversation.asking import TYPED, Asking, in_words
from bot.conversation.fields.relation import read_relation
from bot.conversation.forms import FormOption, Step
from bot.conversation.message import Message
from bot.conversation.reading_answers import Doubt
from bot.conversation.registration import Answer, Consent
from bot.conversation.state import Draft, Option, State, draft_of
from bot.conversation.suggesting import Suggesting
from bot.conversation.summary import answer_in_words
from bot.conversation.turn import Turn
from bot.conversation.wording import say

_CONSENT = "consent"
_RELATION = "relation"
_BRACKETS = re.compile("（.*?）")


@dataclass(frozen=True)
class Taking:
    """Takes answers to what ``asking`` asks; ``suggesting`` knows what was told besides.

    ``entry_title`` gives the title of a knowledge entry, None for an unknown key.
    """

    asking: Asking
    suggesting: Suggesting
    entry_title: Callable[[str], str | None]

    def accept(
        self, message: Message, state: State, step: Step, value: Answer, also: str = "", words: str = ""
    ) -> Turn:
        """Take ``value`` as the answer to ``step``, given in ``words``, and go on; ``also`` is said besides."""
        option = step.option(value) if isinstance(value, str) else None
        draft = draft_of(state)
        asked = draft.step
        if step.restarts and draft.answers.get(step.id) not in (None, value):
            draft = self._up_to(draft, step)
        if step.kind == _CONSENT:
            consent = Consent(step.id, step.version, option is not None and option.agrees, message.at)
            others = tuple(kept for kept in draft.consents if kept.kind != step.id)
            draft = replace(draft, consents=(*others, consent))
        if option is not None and option.ends:
            return self.end(message, state, option)
        told = {id: answer for id, answer in draft.told.items() if id != step.id}
        draft = replace(draft, answers={**draft.answers, step.id: value}, told=told, picked=())
        answered = [step]
        if step.restarts and (whose := self._relation(message, state, draft, words)) is not None:
            answered.append(whose[0])
            draft = replace(draft, answers={**draft.answers, whose[0].id: whose[1]})
        draft, state = self.suggesting.taken(message, state, draft)
        draft = self._without_what_fits_no_more(message, self.asking.journey(message).pruned(draft))
        draft = self.asking.at_next_step(message, draft)
        value_in_words = "；".join(_BRACKETS.sub("", answer_in_words(one, draft.answers[one.id])) for one in answered)
        by_the_way = asked not in (None, step.id)
        noted = say("noted_of" if by_the_way else "noted", label=step.label, value=value_in_words)
        noted = noted if step.kind != _CONSENT and draft.step else ""
        return self.asking.ask(message, state, draft, "\n".join(filter(None, [noted, also])))

    def _relation(self, message: Message, state: State, draft: Draft, words: str) -> tuple[Step, str] | None:
        """Return who the writer is to the person registered, where it was said with whom to register: 给我儿子登记."""
        step = next((one for one in self.asking.journey(message).steps(draft.answers) if one.id == _RELATION), None)
        relation = read_relation(words) or read_relation(state.question)
        return (step, relation) if step is not None and relation is not None else None

    def pick(self, message: Message, state: State, step: Step, value: str) -> Turn:
        """Take a line of the step's list, chosen by button or number."""
        draft = draft_of(state)
        if step.kind == "town" and value in self.asking.tools.town_names:
            return self.accept(message, state, step, value)
        option = next((option for option in self.asking.options(message, step) if option.id == value), None)
        if option is None:
            return self.asking.ask_again(message, state, "")
        if step.kind != "choices" or option.alone:
            return self.accept(message, state, step, (value,) if step.kind == "choices" else value)
        picked = tuple(id for id in draft.picked if id != value)
        picked = picked if value in draft.picked else (*picked, value)
        return self.asking.ask(message, state, replace(draft, picked=picked), picked_words(step, picked))

    def accept_picked(self, message: Message, state: State, step: Step) -> Turn:
        """Take all choices made so far as the answer to ``step``; say so where there are none."""
        draft = draft_of(state)
        if draft.picked:
            return self.accept(message, state, step, draft.picked)
        skippable = self.asking.journey(message).can_skip(step, draft.answers)
        skip = say("nothing_picked_skip") if skippable else ""
        return self.asking.ask_again(message, state, say("nothing_picked", skip=skip))

    def doubted(self, message: Message, state: State, step: Step, doubt: Doubt) -> Turn | str:
        """Keep what was understood of several choices, or ask which candidate is meant, or return what to type."""
        draft = draft_of(state)
        values = {**doubt.values, "last": len(self.asking.choices(message, step, draft))}  # as the person sees the list
        said = step.unclear if doubt.phrase == "choice_unclear" and step.unclear else say(doubt.phrase, **values)
        said = "\n".join(filter(None, [picked_words(step, doubt.picked) if doubt.picked else "", said]))
        if doubt.picked != draft.picked:
            return self.asking.ask(message, state, replace(draft, picked=doubt.picked), said)
        if doubt.candidates:
            labels = {option.id: option.label for option in step.options}
            verb = "take" if step.kind in TYPED else "pick"
            options = [
                Option(labels.get(value, in_words(step, value)), f"{verb} {value}") for value in doubt.candidates
            ]
            return self.asking.reply(message, state, [said], [*options, Option(say("retype"), "retype")])
        return said

    def end(self, message: Message, state: State, option: FormOption) -> Turn:
        """End the form with ``option``: nothing of it is kept. A registration that was to be changed stays."""
        receipt = draft_of(state).receipt
        state = replace(state, draft=None, topic=None, question="")
        if receipt is not None:
            options = [Option(say("delete_yes"), f"delete-sure {receipt}"), Option(say("delete_no"), f"mine {receipt}")]
            return self.asking.reply(message, state, [say("too_young_registered")], options)
        offers = [Option(title, f"entry {key}") for key in option.offers if (title := self.entry_title(key))]
        text = say(str(option.ends), contact=self.asking.office.contact)
        return self.asking.reply(message, state, [text], offers)

    def _up_to(self, draft: Draft, step: Step) -> Draft:
        """The draft without what was answered after ``step``: it was said of somebody else."""
        ids = [one.id for one in self.asking.form.steps]
        before = set(ids[: ids.index(step.id)])
        return replace(
            draft,
            answers={id: answer for id, answer in draft.answers.items() if id in before},
            consents=tuple(consent for consent in draft.consents if consent.kind in before),
            skipped=(),
        )

    def _without_what_fits_no_more(self, message: Message, draft: Draft) -> Draft:
        """Free words that could not be kept with the consents as they are now go, as does a phone that gets no text
        messages where these are wanted: they are asked for again.
        """
        answers = {
            id: answer
            for id, answer in draft.answers.items()
            if (step := self.asking.form.step(id)) is None
            or step.kind not in ("text", "phone")
            or self.asking.fits(message, step, answer, draft)
        }
        return replace(draft, answers=answers)


def picked_words(step: Step, picked: Sequence[str]) -> str:
    """Return words on what has been picked of the choices of ``step``."""
    return say("picked", labels=answer_in_words(step, tuple(picked))) if picked else say("picked_none")
