"""The file of a backup: a SQLite database with what proves that it is whole, and the overlay, encrypted."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.durable import sync
from bot.store.errors import BackupError, UnreadableError
from bot.store.keys import Keys

_FORMAT = "2"
_KNOWN = ("1", _FORMAT)  # 1 has no overlay
_MANIFEST = "backup"
_OVERLAY = "overlay"


@dataclass(frozen=True, repr=False)
class Contents:
    """What a backup says of itself: when it was ``made``, the rows of each table, how many values no key could read
    then; and the ``overlay`` as it was, None if there was none.
    """

    made: str
    counts: dict[str, int]
    unreadable: int
    overlay: bytes | None


def seal(file: Path, keys: Keys, now: datetime, unreadable: int, overlay: bytes | None) -> dict[str, int]:
    """Write into the backup the ``overlay``, and what proves that it is whole; return the rows of each table."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        if overlay is not None:
            connection.execute(f"CREATE TABLE {_OVERLAY} (content BLOB NOT NULL)")
            connection.execute(f"INSERT INTO {_OVERLAY} VALUES (?)", (_encrypted(overlay, keys),))
        counts, digest = _digest(connection)
        manifest = {
            "format": _FORMAT,
            "made": now.astimezone(UTC).isoformat(timespec="seconds"),
            "counts": json.dumps(counts),
            "unreadable": str(unreadable),
            "seal": keys.seal(digest),
        }
        connection.execute(f"CREATE TABLE {_MANIFEST} (name TEXT PRIMARY KEY, content TEXT NOT NULL)")
        connection.executemany(f"INSERT INTO {_MANIFEST} VALUES (?, ?)", list(manifest.items()))
        connection.commit()
    sync(file)
    counts.pop(_OVERLAY, None)
    return counts


def unsealed(work: Path, named: Path, keys: Keys) -> Contents:
    """Return what the copy ``work`` of the backup ``named`` says of itself, and leave nothing but the database in it.

    Raises :class:`BackupError`: it is not whole, or not of these keys.
    """
    with closing(sqlite3.connect(work)) as connection:
        try:
            whole = connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            manifest = dict(connection.execute(f"SELECT name, content FROM {_MANIFEST}").fetchall()) if whole else {}
            counts, digest = _digest(connection) if whole else ({}, "")
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            raise BackupError(f"{named} 坏了，或者不是备份；原来的数据库没有动") from error
        if not whole or "seal" not in manifest:
            raise BackupError(f"{named} 坏了，或者不是备份；原来的数据库没有动")
        if manifest["format"] not in _KNOWN:
            raise BackupError(f"{named} 是更新版本的程序做的备份；请升级程序")
        if json.loads(manifest["counts"]) != counts:
            raise BackupError(f"{named} 不完整，少了数据；原来的数据库没有动")
        if manifest["seal"] != keys.seal(digest):
            if made_with := keys.older_file(manifest["seal"], digest):
                raise BackupError(
                    f"{named} 是用密钥文件 {made_with} 做的，现在的 {keys.file} 是后来另建的，跟它合不起来："
                    f"请把现在的密钥文件和数据库都挪开，把 {made_with} 放回 {keys.file}，不用 --old-key 再恢复；"
                    "原来的数据库没有动"
                )
            raise BackupError(f"{named} 被改动过，或者不是用现在的密钥文件做的；原来的数据库没有动")
        overlay = _overlay(connection, named, keys) if counts.pop(_OVERLAY, 0) else None
        for table in (_MANIFEST, _OVERLAY):
            connection.execute(f"DROP TABLE IF EXISTS {table}")
        connection.commit()
    return Contents(manifest["made"], counts, int(manifest.get("unreadable", 0)), overlay)


def _overlay(connection: sqlite3.Connection, named: Path, keys: Keys) -> bytes:
    (sealed,) = connection.execute(f"SELECT content FROM {_OVERLAY}").fetchone()
    try:
        return keys.decrypt(sealed).encode("utf-8", "surrogateescape")
    except UnreadableError as error:
        raise BackupError(
            f"{named} 里工作人员补充的问法用现在的密钥读不出来；做备份时的密钥文件请用 --old-key 给，原来的数据库没有动"
        ) from error


def _encrypted(overlay: bytes, keys: Keys) -> bytes:
    """Any bytes will do: a file that somebody spoilt is kept as it is."""
    return keys.encrypt(overlay.decode("utf-8", "surrogateescape"))


def _digest(connection: sqlite3.Connection) -> tuple[dict[str, int], str]:
    names = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> ? ORDER BY name",
        (_MANIFEST,),
    ).fetchall()
    digest, counts = hashlib.sha256(), {}
    for (name,) in names:
        counts[name] = 0
        digest.update(f"\n{name}\n".encode())
        for row in connection.execute(f'SELECT * FROM "{name}" ORDER BY rowid'):
            counts[name] += 1
            digest.update(repr(row).encode())
    return counts, digest.hexdigest()


def finish(work: Path) -> None:
    """Make one file of it: nothing of it may be left in a log beside."""
    with closing(sqlite3.connect(work)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    sync(work)
