"""Yes or no to what cannot be taken back: 真的要删掉吗, 真的不填了吗. What is in doubt is asked once more."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

from bot.conversation import lists
from bot.conversation.commands import known_words
from bot.conversation.fields.phrases import any_of, folded
from bot.conversation.message import Message
from bot.conversation.questions import asks
from bot.conversation.state import State
from bot.conversation.turn import Turn
from bot.conversation.wording import say
from knowledge.text import bare

_LONGEST = 30  # characters; what is longer tells something
_SHORT = 8  # characters; in more there may be anything else
_BREAK = re.compile(r"[\W_]+")
_HESITATES = re.compile(r"\?|[.。…]{2}|…|[~～]")
_ASKS_BACK = re.compile(r"(?:真的|确定|可以|要得|得行|是)[嘛吗么]|(?:都|怎么|咋个)(?:可以|行|得行|要得)|随便|无所谓")
"""Asked back (真的嘛), left open, or indifferent: such words are no yes."""
_HUMS = {"嗯", "恩", "嗯呢", "嗯呐"}
_YES_OR_NO = 2  # options
_WORDS_FOR = {
    "delete-sure": "delete",
    "uncategory": "delete",
    "forget-sure": "delete",
    "discard": "leave",
    "restart-sure": "restart",
    "submit": "submit",
}
"""The verb that a yes carries out, and the words that stand for it."""


@dataclass(frozen=True)
class Settling:
    """Hears the answer to a question that is open; ``act`` carries out a line of its list."""

    act: Callable[[Message, State, str], Turn]

    def settled(self, message: Message, text: str, state: State) -> Turn | None:
        """Carry out what a plain yes or no to the question says; None where nothing of the kind was asked or said.

        To have written the same once more is no answer.
        """
        question = _asked(state)
        if question is None or state.open is None:
            return None
        if bare(text) == bare(state.question) and not state.open.again:
            return None
        said = _verdict(text, question, plainly=state.open.again and question == "delete")
        return None if said is None else self.act(message, state, state.open.options[0 if said else -1].act)


def is_near(text: str, state: State) -> bool:
    """Whether ``text`` has something of an answer to the question, so that it has to be asked once more."""
    question = _asked(state)
    return question is not None and len(bare(text)) <= _SHORT and not asks(text) and _mentions(text, question)


def put_again(message: Message, state: State) -> Turn | None:
    """Ask once more what cannot be taken back, with how to answer; None where nothing is asked, or it was already."""
    question = _asked(state)
    if question is None or state.open is None or state.open.again:
        return None
    replies, state = lists.again(message, state, [say(f"settle_{question}")])
    assert state.open is not None
    return replies, replace(state, open=replace(state.open, again=True))


def left_open(before: State, turn: Turn, message: Message) -> Turn:
    """Put the question once more after what was answered beside it; the second time it is asked no longer."""
    replies, after = turn
    if after.open is None or after.open is not before.open or _asked(after) is None:
        return turn
    asked = put_again(message, after)
    return ([*replies, *asked[0]], asked[1]) if asked is not None else (replies, replace(after, open=None))


def nothing_done(state: State) -> str:
    """Return words for that nothing was deleted, where it was asked whether to; "" elsewhere."""
    return say("nothing_deleted") if _asked(state) == "delete" else ""


def _asked(state: State) -> str | None:
    """Return what the list open now asks a yes or no to, None where it asks anything else."""
    options = state.open.options if state.open is not None else ()
    verb = options[0].act.partition(" ")[0] if options else ""
    alone = len(options) == _YES_OR_NO or verb == "discard"
    return _WORDS_FOR.get(verb) if alone else None


def _verdict(text: str, question: str, *, plainly: bool) -> bool | None:
    """Return whether ``text`` says yes or no throughout; None where it says both, or anything else.

    ``plainly``: it was said already how to answer, so a mere hum is no yes any more.
    """
    line = folded(text)
    if len(line) > _LONGEST or _HESITATES.search(line) or (question == "delete" and _ASKS_BACK.search(line)):
        return None
    clauses = [clause for clause in _BREAK.split(line) if clause]
    yes, no, around = _patterns(question, plainly)
    said = {(bool(yes.fullmatch(one)), bool(no.fullmatch(one))) for one in clauses if not around.fullmatch(one)}
    return said == {(True, False)} if said in ({(True, False)}, {(False, True)}) else None


def _mentions(text: str, question: str) -> bool:
    words = known_words("settling")
    return any(
        word in bare(text) for name in ("yes", "no", "doubt", question, f"not_{question}") for word in words[name]
    )


@cache
def _patterns(question: str, plainly: bool) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Return the patterns of a clause that says yes, of one that says no, and of one that says neither."""
    words = known_words("settling")
    around = any_of(words["around"])
    yes = any_of((words["yes"] - _HUMS if plainly else words["yes"]) | words[question])
    no = any_of(words["no"] | words[f"not_{question}"])
    return (
        re.compile(rf"(?:{around})*(?:{yes}(?:{around})*)+"),
        re.compile(rf"(?:{around})*(?:{no})(?:{no}|{around})*"),
        re.compile(rf"(?:{around})+"),
    )
