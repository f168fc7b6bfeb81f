"""What the staff wrote into the annual reports, by year and clause of the plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Executable, bindparam, select, update

from bot.store.dialects import Insert
from bot.store.scope import Scope
from bot.store.tables import report_texts

_OF_YEAR = select(report_texts).where(report_texts.c.year == bindparam("of"))
_ONE = _OF_YEAR.where(report_texts.c.clause == bindparam("about"))
_CHANGE = (
    update(report_texts)
    .where(
        report_texts.c.year == bindparam("of"),
        report_texts.c.clause == bindparam("about"),
        report_texts.c.version == bindparam("seen"),
    )
    .values({name: bindparam(f"new_{name}") for name in ("text", "version", "staff", "at")})
)


@cache
def _add(insert: Insert) -> Executable:
    new: Any = insert(report_texts)
    new = new.on_conflict_do_nothing(index_elements=["year", "clause"])
    return new.returning(report_texts.c.id)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class ReportText:
    """``staff`` (an account id) wrote ``text`` ``at`` some time; ``version`` goes up with every change, from 1."""

    clause: str
    text: str
    version: int
    staff: int | None
    at: datetime


class TextChanged(Exception):  # noqa: N818 – says what happened
    """Somebody else wrote since the text was shown; nothing was saved. ``current`` is what stands there now."""

    def __init__(self, current: ReportText) -> None:
        super().__init__(f"the text is at version {current.version}")
        self.current = current


class ReportTexts:
    """The texts of the reports."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def of(self, year: int) -> dict[str, ReportText]:
        """Return the texts of ``year`` by clause."""
        rows = await self._scope.run(_OF_YEAR, {"of": year})
        return {row.clause: self._read(row) for row in rows}

    async def write(self, year: int, clause: str, text: str, version: int, staff: int, now: datetime) -> None:
        """Let ``text`` stand in the report; ``version`` is the one it was written over, 0 for none.

        Raises :class:`TextChanged`.
        """
        sealed = self._scope.keys.encrypt(text)
        if version == 0:
            new = {"year": year, "clause": clause, "text": sealed, "version": 1, "staff": staff, "at": now}
            done = (await self._scope.run(_add(self._scope.dialect.insert), new)).first() is not None
        else:
            changed = {"new_text": sealed, "new_version": version + 1, "new_staff": staff, "new_at": now}
            where = {"of": year, "about": clause, "seen": version}
            done = (await self._scope.run(_CHANGE, where | changed)).rowcount > 0
        if not done:
            row = (await self._scope.run(_ONE, {"of": year, "about": clause})).one_or_none()
            raise TextChanged(self._read(row) if row else ReportText(clause, "", 0, None, now))

    def _read(self, row: Any) -> ReportText:
        return ReportText(row.clause, self._scope.read(row.text), row.version, row.staff, row.at)
