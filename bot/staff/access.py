"""Whom a page lets in."""

from __future__ import annotations

from enum import Enum

from bot.casework.account import Account, Role


class Access(Enum):
    """``PUBLIC``: everybody. ``SIGNED_IN``, ``FIGURES``: every member of the staff. ``PERSONS``: those who may see
    persons. ``TEACH``: those who may add sample questions. ``ADMIN``: the administrators.
    """

    PUBLIC = "public"
    SIGNED_IN = "signed-in"
    FIGURES = "figures"
    PERSONS = "persons"
    TEACH = "teach"
    ADMIN = "admin"

    def admits(self, account: Account | None) -> bool:
        """Say whether ``account`` (None: nobody is signed in) is let in."""
        if self is Access.PUBLIC:
            return True
        if account is None:
            return False
        if self is Access.PERSONS:
            return account.sees_persons
        if self is Access.TEACH:
            return account.may_teach
        return self is not Access.ADMIN or account.role is Role.ADMIN
