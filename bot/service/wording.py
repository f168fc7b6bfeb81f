"""The service's own words to people, kept as data so that staff can correct the Chinese."""

from __future__ import annotations

from importlib import resources

import yaml


def say(phrase: str) -> str:
    """Return the phrase of that name."""
    text = resources.files("bot.service").joinpath("wording.yaml").read_text(encoding="utf-8")
    phrases: dict[str, str] = yaml.safe_load(text)
    return phrases[phrase]
