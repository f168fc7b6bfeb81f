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
_QUIET = timedelta(days=6)  # numbers start anew, at random, after a week in which nothing came

_log = structlog.stdlib.get_logger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


class Webhook:
    """Answers Telegram's calls: 200 stored or to be ignored; 503 can't be stored now; 403 a wrong secret;
    413 too large; 400 nonsense.

    Telegram brings several at once, so they can overtake each other: those behind a missing number are held
    back for a moment, so that it can be stored before they are due; the store then keeps the order of a chat.
    Raises ValueError if ``secret`` is not 1 to 256 of ``A-Za-z0-9_-``.
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
        self._numbers = _Numbers()
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
        """Store them. Only then their numbers are no longer missing: what can't be stored is brought again."""
        received, numbers = self._now(), self._numbers.copy()
        arrivals = [self._arrival(one, received, numbers) for one in together]
        kept = [arrival for arrival in arrivals if arrival is not None]
        try:
            if kept:
                await self._keep(kept)
        except StoreUnavailable as error:
            _log.warning("updates can't be stored, telegram will bring them again", reason=error.reason)
            return
        self._numbers = numbers
        for one in together:
            one.kept = True

    def _arrival(self, brought: _Brought, received: datetime, numbers: _Numbers) -> Arrival | None:
        due = received + _HELD_BACK if numbers.leaves_gap(brought.number, received) else received
        return self._channel.arrival(brought.update, received, due)


class _Numbers:
    """Which numbers came, as far as one may still be missing: all below ``_next`` came or are given up, it itself
    is missing, and of those above it the ones in ``_above`` came (and when).
    """

    def __init__(self) -> None:
        self._next: int | None = None
        self._above: dict[int, datetime] = {}
        self._latest: datetime | None = None

    def copy(self) -> _Numbers:
        """Return one that goes its own way."""
        other = _Numbers()
        other._next, other._above, other._latest = self._next, self._above.copy(), self._latest
        return other

    def leaves_gap(self, number: int, received: datetime) -> bool:
        """Note that ``number`` came; tell whether one before it may still come."""
        if self._next is None or self._latest is None or received - self._latest > _QUIET:
            self._next, self._above = number, {}
        self._latest = received
        self._give_up(received - _HELD_BACK)
        if number < self._next:
            return False
        self._above.setdefault(number, received)
        self._close()
        return number >= self._next

    def _give_up(self, since: datetime) -> None:
        """Wait no longer for what has been missing ``since`` then: one behind it came so long ago."""
        while self._above and min(self._above.values()) <= since:
            self._next = min(self._above)
            self._close()

    def _close(self) -> None:
        """Go on to the first number that is missing."""
        while self._next in self._above:
            del self._above[self._next]
            self._next += 1


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
