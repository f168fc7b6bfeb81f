"""Every fault of shape is named with file, line, column and entry, and says what would do."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge import KnowledgeError, load


def faults(folder: Path) -> list[str]:
    with pytest.raises(KnowledgeError) as caught:
        load(folder)
    return [str(fault).removeprefix(f"{folder}/") for fault in caught.value.faults]


def spoil(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_sound_folder_loads(tiny_folder: Path) -> None:
    knowledge = load(tiny_folder)
    assert [policy.id for policy in knowledge.policies] == ["stall-rent", "massage-course"]
    assert knowledge.by_key["signpost:bus"].title == "坐公交"
    assert knowledge.language.replace["啷个"] == "怎么"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "    title: 摆摊少收摊位费\n",
            "    title: 摆摊少收摊位费\n    tittle: x\n",
            "entries.yaml:4:5: stall-rent: 不认识的键“tittle”",
        ),
        ("    title: 摆摊少收摊位费\n", "", "entries.yaml:2:5: stall-rent: 少了“title”"),
        (
            "    title: 摆摊少收摊位费\n",
            "    title: 1500\n",
            "entries.yaml:3:12: stall-rent: “title”要写成文字，这里是 1500",
        ),
        ("    audience: [jobseeker]\n", "    audience: 求职\n", "entries.yaml:4:15: stall-rent: “audience”要写成列表"),
        (
            "      - 摊位费减免\n",
            "      - 12\n",
            "entries.yaml:18:9: stall-rent: “1”要写成文字，这里是 12",
        ),
        ("until: 2024-12-31", "until: 2024-13-45", "entries.yaml:13:40: stall-rent: “until”要写成日期"),
        ("until: 2024-12-31", "until: 年底", "entries.yaml:13:40: stall-rent: “until”要写成日期"),
        (
            "    easy: 摆摊可以少收钱。\n",
            "    easy: 摆摊可以少收钱。\n    easy: 又一次\n",
            "entries.yaml:11:5: stall-rent: “easy”写了两次（第一次在第 10 行）",
        ),
        (
            "    quotes:\n      - clause: 一（一）1\n        text: 适当减免摊位费\n",
            "    quotes: [适当减免]\n",
            "要写成“键: 值”",
        ),
        ("    related: [massage-course]\n", "    related: &a [massage-course, *a]\n", "stall-rent: 用了 YAML 的别名"),
        ("    related: [massage-course]\n", "    ? [a]\n    : b\n", "stall-rent: 键要写成一个词"),
        ("concepts:\n", "conceptz: 1\nconcepts:\n", "不认识的键“conceptz”"),
        ("    title: 坐公交\n", "   title: 坐公交\n", "不是合法的 YAML"),
        ("    title: 坐公交\n", "    title: 坐公交\x00\n", "不是合法的 YAML"),
    ],
)
def test_a_planted_fault_is_found_where_it_stands(tiny_folder: Path, old: str, new: str, expected: str) -> None:
    spoil(tiny_folder, "entries.yaml", old, new)
    found = faults(tiny_folder)
    assert len(found) == 1
    assert expected in found[0]


def test_all_faults_of_all_files_are_found_at_once(tiny_folder: Path) -> None:
    spoil(tiny_folder, "entries.yaml", "    title: 坐公交\n", "")
    spoil(tiny_folder, "entries.yaml", "    title: 闲聊\n", "")
    spoil(tiny_folder, "plan.yaml", "  issuer: 某区\n", "")
    assert len(faults(tiny_folder)) == 3


def test_a_missing_section_is_named(tiny_folder: Path) -> None:
    spoil(
        tiny_folder,
        "plan.yaml",
        "labels:\n  policies: [stall-rent, massage-course]\n  actions: [human, greeting]\n",
        "",
    )
    assert "哪个文件里都没有“labels”" in faults(tiny_folder)[0]


def test_a_section_that_must_be_single_stands_once(tiny_folder: Path) -> None:
    (tiny_folder / "second.yaml").write_text("labels: {policies: [], actions: []}\n", encoding="utf-8")
    assert faults(tiny_folder) == [
        f"second.yaml:1:1: “labels”在 {tiny_folder}/plan.yaml 里已经有了；只留一处",
    ]


def test_a_file_that_would_be_overlooked_is_named(tiny_folder: Path) -> None:
    (tiny_folder / "more.yml").write_text("policies: []\n", encoding="utf-8")
    assert faults(tiny_folder) == ["more.yml:1:1: 文件名要以 .yaml 结尾，不然不会读；请改名"]


def test_hidden_files_and_folders_do_not_count(tiny_folder: Path) -> None:
    (tiny_folder / ".#plan.yaml").symlink_to("nowhere")
    (tiny_folder / "folder.yaml").mkdir()
    assert load(tiny_folder).policies


def test_a_word_is_replaced_in_one_place(tiny_folder: Path) -> None:
    (tiny_folder / "words.yaml").write_text("replace:\n  啷样: 怎样\n  啷个: 怎样\n", encoding="utf-8")
    assert faults(tiny_folder) == ["words.yaml:3:3: “啷个”在 entries.yaml 里已经换过了；只留一处"]


def test_a_folder_without_knowledge_says_so(tmp_path: Path) -> None:
    assert "没有知识文件" in faults(tmp_path)[0]
    assert "没有知识文件" in faults(tmp_path / "nowhere")[0]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"[" * 100_000, "太深了"),
        (b"\xff\xfe\x00", "读不了这个文件"),
        (b"", "文件是空的"),
        (b"- 1\n", "要写成“键: 值”"),
    ],
)
def test_a_file_that_is_no_knowledge_is_named(tiny_folder: Path, content: bytes, expected: str) -> None:
    (tiny_folder / "odd.yaml").write_bytes(content)
    assert expected in faults(tiny_folder)[0]
