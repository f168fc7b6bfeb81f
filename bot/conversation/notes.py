"""Notes for the staff to learn from: questions that were not answered well, without what tells who asked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from bot.conversation.fields.redaction import black_out
from bot.conversation.message import Message, Note
from bot.conversation.state import State
from intents.reading import Reading
from knowledge.text import bare

_CANDIDATES_NOTED = 3
_SHORTEST_NOTE = 2  # characters left after blacking out; less tells nobody anything


def not_understood(
    kind: Literal["unanswered", "uncertain"],
    message: Message,
    text: str,
    state: State,
    reading: Reading,
    towns: Iterable[str],
) -> Note | None:
    """Return the note on ``text``, for which no single entry was found; ``towns`` in it are not blacked out.

    None for what is said in a group, and for what says nothing any more.
    """
    blacked_out = _blacked_out(text, state, towns)
    if message.public or len(bare(blacked_out)) < _SHORTEST_NOTE:
        return None
    nearest = tuple(candidate.key for candidate in reading.candidates[:_CANDIDATES_NOTED])
    return Note(kind, blacked_out, candidates=nearest)


def unhelpful(message: Message, state: State, towns: Iterable[str]) -> Note | None:
    """Return the note on an answer that did not help; None in a group. ``towns`` are not blacked out."""
    return None if message.public else Note("unhelpful", _blacked_out(state.question, state, towns), state.topic)


def _blacked_out(text: str, state: State, towns: Iterable[str]) -> str:
    known = [kept.answers for kept in state.registrations] + ([state.draft.answers] if state.draft else [])
    names = [str(answers[id]) for answers in known for id in ("name", "proxy") if id in answers]
    return black_out(text, names, keep=towns)
