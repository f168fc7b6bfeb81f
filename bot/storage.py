"""Opens the database and the keys that the settings name."""

from __future__ import annotations

from collections.abc import Callable

from bot.settings import Settings
from bot.store import Keys, Store
from bot.store.housekeeping import Retention

"""Days."""


def open_keys(settings: Settings, say: Callable[[str], None]) -> Keys:
    """Return the keys, made on the first run, and ``say`` so. Raises KeyFileError."""
    return Keys.open(settings.store.key_file, say)


async def open_store(settings: Settings, say: Callable[[str], None], *, alone: bool = False) -> Store:
    """Open the database that the settings name. Raises StoreError or StoreUnavailable."""
    return await Store.open(settings.store.url.get_secret_value(), open_keys(settings, say), alone=alone, say=say)


def retention(settings: Settings) -> Retention:
    """Return how long things are kept."""
    kept = settings.retention
    return Retention(
        registrations=settings.registration.keep_days,
        questions=kept.questions_days,
        dead_letters=kept.dead_letters_days,
        conversations=kept.conversations_days,
        drafts=kept.drafts_days,
    )
