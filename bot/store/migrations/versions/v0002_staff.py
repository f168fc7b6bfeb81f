"""The staff, their cases, and a chain through the audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go forward. There is no way back: the copy made before is."""
    op.create_table(
        "sign_in_failures",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_sign_in_failures")),
    )
    op.create_table(
        "staff",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("towns", sa.JSON(), nullable=False),
        sa.Column("teaches", sa.Boolean(), nullable=False),
        sa.Column("passphrase", sa.String(), nullable=True),
        sa.Column("totp", sa.LargeBinary(), nullable=True),
        sa.Column("totp_used", sa.BigInteger(), nullable=True),
        sa.Column("invite_hash", sa.String(), nullable=True),
        sa.Column("invite_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("chat", sa.String(), nullable=True),
        sa.Column("link_hash", sa.String(), nullable=True),
        sa.Column("link_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("digest_on", sa.Boolean(), nullable=False),
        sa.Column("digest_sent", sa.Date(), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("chat", name=op.f("uq_staff_chat")),
        sa.UniqueConstraint("login", name=op.f("uq_staff_login")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "report_texts",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("clause", sa.String(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("staff", ID, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name=op.f("fk_report_texts_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_texts")),
        sa.UniqueConstraint("year", "clause", name=op.f("uq_report_texts_year_clause")),
    )
    op.create_table(
        "cases",
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column("town", sa.String(), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("registered", sa.Date(), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("counselor", ID, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("first_contact", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contacted_after", sa.Integer(), nullable=True),
        sa.Column("next_follow_up", sa.Date(), nullable=True),
        sa.Column("information_check", sa.Date(), nullable=True),
        sa.Column("ability_assessment", sa.Date(), nullable=True),
        sa.Column("need_registration", sa.Date(), nullable=True),
        sa.Column("service", sa.Date(), nullable=True),
        sa.Column("employed", sa.Date(), nullable=True),
        sa.Column("filed", sa.Date(), nullable=True),
        sa.Column("plan", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["counselor"], ["staff.id"], name=op.f("fk_cases_counselor")),
        sa.ForeignKeyConstraint(
            ["receipt"], ["registrations.receipt"], name=op.f("fk_cases_receipt"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("receipt", name=op.f("pk_cases")),
    )
    op.create_index("ix_cases_changed", "cases", ["changed", "receipt"], unique=False)
    op.create_index("ix_cases_counselor", "cases", ["counselor", "created", "receipt"], unique=False)
    op.create_index("ix_cases_created", "cases", ["created", "receipt"], unique=False)
    op.create_index("ix_cases_next_follow_up", "cases", ["next_follow_up"], unique=False)
    op.create_index("ix_cases_registered", "cases", ["registered", "town", "contacted_after"], unique=False)
    op.create_index("ix_cases_status", "cases", ["status", "created", "receipt"], unique=False)
    counted = [
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
    ]
    op.create_index("ix_cases_counted", "cases", counted, unique=False)
    op.create_table(
        "facets",
        sa.Column("value", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column("town", sa.String(), nullable=True),
        sa.Column("registered", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["receipt"], ["registrations.receipt"], name=op.f("fk_facets_receipt"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("value", "receipt", name=op.f("pk_facets")),
    )
    op.create_index("ix_facets_counted", "facets", ["value", "town", "registered"], unique=False)
    op.create_index("ix_facets_receipt", "facets", ["receipt"], unique=False)
    op.create_table(
        "staff_drafts",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("staff", ID, nullable=False),
        sa.Column("page", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name=op.f("fk_staff_drafts_staff"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_drafts")),
        sa.UniqueConstraint("staff", "page", name=op.f("uq_staff_drafts_staff_page")),
    )
    op.create_table(
        "staff_sessions",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("staff", ID, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name=op.f("fk_staff_sessions_staff"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_staff_sessions")),
    )
    op.create_index("ix_staff_sessions_staff", "staff_sessions", ["staff"], unique=False)
    op.create_table(
        "case_events",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("staff", ID, nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["receipt"], ["cases.receipt"], name=op.f("fk_case_events_receipt"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name=op.f("fk_case_events_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_events")),
    )
    op.create_index("ix_case_events_receipt", "case_events", ["receipt", "id"], unique=False)
    op.create_table(
        "case_messages",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column("staff", ID, nullable=True),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outbox", ID, nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("seen", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["receipt"], ["cases.receipt"], name=op.f("fk_case_messages_receipt"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name=op.f("fk_case_messages_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_messages")),
    )
    op.create_index("ix_case_messages_receipt", "case_messages", ["receipt", "id"], unique=False)
    op.create_index("ix_case_messages_outbox", "case_messages", ["outbox"], unique=False)
    unseen = sa.text("staff IS NULL AND seen IS NULL")
    op.create_index(
        "ix_case_messages_unseen",
        "case_messages",
        ["receipt"],
        unique=False,
        sqlite_where=unseen,
        postgresql_where=unseen,
    )
    op.create_table(
        "case_steps",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("staff", ID, nullable=True),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        sa.Column("noted", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["receipt"], ["cases.receipt"], name=op.f("fk_case_steps_receipt"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name=op.f("fk_case_steps_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_steps")),
        sa.UniqueConstraint("receipt", "step", name=op.f("uq_case_steps_receipt_step")),
    )
    op.create_table(
        "follow_ups",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("purpose", sa.LargeBinary(), nullable=True),
        sa.Column("staff", ID, nullable=True),
        sa.Column("noted", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done", sa.Date(), nullable=True),
        sa.Column("done_by", ID, nullable=True),
        sa.Column("result", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["done_by"], ["staff.id"], name=op.f("fk_follow_ups_done_by")),
        sa.ForeignKeyConstraint(["receipt"], ["cases.receipt"], name=op.f("fk_follow_ups_receipt"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name=op.f("fk_follow_ups_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_ups")),
    )
    op.create_index("ix_follow_ups_due", "follow_ups", ["done", "due"], unique=False)
    op.create_index("ix_follow_ups_receipt", "follow_ups", ["receipt"], unique=False)
    op.add_column("audit", sa.Column("why", sa.LargeBinary(), nullable=True))
    op.add_column("audit", sa.Column("digest", sa.String(), nullable=True))
    op.create_index("ix_audit_at", "audit", ["at"], unique=False)
    op.add_column("questions", sa.Column("settled", sa.DateTime(timezone=True), nullable=True))
    # Every registration has a case with a first event.
    day = {
        "sqlite": "date(created, '+8 hours')",
        "postgresql": "CAST(created AT TIME ZONE 'Asia/Shanghai' AS date)",
    }[op.get_context().dialect.name]
    op.execute(
        "INSERT INTO cases (receipt, town, created, registered, changed, status, version)"
        f" SELECT receipt, town, created, {day}, updated, 'new', 1 FROM registrations"
    )
    op.execute("INSERT INTO case_events (receipt, kind, at) SELECT receipt, 'opened', created FROM registrations")
