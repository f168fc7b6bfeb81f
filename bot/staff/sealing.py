"""What the browser keeps for the console without being able to read or change it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any, Literal

from bot.store import Keys, UnreadableError

Purpose = Literal["notice", "passphrase-shown", "carried", "known-browser", "phone-look"]


def seal(keys: Keys, purpose: Purpose, content: object, now: datetime) -> str:
    """Return ``content`` (plain values) sealed, for this purpose alone."""
    return keys.encrypt(json.dumps([purpose, now.timestamp(), content])).decode()


def unseal(keys: Keys, purpose: Purpose, sealed: str, now: datetime, lasts: timedelta) -> Any:
    """Return what was sealed; None if it is forged, was sealed for something else, or is older than it ``lasts``."""
    try:
        kind, at, content = json.loads(keys.decrypt(sealed.encode()))
    except (UnreadableError, ValueError, TypeError):
        return None
    return content if kind == purpose and now.timestamp() - at <= lasts.total_seconds() else None
