"""Tasks for whoever looks after the database. Each returns what there is to tell of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from bot import clock
from bot.conversation.receipts import is_receipt
from bot.maintenance_words import counted
from bot.maintenance_words import say as phrase
from bot.overlay_backup import OverlayBackup
from bot.settings import Settings
from bot.storage import open_keys, open_store, retention
from bot.store import BackupError, KeyFileError, Keys, Store, housekeeping
from bot.store import backup as backups
from bot.store import rotate as rotation

Say = Callable[[str], None]


class WrongReceiptError(Exception):
    """There is no registration of that number; the text says what to look at."""


async def purge(settings: Settings, say: Say) -> str:
    """Clear what has been kept long enough."""
    async with await open_store(settings, say) as store:
        gone = await housekeeping.purge(store, retention(settings), clock.now())
    counts = counted("purged", gone, without_none=True)
    return phrase("purge", counts=counts) if counts else phrase("purge_nothing")


async def migrate(settings: Settings, say: Say) -> str:
    """Bring the database up to this version."""
    url = settings.store.url.get_secret_value()
    keys = await open_keys(settings, say)
    async with await Store.open(url, keys, alone=True, migrate=True, say=say):
        return phrase("migrate")


async def backup(settings: Settings, say: Say, file: Path) -> str:
    """Write a backup to ``file``, in a folder that is there, with the overlay, while the bot may run."""
    if not os.path.isdir(file.parent):
        raise BackupError(phrase("no_folder", folder=file.parent))
    overlay, now = _overlay(settings, say), clock.now()
    async with await open_store(settings, say, writes=False) as store:
        counts = await backups.backup(store, file, now, overlay.content())
    overlay.told()
    if "unreadable" in counts:
        say(phrase("unreadable", **counts))
    return phrase("backup", file=file, counts=counted("kept", counts))


async def restore(settings: Settings, say: Say, file: Path, old_key: Path | None = None) -> str:
    """Put the backup ``file`` in the place of the database and the overlay.

    ``old_key``: the key file with which it was made, if keys were changed since.
    """
    if not os.path.exists(settings.store.key_file):
        raise KeyFileError(phrase("no_key_to_restore", key=settings.store.key_file))
    if old_key and not os.path.exists(old_key):
        raise KeyFileError(phrase("no_old_key", key=old_key))
    keys, url = Keys.open(settings.store.key_file, say), settings.store.url.get_secret_value()
    if old_key:
        keys = keys.fixed(Keys.open(old_key, say))
    counts = await backups.restore(url, keys, file, clock.now(), say, _overlay(settings, say))
    return phrase("restore", counts=counted("kept", counts))


def _overlay(settings: Settings, say: Say) -> OverlayBackup:
    sources = settings.knowledge
    return OverlayBackup(sources.overlay, sources.folder, clock.now(), say)


async def forget(settings: Settings, say: Say, receipt: str) -> str:
    """Delete one registration at the wish of the person, who gave the ``receipt`` number.

    Raises WrongReceiptError: nothing was deleted.
    """
    number = "".join(filter(str.isdecimal, receipt))
    if not is_receipt(number):
        raise WrongReceiptError(f"{receipt} 不是登记号；登记号是九位数，最后一位是检验码，请再核对一遍")
    async with await open_store(settings, say) as store, store.transaction() as transaction:
        chat = await transaction.people.chat_of(number)
        if chat is None:
            raise WrongReceiptError(f"没有 {receipt} 这个登记号，什么都没有删；请再核对一遍，也可能已经删掉了")
        await transaction.people.load([chat])
        await transaction.people.forget(chat, clock.now(), [number], who="operator")
    return phrase("forget", registrations=1)


async def rotate_key(settings: Settings, say: Say) -> str:
    """Make a new key and encrypt everything with it; ``say`` what is to be done next."""
    async with await open_store(settings, say) as store:
        counts = await rotation.rotate_key(store)
    say(phrase("rotate_next", key=settings.store.key_file))
    return phrase("rotate", counts=counted("renewed", counts))
