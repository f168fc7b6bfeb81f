"""What whoever looks after the database can do from the command line."""

from __future__ import annotations

import re
import shutil
import sqlite3
from pathlib import Path
from typing import get_args

import pytest

from bot.clock import now
from bot.command_faults import UnusableError, store_faults_in_words
from bot.conversation.wording import say
from bot.store import StoreUnavailable
from bot.store.errors import Reason
from tests.bot.conversation.test_filling import FOR_ONESELF
from tests.command import Zhucan
from tests.conftest import own_store
from tests.needs import read_only

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


def test_a_database_that_was_not_there_is_made_and_said_to_be(zhucan: Zhucan) -> None:
    file = zhucan.folder / "data" / "zhucan.db"
    assert f"新建了空的数据库 {file}。" in zhucan("chat").stderr
    assert "新建了" not in zhucan("chat").stderr
    misspelt = file.with_name("zuhcan.db")
    done = zhucan("staff", "list", ZHUCAN_STORE__URL=f"sqlite:///{misspelt}")
    (line,) = [line for line in done.stderr.splitlines() if "新建了" in line]
    assert str(misspelt) in line
    assert "store.url" in line


def test_a_registration_can_be_deleted_by_its_receipt(zhucan: Zhucan) -> None:
    receipt = registered(zhucan)
    assert zhucan("forget", receipt).stdout == "删掉了 1 份登记。\n"
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


def test_a_backup_from_before_a_new_key_needs_the_older_key_file_too(zhucan: Zhucan, tmp_path: Path) -> None:
    receipt = registered(zhucan)
    (key,) = (zhucan.folder / "keys").iterdir()
    copy, older = tmp_path / "backup", tmp_path / "older.key"
    zhucan("backup", str(copy))
    shutil.copy(key, older)
    zhucan("rotate-key")
    refused = zhucan("restore", str(copy))
    assert refused.returncode == 2
    assert "--old-key" in refused.stderr
    assert zhucan("restore", str(copy), "--old-key", str(tmp_path / "none")).returncode == 2
    assert zhucan("restore", str(copy), "--old-key", str(older)).returncode == 0
    assert receipt in mine(zhucan)


def test_purging_and_migrating_leave_what_is_wanted(zhucan: Zhucan) -> None:
    receipt = registered(zhucan)
    assert zhucan("purge").returncode == 0
    assert "数据库是这个版本的" in zhucan("migrate").stdout
    assert receipt in mine(zhucan)


@pytest.mark.parametrize("command", [["chat"], ["migrate"], ["rotate-key"], ["backup", "b.db"], ["restore", "a.db"]])
def test_without_its_key_file_a_database_gets_no_new_one(zhucan: Zhucan, command: list[str]) -> None:
    receipt = registered(zhucan)
    zhucan("backup", "a.db")
    (key,) = (zhucan.folder / "keys").iterdir()
    away = key.rename(zhucan.folder / "away.key")
    done = zhucan(*command)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"没有密钥文件 {key}")
    assert not key.exists()
    away.rename(key)
    assert receipt in mine(zhucan)


def test_a_backup_alone_gets_no_new_key(zhucan: Zhucan) -> None:
    registered(zhucan)
    zhucan("backup", "a.db")
    (key,) = (zhucan.folder / "keys").iterdir()
    key.unlink()
    (zhucan.folder / "data" / "zhucan.db").unlink()
    done = zhucan("restore", "a.db")
    assert done.returncode == 2
    assert "另外存的密钥文件" in done.stderr
    assert not key.exists()


def test_another_key_file_is_named_and_nothing_written(zhucan: Zhucan) -> None:
    receipt = registered(zhucan)
    (key,) = (zhucan.folder / "keys").iterdir()
    away = key.rename(zhucan.folder / "away.key")
    zhucan("chat", **own_store(zhucan.folder / "elsewhere"))
    (zhucan.folder / "elsewhere" / "keys" / "zhucan.key").rename(key)
    done = zhucan("chat")
    assert done.returncode == 2
    assert "不是用密钥文件" in done.stderr.splitlines()[-1]
    away.rename(key)
    assert receipt in mine(zhucan)


