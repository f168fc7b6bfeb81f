"""The tables. Bodies, states, answers and texts are sealed: encrypted before they come here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
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

audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("who", String, nullable=False),
    Column("what", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_audit_subject", "subject"),
)

tallies = Table(
    "tallies",
    metadata,
    Column("day", Date, primary_key=True),
    Column("what", String, primary_key=True),
    Column("n", BigInteger, nullable=False),
)

# What was deleted, so that a backup made before cannot bring it back.
erasures = Table(
    "erasures",
    metadata,
    Column("subject", String, primary_key=True),
    Column("day", Date, nullable=False),
)
