"""Two pages for whoever runs the service: is it well (``/healthz``), and what did it do (``/metrics``)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.service.metrics import Metrics
from bot.store import Store, StoreUnavailable

_PATIENCE = 5.0  # seconds for the database to answer


@dataclass(frozen=True)
class Tolerance:
    """After how many seconds it is not well: a message waiting (``oldest``), no poll that worked (``poll``)."""

    oldest: float = 60.0
    poll: float = 180.0


class Monitoring:
    """Looks at the store, the processor and the poller when it is asked.

    ``handled_until``: nothing that came before that is waiting. ``last_poll``: when the channel's server was last
    reached, None before the first time; leave it out where nothing polls. Nothing here tells of a person.
    """

    def __init__(
        self,
        store: Store,
        metrics: Metrics,
        *,
        now: Callable[[], datetime],
        handled_until: Callable[[], datetime],
        last_poll: Callable[[], datetime | None] | None = None,
        tolerance: Tolerance = Tolerance(),
    ) -> None:
        self._store = store
        self._metrics = metrics
        self._now = now
        self._handled_until = handled_until
        self._last_poll = last_poll
        self._tolerance = tolerance
        self._started = now()
        self._looking: asyncio.Task[str] | None = None

    def app(self) -> Starlette:
        """Return the pages as an application."""
        return Starlette(routes=[Route("/healthz", self.health), Route("/metrics", self.metrics)])

    async def health(self, _request: Request) -> JSONResponse:
        """Answer 200 when all is well, else 503; either way with what was found."""
        database = await self._look()
        now = self._now()
        waiting = max(0.0, (now - self._handled_until()).total_seconds())
        found: dict[str, object] = {"database": database, "oldest_waiting_seconds": round(waiting, 1)}
        well = database == "ok" and waiting <= self._tolerance.oldest
        if self._last_poll is not None:
            last = self._last_poll()
            found["last_poll"] = last.isoformat(timespec="seconds") if last else None
            well = well and (now - (last or self._started)).total_seconds() <= self._tolerance.poll
        return JSONResponse({"ok": well, **found}, 200 if well else 503)

    async def metrics(self, _request: Request) -> Response:
        """Answer with all counters, in Prometheus's text format."""
        await self._look()
        return Response(generate_latest(self._metrics.registry), media_type=CONTENT_TYPE_LATEST)

    async def _look(self) -> str:
        """Note how much is waiting; return ``ok`` or what is wrong with the database.

        A look that takes long is not cut short but left to itself, and nobody looks a second time meanwhile.
        """
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._count())
        done, _ = await asyncio.wait([self._looking], timeout=_PATIENCE)
        return self._looking.result() if done else "slow"

    async def _count(self) -> str:
        try:
            async with self._store.transaction() as transaction:
                self._metrics.inbox_waiting.set(await transaction.inbox.waiting())
                self._metrics.outbox_waiting.set(await transaction.outbox.waiting())
        except StoreUnavailable as error:
            return error.reason
        return "ok"
