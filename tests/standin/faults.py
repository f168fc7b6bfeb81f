"""Faults on demand. Each is a context manager as well: it ends with the block."""

from __future__ import annotations

import random
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal, Self

from .refusal import RefusedError

Kind = Literal["refuse", "drop", "hang", "slow"]


@dataclass(eq=False)
class Fault:
    """What goes wrong, for which calls, and how often. `hits` tells how often it did."""

    owner: Faults = field(repr=False)
    kind: Kind
    methods: Collection[str]  # lower case; empty: every method
    chat: int | None
    left: int | None  # None: always
    until: float | None
    chance: float
    after_effect: bool = False
    refusal: RefusedError | None = None
    page: bool = False  # the body is a proxy's HTML page
    seconds: float = 0.0
    hit_times: list[float] = field(default_factory=list)  # time.monotonic()

    @property
    def hits(self) -> int:
        return len(self.hit_times)

    def remove(self) -> None:
        """It happens no more; removing it twice is no fault."""
        if self in self.owner.active:
            self.owner.active.remove(self)

    def matches(self, method: str, chat_id: int | None) -> bool:
        return (
            (not self.methods or method in self.methods)
            and (self.chat is None or self.chat == chat_id)
            and (self.chance >= 1 or self.owner.random.random() < self.chance)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()


class Faults:
    """All faults of one server. The first that fits a call is the one that happens.

    Every kind takes: method (one name, or several; None: every method, getUpdates too), chat (its id), times (the next
    n fitting calls; None: always), seconds (only within that time from now), chance (of each fitting call).
    """

    def __init__(self, seed: int = 0) -> None:
        self.active: list[Fault] = []
        self.random = random.Random(seed)

    def too_many(
        self,
        retry_after: int = 1,
        *,
        method: str | Collection[str] | None = None,
        chat: int | None = None,
        times: int | None = 1,
        seconds: float | None = None,
        chance: float = 1.0,
    ) -> Fault:
        """429 with retry_after. With seconds=retry_after and times=None it lasts as long as it says."""
        refusal = RefusedError.too_many(retry_after)
        return self._add("refuse", method, chat, times, seconds, chance, refusal=refusal)

    def server_error(
        self,
        code: int = 502,
        *,
        page: bool = False,
        after_effect: bool = False,
        method: str | Collection[str] | None = None,
        chat: int | None = None,
        times: int | None = 1,
        seconds: float | None = None,
        chance: float = 1.0,
    ) -> Fault:
        """A 5xx, in the API's JSON or as a proxy's HTML page; with or without the effect having taken place."""
        words = {500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}
        refusal = RefusedError(words.get(code, "Server Error"), code)
        return self._add(
            "refuse", method, chat, times, seconds, chance, refusal=refusal, page=page, after_effect=after_effect
        )

    def refuse(
        self,
        words: str,
        code: int = 400,
        *,
        method: str | Collection[str] | None = None,
        chat: int | None = None,
        times: int | None = 1,
        seconds: float | None = None,
        chance: float = 1.0,
    ) -> Fault:
        """Any other refusal; "Bad Request: " and the like are put before the words."""
        return self._add("refuse", method, chat, times, seconds, chance, refusal=RefusedError(words, code))

    def unauthorized(
        self, *, method: str | Collection[str] | None = None, times: int | None = 1, seconds: float | None = None
    ) -> Fault:
        """401, as for a token that was revoked."""
        return self._add("refuse", method, None, times, seconds, 1.0, refusal=RefusedError.unauthorized())

    def conflict(self, *, times: int | None = 1, seconds: float | None = None) -> Fault:
        """409 to getUpdates, as when another bot polls with the same token."""
        refusal = RefusedError(TWO_POLLERS, 409)
        return self._add("refuse", "getUpdates", None, times, seconds, 1.0, refusal=refusal)

    def drop(
        self,
        *,
        after_effect: bool = False,
        method: str | Collection[str] | None = None,
        chat: int | None = None,
        times: int | None = 1,
        seconds: float | None = None,
        chance: float = 1.0,
    ) -> Fault:
        """The connection is dropped unanswered: before the effect, or after it."""
        return self._add("drop", method, chat, times, seconds, chance, after_effect=after_effect)

    def hang(
        self,
        *,
        after_effect: bool = False,
        method: str | Collection[str] | None = None,
        chat: int | None = None,
        times: int | None = 1,
        seconds: float | None = None,
        chance: float = 1.0,
    ) -> Fault:
        """No answer ever comes and the connection stays open, until the bot closes it."""
        return self._add("hang", method, chat, times, seconds, chance, after_effect=after_effect)

    def slow(
        self,
        delay: float,
        *,
        after_effect: bool = False,
        method: str | Collection[str] | None = None,
        chat: int | None = None,
        times: int | None = 1,
        seconds: float | None = None,
        chance: float = 1.0,
    ) -> Fault:
        """The effect and the answer come late by `delay` seconds (after_effect: only the answer does)."""
        fault = self._add("slow", method, chat, times, seconds, chance, after_effect=after_effect)
        fault.seconds = delay
        return fault

    def clear(self) -> None:
        """All is well again."""
        self.active.clear()

    def next_for(self, method: str, chat_id: int | None) -> Fault | None:
        """The fault that happens to this call (method in lower case), counted; None: all is well."""
        if not self.active:
            return None
        now = time.monotonic()
        self.active = [f for f in self.active if f.until is None or f.until > now]
        fault = next((f for f in self.active if f.matches(method, chat_id)), None)
        if fault is None:
            return None
        fault.hit_times.append(now)
        if fault.left is not None:
            fault.left -= 1
            if fault.left <= 0:
                fault.remove()
        return fault

    def _add(
        self,
        kind: Kind,
        method: str | Collection[str] | None,
        chat: int | None,
        times: int | None,
        seconds: float | None,
        chance: float,
        *,
        after_effect: bool = False,
        refusal: RefusedError | None = None,
        page: bool = False,
    ) -> Fault:
        names = [] if method is None else [method] if isinstance(method, str) else method
        until = None if seconds is None else time.monotonic() + seconds
        methods = frozenset(name.lower() for name in names)
        fault = Fault(self, kind, methods, chat, times, until, chance, after_effect, refusal, page)
        self.active.append(fault)
        return fault


TWO_POLLERS = "terminated by other getUpdates request; make sure that only one bot instance is running"
