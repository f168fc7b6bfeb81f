"""The conversation, the same for every channel: a message and a state in, replies and a state out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from bot.conversation import letters, lists
from bot.conversation.answering import answer, facet_answer
from bot.conversation.asking import Turn
from bot.conversation.commands import command, confirms, form_commands, is_angry
from bot.conversation.fields.identity import without_secrets
from bot.conversation.fields.redaction import black_out
from bot.conversation.fields.text import clean
from bot.conversation.filling import Filling
from bot.conversation.followups import facet
from bot.conversation.message import Message, Note, Reply
from bot.conversation.mine import Mine
from bot.conversation.state import Option, State
from bot.conversation.wording import say
from intents.reading import Reading
from knowledge.model import Knowledge, Policy, Signpost
from knowledge.text import bare

LONGEST_MESSAGE = 2000
"""Characters of a message that are read."""
SECRET_MARK = "（证号不记）"
"""Stands where a number was that is never kept."""
_CANDIDATES_NOTED = 3
_SHORTEST_NOTE = 2  # characters left after blacking out; less tells nobody anything
_YES_OR_NO = 2  # options
_ENOUGH_TO_REGISTER = 2  # things told about oneself beside 登记
_ENOUGH_TO_ASK = 3  # without it
_WHO = {"name", "phone"}
_REGISTER = ("登记", "报名", "求职")
_FORM_VERBS = {
    "pick",
    "take",
    "retype",
    "done",
    "edit",
    "submit",
    "submit-as",
    "skip",
    "pause",
    "discard",
    "restart-sure",
}
_STEERING = {"back", "skip", "pause", "restart"}
_MINE_VERBS = {"mine", "change", "copy", "uncategory", "delete", "delete-sure"}
_MENUS = {"action:greeting", "action:help"}
_MINE_ACTIONS = {"action:my-registration", "action:withdraw"}


class Assistant:
    """Answers messages and takes registrations. Pure: it keeps nothing, and does nothing but answer.

    ``read`` understands a text; ``filling`` takes registrations, None where none can be taken.
    """

    def __init__(self, knowledge: Knowledge, read: Callable[[str], Reading], filling: Filling | None = None) -> None:
        self._knowledge = knowledge
        self._read = read
        self._filling = filling
        self._mine = Mine(filling) if filling else None

    def welcome(self, message: Message, state: State) -> Turn:
        """Say what this is, what can be done and asked, and how."""
        return self._menu(message, "action:greeting", _paused(state), [say("how")])

    def reply(self, message: Message, state: State) -> Turn:
        """Return the replies to ``message`` (whatever it holds) and the state after it."""
        if message.public and (state.draft or state.registrations):
            own = replace(State(), easy=state.easy)
            replies, _ = self.reply(message, own)
            return replies, state
        if message.button is not None:
            return self._pressed(message, state)
        typed = message.phone or message.text
        if message.attachment is not None and not bare(typed):
            return self._again(message, state, say(f"attachment_{message.attachment}"))
        text, cut = clean(typed, LONGEST_MESSAGE)
        notices = [Reply(say("too_long", limit=LONGEST_MESSAGE))] if cut else []
        text = without_secrets(text)
        if SECRET_MARK in text:
            text = text.replace(SECRET_MARK, "")
            notices.append(Reply(say("secret_not_kept")))
        if message.attachment is not None:
            notices.append(Reply(say(f"attachment_{message.attachment}")))
        if not bare(text):
            nothing = say("no_words" if text.strip() else "empty")
            replies, state = self._again(message, state, "" if notices else nothing)
        else:
            replies, state = self._hear(message, text, state)
        return [*notices, *replies], state

    # -- what was said

    def _hear(self, message: Message, text: str, state: State) -> Turn:
        name = command(text)
        if name is not None and not self._means_all(text, state):
            return self._command(name, message, replace(state, letter_to=""))
        if self._filling is not None:
            letter = self._letter(message, text, state)
            if letter is not None:
                return self._go_on(message, letter)
        chosen = lists.number_or_words(text, state.open)
        if isinstance(chosen, Option) and not self._belongs_to_form(chosen, state):
            return self._act(message, state, chosen.act)
        if _in_form(state):
            return self._hear_in_form(message, text, state)
        if isinstance(chosen, int):
            return self._wrong_number(state, chosen)
        said = confirms(text) if _goes_on_with_yes(state) else None
        if said is not None:
            return self._act(message, state, state.open.options[0].act if said and state.open else "none")
        return self._hear_question(message, text, state)

    def _letter(self, message: Message, text: str, state: State) -> Turn | None:
        """What is said to the staff; distress in it is met here as well. None for all else."""
        words = letters.opening(text)
        if words is not None:
            turn = letters.begin(message, state, words)
        elif state.letter_to and not message.public:
            turn = letters.take(text, state)
        else:
            return None
        reading = self._read(words or text)
        if reading.kind != "safety":
            return turn
        help_now, after = self._about(message, str(reading.topic), turn[1], reading)
        return [*help_now, *turn[0]], after

    def _hear_question(self, message: Message, text: str, state: State) -> Turn:
        leaning = self._follow_up(message, text, state) or self._change_registration(message, text, state)
        if leaning is not None:
            return leaning
        reading = self._read(text)
        waiting = self._waiting_form(message, text, state, reading)
        if waiting is not None:
            return waiting
        if not message.public:
            state = replace(state, question=text)
        return self._introduced(message, text, state, reading) or self._understood(message, text, state, reading)

    def _change_registration(self, message: Message, text: str, state: State) -> Turn | None:
        """电话改成139…, said of the only registration there is; None when nothing of it is named."""
        if self._filling is None or message.public or state.draft is not None or len(state.registrations) != 1:
            return None
        _, opened = self._filling.change(message, state, state.registrations[0])
        return self._filling.change_named(message, text, opened)

    def _introduced(self, message: Message, text: str, state: State, reading: Reading) -> Turn | None:
        """Begin to register whoever tells all about themselves at once (我叫张三，电话…), or ask whether to."""
        if (
            self._filling is None
            or message.public
            or state.draft is not None
            or reading.kind not in ("none", "choices")
        ):
            return None
        told = self._filling.suggesting.introduction(message, text)
        registers = any(word in text for word in _REGISTER)
        if len(told) < (_ENOUGH_TO_REGISTER if registers else _ENOUGH_TO_ASK) or not told.keys() & _WHO:
            return None
        if registers:
            return self._filling.begin(message, state)
        if _asks(text):
            return None
        options = [Option(say("register_now"), "register"), Option(say("told_ask"), "none")]
        return self._offer(
            message, state, [say("told_register", labels=self._filling.suggesting.labels(told)), *options]
        )

    def _understood(self, message: Message, text: str, state: State, reading: Reading) -> Turn:
        """Answer a reading, or offer its choices, or say that nothing was understood."""
        about_form = self._about_form(message, text, state, reading)
        if about_form is not None:
            return self._go_on(message, ([Reply(about_form, reading=reading)], state))
        if reading.kind == "choices":
            note = self._note(message, state, "uncertain", text, reading)
            way_back = [Option(say("resume"), "resume")] if _in_form(state) else []
            offers: list[str | Option] = [
                say("choices"),
                *self._entries(reading.choices),
                Option(say("choices_none"), "none"),
                *way_back,
            ]
            return self._offer(message, replace(state, topic=None), offers, reading, note)
        key = f"action:{reading.action}" if reading.action else reading.topic
        if key is None and not _in_form(state) and letters.may_be_meant(message, state):
            return letters.offer(message, state, text)
        if key is None:
            note = self._note(message, state, "unanswered", text, reading)
            if state.topic is not None and state.topic.startswith("safety:"):
                return self._stay(message, state, reading, note)
            if is_angry(text):
                return [Reply(say("angry"), reading=reading)], replace(state, open=None, topic=None)
            reply = Reply(say("none_easy" if state.easy else "none"), reading=reading, note=note)
            return [reply], replace(state, open=None, topic=None)
        return self._about(message, key, state, reading)

    def _stay(self, message: Message, state: State, reading: Reading, note: Note | None) -> Turn:
        """Whoever was in distress a moment ago is not left with 没有听懂."""
        safe = answer(self._knowledge, str(state.topic), easy=True, today=message.at.date())
        text = "\n".join([say("safe_not_understood"), safe])
        return [Reply(text, reading=reading, note=note)], replace(state, open=None)

    def _waiting_form(self, message: Message, text: str, state: State, reading: Reading) -> Turn | None:
        """Words that only make sense in a form, while one waits or none is there; None for all others."""
        if self._filling is None or message.public or reading.kind in ("answer", "signpost", "safety"):
            return None
        if state.draft is None:
            steering = form_commands(text) & _STEERING
            return ([Reply(say("no_form"))], state) if steering else None
        active = replace(state, draft=replace(state.draft, paused=False))
        if not self._filling.plain_answer(message, text, active):
            return None
        steers = form_commands(text) & {"back", "cancel", "restart"}
        if steers or not (self._filling.takes_anything(active) or self._filling.binds(active)):
            return self._hear_in_form(message, text, active)  # it can be nothing but the answer to what was asked
        options = [Option(say("resume"), "resume"), Option(say("cancel_discard"), "discard")]
        return self._offer(message, state, [say("form_waits_shall_it_go_on"), *options])

    def _about_form(self, message: Message, text: str, state: State, reading: Reading) -> str | None:
        """The answer to a question about registering itself; None when it is about something else."""
        if self._filling is None or reading.kind == "safety":
            return None
        if _in_form(state) and (why := self._filling.why_asked(text, state)):
            return self._filling.asking.filled_in(why, message)
        if reading.kind in ("answer", "signpost"):
            return None
        if not _in_form(state) and reading.action not in ("register", "my-registration", "withdraw"):
            return None
        said = self._filling.about_form(text, state)
        return self._filling.asking.filled_in(said, message) if said is not None else None

    def _follow_up(self, message: Message, text: str, state: State) -> Turn | None:
        side = facet(text) if state.topic in self._knowledge.by_key else None
        if side is None or state.topic is None:
            return None
        said = facet_answer(self._knowledge, state.topic, side, easy=state.easy, today=message.at.date())
        return None if said is None else self._answered(message, state, state.topic, said, related=())

    # -- in a form

    def _hear_in_form(self, message: Message, text: str, state: State) -> Turn:
        assert self._filling is not None
        steered = self._filling.command(message, text, state)
        if steered is not None:
            return steered
        chosen = lists.number_or_words(text, state.open)
        if isinstance(chosen, Option) and not (
            chosen.act.startswith("pick ") and self._filling.takes_several(state)  # 1 3: the form reads it as a whole
        ):
            return self._filling.act(message, state, chosen.act)
        plain = self._filling.plain_answer(message, text, state)
        reading = Reading("none") if plain else self._read(text)
        if reading.kind == "safety":
            return self._about(message, str(reading.topic), state, reading)
        leaning = None if plain else self._follow_up(message, text, state)
        if leaning is not None:
            return leaning
        if not plain and state.topic is None and facet(text) == "again":  # 什么意思: of what is asked
            return self._filling.ask_in_full(message, replace(state, easy=True))
        about_form = _asks_plainly(text) and self._about_form(message, text, state, reading) is not None
        if self._filling.takes_anything(state) and (about_form or self._is_question(text, reading)):
            return self._detour(message, text, state, reading)
        turn = self._filling.answer(message, text, state)
        if not isinstance(turn, str):
            return turn[0], replace(turn[1], topic=None)
        if self._about_form(message, text, state, reading) is not None:
            return self._detour(message, text, state, reading)
        harmless = not any(key.startswith("safety:") for key in reading.choices)
        guessed = reading.kind == "choices" and harmless and not _asks(text)
        # 同意，但是不要打电话: not yet about a registration, as there is none
        guessed = guessed or (
            reading.action in ("withdraw", "my-registration") and not (state.registrations or _gives_up(text))
        )
        if reading.kind == "none" or reading.action == "register" or guessed:
            return self._filling.ask_again(message, state, turn)
        return self._detour(message, text, state, reading)

    def _detour(self, message: Message, text: str, state: State, reading: Reading) -> Turn:
        """Answer what was asked in the middle of the form; then the form goes on (:meth:`_go_on`)."""
        assert self._filling is not None
        if reading.action == "cancel" or (reading.action in ("withdraw", "my-registration") and _gives_up(text)):
            return self._filling.cancel(message, state, surely=False)
        return self._understood(message, text, state, reading)

    @staticmethod
    def _is_question(text: str, reading: Reading) -> bool:
        """Whether what was typed where anything may be typed is meant as a question."""
        return reading.kind in ("answer", "signpost", "action") and (
            reading.action in ("cancel", "withdraw", "human") or _asks(text)
        )

    def _go_on(self, message: Message, turn: Turn) -> Turn:
        """Put the form's question after what was answered in the middle of it."""
        replies, state = turn
        if self._filling is None or not _in_form(state):
            return turn
        asked, state = self._filling.ask_again(message, state)
        return [*replies, *asked], state

    # -- commands, buttons, lists

    def _command(self, name: str, message: Message, state: State) -> Turn:
        if name in ("easy", "full"):
            return self._switch(message, state, easy=name == "easy")
        if name == "start" or (name == "help" and "action:help" not in self._knowledge.by_key):
            return self.welcome(message, state)
        if name in ("help", "human"):
            return self._about(message, f"action:{name}", state)
        if self._filling is None:
            return self._about(
                message, "action:register" if name in ("register", "continue") else "action:my-registration", state
            )
        if name == "notice":
            return self._go_on(message, ([Reply(self._filling.notice(message))], state))
        if name == "register" and not _in_form(state):
            return self._filling.begin(message, state)
        if name in ("continue", "register"):
            return self._filling.resume(message, state)
        assert self._mine is not None
        show = {"mine": self._mine.show, "withdraw": self._mine.ask_what_to_withdraw}.get(
            name, self._mine.ask_to_delete
        )
        return show(message, _paused(state))

    def _switch(self, message: Message, state: State, *, easy: bool) -> Turn:
        """Say that the manner changed, and what was said last again in it."""
        in_form = _in_form(state)
        phrase = "easy_on" if easy else "full_here" if in_form and not state.easy else "easy_off"
        state = replace(state, easy=easy)
        if state.topic in self._knowledge.by_key and state.topic is not None:
            again, state = self._about(message, state.topic, state, whole=not easy)
            again = [replace(each, about=None) for each in again]  # nobody asked anew
        elif in_form and self._filling is not None:
            again, state = self._filling.ask_in_full(message, state)
        elif state.open is not None:
            again, state = self._offer(message, state, [say("choose"), *state.open.options])
        else:
            again = []
        return [Reply(say(phrase)), *again], state

    def _pressed(self, message: Message, state: State) -> Turn:
        option = lists.pressed(str(message.button), state.open)
        if option is None:
            return self._again(message, state, say("list_old"))
        return self._act(message, state, option.act)

    def _act(self, message: Message, state: State, act: str) -> Turn:
        """Carry out the choice of a line: a verb and its object, from our own list."""
        verb, _, value = act.partition(" ")
        if verb == "entry" and value in self._knowledge.by_key:
            related = state.topic is not None or not state.question  # else it was offered for a question
            if related and not message.public:
                state = replace(state, question=self._knowledge.by_key[value].title)
            return self._about(message, value, state)
        if verb in ("helped", "unhelped"):
            return self._thanks(message, state, helped=verb == "helped")
        if verb == "none":
            return self._go_on(message, ([Reply(say("choices_declined"))], replace(state, open=None, topic=None)))
        if self._filling is None or self._mine is None:
            return self._again(message, state, say("list_old"))
        if verb in _MINE_VERBS:
            return self._mine.act(message, _paused(state), act)
        if verb in _FORM_VERBS and state.draft is not None:
            return self._filling.act(message, replace(state, draft=replace(state.draft, paused=False)), act)
        return self._about_registering(message, state, verb, value)

    def _about_registering(self, message: Message, state: State, verb: str, value: str) -> Turn:
        """Carry out a choice that begins or resumes something about registrations."""
        assert self._filling is not None
        assert self._mine is not None
        if verb in ("register", "register-afresh"):
            return self._filling.begin(message, state, afresh=verb == "register-afresh")
        if verb == "resume":
            return self._filling.resume(message, state)
        if verb in ("letter", "letter-send"):
            return self._go_on(message, letters.chosen(message, state, value, said=verb == "letter-send"))
        if verb == "mine-all":
            return self._mine.show(message, _paused(state))
        if verb == "notice":
            return [Reply(self._filling.notice(message))], state
        if verb == "forget-sure":
            return [Reply(say("forgotten"))], State(easy=state.easy, forgotten=True)
        return self._again(message, state, say("list_old"))

    def _thanks(self, message: Message, state: State, *, helped: bool) -> Turn:
        note = None
        if not helped and not message.public:
            note = Note("unhelpful", self._blacked_out(state, state.question), state.topic)
        phrase = "helped" if helped else ("unhelped_in_public" if message.public else "unhelped")
        reply = Reply(say(phrase), note=note)
        return [reply], replace(state, open=None)

    def _wrong_number(self, state: State, number: int) -> Turn:
        if number == 0 and state.open is not None:
            return [Reply(say("choices_declined"))], replace(state, open=None, topic=None)
        if state.open is None:
            return [Reply(say("no_list", number=number))], state
        return [Reply(say("choices_gone", number=number, last=len(state.open.options)))], state

    def _again(self, message: Message, state: State, said: str) -> Turn:
        """Say something about the message itself, and leave the person where they were."""
        if self._filling is not None and _in_form(state):
            return self._filling.ask_again(message, state, said)
        if said == say("list_old") and state.open is not None:
            return self._offer(message, state, [said, say("choose"), *state.open.options])
        return ([Reply(said)] if said else []), state

    # -- answers

    def _about(
        self, message: Message, key: str, state: State, reading: Reading | None = None, *, whole: bool = False
    ) -> Turn:
        """Answer about one entry, and offer what is related to it; shortly in the middle of a form unless ``whole``."""
        if self._filling is not None and self._mine is not None:
            if key == "action:register":
                return self._filling.begin(message, state)
            if key in _MINE_ACTIONS:
                show = self._mine.show if key == "action:my-registration" else self._mine.ask_to_delete
                return show(message, _paused(state))
        short = _in_form(state) and not (whole or state.easy or key.startswith("safety:"))
        said_before = key.startswith("safety:") and state.topic == key
        text = answer(self._knowledge, key, easy=state.easy or short or said_before, today=message.at.date())
        if short and not key.startswith("action:"):
            text += "\n" + say("more_in_full")
        if key.startswith("safety:"):
            if _in_form(state):
                text += "\n" + say("form_waits")
            return [Reply(text, reading=reading)], replace(_paused(state), open=None, topic=key)
        if key in _MENUS and not _in_form(state):
            return self._menu(message, key, state, reading=reading)
        related: tuple[str, ...] = getattr(self._knowledge.by_key[key], "related", ())
        return self._answered(message, state, key, text, related, reading)

    def _answered(
        self,
        message: Message,
        state: State,
        key: str,
        text: str,
        related: tuple[str, ...],
        reading: Reading | None = None,
    ) -> Turn:
        """Say ``text`` about an entry; then what is related, whether it helped, or the form's question."""
        entry = self._knowledge.by_key[key]
        is_answer = isinstance(entry, Policy | Signpost)
        if is_answer or state.topic is None:  # 谢谢 leaves what was spoken of
            state = replace(state, topic=key)
        if _in_form(state):
            return self._go_on(message, ([Reply(text, reading=reading, about=key if is_answer else None)], state))
        parts: list[str | Option] = [text]
        if related:
            parts += [say("related" if is_answer else "can_ask"), *self._entries(related)]
        if is_answer and not getattr(entry, "lead", "") and self._filling is not None:  # 节哀 is no service to be rated
            parts += [say("did_it_help"), Option(say("it_helped"), "helped"), Option(say("it_did_not"), "unhelped")]
        (reply,), state = self._offer(message, state, parts, reading)
        return [replace(reply, about=key if is_answer else None)], state

    def _menu(
        self, message: Message, key: str, state: State, parts: Iterable[str] = (), reading: Reading | None = None
    ) -> Turn:
        """Say what a greeting or help says, then ``parts``, then all that can be done and asked from here."""
        text = answer(self._knowledge, key, easy=state.easy, today=message.at.date())
        own: list[Option] = []
        if self._filling and not message.public:
            begun = state.draft is not None
            if begun or not self._filling.is_closed(message):
                own.append(Option(say("resume" if begun else "register_now"), "resume" if begun else "register"))
            if state.registrations:
                own.append(Option(say("mine_see"), "mine-all"))
        options = [*own, *self._entries(getattr(self._knowledge.by_key[key], "related", ()))]
        lines: list[str | Option] = [text, *parts, say("can_ask") if options else "", *options]
        return self._offer(message, replace(state, topic=None, question=""), lines, reading)

    def _entries(self, keys: Iterable[str]) -> list[Option]:
        by_key = self._knowledge.by_key
        return [Option(by_key[key].title, f"entry {key}") for key in keys if key in by_key]

    @staticmethod
    def _offer(
        message: Message,
        state: State,
        parts: Iterable[str | Option],
        reading: Reading | None = None,
        note: Note | None = None,
    ) -> Turn:
        reply, open_list = lists.offer(message, parts)
        return [replace(reply, reading=reading, note=note)], replace(state, open=open_list)

    # -- small things

    def _note(self, message: Message, state: State, kind: str, text: str, reading: Reading) -> Note | None:
        blacked_out = self._blacked_out(state, text)
        if message.public or len(bare(blacked_out)) < _SHORTEST_NOTE:
            return None
        nearest = tuple(candidate.key for candidate in reading.candidates[:_CANDIDATES_NOTED])
        return Note(kind, blacked_out, candidates=nearest)  # type: ignore[arg-type]

    def _blacked_out(self, state: State, text: str) -> str:
        known = [kept.answers for kept in state.registrations] + ([state.draft.answers] if state.draft else [])
        names = [str(answers[id]) for answers in known for id in ("name", "proxy") if id in answers]
        return black_out(text, names, keep=self._knowledge.towns)

    def _means_all(self, text: str, state: State) -> bool:
        """Whether 全部 means every choice of the question open now, not the full answers."""
        return self._filling is not None and _in_form(state) and self._filling.takes_several(state) and "全" in text

    @staticmethod
    def _belongs_to_form(option: Option, state: State) -> bool:
        return _in_form(state) and option.act.partition(" ")[0] in ("pick", "done", "edit", "submit", "skip")


def _in_form(state: State) -> bool:
    return state.draft is not None and not state.draft.paused


def _goes_on_with_yes(state: State) -> bool:
    """Whether it was asked just now whether to register, or to go on with it."""
    options = state.open.options if state.open is not None else ()
    return len(options) == _YES_OR_NO and options[0].act in ("register", "resume")


def _paused(state: State) -> State:
    return replace(state, draft=replace(state.draft, paused=True)) if state.draft is not None else state


_QUESTION_MARKS = (
    "?",
    "？",
    "吗",
    "么",
    "怎么",
    "咋",
    "哪",
    "多少",
    "好多",
    "啥",
    "什么",
    "能不能",
    "可不可以",
    "有没得",
    "有没有",
    "得不得",
    "是不是",
    "几时",
    "谁",
)


def _gives_up(text: str) -> bool:
    return any(word in text for word in ("不登记", "不想登记", "不填", "不想填", "不搞", "删", "取消", "撤"))


def _asks_plainly(text: str) -> bool:
    return any(mark in text for mark in ("?", "？", "吗", "想问", "想知道", "想晓得", "请问"))


def _asks(text: str) -> bool:
    return any(mark in text for mark in _QUESTION_MARKS)
