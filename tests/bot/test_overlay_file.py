"""The overlay is written whole or not at all, by one writer at a time."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from bot import overlay_file
from bot.knowledge_check import check
from bot.overlay_file import OverlayBusy, OverlayChanged
from bot.store.locks import LockFile
from knowledge import KnowledgeError
from knowledge.overlay import Sample

DAY = date(2024, 3, 5)
FIRST = Sample("stall-rent", "夜市的位子费高得很", DAY, 1)
SECOND = Sample("signpost:bus", "坐车：“免费”吗 # 不是\t注释", DAY, 2)


@pytest.fixture
def overlay(tmp_path: Path) -> Path:
    return tmp_path / "data" / "overlay.yaml"


def test_what_was_added_is_read_again(overlay: Path) -> None:
    overlay_file.add(overlay, FIRST)
    overlay_file.add(overlay, SECOND)
    assert overlay_file.read(overlay) == (FIRST, SECOND)


def test_what_was_written_is_sound(tiny_folder: Path, overlay: Path) -> None:
    overlay_file.add(overlay, FIRST)
    assert check(tiny_folder, overlay=overlay) == []


def test_before_the_first_there_is_nothing(overlay: Path) -> None:
    assert overlay_file.read(overlay) == ()
    assert not overlay_file.take_back(overlay, "stall-rent", FIRST.question)


def test_one_can_be_taken_back_and_the_others_stay(overlay: Path) -> None:
    overlay_file.add(overlay, FIRST)
    overlay_file.add(overlay, SECOND)
    assert overlay_file.take_back(overlay, FIRST.entry, FIRST.question)
    assert overlay_file.read(overlay) == (SECOND,)
    assert not overlay_file.take_back(overlay, FIRST.entry, FIRST.question)
    assert overlay_file.take_back(overlay, SECOND.entry, SECOND.question)
    assert overlay_file.read(overlay) == ()


def test_a_write_that_fails_leaves_the_file_as_it_was(overlay: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    overlay_file.add(overlay, FIRST)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        overlay_file.add(overlay, SECOND)
    assert overlay_file.read(overlay) == (FIRST,)
    assert sorted(path.name for path in overlay.parent.iterdir()) == ["overlay.yaml", "overlay.yaml.lock"]


def test_a_file_with_a_fault_is_not_written_over(overlay: Path) -> None:
    overlay.parent.mkdir()
    overlay.write_text("- {entry: stall-rent, question: 夜市, added: 今天, by: 1}\n", encoding="utf-8")
    before = overlay.read_bytes()
    with pytest.raises(KnowledgeError, match=r"overlay\.yaml:1:"):
        overlay_file.add(overlay, FIRST)
    with pytest.raises(KnowledgeError):
        overlay_file.take_back(overlay, "stall-rent", "夜市")
    assert overlay.read_bytes() == before


def test_several_at_once_lose_nothing(overlay: Path) -> None:
    samples = [Sample("stall-rent", f"第{number}种说法", DAY, number) for number in range(20)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda sample: overlay_file.add(overlay, sample), samples))
    assert sorted(overlay_file.read(overlay), key=lambda sample: sample.by) == samples


def test_what_is_not_as_it_was_tried_is_not_added(overlay: Path) -> None:
    with pytest.raises(OverlayChanged):
        overlay_file.add(overlay, FIRST, lambda: False)
    assert overlay_file.read(overlay) == ()


def test_who_waits_too_long_for_another_writer_is_told(overlay: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlay_file, "_PATIENCE", 0.0)
    overlay.parent.mkdir()
    lock = LockFile(overlay.with_name("overlay.yaml.lock"), exclusive=True)
    try:
        with pytest.raises(OverlayBusy):
            overlay_file.add(overlay, FIRST)
    finally:
        lock.release()
