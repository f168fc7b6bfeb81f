"""The chain through the audit: what was entered cannot be changed, removed or slipped in without the key file.

Each entry has a digest of two halves: a seal of its own values, and a link made of the link before and that seal. So
a changed entry is told from one that is missing. The end of the chain is kept apart, or entries could be cut off it.
Of a chain begun where there must have been one already it is told for ever that it was. What this alone cannot show:
the record put back to an earlier state, with the end of that time, for which ends noted elsewhere help, as in the log;
and what is done by who has the key file too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum

from bot.store.keys import Keys

START = ""
"""What the first entry is linked to."""


class Wrong(StrEnum):
    """What happened to rows of the audit.

    ``END``: the note of where the chain ends is gone, or was once; ``KNOWN``: what was known of a row is not so.
    """

    CHANGED = "changed"
    REMOVED = "removed"
    INSERTED = "inserted"
    END = "end"
    KNOWN = "known"


@dataclass(frozen=True)
class Break:
    """Something ``what`` is wrong with the rows from ``id`` to ``last`` (mostly the same)."""

    id: int
    what: Wrong
    last: int


@dataclass(frozen=True)
class Entry:
    """One row of the audit, with ``why`` in plain text; ``digest`` as it is stored."""

    id: int
    who: str
    what: str
    subject: str
    why: str
    at: datetime
    digest: str | None = None


@dataclass(frozen=True)
class End:
    """Where the chain ends: the ``id`` and the ``link`` of the last entry.

    ``since``: when the chain was begun; ``before``: how many entries there were then already, which are chained as
    they were found; ``lost``: the end was missing at one time, though there was or must have been a chain, and it was
    begun anew.
    """

    id: int = 0
    link: str = START
    since: str = ""
    before: int = 0
    lost: bool = False

    def told(self) -> str:
        """Return it for the log: a point of the chain, see :func:`point`."""
        return point(self.id, self.link)

    def written(self) -> str:
        """Return it as text."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> End:
        """Return what was :meth:`written`. Raises ValueError."""
        try:
            return cls(**json.loads(text))
        except TypeError as error:
            raise ValueError("not the end of a chain") from error


def linked(keys: Keys, link: str, entry: Entry) -> tuple[str, str]:
    """Return the digest of ``entry`` after one with ``link``, and the link that the next one needs."""
    seal = _seal(keys, entry)
    new = _link(keys, link, seal)
    return seal + new, new


def link_of(digest: str) -> str:
    """Return the link in a stored digest."""
    return digest[len(digest) // 2 :]


def point(id: int, link: str) -> str:
    """Return what the chain can be known by at the entry with ``id``, wherever that is noted. It opens nothing."""
    return f"{id}-{link}"


def _seal(keys: Keys, entry: Entry) -> str:
    at = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    values = [entry.id, entry.who, entry.what, entry.subject, entry.why, at]
    return keys.secret_hash("audit-entry", json.dumps(values))


def _link(keys: Keys, before: str, seal: str) -> str:
    return keys.secret_hash("audit-link", before + seal)


class Inspection:
    """Follows the chain row by row, in the order of their ids, and finds the breaks.

    A row is sealed when its own values are as they were entered, and follows when it is linked to the row before. One
    that is neither is doubtful until a row comes that follows, or is sealed: it was slipped in, or changed altogether.
    """

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._last = 0
        self._stored = self._true = START  # the link of the last row in its place, as it stands there and as worked out
        self._doubtful: dict[int, str] = {}  # with their links, as they stand there
        self._passed_over: set[str] = set()  # the links of those that were doubtful last
        self.entries = 0

    def row(self, entry: Entry) -> Iterator[Break]:
        """Take the next row; yield what it shows to be wrong with it or with those before."""
        self.entries += 1
        digest = entry.digest or ""
        seal, link = digest[: len(digest) // 2], link_of(digest)
        true_seal = _seal(self._keys, entry)
        true = link
        follows = self._is_linked(link, seal, (self._stored, self._true))
        if not follows and seal != true_seal:
            self._doubtful[entry.id] = link
            return
        if follows:
            yield from self._doubtful_were(Wrong.INSERTED)
            if seal != true_seal:
                yield _one(entry.id, Wrong.CHANGED)
        elif self._doubtful:
            yield from self._removed_before(*self._doubtful, entry.id)
            yield from self._doubtful_were(Wrong.CHANGED)
        elif entry.id > self._last + 1:
            yield from self._removed_before(entry.id)
        elif not self._is_linked(link, seal, self._passed_over):  # else rows before it changed places
            yield _one(entry.id, Wrong.CHANGED)
            true = _link(self._keys, self._true, seal)
        self._last, self._stored, self._true = entry.id, link, true

    def end(self, end: End | None) -> Iterator[Break]:
        """Take the end of the chain, None if there is none; yield what it shows to be wrong."""
        if end is None:
            yield from self._doubtful_were(Wrong.CHANGED)
            if self.entries:
                yield _one(0, Wrong.END)
            return
        within = [id for id in self._doubtful if id <= end.id]
        beyond = [id for id in self._doubtful if id > end.id]
        yield from self._removed_before(*within, end.id + 1)
        yield from (_one(id, Wrong.CHANGED) for id in within)
        yield from (_one(id, Wrong.INSERTED) for id in beyond)
        known = self._last < end.id or (self._last, end.link) in {(end.id, self._stored), (end.id, self._true)}
        if end.lost or not known:
            yield _one(0, Wrong.END)

    def _doubtful_were(self, what: Wrong) -> Iterator[Break]:
        doubtful, self._doubtful = self._doubtful, {}
        if doubtful:
            self._passed_over = set(doubtful.values())
        yield from (_one(id, what) for id in doubtful)

    def _is_linked(self, link: str, seal: str, before: Iterable[str]) -> bool:
        return any(link == _link(self._keys, each, seal) for each in before)

    def _removed_before(self, *ids: int) -> Iterator[Break]:
        """Yield the gaps between the last row in its place and those with ``ids``."""
        before = self._last
        for id in ids:
            if id > before + 1:
                yield Break(before + 1, Wrong.REMOVED, id - 1)
            before = id


def _one(id: int, what: Wrong) -> Break:
    return Break(id, what, id)
