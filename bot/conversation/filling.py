"""Filling in a form in conversation: one question a step, forgiving, and never in a hurry."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from bot.conversation import lists
from bot.conversation.asking import TYPED, Asking, Turn, in_words
from bot.conversation.commands import confirms, form_commands
from bot.conversation.forms import Form, FormOption, Step
from bot.conversation.message import Message, Reply
from bot.conversation.office import Office
from bot.conversation.reading_answers import Accepted, Doubt, Tools
from bot.conversation.registration import Answer, Consent, Registration
from bot.conversation.state import Draft, Option, State
from bot.conversation.submitting import Submitting, kept, name_of
from bot.conversation.suggesting import Suggesting, with_told
from bot.conversation.summary import answer_in_words
from bot.conversation.wording import say
from knowledge.text import bare

_CONSENT = "consent"
_LONGEST_QUESTION = 2000  # characters
_SHORT_ANSWER = 8  # characters; in more there may be more
_WORDS_AROUND_A_NAME = 5  # characters
_MOST_REGISTRATIONS = 10  # from one chat
_CHANGE_OF = re.compile(
    r"(?:我的)?(?:我?[要想]?)(?:修?改|换)?(?:一?下)?(?:我的)?(?P<label>.+?)"
    r"(?:(?:填|写|说|选|搞|弄)?[错变换改]了|(?:要|想)?(?:改|换)(?:成|为|到)?(?P<new>.+))?"
)
_BRACKETS = re.compile("（.*?）")
_CHANGES = ("改", "换", "错", "变")


@dataclass(frozen=True)
class Filling:
    """The conversation inside one ``form``.

    ``tools`` read answers; ``entry_title`` gives the title of a knowledge entry, None for an unknown key.
    """

    form: Form
    office: Office
    tools: Tools
    entry_title: Callable[[str], str | None]

    @cached_property
    def asking(self) -> Asking:
        """What puts the form's questions."""
        return Asking(self.form, self.office, self.tools)

    @cached_property
    def suggesting(self) -> Suggesting:
        """What keeps things that were told before they were asked."""
        return Suggesting(self.asking)

    @cached_property
    def submitting(self) -> Submitting:
        """What hands the form in."""
        return Submitting(self.asking)

    # -- coming in and going out

    def is_closed(self, message: Message) -> bool:
        """Whether nobody can register on this channel."""
        return bool(message.abroad) and not self.office.abroad

    def begin(self, message: Message, state: State, *, afresh: bool = False) -> Turn:
        """Start the form, or offer what there is: a draft to go on with, registrations to change."""
        if message.public:
            return [Reply(say("not_in_public"))], state
        if self.is_closed(message):
            return [Reply(say("not_abroad", platform=message.abroad, contact=self.office.contact))], state
        if state.draft is not None and not afresh:
            return self.resume(message, state)
        if state.registrations and not afresh:
            return self._offer_existing(message, state)
        if len(state.registrations) >= _MOST_REGISTRATIONS:
            return [Reply(say("too_many_registrations", most=_MOST_REGISTRATIONS))], state
        draft = self._at_next_step(message, Draft(self.form.id, message.at))
        told = self.suggesting.told_in(message, state.question, draft)
        if (end := self.suggesting.ending(told)) is not None:
            return self._end(message, replace(state, draft=draft), end)
        intro = say("form_commands_easy" if state.easy else "form_commands", drafts=self.office.drafts)
        waits = say("told_waits", labels=self.suggesting.labels(told)) if told else ""
        return self.asking.ask(message, state, draft, "\n".join(filter(None, [intro, waits])))

    def resume(self, message: Message, state: State) -> Turn:
        """Go on where the draft was left."""
        if message.public:
            return [Reply(say("not_in_public"))], state
        if state.draft is None:
            return [Reply(say("nothing_to_continue"))], state
        if self.is_closed(message):
            return [Reply(say("not_abroad", platform=message.abroad, contact=self.office.contact))], state
        draft = replace(state.draft, paused=False)
        if draft.step is not None and draft.step not in self._step_ids(message, draft):
            draft = self._at_next_step(message, draft)
        return self.asking.ask(message, state, draft, say("form_resumed"))

    def ask_again(self, message: Message, state: State, said: str | None = None) -> Turn:
        """Ask the current question once more, after ``said`` or after something else was answered."""
        said = say("form_goes_on") if said is None else said
        return self.asking.ask(message, state, _draft(state), said, again=True)

    def ask_in_full(self, message: Message, state: State) -> Turn:
        """Ask the current question once more with all that belongs to it."""
        return self.asking.ask(message, state, _draft(state))

    def change(self, message: Message, state: State, registration: Registration) -> Turn:
        """Open a registration for changes, at the check page."""
        steps = self.asking.journey(message).steps(registration.answers)
        draft = Draft(
            self.form.id,
            message.at,
            answers=registration.answers,
            skipped=tuple(step.id for step in steps if step.id not in registration.answers),
            consents=registration.consents,
            receipt=registration.receipt,
        )
        return self.asking.ask(message, state, draft)

    def notice(self, message: Message) -> str:
        """Return what was told before the person agreed: how the data is used."""
        told = [step.ask for step in self.form.steps if step.kind == _CONSENT and not step.when]
        return self.asking.filled_in(told[0].rpartition("\n")[0], message)

    def about_form(self, text: str, state: State) -> str | None:
        """Return the answer to a question about the form itself, such as why something is asked or who sees it."""
        words = bare(text)
        step = self.form.step(state.draft.step) if state.draft else None
        if step is not None and step.why and _WHY.search(words):
            return step.why
        return next((asked.answer for asked in self.form.faq if any(word in words for word in asked.words)), None)

    def why_asked(self, text: str, state: State) -> str | None:
        """Return why the current question is asked, to whoever wonders about just that (为什么要问年龄)."""
        step = self.form.step(_draft(state).step)
        return step.why if step is not None and step.why and _WHY_ASKED.search(bare(text)) else None

    def _offer_existing(self, message: Message, state: State) -> Turn:
        options = [
            *(
                Option(say("change_of", name=name_of(registration)), f"change {registration.receipt}")
                for registration in state.registrations
            ),
            Option(say("register_another"), "register-afresh"),
        ]
        return self.asking.reply(message, state, [say("registered_already")], options)

    # -- what the person says

    def plain_answer(self, message: Message, text: str, state: State) -> bool:
        """Whether ``text`` answers the current question so plainly that nothing else can be meant.

        他叫郭超 or 我自己 could otherwise be taken for distress (他叫… stands in many stories of violence).
        """
        draft = _draft(state)
        step = self.form.step(draft.step)
        if form_commands(text) or (step is not None and self._is_label(message, step, text)):
            return True
        if step is None or step.kind == "text":
            return False
        read = self.asking.read(message, step, text, draft)
        if not isinstance(read, Accepted):
            return False
        words = bare(text)
        if step.kind == "name":  # around it no more than 我娃儿叫 or the like
            return len(words) - len(str(read.value)) <= _WORDS_AROUND_A_NAME
        return len(words) <= _SHORT_ANSWER or (step.kind == "phone" and words.isdecimal())

    def takes_anything(self, state: State) -> bool:
        """Whether the current question can be answered with any words."""
        step = self.form.step(_draft(state).step)
        return step is not None and step.kind in ("name", "text")

    def binds(self, state: State) -> bool:
        """Whether the current question is for a consent, or the check page: neither is answered by the way."""
        step = self.form.step(_draft(state).step)
        return step is None or step.kind == _CONSENT

    def takes_several(self, state: State) -> bool:
        """Whether the current question takes several choices."""
        step = self.form.step(_draft(state).step)
        return step is not None and step.kind == "choices"

    def command(self, message: Message, text: str, state: State) -> Turn | None:
        """Carry out a word that steers the form (返回, 跳过 …); None when ``text`` is none, or is an answer here."""
        draft = _draft(state)
        step = self.form.step(draft.step)
        if step is not None and self._is_label(message, step, text):
            return None
        if step is not None and (confirmed := self._confirmed(message, text, state, step)) is not None:
            return confirmed
        if step is not None and bare(text) in map(bare, step.unable):
            return self.ask_again(message, state, step.must)
        commands = form_commands(text)
        if not commands:
            return None
        if step is None:
            return self._command_at_check(message, state, commands)
        if step.kind == "choices" and "done" in commands and draft.picked:
            return self._accept(message, state, step, draft.picked)
        if step.kind == "choices" and "done" in commands and "skip" not in commands:
            return self._nothing_picked(message, state, step)
        if step.kind == "text" and "nothing" in commands:
            return self._skip(message, state)
        if step.kind == "town" and "all" in commands:
            options = [Option(name, f"pick {name}") for name in self.tools.town_names]
            return self.asking.reply(message, state, [say("all_towns")], options)
        for name, carry_out in (
            ("back", self._back),
            ("wrong", self._back),
            ("pause", self._pause),
            ("cancel", self.cancel),
            ("restart", self._restart),
            ("skip", self._skip),
        ):
            if name in commands:
                return carry_out(message, state)
        # 提交 is nobody's name
        stray = commands - {"nothing", "all"} and (step.kind in TYPED or ("submit" in commands and step.kind == "town"))
        return self.ask_again(message, state, say("not_yet")) if stray else None

    def _nothing_picked(self, message: Message, state: State, step: Step) -> Turn:
        skippable = self.asking.journey(message).can_skip(step, _draft(state).answers)
        return self.ask_again(
            message, state, say("nothing_picked", skip=say("nothing_picked_skip") if skippable else "")
        )

    def _command_at_check(self, message: Message, state: State, commands: frozenset[str]) -> Turn | None:
        if "submit" in commands:
            return self.submitting.submit(message, state)
        if "wrong" in commands:
            return self.ask_again(message, state, say("which_is_wrong"))
        for name, carry_out in (
            ("back", self._back),
            ("pause", self._pause),
            ("cancel", self.cancel),
            ("restart", self._restart),
        ):
            if name in commands:
                return carry_out(message, state)
        if commands & {"nothing", "done"}:
            options = [Option(say("submit"), "submit"), Option(say("not_yet_right"), "resume")]
            return self.asking.reply(message, state, [say("submit_sure")], options)
        return self.ask_again(message, state, say("check_unclear"))

    def answer(self, message: Message, text: str, state: State) -> Turn | str:
        """Take ``text`` as the answer to the current question. Returns words on what was not understood instead."""
        draft = _draft(state)
        step = self.form.step(draft.step)
        if step is None:
            return self._answer_at_check(message, text, state)
        if (changed := self.change_named(message, text, state)) is not None:
            return changed
        read = self.asking.read(message, step, text, draft)
        told = {} if step.kind == "text" else dict(self.suggesting.told_in(message, text, draft))
        own = told.pop(step.id, None)
        value = own if told else None  # beside other things, its own part says it best
        if isinstance(read, Accepted) and (value is None or isinstance(value, tuple)):
            value = read.value
        also = ""
        if told and self.suggesting.waits_for_consent(message, draft):
            also = say("told_waits", labels=self.suggesting.labels(told))
            state = replace(state, question=f"{state.question}\n{text}"[-_LONGEST_QUESTION:])
        elif told:
            also = say("told_later", labels=self.suggesting.labels(told))
            state = replace(state, draft=with_told(draft, told))
        if value is not None and (step.kind != _CONSENT or isinstance(read, Accepted)):
            return self._accept(message, state, step, value, also)
        if also:
            return self.ask_again(message, state, "\n".join(filter(None, [also, step.unclear])))
        assert isinstance(read, Doubt)
        if read.picked != draft.picked:
            return self.asking.ask(message, state, replace(draft, picked=read.picked), self._words(read, step))
        if read.candidates:
            labels = {option.id: option.label for option in step.options}
            verb = "take" if step.kind in TYPED else "pick"
            options = [Option(labels.get(value, in_words(step, value)), f"{verb} {value}") for value in read.candidates]
            return self.asking.reply(
                message, state, [self._words(read, step)], [*options, Option(say("retype"), "retype")]
            )
        return self._words(read, step)

    def _answer_at_check(self, message: Message, text: str, state: State) -> Turn | str:
        """An answer named by its label, perhaps with what it is to be: 电话改成023-47521234."""
        chosen = lists.number_or_words(text, state.open)
        if isinstance(chosen, Option):
            return self.act(message, state, chosen.act)
        changed = self._change(message, text, state)
        if changed is not None:
            return changed
        draft = _draft(state)
        fixed = {step.id: draft.answers[step.id] for step in self.form.steps if step.fixed and step.id in draft.answers}
        told = self.suggesting.told_in(message, text, replace(draft, answers=fixed))
        for id, value in told.items():
            if len(told) == 1 and (step := self.form.step(id)) is not None:
                return self._accept(message, state, step, value)
        return say("check_unclear")

    def change_named(self, message: Message, text: str, state: State) -> Turn | None:
        """Change what ``text`` names (改电话, 名字写错了); None where nothing that was answered is meant."""
        if not any(word in text for word in _CHANGES):
            return None
        return self._change(message, text, state, among=_draft(state).answers)

    def _change(self, message: Message, text: str, state: State, among: Container[str] | None = None) -> Turn | None:
        """Ask anew what ``text`` names (of the steps ``among`` these), or take what it is to be."""
        named = _CHANGE_OF.fullmatch(text.strip(" 。，,."))
        if named is None:
            return None
        label = bare(named["label"])
        for step in self.asking.journey(message).steps(_draft(state).answers):
            if step.fixed or (among is not None and step.id not in among):
                continue
            if label in (bare(step.label), step.label[:2], *map(bare, step.names)):
                asked = self.act(message, state, f"edit {step.id}")
                answered = self.answer(message, named["new"], asked[1]) if named["new"] else asked
                return asked if isinstance(answered, str) else answered
        return None

    def act(self, message: Message, state: State, act: str) -> Turn:
        """Carry out the choice of a line of one of the form's own lists."""
        draft = _draft(state)
        verb, _, value = act.partition(" ")
        step = self.form.step(draft.step)
        if verb == "pick" and step is not None:
            return self._pick(message, state, step, value)
        if verb == "take" and step is not None and step.kind in TYPED:
            return self._accept(message, state, step, value)
        if verb == "done" and step is not None:
            if draft.picked:
                return self._accept(message, state, step, draft.picked)
            return self._nothing_picked(message, state, step)
        if verb == "retype" and draft.step in draft.told:
            told = {id: answer for id, answer in draft.told.items() if id != draft.step}
            return self.asking.ask(message, state, replace(draft, told=told, picked=()), again=True)
        if verb == "edit" and (edited := self.form.step(value)) is not None:
            chosen = draft.answers.get(edited.id) if edited.kind == "choices" else None
            picked = chosen if isinstance(chosen, tuple) else ()
            return self.asking.ask(message, state, replace(draft, step=edited.id, picked=picked))
        if verb == "submit-as":
            return self.submitting.register(message, state, kept(state, value))
        plain = {
            "submit": self.submitting.submit,
            "skip": self._skip,
            "resume": self.resume,
            "pause": self._pause,
            "discard": self._discard,
            "restart-sure": self._restart_surely,
        }
        return plain[verb](message, state) if verb in plain else self.ask_again(message, state)

    # -- the commands

    def _confirmed(self, message: Message, text: str, state: State, step: Step) -> Turn | None:
        """Carry out a yes or no to the one answer that was put to the person; None when ``text`` is neither."""
        draft = _draft(state)
        offered = [option.act for option in state.open.options if option.act.startswith("take ")] if state.open else []
        told = draft.told.get(step.id) if step.id not in draft.answers else None
        if isinstance(told, str) and step.kind not in TYPED:
            offered = [f"pick {told}"]
        said = confirms(text)
        if told is not None and step.kind == "choices" and draft.picked and said:
            return self._accept(message, state, step, draft.picked)
        if len(offered) != 1 or said is None:
            return None
        return self.act(message, state, offered[0] if said else "retype")

    def _back(self, message: Message, state: State) -> Turn:
        draft = _draft(state)
        if draft.receipt is not None:  # a registration is changed from its check page
            return self.asking.ask(message, state, replace(draft, step=None, picked=()))
        before = self.asking.journey(message).before(draft)
        if before is None:
            return self.ask_again(message, state, say("already_first"))
        return self.asking.ask(message, state, replace(draft, step=before, picked=()))

    def _skip(self, message: Message, state: State) -> Turn:
        draft = _draft(state)
        step = self.form.step(draft.step)
        if step is None:
            return self.ask_again(message, state, say("check_unclear"))
        if step.id not in draft.answers:
            if not self.asking.journey(message).can_skip(step, draft.answers):
                needed = say("must_agree" if step.kind == _CONSENT else "cannot_skip")
                return self.ask_again(message, state, step.must or needed)
            draft = replace(draft, skipped=(*draft.skipped, step.id))
        return self.asking.ask(message, state, self._at_next_step(message, draft))

    def _pause(self, _: Message, state: State) -> Turn:
        text = say("form_paused", drafts=self.office.drafts)
        return [Reply(text)], replace(state, draft=replace(_draft(state), paused=True), open=None)

    def cancel(self, message: Message, state: State, *, surely: bool = True) -> Turn:
        """Stop for good; ask first when there is something to lose, or when that is not ``surely`` what was meant."""
        asked_before = state.open is not None and any(option.act == "discard" for option in state.open.options)
        if surely and (asked_before or not self.has_answers(_draft(state))):
            return self._discard(message, state)
        options = [
            Option(say("cancel_discard"), "discard"),
            Option(say("cancel_pause"), "pause"),
            Option(say("cancel_continue"), "resume"),
        ]
        return self.asking.reply(message, state, [say("cancel_sure")], options)

    def _discard(self, _: Message, state: State) -> Turn:
        phrase = "change_dropped" if _draft(state).receipt else "form_discarded"
        # What was asked last goes as well: it may have been meant for the form.
        return [Reply(say(phrase))], replace(state, draft=None, open=None, topic=None, question="")

    def _restart(self, message: Message, state: State) -> Turn:
        if not self.has_answers(_draft(state)):
            return self._restart_surely(message, state)
        options = [Option(say("restart_yes"), "restart-sure"), Option(say("cancel_continue"), "resume")]
        return self.asking.reply(message, state, [say("restart_sure")], options)

    def _restart_surely(self, message: Message, state: State) -> Turn:
        registration = kept(state, _draft(state).receipt)
        if registration is not None:
            return self.change(message, state, registration)
        return self.begin(message, replace(state, draft=None), afresh=True)

    # -- taking answers

    def _pick(self, message: Message, state: State, step: Step, value: str) -> Turn:
        """A line of the step's list was chosen by button or number."""
        draft = _draft(state)
        if step.kind == "town" and value in self.tools.town_names:
            return self._accept(message, state, step, value)
        option = next((option for option in self.asking.options(message, step) if option.id == value), None)
        if option is None:
            return self.ask_again(message, state, "")
        if step.kind != "choices" or option.alone:
            return self._accept(message, state, step, (value,) if step.kind == "choices" else value)
        picked = tuple(id for id in draft.picked if id != value)
        picked = picked if value in draft.picked else (*picked, value)
        return self.asking.ask(message, state, replace(draft, picked=picked), _picked_words(step, picked))

    def _accept(self, message: Message, state: State, step: Step, value: Answer, also: str = "") -> Turn:
        """Take ``value`` as the answer to ``step`` and go on; ``also`` is said besides."""
        option = step.option(value) if isinstance(value, str) else None
        draft = _draft(state)
        if step.restarts and draft.answers.get(step.id) not in (None, value):
            draft = self._up_to(draft, step)
        if step.kind == _CONSENT:
            consent = Consent(step.id, step.version, option is not None and option.agrees, message.at)
            others = tuple(kept for kept in draft.consents if kept.kind != step.id)
            draft = replace(draft, consents=(*others, consent))
        if option is not None and option.ends:
            return self._end(message, state, option)
        told = {id: answer for id, answer in draft.told.items() if id != step.id}
        draft = replace(draft, answers={**draft.answers, step.id: value}, told=told, picked=())
        draft, state = self.suggesting.taken(message, state, draft)
        draft = self._without_what_is_not_agreed(message, self.asking.journey(message).pruned(draft))
        draft = self._at_next_step(message, draft)
        noted = (
            say("noted", value=_BRACKETS.sub("", answer_in_words(step, value)))
            if step.kind != _CONSENT and draft.step
            else ""
        )
        return self.asking.ask(message, state, draft, "\n".join(filter(None, [noted, also])))

    def _up_to(self, draft: Draft, step: Step) -> Draft:
        """The draft without what was answered after ``step``: it was said of somebody else."""
        ids = [one.id for one in self.form.steps]
        before = set(ids[: ids.index(step.id)])
        return replace(
            draft,
            answers={id: answer for id, answer in draft.answers.items() if id in before},
            consents=tuple(consent for consent in draft.consents if consent.kind in before),
            skipped=(),
        )

    def _without_what_is_not_agreed(self, message: Message, draft: Draft) -> Draft:
        """Free words that could not be kept with the consents as they are now go, and are asked for again."""
        answers = {
            id: answer
            for id, answer in draft.answers.items()
            if (step := self.form.step(id)) is None
            or step.kind != "text"
            or isinstance(self.asking.read(message, step, str(answer), draft), Accepted)
        }
        return replace(draft, answers=answers)

    def _end(self, message: Message, state: State, option: FormOption) -> Turn:
        """The answer ends the form: nothing of it is kept. A registration that was to be changed stays."""
        receipt = _draft(state).receipt
        state = replace(state, draft=None, topic=None, question="")
        if receipt is not None:
            options = [Option(say("delete_yes"), f"delete-sure {receipt}"), Option(say("delete_no"), f"mine {receipt}")]
            return self.asking.reply(message, state, [say("too_young_registered")], options)
        offers = [Option(title, f"entry {key}") for key in option.offers if (title := self.entry_title(key))]
        text = say(str(option.ends), contact=self.office.contact)
        return self.asking.reply(message, state, [text], offers)

    # -- small things

    def _step_ids(self, message: Message, draft: Draft) -> list[str]:
        return [step.id for step in self.asking.journey(message).steps(draft.answers)]

    def _at_next_step(self, message: Message, draft: Draft) -> Draft:
        next_step = self.asking.journey(message).next_open(draft)
        told = draft.told.get(next_step) if next_step is not None else None
        return replace(draft, step=next_step, picked=told if isinstance(told, tuple) else ())

    def _is_label(self, message: Message, step: Step, text: str) -> bool:
        words = bare(text)
        options = self.asking.options(message, step)
        return any(words in map(bare, (option.label, *option.words)) for option in options)

    def has_answers(self, draft: Draft) -> bool:
        """Whether the draft holds more than consents: then it is not thrown away without asking."""
        kinds = {step.id: step.kind for step in self.form.steps}
        return any(kinds.get(id) != _CONSENT for id in draft.answers)

    @staticmethod
    def _words(doubt: Doubt, step: Step) -> str:
        said = step.unclear if doubt.phrase == "choice_unclear" and step.unclear else say(doubt.phrase, **doubt.values)
        return "\n".join(filter(None, [_picked_words(step, doubt.picked) if doubt.picked else "", said]))


_WHY = re.compile(
    r"为什么|为啥|为何|干啥|干什么|做啥|做什么用|咋个要|凭什么|凭啥|问这个|问这些|有必要|拿来做|有啥用|有什么用|哪门要"
)


_WHY_ASKED = re.compile(
    r"(?:为什么|为啥子?|为何|凭什么|凭啥子?|咋个|怎么|哪门|干嘛|做啥子?)(?:还|又|非|都)?(?:要|得)?(?:我的?)?"
    r"(?:问|填|写|登记|记|晓得|知道|留|给|选|说)"
)


def _draft(state: State) -> Draft:
    assert state.draft is not None
    return state.draft


def _picked_words(step: Step, picked: Sequence[str]) -> str:
    return say("picked", labels=answer_in_words(step, tuple(picked))) if picked else say("picked_none")
