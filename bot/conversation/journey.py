"""What is to be asked, worked out from a form and the answers given so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.conversation.forms import Form, Step
from bot.conversation.registration import Answer
from bot.conversation.state import Draft


@dataclass(frozen=True)
class Position:
    """Which step is being asked, from 1, and how many there are; ``settled`` when no answer can add any."""

    number: int
    total: int
    settled: bool


@dataclass(frozen=True)
class Circumstances:
    """What besides the answers decides which steps apply.

    ``abroad``: the channel's servers are abroad; ``sensitive_allowed``: sensitive steps may be asked there;
    ``has_towns``: there is a list of towns to choose from.
    """

    abroad: bool
    sensitive_allowed: bool
    has_towns: bool


class Journey:
    """The way through a form for one draft. Nothing is stored: every answer changes it."""

    def __init__(self, form: Form, circumstances: Circumstances) -> None:
        self._form = form
        self._circumstances = circumstances

    def steps(self, answers: Mapping[str, Answer]) -> tuple[Step, ...]:
        """Return the steps that apply, in order."""
        return tuple(step for step in self._form.steps if self._fits_channel(step) and _wanted(step, answers))

    def pruned(self, draft: Draft) -> Draft:
        """Drop answers of steps that no longer apply, such as the categories after their consent was refused."""
        answers = dict(draft.answers)
        while dropped := [id for id in answers if (step := self._form.step(id)) is None or not _wanted(step, answers)]:
            for id in dropped:
                del answers[id]
        consents = tuple(consent for consent in draft.consents if consent.kind in answers)
        skipped = tuple(id for id in draft.skipped if id not in answers and self._may_stay_skipped(id, answers))
        return replace(draft, answers=answers, consents=consents, skipped=skipped)

    def _may_stay_skipped(self, id: str, answers: Mapping[str, Answer]) -> bool:
        step = self._form.step(id)
        return step is not None and _wanted(step, answers) and self.can_skip(step, answers)

    def next_open(self, draft: Draft) -> str | None:
        """Return the first step that is neither answered nor skipped, None when the form is complete."""
        open_steps = (step.id for step in self.steps(draft.answers) if step.id not in draft.answers)
        return next((id for id in open_steps if id not in draft.skipped), None)

    @staticmethod
    def can_skip(step: Step, answers: Mapping[str, Answer]) -> bool:
        """Whether ``step`` may be left unanswered."""
        return step.skippable or bool(step.skippable_when and _holds(step.skippable_when, answers))

    def before(self, draft: Draft) -> str | None:
        """Return the step before the one being asked, None at the first; from the check page the last."""
        ids = [step.id for step in self.steps(draft.answers)]
        if draft.step not in ids:
            return ids[-1]
        place = ids.index(draft.step)
        return ids[place - 1] if place else None

    def position(self, draft: Draft) -> Position:
        """Return where in the form the draft is. Consents still to be asked for are counted as if given."""
        ids = [step.id for step in self.steps(draft.answers)]
        open_steps = [step for step in self._form.steps if self._fits_channel(step) and self._depends(step, draft)]
        likely = [step for step in open_steps if all(self._asks_consent(id) for id in step.when)]
        number = ids.index(draft.step) + 1 if draft.step in ids else len(ids)
        return Position(number, len(ids) + len(likely), settled=not open_steps)

    @staticmethod
    def _depends(step: Step, draft: Draft) -> bool:
        """Whether the step applies or not by an answer that is still to come."""
        missing = {id for id in step.when if id not in draft.answers}
        answered = {id: values for id, values in step.when.items() if id not in missing}
        return bool(missing) and _holds(answered, draft.answers)

    def _asks_consent(self, id: str) -> bool:
        step = self._form.step(id)
        return step is not None and step.kind == "consent"

    def _fits_channel(self, step: Step) -> bool:
        circumstances = self._circumstances
        if step.only_abroad and not circumstances.abroad:
            return False
        if step.sensitive and not circumstances.sensitive_allowed:
            return False
        return step.kind != "town" or circumstances.has_towns


def has_answers(form: Form, draft: Draft) -> bool:
    """Whether ``draft`` holds more than consents: then it is not thrown away without asking."""
    kinds = {step.id: step.kind for step in form.steps}
    return any(kinds.get(id) != "consent" for id in draft.answers)


def _wanted(step: Step, answers: Mapping[str, Answer]) -> bool:
    return _holds(step.when, answers)


def _holds(condition: Mapping[str, tuple[str, ...]], answers: Mapping[str, Answer]) -> bool:
    return all(answers.get(id) in values for id, values in condition.items())
