"""Whether there is a database of ours already, before any keys are made for it."""

from __future__ import annotations

from bot.store import migrating
from bot.store.dialects import Sqlite, dialect_of, report_faults
from bot.store.errors import StoreUnavailable


async def is_there(url: str, patience: float) -> bool:
    """Return whether the database at ``url`` has our tables, so that there are keys that belong to it.

    Raises :class:`StoreUnavailable` if that cannot be seen, or a :class:`StoreError`: bad URL, not ours, newer.
    """
    dialect = dialect_of(url, patience)
    if isinstance(dialect, Sqlite) and not (dialect.file.exists() and dialect.file.stat().st_size):
        return False
    engine = dialect.engine()
    report_faults(engine, dialect)
    try:
        async with engine.connect() as connection:
            return await migrating.revision_of(connection) is not None
    except Exception as error:  # drivers raise their own, which are imported only with them
        reason = dialect.reason(getattr(error, "orig", None) or error)
        if reason is None:
            raise
        raise StoreUnavailable(reason, type(error).__name__, dialect.place) from error
    finally:
        await engine.dispose()
