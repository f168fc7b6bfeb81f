"""Keep the bot's token out of whatever is written down."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"\d{3,}(?:(?::|%3A)[A-Za-z0-9_-]{20,})+", re.IGNORECASE)
_IN_URL = re.compile(r"/bot\d+(?::|%3A)[^/\s\"'<>\\]*", re.IGNORECASE)  # also a token of a shape never seen before
_PASSWORD = re.compile(r"(?<=://)[^/\s@\"']+@")  # of a proxy


def without_token(text: str) -> str:
    """Return ``text`` with every bot token, and every password in an address, struck out."""
    return _PASSWORD.sub("***@", _TOKEN.sub("***", _IN_URL.sub("/bot***", text)))
