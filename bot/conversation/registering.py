"""Registering in the middle of a conversation: how people come to the form, to their registrations, and back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from bot.conversation import letters, lists
from bot.conversation.filling import Filling
from bot.conversation.message import Message, Reply
from bot.conversation.mine import Mine
from bot.conversation.questions import asks
from bot.conversation.state import Option, State
from bot.conversation.turn import Turn
from bot.conversation.wishes import wish
from bot.conversation.wording import say
from intents.reading import Reading

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
_LEAVE_ALONE = ("stop", "no_calls")
_MINE_VERBS = {"mine", "change", "copy", "uncategory", "delete", "delete-sure"}


@dataclass(frozen=True)
class Registering:
    """Leads to the form of ``filling`` and to what was registered with it, from wherever the conversation is."""

    filling: Filling

    @cached_property
    def mine(self) -> Mine:
        """What a person can do with the registrations there are."""
        return Mine(self.filling)

    def command(self, name: str, message: Message, state: State) -> Turn:
        """Carry out the command ``name``: register, continue, notice, mine, withdraw or delete."""
        if name == "notice":
            notice = Reply(self.filling.explaining.notice(message))
            return self.filling.asking.go_on(message, ([notice], state))
        if name == "register" and not state.in_form:
            return self.filling.entering.begin(message, state)
        if name in ("continue", "register"):
            return self.filling.entering.resume(message, state)
        show = {"mine": self.mine.show, "withdraw": self.mine.ask_what_to_withdraw}.get(name, self.mine.ask_to_delete)
        return show(message, state.with_form_paused())

    def entry(self, message: Message, key: str, state: State) -> Turn | None:
        """Do what the knowledge's entry ``key`` stands for; None for one that is to be answered."""
        if key == "action:register":
            return self.filling.entering.begin(message, state)
        if key == "action:my-registration":
            return self.mine.show(message, state.with_form_paused())
        if key == "action:withdraw" and "残疾" in message.text:  # perhaps no more than that
            return self.mine.ask_what_to_withdraw(message, state.with_form_paused())
        if key == "action:withdraw":
            return self.mine.ask_to_delete(message, state.with_form_paused())
        return None

    def act(self, message: Message, state: State, act: str) -> Turn | None:
        """Carry out the choice of a line; None for one that is about nothing here (any more)."""
        verb, _, value = act.partition(" ")
        if verb in _MINE_VERBS:
            return self.mine.act(message, state.with_form_paused(), act)
        if verb in _FORM_VERBS and state.draft is not None:
            return self.filling.act(message, replace(state, draft=replace(state.draft, paused=False)), act)
        if verb in ("register", "register-afresh"):
            return self.filling.entering.begin(message, state, afresh=verb == "register-afresh")
        if verb == "resume":
            return self.filling.entering.resume(message, state)
        if verb in ("letter", "letter-send"):
            letter = letters.chosen(message, state, value, said=verb == "letter-send")
            return self.filling.asking.go_on(message, letter)
        if verb == "mine-all":
            return self.mine.show(message, state.with_form_paused())
        if verb == "notice":
            return [Reply(self.filling.explaining.notice(message))], state
        if verb == "forget-sure":
            said = "".join([say("forgotten"), say("form_waits") if state.draft is not None else ""])
            state = replace(state.with_form_paused(), open=None, topic=None, question="", unsent="", forgotten=True)
            return [Reply(said)], state
        if verb == "keep":
            return [Reply(say("kept"))], replace(state, open=None)
        return None

    def wished(self, message: Message, text: str, state: State) -> Turn | None:
        """Do what ``text`` wants done with what is kept of the person; None where it wants nothing of the kind."""
        wanted = wish(text)
        leaves = wanted in _LEAVE_ALONE and state.in_distress  # 别找我了
        shown = state.open is not None and any(one.act.startswith("change ") for one in state.open.options)
        asked = state.in_form and (state.topic or "action:").startswith("action:")
        answer_again = wanted == "read_again" and not (shown or asked)
        if wanted is None or message.public or leaves or answer_again:
            return None
        if wanted == "questions":
            return self.mine.ask_to_forget(message, state.with_form_paused())
        draft = state.draft
        if state.in_form and draft is not None and not (draft.receipt and wanted in ("copy", "category")):
            return self._wished_in_form(message, state, wanted)
        if not state.registrations and (draft is None or wanted in ("category", *_LEAVE_ALONE)):
            return self.mine.show(message, state) if wanted == "copy" else None
        show = {
            "copy": self.mine.copy,
            "category": self.mine.ask_about_category,
            "stop": self.mine.ask_to_delete,
            "no_calls": self.mine.ask_how_to_reach,
        }.get(wanted, self.mine.show)
        return show(message, state.with_form_paused())

    def _wished_in_form(self, message: Message, state: State, wanted: str) -> Turn | None:
        if wanted == "category":
            return self.filling.reviewing.refuse_category(message, state)
        return None if wanted in _LEAVE_ALONE else self.filling.reviewing.read_back(message, state)

    def changed(self, message: Message, text: str, state: State, *, surely: bool) -> Turn | None:
        """Change what 电话改成139… names of what was registered, or ask of which; None when it names nothing.

        ``surely``: only where it is said what it is to be; 残疾证写错了 alone is rather a question.
        """
        if message.public or state.draft is not None or not state.registrations:
            return None
        _, opened = self.filling.entering.change(message, state, state.registrations[0])
        changed = self.filling.correcting.in_the_middle(message, text, opened, only_with_value=surely)
        if changed is None or len(state.registrations) == 1:
            return changed
        return self.mine.choose_to_change(message, state)

    def another_number(self, message: Message, text: str, state: State) -> Turn | None:
        """Ask whoever writes nothing but a number whether it is the new one of what was registered."""
        if message.public or state.draft is not None or len(state.registrations) != 1:
            return None
        _, opened = self.filling.entering.change(message, state, state.registrations[0])
        return self.filling.correcting.another_number(message, text, opened)

    def introduced(self, message: Message, text: str, state: State, reading: Reading) -> Turn | None:
        """Begin to register whoever tells all about themselves at once (我叫张三，电话…), or ask whether to."""
        if message.public or state.draft is not None or reading.kind not in ("none", "choices"):
            return None
        told = self.filling.suggesting.introduction(message, text)
        registers = any(word in text for word in _REGISTER)
        if len(told) < (_ENOUGH_TO_REGISTER if registers else _ENOUGH_TO_ASK) or not told.keys() & _WHO:
            return None
        if registers:
            return self.filling.entering.begin(message, state)
        if asks(text):
            return None
        options = [Option(say("register_now"), "register"), Option(say("told_ask"), "none")]
        labels = self.filling.suggesting.labels(told)
        return lists.offer(message, state, [say("told_register", labels=labels), *options])
