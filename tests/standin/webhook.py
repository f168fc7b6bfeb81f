"""Delivery by webhook: one update at a time from each chat, many chats at once, again and again until it is taken."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import weakref
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from .chats import Json
from .updates import Entry, UpdateQueue

LONGEST_DELAY = 60.0


@dataclass(frozen=True)
class WebhookSettings:
    url: str
    secret: str = ""
    max_connections: int = 40
    ip_address: str = ""
    timeout: float = 60.0
    first_delay: float = 0.1  # after the second failure; it doubles. The first repeat comes at once, as with Telegram


@dataclass
class Delivery:
    """One attempt, for whoever wants to look."""

    update_id: int
    status: int | None  # None: no connection, or no answer
    time: float = field(default_factory=time.monotonic)


class Webhook:
    """Brings the queue to the bot as long as it is open."""

    def __init__(self, settings: WebhookSettings, queue: UpdateQueue, on_method: Callable[[str, Json], None]) -> None:
        self.settings = settings
        self.deliveries: list[Delivery] = []
        self.last_error: tuple[int, str] | None = None
        self._queue = queue
        self._on_method = on_method
        self._lanes: dict[int, deque[Entry]] = {}
        self._ready: deque[int] = deque()
        self._fails: dict[Entry, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._writers: weakref.WeakSet[asyncio.StreamWriter] = weakref.WeakSet()
        self._parts = urlsplit(settings.url)
        self.add(queue.waiting())

    @property
    def info(self) -> Json:
        more: Json = {"ip_address": self.settings.ip_address or "127.0.0.1"}
        if self.last_error:
            more |= {"last_error_date": self.last_error[0], "last_error_message": self.last_error[1]}
        return more | {"max_connections": self.settings.max_connections}

    def add(self, entries: list[Entry]) -> None:
        for entry in entries:
            lane = self._lanes.get(entry.lane)
            if lane is None:
                self._lanes[entry.lane] = deque([entry])
                self._ready.append(entry.lane)
            else:
                lane.append(entry)
        self._pump()

    def forget(self) -> None:
        """drop_pending_updates."""
        self._lanes.clear()
        self._ready.clear()

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in list(self._writers):
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def _pump(self) -> None:
        while self._ready and len(self._tasks) < self.settings.max_connections:
            lane = self._ready.popleft()
            task = asyncio.get_running_loop().create_task(self._deliver(lane))
            self._tasks.add(task)
            task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            self._pump()

    async def _deliver(self, lane: int) -> None:
        """Delivers the first of the lane, then lines the lane up again; a delay holds no connection."""
        if lane not in self._lanes:
            return
        entry = self._lanes[lane][0]
        if await self._attempt(entry):
            self._queue.remove(entry)
            self._taken(lane, entry)
            return
        fails = self._fails[entry] = self._fails.get(entry, 0) + 1
        delay = 0.0 if fails == 1 else min(LONGEST_DELAY, self.settings.first_delay * 2 ** (fails - 2))
        asyncio.get_running_loop().call_later(delay, self._again, lane)

    def _taken(self, lane: int, entry: Entry) -> None:
        self._fails.pop(entry, None)
        line = self._lanes.get(lane)
        if not line or line[0] is not entry:
            return
        line.popleft()
        if line:
            self._ready.append(lane)
        else:
            del self._lanes[lane]

    def _again(self, lane: int) -> None:
        if lane in self._lanes:
            self._ready.append(lane)
            self._pump()

    async def _attempt(self, entry: Entry) -> bool:
        status: int | None = None
        try:
            status, body = await asyncio.wait_for(self._post(entry.body), self.settings.timeout)
        except (OSError, EOFError, ValueError, TimeoutError) as error:
            refused = isinstance(error, ConnectionRefusedError)
            self._error("Connection refused" if refused else "Connection timed out" if not str(error) else str(error))
        self.deliveries.append(Delivery(entry.update_id, status))
        if status is None:
            return False
        if not 200 <= status <= 299:
            self._error(f"Wrong response from the webhook: {status}")
            return False
        self._run_method(body)
        return True

    def _error(self, words: str) -> None:
        self.last_error = (int(time.time()), words)

    def _run_method(self, body: bytes) -> None:
        """A webhook may answer with a call."""
        try:
            said = json.loads(body) if body.startswith(b"{") else {}
        except ValueError:
            return
        if isinstance(said, dict) and isinstance(method := said.pop("method", None), str):
            self._on_method(method, said)

    async def _post(self, body: bytes) -> tuple[int, bytes]:
        reused = bool(self._idle)
        reader, writer = self._idle.pop() if reused else await self._connect()
        keep = False
        try:
            writer.write(self._head(len(body)) + body)
            try:
                status, answer, keep = await _response(reader)
            except (ConnectionError, EOFError):
                if not reused:
                    raise
                # The bot closed an idle connection; that is no failure of the update.
                writer.close()
                reader, writer = await self._connect()
                writer.write(self._head(len(body)) + body)
                status, answer, keep = await _response(reader)
            return status, answer
        finally:
            if keep:
                self._idle.append((reader, writer))
            else:
                writer.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection(self._parts.hostname, self._parts.port or 80)
        self._writers.add(writer)
        return reader, writer

    def _head(self, length: int) -> bytes:
        path = (self._parts.path or "/") + (f"?{self._parts.query}" if self._parts.query else "")
        secret = f"X-Telegram-Bot-Api-Secret-Token: {self.settings.secret}\r\n" if self.settings.secret else ""
        return (
            f"POST {path} HTTP/1.1\r\nHost: {self._parts.netloc}\r\n{secret}Content-Type: application/json\r\n"
            f"Content-Length: {length}\r\nConnection: keep-alive\r\nAccept-Encoding: identity\r\n\r\n"
        ).encode()


async def _response(reader: asyncio.StreamReader) -> tuple[int, bytes, bool]:
    """Status, body, and whether the connection can be used again."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower().split("\r\n")
    headers = dict(line.split(": ", 1) for line in head[1:] if ": " in line)
    body = await _chunks(reader) if "chunked" in headers.get("transfer-encoding", "") else b""
    if "content-length" in headers:
        body = await reader.readexactly(int(headers["content-length"]))
    return int(head[0].split(" ")[1]), body, headers.get("connection") != "close"


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    parts = []
    while size := int((await reader.readline()).split(b";")[0], 16):
        parts.append(await reader.readexactly(size))
        await reader.readline()
    await reader.readline()
    return b"".join(parts)
