"""留言: words from a person to the staff who work on their registration."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from bot.conversation import lists
from bot.conversation.commands import form_commands
from bot.conversation.message import Letter, Message, Reply
from bot.conversation.receipts import shown
from bot.conversation.registration import Registration
from bot.conversation.state import Option, State
from bot.conversation.turn import Turn
from bot.conversation.wording import say
from knowledge.text import bare

_OPENING = re.compile(
    r"\s*(?:我要|我想|请)?(?:留言|回话|回复工作人员|回工作人员(?:的话|的信)?|给工作人员(?:留言|回话|带句?话|写信))"
    r"(?P<rest>$|[\s:：,，。.!！]+.*)",
    re.DOTALL,
)
_RECENT = timedelta(days=30)
_MARKS = " \t\r\n:：,，。.!！"


def opening(text: str) -> str | None:
    """Return what follows 留言 or 回话 at the beginning of ``text`` ("" if nothing does), None without such a word."""
    found = _OPENING.fullmatch(text)
    return found["rest"].strip(_MARKS) if found else None


def begin(message: Message, state: State, words: str = "", receipt: str | None = None) -> Turn:
    """Pass ``words`` on, or ask for them; ``receipt`` names the registration where it is known which."""
    if message.public:
        return [Reply(say("not_in_public"))], state
    about = _about(state, receipt or _asked_by_staff(state))
    if about is None and len(state.registrations) > 1:
        options = [
            Option(
                say("registration_of", name=one.name, receipt=shown(one.receipt)),
                f"{'letter-send' if bare(words) else 'letter'} {one.receipt}",
            )
            for one in state.registrations
        ]
        return lists.offer(message, replace(state, letter_to="", question=words), [say("letter_about_whom"), *options])
    if about is None:
        return [Reply(say("letter_needs_registration"))], state
    if bare(words):
        return send(state, about, words)
    return [Reply(say("letter_ask"))], replace(state, letter_to=about.receipt, open=None)


def take(text: str, state: State) -> Turn:
    """Take ``text`` as the letter that was asked for; 取消 or 返回 takes it back."""
    about = _about(state, state.letter_to)
    if about is None or form_commands(text) & {"cancel", "back", "pause", "skip"}:
        return [Reply(say("letter_dropped"))], replace(state, letter_to="")
    return send(state, about, text)


def send(state: State, about: Registration, words: str) -> Turn:
    """Pass ``words`` on to those who work on the registration ``about``."""
    reply = Reply(say("letter_sent", receipt=shown(about.receipt)), letter=Letter(about.receipt, words))
    return [reply], replace(state, letter_to="", open=None, question="")


def chosen(message: Message, state: State, receipt: str, *, said: bool) -> Turn:
    """Go on with the registration that was picked; ``said``: the last question was meant as the letter."""
    if _about(state, receipt) is None:
        return [Reply(say("registration_gone"))], replace(state, open=None)
    return begin(message, state, state.question if said else "", receipt)


def may_be_meant(message: Message, state: State) -> bool:
    """Whether words that make no sense otherwise may be an answer to what the staff wrote."""
    wrote = state.staff_wrote
    recently = wrote is not None and message.at - wrote[1] < _RECENT
    return recently and not message.public and _about(state, _asked_by_staff(state)) is not None


def offer(message: Message, state: State, text: str) -> Turn:
    """Ask whether ``text`` is meant for the staff, who wrote last."""
    options = [
        Option(say("letter_pass_on"), f"letter-send {_asked_by_staff(state)}"),
        Option(say("letter_keep"), "none"),
    ]
    return lists.offer(message, replace(state, topic=None, question=text), [say("letter_meant"), *options])


def _asked_by_staff(state: State) -> str:
    return state.staff_wrote[0] if state.staff_wrote else ""


def _about(state: State, receipt: str) -> Registration | None:
    if receipt:
        return state.registration(receipt)
    return state.registrations[0] if len(state.registrations) == 1 else None
