"""Who takes the registrations, and what it promises."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Office:
    """The office behind the assistant.

    ``name``: who decides on the data; ``contact``: a sentence on how to reach it; ``phone``: its number if known;
    ``keep_months``: how long a registration is kept after its last change; ``drafts_days``: an unfinished one since it
    was last touched; ``backups_days``: the backups that are made of all of it; ``contact_days``: within how many days
    somebody gets in touch; ``area_code``: of telephone numbers written without one; ``category_abroad``: whether what
    tells of a disability may be asked on a channel whose servers are abroad; ``abroad``: whether one can register
    there at all.
    """

    name: str
    contact: str
    phone: str | None = None
    keep_months: int = 24
    drafts_days: int = 180
    backups_days: int = 30
    contact_days: int = 7
    area_code: str = "023"
    category_abroad: bool = True
    abroad: bool = True

    @property
    def keep(self) -> str:
        """How long a registration is kept, in words."""
        years, months = divmod(self.keep_months, 12)
        return f"{self.keep_months}个月" if months or not years else f"{years}年"

    @property
    def drafts(self) -> str:
        """How long an unfinished registration is kept, in words."""
        return f"{self.drafts_days}天"

    @property
    def backups(self) -> str:
        """How long backups are kept, in words."""
        return f"{self.backups_days}天"
