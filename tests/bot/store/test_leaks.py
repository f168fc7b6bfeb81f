"""Nothing personal can be read in the files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.conversation.message import File, Note, Reply
from bot.conversation.state import Draft, State
from bot.store import Arrival, InboxRow, Keys, Parcel, Store
from bot.store.backup import backup
from tests.bot.store.conftest import Opener
from tests.bot.store.leaks import forms, leaks
from tests.bot.store.samples import NOW, registration

PEOPLE = 500
NAMES = [f"{'赵钱孙李周吴郑王冯陈'[n % 10]}{chr(0x4E00 + 7 * n)}{chr(0x5B00 + 3 * n)}" for n in range(PEOPLE)]
PHONES = [f"138{n * 7919 % 10**8:08}" for n in range(PEOPLE)]
WISHES = [f"我想在家门口找个轻松点的活路，编号{n:04}号，眼睛不大好" for n in range(PEOPLE)]
SECRETS = [*NAMES, *PHONES, *WISHES]


class OpenKeys(Keys):
    """Keys that encrypt nothing."""

    def encrypt(self, text: str) -> bytes:
        return text.encode("utf-8", "surrogatepass")

    def decrypt(self, data: bytes) -> str:
        return data.decode("utf-8", "surrogatepass")


async def live(store: Store) -> None:
    """500 people talk, register, and are answered; a part of it goes wrong."""
    for first in range(0, PEOPLE, 50):
        people = range(first, first + 50)
        async with store.transaction() as transaction:
            await transaction.inbox.add([_arrival(n) for n in people])
        async with store.transaction() as transaction:
            rows = await transaction.inbox.claim(NOW, 50)
            states = await transaction.people.load([row.chat for row in rows])
            for n, row in zip(people, rows, strict=True):
                await transaction.people.save(row.chat, states[row.chat], _state(n), NOW)
                if n % 5 == 0:
                    await transaction.inbox.try_later(row.id, NOW, f"ValueError: {PHONES[n]}")
                    await transaction.dead_letters.add(row, f"KeyError: {NAMES[n]}", NOW)
                    await transaction.questions.add(row.chat, Note("unhelpful", WISHES[n]), NOW)
            await transaction.inbox.finish([row.id for row in rows if row.update_id % 3], NOW)
            await transaction.outbox.add([_parcel(n, row) for n, row in zip(people, rows, strict=True)], NOW)
            await transaction.outbox.give_up(first + 1, f"Bad Request: {NAMES[first]}", NOW)


def _arrival(n: int) -> Arrival:
    body = {"message": {"from": {"first_name": NAMES[n]}, "text": WISHES[n], "contact": {"phone_number": PHONES[n]}}}
    return Arrival("telegram", n, f"telegram:{n}", json.dumps(body, ensure_ascii=n % 2 == 0), NOW, NOW)


def _state(n: int) -> State:
    answers = {"name": NAMES[n], "phone": PHONES[n], "more": WISHES[n]}
    left = registration(f"{n:09}", answers)
    return State(question=WISHES[n], draft=Draft("jobseeker", NOW, answers), registrations=(left,))


def _parcel(n: int, row: InboxRow) -> Parcel:
    return Parcel(row.chat, Reply(f"{NAMES[n]}，您好：{PHONES[n]}", file=File("登记.txt", WISHES[n])), {"message": n})


async def test_neither_database_nor_log_nor_backup_can_be_read(
    sqlite_url: str, sqlite_file: Path, tmp_path: Path, opened: Opener
) -> None:
    store = await opened(sqlite_url)
    await live(store)
    await backup(store, tmp_path / "backup", NOW)
    files = [*sqlite_file.parent.iterdir(), tmp_path / "backup"]
    assert {"zhucan.db", "zhucan.db-wal", "backup"} <= {file.name for file in files}
    assert sum(file.stat().st_size for file in files) > 1_000_000
    assert leaks(files, SECRETS) == set()


async def test_the_keys_are_not_in_the_backup(sqlite_url: str, tmp_path: Path, opened: Opener, keys: Keys) -> None:
    store = await opened(sqlite_url)
    await backup(store, tmp_path / "backup", NOW)
    content = json.loads(keys.file.read_text())
    secrets = [content["receipts"], content["keys"][0]["encrypt"], content["keys"][0]["hash"]]
    assert leaks([tmp_path / "backup"], secrets) == set()
    assert len(leaks([keys.file], secrets)) == 3


async def test_without_encryption_the_search_would_find_nearly_everything(
    sqlite_url: str, sqlite_file: Path, tmp_path: Path, opened: Opener, keys: Keys
) -> None:
    open_keys = OpenKeys.open(keys.file, pytest.fail)
    store = await opened(sqlite_url, open_keys)
    await live(store)
    await backup(store, tmp_path / "backup", NOW)
    found = leaks([*sqlite_file.parent.iterdir(), tmp_path / "backup"], SECRETS)
    # All but a few: the edge of a page may cut one in two.
    assert len({text for name, text in found if name == "backup"}) > 0.95 * len(SECRETS)
    assert len({text for name, text in found if name.startswith("zhucan.db")}) > 0.95 * len(SECRETS)


@pytest.mark.parametrize("text", ["赵一乙", "13800138000", "我叫周桂芳"])
def test_the_search_knows_every_form(tmp_path: Path, text: str) -> None:
    for n, form in enumerate(forms(text)):
        file = tmp_path / str(n)
        file.write_bytes(b"\x00" * 5 + form + b"\xff")
        assert leaks([file], [text, "王别人"]) == {(str(n), text)}
