"""Correcting: an answer given earlier is changed in the middle of the form, or at the check page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.conversation.asking import Asking
from bot.conversation.changes import (
    adds,
    begins_with_name,
    corrects,
    corrects_part_of_a_number,
    line_to_change,
    mistakes,
    named_change,
    new_values,
    speaks_of_change,
)
from bot.conversation.fields import digits
from bot.conversation.fields.phone import shown_phone
from bot.conversation.forms import Step
from bot.conversation.message import Message
from bot.conversation.questions import asks, asks_plainly
from bot.conversation.reading_answers import Accepted
from bot.conversation.registration import Answer
from bot.conversation.state import Draft, Option, State, draft_of
from bot.conversation.suggesting import Suggesting
from bot.conversation.taking import Taking
from bot.conversation.turn import Turn
from bot.conversation.wording import say
from knowledge.text import bare

_MORE = re.compile(
    r"(?:对了|哦|噢|等等|[\s,，])*(?:还有(?:就是|一点|一个|一件事)?|另外|补充(?:一下|一点|一句)?|再加(?:一句|上)|备注|忘了说)[\s:：,，]+(?P<words>\S.+)",
    re.DOTALL,
)
_SHORT = 10  # characters; longer free words may speak of a mistake that is none of the form's
_LONGEST_TOWN = 8  # characters, with 镇上 or the like
_WHOLE_NUMBER = 10  # digits
_AROUND_A_NUMBER = 14  # characters
_ONLY_A_NUMBER = re.compile(
    r"(?:我的?|他的?|她的?|新的?|电话|手机|联系|号码?|是|改成|打|用|就|这个|现在|应该|那个|才对|哈|嘛|吧|哦|谢谢)*"
)


@dataclass(frozen=True)
class Correcting:
    """Changes what was answered to ``asking``: the new answer is found with ``suggesting`` and taken by ``taking``."""

    asking: Asking
    suggesting: Suggesting
    taking: Taking

    def ask_anew(self, message: Message, state: State, step: Step) -> Turn:
        """Ask a question once more that was answered."""
        draft = draft_of(state)
        chosen = draft.answers.get(step.id) if step.kind == "choices" else None
        picked = chosen if isinstance(chosen, tuple) else ()
        return self.asking.ask(message, state, replace(draft, step=step.id, picked=picked))

    def in_the_middle(self, message: Message, text: str, state: State, *, only_with_value: bool = False) -> Turn | None:
        """Change what ``text`` names (改电话, 名字写错了); None where nothing that was answered is meant.

        ``only_with_value``: and where it isn't said what it is to be.
        """
        draft = draft_of(state)
        if (number := self.another_number(message, text, state)) is not None:
            return number
        if not speaks_of_change(text) and not corrects_part_of_a_number(text):
            return None
        current = self.asking.form.step(draft.step)
        if current is not None and current.id not in draft.answers and named_change(text, [current]) is not None:
            return None
        free = current is not None and current.kind == "text" and len(bare(text)) > _SHORT
        answered = [step for step in self._editable(message, draft) if step.id in draft.answers]
        return self._change(message, text, state, answered, only_with_value=free or only_with_value)

    def another_number(self, message: Message, text: str, state: State) -> Turn | None:
        """Change the phone to the number that is nearly all of ``text``, or ask whether to; None for all else."""
        draft = draft_of(state)
        step = next((one for one in self.asking.form.steps if one.kind == "phone"), None)
        current = self.asking.form.step(draft.step)
        if step is None or step.id not in draft.answers or asks(text):
            return None
        if current is not None and (current.kind in ("phone", "name") or any(one.number for one in current.options)):
            return None
        written = digits.plain(text)
        around = bare("".join(char for char in written if not char.isdecimal()))
        number = self._reads(message, step, text, draft)
        whole = len(written) - len(re.sub("[0-9]", "", written)) >= _WHOLE_NUMBER
        if number is None or not whole or number == draft.answers[step.id]:
            return None
        if speaks_of_change(text) and len(around) <= _AROUND_A_NUMBER:
            return self.taking.accept(message, state, step, number)
        if not _ONLY_A_NUMBER.fullmatch(around):
            return None
        former = state.registration(draft.receipt)
        unchanged = former is not None and former.answers == draft.answers
        options = [
            Option(say("change_phone", number=shown_phone(str(number))), f"take {number}"),
            Option(say("keep_phone"), "discard" if unchanged else "skip"),
        ]
        asked = self.ask_anew(message, state, step)[1]
        return self.asking.reply(message, asked, [say("change_phone_sure")], options)

    def at_check_page(self, message: Message, text: str, state: State) -> Turn | None:
        """Change what is named by its label or line, perhaps with what it is to be: 电话改成023-47521234."""
        draft = draft_of(state)
        editable = self._editable(message, draft)
        if (changed := self._change(message, text, state, editable)) is not None:
            return changed
        line = line_to_change(text)
        if line is not None and 1 <= line <= len(editable):
            return self.ask_anew(message, state, editable[line - 1])
        named = begins_with_name(text, editable)
        if named is not None and (taken := self._with_value(message, state, named.step, [named.new or ""])):
            return taken
        told = self._told(message, text, draft)
        for id, value in told.items():
            if len(told) == 1 and (step := self.asking.form.step(id)) is not None:
                return self.taking.accept(message, state, step, value)
        return self._added(message, text, state, editable)

    def _added(self, message: Message, text: str, state: State, steps: Sequence[Step]) -> Turn | None:
        """Put what follows 还有 to the free words; None where nothing follows it."""
        more = _MORE.fullmatch(text)
        step = next((step for step in steps if step.kind == "text"), None)
        if more is None or step is None or asks_plainly(text) or (asks(text) and "都" not in text):
            return None
        before = draft_of(state).answers.get(step.id)
        return self._with_value(message, state, step, ["；".join([*([str(before)] if before else []), more["words"]])])

    def _change(
        self, message: Message, text: str, state: State, steps: Sequence[Step], *, only_with_value: bool = False
    ) -> Turn | None:
        """Take what ``text`` says is to be the answer of another of ``steps``, or ask that one anew."""
        change = named_change(text, steps)
        values = new_values(text) if corrects(text) else []
        if change is None:
            phone = next((step for step in steps if step.kind == "phone"), None)
            if phone is not None and not only_with_value and corrects_part_of_a_number(text):
                return self.ask_anew(message, state, phone)
            return self._of_its_kind(message, state, steps, values, sure=mistakes(text))
        new = [change.new] if change.new else []
        phones = [step for step in steps if step.kind == "phone"]
        spoken = [*new, *(values if change.step in phones else [])]
        taken = self._with_value(message, state, change.step, spoken) or self._of_its_kind(message, state, phones, new)
        return taken if taken is not None or only_with_value else self.ask_anew(message, state, change.step)

    def _with_value(self, message: Message, state: State, step: Step, values: Sequence[str]) -> Turn | None:
        """Answer ``step`` anew with the first of ``values`` that it can be answered with; None where none can.

        Of several choices it takes the place of those made before, unless it is to be added to them.
        """
        asked = self.ask_anew(message, state, step)[1]
        if not adds(message.text):
            asked = replace(asked, draft=replace(draft_of(asked), picked=()))
        for value in values:
            read = self.asking.read(message, step, value, draft_of(asked))
            if isinstance(read, Accepted):
                return self.taking.accept(message, state, step, read.value)
            if read.candidates:
                doubted = self.taking.doubted(message, asked, step, read)
                return None if isinstance(doubted, str) else doubted
        return None

    def _of_its_kind(
        self, message: Message, state: State, steps: Sequence[Step], values: Sequence[str], *, sure: bool = True
    ) -> Turn | None:
        """Change the answer to the only one of ``steps`` that one of ``values`` is for: 我搞错了，是双福.

        ``sure``: it was said that something is wrong; else no choice is changed by the way.
        """
        draft = draft_of(state)
        current = self.asking.form.step(draft.step)
        for value in values:
            if current is not None and current.kind != "text" and self._reads(message, current, value, draft):
                return None
            told = self._told(message, value, draft)
            able = [step for step in steps if sure or step.kind != "choice"]
            meant = {step.id: told[step.id] for step in able if step.id in told}
            for step in able:
                answer = self._reads(message, step, value, draft) if step.id not in meant else None
                if answer is not None and self._is_plainly(message, step, value, answer):
                    meant[step.id] = answer
            for step in steps:
                if len(meant) == 1 and step.id in meant:
                    if draft.answers.get(step.id) == meant[step.id]:  # 白沙错了: what it is to be is not said
                        return self.ask_anew(message, state, step)
                    return self.taking.accept(message, state, step, meant[step.id])
        return None

    def _reads(self, message: Message, step: Step, value: str, draft: Draft) -> Answer | None:
        read = self.asking.read(message, step, value, replace(draft, picked=()))
        return read.value if isinstance(read, Accepted) else None

    def _is_plainly(self, message: Message, step: Step, value: str, answer: Answer) -> bool:
        """Whether ``value`` can hardly be anything but this ``answer`` to ``step``, though nobody asked it."""
        words = bare(value)
        if step.kind == "town":
            return str(answer)[:2] in words and len(words) <= _LONGEST_TOWN
        if step.kind == "age":
            return "岁" in words
        if step.kind == "phone":
            return True
        named = [one.id for one in self.asking.form.steps if words in self._labels(message, one)]
        return step.kind == "choice" and len(words) > 1 and named == [step.id]

    def _labels(self, message: Message, step: Step) -> set[str]:
        """Return the words by which the choices of ``step`` are named."""
        return {bare(word) for option in self.asking.options(message, step) for word in (option.label, *option.words)}

    def _told(self, message: Message, text: str, draft: Draft) -> dict[str, Answer]:
        """Return what ``text`` tells of all that can still be changed, by step id."""
        steps = self.asking.form.steps
        fixed = {step.id: draft.answers[step.id] for step in steps if step.fixed and step.id in draft.answers}
        return dict(self.suggesting.told_in(message, text, replace(draft, answers=fixed)))

    def _editable(self, message: Message, draft: Draft) -> list[Step]:
        return [step for step in self.asking.journey(message).steps(draft.answers) if not step.fixed]
