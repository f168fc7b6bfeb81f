"""The whole program under load, against a Bot API stand-in on the same cores: ``python -m benchmarks telegram``."""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import secrets
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from itertools import chain, cycle
from pathlib import Path
from types import MappingProxyType
from typing import Any

from benchmarks.measures import QUESTIONS, ROOT
from bot import app, clock, evaluation
from bot.conversation.message import Message
from bot.conversation.state import State
from bot.settings import load
from tests.bot.crowd import fitting
from tests.standin.api import TOKEN

CHATS = 2_000
A_SECOND = 100
SECONDS = 60
CORES = 2
REGISTERING = 0.07
"""The share of chats that fill in the form; they say half of all messages."""
_FIRST_CHAT = 60_000_001
_PATIENCE = 60  # seconds, for what is not answered yet at the end
_TICKS = os.sysconf("SC_CLK_TCK")
_AFTER = ("1", "2", "没有解决", "人工", "要好多钱")  # each has one reply


@dataclass(frozen=True)
class Usage:
    """What a process used up to a moment: CPU seconds, and MiB of memory that it has just then."""

    cpu: float
    megabytes: float


@dataclass(frozen=True)
class Load:
    """What came of it. Times in seconds from a message to its reply; ``usage`` of the program every second."""

    said: int
    answered: int
    registered: int
    times: Sequence[float]
    late: float
    usage: Sequence[Usage]
    standin_cpu: float
    chats: int = CHATS
    a_second: int = A_SECOND
    seconds: float = SECONDS
    unanswered: Sequence[str] = ()

    def percentile(self, share: float) -> float:
        """In milliseconds."""
        return 1000 * self.times[min(len(self.times) - 1, int(len(self.times) * share))] if self.times else 0.0

    @property
    def cpu(self) -> float:
        """The share of one core that the program took."""
        return (self.usage[-1].cpu - self.usage[0].cpu) / self.seconds


@dataclass
class _Chat:
    id: int
    texts: Iterator[str] = field(default_factory=lambda: iter(()))
    said: list[tuple[float, str]] = field(default_factory=list)


