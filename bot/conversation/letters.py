"""留言: words from a person to the staff who work on their registration."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from bot.conversation import lists
from bot.conversation.commands import drops, form_commands
from bot.conversation.message import Letter, Message, Reply
from bot.conversation.receipts import shown
from bot.conversation.registration import Registration
from bot.conversation.state import PASS_ON, Option, State
from bot.conversation.turn import Turn
from bot.conversation.wording import say
from knowledge.text import bare

_OPENING = re.compile(
    r"\s*(?:我要|我想|请)?(?:留言|回话|回复工作人员|回工作人员(?:的话|的信)?|给工作人员(?:留言|回话|带句?话|写信))"
    r"(?P<rest>$|[\s:：,，。.!！]+.*)",
    re.DOTALL,
)
_PASS_IT_ON = re.compile(
    r"\s*(?:我要|我想|请|麻烦)?(?:你|您)?(?:帮我)?(?:给|跟|和|对)(?:你们的?|您们的?|那个)?(?:工作人员|办事的人?|干部|同志)"
    r"(?:说一声|说一下|说一哈|说一句|说声|讲一声|讲一下|讲一哈|带个话|带句话|捎个话)[\s:：,，]*(?P<rest>\S.*)",
    re.DOTALL,
)
_RECENT = timedelta(days=30)
_LONGEST = 20_000  # characters of several messages
_SHOWN = 40  # characters of one that is asked about once more
_MARKS = " \t\r\n:：,，。.!！"


def opening(text: str, *, spoken: bool = False) -> str | None:
    """Return what follows 留言 or 回话 at the beginning of ``text`` ("" if nothing does), None without such a word.

    ``spoken``: 跟工作人员说一声… is such a word too.
    """
    found = _OPENING.fullmatch(text) or (_PASS_IT_ON.fullmatch(text) if spoken else None)
    return found["rest"].strip(_MARKS) if found else None


def begin(message: Message, state: State, words: str = "", receipt: str = "") -> Turn:
    """Pass ``words`` on, or ask for them; ``receipt`` names the registration where the person said which."""
    if message.public:
        return [Reply(say("not_in_public"))], state
    about = _about(state, receipt)
    if about is None and len(state.registrations) > 1:
        options = [
            Option(
                say("registration_of", name=one.name, receipt=shown(one.receipt)),
                f"{PASS_ON if bare(words) else 'letter'} {one.receipt}",
            )
            for one in state.registrations
        ]
        state = replace(state, letter_to="")
        return lists.offer(message, state, [say("letter_about_whom"), *options], words=words)
    if about is None:
        return [Reply(say("letter_needs_registration"))], state
    if bare(words):
        return send(state, about, words)
    return [Reply(say("letter_ask"))], replace(state, letter_to=about.receipt, open=None)


def take(text: str, state: State) -> Turn:
    """Take ``text`` as the letter that was asked for; 取消 or 返回 takes it back."""
    about = _about(state, state.letter_to)
    never_mind = form_commands(text) & {"cancel", "back", "pause", "skip"} or drops(text)
    if about is None or never_mind:
        return [Reply(say("letter_dropped"))], replace(state, letter_to="", unsent="")
    return send(state, about, text)


def send(state: State, about: Registration, words: str) -> Turn:
    """Pass ``words`` on to those who work on the registration ``about``."""
    reply = Reply(say("letter_sent", receipt=shown(about.receipt)), letter=Letter(about.receipt, words))
    return [reply], replace(state, letter_to="", open=None, question="", unsent="")


def chosen(message: Message, state: State, receipt: str, *, said: bool) -> Turn:
    """Go on with the registration that was picked, if one was; ``said``: with the words that the list is about."""
    if receipt and _about(state, receipt) is None:
        return [Reply(say("registration_gone"))], replace(state, open=None)
    return begin(message, state, state.open.words if said and state.open else "", receipt)


def may_be_meant(message: Message, state: State) -> bool:
    """Whether what is said may be an answer to what the staff wrote not long ago."""
    if state.staff_wrote is None or message.public:
        return False
    receipt, at = state.staff_wrote
    return message.at - at < _RECENT and state.registration(receipt) is not None


def is_offered(state: State) -> bool:
    """Whether the person was asked, or told how, to pass on to the staff what was said last."""
    return state.open is not None and any(option.act == PASS_ON for option in state.open.options)


def is_asked(state: State) -> bool:
    """Whether nothing else was asked: a yes says to pass it on."""
    return state.open is not None and state.open.asks_to_pass_on


def offer(message: Message, state: State, text: str) -> Turn:
    """Ask whether ``text`` is meant for the staff, with what was said before that the same was asked about."""
    options = [Option(say("letter_pass_on"), PASS_ON), Option(say("letter_keep"), "none")]
    if state.draft is not None:
        options.append(Option(say("resume"), "resume"))
    words = _together(state, text)
    shown = "".join(say("letter_words", words=line[:_SHOWN]) for line in words.splitlines() if line.strip())
    asked = say("letter_meant_all", words=shown) if _waiting(state) else say("letter_meant")
    return lists.offer(message, replace(state, topic=None, unsent=""), [asked, *options], words=words)


def offer_also(message: Message, state: State, turn: Turn, text: str) -> Turn:
    """Add to the answer (``turn``) to ``text`` that it can be passed on all the same, where it may be meant to be."""
    if turn[1].in_form or not may_be_meant(message, state):
        return turn
    replies, after = turn
    option = Option(say("letter_for_staff"), PASS_ON)
    return lists.offer_also(message, (replies, replace(after, unsent="")), option, _together(state, text))


def _together(state: State, text: str) -> str:
    """Return ``text`` behind what is to be passed on already: people write in short messages."""
    return "\n".join(filter(None, (_waiting(state), text)))[-_LONGEST:]


def _waiting(state: State) -> str:
    """Return what was said before and is to be passed on, if it is meant to be."""
    return state.open.words if state.open and is_offered(state) else state.unsent


def _about(state: State, receipt: str) -> Registration | None:
    if receipt:
        return state.registration(receipt)
    return state.registrations[0] if len(state.registrations) == 1 else None
