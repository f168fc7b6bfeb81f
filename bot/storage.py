"""Opens the database and the keys that the settings name."""

from __future__ import annotations

import os
from collections.abc import Callable

from bot.maintenance_words import say as phrase
from bot.settings import Settings
from bot.store import KeyFileError, Keys, Store, StoreUnavailable
from bot.store.housekeeping import Retention
from bot.store.presence import is_there
from bot.store.store import PATIENCE


async def open_keys(settings: Settings, say: Callable[[str], None]) -> Keys:
    """Return the keys, made on the first run, and ``say`` so.

    None are made for a database that is there already: they would lie where the right ones belong. Raises KeyFileError,
    StoreError or StoreUnavailable.
    """
    file, url = settings.store.key_file, settings.store.url.get_secret_value()
    # Looked at once more: another process may have made both meanwhile.
    if not os.path.exists(file) and await is_there(url, PATIENCE) and not os.path.exists(file):
        raise KeyFileError(phrase("no_key", key=file))
    return Keys.open(file, say)


async def open_store(
    settings: Settings, say: Callable[[str], None], *, alone: bool = False, writes: bool = True
) -> Store:
    """Open the database that the settings name. Raises StoreError or StoreUnavailable.

    ``writes``: it is to be written to, so that one that can only be read is of no use.
    """
    keys = await open_keys(settings, say)
    store = await Store.open(settings.store.url.get_secret_value(), keys, alone=alone, say=say)
    if writes:
        try:
            await _refuse_read_only(store)
        except BaseException:
            await store.close()
            raise
    return store


async def _refuse_read_only(store: Store) -> None:
    """Let what will not pass by itself be said at once; who holds the lock just now is waited for later."""
    try:
        await store.try_writing()
    except StoreUnavailable as error:
        if error.reason == "read-only":
            raise


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
