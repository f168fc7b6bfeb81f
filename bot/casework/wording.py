"""What statuses, steps and roles are called, kept as data so that staff can correct the Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from bot import data_files


@cache
def labels(kind: str) -> Mapping[str, str]:
    """Return what everything of a ``kind`` (status, step, role, event) is called, by id."""
    words: dict[str, dict[str, str]] = data_files.read("bot.casework", "wording.yaml")
    return words[kind]


def label(kind: str, id: str) -> str:
    """Return what the one with this ``id`` is called; the id itself for one that is not known (any more)."""
    return labels(kind).get(id, id)
