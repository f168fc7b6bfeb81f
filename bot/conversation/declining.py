"""Declining: who cannot answer a question of the form, or would rather not."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.conversation.asking import Asking
from bot.conversation.commands import declines
from bot.conversation.fields.phrases import any_of
from bot.conversation.forms import Step
from bot.conversation.message import Message
from bot.conversation.registration import Answer
from bot.conversation.state import State, draft_of
from knowledge.text import bare

_UNSAID = "不想说"


@dataclass(frozen=True)
class Declining:
    """Tells who declines what ``asking`` asks."""

    asking: Asking

    def choice(self, text: str, step: Step) -> Answer | None:
        """Return the choice of ``step`` for those who would rather not tell, where ``text`` says so; else None."""
        option = next((one.id for one in step.options if _UNSAID in one.words), None)
        if option is None or not declines(text, self._called(step)):
            return None
        return (option,) if step.kind == "choices" else option

    def leaves_open(self, message: Message, text: str, state: State, step: Step) -> bool:
        """Whether ``text`` says that the person cannot answer ``step``, or would rather not."""
        names = (step.label, *step.names)
        around = re.compile(rf"^(?:{any_of(names)}|[我的他她都也])++|(?:{any_of(names)}|[了咯嘛哈啊])++$")
        if {bare(text), around.sub("", bare(text))} & set(map(bare, step.unable)):
            return True
        may = bool(step.must) or self.asking.journey(message).can_skip(step, draft_of(state).answers)
        return may and declines(text, self._called(step))

    def _called(self, step: Step) -> tuple[str, ...]:
        """Return what ``step`` is called, with what is asked for behind it: 不想留电话 is about how to get in touch."""
        by_number = any(option.number for option in step.options)
        behind = [one for one in self.asking.form.steps if one.kind == "phone" and by_number]
        return tuple(name for one in (step, *behind) for name in (one.label, *one.names))
