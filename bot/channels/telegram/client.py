"""The Bot API client: python-telegram-bot's, with explicit timeouts, and silent about its token."""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import certifi
from telegram import Bot
from telegram.request import BaseRequest, RequestData

from bot.channels.telegram.faults import Fault, TokenRefused, answered
from bot.channels.telegram.redaction import without_token

PUBLIC_SERVER = "https://api.telegram.org"
_NEVER_SENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientHttpProxyError,
    aiohttp.InvalidURL,
    aiohttp.NonHttpUrlClientError,
)
_JSON = {"Content-Type": "application/json"}


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


class _Request(BaseRequest):
    """Calls over at most ``connections`` connections, which are kept; all that can go wrong is a Fault.

    The HTTP client's own errors name the address with the token, so none of them hangs behind a fault.
    """

    __slots__ = ("_connections", "_proxy", "_session", "_times")

    def __init__(self, connections: int, times: Timeouts, proxy: str | None) -> None:
        self._connections = connections
        self._times = times
        self._proxy = proxy
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """The seconds to wait for an answer where a call doesn't name others."""
        return self._times.read

    async def initialize(self) -> None:
        """Make it ready for calls, without connecting."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, ssl=_trusted()),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
                proxy=self._proxy,
            )

    async def shutdown(self) -> None:
        """Let go of the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Return status and body of a 2xx answer. Raises Fault."""
        times = self._times
        uploads = request_data is not None and request_data.contains_files
        patience = _patience(
            connect=_given(connect_timeout, times.connect),
            pool=_given(pool_timeout, times.pool),
            read=_given(read_timeout, times.read),
            write=_given(write_timeout, times.upload if uploads else times.write),
        )
        try:
            status, payload = await self._exchange(url, method, request_data, patience)
            fault = None if 200 <= status <= 299 else answered(status, payload)
        except Exception as error:
            fault = Fault(type(error).__name__, unknown=not isinstance(error, _NEVER_SENT))
        if fault is not None:  # raised here, so that no exception with the address hangs behind it
            raise fault
        return status, payload

    async def _exchange(
        self, url: str, method: str, sent: RequestData | None, patience: aiohttp.ClientTimeout
    ) -> tuple[int, bytes]:
        if self._session is None:
            raise RuntimeError("closed")
        body, headers = _body(sent) if sent is not None else (None, None)
        async with self._session.request(
            method,
            url,
            data=body,
            headers=headers,
            timeout=patience,
            allow_redirects=False,
        ) as response:
            return response.status, await response.read()

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


def _given(seconds: Any, usual: float) -> float | None:
    return usual if seconds is BaseRequest.DEFAULT_NONE else seconds


def _patience(
    *, connect: float | None, pool: float | None, read: float | None, write: float | None
) -> aiohttp.ClientTimeout:
    """Return the limits of a call. The client has none for writing alone, so that counts into the whole."""
    connected = _sum(pool, connect)
    return aiohttp.ClientTimeout(
        total=_sum(connected, write, read), connect=connected, sock_connect=connect, sock_read=read
    )


def _sum(*seconds: float | None) -> float | None:
    known = [each for each in seconds if each is not None]
    return sum(known) if len(known) == len(seconds) else None


def _body(sent: RequestData) -> tuple[bytes | aiohttp.FormData, Mapping[str, str] | None]:
    if not sent.contains_files:
        return json.dumps(sent.parameters, ensure_ascii=False).encode(), _JSON
    form = aiohttp.FormData(quote_fields=False)
    for name, value in sent.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, kind) in sent.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=kind)
    return form, None


@cache
def _trusted() -> ssl.SSLContext:
    """Return what certificates are checked by: the authorities that the system trusts, and the usual ones."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


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

    async def send(self, method: str, message: dict[str, object]) -> None:
        """Send a message by ``method``. What Telegram shows of it is not looked at: parsing that costs too much."""
        await self._post(method, message)


def make_bot(
    token: str,
    base_url: str = PUBLIC_SERVER,
    *,
    connections: int = 32,
    timeouts: Timeouts | None = None,
    proxy: str | None = None,
) -> TelegramBot:
    """Return a bot that talks with the Bot API server at ``base_url`` over at most ``connections`` connections,
    and one more for polling, through ``proxy``, or else through the one that the environment names.

    Raises TokenRefused if ``token`` cannot be one, and ValueError if the proxy is not an HTTP proxy.
    """
    token = token.strip()
    if without_token(f"/bot{token}") != "/bot***" or not token.isascii() or not token.isprintable():
        raise TokenRefused
    server = base_url.strip().rstrip("/").removesuffix("/bot")
    times = timeouts or Timeouts()
    proxy = proxy or _proxy_for(server)
    if proxy is not None and urlsplit(proxy).scheme not in ("http", "https"):
        raise ValueError("a proxy must be one for HTTP")
    return TelegramBot(
        token,
        base_url=f"{server}/bot",
        base_file_url=f"{server}/file/bot",
        request=_Request(connections, times, proxy),
        get_updates_request=_Request(1, times, proxy),
    )


def _proxy_for(server: str) -> str | None:
    """Return the proxy that the environment names for ``server``, as in ``HTTPS_PROXY``."""
    address = urlsplit(server)
    if not address.hostname or proxy_bypass(address.hostname):
        return None
    proxies = getproxies()
    proxy = proxies.get(address.scheme) or proxies.get("all")
    return proxy if not proxy or "://" in proxy else f"http://{proxy}"
