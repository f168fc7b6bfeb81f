"""Who did what to whose registration, and what else the staff did."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Executable, bindparam, exists, func, insert, or_, select, update

from bot.store.chain import Break, End, Entry, Inspection, Wrong, link_of, linked
from bot.store.dialects import Insert
from bot.store.scope import Scope
from bot.store.tables import audit, erasures, meta, staff

_HEAD = "audit-end"
_AT_ONCE = 1000
_COLUMNS = (audit.c.id, audit.c.who, audit.c.what, audit.c.subject, audit.c.why, audit.c.at, audit.c.digest)
_ROWS = select(*_COLUMNS).order_by(audit.c.id)
_ADD = insert(audit)
_CHAIN = update(audit).where(audit.c.id == bindparam("row")).values(digest=bindparam("new_digest"))
_IS_HEAD = meta.c.name == _HEAD
_END = select(meta.c.content).where(_IS_HEAD)
_HIGHEST = select(func.max(audit.c.id)).scalar_subquery()
_END_TO_CHANGE = (
    select(meta.c.content, _HIGHEST.label("highest"))
    .where(_IS_HEAD)
    .with_for_update(of=meta)  # on PostgreSQL processes take turns by this row
)
_MOVE_END = update(meta).where(_IS_HEAD).values(content=bindparam("new_content"))
_LAST_CHAINED = (
    select(audit.c.id, audit.c.digest).where(audit.c.digest.is_not(None)).order_by(audit.c.id.desc()).limit(1)
)
# Each of them left entries in a chain.
_MUST_HAVE_BEGUN = select(or_(exists(select(staff.c.id)), exists(select(erasures.c.subject))))


@cache
def _make_end(insert: Insert) -> Executable:
    return insert(meta).on_conflict_do_nothing(index_elements=["name"])  # type: ignore[no-any-return]


@dataclass(frozen=True)
class AuditFilter:
    """Which entries are wanted; what is left empty leaves all in.

    ``subject``: a plain word, or a receipt; ``searched``: the mark of what was searched for; ``since`` and ``until``:
    from when, and before when.
    """

    who: str = ""
    what: str = ""
    subject: str = ""
    searched: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class AuditPage:
    """``entries``: the newest first; ``total``: how many there are on all pages."""

    entries: tuple[Entry, ...]
    total: int


@dataclass(frozen=True)
class Verdict:
    """What a look at the whole chain found: how many ``entries`` there are, and the ``breaks``.

    ``end``: where the chain ends, None before its first entry.
    """

    entries: int
    breaks: tuple[Break, ...]
    end: End | None


class Audit:
    """Entries are only ever added, each chained to the one before (see ``chain.py``).

    They hold no personal data: their subject is the keyed hash of a receipt or a plain word, and the reason is
    encrypted. They are gathered and written last in the transaction, so that processes don't queue for the chain.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._gathered: list[Entry] = []

    async def add(self, who: str, what: str, subject: str, now: datetime) -> None:
        """Note that ``who`` did ``what``; ``subject`` is the receipt, of which only the keyed hash is kept."""
        await self.add_all(who, what, (subject,), now)

    async def add_all(self, who: str, what: str, subjects: Sequence[str], now: datetime) -> None:
        """Note that ``who`` did ``what`` to each of ``subjects``, which are receipts."""
        for subject in subjects:
            await self.add_case(who, what, subject, now)

    async def add_case(self, who: str, what: str, receipt: str, now: datetime, why: str = "") -> None:
        """Note that ``who`` did ``what`` to the case with ``receipt``, and ``why``."""
        await self.note(who, what, self._scope.keys.receipt_hash(receipt), now, why)

    async def note(self, who: str, what: str, subject: str, now: datetime, why: str = "") -> None:
        """Note that ``who`` (``staff:<id>``) did ``what`` to ``subject``, a plain word without personal data."""
        self._gathered.append(Entry(0, who, what, subject, why, now))

    async def take_over(self, entries: Iterable[Entry]) -> None:
        """Add entries as they stand in another database: their subjects are hashed already."""
        self._gathered += entries

    async def flush(self) -> None:
        """Write what was gathered."""
        gathered, self._gathered = self._gathered, []
        if not gathered:
            return
        end, highest = await self._end_to_change()
        # What somebody slipped in behind the end must not stop the program: its number is passed over.
        first = max(end.id, highest) + 1
        rows, link = [], end.link
        for id, entry in enumerate(gathered, first):
            numbered = replace(entry, id=id)
            digest, link = linked(self._scope.keys, link, numbered)
            rows.append(vars(numbered) | {"why": self._scope.seal(entry.why or None), "digest": digest})
        await self._scope.run(_ADD, rows)
        await self._move_end(replace(end, id=first + len(rows) - 1, link=link))

    async def begin(self, *, upgraded: bool = False) -> None:
        """Let nobody else add to the chain until the transaction ends. See to it that there is one.

        ``upgraded``: from a version that knew no chain.
        """
        await self._end_to_change(upgraded=upgraded)

    async def end(self) -> End | None:
        """Return where the chain ends, None if there is none."""
        return self._read_end((await self._scope.run(_END)).scalar_one_or_none())

    async def _end_to_change(self, *, upgraded: bool = False) -> tuple[End, int]:
        """Return the end, and the highest number of an entry. The first time, what is there is chained as it is."""
        row = (await self._scope.run(_END_TO_CHANGE)).one_or_none()
        if row is None:
            first = {"name": _HEAD, "content": self._scope.keys.encrypt("")}
            await self._scope.run(_make_end(self._scope.dialect.insert), first)
            row = (await self._scope.run(_END_TO_CHANGE)).one()
        return self._read_end(row.content) or await self._begun(upgraded=upgraded), row.highest or 0

    def _read_end(self, content: bytes | None) -> End | None:
        try:
            return End.read(self._scope.read(content))
        except ValueError:
            return None

    async def _begun(self, *, upgraded: bool) -> End:
        end = End(since=datetime.now(UTC).isoformat(timespec="seconds"))
        last = (await self._scope.run(_LAST_CHAINED)).one_or_none()
        if last is None:
            is_first = upgraded or not (await self._scope.run(_MUST_HAVE_BEGUN)).scalar_one()
            end = replace(await self._chain_what_is_there(end), lost=not is_first)
        else:  # there was a chain: it goes on from what is left of it, and its end shows for ever that it was lost
            end = replace(end, id=last.id, link=link_of(last.digest), lost=True)
        await self._move_end(end)
        return end

    async def _chain_what_is_there(self, end: End) -> End:
        rows = (await self._scope.run(_ROWS)).all()
        chained = []
        for row in rows:
            digest, link = linked(self._scope.keys, end.link, self._entry(row))
            end = replace(end, id=row.id, link=link)
            chained.append({"row": row.id, "new_digest": digest})
        if chained:
            await self._scope.run(_CHAIN, chained)
        return replace(end, before=len(rows))

    async def _move_end(self, end: End) -> None:
        await self._scope.run(_MOVE_END, {"new_content": self._scope.keys.encrypt(end.written())})

    def _entry(self, row: Any) -> Entry:
        id, who, what, subject, why, at, digest = row
        return Entry(id, who, what, subject, self._scope.read(why), at, digest)

    async def verify(self) -> list[Break]:
        """Return everything that is wrong with the chain, none if it is whole."""
        await self.flush()
        await self.begin()
        return list((await self.verdict()).breaks)

    async def verdict(self, known: tuple[int, str] | None = None) -> Verdict:
        """Look at the whole chain, as it is at one moment: while a store is being read, nobody has to wait for it.

        ``known``: the number and the link of an entry, as somebody noted them.
        """
        end = await self.end()
        inspection = Inspection(self._scope.keys)
        breaks: list[Break] = []
        is_there = known is None
        async for entry in self.stream():
            breaks += inspection.row(entry)
            is_there = is_there or known == (entry.id, link_of(entry.digest or ""))
        breaks += inspection.end(end)
        if known and not is_there:
            breaks.append(Break(known[0], Wrong.KNOWN, known[0]))
        return Verdict(inspection.entries, tuple(breaks), end)

    async def stream(self) -> AsyncIterator[Entry]:
        """Yield all entries, the oldest first."""
        last = -(2**63)
        while rows := (await self._scope.run(_ROWS.where(audit.c.id > last).limit(_AT_ONCE))).all():
            for row in rows:
                yield self._entry(row)
            last = rows[-1].id

    async def entries(self, wanted: AuditFilter, page: int = 1, size: int = 50) -> AuditPage:
        """Return one page (from 1 on) of the entries ``wanted``, the newest first."""
        await self.flush()
        conditions = tuple(self._conditions(wanted))
        total = (await self._scope.run(select(func.count()).select_from(audit).where(*conditions))).scalar_one()
        query = select(*_COLUMNS).where(*conditions).order_by(audit.c.id.desc()).limit(size).offset((page - 1) * size)
        return AuditPage(tuple(self._entry(row) for row in (await self._scope.run(query)).all()), total)

    def _conditions(self, wanted: AuditFilter) -> Iterable[ColumnElement[bool]]:
        if wanted.who:
            yield audit.c.who == wanted.who
        if wanted.what:
            yield audit.c.what == wanted.what
        if wanted.subject:
            yield audit.c.subject.in_((wanted.subject, self._scope.keys.receipt_hash(wanted.subject)))
        if wanted.searched:
            yield audit.c.subject.endswith(wanted.searched, autoescape=True)
        if wanted.since is not None:
            yield audit.c.at >= wanted.since
        if wanted.until is not None:
            yield audit.c.at < wanted.until
