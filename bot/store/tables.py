"""The tables. Bodies, states, answers and texts are sealed: encrypted before they come here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    TypeDecorator,
    UniqueConstraint,
)


class Moment(TypeDecorator[datetime]):
    """A time with its zone, stored in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Turn into UTC; SQLite stores no zone. Raises ValueError for a time without one."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without a time zone cannot be stored")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Give back the zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)
# SQLite counts up by itself only on its plain INTEGER.
Id = BigInteger().with_variant(Integer, "sqlite")


def _sealed(name: str, *, nullable: bool = True) -> Column[Any]:
    return Column(name, LargeBinary, nullable=nullable, info={"sealed": True})


def sealed_columns(table: Table) -> list[Column[Any]]:
    """Return the columns of ``table`` that hold encrypted text."""
    return [column for column in table.c if column.info.get("sealed")]


meta = Table("meta", metadata, Column("name", String, primary_key=True), _sealed("content", nullable=False))

# An id must never be given twice, even after its row is gone: what a worker has in hand is known by it.
inbox = Table(
    "inbox",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("channel", String, nullable=False),
    Column("update_id", BigInteger, nullable=False),
    Column("chat", String, nullable=False),
    _sealed("body"),
    Column("received", Moment, nullable=False),
    Column("due", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    _sealed("error"),
    Column("finished", Moment),
    UniqueConstraint("channel", "update_id"),
    sqlite_autoincrement=True,
)
Index("ix_inbox_lane", inbox.c.chat, inbox.c.finished, inbox.c.update_id)
Index("ix_inbox_waiting", inbox.c.finished, inbox.c.id)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("chat", String, nullable=False),
    _sealed("body"),
    Column("created", Moment, nullable=False),
    Column("due", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    _sealed("error"),
    Column("worker", String),
    Column("leased_until", Moment),
    Column("finished", Moment),
    Column("outcome", String),
    sqlite_autoincrement=True,
)
Index("ix_outbox_lane", outbox.c.chat, outbox.c.finished, outbox.c.id)
Index("ix_outbox_waiting", outbox.c.finished, outbox.c.id)

conversations = Table(
    "conversations",
    metadata,
    Column("chat", String, primary_key=True),
    _sealed("state"),
    Column("has_draft", Boolean, nullable=False),
    Column("updated", Moment),
    Column("blocked", Moment),
    Index("ix_conversations_updated", "updated"),
)

registrations = Table(
    "registrations",
    metadata,
    Column("receipt", String, primary_key=True),
    Column("chat", String, nullable=False),
    Column("whom", String),
    Column("town", String),
    _sealed("answers", nullable=False),
    Column("phone_hash", String),
    Column("phone_shared", Boolean, nullable=False),
    Column("created", Moment, nullable=False),
    Column("updated", Moment, nullable=False),
    Index("ix_registrations_chat", "chat"),
    Index("ix_registrations_phone", "phone_hash"),
    Index("ix_registrations_updated", "updated"),
)

# A consent taken back stays, with when it was: what was done until then was done with it.
consents = Table(
    "consents",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("receipt", String, ForeignKey(registrations.c.receipt, ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("version", String, nullable=False),
    Column("agreed", Boolean, nullable=False),
    Column("at", Moment, nullable=False),
    Column("withdrawn", Moment),
    Index("ix_consents_receipt", "receipt"),
)

questions = Table(
    "questions",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("chat", String, nullable=False),
    Column("kind", String, nullable=False),
    _sealed("content", nullable=False),
    Column("asked", Moment, nullable=False),
    Column("settled", Moment),
    Column("taught", Id),
    Index("ix_questions_chat", "chat"),
    Index("ix_questions_asked", "asked"),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("channel", String, nullable=False),
    Column("update_id", BigInteger, nullable=False),
    Column("chat", String, nullable=False),
    _sealed("body", nullable=False),
    _sealed("error", nullable=False),
    Column("received", Moment, nullable=False),
    Column("buried", Moment, nullable=False),
    Index("ix_dead_letters_chat", "chat"),
    Index("ix_dead_letters_buried", "buried"),
)

# ``digest`` chains each entry to the one before (see ``audit.py``); ``subject`` is no personal data.
audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("who", String, nullable=False),
    Column("what", String, nullable=False),
    Column("subject", String, nullable=False),
    _sealed("why"),
    Column("at", Moment, nullable=False),
    Column("digest", String),
    Index("ix_audit_subject", "subject"),
    Index("ix_audit_at", "at"),
)

tallies = Table(
    "tallies",
    metadata,
    Column("day", Date, primary_key=True),
    Column("what", String, primary_key=True),
    Column("n", BigInteger, nullable=False),
)

# What was deleted, registrations and chats, so that a backup made before cannot bring it back (see ``erased.py``).
erasures = Table(
    "erasures",
    metadata,
    Column("subject", String, primary_key=True),
    Column("day", Date, nullable=False),
)

# The staff. Accounts are disabled, never deleted: what they did stays theirs.
staff = Table(
    "staff",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("login", String, nullable=False),
    _sealed("name", nullable=False),
    Column("role", String, nullable=False),
    Column("towns", JSON, nullable=False),
    Column("teaches", Boolean, nullable=False),
    Column("passphrase", String),
    _sealed("totp"),
    Column("totp_used", BigInteger),
    Column("invite_hash", String),
    Column("invite_until", Moment),
    Column("chat", String),
    Column("link_hash", String),
    Column("link_until", Moment),
    Column("digest_on", Boolean, nullable=False),
    Column("digest_sent", Date),
    Column("created", Moment, nullable=False),
    Column("disabled", Moment),
    UniqueConstraint("login"),
    UniqueConstraint("chat"),
    sqlite_autoincrement=True,
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("token_hash", String, primary_key=True),
    Column("staff", Id, ForeignKey(staff.c.id, ondelete="CASCADE"), nullable=False),
    Column("created", Moment, nullable=False),
    Column("seen", Moment, nullable=False),
    Column("ended", Moment),
    Index("ix_staff_sessions_staff", "staff"),
)

# By account and by address, both as keyed hashes.
sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    Column("subject", String, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last", Moment, nullable=False),
)

# What was typed into a form of the console and not saved yet, by the path of the page.
staff_drafts = Table(
    "staff_drafts",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("staff", Id, ForeignKey(staff.c.id, ondelete="CASCADE"), nullable=False),
    Column("page", String, nullable=False),
    _sealed("content", nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("staff", "page"),
)

# What the staff wrote about one clause of the plan in the report of one year.
report_texts = Table(
    "report_texts",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("year", Integer, nullable=False),
    Column("clause", String, nullable=False),
    _sealed("text", nullable=False),
    Column("version", Integer, nullable=False),
    Column("staff", Id, ForeignKey(staff.c.id)),
    Column("at", Moment, nullable=False),
    UniqueConstraint("year", "clause"),
)

# One for each registration, made and deleted with it. ``town`` and ``created`` repeat the registration's: the queue
# is read from this table alone. ``registered`` is the day of ``created`` in China, ``contacted_after`` how many days
# later the first contact was, ``changed`` when the person or the staff last changed anything. ``version`` goes up with
# every change, so that two clerks notice each other.
cases = Table(
    "cases",
    metadata,
    Column("receipt", String, ForeignKey(registrations.c.receipt, ondelete="CASCADE"), primary_key=True),
    Column("town", String),
    Column("created", Moment, nullable=False),
    Column("registered", Date, nullable=False),
    Column("changed", Moment, nullable=False),
    Column("status", String, nullable=False),
    _sealed("reason"),
    Column("counselor", Id, ForeignKey(staff.c.id)),
    Column("version", Integer, nullable=False),
    Column("first_contact", Moment),
    Column("contacted_after", Integer),
    Column("next_follow_up", Date),
    Column("information_check", Date),
    Column("ability_assessment", Date),
    Column("need_registration", Date),
    Column("service", Date),
    Column("employed", Date),
    Column("filed", Date),
    _sealed("plan"),
    # All that is counted, filtered and ordered by, so that the rows themselves are read for one page only.
    Index(
        "ix_cases_counted",
        "town",
        "status",
        "registered",
        "contacted_after",
        "information_check",
        "ability_assessment",
        "need_registration",
        "service",
        "employed",
        "filed",
        "next_follow_up",
        "created",
        "receipt",
    ),
    Index("ix_cases_status", "status", "created", "receipt"),
    Index("ix_cases_created", "created", "receipt"),
    Index("ix_cases_changed", "changed", "receipt"),
    Index("ix_cases_registered", "registered", "town", "contacted_after"),
    Index("ix_cases_counselor", "counselor", "created", "receipt"),
    Index("ix_cases_next_follow_up", "next_follow_up"),
)

# What can be filtered by without decrypting: keyed hashes of single answers, such as one wanted work. ``town`` and
# ``registered`` repeat the case's, so that answers are counted from this table alone.
facets = Table(
    "facets",
    metadata,
    Column("value", BigInteger, primary_key=True, autoincrement=False),
    Column("receipt", String, ForeignKey(registrations.c.receipt, ondelete="CASCADE"), primary_key=True),
    Column("town", String),
    Column("registered", Date, nullable=False),
    Index("ix_facets_receipt", "receipt"),
    Index("ix_facets_counted", "value", "town", "registered"),
)

# Who did one of the four, with what result. The day stands in the case.
case_steps = Table(
    "case_steps",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("receipt", String, ForeignKey(cases.c.receipt, ondelete="CASCADE"), nullable=False),
    Column("step", String, nullable=False),
    Column("staff", Id, ForeignKey(staff.c.id)),
    _sealed("result"),
    Column("noted", Moment, nullable=False),
    UniqueConstraint("receipt", "step"),
)

follow_ups = Table(
    "follow_ups",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("receipt", String, ForeignKey(cases.c.receipt, ondelete="CASCADE"), nullable=False),
    Column("due", Date, nullable=False),
    _sealed("purpose"),
    Column("staff", Id, ForeignKey(staff.c.id)),
    Column("noted", Moment, nullable=False),
    Column("done", Date),
    Column("done_by", Id, ForeignKey(staff.c.id)),
    _sealed("result"),
    Index("ix_follow_ups_receipt", "receipt"),
    Index("ix_follow_ups_due", "done", "due"),
)

# Notes and the history of all changes, only ever added to. ``staff`` is empty for what the person or the program did.
case_events = Table(
    "case_events",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("receipt", String, ForeignKey(cases.c.receipt, ondelete="CASCADE"), nullable=False),
    Column("kind", String, nullable=False),
    Column("staff", Id, ForeignKey(staff.c.id)),
    _sealed("content"),
    Column("at", Moment, nullable=False),
    Index("ix_case_events_receipt", "receipt", "id"),
)

# What the staff wrote to a person through the bot (``staff`` is set), and what the person wrote back. ``outcome`` is
# what became of the outbox row, noted before that is deleted.
case_messages = Table(
    "case_messages",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("receipt", String, ForeignKey(cases.c.receipt, ondelete="CASCADE"), nullable=False),
    Column("staff", Id, ForeignKey(staff.c.id)),
    _sealed("text", nullable=False),
    Column("at", Moment, nullable=False),
    Column("outbox", Id),
    Column("outcome", String),
    Column("seen", Moment),
    Index("ix_case_messages_receipt", "receipt", "id"),
    Index("ix_case_messages_outbox", "outbox"),
)
UNSEEN = case_messages.c.staff.is_(None) & case_messages.c.seen.is_(None)
Index("ix_case_messages_unseen", case_messages.c.receipt, sqlite_where=UNSEEN, postgresql_where=UNSEEN)
