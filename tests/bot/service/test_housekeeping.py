from __future__ import annotations

import asyncio

from structlog.testing import capture_logs

from bot.service.housekeeping import Housekeeper
from bot.service.metrics import Metrics
from bot.store import StoreUnavailable

from .virtual_time import run, seconds


def test_it_purges_after_a_minute_and_then_every_hour() -> None:
    async def test() -> None:
        calls = []

        async def purge() -> dict[str, int]:
            calls.append(seconds())
            return {"inbox": 3, "outbox": 0}

        task = asyncio.create_task(Housekeeper(purge, Metrics()).run())
        with capture_logs() as logs:
            await asyncio.sleep(3 * 3600)
        task.cancel()
        assert calls == [60, 3660, 7260]
        assert logs[0] == {"event": "purged", "inbox": 3, "log_level": "info"}

    run(test())


def test_it_tries_again_when_the_store_is_away() -> None:
    async def test() -> None:
        calls = []

        async def purge() -> dict[str, int]:
            calls.append(seconds())
            if len(calls) < 3:
                raise StoreUnavailable("locked")
            return {}

        task = asyncio.create_task(Housekeeper(purge, Metrics()).run())
        await asyncio.sleep(3600)
        task.cancel()
        assert calls == [60, 120, 240]

    run(test())


def test_a_long_purge_is_cut_short_when_it_has_to_end() -> None:
    async def test() -> None:
        task = asyncio.create_task(Housekeeper(lambda: asyncio.sleep(10_000, {}), Metrics()).run())
        await asyncio.sleep(100)
        task.cancel()
        await asyncio.wait([task])
        assert seconds() < 101

    run(test())
