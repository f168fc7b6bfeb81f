"""The staff console with invented people in it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from datetime import date
from socket import socket

from bot import clock, serving
from bot.demo_beside import HOST, Say, free_address, how_to_sign_in, port_of
from bot.settings import MonitoringSettings, Settings, StoreSettings
from bot.staff import demo


def serve(settings: Settings, place: demo.Place, count: int, seed: int, say: Say, handed: int | None = None) -> int:
    """Serve the demo at ``place`` until asked to stop, made first if it is not there; return the status to exit with.

    ``handed``: the socket to listen at, from another process; then this one ends with that process, which holds the
    other end of standard input. Raises KnowledgeError, StoreError, StoreUnavailable, OSError.
    """
    if handed is None:
        taken = free_address(settings)
        say(how_to_sign_in(taken, place))
    else:
        taken = socket(fileno=handed)
        threading.Thread(target=_end_with_standard_input, daemon=True).start()
    with taken:
        asyncio.run(demo.make_ready(place, settings.knowledge.folder, count, seed, clock.now()))
        own = _of_the_demo(settings, place, port_of(taken))
        return asyncio.run(serving.serve(own, None, say, taken, alone=False))


def _end_with_standard_input() -> None:
    """Stop when whoever started this process is gone, however it went."""
    while sys.stdin.buffer.read(1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _of_the_demo(settings: Settings, place: demo.Place, port: int) -> Settings:
    """Return ``settings`` with nothing left that leads to another database, or lets other machines in.

    The years of the target are those in which the invented people found work.
    """
    year = clock.now().year
    staff = settings.staff.model_copy(
        update={
            "enabled": True,
            "host": HOST,
            "port": port,
            "public_url": None,
            "proxy": [],
            "period_from": date(year - 2, 1, 1),
            "period_until": date(year, 12, 31),
        }
    )
    store = StoreSettings.model_validate({"url": place.url, "key_file": place.key_file})
    knowledge = settings.knowledge.model_copy(update={"overlay": place.folder / "overlay.yaml"})
    return settings.model_copy(
        update={"knowledge": knowledge, "store": store, "staff": staff, "monitoring": MonitoringSettings()}
    )
