"""The index is worked out once; nothing that happens to its file can break a start."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot import index_file
from intents import Reader
from knowledge import Knowledge, KnowledgeError, load
from tests.knowledge.test_loading import spoil


class Said(list[str]):
    """What was said about the work."""

    def __call__(self, text: str) -> None:
        self.append(text)


@pytest.fixture
def kept_in(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "zhucan"


def read(folder: Path, kept_in: Path) -> tuple[str | None, Said]:
    said = Said()
    knowledge, index = index_file.load(folder, kept_in, said)
    return Reader(knowledge, index).read("摊位费减免").topic, said


def test_the_first_start_works_it_out_and_says_so_the_second_takes_it(tiny_folder: Path, kept_in: Path) -> None:
    first, said = read(tiny_folder, kept_in)
    assert "第一次使用" in said[0]
    again, said = read(tiny_folder, kept_in)
    assert said == []
    assert first == again == "stall-rent"


def test_changed_knowledge_is_worked_out_anew(tiny_folder: Path, kept_in: Path) -> None:
    read(tiny_folder, kept_in)
    spoil(tiny_folder, "entries.yaml", "      - 摊位费减免\n", "      - 摊位费少点\n")
    assert "第一次使用" in read(tiny_folder, kept_in)[1][0]


def test_where_only_an_answer_changed_the_index_is_used_again(tiny_folder: Path, kept_in: Path) -> None:
    read(tiny_folder, kept_in)
    spoil(tiny_folder, "entries.yaml", "    answer: 在社区摆摊", "    answer: 您好，在社区摆摊")
    said = Said()
    knowledge, index = index_file.load(tiny_folder, kept_in, said)
    assert said == []
    assert knowledge.policies[0].answer.startswith("您好")
    assert Reader(knowledge, index).read("摊位费减免").topic == "stall-rent"


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("entries.yaml", "id: massage-course\n", "id: massage\n"),
        ("entries.yaml", "questions: [公交卡丢了]", "questions: [公交卡掉了]"),
        ("entries.yaml", "啷个: 怎么", "啷个: 如何"),
    ],
)
def test_whatever_the_index_is_learnt_from_gives_it_another_name(
    tiny: Knowledge, tiny_folder: Path, name: str, old: str, new: str
) -> None:
    spoil(tiny_folder, name, old, new)
    assert index_file.learnt_from(load(tiny_folder)) != index_file.learnt_from(tiny)


def test_a_fingerprint_can_be_taken_of_anything(tiny_folder: Path) -> None:
    sound = index_file.fingerprint(tiny_folder)
    (tiny_folder / "lock.yaml").symlink_to("nowhere")
    unreadable = index_file.fingerprint(tiny_folder)
    assert len({sound, unreadable, index_file.fingerprint(tiny_folder / "missing")}) == 3


def test_a_misnamed_file_changes_the_fingerprint(tiny_folder: Path) -> None:
    sound = index_file.fingerprint(tiny_folder)
    (tiny_folder / "more.yml").write_text("policies: []\n", encoding="utf-8")
    assert index_file.fingerprint(tiny_folder) != sound


@pytest.mark.parametrize("content", [b"", b"nonsense", b"PK\x03\x04 half a file", b"\x93NUMPY\x01\x00"])
def test_a_damaged_file_is_replaced(tiny_folder: Path, kept_in: Path, content: bytes) -> None:
    read(tiny_folder, kept_in)
    (path,) = kept_in.glob("*.npz")
    path.write_bytes(content)
    topic, said = read(tiny_folder, kept_in)
    assert topic == "stall-rent"
    assert "读不了" in said[0]
    assert read(tiny_folder, kept_in)[1] == []


def test_a_folder_that_cannot_be_written_only_costs_time(tiny_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    topic, said = read(tiny_folder, tmp_path / "file" / "zhucan")
    assert topic == "stall-rent"
    assert "索引存不下来" in said[-1]
    assert "index.folder" in said[-1]


def test_nothing_half_written_stays(tiny_folder: Path, kept_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert "磁盘满了" in read(tiny_folder, kept_in)[1][-1]
    assert list(kept_in.iterdir()) == []


def test_only_the_indexes_used_last_are_kept(tiny_folder: Path, kept_in: Path) -> None:
    kept_in.mkdir(parents=True)
    for age in range(8):
        path = kept_in / f"zhucan-{age}.npz"
        path.write_bytes(b"")
        os.utime(path, (1000 - age, 1000 - age))
    read(tiny_folder, kept_in)
    kept = sorted(path.name for path in kept_in.glob("zhucan-?.npz"))
    assert kept == ["zhucan-0.npz", "zhucan-1.npz", "zhucan-2.npz", "zhucan-3.npz"]


def test_what_others_keep_in_the_folder_stays(tiny_folder: Path, kept_in: Path) -> None:
    kept_in.mkdir(parents=True)
    (kept_in / "photos.npz").write_bytes(b"mine")
    os.utime(kept_in / "photos.npz", (0, 0))
    for change in "甲乙丙丁戊己":
        spoil(tiny_folder, "entries.yaml", "title: 闲聊", f"title: 闲聊{change}")
        read(tiny_folder, kept_in)
    assert (kept_in / "photos.npz").exists()
    assert len(list(kept_in.glob("zhucan-*"))) == 5


def test_a_cache_that_others_own_can_be_used(tiny_folder: Path, kept_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read(tiny_folder, kept_in)

    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "utime", refuse)
    assert read(tiny_folder, kept_in)[1] == []


def test_an_unreadable_file_is_named(tiny_folder: Path, kept_in: Path) -> None:
    (tiny_folder / "lock.yaml").symlink_to("nowhere")
    with pytest.raises(KnowledgeError, match=r"lock\.yaml:1:1: 读不了"):
        read(tiny_folder, kept_in)


def test_bad_knowledge_is_refused(tiny_folder: Path, kept_in: Path) -> None:
    spoil(tiny_folder, "entries.yaml", "    title: 坐公交\n", "")
    with pytest.raises(KnowledgeError):
        read(tiny_folder, kept_in)
