"""Two questions in one message: 学按摩去哪里，还想问烟草证有没有照顾."""

from __future__ import annotations

import re

from intents.normalise import LONGEST

_JOINT = re.compile(
    r"[，,。.；;！!？?\s]*(?:另外|顺便|再问|还想|又想|还要问|第二个问题|(?<=[？?])还有)(?:再?问(?:一下|一哈|下)?)?"
)
_SHORTEST = 4  # characters; less is no question of its own


def questions_in(text: str) -> list[str]:
    """Cut ``text`` where somebody plainly goes on to another question; one part is the usual case."""
    parts = [part for part in _JOINT.split(text[: 2 * LONGEST]) if len(part.strip()) >= _SHORTEST]
    return parts if len(parts) > 1 else [text]
