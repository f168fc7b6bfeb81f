"""What the console says, kept as data so that staff can correct the Chinese: ``wording/<noun>.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from bot import data_files


@cache
def phrases(noun: str) -> Mapping[str, str]:
    """Return all phrases about ``noun``."""
    found: dict[str, str] = data_files.read("bot.staff", f"wording/{noun}.yaml")
    return found


def say(phrase: str, /, **values: object) -> str:
    """Return the phrase ``noun.name`` with ``values`` filled in."""
    noun, _, name = phrase.partition(".")
    return phrases(noun)[name].format(**values)
