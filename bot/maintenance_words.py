"""What the tasks of ``maintenance`` say, in the words of ``maintenance.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from bot import data_files


def say(phrase: str, /, **values: object) -> str:
    """Return the phrase of that name with ``values`` filled in."""
    return str(_words()[phrase]).format(**values)


def counted(group: str, counts: Mapping[str, int], *, without_none: bool = False) -> str:
    """Return what of ``counts`` the words of ``group`` name, in their order; the rest of it as “others”, if named.

    ``without_none``: what there is none of is left out, and "" returned if that is all.
    """
    words: dict[str, str] = _words()[group]
    told = {name: counts.get(name, 0) for name in words}
    if "others" in words:
        told["others"] = sum(counts.values()) - sum(told.values())
    return "、".join(words[name].format(number) for name, number in told.items() if number or not without_none)


@cache
def _words() -> Mapping[str, Any]:
    words: dict[str, Any] = data_files.read("bot", "maintenance.yaml")
    return words
