"""What staff taught the assistant is part of a backup, and comes back with it."""

from __future__ import annotations

import json
import shutil
import stat
from datetime import date
from pathlib import Path

import pytest

from bot import overlay_file
from knowledge.overlay import Sample
from tests.bot.test_maintenance import mine, registered
from tests.command import Zhucan

DAY = date(2024, 3, 5)
FIRST = Sample("stall-rent", "夜市的位子费高得很", DAY, 1)
SECOND = Sample("stall-rent", "摆夜摊一个月要交好多", DAY, 2)
BROKEN = "- {entry: stall-rent, question: 夜市, added: 今天, by: 1}\n".encode()


@pytest.fixture
def overlay(zhucan: Zhucan) -> Path:
    return zhucan.folder / "data" / "overlay.yaml"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "backup"


def beside(overlay: Path) -> list[str]:
    """The names of what lies beside it, without the moment they end with."""
    return sorted(file.name.rpartition("-")[0] for file in overlay.parent.glob("overlay.yaml.*-*"))


def test_what_was_taught_comes_back_on_an_empty_machine(zhucan: Zhucan, overlay: Path, copy: Path) -> None:
    overlay_file.add(overlay, FIRST)
    before = overlay.read_bytes()
    assert "问法 1 条，也在备份里" in zhucan("backup", str(copy)).stderr
    shutil.rmtree(zhucan.folder / "data")
    done = zhucan("restore", str(copy))
    assert done.returncode == 0
    assert f"问法 1 条，恢复到 {overlay}" in done.stderr
    assert overlay.read_bytes() == before
    assert stat.S_IMODE(overlay.stat().st_mode) == 0o600
    assert beside(overlay) == []
    assert json.loads(zhucan("ask", FIRST.question, "--json").stdout)["topic"] == "stall-rent"


def test_it_cannot_be_read_in_the_backup(zhucan: Zhucan, overlay: Path, copy: Path) -> None:
    overlay_file.add(overlay, FIRST)
    zhucan("backup", str(copy))
    assert FIRST.question.encode() not in copy.read_bytes()
    assert b"stall-rent" not in copy.read_bytes()


def test_what_was_taught_since_is_kept_beside_and_said_to_be(zhucan: Zhucan, overlay: Path, copy: Path) -> None:
    overlay_file.add(overlay, FIRST)
    zhucan("backup", str(copy))
    overlay_file.add(overlay, SECOND)
    newer = overlay.read_bytes()
    said = zhucan("restore", str(copy)).stderr
    assert overlay_file.read(overlay) == (FIRST,)
    (kept,) = overlay.parent.glob("overlay.yaml.before-restore-*")
    assert kept.read_bytes() == newer
    assert f"原来的问法另存为 {kept}，其中 1 条备份里没有" in said


def test_what_was_taken_back_since_is_there_again_without_alarm(zhucan: Zhucan, overlay: Path, copy: Path) -> None:
    overlay_file.add(overlay, FIRST)
    zhucan("backup", str(copy))
    overlay_file.take_back(overlay, FIRST.entry, FIRST.question)
    said = zhucan("restore", str(copy)).stderr
    assert overlay_file.read(overlay) == (FIRST,)
    assert "备份里没有" not in said


def test_the_same_is_left_as_it_is(zhucan: Zhucan, overlay: Path, copy: Path) -> None:
    overlay_file.add(overlay, FIRST)
    zhucan("backup", str(copy))
    before = overlay.stat()
    assert "和备份里的一样" in zhucan("restore", str(copy)).stderr
    assert overlay.stat() == before
    assert beside(overlay) == []


def test_a_backup_without_it_takes_nothing_away(zhucan: Zhucan, overlay: Path, copy: Path) -> None:
    assert "问法" not in zhucan("backup", str(copy)).stderr
    overlay_file.add(overlay, FIRST)
    done = zhucan("restore", str(copy))
    assert done.returncode == 0
    assert f"备份里没有工作人员补充的问法，{overlay} 没有动" in done.stderr
    assert overlay_file.read(overlay) == (FIRST,)


def test_a_broken_one_does_not_keep_the_database_from_being_backed_up(
    zhucan: Zhucan, overlay: Path, copy: Path
) -> None:
    receipt = registered(zhucan)
    overlay.write_bytes(BROKEN)
    done = zhucan("backup", str(copy))
    assert (done.returncode, "原样放进了备份" in done.stderr) == (0, True)
    shutil.rmtree(overlay.parent)
    done = zhucan("restore", str(copy))
    assert (done.returncode, "没有启用" in done.stderr) == (0, True)
    assert not overlay.exists()
    (put_beside,) = overlay.parent.glob("overlay.yaml.from-backup-*")
    assert put_beside.read_bytes() == BROKEN
    assert receipt in mine(zhucan)


