"""Answers put back into words: for the check page, for 我的登记 and for the copy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.conversation.fields.phone import shown_phone
from bot.conversation.forms import Step
from bot.conversation.registration import Answer
from bot.conversation.wording import say


def answer_in_words(step: Step, answer: Answer) -> str:
    """Return ``answer`` to ``step`` as it is read; the id itself for a choice that is no longer offered."""
    if step.kind == "phone":
        return shown_phone(str(answer))
    if not step.options:
        return str(answer)
    ids = answer if isinstance(answer, tuple) else (answer,)
    return "；".join(option.label if (option := step.option(id)) else id for id in ids)


def summary_lines(steps: Iterable[Step], answers: Mapping[str, Answer]) -> list[str]:
    """Return a line for each step: what it is about, and what was answered."""
    return [
        say(
            "summary_line",
            label=step.label,
            value=answer_in_words(step, answers[step.id]) if step.id in answers else say("not_filled_in"),
        )
        for step in steps
    ]
