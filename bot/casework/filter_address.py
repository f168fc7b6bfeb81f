"""The filter of the queue as it stands in an address, so that it can be bookmarked and passed on."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import fields
from datetime import date
from typing import Any, get_args

from bot.casework.case import Status, Step
from bot.casework.filters import Order, QueueFilter, When

LONGEST = 100
"""Of one value in an address; the rest is cut off."""

_NAMES = {"towns": "town", "categories": "category", "search": "q"}
_YES = "1"
_MOST, _MOST_VALUES = 10**9, 100


def to_pairs(chosen: QueueFilter) -> list[tuple[str, str]]:
    """Return what stands in the address for ``chosen``; what is as it is by itself is left out."""
    usual, pairs = QueueFilter(), []
    for field in fields(QueueFilter):
        value = getattr(chosen, field.name)
        if value == getattr(usual, field.name):
            continue
        several = value if isinstance(value, tuple) else (value,)
        pairs += [(_NAMES.get(field.name, field.name), _YES if one is True else str(one)) for one in several]
    return pairs


def from_pairs(pairs: Iterable[tuple[str, str]]) -> QueueFilter:
    """Return the filter that ``pairs`` of an address stand for. What cannot be read is left out: links grow old."""
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        if value := value.strip()[:LONGEST]:
            given.setdefault(name, []).append(value)
    found: dict[str, Any] = {}
    for field in fields(QueueFilter):
        if values := given.get(_NAMES.get(field.name, field.name), [])[:_MOST_VALUES]:
            with suppress(ValueError):
                found[field.name] = _read(field.name, values)
    return QueueFilter(**found)


def _read(name: str, values: list[str]) -> object:
    """Return the value of a field. Raises ValueError."""
    match name:
        case "towns" | "wanted" | "categories":
            return tuple(dict.fromkeys(values))
        case "status":
            return tuple(dict.fromkeys(Status(value) for value in values if value in set(Status)))
        case "since" | "until" | "follow_up_since" | "follow_up_until" | "updated_until":
            return date.fromisoformat(values[0])
        case "missing":
            return Step(values[0])
        case "counselor":
            return _number(values[0], least=0)
        case "page":
            return _number(values[0], least=1)
        case "uncontacted" | "overdue" | "graduates" | "unanswered":
            return values[0] == _YES
        case "order":
            return _one_of(values[0], get_args(Order))
        case "follow_up":
            return _one_of(values[0], get_args(When))
    return values[0]


def _number(value: str, least: int) -> int:
    number = int(value)
    if not least <= number <= _MOST:
        raise ValueError(value)
    return number


def _one_of(value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise ValueError(value)
    return value
