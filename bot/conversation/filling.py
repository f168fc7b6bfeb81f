"""Filling in a form in conversation: one question a step, forgiving, and never in a hurry."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.conversation import lists
from bot.conversation.commands import form_commands
from bot.conversation.forms import Form, FormOption, Step
from bot.conversation.journey import Circumstances, Journey
from bot.conversation.message import Message, Reply
from bot.conversation.office import Office
from bot.conversation.reading_answers import Accepted, Doubt, Tools, read_answer
from bot.conversation.receipts import new_receipt, shown
from bot.conversation.registration import Answer, Consent, Registration
from bot.conversation.state import Draft, Option, State
from bot.conversation.summary import answer_in_words, summary_lines
from bot.conversation.wording import say
from knowledge.text import bare

Turn = tuple[list[Reply], State]
_AGREED = "yes"
_CONSENTS = "consent"
_SHORT_ANSWER = 8  # characters; in more there may be more
_MOST_REGISTRATIONS = 10  # from one chat


@dataclass(frozen=True)
class Filling:
    """The conversation inside one ``form``.

    ``tools`` read answers; ``entry_title`` gives the title of a knowledge entry, None for an unknown key.
    """

    form: Form
    office: Office
    tools: Tools
    entry_title: Callable[[str], str | None]

    # -- coming in and going out

    def begin(self, message: Message, state: State, *, afresh: bool = False) -> Turn:
        """Start the form, or offer what there is: a draft to go on with, registrations to change."""
        if message.public:
            return [Reply(say("not_in_public"))], state
        if message.abroad and not self.office.abroad:
            return [Reply(say("not_abroad", platform=message.abroad, contact=self.office.contact))], state
        if state.draft is not None and not afresh:
            return self.resume(message, state)
        if state.registrations and not afresh:
            return self._offer_existing(message, state)
        if len(state.registrations) >= _MOST_REGISTRATIONS:
            return [Reply(say("too_many_registrations", most=_MOST_REGISTRATIONS))], state
        draft = Draft(self.form.id, message.at)
        intro = say("form_commands_easy" if state.easy else "form_commands")
        return self._ask(message, replace(state, draft=self._at_next_step(message, draft)), intro)

    def resume(self, message: Message, state: State) -> Turn:
        """Go on where the draft was left."""
        if message.public:
            return [Reply(say("not_in_public"))], state
        if state.draft is None:
            return [Reply(say("nothing_to_continue"))], state
        draft = replace(state.draft, paused=False)
        if draft.step is not None and draft.step not in self._step_ids(message, draft):
            draft = self._at_next_step(message, draft)
        return self._ask(message, replace(state, draft=draft), say("form_resumed"))

    def ask_again(self, message: Message, state: State, said: str | None = None) -> Turn:
        """Ask the current question once more, after ``said`` or after something else was answered."""
        return self._ask(message, state, say("form_goes_on") if said is None else said)

    def change(self, message: Message, state: State, registration: Registration) -> Turn:
        """Open a registration for changes, at the check page."""
        steps = self._journey(message).steps(registration.answers)
        skipped = tuple(step.id for step in steps if step.id not in registration.answers)
        draft = Draft(
            self.form.id,
            message.at,
            answers=registration.answers,
            skipped=skipped,
            consents=registration.consents,
            receipt=registration.receipt,
        )
        return self._ask(message, replace(state, draft=draft))

    def _offer_existing(self, message: Message, state: State) -> Turn:
        options = [
            *(
                Option(say("change_of", name=_name(registration)), f"change {registration.receipt}")
                for registration in state.registrations
            ),
            Option(say("register_another"), "register-afresh"),
        ]
        return self._reply(message, state, say("registered_already"), options)

    def plain_answer(self, message: Message, text: str, state: State) -> str | None:
        """Return what of ``text`` can still be meant in another way when it plainly answers the current question.

        Of 他叫郭超 that is the name alone, of the words of a choice nothing; None when it is no plain answer. Words
        around a name would otherwise be taken for distress (他叫… stands in many stories of violence).
        """
        draft = _draft(state)
        step = self.form.step(draft.step)
        if form_commands(text) or (step is not None and self._is_label(message, step, text)):
            return ""
        if step is None or step.kind == "text":
            return None
        read = read_answer(step, self._options(message, step), text, draft.picked, message.at.date(), self.tools)
        if not isinstance(read, Accepted):
            return None
        if step.kind == "name":
            return str(read.value)
        return "" if len(bare(text)) <= _SHORT_ANSWER else None

    def takes_anything(self, state: State) -> bool:
        """Whether the current question can be answered with any words."""
        step = self.form.step(_draft(state).step)
        return step is not None and step.kind in ("name", "text")

    def takes_several(self, state: State) -> bool:
        """Whether the current question takes several choices."""
        step = self.form.step(_draft(state).step)
        return step is not None and step.kind == "choices"

    # -- what the person says

    def command(self, message: Message, text: str, state: State) -> Turn | None:
        """Carry out a word that steers the form (返回, 跳过 …); None when ``text`` is none, or is an answer here."""
        draft = _draft(state)
        step = self.form.step(draft.step)
        if step is not None and self._is_label(message, step, text):
            return None
        commands = form_commands(text)
        if step is not None and step.kind == "choices" and "done" in commands and draft.picked:
            return self._accept(message, state, step, draft.picked)
        if step is None and "submit" in commands:
            return self._submit(message, state)
        if step is not None and step.kind == "text" and "nothing" in commands:
            return self._skip(message, state)
        for name, carry_out in (
            ("back", self._back),
            ("pause", self._pause),
            ("cancel", self.cancel),
            ("restart", self._restart),
            ("skip", self._skip),
        ):
            if name in commands:
                return carry_out(message, state)
        if commands - {"nothing"} and step is not None and step.kind in ("name", "text"):  # 提交 is nobody's name
            return self._skip(message, state) if step.skippable else self._ask(message, state)
        return None

    def answer(self, message: Message, text: str, state: State) -> Turn | str:
        """Take ``text`` as the answer to the current question. Returns words on what was not understood instead."""
        draft = _draft(state)
        step = self.form.step(draft.step)
        if step is None:
            chosen = lists.number_or_words(text, state.open)
            return self.act(message, state, chosen.act) if isinstance(chosen, Option) else say("check_unclear")
        read = read_answer(step, self._options(message, step), text, draft.picked, message.at.date(), self.tools)
        if isinstance(read, Accepted):
            return self._accept(message, state, step, read.value)
        if read.picked != draft.picked:
            return self._ask(message, replace(state, draft=replace(draft, picked=read.picked)), self._words(read, step))
        if read.candidates:
            labels = {option.id: option.label for option in step.options}
            options = [Option(labels.get(value, value), f"pick {value}") for value in read.candidates]
            return self._reply(message, state, self._words(read, step), options)
        return self._words(read, step)

    def act(self, message: Message, state: State, act: str) -> Turn:
        """Carry out the choice of a line of one of the form's own lists."""
        draft = _draft(state)
        verb, _, value = act.partition(" ")
        step = self.form.step(draft.step)
        if verb == "pick" and step is not None:
            return self._pick(message, state, step, value)
        if verb == "done" and step is not None and draft.picked:
            return self._accept(message, state, step, draft.picked)
        if verb == "edit" and (edited := self.form.step(value)) is not None:
            kept = draft.answers.get(edited.id) if edited.kind == "choices" else None
            picked = kept if isinstance(kept, tuple) else ()
            return self._ask(message, replace(state, draft=replace(draft, step=edited.id, picked=picked)))
        plain = {
            "submit": self._submit,
            "skip": self._skip,
            "resume": self.resume,
            "pause": self._pause,
            "discard": self._discard,
            "restart-sure": self._restart_surely,
        }
        return plain[verb](message, state) if verb in plain else self.ask_again(message, state)

    # -- the commands

    def _back(self, message: Message, state: State) -> Turn:
        draft = _draft(state)
        before = self._journey(message).before(draft)
        if before is None:
            return self._ask(message, state, say("already_first"))
        return self._ask(message, replace(state, draft=replace(draft, step=before, picked=())))

    def _skip(self, message: Message, state: State) -> Turn:
        draft = _draft(state)
        step = self.form.step(draft.step)
        if step is None:
            return self._ask(message, state, say("check_unclear"))
        if step.id not in draft.answers:
            if not step.skippable:
                return self._ask(message, state, say("cannot_skip"))
            draft = replace(draft, skipped=(*draft.skipped, step.id))
        return self._ask(message, replace(state, draft=self._at_next_step(message, draft)))

    def _pause(self, _: Message, state: State) -> Turn:
        draft = replace(_draft(state), paused=True)
        return [Reply(say("form_paused"))], replace(state, draft=draft, open=None)

    def cancel(self, message: Message, state: State) -> Turn:
        """Stop for good; ask first when there is something to lose."""
        asked_before = state.open is not None and any(option.act == "discard" for option in state.open.options)
        if asked_before or not self._is_personal(_draft(state)):
            return self._discard(message, state)
        options = [
            Option(say("cancel_discard"), "discard"),
            Option(say("cancel_pause"), "pause"),
            Option(say("cancel_continue"), "resume"),
        ]
        return self._reply(message, state, say("cancel_sure"), options)

    def _discard(self, _: Message, state: State) -> Turn:
        phrase = "change_dropped" if _draft(state).receipt else "form_discarded"
        return [Reply(say(phrase))], replace(state, draft=None, open=None)

    def _restart(self, message: Message, state: State) -> Turn:
        if not self._is_personal(_draft(state)):
            return self._restart_surely(message, state)
        options = [Option(say("restart_yes"), "restart-sure"), Option(say("cancel_continue"), "resume")]
        return self._reply(message, state, say("restart_sure"), options)

    def _restart_surely(self, message: Message, state: State) -> Turn:
        receipt = _draft(state).receipt
        registration = next((kept for kept in state.registrations if kept.receipt == receipt), None)
        if registration is not None:
            return self.change(message, state, registration)
        return self.begin(message, replace(state, draft=None), afresh=True)

    # -- taking answers

    def _pick(self, message: Message, state: State, step: Step, value: str) -> Turn:
        """A line of the step's list was chosen by button or number."""
        draft = _draft(state)
        if step.kind == "town":
            return (
                self._accept(message, state, step, value)
                if value in self.tools.town_names
                else self._ask(message, state)
            )
        option = next((option for option in self._options(message, step) if option.id == value), None)
        if option is None:
            return self._ask(message, state)
        if step.kind != "choices" or option.alone:
            return self._accept(message, state, step, (value,) if step.kind == "choices" else value)
        picked = tuple(id for id in draft.picked if id != value)
        picked = picked if value in draft.picked else (*picked, value)
        return self._ask(message, replace(state, draft=replace(draft, picked=picked)), self._picked_words(step, picked))

    def _accept(self, message: Message, state: State, step: Step, value: Answer) -> Turn:
        option = step.option(value) if isinstance(value, str) else None
        draft = _draft(state)
        if step.kind == _CONSENTS:
            consent = Consent(step.id, step.version, value == _AGREED, message.at)
            others = tuple(kept for kept in draft.consents if kept.kind != step.id)
            draft = replace(draft, consents=(*others, consent))
        if option is not None and option.ends:
            return self._end(message, state, option)
        draft = replace(draft, answers={**draft.answers, step.id: value}, picked=())
        draft = self._journey(message).pruned(draft)
        return self._ask(message, replace(state, draft=self._at_next_step(message, draft)))

    def _end(self, message: Message, state: State, option: FormOption) -> Turn:
        """The answer ends the form: nothing of it is kept."""
        offers = [Option(title, f"entry {key}") for key in option.offers if (title := self.entry_title(key))]
        text = say(str(option.ends), contact=self.office.contact)
        return self._reply(message, replace(state, draft=None), text, offers)

    def _submit(self, message: Message, state: State) -> Turn:
        draft = self._journey(message).pruned(_draft(state))
        if self._journey(message).next_open(draft) is not None:
            return self._ask(message, replace(state, draft=self._at_next_step(message, draft)))
        former = self._former(draft, state.registrations)
        registration = Registration(
            receipt=former.receipt if former else new_receipt(message.token),
            answers=draft.answers,
            consents=draft.consents,
            created=former.created if former else message.at,
            updated=message.at,
        )
        others = tuple(kept for kept in state.registrations if kept.receipt != registration.receipt)
        by_when = message.at.date() + timedelta(days=self.office.contact_days)
        text = say(
            "changed" if former else "registered",
            receipt=shown(registration.receipt),
            days=self.office.contact_days,
            month=by_when.month,
            day=by_when.day,
            way=self._value_in_words("contact_way", draft),
        )
        return [Reply(text)], replace(state, draft=None, open=None, registrations=(*others, registration))

    def _former(self, draft: Draft, registrations: Sequence[Registration]) -> Registration | None:
        """The registration that this one updates: the one opened for changes, else the same person's."""
        for kept in registrations:
            if draft.receipt is not None:
                if kept.receipt == draft.receipt:
                    return kept
            elif _same_person(kept.answers, draft.answers):
                return kept
        return None

    # -- asking

    def _ask(self, message: Message, state: State, before: str = "") -> Turn:
        """Ask the draft's current question (the check page when there is none), with ``before`` said first."""
        draft = _draft(state)
        step = self.form.step(draft.step)
        if step is None:
            return self._ask_to_check(message, state, before)
        number, total = self._journey(message).position(draft)
        about_other = draft.answers.get("whom") == "other"
        question = (state.easy and step.easy) or (about_other and step.ask_other) or step.ask
        lines = [
            before,
            say("step", number=number, total=total) + self._filled_in(question, message),
        ]
        options = [Option(option.label, f"pick {option.id}") for option in self._options(message, step)]
        if step.kind == "choices":
            options.append(Option(say("choices_done"), "done"))
        if step.skippable or step.id in draft.answers:
            options.append(Option(say("keep_it" if step.id in draft.answers else "skip"), "skip"))
        if step.id in draft.answers:
            lines.append(say("filled_in_now", value=answer_in_words(step, draft.answers[step.id])))
        return self._reply(message, state, "\n".join(filter(None, lines)), options, asks_phone=step.kind == "phone")

    def _ask_to_check(self, message: Message, state: State, before: str) -> Turn:
        draft = _draft(state)
        steps = [step for step in self._journey(message).steps(draft.answers) if not step.fixed]
        options = [
            *(
                Option(line, f"edit {step.id}")
                for step, line in zip(steps, summary_lines(steps, draft.answers), strict=True)
            ),
            Option(say("submit_changes" if draft.receipt else "submit"), "submit"),
        ]
        text = "\n".join(filter(None, [before, say("check_page")]))
        return self._reply(message, state, text, options)

    def _reply(
        self, message: Message, state: State, text: str, options: Sequence[Option], *, asks_phone: bool = False
    ) -> Turn:
        reply, open_list = lists.offer(message, [text, *options], asks_phone=asks_phone)
        return [reply], replace(state, open=open_list)

    # -- small things

    def _journey(self, message: Message) -> Journey:
        allowed = self.office.category_abroad or not message.abroad
        return Journey(self.form, Circumstances(bool(message.abroad), allowed, bool(self.tools.town_names)))

    def _step_ids(self, message: Message, draft: Draft) -> list[str]:
        return [step.id for step in self._journey(message).steps(draft.answers)]

    def _at_next_step(self, message: Message, draft: Draft) -> Draft:
        return replace(draft, step=self._journey(message).next_open(draft), picked=())

    def _options(self, message: Message, step: Step) -> tuple[FormOption, ...]:
        return tuple(option for option in step.options if message.abroad or not option.only_abroad)

    def _is_label(self, message: Message, step: Step, text: str) -> bool:
        return any(text.strip() in (option.label, *option.words) for option in self._options(message, step))

    def _is_personal(self, draft: Draft) -> bool:
        """Whether the draft holds more than consents: then it is not thrown away without asking."""
        kinds = {step.id: step.kind for step in self.form.steps}
        return any(kinds.get(id) != _CONSENTS for id in draft.answers)

    def _filled_in(self, question: str, message: Message) -> str:
        office = self.office
        return question.format(office=office.name, contact=office.contact, keep=office.keep, abroad=message.abroad)

    def _words(self, doubt: Doubt, step: Step) -> str:
        said = say(doubt.phrase, **doubt.values)
        if doubt.phrase == "choice_unclear" and step.unclear:
            said = step.unclear
        return "\n".join(filter(None, [self._picked_words(step, doubt.picked) if doubt.picked else "", said]))

    def _picked_words(self, step: Step, picked: tuple[str, ...]) -> str:
        return say("picked", labels=answer_in_words(step, picked)) if picked else say("picked_none")

    def _value_in_words(self, step_id: str, draft: Draft) -> str:
        step = self.form.step(step_id)
        return answer_in_words(step, draft.answers[step_id]) if step and step_id in draft.answers else ""


def _draft(state: State) -> Draft:
    assert state.draft is not None
    return state.draft


def _name(registration: Registration) -> str:
    return str(registration.answers.get("name", ""))


def _same_person(kept: Mapping[str, Answer], new: Mapping[str, Answer]) -> bool:
    """Whether both are of oneself, or of somebody else with the same name and telephone."""
    if kept.get("whom") != new.get("whom"):
        return False
    return new.get("whom") == "self" or all(kept.get(id) == new.get(id) for id in ("name", "phone"))
