"""What people say of themselves is readable nowhere: not in the database's files, a backup or the logs."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import secrets
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
import structlog

from bot import clock
from bot.channels.delivery import Outgoing, Refused, TryLater
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.client import make_bot
from bot.channels.telegram.updates import Me
from bot.conversation.assistant import Assistant
from bot.conversation.message import Message, Reply
from bot.conversation.state import State
from bot.service import logs
from bot.service.alarm import Alarm
from bot.service.answering import Holder
from bot.service.flood import Flood
from bot.service.intake import Intake
from bot.service.metrics import Metrics
from bot.service.pace import Limits, Pace
from bot.service.processor import Processor
from bot.service.sender import Sender
from bot.store import Arrival, Keys, Store, Worker
from bot.store.backup import backup
from tests.bot.crowd import fitting
from tests.program import Program
from tests.standin import BotApi
from tests.standin import Person as OnThePhone
from tests.standin.api import TOKEN

PEOPLE = int(os.environ.get("REGISTRATIONS", "60"))
"""How many register: some in the usual run, five hundred in `make crash`."""
BROKEN = 20
"""With so many of them something goes wrong: answering, reading, sending."""
WINDOW = 6  # bytes
FIRST_NUMBER = 800_000_001
_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许"
_GIVEN = "建秀英桂芳志强丽华明永福春彤德才国珍贵荣"


# -- the search


def looks_of(words: str) -> set[bytes]:
    """Return ``words`` as they may lie in a file."""
    return {
        *(words.encode(name) for name in ("utf-8", "utf-16-le", "utf-16-be", "gb18030", "utf-32-le")),
        json.dumps(words)[1:-1].encode(),
        json.dumps(json.dumps(words)[1:-1])[1:-1].encode(),
        quote(words).encode(),
        words.encode().hex().encode(),
    }


def found_in(content: bytes, wanted: Iterable[str]) -> list[str]:
    """Return which of the ``wanted`` words lie anywhere in ``content``, in any look of theirs.

    All windows of a few bytes are compared at once with the beginnings of all looks; what might be one is looked up.
    """
    looks = {look: words for words in wanted for look in looks_of(words)}
    assert all(len(look) >= WINDOW for look in looks), "too short to be searched for"
    beginnings = np.array([int.from_bytes(look[:WINDOW], "little") for look in looks], dtype=np.uint64)
    if len(content) < WINDOW:
        return []
    data = np.frombuffer(content, dtype=np.uint8).astype(np.uint64)
    windows = sum(data[at : len(data) - WINDOW + 1 + at] << np.uint64(8 * at) for at in range(WINDOW))
    places = np.flatnonzero(np.isin(windows, beginnings))
    candidates = {content[place : place + WINDOW] for place in places.tolist()}
    return sorted({words for look, words in looks.items() if look[:WINDOW] in candidates and look in content})


@pytest.mark.parametrize("look", ["utf-8", "utf-16-le", "utf-16-be"])
def test_the_search_finds_what_was_planted(look: str) -> None:
    noise = secrets.token_bytes(100_000)
    planted = noise + "周桂芳".encode(look) + noise
    assert found_in(planted, ["王建国", "周桂芳"]) == ["周桂芳"]
    assert found_in(noise, ["王建国", "周桂芳"]) == []


@pytest.mark.parametrize(
    "written", [json.dumps({"name": "周桂芳"}), json.dumps(json.dumps({"name": "周桂芳"})), quote("周桂芳")]
)
def test_the_search_finds_what_is_escaped(written: str) -> None:
    assert found_in(written.encode(), ["周桂芳"]) == ["周桂芳"]


def test_the_search_finds_what_lies_at_the_very_beginning_and_end() -> None:
    assert found_in("周桂芳13812345678".encode(), ["周桂芳", "13812345678"]) == ["13812345678", "周桂芳"]


# -- the people


@dataclass(frozen=True)
class Jobseeker:
    number: int

    @property
    def name(self) -> str:
        first, rest = divmod(self.number, len(_GIVEN) ** 2)
        return (
            _SURNAMES[(first + self.number) % len(_SURNAMES)] + _GIVEN[rest // len(_GIVEN)] + _GIVEN[rest % len(_GIVEN)]
        )

    @property
    def phone(self) -> str:
        return f"138{31_000_000 + 7919 * self.number:08d}"

    @property
    def wish(self) -> str:
        return f"以前在{self.name[1:]}厂踩过第{self.number}号缝纫机"

    @property
    def question(self) -> str:
        return f"隔壁老{self.name[0]}家的{self.number}只鹅跑了咋个办"

    @property
    def secrets(self) -> tuple[str, ...]:
        spaced = f"{self.phone[:3]} {self.phone[3:7]} {self.phone[7:]}"
        return self.name, self.phone, spaced, spaced.replace(" ", "-"), self.wish, self.question, self.phone[3:]

    def says(self, assistant: Assistant) -> list[str]:
        """Return a question, and all that it takes to register."""
        said, state = [self.question, "我要登记"], State()
        for text in said:
            message = Message(at=clock.now(), token=secrets.token_hex(16), text=text, abroad="Telegram")
            _, state = assistant.reply(message, state)
            if state.open is not None and state.open.options[0].act.startswith("take "):
                said.append("1")  # 我记作……，对吗？
            elif state.draft is not None:
                said.append(fitting(state.draft.step, self.name, self.phone, self.wish))
            assert len(said) < 40, said
        return said


def update(jobseeker: Jobseeker, number: int, text: str) -> dict[str, object]:
    person = {"id": 1000 + jobseeker.number, "is_bot": False, "first_name": jobseeker.name}
    chat = {"id": 1000 + jobseeker.number, "type": "private", "first_name": jobseeker.name}
    message = {"message_id": number, "from": person, "chat": chat, "date": 1_790_000_000, "text": text}
    return {"update_id": number, "message": message}


class Deaf(TelegramChannel):
    """Telegram, without the network: it takes everything, but for what it refuses, or can't be reached with."""

    async def deliver(self, chat: str, parcel: Outgoing) -> None:
        number = int(chat.partition(":")[2]) - 1000
        if number < BROKEN and "登记好了" in parcel.reply.text:
            raise Refused("400 Bad Request: message text is wrong") if number % 2 else TryLater("ReadTimeout")


