"""What staff added stands in a file of its own, and counts as if it stood with its entry."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot import index_file
from bot.knowledge_check import check
from knowledge import Knowledge, KnowledgeError, load, load_usable

SOUND = "- {entry: stall-rent, question: 夜市的位子费高得很, added: 2024-03-05, by: 1}\n"


@pytest.fixture
def overlay(tmp_path: Path) -> Path:
    return tmp_path / "overlay.yaml"


def write(overlay: Path, text: str) -> Path:
    overlay.write_text(text, encoding="utf-8")
    return overlay


def test_a_sample_stands_behind_the_questions_of_its_entry(tiny_folder: Path, tiny: Knowledge, overlay: Path) -> None:
    known = load(tiny_folder, write(overlay, SOUND + SOUND.replace("stall-rent", "signpost:bus").replace("夜", "早")))
    assert known.by_key["stall-rent"].questions == (*tiny.by_key["stall-rent"].questions, "夜市的位子费高得很")
    assert known.by_key["signpost:bus"].questions[-1] == "早市的位子费高得很"
    assert known.by_key["massage-course"] == tiny.by_key["massage-course"]


def test_without_the_file_nothing_is_added(tiny_folder: Path, tiny: Knowledge, overlay: Path) -> None:
    assert load(tiny_folder, overlay) == tiny
    assert index_file.fingerprint(tiny_folder, overlay) == index_file.fingerprint(tiny_folder)


def test_an_empty_list_adds_nothing_and_is_sound(tiny_folder: Path, tiny: Knowledge, overlay: Path) -> None:
    assert load(tiny_folder, write(overlay, "[]\n")) == tiny
    assert check(tiny_folder, overlay=overlay) == []


def test_the_fingerprint_follows_the_file(tiny_folder: Path, overlay: Path) -> None:
    before = index_file.fingerprint(tiny_folder, overlay)
    write(overlay, SOUND)
    assert index_file.fingerprint(tiny_folder, overlay) != before
    overlay.unlink()
    assert index_file.fingerprint(tiny_folder, overlay) == before


def test_it_may_lie_within_the_knowledge(tiny_folder: Path) -> None:
    inside = write(tiny_folder / "overlay.yaml", SOUND)
    assert check(tiny_folder, overlay=inside) == []
    assert "夜市的位子费高得很" in load(tiny_folder, inside).by_key["stall-rent"].questions


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        (SOUND.replace("stall-rent", "stall"), "1:11", "没有“stall”这一条"),
        (SOUND + SOUND, "2:33", "已经有了"),
        (SOUND.replace("夜市的位子费高得很", "摊位费减免！"), "1:33", "“摊位费减免！”在 stall-rent 里已经有了"),
        (SOUND.replace("夜市的位子费高得很", "坐轻轨免费吗"), "1:33", "“坐轻轨免费吗”在 signpost:bus 里已经有了"),
        (SOUND.replace("夜市的位子费高得很", "坐輕軌免費嗎"), "1:33", "只差字体、方言或者口误"),
        (SOUND.replace("夜市的位子费高得很", "公交卡丢了"), "1:33", "是用来检验的"),
        (SOUND.replace("夜市的位子费高得很", "'  '"), "1:33", "问法是空的"),
        (SOUND.replace("夜市", "夜市" * 60), "1:33", "最多 100 字"),
        (SOUND.replace("added: 2024-03-05", "added: 今天"), "1:51", "要写成日期"),
        (SOUND.replace(", by: 1", ""), "1:3", "少了“by”"),
        (SOUND.replace("by", "from"), "1:63", "不认识的键“from”"),
        ("stall-rent: 夜市\n", "1:1", "要写成列表"),
        ("- {entry: [\n", "2:1", "不是合法的 YAML"),
        ("", "1:1", "文件是空的"),
    ],
)
def test_a_fault_is_told_with_its_place(tiny_folder: Path, overlay: Path, text: str, at: str, said: str) -> None:
    faults = [str(fault) for fault in check(tiny_folder, overlay=write(overlay, text))]
    assert any(fault.startswith(f"{overlay}:{at}: ") and said in fault for fault in faults), faults


def test_a_sample_that_a_later_entry_has_already_is_the_one_at_fault(tiny_folder: Path, overlay: Path) -> None:
    (fault,) = check(tiny_folder, overlay=write(overlay, SOUND.replace("夜市的位子费高得很", "坐轻轨免费吗")))
    assert fault.path == overlay
    assert "entries.yaml 第" in fault.message


def test_a_sample_whose_entry_is_gone_keeps_nothing_from_starting(tiny_folder: Path, overlay: Path) -> None:
    write(overlay, SOUND.replace("stall-rent", "stall") + SOUND)
    assert load_usable(tiny_folder, overlay).by_key["stall-rent"].questions[-1] == "夜市的位子费高得很"


def test_a_file_that_cannot_be_read_keeps_it_from_starting(tiny_folder: Path, overlay: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"overlay\.yaml:1:1: "):
        load_usable(tiny_folder, write(overlay, "stall-rent: 夜市\n"))
