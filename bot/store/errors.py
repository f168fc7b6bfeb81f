"""What can go wrong with the store, each with whether it may pass by itself."""

from __future__ import annotations

from typing import Literal

from bot.casework.account import Account
from bot.casework.case import Case

Reason = Literal["full", "read-only", "locked", "unreachable", "damaged", "other"]


class StoreError(Exception):
    """Something is wrong with the store; the text says what, where, and what would do. Waiting does not help."""


class StoreUnavailable(Exception):  # noqa: N818 – names a state of the store, as the callers speak of it
    """The database cannot be used now, and may be again later: nothing of the transaction was kept.

    ``reason`` tells what to look at, ``where`` which database it is; the text never holds data of a person.
    """

    def __init__(self, reason: Reason, detail: str = "", where: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason: Reason = reason
        self.detail = detail
        self.where = where


class StoreInUse(StoreError):  # noqa: N818 – as above
    """Another process works with the database, and what was asked for needs it alone."""


class StoreOutdated(StoreError):  # noqa: N818 – as above
    """The database is of another version of the program than this one."""


class WrongKeysError(StoreError):
    """The database was encrypted with other keys than the ones at hand."""


class BackupError(StoreError):
    """A backup cannot be made or restored; what was there before is as it was."""


class KeyFileError(StoreError):
    """The key file cannot be used."""


class UnreadableError(Exception):
    """What was stored cannot be decrypted with any of the keys."""


class ReceiptTaken(Exception):  # noqa: N818 – as above
    """The receipt number belongs to another registration; nothing was saved, and the transaction can go on."""


class LoginTaken(Exception):  # noqa: N818 – as above
    """Another account has this login; nothing was saved, and the transaction can go on."""


class AccountChanged(Exception):  # noqa: N818 – as above
    """Somebody changed the account since it was looked at; nothing was saved. ``current`` is how it is now."""

    def __init__(self, current: Account) -> None:
        super().__init__("the account is at another version")
        self.current = current


class NoSuchCase(Exception):  # noqa: N818 – as above
    """There is no case with this receipt, or no longer: the person may have deleted the registration."""


class CaseChanged(Exception):  # noqa: N818 – as above
    """Somebody changed the case since it was looked at; nothing was saved. ``current`` is the case as it is now."""

    def __init__(self, current: Case) -> None:
        super().__init__(f"the case is at version {current.version}")
        self.current = current


class Unreachable(Exception):  # noqa: N818 – as above
    """The person cannot be written to: no bot is there, others read along, or it was blocked. Nothing was saved."""
