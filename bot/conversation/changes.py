"""What a person wants to have otherwise: 改电话, 名字写错了, 电话改成023-47521234."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.conversation.forms import Step
from knowledge.text import bare

_CHANGE_OF = re.compile(
    r"(?:我的)?(?:我?[要想]?)(?:修?改|换)?(?:一?下)?(?:我的)?(?P<label>.+?)"
    r"(?:(?:填|写|说|选|搞|弄)?[错变换改]了|(?:要|想)?(?:改|换)(?:成|为|到)?(?P<new>.+))?"
)
_CHANGES = ("改", "换", "错", "变")


@dataclass(frozen=True)
class Change:
    """A step to be answered anew, and with what (``new``), where that was said."""

    step: Step
    new: str | None


def speaks_of_change(text: str) -> bool:
    """Whether ``text`` has any word for a change; without one, 电话 alone names something on the check page only."""
    return any(word in text for word in _CHANGES)


def named_change(text: str, steps: Iterable[Step]) -> Change | None:
    """Return the change that ``text`` names: of the first of ``steps`` that it can mean, None when it means none."""
    named = _CHANGE_OF.fullmatch(text.strip(" 。，,."))
    if named is None:
        return None
    label = bare(named["label"])
    step = next((step for step in steps if label in (bare(step.label), step.label[:2], *map(bare, step.names))), None)
    return Change(step, named["new"]) if step is not None else None
