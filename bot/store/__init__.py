"""What is kept: one database, SQLite or PostgreSQL, entered by transactions."""

from bot.store.errors import (
    AccountChanged,
    BackupError,
    CaseChanged,
    KeyFileError,
    LoginTaken,
    NoSuchCase,
    ReceiptTaken,
    StoreError,
    StoreInUse,
    StoreOutdated,
    StoreUnavailable,
    Unreachable,
    UnreadableError,
    WrongKeysError,
)
from bot.store.inbox import Arrival, Inbox, InboxRow
from bot.store.keys import Keys
from bot.store.outbox import Outbox, OutboxRow, Parcel
from bot.store.store import Store, Transaction
from bot.store.workers import SharingWorker, Worker

__all__ = [
    "AccountChanged",
    "Arrival",
    "BackupError",
    "CaseChanged",
    "Inbox",
    "InboxRow",
    "KeyFileError",
    "Keys",
    "LoginTaken",
    "NoSuchCase",
    "Outbox",
    "OutboxRow",
    "Parcel",
    "ReceiptTaken",
    "SharingWorker",
    "Store",
    "StoreError",
    "StoreInUse",
    "StoreOutdated",
    "StoreUnavailable",
    "Transaction",
    "Unreachable",
    "UnreadableError",
    "Worker",
    "WrongKeysError",
]
