"""Which questions got an answer by a sample question that was added for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Go forward. There is no way back: the copy made before is."""
    op.add_column("questions", sa.Column("taught", ID, nullable=True))
