"""What a person said and agreed to, in the words of the form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.conversation.forms import Form, Step
from bot.conversation.registration import Answer, Registration
from bot.staff.wording import phrases, say

PHONE = "phone"
_CONSENT = "consent"


@dataclass(frozen=True)
class Agreed:
    """One thing that was asked for: ``label``, what was ``said``, in which ``version`` of the text, and when."""

    label: str
    said: str
    agreed: bool
    version: str
    at: datetime


def asked(step: Step) -> str:
    """Return what a question is called for the staff: the form speaks to whoever registers."""
    return phrases("asked").get(step.id, step.label)


def said(form: Form, registration: Registration) -> list[tuple[str, str]]:
    """Return the questions and answers in the form's order, without the telephone number and what was agreed to."""
    return [
        (asked(step), words(step, registration.answers[step.id]))
        for step in form.steps
        if step.id in registration.answers and step.kind != _CONSENT and step.id != PHONE
    ]


def unsaid(form: Form, registration: Registration) -> list[str]:
    """Return what was not answered although everybody is asked, or those are who consented to it."""
    answers = registration.answers
    return [
        asked(step)
        for step in form.steps
        if step.id not in answers
        and step.kind != _CONSENT
        and all(answers.get(name) in values for name, values in step.when.items())
    ]


def agreed(form: Form, registration: Registration) -> list[Agreed]:
    """Return what the person agreed to, and what not."""
    found = []
    for consent in registration.consents:
        step = form.step(consent.kind)
        option = step.option(_one(registration.answers.get(consent.kind))) if step else None
        plain = say("case.agreed" if consent.agreed else "case.not_agreed")
        found.append(
            Agreed(
                step.label if step else consent.kind,
                option.label if option and option.agrees == consent.agreed else plain,
                consent.agreed,
                consent.version,
                consent.at,
            )
        )
    return found


def answer(form: Form, registration: Registration, name: str) -> str:
    """Return what was answered to the step ``name``, in words; empty if nothing was."""
    step = form.step(name)
    given = registration.answers.get(name)
    return words(step, given) if step and given is not None else ""


def words(step: Step, given: Answer) -> str:
    """Return an answer to ``step`` in words."""
    labels = {option.id: option.label for option in step.options}
    several = (given,) if isinstance(given, str) else given
    return say("filter.options_apart").join(labels.get(one, one) for one in several)


def _one(given: Answer | None) -> str:
    return given if isinstance(given, str) else ""
