"""Changed knowledge is checked and learnt in a process of its own, with the same outcome as in this one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot import index_file, preparing
from bot.knowledge_check import check
from intents.building import build
from intents.libraries import ask_libraries
from intents.seen import see_questions
from knowledge import KnowledgeError, load
from tests.knowledge.test_loading import spoil

ROOT = Path(__file__).parents[2]


def test_it_keeps_what_would_be_built_here(tiny_folder: Path, tmp_path: Path) -> None:
    path = preparing.prepare(tiny_folder, tmp_path / "kept", tmp_path / "spare", None)
    knowledge, index = index_file.read(path)
    assert knowledge == load(tiny_folder)
    for name, array in build(knowledge, see_questions(knowledge, ask_libraries())).arrays().items():
        assert np.array_equal(index.arrays()[name], array), name
    assert index_file.version_of(path) == index_file.fingerprint(tiny_folder)


def test_what_is_known_changes_nothing(tiny_folder: Path, tmp_path: Path) -> None:
    preparing.prepare(tiny_folder, tmp_path / "kept", tmp_path / "spare", None)
    spoil(tiny_folder, "entries.yaml", "      - 哪里教推拿\n", "      - 哪里教推拿\n      - 到哪点学推拿嘛\n")
    known = index_file.known(tmp_path / "kept")
    assert known is not None
    _, spared = index_file.read(preparing.prepare(tiny_folder, tmp_path / "kept", tmp_path / "spare", known))
    _, fresh = index_file.read(preparing.prepare(tiny_folder, tmp_path / "anew", tmp_path / "spare", None))
    for name, array in fresh.arrays().items():
        assert np.array_equal(spared.arrays()[name], array), name


def test_the_next_start_finds_it(tiny_folder: Path, tmp_path: Path) -> None:
    preparing.prepare(tiny_folder, tmp_path / "kept", tmp_path / "spare", None)
    said: list[str] = []
    index_file.load(tiny_folder, tmp_path / "kept", said.append)
    assert said == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    easy: 可以学按摩。\n", "    easi: 可以学按摩。\n"),
        ("      - 哪里教推拿\n", "      - 哪里教推拿\n      - 攤位費減免\n"),
        ("related: [massage-course]", "related: [massage]"),
        ("policies:", "policies: ["),
    ],
)
def test_it_finds_the_faults_that_checking_finds(tiny_folder: Path, tmp_path: Path, old: str, new: str) -> None:
    spoil(tiny_folder, "entries.yaml", old, new)
    with pytest.raises(KnowledgeError) as caught:
        preparing.prepare(tiny_folder, tmp_path / "kept", tmp_path / "spare", None)
    assert caught.value.faults == check(tiny_folder) != []
    assert not (tmp_path / "kept").exists()


def test_knowledge_that_is_saved_again_meanwhile_is_taken_anew(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def save_again(learnt: str, kept_in: Path) -> None:
        monkeypatch.undo()
        spoil(tiny_folder, "entries.yaml", "    answer: 在社区摆摊", "    answer: 您好，在社区摆摊")

    monkeypatch.setattr(index_file, "reusable", save_again)
    path = preparing.prepare(tiny_folder, tmp_path / "kept", tmp_path / "spare", None)
    assert index_file.read(path)[0].policies[0].answer.startswith("您好")
    assert [path] == list((tmp_path / "kept").iterdir())


def run(folder: Path, kept_in: Path, go: str) -> Any:
    command = [sys.executable, "-m", "bot.preparing", str(folder), str(kept_in), str(kept_in), ""]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, input=go, capture_output=True, check=True, text=True, env=environment)
    return json.loads(done.stdout or "null")


def test_the_process_names_the_file_or_the_faults(tiny_folder: Path, tmp_path: Path) -> None:
    assert Path(run(tiny_folder, tmp_path / "kept", "\n")["kept"]).exists()
    spoil(tiny_folder, "entries.yaml", "policies:", "polices:")
    path, line, column, entry, message = run(tiny_folder, tmp_path / "kept", "\n")["faults"][0]
    assert (path, line, column, entry) == (str(tiny_folder / "entries.yaml"), 1, 1, "")
    assert "polices" in message


def test_a_process_that_nobody_waits_for_does_nothing(tiny_folder: Path, tmp_path: Path) -> None:
    assert run(tiny_folder, tmp_path / "kept", "") is None
    assert not (tmp_path / "kept").exists()
