"""What the parts of a transaction share."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import CursorResult, Executable
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.dialects import Dialect
from bot.store.errors import UnreadableError
from bot.store.keys import Keys
from bot.store.uninterrupted import uninterrupted

_log = logging.getLogger(__name__)
T = TypeVar("T")
Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None


@dataclass(frozen=True)
class Scope:
    """One open transaction: its connection, how its database speaks, and the keys."""

    connection: AsyncConnection
    dialect: Dialect
    keys: Keys

    async def run(self, statement: Executable, parameters: Parameters = None) -> CursorResult[*tuple[Any, ...]]:
        """Execute ``statement`` once, or once for each of several parameters."""
        return await uninterrupted(self.connection.execute(statement, parameters))

    def read(self, data: bytes | None) -> str:
        """Decrypt ``data``; what is not there or cannot be read (that is logged) gives an empty text."""
        try:
            return "" if data is None else self.keys.decrypt(data)
        except UnreadableError:
            _log.error("stored data cannot be decrypted with the keys at hand")
            return ""

    def seal(self, text: str | None) -> bytes | None:
        """Encrypt ``text``, if there is any."""
        return None if text is None else self.keys.encrypt(text)


def padded(values: Iterable[T]) -> list[T]:
    """Return ``values``, the last one repeated up to the next power of two.

    For ``IN``: a statement is prepared for each number of values anew, so there should be few such numbers.
    """
    found = list(values)
    if found:
        found += [found[-1]] * ((1 << (len(found) - 1).bit_length()) - len(found))
    return found
