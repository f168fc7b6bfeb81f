"""The assistant's own words, kept as data so that staff can correct the Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources

import yaml


@cache
def wording() -> Mapping[str, str]:
    """Return the assistant's phrases by name."""
    text = resources.files("bot.conversation").joinpath("wording.yaml").read_text(encoding="utf-8")
    phrases: dict[str, str] = yaml.safe_load(text)
    return phrases


def say(phrase: str, /, **values: object) -> str:
    """Return the phrase of that name with ``values`` filled in."""
    return wording()[phrase].format(**values)
