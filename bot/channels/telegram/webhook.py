"""Take updates that Telegram brings: each is stored before it is answered with 200, else Telegram brings it again."""

from __future__ import annotations

import asyncio
import hmac
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.telegram.backoff import Sleep, patiently
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.client import TelegramBot
from bot.channels.telegram.polling import Keep
from bot.channels.telegram.shapes import WANTED
from bot.store.errors import StoreUnavailable
from bot.store.inbox import Arrival

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}", re.ASCII)
_HEADER = "x-telegram-bot-api-secret-token"
_LARGEST_BODY = 1 << 20
_HELD_BACK = timedelta(seconds=0.3)
_ANOTHER_SERIES = 1000  # numbers start anew, at random, after a quiet week

_log = structlog.stdlib.get_logger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


class Webhook:
    """Answers Telegram's calls: 200 stored or to be ignored; 503 can't be stored now; 403 a wrong secret;
    413 too large; 400 nonsense.

    Telegram brings several at once, so they can overtake each other: one whose number leaves a gap is held
    back for a moment, until the one before it is there. Raises ValueError if ``secret`` is not 1 to 256 of
    ``A-Za-z0-9_-``.
    """

    def __init__(
        self, channel: TelegramChannel, keep: Keep, secret: str, *, now: Callable[[], datetime] = _now
    ) -> None:
        if not _SECRET.fullmatch(secret):
            raise ValueError("the webhook's secret must be 1 to 256 letters, digits, _ or -")
        self._channel = channel
        self._keep = keep
        self._secret = secret
        self._now = now
        self._latest: int | None = None
        self._waiting: list[_Brought] = []
        self._storing = asyncio.Lock()

    def route(self, path: str) -> Route:
        """Return the route to serve at ``path``."""
        return Route(path, self.take, methods=["POST"])

    async def take(self, request: Request) -> Response:
        """Store the update that ``request`` brings."""
        if not hmac.compare_digest(request.headers.get(_HEADER, "").encode(), self._secret.encode()):
            return Response(status_code=403)
        try:
            body = await _body(request)
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            return Response(status_code=413)
        try:
            update = json.loads(body)
        except (ValueError, RecursionError):
            return Response(status_code=400)
        number = update.get("update_id") if isinstance(update, dict) else None
        if type(number) is not int:
            return Response(status_code=400)
        return Response(status_code=200 if await self._kept(_Brought(number, update)) else 503)

    async def _kept(self, brought: _Brought) -> bool:
        """Store it, together with whatever else came while the last ones were being stored."""
        self._waiting.append(brought)
        async with self._storing:
            if brought in self._waiting:
                together, self._waiting = self._waiting, []
                await self._store(sorted(together, key=lambda one: one.number))
        return brought.kept

    async def _store(self, together: Sequence[_Brought]) -> None:
        received = self._now()
        arrivals = [self._arrival(one, received) for one in together]
        kept = [arrival for arrival in arrivals if arrival is not None]
        try:
            if kept:
                await self._keep(kept)
        except StoreUnavailable as error:
            _log.warning("updates can't be stored, telegram will bring them again", reason=error.reason)
            return
        for one in together:
            one.kept = True

    def _arrival(self, brought: _Brought, received: datetime) -> Arrival | None:
        """Return what to store, held back if one before it is missing."""
        number, latest = brought.number, self._latest
        due = received if latest is None or number <= latest + 1 else received + _HELD_BACK
        if latest is None or number > latest or number < latest - _ANOTHER_SERIES:
            self._latest = number
        return self._channel.arrival(brought.update, received, due)


@dataclass(eq=False)
class _Brought:
    number: int
    update: object
    kept: bool = False


async def _body(request: Request) -> bytes | None:
    """Return what was sent; None if it is larger than any update."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST_BODY:
            return None
    return bytes(body)


async def set_webhook(
    bot: TelegramBot, url: str, secret: str, *, connections: int = 20, sleep: Sleep = asyncio.sleep
) -> None:
    """Tell Telegram to bring updates to ``url`` (https), with ``secret``, over so many connections at once.

    What waits is never dropped. Raises TokenRefused, or Fault if Telegram doesn't take the address.
    """

    async def ask() -> bool:
        return await bot.set_webhook(
            url,
            secret_token=secret,
            allowed_updates=WANTED,
            max_connections=connections,
            drop_pending_updates=False,
        )

    await patiently("setWebhook", ask, sleep=sleep)
