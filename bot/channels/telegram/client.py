"""The Bot API client: python-telegram-bot's, with explicit timeouts, and silent about its token."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from telegram import Bot
from telegram.request import BaseRequest, HTTPXRequest

from bot.channels.telegram.faults import Fault, TokenRefused, answered
from bot.channels.telegram.redaction import without_token

PUBLIC_SERVER = "https://api.telegram.org"
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)


@dataclass(frozen=True)
class Timeouts:
    """Seconds to wait for a connection (``connect``), a free place among them (``pool``), an answer (``read``),
    the network to take a message (``write``) or a file (``upload``).
    """

    connect: float = 5
    pool: float = 10
    read: float = 15
    write: float = 10
    upload: float = 60


class _Request(HTTPXRequest):
    """Turns all that can go wrong into a Fault.

    The library's own errors lose the status, keep the address with the token in the exceptions behind them,
    and write what came into the log.
    """

    __slots__ = ()

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        """Return status and body of a 2xx answer. Raises Fault."""
        try:
            status, payload = await super().do_request(*args, **kwargs)
            fault = None if 200 <= status <= 299 else answered(status, payload)
        except Exception as error:
            fault = _unanswered(error)
        if fault is not None:  # raised here, so that no exception with the address hangs behind it
            raise fault
        return status, payload

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Return the parsed body of a 2xx answer. Raises Fault."""
        try:
            answer = json.loads(payload)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict) or "result" not in answer:
            raise Fault("the answer can't be read", unknown=True)
        return answer


def _unanswered(error: Exception) -> Fault:
    cause = error.__cause__ or error
    return Fault(type(cause).__name__, unknown=not isinstance(cause, _NEVER_SENT))


class TelegramBot(Bot):
    """The library's bot. Its calls raise ``Fault``; make it with ``make_bot``."""

    __slots__ = ()

    def __repr__(self) -> str:
        return type(self).__name__

    async def open(self) -> None:
        """Make it ready for calls, without calling."""
        for request in self._request:
            await request.initialize()

    async def close_connections(self) -> None:
        """Let go of all connections."""
        for request in self._request:
            await request.shutdown()

    async def raw_updates(self, *, offset: int | None, limit: int, wait: int, allowed: Sequence[str]) -> object:
        """Long-poll once for at most ``wait`` seconds and return the updates as they came, unparsed.

        Those before ``offset`` are thereby acknowledged.
        """
        asked = {"offset": offset, "limit": limit, "timeout": wait, "allowed_updates": list(allowed)}
        return await self._post("getUpdates", asked, read_timeout=wait + (self._request[0].read_timeout or 0))


def make_bot(
    token: str,
    base_url: str = PUBLIC_SERVER,
    *,
    connections: int = 32,
    timeouts: Timeouts | None = None,
    proxy: str | None = None,
) -> TelegramBot:
    """Return a bot that talks with the Bot API server at ``base_url`` over at most ``connections`` connections,
    and one more for polling. Raises TokenRefused if ``token`` cannot be one.
    """
    token = token.strip()
    if without_token(f"/bot{token}") != "/bot***" or not token.isascii() or not token.isprintable():
        raise TokenRefused
    server = base_url.strip().rstrip("/").removesuffix("/bot")
    times = timeouts or Timeouts()
    return TelegramBot(
        token,
        base_url=f"{server}/bot",
        base_file_url=f"{server}/file/bot",
        request=_request(connections, times, proxy),
        get_updates_request=_request(1, times, proxy),
    )


def _request(connections: int, times: Timeouts, proxy: str | None) -> BaseRequest:
    return _Request(
        connection_pool_size=connections,
        connect_timeout=times.connect,
        pool_timeout=times.pool,
        read_timeout=times.read,
        write_timeout=times.write,
        media_write_timeout=times.upload,
        proxy=proxy,
    )
