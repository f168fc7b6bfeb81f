from __future__ import annotations

import asyncio
from typing import Any

import httpx

from bot.service.monitoring import Monitoring
from bot.store import StoreUnavailable

from .channel import said
from .conftest import Service
from .virtual_time import START, now, run


async def page(monitoring: Monitoring, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=monitoring.app())
    async with httpx.AsyncClient(transport=transport, base_url="http://local") as client:
        return await client.get(path)


def monitoring_of(service: Service, **more: Any) -> Monitoring:
    return Monitoring(
        service.store, service.metrics, now=now, handled_until=lambda: service.processor.handled_until, **more
    )


def test_all_is_well_while_messages_are_handled_and_polling_works(service: Service) -> None:
    async def test() -> None:
        answer = await page(monitoring_of(service, last_poll=now), "/healthz")
        assert answer.status_code == 200
        assert answer.json() == {
            "ok": True,
            "database": "ok",
            "oldest_waiting_seconds": 0.0,
            "last_poll": "2026-03-01T09:00:00+00:00",
        }

    run(test())


def test_it_is_not_well_when_the_database_cannot_be_used(service: Service) -> None:
    async def test() -> None:
        service.store.down = StoreUnavailable("unreachable")
        answer = await page(monitoring_of(service), "/healthz")
        assert (answer.status_code, answer.json()["database"]) == (503, "unreachable")

    run(test())


def test_it_is_not_well_when_the_database_does_not_answer(service: Service) -> None:
    async def test() -> None:
        async with service.store.transaction():
            answer = await page(monitoring_of(service), "/healthz")
        assert (answer.status_code, answer.json()["database"]) == (503, "slow")

    run(test())


def test_it_is_not_well_when_messages_wait_for_long(service: Service) -> None:
    async def test() -> None:
        await asyncio.sleep(100)
        await service.bring(said(1, "a"))
        await service.processor.step()
        answer = await page(monitoring_of(service), "/healthz")
        assert (answer.status_code, answer.json()["oldest_waiting_seconds"]) == (503, 100.0)

    run(test())


def test_it_is_not_well_when_polling_has_not_worked_for_long(service: Service) -> None:
    async def test() -> None:
        monitoring = monitoring_of(service, last_poll=lambda: START)
        await asyncio.sleep(200)
        await service.processor.step()
        assert (await page(monitoring, "/healthz")).status_code == 503

    run(test())


def test_it_is_well_before_the_first_poll_but_not_for_long(service: Service) -> None:
    async def test() -> None:
        monitoring = monitoring_of(service, last_poll=lambda: None)
        assert (await page(monitoring, "/healthz")).status_code == 200
        await asyncio.sleep(200)
        await service.processor.step()
        assert (await page(monitoring, "/healthz")).status_code == 503

    run(test())


def test_the_counters_tell_of_messages_and_replies_and_of_nobody(service: Service) -> None:
    async def test() -> None:
        await service.bring(*(said(n, "王小明", f"noted:77{n}") for n in range(5)), said(99, "explode", "noted:8"))
        async with service.running():
            await asyncio.sleep(5)
        await service.bring(said(100, "later", "noted:9"))
        text = (await page(monitoring_of(service), "/metrics")).text
        for line in (
            'zhucan_arrivals_total{channel="noted"} 7.0',
            'zhucan_messages_total{channel="noted",result="answered"} 5.0',
            'zhucan_messages_total{channel="noted",result="dead"} 1.0',
            'zhucan_replies_total{channel="noted",result="sent"} 6.0',
            "zhucan_dead_letters_total 1.0",
            "zhucan_inbox_waiting 1.0",
            "zhucan_handling_seconds_count 5.0",
        ):
            assert line in text
        assert "noted:77" not in text
        assert "王小明" not in text

    run(test())


def test_what_alerts_look_at_is_there_before_anything_happens(service: Service) -> None:
    async def test() -> None:
        text = (await page(monitoring_of(service), "/metrics")).text
        for line in (
            'zhucan_arrivals_total{channel="noted"} 0.0',
            'zhucan_replies_total{channel="noted",result="refused"} 0.0',
            'zhucan_replies_total{channel="noted",result="given-up"} 0.0',
            'zhucan_store_faults_total{part="processor",reason="full"} 0.0',
            'zhucan_store_faults_total{part="sender",reason="unreachable"} 0.0',
        ):
            assert line in text

    run(test())


def test_messages_that_wait_only_because_their_sender_floods_do_not_count(service: Service) -> None:
    async def test() -> None:
        await service.bring(*(said(n, "a") for n in range(200)))
        async with service.running():
            await asyncio.sleep(100)
            answer = await page(monitoring_of(service), "/healthz")
            assert len(service.store.unfinished()) > 50
        assert answer.status_code == 200

    run(test())
