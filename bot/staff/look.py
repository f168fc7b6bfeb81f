"""Turns templates and values into pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bot import data_files
from bot.casework.account import Account
from bot.clock import CHINA
from bot.conversation.receipts import shown
from bot.staff.access import Access
from bot.staff.files import static_files
from bot.staff.wording import phrases


@dataclass(frozen=True)
class MenuItem:
    """A page in the menu on top, shown to those it lets in."""

    label: str
    path: str
    access: Access


class Look:
    """The pages of one console. ``demo``: every page says that all people are invented."""

    def __init__(self, menu: Sequence[MenuItem], demo: bool) -> None:
        self._menu = tuple(menu)
        self._templates = _templates(demo)

    def page(self, template: str, account: Account | None, **values: Any) -> str:
        """Return the page, with the menu of ``account``."""
        menu = [item for item in self._menu if account and item.access.admits(account)]
        return self._templates.get_template(template).render(account=account, menu=menu, **values)


@cache
def _templates(demo: bool) -> Environment:
    """Return the templates, with the macros of ``ui.html`` as ``ui`` and the words of casework as ``words``."""
    templates = Environment(
        loader=PackageLoader("bot.staff"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= {"moment": moment, "day": day, "lines": lines, "pairs": pairs, "receipt": shown}
    templates.globals |= {"file": static_files().address, "words": data_files.read("bot.casework", "wording.yaml")}
    templates.globals |= {"demo": demo, "undone": phrases("undone")}
    templates.globals["ui"] = templates.get_template("ui.html").module
    return templates


def moment(at: datetime | None) -> Markup:
    """Return a time as it is read in China."""
    if at is None:
        return Markup("")
    local = at.astimezone(CHINA).isoformat(timespec="minutes")
    return Markup('<time datetime="{}">{}</time>').format(local, written_moment(at))


def day(on: date | None, *, weekday: bool = False) -> Markup:
    """Return a day as it is read in China, perhaps with the ``weekday``. A moment is taken for the day it is there."""
    if on is None:
        return Markup("")
    local = on.astimezone(CHINA).date() if isinstance(on, datetime) else on
    text = f"{written_day(local)}（{weekday_of(local)}）" if weekday else written_day(local)
    return Markup('<time datetime="{}">{}</time>').format(local.isoformat(), text)


def written_moment(at: datetime) -> str:
    """Return a time in words, as it is in China."""
    local = at.astimezone(CHINA)
    return f"{written_day(local)} {local:%H:%M}"


def written_day(on: date) -> str:
    """Return a day in words."""
    return f"{on.year}年{on.month}月{on.day}日"


def near_day(on: date, today: date) -> str:
    """Return a day in words, without the year where it is that of ``today``."""
    return written_day(on) if on.year != today.year else f"{on.month}月{on.day}日"


def weekday_of(on: date) -> str:
    """Return the day of the week."""
    return f"星期{'一二三四五六日'[on.weekday()]}"


def pairs(values: Iterable[str]) -> list[tuple[str, str]]:
    """Return values that are their own labels as options of a choice."""
    return [(value, value) for value in values]


def lines(text: str) -> Markup:
    """Return ``text`` with its line breaks."""
    return Markup("<br>").join(text.splitlines())