class Fragile:
    """The assistant, but for some people's question its own code fails, and the exception quotes it."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._bad = {Jobseeker(number).question for number in range(BROKEN)}

    def reply(self, message: Message, state: State) -> tuple[list[Reply], State]:
        if message.text in self._bad:
            raise ValueError(f"can't answer {message.text!r}")
        return self._assistant.reply(message, state)


@pytest.fixture
def log() -> Iterator[StringIO]:
    """All that is logged, from DEBUG up, as in production."""
    root = logging.getLogger()
    before, level, configuration = root.handlers[:], root.level, structlog.get_config()
    stream = StringIO()
    logs.set_up([TOKEN], stream=stream, plain=False, level=logging.DEBUG)
    for name in ("aiosqlite", "sqlalchemy", "telegram", "httpx", "httpcore", "asyncio"):
        logging.getLogger(name).setLevel(logging.INFO)
    yield stream
    logging.captureWarnings(False)
    logging.raiseExceptions = True
    root.handlers[:] = before
    root.setLevel(level)
    structlog.configure(**configuration)


class Office:
    """The service between Telegram's two ends, with the real store."""

    def __init__(self, store: Store, assistant: Assistant) -> None:
        self._late = timedelta(0)
        self.store = store
        channel = Deaf(make_bot(TOKEN), Me(7, "zhucan_bot"))
        metrics, incoming, outgoing = Metrics(), Alarm(), Alarm()
        self._channel = channel
        self._intake = Intake(store, incoming, metrics, self.now)
        self._processor = Processor(
            store, {channel.name: channel}, Holder(Fragile(assistant).reply), flood=Flood(burst=10_000),
            metrics=metrics, now=self.now, alarm=incoming, outgoing=outgoing, sorry="对不起", batch=250,
        )  # fmt: skip
        self._sender = Sender(
            store, {channel.name: channel}, pace=Pace(Limits(burst=10_000)), metrics=metrics, now=self.now,
            alarm=outgoing, worker=Worker("a"),
        )  # fmt: skip

    def now(self) -> datetime:
        return clock.now() + self._late

    def wait(self, seconds: float) -> None:
        self._late += timedelta(seconds=seconds)

    async def take(self, updates: Sequence[dict[str, object]]) -> None:
        found = [self._channel.arrival(update, self.now()) for update in updates]
        await self._intake.keep([one for one in found if one is not None])

    async def answer(self) -> None:
        """Handle all that is there, also what has to wait for another try, and send it."""
        for _ in range(4):
            while await self._processor.step():
                pass
            self.wait(2)
        idle = 0
        while idle < 3:
            idle = 0 if await self._sender.exchange() else idle + 1
            await asyncio.sleep(0.002)  # what was claimed is on its way