class _Control:
    """The person's side of the stand-in."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def say(self, chat: int, text: str) -> None:
        self._ask("POST", "/control/person", {"id": chat, "do": "say", "with": [text]})

    def sent(self, since: int = 0) -> list[dict[str, object]]:
        found: list[dict[str, object]] = self._ask("GET", f"/control/sent?since={since}")
        return found

    def number_sent(self) -> int:
        return int(self._ask("GET", "/control/state")["sent"])

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        self._connection.request(method, path, json.dumps(body) if body is not None else None)
        answer = json.loads(self._connection.getresponse().read())
        return answer["result"]


def measure(
    *,
    chats: int = CHATS,
    a_second: int = A_SECOND,
    seconds: float = SECONDS,
    profile: str = "",
    settings: Mapping[str, str] = MappingProxyType({}),
    beside: Callable[[Path], AbstractContextManager[object]] = nullcontext,
) -> Load:
    """Let ``chats`` people say ``a_second`` messages each second.

    ``profile``: a command that is run beside it for that long, with the program's process id behind it. ``settings``
    are further ones of the program; ``beside`` gets the path of its log and is entered while they talk.
    """
    form = _form()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(_on_two_cores())
        standin = stack.enter_context(_process("-m", "tests.standin", stdout=subprocess.PIPE))
        assert standin.stdout is not None
        base_url = standin.stdout.readline().decode().strip()
        control = _Control(int(re.findall(r":(\d+)/", base_url)[0]))
        log = stack.enter_context((folder / "log").open("wb"))
        environment = _settings(folder, base_url) | settings
        program = stack.enter_context(_process("-m", "bot", stderr=log, env=environment, cwd=folder))
        _wait_until_it_answers(control, folder)
        if profile:
            subprocess.Popen([*profile.split(), str(program.pid)])
        with beside(folder / "log"):
            return _load(control, program.pid, standin.pid, form, chats, a_second, seconds)


def _load(
    control: _Control, program: int, standin: int, form: Sequence[str], chats: int, a_second: int, seconds: float
) -> Load:
    chance = random.Random(500116)
    people = [_Chat(_FIRST_CHAT + number) for number in range(chats)]
    before, standin_before = control.number_sent(), _usage(standin).cpu
    usage, late = [_usage(program)], 0.0
    messages = _messages(people, form, chance)
    start = time.monotonic()
    for number in range(int(a_second * seconds)):
        due = start + number / a_second
        time.sleep(max(0.0, due - time.monotonic()))
        chat, text = next(messages)
        control.say(chat.id, text)
        chat.said.append((due, text))
        late = max(late, time.monotonic() - due)
        if number % a_second == 0 and number:
            usage.append(_usage(program))
    said = sum(len(chat.said) for chat in people)
    usage.append(_usage(program))
    standin_cpu = (_usage(standin).cpu - standin_before) / seconds
    replies = _all_replies(control, before, people)
    return _result(people, replies, Load(said, 0, 0, (), late, usage, standin_cpu, chats, a_second, seconds))


def _all_replies(control: _Control, before: int, people: Sequence[_Chat]) -> list[dict[str, object]]:
    """Wait until everybody is answered, or for as long as there is any patience."""
    until = time.monotonic() + _PATIENCE
    while True:
        replies = control.sent(before)
        came = Counter(reply["chat_id"] for reply in replies)
        if all(came[chat.id] >= len(chat.said) for chat in people) or time.monotonic() > until:
            return replies
        time.sleep(1)


def _result(people: Sequence[_Chat], replies: Sequence[dict[str, object]], load: Load) -> Load:
    """Put messages and replies together: each message has one reply, and they come in order."""
    times_of: dict[int, list[float]] = {}
    registered = 0
    for reply in replies:
        times_of.setdefault(int(str(reply["chat_id"])), []).append(float(str(reply["time"])))
        registered += "登记好了" in str(reply["text"])
    times: list[float] = []
    unanswered: list[str] = []
    for chat in people:
        came = times_of.get(chat.id, [])
        times += [reply - said for (said, _), reply in zip(chat.said, came, strict=False)]
        unanswered += [text for _, text in chat.said[len(came) :]]
    return replace(load, answered=len(times), registered=registered, times=sorted(times), unanswered=unanswered)


def _messages(people: Sequence[_Chat], form: Sequence[str], chance: random.Random) -> Iterator[tuple[_Chat, str]]:
    """Who speaks next, and what: those who fill in the form say more than the others."""
    forms = list(people[: int(len(people) * REGISTERING)])
    for chat in forms:
        chat.texts = chain(form, cycle(("我的登记", "人工")))
    others = list(people[len(forms) :])
    asked = [row.question for row in evaluation.read_rows(QUESTIONS)]
    for chat in others:
        chat.texts = _questions(asked, random.Random(chance.random()))
    turn_of: dict[bool, int] = {True: 0, False: 0}
    while True:
        filling = bool(forms) and chance.random() < 0.5
        row = forms if filling else others
        chat = row[turn_of[filling] % len(row)]
        turn_of[filling] += 1
        yield chat, next(chat.texts)


def _form() -> list[str]:
    """Return all that it takes to register."""
    assistant = app.build(load(), lambda _: None).assistant
    said, state = ["我要登记"], State()
    for text in said:
        message = Message(at=clock.now(), token=secrets.token_hex(16), text=text, abroad="Telegram")
        replies, state = assistant.reply(message, state)
        if len(replies) != 1 or len(said) > 40:
            raise RuntimeError(f"the form has changed: {said}")
        if state.draft is not None:
            said.append(fitting(state.draft.step, "王建国", "138 1234 5678", "下午接电话方便"))
    return said


def _questions(asked: Sequence[str], chance: random.Random) -> Iterator[str]:
    while True:
        yield chance.choice(asked)
        if chance.random() < 0.4:
            yield chance.choice(_AFTER)


def _settings(folder: Path, base_url: str) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "ZHUCAN_TELEGRAM__TOKEN": TOKEN,
        "ZHUCAN_TELEGRAM__BASE_URL": base_url,
        "ZHUCAN_STORE__URL": f"sqlite:///{folder / 'data' / 'zhucan.db'}",
        "ZHUCAN_STORE__KEY_FILE": str(folder / "keys" / "zhucan.key"),
        "ZHUCAN_LOG__JSON_LINES": "true",
    }


def _wait_until_it_answers(control: _Control, folder: Path) -> None:
    before = control.number_sent()
    control.say(_FIRST_CHAT - 1, "/start")
    until = time.monotonic() + _PATIENCE
    while control.number_sent() == before:
        if time.monotonic() > until:
            raise RuntimeError(f"it doesn't answer: {(folder / 'log').read_text()[-2000:]}")
        time.sleep(0.1)


@contextmanager
def _process(*arguments: str, **options: object) -> Iterator[subprocess.Popen[bytes]]:
    settings: dict[str, object] = {"cwd": ROOT, "stderr": subprocess.DEVNULL, **options}
    process: subprocess.Popen[bytes] = subprocess.Popen([sys.executable, *arguments], **settings)  # type: ignore[call-overload]
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def _on_two_cores() -> Iterator[None]:
    """Child processes and this one share two cores, even where there are more."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, set(sorted(before)[:CORES]))
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _usage(process: int) -> Usage:
    times = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    status = Path(f"/proc/{process}/status").read_text()
    resident = re.search(r"VmRSS:\s+(\d+) kB", status)
    return Usage((int(times[11]) + int(times[12])) / _TICKS, int(resident[1]) / 1024 if resident else 0.0)


def section(load: Load) -> str:
    """Return the part of the report."""
    every = max(1, (len(load.usage) - 1) // 6)
    memory = " → ".join(f"{use.megabytes:.0f}" for use in (*load.usage[:-1:every], load.usage[-1]))
    times = " | ".join(f"{load.percentile(share):.0f} ms" for share in (0.5, 0.99, 1))
    return f"""## Telegram under load

`zhucan` with the shipped knowledge and SQLite, and a Bot API stand-in as a process of its own, on the same {CORES}
cores: {load.a_second} messages a second for {load.seconds:.0f} s from {load.chats:,} chats. Half of the messages are
steps of the form, the others questions of `tests/questions/dev.tsv` and choices after them. Times are from the moment
the message was due to be said to the reply arriving at the stand-in, so what the load generator itself is late by
({1000 * load.late:.0f} ms at most) counts too.

| messages | answered | registrations | p50 | p99 | longest | zhucan: of a core | stand-in |
|---|---|---|---|---|---|---|---|
| {load.said:,} | {load.answered:,} | {load.registered:,} | {times} | {load.cpu:.0%} | {load.standin_cpu:.0%} |

Memory over the run, from before the first message: {memory} MiB.
"""


if __name__ == "__main__":
    arguments = [int(argument) for argument in sys.argv[1:4]]
    chosen = dict(zip(("chats", "a_second", "seconds"), arguments, strict=False))
    done = measure(**chosen, profile=os.environ.get("PROFILE", ""))
    print(section(done))
    for text in done.unanswered[:10]:
        print("not answered:", text)
