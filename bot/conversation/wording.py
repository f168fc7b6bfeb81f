"""The assistant's own words, kept as data so that staff can correct the Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from bot import data_files


@cache
def wording() -> Mapping[str, str]:
    """Return the assistant's phrases by name."""
    phrases: dict[str, str] = data_files.read("bot.conversation", "wording.yaml")
    return phrases


def say(phrase: str, /, **values: object) -> str:
    """Return the phrase of that name with ``values`` filled in."""
    return wording()[phrase].format(**values)
