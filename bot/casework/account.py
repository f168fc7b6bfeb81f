"""A member of the staff, and what they may do."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

_VERSION_SIZE = 16


class Role(StrEnum):
    """``ADMIN`` 管理员: all. ``CLERK`` 经办人: the cases of their towns. ``STATISTICS`` 统计: figures, no persons."""

    ADMIN = "admin"
    CLERK = "clerk"
    STATISTICS = "statistics"


@dataclass(frozen=True)
class Account:
    """One member of the staff.

    ``towns``: a clerk's; ``teaches``: may add sample questions; ``chat``: the linked chat, None if none is;
    ``has_passphrase``, ``has_totp``: whether the sign-in is set up, and with a second factor.
    """

    id: int
    login: str
    name: str
    role: Role
    towns: tuple[str, ...] = ()
    teaches: bool = False
    chat: str | None = None
    digest_on: bool = False
    has_passphrase: bool = False
    has_totp: bool = False
    created: datetime | None = None
    disabled: datetime | None = None

    @property
    def version(self) -> str:
        """What another one stands for as soon as somebody changes the name, the role, the towns or the teaching."""
        changeable = json.dumps((self.name, self.role, self.towns, self.teaches))
        return hashlib.sha256(changeable.encode()).hexdigest()[:_VERSION_SIZE]

    @property
    def sees_persons(self) -> bool:
        """Whether any person's data may be seen."""
        return self.role in {Role.ADMIN, Role.CLERK}

    @property
    def scope(self) -> tuple[str, ...] | None:
        """The towns whose cases may be seen, None for all."""
        if self.role is Role.ADMIN:
            return None
        return self.towns if self.role is Role.CLERK else ()

    @property
    def counted(self) -> tuple[str, ...] | None:
        """The towns whose figures may be seen, None for all. Figures tell of nobody."""
        return None if self.role is Role.STATISTICS else self.scope

    def may_see(self, town: str | None) -> bool:
        """Whether cases of ``town`` may be seen. A registration without a known town is the administrators'."""
        return _within(self.scope, town)

    def may_work_on(self, town: str | None) -> bool:
        """Whether cases of ``town`` can be given to them, or be theirs any longer."""
        return self.disabled is None and self.sees_persons and self.may_see(town)

    @property
    def may_teach(self) -> bool:
        """Whether sample questions may be added to the knowledge."""
        return self.teaches or self.role is Role.ADMIN


def _within(scope: Collection[str] | None, town: str | None) -> bool:
    return scope is None or town in scope


_LOGIN = re.compile(r"[^\W_][\w.-]{1,31}")


def canonical_login(login: str) -> str:
    """Return a login as it is stored: however it was capitalised, or typed in full-width letters, it is the same."""
    return unicodedata.normalize("NFKC", login).strip().casefold()


def is_login(login: str) -> bool:
    """Whether ``login`` can be one: 2 to 32 letters (of any script), digits, ``.``, ``-`` and ``_``."""
    return _LOGIN.fullmatch(canonical_login(login)) is not None


LONGEST_NAME = 50


def tidy_name(name: str) -> str:
    """Return a name as it is stored: without what cannot be seen or turns the text around, with single spaces."""
    seen = (char for char in name if char.isspace() or unicodedata.category(char)[0] != "C")
    return " ".join("".join(seen).split())


def is_name(name: str) -> bool:
    """Whether something of ``name`` can be seen, and it is not longer than ``LONGEST_NAME``."""
    return 0 < len(tidy_name(name)) <= LONGEST_NAME


def towns_named(given: str, towns: Collection[str]) -> tuple[str, ...]:
    """Return which of ``towns`` may be meant: the one of that name, else those that have ``given`` in their name."""
    part = given.strip()
    if part in towns:
        return (part,)
    return tuple(town for town in towns if part and part in town)