def test_what_was_done_is_said_in_words_with_the_counts(zhucan: Zhucan, tmp_path: Path) -> None:
    registered(zhucan)
    copy = tmp_path / "copy.db"
    kept = "登记 1 份、会话 1 个、没答好的问题 0 个、工作人员账号 0 个、操作记录 1 条"
    assert zhucan("backup", str(copy)).stdout == f"备份好了：{copy}。里面有{kept}。\n"
    restored = zhucan("restore", str(copy))
    assert (
        restored.stdout == f"恢复好了：{kept.replace('操作记录 1 条', '操作记录 2 条')}。\n"
    )  # and that it was restored
    assert "操作记录 2 条，都完好" in zhucan("audit", "verify").stderr
    assert re.search(rf"备份完好：{now():%Y-%m-%d} \d\d:\d\d 做的", restored.stderr)
    assert zhucan("purge").stdout == "清理好了：没有到期的。\n"


def test_with_a_new_key_it_is_said_what_to_do_next(zhucan: Zhucan) -> None:
    registered(zhucan)
    (key,) = (zhucan.folder / "keys").iterdir()
    done = zhucan("rotate-key")
    assert done.stdout.startswith("换好了：资料都用新密钥重新加密了（登记 1 份、会话 1 个、")
    assert f"把新的密钥文件 {key} 另外存一份" in done.stderr
    assert "做一个新的备份" in done.stderr


def test_a_backup_makes_no_folder(zhucan: Zhucan, tmp_path: Path) -> None:
    registered(zhucan)
    done = zhucan("backup", str(tmp_path / "nope" / "x.db"))
    assert done.returncode == 2
    assert f"没有 {tmp_path / 'nope'} 这个文件夹" in done.stderr
    assert not (tmp_path / "nope").exists()


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


@pytest.mark.parametrize("command", [["chat"], ["purge"], ["staff", "list"]])
def test_a_database_that_can_only_be_read_ends_the_program_with_one_line(zhucan: Zhucan, command: list[str]) -> None:
    zhucan("chat")
    with read_only(zhucan.folder / "data" / "zhucan.db"):
        done = zhucan(*command)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert f"数据库 {zhucan.folder / 'data' / 'zhucan.db'} 用不了：只能读，不能写；" in line
    assert "store.url" in line


def test_a_file_that_is_no_database_is_named_without_the_words_of_the_program(zhucan: Zhucan, tmp_path: Path) -> None:
    zhucan("chat")
    (file := tmp_path / "other.db").write_bytes(b"not a database " * 1000)
    done = zhucan("purge", ZHUCAN_STORE__URL=f"sqlite:///{file}")
    assert done.returncode == 2
    assert done.stderr.startswith(f"数据库 {file} 用不了：坏了，或者不是这个程序的数据库；")
    assert "Error" not in done.stderr
    assert "StoreUnavailable" not in done.stderr


@pytest.mark.parametrize("reason", get_args(Reason))
def test_each_reason_why_a_database_cannot_be_used_is_said_with_what_to_do(reason: Reason) -> None:
    with pytest.raises(UnusableError) as caught, store_faults_in_words():
        raise StoreUnavailable(reason, "OperationalError", "/srv/zhucan.db")
    said = str(caught.value)
    assert said.startswith("数据库 /srv/zhucan.db 用不了：")
    assert "store.url" in said
    assert "\n" not in said


def test_a_database_that_can_only_be_read_can_be_backed_up(zhucan: Zhucan, tmp_path: Path) -> None:
    zhucan("chat")
    with read_only(zhucan.folder / "data" / "zhucan.db"):
        assert zhucan("backup", str(tmp_path / "copy")).returncode == 0
