"""One message, several things said: questions side by side, and clauses in which distress may hide."""

from __future__ import annotations

import re

from intents.normalise import LONGEST

_JOINT = re.compile(
    r"[，,。.；;！!？?\s]{0,3}(?:另外|顺便|再问|还想|又想|还要问|第二个问题|(?<=[？?])还有)(?:再?问(?:一下|一哈|下)?)?"
)
_MARK = re.compile(r"[，,。；;！!？?…\s]+")
_SHORTEST_QUESTION = 4  # characters; less is no question of its own
_MOST_QUESTIONS = 4
_SHORTEST_CLAUSE = 2
_MOST_CLAUSES = 20


def questions_in(text: str) -> list[str]:
    """Cut ``text`` where somebody plainly goes on to another question: 学按摩去哪里，还想问烟草证.

    One part, the whole text, is the usual case; there are never more than four.
    """
    parts = [part for part in _JOINT.split(text[: 2 * LONGEST]) if len(part.strip()) >= _SHORTEST_QUESTION]
    return parts[:_MOST_QUESTIONS] if len(parts) > 1 else [text]


def clauses_in(text: str) -> list[str]:
    """Cut ``text`` at its punctuation and spaces: at most twenty clauses, of a longer text the first and last ten.

    An empty list where there is but one.
    """
    clauses = [clause for clause in _MARK.split(text) if len(clause.strip()) >= _SHORTEST_CLAUSE]
    if len(clauses) < 2:
        return []
    if len(clauses) > _MOST_CLAUSES:
        clauses = clauses[: _MOST_CLAUSES // 2] + clauses[-_MOST_CLAUSES // 2 :]
    return clauses