@pytest.fixture
async def office(tmp_path: Path, assistant: Assistant) -> AsyncIterator[Office]:
    keys = Keys.open(tmp_path / "keys" / "zhucan.key", lambda _: None)
    async with await Store.open(f"sqlite:///{tmp_path}/data/zhucan.db", keys, alone=True) as store:
        yield Office(store, assistant)


async def test_nothing_of_all_registrations_can_be_read(
    office: Office, assistant: Assistant, log: StringIO, tmp_path: Path
) -> None:
    people = [Jobseeker(number) for number in range(PEOPLE)]
    wanted = {words for person in people for words in person.secrets}
    for step, said in enumerate(zip(*(person.says(assistant) for person in people), strict=True)):
        first = FIRST_NUMBER + step * PEOPLE
        updates = [update(person, first + at, text) for at, (person, text) in enumerate(zip(people, said, strict=True))]
        if step == 0:
            del updates[3]["message"]["from"]["id"]  # type: ignore[index]
        await office.take(updates)
        await office.answer()
    # Some more that is not handled yet lies in the inbox, and answers to it in the outbox.
    last = FIRST_NUMBER + 100 * PEOPLE
    await office.take([update(person, last + person.number, f"我叫{person.name}，{person.wish}") for person in people])
    await backup(office.store, tmp_path / "backup", clock.now())
    database = tmp_path / "data" / "zhucan.db"
    files = [database, Path(f"{database}-wal"), Path(f"{database}-shm"), tmp_path / "backup"]
    for file in files:
        content = file.read_bytes()
        assert len(content) > 10_000, file
        assert found_in(content, wanted) == [], file
    assert "message not handled" in log.getvalue()
    assert "reply refused" in log.getvalue()
    assert found_in(log.getvalue().encode(), [*wanted, TOKEN, TOKEN.partition(":")[2]]) == []
    async with office.store.transaction() as transaction:
        states = await transaction.people.load([f"telegram:{1000 + person.number}" for person in people])
    kept = {str(one.answers["name"]): one.answers["more"] for state in states.values() for one in state.registrations}
    assert kept == {person.name: person.wish for person in people}


async def test_the_search_of_the_database_finds_what_is_not_encrypted(office: Office, tmp_path: Path) -> None:
    """So the test above can find something: here the chat's name is somebody's, and it is no secret to the store."""
    person = Jobseeker(7)
    now = clock.now()
    async with office.store.transaction() as transaction:
        await transaction.inbox.add([Arrival("telegram", 1, f"telegram:{person.name}", "{}", now, now)])
    files = list((tmp_path / "data").glob("zhucan.db*"))
    assert [words for file in files for words in found_in(file.read_bytes(), person.secrets)] == [person.name]


# -- the whole program

PATIENCE = 60.0


async def talk(person: OnThePhone, messages: Sequence[str]) -> None:
    for text in messages:
        person.say(text)
    await person.hears_all(len(messages), PATIENCE)


async def test_the_running_program_shows_neither_people_nor_its_token(
    tmp_path: Path, index_folder: Path, assistant: Assistant
) -> None:
    """Everybody fills in a part; by then the phone, the name and a question have been said, and answers were sent."""
    people = [Jobseeker(number) for number in range(5)]
    async with BotApi() as api, Program(api, tmp_path, index_folder, ZHUCAN_LOG__LEVEL="debug") as program:
        phones = [api.person(name=person.name) for person in people]
        api.faults.server_error(times=3, method="sendMessage")
        api.faults.drop(times=1, method="getUpdates")
        async with asyncio.TaskGroup() as group:
            for phone, person in zip(phones, people, strict=True):
                group.create_task(talk(phone, person.says(assistant)[:12]))
        api.raw_update({"message": {"message_id": 1, "date": 1, "chat": {"id": "?"}, "text": people[0].wish}})
        await api.read_by_bot()
        shown = Path(f"/proc/{program.pid}/cmdline").read_bytes()
        status, said = await program.run("backup", str(tmp_path / "backup"))
        assert status == 0, said
        written = {file: file.read_bytes() for file in (tmp_path / "data").iterdir() if file.is_file()}
        assert await program.stop() == 0
    written |= {file: file.read_bytes() for file in (program.log, tmp_path / "backup", *(tmp_path / "data").iterdir())}
    wanted = [words for person in people for words in person.secrets]
    token = (api.token, api.token.partition(":")[2])
    for file, content in written.items():
        assert found_in(content, [*wanted, *token]) == [], file
    assert found_in(shown + said.encode(), token) == []
    assert b"zhucan.db" in b"".join(bytes(file) for file in written)
    assert found_in(program.log.read_bytes(), ["reply not sent yet"])
