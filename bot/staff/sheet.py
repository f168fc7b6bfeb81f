"""One form of a page, as it is to be shown: what stands in its fields, and what is wrong with it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

from bot.staff.posted import ABOUT, addressed, local_path

Value = str | Iterable[str]
Values = Mapping[str, tuple[str, ...]]

_BETWEEN = "\x1f"  # nobody can type it: it is taken out of all that is posted
_KEY = re.compile(r"/[^#]{0,300}#[a-z0-9-]{1,60}(?:\.[0-9a-f]{8})?")


@dataclass(frozen=True)
class Sheet:
    """A form by its ``name`` on the page.

    ``key``: what is typed is kept under it, empty where nothing is to be kept; ``csrf`` goes into the form;
    ``values`` by field; ``faults``: what is wrong, by field, in the words that are shown; ``kept``: when
    something was typed that was not saved and waits to be taken up, under ``draft``, and ``begun`` which field of it
    comes first; ``restored``: it stands in the fields already. ``title``: what the form is called where there are
    several; ``along``: what goes along with it, and with the way to what is kept; ``labels``: of the fields that were
    drawn.
    """

    name: str
    key: str
    csrf: str
    values: Values = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    kept: datetime | None = None
    draft: str = ""
    begun: str = ""
    restored: bool = False
    title: str = ""
    along: Mapping[str, str] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict, compare=False)

    def called(self, name: str, label: str) -> str:
        """Return ``label``, and remember it: what is said on top about the field names it."""
        self.labels[name] = label
        return label

    def value(self, name: str) -> str:
        """Return what stands in the field."""
        return next(iter(self.values.get(name, ())), "")

    def has(self, name: str, option: object) -> bool:
        """Say whether ``option`` is chosen."""
        return str(option) in self.values.get(name, ())

    def with_values(self, values: Mapping[str, Value]) -> Sheet:
        """Return the sheet with these ``values`` in some of its fields."""
        return replace(self, values={**self.values, **as_values(values)})

    def id(self, name: str) -> str:
        """Return the id that the field has in the page."""
        return field_id(self.name, name)

    def key_for(self, name: str) -> str:
        """Return the key of another form, ``name``, that this page shows beside it; empty where this one has none."""
        page, _, own = self.key.partition("#")
        return f"{page}#{name}.{own.partition('.')[2]}" if self.key else ""

    @property
    def restored_at(self) -> str:
        """Where what is kept stands in the fields again."""
        return restored_at(self.draft or self.key, self.begun or first_typed(self.values), self.along)


def as_values(values: Mapping[str, Value]) -> dict[str, tuple[str, ...]]:
    """Return ``values`` as a sheet has them: a text is one value, nothing is none."""
    return {
        name: (value,) if isinstance(value, str) else tuple(map(str, value)) for name, value in values.items() if value
    }


def key_of(page: str, name: str) -> str:
    """Return what the typed text of the form ``name`` on ``page`` is kept under: each time something else.

    So what is typed into the same form in two tabs is kept twice, and saving one does not drop the other.
    """
    return f"{page}#{name}.{secrets.token_hex(4)}"


def form_of(key: str) -> str:
    """Return the name of the form that ``key`` is for."""
    return _within(key).partition(".")[0]


def is_wanted(key: str, restore: str) -> bool:
    """Say whether ``restore``, of an address, asks for what is kept under ``key``, alone or as any of its form."""
    return restore in {_within(key), form_of(key)}


def _within(key: str) -> str:
    return key.partition("#")[2]


def is_key(text: str) -> bool:
    """Say whether something can be kept under ``text``."""
    return bool(_KEY.fullmatch(text)) and local_path(text) == text


def page_of(key: str) -> str:
    """Return the address of the page whose form is kept under ``key``."""
    return local_path(key.partition("#")[0])


def restored_at(key: str, first: str, along: Mapping[str, str]) -> str:
    """Return the address at which what is kept under ``key`` stands in the fields again.

    It leads to the field ``first``. ``along``: what goes along.
    """
    there = addressed(page_of(key), {"restore": _within(key), **along})
    return f"{there}#{field_id(form_of(key), first)}" if first else there


def first_typed(names: Iterable[str]) -> str:
    """Return which of the fields of a form comes first of those that a person sees, empty where there is none."""
    return next((name for name in names if name not in ABOUT), "")


def field_id(form: str, name: str) -> str:
    """Return the id of a field in its page."""
    return f"{form}-{name}"


def is_restored(address: str) -> bool:
    """Say whether what was kept is to stand in the fields at ``address``."""
    return bool(dict(parse_qsl(urlsplit(address).query)).get("restore"))


def folded(values: Values) -> dict[str, str]:
    """Return ``values`` as they are stored."""
    return {name: _BETWEEN.join(several) for name, several in values.items()}


def unfolded(content: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return the values of stored ``content``."""
    return {name: tuple(value.split(_BETWEEN)) for name, value in content.items()}
