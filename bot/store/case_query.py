"""The queue's filters and orders as SQL, and its lines."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, null, or_, select

from bot.casework.case import GRADUATE_EDUCATION, OPEN, Status, Step
from bot.casework.filters import Order, QueueFilter, When
from bot.casework.searching import digits_of, phone_in
from bot.clock import CHINA, day_of
from bot.conversation.receipts import RECEIPT_LENGTH, is_receipt
from bot.conversation.registration import Answer
from bot.store.dialects import Unindexed
from bot.store.errors import UnreadableError
from bot.store.facets import value_of
from bot.store.keys import Keys
from bot.store.registered import read_answers
from bot.store.tables import UNSEEN, case_messages, cases, facets, registrations

_FIRST, _LAST = date(1, 1, 2), date(9999, 12, 31)
_DAY = timedelta(days=1)
_SHORTEST_RECEIPT = 3  # digits, below which a search means something else


@dataclass(frozen=True)
class CaseRow:
    """One line of the queue.

    ``answers`` are the registration's; ``updated``: when the person last changed them;
    ``steps`` those of the four that are done, with their days;
    ``contact_late``: nobody has been in touch, and should have; ``follow_up_late``: one was due before today;
    ``unanswered``: the person wrote back, or changed something, and who works on the case has not looked.
    """

    receipt: str
    town: str | None
    status: Status
    counselor: int | None
    version: int
    created: datetime
    changed: datetime
    updated: datetime
    first_contact: datetime | None
    next_follow_up: date | None
    employed: date | None
    filed: date | None
    steps: Mapping[Step, date]
    answers: Mapping[str, Answer]
    contact_late: bool
    follow_up_late: bool
    unanswered: bool

    @property
    def name(self) -> str:
        """What the person wants to be called."""
        name = self.answers.get("name", "")
        return name if isinstance(name, str) else ""

    @property
    def wanted(self) -> tuple[str, ...]:
        """Option ids of the wanted work."""
        wanted = self.answers.get("wanted", ())
        return (wanted,) if isinstance(wanted, str) else wanted

    @property
    def graduate(self) -> bool:
        """Whether the person is a graduate in the plan's sense."""
        return self.answers.get("education") in GRADUATE_EDUCATION

    @property
    def overdue(self) -> bool:
        """Whether something is late."""
        return self.contact_late or self.follow_up_late

    @property
    def uncontacted(self) -> bool:
        """Whether somebody should be in touch, and nobody has been."""
        return self.status in OPEN and self.first_contact is None


