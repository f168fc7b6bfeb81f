"""How Alembic reaches the database: on the connection, and in the transaction, that it is handed."""

from __future__ import annotations

from alembic import context

from bot.store.migrating import REVISION_TABLE
from bot.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=REVISION_TABLE,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
