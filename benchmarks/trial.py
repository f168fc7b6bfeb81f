"""What people notice while a sample question is tried in the same program: ``python -m benchmarks trial``."""

from __future__ import annotations

import asyncio
import re
import statistics
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

import httpx

from benchmarks import telegram
from benchmarks.measures import QUESTIONS
from bot import clock
from bot.casework.account import Role
from bot.conversation.message import Note
from bot.settings import BUILT_IN_KNOWLEDGE
from bot.store import Keys, Store
from knowledge import load

CHATS = 500
A_SECOND = 10
SECONDS = 60
_PORT = 18_473
_PATIENCE = 120  # seconds
_BETWEEN = 1.0  # seconds between looks at how far it is, as the page does by itself
_QUESTION = "我们这些人的事到底归哪个来管起"


@dataclass(frozen=True)
class Measured:
    """The load without trials and with one after another; ``seconds`` is how long each trial took."""

    alone: telegram.Load
    beside: telegram.Load
    seconds: tuple[float, ...]


@dataclass
class _Teacher:
    """Tries a sample question in the console, again and again."""

    seconds: list[float] = field(default_factory=list)
    _done: threading.Event = field(default_factory=threading.Event)
    _broken: list[BaseException] = field(default_factory=list)

    @contextmanager
    def at_work(self, log: Path) -> Iterator[None]:
        token = asyncio.run(_account(log.parent))
        thread = threading.Thread(target=self._work, args=(token,))
        thread.start()
        try:
            yield
        finally:
            self._done.set()
            thread.join()
        if self._broken:
            raise self._broken[0]

    def _work(self, token: str) -> None:
        address = f"http://127.0.0.1:{_PORT}"
        headers = {"origin": address, "sec-fetch-site": "same-origin"}
        cookies = {"zhucan-session": token}
        try:
            with httpx.Client(base_url=address, headers=headers, cookies=cookies, timeout=_PATIENCE) as client:
                self._try_again_and_again(client)
        except (httpx.HTTPError, LookupError, RuntimeError) as error:
            self._broken.append(error)

    def _try_again_and_again(self, client: httpx.Client) -> None:
        group = re.findall(r'href="(/questions/\d+)"', client.get("/questions").text)[0]
        fields = _hidden(client.get(group).text, group)
        entry = load(BUILT_IN_KNOWLEDGE).policies[0].title
        begun = time.perf_counter()
        client.post(group, data={**fields, "entry": entry, "text": _QUESTION})
        while True:
            page = client.get("/questions/trial").text
            if "<progress" in page:
                if self._done.wait(_BETWEEN):
                    return
                continue
            self.seconds.append(time.perf_counter() - begun)
            if self._done.is_set():
                return
            again = "/questions/trial/again"
            begun = time.perf_counter()
            client.post(again, data=_hidden(page, again))


def _hidden(page: str, action: str) -> dict[str, str]:
    """Return what a form sends along unseen."""
    form = re.search(rf'<form [^>]*action="{action}".*?</form>', page, flags=re.DOTALL)
    if form is None:
        raise RuntimeError(f"no form that leads to {action}")
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form[0])
    return {name: unescape(value) for name, value in found}


async def _account(folder: Path) -> str:
    """Make an account in the program's database, and something that was asked; return the token of a session."""
    keys = Keys.open(folder / "keys" / "zhucan.key", lambda _: None)
    async with (
        await Store.open(f"sqlite:///{folder / 'data' / 'zhucan.db'}", keys) as store,
        store.transaction() as transaction,
    ):
        await transaction.questions.add("telegram:1", Note("unanswered", _QUESTION), clock.now())
        account, _ = await transaction.staff.add("chen", "陈静", Role.ADMIN, (), True, clock.now())
        await transaction.staff.accept(account.id, "no passphrase leads here", clock.now())
        return await transaction.sessions.begin(account.id, clock.now())


def measure() -> Measured:
    """Let people ask, first for themselves, then while trials go on."""
    alone = telegram.measure(chats=CHATS, a_second=A_SECOND, seconds=SECONDS, settings=_settings())
    teacher = _Teacher()
    beside = telegram.measure(
        chats=CHATS, a_second=A_SECOND, seconds=SECONDS, settings=_settings(), beside=teacher.at_work
    )
    return Measured(alone, beside, tuple(teacher.seconds))


def _settings() -> Mapping[str, str]:
    return {
        "ZHUCAN_STAFF__ENABLED": "true",
        "ZHUCAN_STAFF__PORT": str(_PORT),
        "ZHUCAN_KNOWLEDGE__QUESTION_SETS": str(QUESTIONS.parent),
    }


def section(measured: Measured) -> str:
    """Return the part of the report."""
    rows = "\n".join(
        f"| {name} | {load.answered:,} of {load.said:,} | {_percentiles(load)} |"
        for name, load in (("none", measured.alone), ("one after another", measured.beside))
    )
    return f"""## A sample question is tried while people ask

The whole program on {telegram.CORES} cores, with {A_SECOND} messages a second for {SECONDS} s, mixed as under load
above. Meanwhile somebody tries a sample question in the console, over the shipped knowledge and all sets of
`tests/questions`, again and again: {_times(measured.seconds)}.

| trials | answered | p50 | p99 | longest |
|---|---|---|---|---|
{rows}
"""


def _percentiles(load: telegram.Load) -> str:
    return " | ".join(f"{load.percentile(share):.0f} ms" for share in (0.5, 0.99, 1))


def _times(seconds: tuple[float, ...]) -> str:
    if not seconds:
        return "no trial came to an end"
    return f"{len(seconds)} trials, {statistics.median(seconds):.1f} s each, {max(seconds):.1f} s at most"


if __name__ == "__main__":
    print(section(measure()))