class Query:
    """The filter ``chosen`` as SQL.

    ``name``: what is searched for among the names, which SQL cannot see; "" if nothing is.
    ``scope``: the towns whose cases may be seen, None for all; ``contact_days``: within how many days somebody should
    have been in touch; ``area_code``: of telephone numbers searched for without one. That nobody works on a case
    depends on the accounts: :mod:`bot.store.case_list` adds it.
    """

    def __init__(
        self,
        keys: Keys,
        scope: tuple[str, ...] | None,
        chosen: QueueFilter,
        now: datetime,
        contact_days: int,
        area_code: str = "",
    ) -> None:
        self.filter = chosen
        self._keys = keys
        self._today = day_of(now)
        self._contact_late, self._follow_up_late = late(now, contact_days)
        self.name = _plain(chosen.search) if searches_names(chosen.search) else ""
        self._conditions = [*within(scope, cases.c.town), *self._chosen()]
        if number := _number(chosen.search):
            self._conditions.append(_numbered(keys, chosen.search, number, area_code))

    def _chosen(self) -> list[ColumnElement[bool]]:
        chosen = self.filter
        found: list[ColumnElement[bool]] = []
        if chosen.towns:
            found.append(cases.c.town.in_(chosen.towns))
        if chosen.status:
            found.append(cases.c.status.in_(chosen.status))
        if chosen.wanted:
            found.append(having(self._keys, "wanted", chosen.wanted))
        if chosen.categories:
            found.append(having(self._keys, "categories", chosen.categories))
        if chosen.graduates:
            found.append(having(self._keys, "education", GRADUATE_EDUCATION))
        if chosen.counselor:
            found.append(cases.c.counselor == chosen.counselor)
        if chosen.since is not None:
            found.append(cases.c.created >= _midnight(chosen.since))
        if chosen.until is not None:
            found.append(cases.c.created < _midnight(min(chosen.until, _LAST - _DAY) + _DAY))
        if chosen.updated_until is not None:
            before = _midnight(min(chosen.updated_until, _LAST - _DAY) + _DAY)
            old = select(registrations.c.receipt).where(registrations.c.updated < before)
            found.append(cases.c.receipt.in_(old))
        if chosen.missing is not None:
            found.append(cases.c[chosen.missing].is_(None))
        return [*found, *self._waiting(), *self._due()]

    def _waiting(self) -> Iterator[ColumnElement[bool]]:
        if self.filter.uncontacted:
            yield _UNCONTACTED
        if self.filter.overdue:
            yield or_(self._contact_late, self._follow_up_late)
        if self.filter.unanswered:
            yield _UNANSWERED

    def _due(self) -> Iterator[ColumnElement[bool]]:
        chosen = self.filter
        if chosen.follow_up is not None:
            yield follow_up_due(chosen.follow_up, self._today)
        if chosen.follow_up_since is not None:
            yield and_(cases.c.next_follow_up >= chosen.follow_up_since, _NOT_CLOSED)
        if chosen.follow_up_until is not None:
            yield and_(cases.c.next_follow_up <= chosen.follow_up_until, _NOT_CLOSED)

    def narrowed(self, condition: ColumnElement[bool]) -> Query:
        """Return the query for those alone that ``condition`` lets through as well."""
        narrower = copy(self)
        narrower._conditions = [*self._conditions, condition]
        return narrower

    def counted(self) -> Select[Any]:
        """How many there are."""
        return select(func.count()).select_from(cases).where(*self._conditions)

    def numbers(self, *, backwards: bool = False) -> Select[Any]:
        """Their receipts, in order."""
        keys, ups = zip(*self._order(), strict=True)
        chosen = select(cases.c.receipt).where(*self._conditions)
        if self.filter.order in _WORKED_OUT:
            # All have to be looked at anyway. The offset keeps PostgreSQL from ordering before it filters.
            all_keys = [key.label(f"key_{place}") for place, key in enumerate(keys)]
            found = select(cases.c.receipt, *all_keys).where(*self._conditions).offset(0).subquery()
            chosen, keys = select(found.c.receipt), tuple(found.c[key.name] for key in all_keys)
        return chosen.order_by(*(key if up is not backwards else key.desc() for key, up in zip(keys, ups, strict=True)))

    def among(self, receipts: Sequence[str]) -> Select[Any]:
        """Which of these ``receipts`` are among them, in no order."""
        return select(cases.c.receipt).where(cases.c.receipt.in_(receipts), *self._conditions)

    def places_of(self, receipts: Sequence[str]) -> Select[Any]:
        """The places of these ``receipts`` among them, counted from 1, and the receipts ``after`` each and ``beyond``
        that.
        """
        order = [key if up else key.desc() for key, up in self._order()]
        placed = (
            select(
                cases.c.receipt,
                func.row_number().over(order_by=order).label("place"),
                func.lead(cases.c.receipt).over(order_by=order).label("after"),
                func.lead(cases.c.receipt, 2).over(order_by=order).label("beyond"),
            )
            .where(*self._conditions)
            .subquery()
        )
        return select(placed).where(placed.c.receipt.in_(receipts))

    def rows_of(self, receipts: Sequence[str]) -> Select[Any]:
        """All that is needed for :meth:`lines` of these ``receipts``, in no order."""
        columns = (column for column in cases.c if column.name not in {"plan", "reason"})
        return self._with_answers(
            receipts,
            *columns,
            self._contact_late.label("contact_late"),
            self._follow_up_late.label("follow_up_late"),
            _UNANSWERED.label("unanswered"),
            registrations.c.updated.label("updated"),
        )

    def sealed_of(self, receipts: Sequence[str]) -> Select[Any]:
        """These ``receipts`` and what they answered, in no order, for :meth:`named`."""
        return self._with_answers(receipts, cases.c.receipt)

    def _with_answers(self, receipts: Sequence[str], *columns: Any) -> Select[Any]:
        both = cases.join(registrations, registrations.c.receipt == cases.c.receipt)
        return select(*columns, registrations.c.answers).select_from(both).where(cases.c.receipt.in_(receipts))

    def _order(self) -> tuple[tuple[ColumnElement[Any], bool], ...]:
        """What is ordered by, and whether it goes up."""
        first = ((cases.c.created, True), (cases.c.receipt, True))
        orders: dict[Order, tuple[tuple[ColumnElement[Any], bool], ...]] = {
            "urgent": ((self._urgency(), True), *first),
            "newest": ((cases.c.created, False), (cases.c.receipt, False)),
            "oldest": first,
            "updated": ((cases.c.changed, False), (cases.c.receipt, False)),
            "town": ((cases.c.town, True), *first),
            "status": ((_PLACE_OF_STATUS, True), *first),
            "follow-up": ((_DUE.is_(None), True), (_DUE, True), *first),
            "plan": ((cases.c.filed.is_not(None), True), (cases.c.service.is_not(None), True), *first),
        }
        return orders[self.filter.order]

    def _urgency(self) -> ColumnElement[int]:
        """What is late, then who waits for an answer, then the new ones, then what is open, paused, done."""
        return case(
            (or_(self._contact_late, self._follow_up_late), 0),
            (_UNANSWERED, 1),
            (cases.c.status == Status.NEW, 2),
            (cases.c.status.in_(OPEN), 3),
            (cases.c.status == Status.PAUSED, 4),
            else_=5,
        )

    def named(self, found: Sequence[Any]) -> set[str]:
        """Return the receipts of those whose name holds what is searched for."""
        return {receipt for receipt, sealed in found if self.name in _plain(_name(self._answers(sealed)))}

    def lines(self, receipts: Sequence[str], found: Sequence[Any]) -> tuple[CaseRow, ...]:
        """Return the lines of the queue in the order of ``receipts``."""
        rows = {one.receipt: one for one in found}
        return tuple(self._line(rows[receipt]) for receipt in receipts if receipt in rows)

    def _line(self, found: Any) -> CaseRow:
        days = {step: getattr(found, step) for step in Step}
        return CaseRow(
            receipt=found.receipt,
            town=found.town,
            status=Status(found.status),
            counselor=found.counselor,
            version=found.version,
            created=found.created,
            changed=found.changed,
            updated=found.updated,
            first_contact=found.first_contact,
            next_follow_up=found.next_follow_up,
            employed=found.employed,
            filed=found.filed,
            steps={step: day for step, day in days.items() if day is not None},
            answers=self._answers(found.answers),
            contact_late=bool(found.contact_late),
            follow_up_late=bool(found.follow_up_late),
            unanswered=bool(found.unanswered),
        )

    def _answers(self, sealed: bytes) -> dict[str, Answer]:
        """Return the answers; what cannot be read any more is a line without them."""
        try:
            return read_answers(self._keys.decrypt(sealed))
        except (UnreadableError, ValueError):
            return {}


