"""The service's own words to people, kept as data so that staff can correct the Chinese."""

from __future__ import annotations

from bot import data_files


def say(phrase: str) -> str:
    """Return the phrase of that name."""
    phrases: dict[str, str] = data_files.read("bot.service", "wording.yaml")
    return phrases[phrase]
