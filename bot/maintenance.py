"""Tasks for whoever looks after the database. Each returns what it counted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bot import clock
from bot.conversation.receipts import is_receipt
from bot.overlay_backup import OverlayBackup
from bot.settings import Settings
from bot.storage import open_keys, open_store, retention
from bot.store import Store, housekeeping
from bot.store import backup as backups
from bot.store import rotate as rotation

Say = Callable[[str], None]


class WrongReceiptError(Exception):
    """There is no registration of that number; the text says what to look at."""


async def purge(settings: Settings, say: Say) -> dict[str, int]:
    """Clear what has been kept long enough."""
    async with await open_store(settings, say) as store:
        return await housekeeping.purge(store, retention(settings), clock.now())


async def migrate(settings: Settings, say: Say) -> dict[str, int]:
    """Bring the database up to this version."""
    url = settings.store.url.get_secret_value()
    async with await Store.open(url, open_keys(settings, say), alone=True, migrate=True, say=say):
        say("数据库是这个版本的，可以用。")
        return {}


async def backup(settings: Settings, say: Say, file: Path) -> dict[str, int]:
    """Write a backup to ``file``, with the overlay, while the bot may run; return the rows of each table."""
    overlay, now = _overlay(settings, say), clock.now()
    async with await open_store(settings, say) as store:
        counts = await backups.backup(store, file, now, overlay.content())
    overlay.told()
    return counts


async def restore(settings: Settings, say: Say, file: Path) -> dict[str, int]:
    """Put the backup ``file`` in the place of the database and the overlay; return the rows of each table."""
    keys, url = open_keys(settings, say), settings.store.url.get_secret_value()
    return await backups.restore(url, keys, file, clock.now(), say, _overlay(settings, say))


def _overlay(settings: Settings, say: Say) -> OverlayBackup:
    sources = settings.knowledge
    return OverlayBackup(sources.overlay, sources.folder, clock.now(), say)


async def forget(settings: Settings, say: Say, receipt: str) -> dict[str, int]:
    """Delete one registration at the wish of the person, who gave the ``receipt`` number; return how many it were.

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
    return {"registrations": 1}


async def rotate_key(settings: Settings, say: Say) -> dict[str, int]:
    """Make a new key and encrypt everything with it; return the rows of each table."""
    async with await open_store(settings, say) as store:
        return await rotation.rotate_key(store)
