"""What the key of a conversation tells: ``telegram:12345``, ``telegram:-100987/12345`` (group/person in it)."""

from __future__ import annotations


def channel_of(chat: str) -> str:
    """Return the name of the channel."""
    return chat.partition(":")[0]


def place_of(chat: str) -> str:
    """Return what the platform counts as one chat: the group without the person in it."""
    return chat.partition("/")[0]


def is_group(chat: str) -> bool:
    """Say whether others read along: a group, or a person in one."""
    return "/" in chat or chat.partition(":")[2].startswith("-")