_WORKED_OUT: tuple[Order, ...] = ("urgent", "status", "follow-up")
"""Orders for which there is no index."""

_NOT_CLOSED = cases.c.status != Status.CLOSED
"""On a closed case nothing is due any more, though the follow-up stays planned, in case it is opened again."""

COUNTED = or_(cases.c.status != Status.CLOSED, cases.c.employed.is_not(None))
"""Of whom a share is taken: not who dropped out, such as a registration that was left twice."""

_UNCONTACTED = and_(Unindexed(cases.c.status).in_(OPEN), cases.c.contacted_after.is_(None))
"""Most are open: all are read from the one index that has both."""

_DUE = case((_NOT_CLOSED, cases.c.next_follow_up), else_=null())
_UNANSWERED = cases.c.receipt.in_(select(case_messages.c.receipt).where(UNSEEN))
_PLACE_OF_STATUS = case({status: place for place, status in enumerate(Status)}, value=cases.c.status, else_=len(Status))


def within(scope: tuple[str, ...] | None, town: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    """Return what keeps to the towns of ``scope``; nothing is in an empty one."""
    if scope is None:
        return []
    return [town.in_(scope)] if scope else [false()]


def late(now: datetime, contact_days: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return when a first contact, and when a follow-up, is overdue: by days, as it is promised."""
    today = day_of(now)
    before = today - timedelta(days=contact_days)
    return and_(_UNCONTACTED, cases.c.registered < before), follow_up_due("late", today)


def follow_up_due(when: When, today: date) -> ColumnElement[bool]:
    """Return whose next follow-up was due before today, is due today, or from today until Sunday."""
    upcoming = cases.c.next_follow_up
    if when == "late":
        return and_(func.coalesce(upcoming < today, false()), _NOT_CLOSED)
    last = today if when == "today" else today + timedelta(days=6 - today.weekday())
    return and_(upcoming.between(today, last), _NOT_CLOSED)


def having(keys: Keys, step: str, values: Sequence[str]) -> ColumnElement[bool]:
    """Return who gave one of ``values`` as an answer to ``step``."""
    hashes = [value_of(keys, step, value) for value in values]
    return Unindexed(cases.c.receipt).in_(select(facets.c.receipt).where(facets.c.value.in_(hashes)))


def searches_names(text: str) -> bool:
    """Return whether ``text`` is searched for among the names, which takes long: all have to be decrypted for it."""
    return bool(_plain(text)) and not _number(text)


def _number(text: str) -> str:
    """Return the digits of a receipt or telephone number, or of its beginning; "" if ``text`` is none."""
    digits = digits_of(text)
    return "" if len(digits) < _SHORTEST_RECEIPT else digits


def _numbered(keys: Keys, text: str, digits: str, area_code: str) -> ColumnElement[bool]:
    """Return what finds the receipt or telephone number ``text``, of which these are the ``digits``."""
    if is_receipt(digits):
        return cases.c.receipt == digits
    phone = phone_in(text, area_code)
    hashes = keys.phone_hashes(phone) if phone else ()
    by_phone = cases.c.receipt.in_(select(registrations.c.receipt).where(registrations.c.phone_hash.in_(hashes)))
    return or_(by_phone, _begins_with(digits))


def _begins_with(digits: str) -> ColumnElement[bool]:
    """Return whose receipt begins with ``digits``.

    Numbers of one length have the same order everywhere; that of other characters is the database's own affair.
    """
    return cases.c.receipt.between(digits.ljust(RECEIPT_LENGTH, "0"), digits.ljust(RECEIPT_LENGTH, "9"))


def _name(answers: Mapping[str, Answer]) -> str:
    name = answers.get("name", "")
    return name if isinstance(name, str) else ""


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def _midnight(day: date) -> datetime:
    """Return when ``day`` begins in China; of days that no clock can tell in other places, the nearest that can."""
    return datetime.combine(min(max(day, _FIRST), _LAST), time(), CHINA)
