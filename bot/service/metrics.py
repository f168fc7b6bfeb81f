"""What is counted, for Prometheus. Labels are few and fixed, and never hold anything of a person."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 5, 10, 30, 60, 300, 3600)


Verdict = Literal["sent", "later", "refused", "gone", "given-up"]
"""What becomes of a try to send a reply."""


class Metrics:
    """All counters of one running assistant, in a ``registry`` of their own.

    Those that alerts look at are there from the start, with 0, for the ``channels`` named: of a counter that comes
    into being with its first event, Prometheus sees no increase, and of one that never came it sees nothing.
    """

    def __init__(self, channels: Iterable[str] = ()) -> None:
        registry = self.registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=registry)
        self.arrivals = Counter(
            "zhucan_arrivals", "Messages kept that were not known yet", ["channel"], registry=registry
        )
        self.messages = Counter("zhucan_messages", "Messages handled", ["channel", "result"], registry=registry)
        self.replies = Counter("zhucan_replies", "Tries to send a reply", ["channel", "result"], registry=registry)
        self.handling = Histogram(
            "zhucan_handling_seconds", "From a message's arrival to its reply sent", buckets=_SECONDS, registry=registry
        )
        self.inbox_waiting = Gauge("zhucan_inbox_waiting", "Messages not handled yet", registry=registry)
        self.outbox_waiting = Gauge("zhucan_outbox_waiting", "Replies not sent yet", registry=registry)
        self.dead_letters = Counter("zhucan_dead_letters", "Messages that could not be handled", registry=registry)
        self.readings = Counter("zhucan_readings", "What messages were understood as", ["kind"], registry=registry)
        self.store_faults = Counter(
            "zhucan_store_faults", "Times that the store could not be used", ["part", "reason"], registry=registry
        )
        self.flood_waits = Counter("zhucan_flood_waits", "Times that a fast sender was held back", registry=registry)
        self.knowledge = Gauge("zhucan_knowledge", "The knowledge in use", ["version"], registry=registry)
        self.reloads = Counter("zhucan_knowledge_reloads", "Changed knowledge met", ["result"], registry=registry)
        self.reload_ok = Gauge(
            "zhucan_knowledge_reload_ok", "Whether the last change of the knowledge was taken up", registry=registry
        )
        for channel in channels:
            self.arrivals.labels(channel)
            for verdict in get_args(Verdict):
                self.replies.labels(channel, verdict)

    def knowledge_is(self, version: str) -> None:
        """Name the knowledge in use."""
        self.knowledge.clear()
        self.knowledge.labels(version).set(1)
        self.reload_ok.set(1)
