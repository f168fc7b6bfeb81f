"""What people tell before it is asked: kept beside the answers, and put to them at its step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bot.conversation.asking import Asking
from bot.conversation.forms import FormOption
from bot.conversation.message import Message
from bot.conversation.registration import Answer
from bot.conversation.state import Draft, State
from bot.conversation.told import facts

_ABOUT_ANOTHER = {"whom": "other"}


@dataclass(frozen=True)
class Suggesting:
    """Finds what was told of the steps of the form that ``asking`` asks."""

    asking: Asking

    def introduction(self, message: Message, text: str) -> Mapping[str, Answer]:
        """Return what ``text`` tells of whoever writes, or else of whom they write about, before any form is begun."""
        draft = Draft(self.asking.form.id, message.at)
        other = replace(draft, answers=_ABOUT_ANOTHER)
        return self.told_in(message, text, draft) or self.told_in(message, text, other)

    def told_in(self, message: Message, text: str, draft: Draft) -> Mapping[str, Answer]:
        """Return what ``text`` plainly tells of things that are still to be asked, by step id."""
        steps = [step for step in self.asking.journey(message).steps(draft.answers) if step.id not in draft.answers]
        return facts(
            steps,
            text,
            lambda step, part: self.asking.read(message, step, part, replace(draft, picked=())),
            of_another=draft.answers.items() >= _ABOUT_ANOTHER.items(),
        )

    def taken(self, message: Message, state: State, draft: Draft) -> tuple[Draft, State]:
        """Take what the question told into the draft: not before all has been agreed to that needs to be."""
        if self.waits_for_consent(message, draft):
            return replace(draft, told={}), state
        draft = with_told(draft, self.told_in(message, state.question, draft))
        steps = self.asking.journey(message).steps(draft.answers)
        of_whom_is_known = all(step.id in draft.answers for step in steps if step.restarts)
        return draft, replace(state, question="") if of_whom_is_known else state

    def waits_for_consent(self, message: Message, draft: Draft) -> bool:
        """Whether a consent is still to come without which nothing is registered."""
        steps = self.asking.journey(message).steps(draft.answers)
        return any(step.kind == "consent" and step.fixed and step.id not in draft.answers for step in steps)

    def labels(self, ids: Iterable[str]) -> str:
        """Return what the steps with these ``ids`` are about, to be read out."""
        return "、".join(step.label for id in ids if (step := self.asking.form.step(id)) is not None)

    def ending(self, told: Mapping[str, Answer]) -> FormOption | None:
        """Return what was told already and ends the form, such as an age under sixteen: no need to agree first."""
        options = [step.option(str(told[step.id])) for step in self.asking.form.steps if step.id in told]
        return next((option for option in options if option is not None and option.ends), None)


def with_told(draft: Draft, told: Mapping[str, Answer]) -> Draft:
    """Return the draft with what was told besides; steps that were skipped are asked after all."""
    skipped = tuple(id for id in draft.skipped if id not in told)
    return replace(draft, told={**draft.told, **told}, skipped=skipped)
