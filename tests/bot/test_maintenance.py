"""What whoever looks after the database can do from the command line."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from bot.conversation.wording import say
from tests.bot.conversation.test_filling import FOR_ONESELF
from tests.command import Zhucan

REGISTER = "\n".join([*FOR_ONESELF, "提交", "我的登记"]).encode()


def registered(zhucan: Zhucan) -> str:
    """Register in the terminal; return the receipt number."""
    shown = zhucan("chat", said=REGISTER).stdout
    found = re.search(r"[0-9]{4}-[0-9]{4}-[0-9]", shown)
    assert found is not None, shown
    return found[0]


def mine(zhucan: Zhucan) -> str:
    return zhucan("chat", said="我的登记".encode()).stdout


def test_what_is_registered_in_the_terminal_is_there_the_next_time(zhucan: Zhucan) -> None:
    receipt = registered(zhucan)
    shown = mine(zhucan)
    assert receipt in shown
    assert "王建国" in shown


def test_the_key_file_is_made_once_and_said_to_be(zhucan: Zhucan) -> None:
    assert "密钥文件" in zhucan("chat").stderr
    assert "密钥文件" not in zhucan("chat").stderr
    (key,) = (zhucan.folder / "keys").iterdir()
    assert key.stat().st_mode & 0o777 == 0o600


def test_a_registration_can_be_deleted_by_its_receipt(zhucan: Zhucan) -> None:
    receipt = registered(zhucan)
    assert zhucan("forget", receipt).stdout == "registrations\t1\n"
    assert say("no_registration") in mine(zhucan)


def test_a_receipt_that_nobody_has_is_refused(zhucan: Zhucan) -> None:
    receipt = registered(zhucan)
    zhucan("forget", receipt)
    again = zhucan("forget", receipt)
    assert (again.returncode, again.stdout) == (2, "")
    assert f"没有 {receipt} 这个登记号" in again.stderr


def test_a_misread_receipt_deletes_nothing(zhucan: Zhucan) -> None:
    receipt = registered(zhucan)
    wrong = receipt[:-1] + str((int(receipt[-1]) + 1) % 10)
    refused = zhucan("forget", wrong)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "不是登记号" in refused.stderr
    assert receipt in mine(zhucan)


def test_a_backup_brings_back_what_was_lost_but_not_what_was_deleted(zhucan: Zhucan, tmp_path: Path) -> None:
    receipt = registered(zhucan)
    copy = tmp_path / "backup"
    assert zhucan("backup", str(copy)).returncode == 0
    for file in (zhucan.folder / "data").iterdir():
        file.unlink()
    assert zhucan("restore", str(copy)).returncode == 0
    assert receipt in mine(zhucan)
    zhucan("forget", receipt)
    assert zhucan("restore", str(copy)).returncode == 0
    assert say("no_registration") in mine(zhucan)


def test_a_damaged_backup_replaces_nothing(zhucan: Zhucan, tmp_path: Path) -> None:
    receipt = registered(zhucan)
    copy = tmp_path / "backup"
    zhucan("backup", str(copy))
    copy.write_bytes(copy.read_bytes()[:5000])
    assert zhucan("restore", str(copy)).returncode == 2
    assert receipt in mine(zhucan)


def test_with_a_new_key_everything_can_still_be_read(zhucan: Zhucan) -> None:
    receipt = registered(zhucan)
    (key,) = (zhucan.folder / "keys").iterdir()
    before = key.read_text()
    assert zhucan("rotate-key").returncode == 0
    assert key.read_text() != before
    assert receipt in mine(zhucan)


def test_purging_and_migrating_leave_what_is_wanted(zhucan: Zhucan) -> None:
    receipt = registered(zhucan)
    assert zhucan("purge").returncode == 0
    assert "数据库是这个版本的" in zhucan("migrate").stderr
    assert receipt in mine(zhucan)


def test_a_wrong_key_file_is_named_and_nothing_written(zhucan: Zhucan) -> None:
    registered(zhucan)
    (key,) = (zhucan.folder / "keys").iterdir()
    key.unlink()
    done = zhucan("chat")
    assert done.returncode == 2
    assert "密钥文件" in done.stderr.splitlines()[-1]


def test_a_file_that_is_no_database_is_refused(zhucan: Zhucan) -> None:
    (zhucan.folder / "data").mkdir()
    (zhucan.folder / "data" / "zhucan.db").write_bytes(b"not a database" * 1000)
    done = zhucan("chat")
    assert done.returncode == 2
    assert "数据库" in done.stderr


def test_nothing_that_was_typed_stands_in_the_database_file(zhucan: Zhucan) -> None:
    registered(zhucan)
    database = zhucan.folder / "data" / "zhucan.db"
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = database.read_bytes()
    for words in ("王建国", "13812345678", "下午接电话方便"):
        assert words.encode() not in content
