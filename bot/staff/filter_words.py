"""The filter of the queue in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace

from bot.casework.filters import QueueFilter
from bot.casework.wording import label
from bot.conversation.forms import Form
from bot.staff.wording import phrases, say


def filter_in_words(
    chosen: QueueFilter, form: Form, staff: Mapping[int, str], *, masked: bool = False
) -> list[tuple[str, str]]:
    """Return what was chosen, as pairs of label and value; order and page are no matter. ``staff``: names by id.

    ``masked``: without what was searched for, which is mostly a name, and without what tells of a disability.
    """
    usual = replace(QueueFilter(), order=chosen.order, page=chosen.page)
    found = []
    for field in fields(QueueFilter):
        value = getattr(chosen, field.name)
        if value != getattr(usual, field.name):
            hidden = masked and _tells(field.name, form)
            words = say("filter.masked") if hidden else _in_words(field.name, value, form, staff)
            found.append((say(f"filter.{field.name}"), words))
    return found


def joined(words: list[tuple[str, str]]) -> str:
    """Return the pairs of :func:`filter_in_words` as one line."""
    return say("filter.joined").join(say("filter.line", label=name, value=value) for name, value in words) or say(
        "filter.all"
    )


def in_short(chosen: QueueFilter, form: Form, staff: Mapping[int, str]) -> str:
    """Return what was chosen as a title has it; what was searched for is left out, it is mostly a name."""
    usual = replace(QueueFilter(), order=chosen.order, page=chosen.page, search=chosen.search)
    shorts = phrases("filter")
    found = []
    for field in fields(QueueFilter):
        value = getattr(chosen, field.name)
        if value != getattr(usual, field.name):
            words = _in_words(field.name, value, form, staff)
            pattern = shorts.get(f"short_{field.name}", shorts["line"])
            found.append(pattern.format(label=shorts[field.name], value=words))
    return shorts["shorts"].join(found)


def _tells(name: str, form: Form) -> bool:
    step = form.step(name)
    return name == "search" or (step is not None and step.sensitive)


def _in_words(name: str, value: object, form: Form, staff: Mapping[int, str]) -> str:
    if name == "counselor" and isinstance(value, int):
        return staff.get(value, say("filter.unknown")) if value else say("filter.nobody")
    if name == "follow_up":
        return say(f"filter.follow_up_{value}")
    if value is True:
        return say(f"filter.{name}_yes")
    several = value if isinstance(value, tuple) else (value,)
    apart = say("filter.options_apart" if form.step(name) else "filter.apart")
    return apart.join(_one(name, str(one), form) for one in several)


def _one(name: str, value: str, form: Form) -> str:
    if name in {"status", "missing"}:
        return label("status" if name == "status" else "step", value)
    step = form.step(name)
    option = step.option(value) if step else None
    return option.label if option else value