@pytest.mark.parametrize("content", [b"\xff\xfe- \xed\xa0\x80", b"", BROKEN])
def test_a_broken_one_does_not_replace_a_sound_one(zhucan: Zhucan, overlay: Path, copy: Path, content: bytes) -> None:
    overlay.parent.mkdir()
    overlay.write_bytes(content)
    zhucan("backup", str(copy))
    overlay.unlink()
    overlay_file.add(overlay, FIRST)
    assert f"{overlay} 没有动" in zhucan("restore", str(copy)).stderr
    assert overlay_file.read(overlay) == (FIRST,)
    (put_beside,) = overlay.parent.glob("overlay.yaml.from-backup-*")
    assert put_beside.read_bytes() == content


def test_a_broken_one_that_is_there_is_kept_beside(zhucan: Zhucan, overlay: Path, copy: Path) -> None:
    overlay_file.add(overlay, FIRST)
    zhucan("backup", str(copy))
    overlay.write_bytes(BROKEN)
    zhucan("restore", str(copy))
    assert overlay_file.read(overlay) == (FIRST,)
    (kept,) = overlay.parent.glob("overlay.yaml.before-restore-*")
    assert kept.read_bytes() == BROKEN


def test_samples_of_entries_that_are_gone_come_back_and_are_named(zhucan: Zhucan, overlay: Path, copy: Path) -> None:
    gone = Sample("stall", "夜市贵", DAY, 1)
    overlay_file.add(overlay, gone)
    overlay_file.add(overlay, FIRST)
    zhucan("backup", str(copy))
    overlay.unlink()
    done = zhucan("restore", str(copy))
    assert done.returncode == 0
    assert "1 处和现在的知识合不上" in done.stderr
    assert "没有“stall”这一条" in done.stderr
    assert overlay_file.read(overlay) == (gone, FIRST)
    assert json.loads(zhucan("ask", FIRST.question, "--json").stdout)["topic"] == "stall-rent"


def test_where_it_cannot_be_put_nothing_is_replaced(zhucan: Zhucan, overlay: Path, copy: Path, tmp_path: Path) -> None:
    overlay_file.add(overlay, FIRST)
    zhucan("backup", str(copy))
    receipt = registered(zhucan)
    (tmp_path / "file").write_text("")
    done = zhucan("restore", str(copy), ZHUCAN_KNOWLEDGE__OVERLAY=str(tmp_path / "file" / "overlay.yaml"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "原来的数据库没有动" in done.stderr
    assert str(tmp_path / "file" / "overlay.yaml") in done.stderr
    assert receipt in mine(zhucan)


def test_a_database_that_cannot_be_replaced_leaves_it_as_it_was(zhucan: Zhucan, overlay: Path, copy: Path) -> None:
    overlay_file.add(overlay, FIRST)
    zhucan("backup", str(copy))
    overlay_file.add(overlay, SECOND)
    database = overlay.parent / "zhucan.db"
    database.unlink()
    database.mkdir()
    assert zhucan("restore", str(copy)).returncode != 0
    assert overlay_file.read(overlay) == (FIRST, SECOND)
    assert beside(overlay) == list(overlay.parent.glob(".overlay.yaml*")) == []


def test_one_that_cannot_be_read_makes_no_backup_without_it(zhucan: Zhucan, overlay: Path, copy: Path) -> None:
    overlay.mkdir(parents=True)
    done = zhucan("backup", str(copy))
    assert (done.returncode, copy.exists()) == (2, False)
    assert str(overlay) in done.stderr


def test_a_backup_of_before_a_change_of_keys_needs_the_key_of_its_time(
    zhucan: Zhucan, overlay: Path, copy: Path
) -> None:
    overlay_file.add(overlay, FIRST)
    zhucan("backup", str(copy))
    (key,) = (zhucan.folder / "keys").iterdir()
    old = shutil.copy(key, zhucan.folder / "old-key.json")
    assert zhucan("rotate-key").returncode == 0
    overlay_file.add(overlay, SECOND)
    done = zhucan("restore", str(copy))
    assert (done.returncode, "--old-key" in done.stderr) == (2, True)
    assert overlay_file.read(overlay) == (FIRST, SECOND)
    shutil.rmtree(overlay.parent)
    assert zhucan("restore", str(copy), "--old-key", str(old)).returncode == 0
    assert overlay_file.read(overlay) == (FIRST,)
