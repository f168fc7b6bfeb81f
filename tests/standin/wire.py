"""HTTP/1.1 by hand: as much as bots need, at little cost. Requests of one connection are answered in order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

REASONS = {200: "OK", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 409: "Conflict"}
REASONS |= {413: "Request Entity Too Large", 429: "Too Many Requests", 500: "Internal Server Error"}
REASONS |= {502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}
LONGEST_HEAD = 65_536


@dataclass(frozen=True)
class Request:
    method: str
    target: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    gone: asyncio.Future[None]  # done when the other side has hung up


@dataclass(frozen=True)
class Response:
    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    def encode(self) -> bytes:
        reason = REASONS.get(self.status, "Unknown")
        more = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        head = (
            f"HTTP/1.1 {self.status} {reason}\r\nContent-Type: {self.content_type}\r\n"
            f"Content-Length: {len(self.body)}\r\nConnection: keep-alive\r\n{more}\r\n"
        )
        return head.encode("latin-1") + self.body


class DroppedError(Exception):
    """The connection is to be cut instead of answered."""


Answer = Response | Awaitable[Response]


class Connection(asyncio.Protocol):
    """One keep-alive connection. An answer that is there at once costs no task."""

    def __init__(self, answer: Callable[[Request], Answer], open_connections: set[Connection]) -> None:
        self._answer = answer
        self._open = open_connections
        self._buffer = bytearray()
        self._task: asyncio.Task[None] | None = None
        self._transport: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()
        self._gone: asyncio.Future[None] = self._loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._open.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._open.discard(self)
        if not self._gone.done():
            self._gone.set_result(None)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._go_on()

    def cut(self) -> None:
        """Drops the connection, and whatever it was waiting for."""
        if self._transport is not None:
            self._transport.abort()
        if self._task is not None:
            self._task.cancel()

    def _go_on(self) -> None:
        while self._task is None and (request := self._next_request()) is not None:
            try:
                answer = self._answer(request)
            except DroppedError:
                self.cut()
                return
            if isinstance(answer, Response):
                self._write(answer)
            else:
                self._task = self._loop.create_task(self._wait_for(answer))

    async def _wait_for(self, answer: Awaitable[Response]) -> None:
        try:
            response = await answer
        except DroppedError:
            self._task = None
            self.cut()
            return
        self._write(response)
        self._task = None
        self._go_on()

    def _write(self, response: Response) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(response.encode())

    def _next_request(self) -> Request | None:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > LONGEST_HEAD:
                self.cut()
            return None
        lines = self._buffer[:end].decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        if "chunked" in headers.get("transfer-encoding", ""):
            body, used = self._chunked(end + 4)
        else:
            used = end + 4 + int(headers.get("content-length") or 0)
            body = bytes(self._buffer[end + 4 : used]) if len(self._buffer) >= used else None
        if body is None:
            return None
        del self._buffer[:used]
        method, target, _ = (lines[0] + "  ").split(" ", 2)
        return Request(method, target, headers, body, self._gone)

    def _chunked(self, start: int) -> tuple[bytes | None, int]:
        parts: list[bytes] = []
        while (end := self._buffer.find(b"\r\n", start)) >= 0:
            size = int(self._buffer[start:end].split(b";")[0], 16)
            start = end + 2 + size + 2
            if len(self._buffer) < start:
                break
            if size == 0:
                return b"".join(parts), start
            parts.append(bytes(self._buffer[end + 2 : end + 2 + size]))
        return None, 0


class Listener:
    """A listening socket on loopback with its connections; keeps its port when closed and opened again."""

    def __init__(self, answer: Callable[[Request], Answer], port: int = 0) -> None:
        self._answer = answer
        self.port = port
        self._server: asyncio.Server | None = None
        self._connections: set[Connection] = set()

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Connection(self._answer, self._connections), "127.0.0.1", self.port, backlog=1024
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        if self._server is None:
            return
        self._server.close()
        for connection in list(self._connections):
            connection.cut()
        await asyncio.sleep(0)
        self._server = None
