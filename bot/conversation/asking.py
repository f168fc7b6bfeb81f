"""How a form's questions are put: the text, its place among the others, the numbered choices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.clock import day_of
from bot.conversation import lists
from bot.conversation.forms import Form, FormOption, Step
from bot.conversation.journey import Circumstances, Journey
from bot.conversation.message import Message
from bot.conversation.office import Office
from bot.conversation.reading_answers import Accepted, Doubt, Tools, read_answer
from bot.conversation.registration import Answer
from bot.conversation.state import Draft, Option, State, draft_of
from bot.conversation.summary import answer_in_words, summary_lines
from bot.conversation.turn import Turn
from bot.conversation.wording import say

TYPED = ("name", "text", "phone")
"""Kinds of steps that are answered in the person's own words."""


@dataclass(frozen=True)
class Asking:
    """Asks the questions of ``form``. ``tools`` know the towns."""

    form: Form
    office: Office
    tools: Tools

    def journey(self, message: Message) -> Journey:
        """Return the way through the form on this channel."""
        may_ask = self._asks_category(message)
        return Journey(self.form, Circumstances(bool(message.abroad), may_ask, bool(self.tools.town_names)))

    def _asks_category(self, message: Message) -> bool:
        """Whether what tells of a disability may be asked on this channel."""
        return self.office.category_abroad or not message.abroad

    def options(self, message: Message, step: Step) -> tuple[FormOption, ...]:
        """Return the choices of ``step`` on this channel."""
        return tuple(option for option in step.options if message.abroad or not option.only_abroad)

    def read(self, message: Message, step: Step, text: str, draft: Draft) -> Accepted | Doubt:
        """Return the answer that ``text`` gives to ``step``."""
        return read_answer(step, self.options(message, step), text, draft, day_of(message.at), self.tools)

    def fits(self, message: Message, step: Step, answer: Answer, draft: Draft) -> bool:
        """Whether ``answer``, as it is kept, would be taken beside the other answers of ``draft``."""
        return isinstance(self.read(message, step, str(answer), draft), Accepted)

    def at_next_step(self, message: Message, draft: Draft) -> Draft:
        """Return the draft at the first question that is still open, with what was told of it already."""
        next_step = self.journey(message).next_open(draft)
        step = self.form.step(next_step)
        told = draft.told.get(next_step) if next_step is not None else None
        if step is not None and step.kind == "phone" and told and not self.fits(message, step, told, draft):
            draft = replace(draft, told={id: answer for id, answer in draft.told.items() if id != step.id})
            told = None
        return replace(draft, step=next_step, picked=told if isinstance(told, tuple) else (), missed=0)

    def ask(self, message: Message, state: State, draft: Draft, before: str = "", *, again: bool = False) -> Turn:
        """Ask the draft's current question (the check page when there is none), with ``before`` said first.

        ``again``: it was asked already, so a short form will do.
        """
        state = replace(state, draft=draft)
        step = self.form.step(draft.step)
        if step is None:
            return self._ask_to_check(message, state, draft, before)
        position = self.journey(message).position(draft)
        place = say("step" if position.settled else "step_of_about", number=position.number, total=position.total)
        told = draft.told.get(step.id) if step.id not in draft.answers else None
        question = (step.short if again else "") or self._question(step, draft, easy=state.easy)
        if isinstance(told, str):
            question = say("told_before", label=step.label, value=answer_in_words(step, told))
        lines = [before, place + self.filled_in(question, message)]
        if step.id in draft.answers:
            lines.append(say("filled_in_now", value=answer_in_words(step, draft.answers[step.id])))
        elif isinstance(told, tuple):
            lines.append(say("told_before_several", value=answer_in_words(step, told)))
        return self.reply(message, state, lines, self.choices(message, step, draft), asks_phone=step.kind == "phone")

    def ask_again(self, message: Message, state: State, said: str | None = None) -> Turn:
        """Ask the current question once more, after ``said`` or after something else was answered."""
        said = say("form_goes_on") if said is None else said
        return self.ask(message, state, draft_of(state), said, again=True)

    def ask_in_full(self, message: Message, state: State) -> Turn:
        """Ask the current question once more with all that belongs to it."""
        return self.ask(message, state, draft_of(state))

    def go_on(self, message: Message, turn: Turn) -> Turn:
        """Put the current question, where a form is being filled in, after what was answered in the middle of it."""
        replies, state = turn
        if not state.in_form:
            return turn
        asked, state = self.ask_again(message, state)
        return [*replies, *asked], state

    def reply(
        self,
        message: Message,
        state: State,
        lines: Sequence[str],
        options: Sequence[Option] = (),
        *,
        asks_phone: bool = False,
    ) -> Turn:
        """Say ``lines`` and offer ``options``."""
        return lists.offer(message, state, [*lines, *options], asks_phone=asks_phone)

    def filled_in(self, text: str, message: Message) -> str:
        """Return ``text`` with what is known of the office and the channel."""
        office, asks = self.office, self._asks_category(message)
        return text.format(
            office=office.name,
            contact=office.contact,
            keep=office.keep,
            drafts=office.drafts,
            backups=office.backups,
            abroad=message.abroad or say("abroad_unnamed"),
            category_later=say("category_later" if asks else "category_not_here"),
            category_passes=say("category_passes") if asks else "",
            category_passes_easy=say("category_passes_easy") if asks else "",
        )

    def _question(self, step: Step, draft: Draft, *, easy: bool) -> str:
        if step.needs_mobile(draft.answers):
            other = step.ask_mobile_other if draft.answers.get("whom") == "other" else ""
            return other or step.ask_mobile
        if draft.answers.get("whom") == "other":
            return (easy and step.easy_other) or step.ask_other or (easy and step.easy) or step.ask
        return (easy and step.easy) or step.ask

    def choices(self, message: Message, step: Step, draft: Draft) -> list[Option]:
        """Return the numbered lines under the question: the choices of ``step``, and what else can be done there."""
        told = draft.told.get(step.id) if step.id not in draft.answers else None
        if isinstance(told, str):
            verb = "take" if step.kind in TYPED else "pick"
            return [Option(answer_in_words(step, told), f"{verb} {told}"), Option(say("told_wrong"), "retype")]
        options = [Option(option.label, f"pick {option.id}") for option in self.options(message, step)]
        if step.kind == "choices":
            options.append(Option(say("choices_done"), "done"))
        if step.id in draft.answers:
            options.append(Option(say("keep_it"), "skip"))
        elif self.journey(message).can_skip(step, draft.answers):
            options.append(Option(say("skip"), "skip"))
        return options

    def _ask_to_check(self, message: Message, state: State, draft: Draft, before: str) -> Turn:
        """Show every answer: those that can be changed by number, those that cannot as plain lines."""
        steps = self.journey(message).steps(draft.answers)
        fixed = [step for step in steps if step.fixed and step.kind != "consent"]
        editable = [step for step in steps if not step.fixed]
        options = [
            *(
                Option(line, f"edit {step.id}")
                for step, line in zip(editable, summary_lines(editable, draft.answers), strict=True)
            ),
            Option(say("submit_changes" if draft.receipt else "submit"), "submit"),
        ]
        return self.reply(message, state, [before, say("check_page"), *summary_lines(fixed, draft.answers)], options)


def in_words(step: Step | None, answer: Answer | None) -> str:
    """Return an answer as it is read, "" where there is none."""
    return answer_in_words(step, answer) if step is not None and answer is not None else ""
