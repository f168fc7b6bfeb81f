"""Serves a web application inside the running service, without taking over its signals and logs."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
import uvicorn
from starlette.types import ASGIApp

from bot.os_faults import why

_log = structlog.stdlib.get_logger(__name__)


class AddressInUse(Exception):  # noqa: N818 – says what happened
    """Nothing can be served at this address; the text says which and why."""


class Web:
    """Serves ``app`` at ``host`` and ``port`` until stopped. The address is taken at once: raises AddressInUse.

    ``taken``: the address where somebody took it before; it is used instead. ``name``: what the log calls it;
    ``setting``: where its port is set.
    """

    def __init__(
        self,
        app: ASGIApp,
        host: str,
        port: int,
        taken: socket.socket | None = None,
        *,
        name: str = "web",
        setting: str = "",
    ) -> None:
        self.name = name
        self._socket = taken or _listening(host, port, setting)
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # whom to believe about where a request comes from is the application's business
            lifespan="auto",
            timeout_graceful_shutdown=3,
        )
        self._server = _Server(config)

    @property
    def port(self) -> int:
        """The port, also where 0 was asked for."""
        port: int = self._socket.getsockname()[1]
        return port

    def stop(self) -> None:
        """Take no more requests; :meth:`run` ends when those begun are answered."""
        self._server.should_exit = True

    async def run(self) -> None:
        """Serve until stopped."""
        _log.info("serving", part=self.name, port=self.port)
        try:
            await self._server.serve(sockets=[self._socket])
        finally:
            self._socket.close()


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the service as a whole."""
        yield


def _listening(host: str, port: int, setting: str) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        where = f"（设置 {setting}）" if setting else ""
        raise AddressInUse(f"{host}:{port}：这个地址和端口用不了（{why(error)}）；请换一个端口{where}") from error
