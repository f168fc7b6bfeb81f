"""Filling in a form in conversation: one question a step, forgiving, and never in a hurry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

from bot.conversation.asking import TYPED, Asking
from bot.conversation.changes import adds, mistakes, new_values
from bot.conversation.commands import confirms, form_commands
from bot.conversation.correcting import Correcting
from bot.conversation.declining import Declining
from bot.conversation.entering import Entering
from bot.conversation.explaining import Explaining
from bot.conversation.fields.age import says_only_age
from bot.conversation.fields.choices import says_only
from bot.conversation.forms import Form, Step
from bot.conversation.message import Message
from bot.conversation.office import Office
from bot.conversation.reading_answers import Accepted, Doubt, Tools
from bot.conversation.reviewing import Reviewing
from bot.conversation.state import Draft, Option, State, draft_of
from bot.conversation.steering import Steering
from bot.conversation.submitting import Submitting
from bot.conversation.suggesting import Suggesting, with_told
from bot.conversation.taking import Taking
from bot.conversation.turn import Turn
from bot.conversation.wording import say
from knowledge.text import bare

_CONSENT = "consent"
_LONGEST_QUESTION = 2000  # characters
_SHORT_ANSWER = 8  # characters; in more there may be more
_WORDS_AROUND_A_NAME = 5  # characters


@dataclass(frozen=True)
class Filling:
    """The conversation inside one ``form``: what is said there, and what its parts make of it.

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
    def taking(self) -> Taking:
        """What takes answers."""
        return Taking(self.asking, self.suggesting, self.entry_title)

    @cached_property
    def correcting(self) -> Correcting:
        """What answers anew what was answered already."""
        return Correcting(self.asking, self.suggesting, self.taking)

    @cached_property
    def entering(self) -> Entering:
        """What leads into the form."""
        return Entering(self.asking, self.suggesting, self.taking)

    @cached_property
    def steering(self) -> Steering:
        """What moves about in the form, and out of it."""
        return Steering(self.asking, self.entering)

    @cached_property
    def declining(self) -> Declining:
        """What tells who would rather not answer."""
        return Declining(self.asking)

    @cached_property
    def reviewing(self) -> Reviewing:
        """What reads back what was filled in."""
        return Reviewing(self.asking, self.suggesting, self.taking)

    @cached_property
    def submitting(self) -> Submitting:
        """What hands the form in."""
        return Submitting(self.asking)

    @cached_property
    def explaining(self) -> Explaining:
        """What explains the form."""
        return Explaining(self.asking)

    # -- what the current question takes

    def says_nothing_else(self, message: Message, text: str, state: State) -> bool:
        """Whether ``text`` steers the form, or says nothing but what the current question asks for."""
        step = self.form.step(draft_of(state).step)
        if step is None or form_commands(text):
            return bool(form_commands(text))
        if step.kind == "name":
            return self._is_mere_name(message, step, text, state)
        options = [option.choice for option in self.asking.options(message, step)]
        only = says_only_age(text) if step.kind == "age" else says_only(text, options)
        return only or self._is_label(message, step, text)

    def plain_answer(self, message: Message, text: str, state: State) -> bool:
        """Whether ``text`` answers the current question so plainly that nothing else is likely to be meant.

        It may still be distress that names what can be chosen: 在家自杀.
        """
        if self.says_nothing_else(message, text, state):
            return True
        draft = draft_of(state)
        step = self.form.step(draft.step)
        if step is None or step.kind in ("text", "name"):
            return False
        words = bare(text)
        short = step.kind == _CONSENT or len(words) <= _SHORT_ANSWER or (step.kind == "phone" and words.isdecimal())
        return short and isinstance(self.asking.read(message, step, text, draft), Accepted)

    def _is_mere_name(self, message: Message, step: Step, text: str, state: State) -> bool:
        """Whether ``text`` is a name with no more around it than 我娃儿叫 or the like.

        他叫郭超 could be taken for distress otherwise: 他叫… stands in many stories of violence.
        """
        read = self.asking.read(message, step, text, draft_of(state))
        return isinstance(read, Accepted) and len(bare(text)) - len(str(read.value)) <= _WORDS_AROUND_A_NAME

    def takes_anything(self, state: State) -> bool:
        """Whether the current question can be answered with any words."""
        step = self.form.step(draft_of(state).step)
        return step is not None and step.kind in ("name", "text")

    def takes_free_text(self, state: State) -> bool:
        """Whether the current question asks for whatever somebody wants to say."""
        step = self.form.step(draft_of(state).step)
        return step is not None and step.kind == "text"

    def kept_for_later(self, message: Message, text: str, state: State) -> State:
        """Return the state with ``text`` kept: it may be the answer, and is put to the person when the form goes on."""
        draft = draft_of(state)
        step = self.form.step(draft.step)
        read = self.asking.read(message, step, text, draft) if step is not None and text else None
        if step is None or not isinstance(read, Accepted):
            return state
        return replace(state, draft=with_told(draft, {step.id: read.value}))

    def asks_how_to_reach(self, state: State) -> bool:
        """Whether the current question is how to get in touch, about the disability, or takes free words."""
        step = self.form.step(draft_of(state).step)
        if step is None:
            return False
        return step.kind in ("phone", "text") or step.sensitive or any(option.number for option in step.options)

    def binds(self, state: State) -> bool:
        """Whether the current question is for a consent, or the check page: neither is answered by the way."""
        step = self.form.step(draft_of(state).step)
        return step is None or step.kind == _CONSENT

    def takes_several(self, state: State) -> bool:
        """Whether the current question takes several choices."""
        step = self.form.step(draft_of(state).step)
        return step is not None and step.kind == "choices"

    def is_own_word(self, message: Message, text: str, state: State) -> bool:
        """Whether ``text`` is a word of the current question's choices, or agrees or refuses where that is asked."""
        draft = draft_of(state)
        step = self.form.step(draft.step)
        if step is None:
            return False
        consents = step.kind == _CONSENT and isinstance(self.asking.read(message, step, text, draft), Accepted)
        return consents or (bool(step.options) and self._is_label(message, step, text))

    def _is_label(self, message: Message, step: Step, text: str) -> bool:
        words = bare(text)
        options = self.asking.options(message, step)
        return any(words in map(bare, (option.label, *option.words)) for option in options)

    # -- commands

    def command(self, message: Message, text: str, state: State) -> Turn | None:
        """Carry out a word that steers the form (返回, 跳过 …); None when ``text`` is none, or is an answer here."""
        step = self.form.step(draft_of(state).step)
        commands = form_commands(text)
        if step is None:
            return self._command_at_check(message, state, commands) if commands else None
        if self._is_label(message, step, text):
            return None
        if (confirmed := self._confirmed(message, text, state, step)) is not None:
            return confirmed
        if (unsaid := self.declining.choice(text, step)) is not None:
            return self.taking.accept(message, state, step, unsaid)
        if self.declining.leaves_open(message, text, state, step):
            return self._without_answer(message, state, step)
        return self._command_at_step(message, state, step, commands) if commands else None

    def _without_answer(self, message: Message, state: State, step: Step) -> Turn:
        if step.must and not self.asking.journey(message).can_skip(step, draft_of(state).answers):
            return self.asking.ask_again(message, state, step.must)
        return self.steering.skip(message, state)

    def _command_at_step(self, message: Message, state: State, step: Step, commands: frozenset[str]) -> Turn | None:
        if step.kind == "choices" and "done" in commands and (draft_of(state).picked or "skip" not in commands):
            return self.taking.accept_picked(message, state, step)
        if step.kind == "text" and "nothing" in commands:
            return self.steering.skip(message, state)
        if step.kind == "town" and "all" in commands:
            options = [Option(name, f"pick {name}") for name in self.tools.town_names]
            return self.asking.reply(message, state, [say("all_towns")], options)
        steered = self.steering.command(message, state, commands)
        if steered is not None:
            return steered
        # 提交 is nobody's name
        stray = commands - {"nothing", "all"} and (step.kind in TYPED or ("submit" in commands and step.kind == "town"))
        return self.asking.ask_again(message, state, say("not_yet")) if stray else None

    def _command_at_check(self, message: Message, state: State, commands: frozenset[str]) -> Turn:
        if "submit" in commands:
            return self.submitting.submit(message, state)
        if "wrong" in commands:
            return self.asking.ask_again(message, state, say("which_is_wrong"))
        steered = self.steering.command(message, state, commands - {"skip"})
        if steered is not None:
            return steered
        if commands & {"nothing", "done"}:
            options = [Option(say("submit"), "submit"), Option(say("not_yet_right"), "resume")]
            return self.asking.reply(message, state, [say("submit_sure")], options)
        return self.asking.ask_again(message, state, say("check_unclear"))

    def _confirmed(self, message: Message, text: str, state: State, step: Step) -> Turn | None:
        """Carry out a yes or no to the one answer that was put to the person; None when ``text`` is neither."""
        draft = draft_of(state)
        shown = [option.act for option in state.open.options] if state.open else []
        offered = [act for act in shown if act.startswith(("take ", "pick "))]
        told = draft.told.get(step.id) if step.id not in draft.answers else None
        if isinstance(told, str) and step.kind not in TYPED:
            offered = [f"pick {told}"]
        said = confirms(text)
        if told is not None and step.kind == "choices" and draft.picked and said:
            return self.taking.accept_picked(message, state, step)
        if len(offered) != 1 or said is None:
            return None
        return self.act(message, state, offered[0] if said else "retype")

    # -- answers

    def answer(self, message: Message, text: str, state: State) -> Turn | str:
        """Take ``text`` as the answer to the current question. Returns words on what was not understood instead."""
        draft = draft_of(state)
        step = self.form.step(draft.step)
        if step is None:
            return self.correcting.at_check_page(message, text, state) or say("check_unclear")
        if (changed := self.correcting.in_the_middle(message, text, state)) is not None:
            return changed
        if self._is_about_another(message, text, draft):
            return self.steering.restart(message, state)
        # Asked anew, and nothing picked since: what is typed takes its place.
        anew = draft.picked == draft.answers.get(step.id) and not adds(text)
        read = self.asking.read(message, step, text, replace(draft, picked=()) if anew else draft)
        if anew and not isinstance(read, Accepted):
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
            return self.taking.accept(message, state, step, value, also, text)
        offered = state.open.options if state.open is not None else ()
        if also and any(option.act.startswith("take ") for option in offered):  # 13812345678 to 我记作“小雨”，对吗
            return self.asking.reply(message, state, [also, say("still_asked")], offered)
        if also:
            return self.asking.ask_again(message, state, "\n".join(filter(None, [also, step.unclear])))
        assert isinstance(read, Doubt)
        return self.taking.doubted(message, state, step, read)

    def _is_about_another(self, message: Message, text: str, draft: Draft) -> bool:
        """Whether ``text`` says that the form is for somebody else than was said: nothing that was told fits them."""
        steps = [step for step in self.form.steps if step.restarts and step.id in draft.answers]
        values = new_values(text) if steps and mistakes(text) else []
        fresh = replace(draft, picked=())
        read = [(step, self.asking.read(message, step, value, fresh)) for step in steps for value in values]
        return any(isinstance(one, Accepted) and one.value != draft.answers[step.id] for step, one in read)

    # -- choices

    def act(self, message: Message, state: State, act: str) -> Turn:
        """Carry out the choice of a line of one of the form's own lists."""
        draft = draft_of(state)
        verb, _, value = act.partition(" ")
        step = self.form.step(draft.step)
        if verb == "pick" and step is not None:
            return self.taking.pick(message, state, step, value)
        if verb == "take" and step is not None and step.kind in TYPED:
            return self.taking.accept(message, state, step, value)
        if verb == "done" and step is not None:
            return self.taking.accept_picked(message, state, step)
        if verb == "retype" and draft.step in draft.told:
            told = {id: answer for id, answer in draft.told.items() if id != draft.step}
            return self.asking.ask(message, state, replace(draft, told=told, picked=()), again=True)
        if verb == "edit" and (edited := self.form.step(value)) is not None:
            return self.correcting.ask_anew(message, state, edited)
        if verb == "submit-as":
            return self.submitting.register(message, state, state.registration(value))
        plain = {
            "submit": self.submitting.submit,
            "skip": self.steering.skip,
            "resume": self.entering.resume,
            "pause": self.steering.pause,
            "discard": self.steering.discard,
            "restart-sure": self.steering.restart_surely,
        }
        return plain[verb](message, state) if verb in plain else self.asking.ask_again(message, state)
