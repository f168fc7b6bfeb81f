"""Changed knowledge is taken up when it has no fault; otherwise the old stays and the fault is told with its place."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot import index_file, overlay_file
from bot.service.reload import PREPARE, KnowledgeWatcher, TakenUp, Trouble
from knowledge.overlay import Sample
from tests.knowledge.test_loading import spoil

NOT_TAKEN_UP = "changed knowledge not taken up, the old one stays"
COULD_NOT = "changed knowledge could not be prepared, the old one stays"


class Watch:
    """A watcher of the tiny knowledge, and what it told."""

    def __init__(self, folder: Path, kept_in: Path, *prepare: str, overlay: Path | None = None) -> None:
        self.taken_up: list[TakenUp] = []
        self.refused: list[Trouble] = []
        self.logs: list[Any] = []
        self.folder = folder
        self.first = index_file.fingerprint(folder)
        self.watcher = KnowledgeWatcher(
            folder,
            kept_in,
            self.first,
            self.take_up,
            self.refused.append,
            every=0.02,
            prepare=prepare or PREPARE,
            overlay=overlay,
        )

    def take_up(self, fresh: TakenUp) -> None:
        self.taken_up.append(fresh)

    def logged(self, event: str) -> list[Any]:
        return [line for line in self.logs if line["event"] == event]

    async def until(self, done: Callable[[], object]) -> None:
        async with asyncio.timeout(60):
            while not done():
                await asyncio.sleep(0.01)

    async def some_looks(self) -> None:
        await asyncio.sleep(0.3)


@asynccontextmanager
async def running(watch: Watch) -> AsyncIterator[Watch]:
    task = asyncio.create_task(watch.watcher.run())
    with capture_logs() as watch.logs:
        await watch.some_looks()
        try:
            yield watch
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def watch(tiny_folder: Path, tmp_path: Path) -> Watch:
    return Watch(tiny_folder, tmp_path / "kept")


@pytest.fixture
def failing(tiny_folder: Path, tmp_path: Path) -> Watch:
    return Watch(tiny_folder, tmp_path / "kept", sys.executable, "-c", "raise SystemExit('out of luck')")


def answer(watch: Watch, new: str) -> None:
    spoil(watch.folder, "entries.yaml", "    answer: 在社区摆摊", f"    answer: {new}在社区摆摊")


async def test_a_changed_answer_and_a_new_question_are_taken_up(watch: Watch) -> None:
    async with running(watch):
        answer(watch, "您好，")
        spoil(
            watch.folder, "entries.yaml", "      - 摊位费减免\n", "      - 摊位费减免\n      - 赶场天可不可以少交点\n"
        )
        await watch.until(lambda: watch.taken_up)
    (fresh,) = watch.taken_up
    assert fresh.knowledge.policies[0].answer.startswith("您好，")
    assert fresh.reader.read("赶场天可不可以少交点").topic == "stall-rent"
    assert fresh.version == watch.watcher.version == index_file.fingerprint(watch.folder) != watch.first
    assert watch.watcher.trouble is None
    assert watch.logged("changed knowledge taken up")[0]["version"] == fresh.version


async def test_a_fault_is_told_once_with_its_place_and_mending_is_taken_up(watch: Watch) -> None:
    async with running(watch):
        spoil(watch.folder, "entries.yaml", "    easy: 可以学按摩。\n", "    easi: 可以学按摩。\n")
        await watch.until(lambda: watch.refused)
        os.utime(watch.folder / "entries.yaml", (1, 1))
        await watch.some_looks()
        assert watch.watcher.trouble == "faults"
        assert watch.watcher.version == watch.first
        assert watch.refused == ["faults"]
        spoil(watch.folder, "entries.yaml", "    easi: 可以学按摩。\n", "    easy: 可以去学按摩。\n")
        await watch.until(lambda: watch.taken_up)
    faults = {(line["at"], line["entry"], line["fault"]) for line in watch.logged("fault in the knowledge")}
    path = watch.folder / "entries.yaml"
    assert (f"{path}:32:5", "massage-course", "不认识的键“easi”；请改正拼写或者删掉") in faults
    assert [line["faults"] for line in watch.logged(NOT_TAKEN_UP)] == [len(faults)]
    assert watch.taken_up[0].knowledge.policies[1].easy == "可以去学按摩。"
    assert watch.watcher.trouble is None


async def test_what_only_understanding_sees_is_a_fault_too(watch: Watch) -> None:
    async with running(watch):
        spoil(watch.folder, "entries.yaml", "      - 哪里教推拿\n", "      - 哪里教推拿\n      - 攤位費減免\n")
        await watch.until(lambda: watch.refused)
    assert "只差字体、方言或者口误" in watch.logged("fault in the knowledge")[0]["fault"]


async def test_at_most_twenty_faults_are_logged(tiny_folder: Path, tmp_path: Path) -> None:
    many = "import json, sys; print(json.dumps({'faults': [['a.yaml', n, 1, '', 'x'] for n in range(50)]}))"
    watch = Watch(tiny_folder, tmp_path / "kept", sys.executable, "-c", many)
    async with running(watch):
        answer(watch, "您好，")
        await watch.until(lambda: watch.refused)
    assert len(watch.logged("fault in the knowledge")) == 20
    assert watch.logged(NOT_TAKEN_UP)[0]["faults"] == 50


async def test_changing_back_ends_the_trouble(watch: Watch) -> None:
    async with running(watch):
        kept = (watch.folder / "entries.yaml").read_bytes()
        spoil(watch.folder, "entries.yaml", "policies:", "polices:")
        await watch.until(lambda: watch.refused)
        (watch.folder / "entries.yaml").write_bytes(kept)
        await watch.until(lambda: watch.watcher.trouble is None)
    assert watch.taken_up == []


async def test_a_folder_that_goes_away_is_told_and_may_come_back(watch: Watch) -> None:
    async with running(watch):
        away = watch.folder.rename(watch.folder.with_name("away"))
        await watch.until(lambda: watch.refused)
        shutil.move(away, watch.folder)
        await watch.until(lambda: watch.watcher.trouble is None)
    assert watch.logged("fault in the knowledge")[0]["at"] == f"{watch.folder}:1:1"
    assert watch.refused == ["faults"]
    assert watch.taken_up == []


async def test_saving_without_a_change_is_nothing(failing: Watch) -> None:
    async with running(failing):
        os.utime(failing.folder / "entries.yaml", (1, 1))
        await failing.some_looks()
    assert (failing.taken_up, failing.refused, failing.logs) == ([], [], [])


async def test_what_staff_added_is_taken_up_and_what_they_took_back_is_gone(tiny_folder: Path, tmp_path: Path) -> None:
    overlay = tmp_path / "data" / "overlay.yaml"
    watch = Watch(tiny_folder, tmp_path / "kept", overlay=overlay)
    async with running(watch):
        overlay_file.add(overlay, Sample("stall-rent", "夜市的位子费高得很", date(2024, 3, 5), 1))
        await watch.until(lambda: watch.taken_up)
        assert watch.watcher.version == index_file.fingerprint(tiny_folder, overlay) != watch.first
        overlay_file.take_back(overlay, "stall-rent", "夜市的位子费高得很")
        await watch.until(lambda: len(watch.taken_up) == 2)
    with_it, without = (fresh.knowledge.by_key["stall-rent"].questions for fresh in watch.taken_up)
    assert with_it == (*without, "夜市的位子费高得很")


async def test_a_fault_in_what_staff_added_is_refused_with_its_place(tiny_folder: Path, tmp_path: Path) -> None:
    overlay = tmp_path / "overlay.yaml"
    watch = Watch(tiny_folder, tmp_path / "kept", overlay=overlay)
    async with running(watch):
        overlay_file.add(overlay, Sample("stall", "夜市的位子费高得很", date(2024, 3, 5), 1))
        await watch.until(lambda: watch.refused)
    assert watch.watcher.trouble == "faults"
    assert [line["at"] for line in watch.logged("fault in the knowledge")] == [f"{overlay}:2:10"]


async def test_a_file_that_is_still_being_written_is_not_taken(failing: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    strokes = iter("0123456789")
    written: list[int] = []

    look = index_file.files

    def write_a_little(folder: Path, overlay: Path | None) -> list[Path]:
        if stroke := next(strokes, ""):
            written.append(len(failing.refused))
            with (folder / "entries.yaml").open("a", encoding="utf-8") as file:
                file.write(f"# {stroke}\n")
        return look(folder, overlay)

    monkeypatch.setattr(index_file, "files", write_a_little)
    async with running(failing):
        await failing.until(lambda: failing.refused)
    assert written == [0] * 10


async def test_a_change_from_before_the_watch_is_taken_up(watch: Watch) -> None:
    answer(watch, "您好，")
    async with running(watch):
        await watch.until(lambda: watch.taken_up)
    assert watch.watcher.version == index_file.fingerprint(watch.folder)


async def test_a_process_that_breaks_is_told_once_and_the_old_knowledge_stays(failing: Watch) -> None:
    async with running(failing):
        answer(failing, "您好，")
        await failing.until(lambda: failing.refused)
        spoil(failing.folder, "entries.yaml", "    answer: 您好，", "    answer: 您好！")
        await failing.some_looks()
    (line,) = failing.logged(COULD_NOT)
    assert line["said"] == "out of luck"
    assert failing.refused == ["failed"]
    assert failing.watcher.trouble == "failed"
    assert failing.watcher.version == failing.first


async def test_a_command_that_is_not_there_is_survived(tiny_folder: Path, tmp_path: Path) -> None:
    watch = Watch(tiny_folder, tmp_path / "kept", str(tmp_path / "nothing"))
    async with running(watch):
        answer(watch, "您好，")
        await watch.until(lambda: watch.refused)
    assert "FileNotFoundError" in watch.logged(COULD_NOT)[0]["error"]


async def test_when_taking_up_fails_the_old_knowledge_stays(watch: Watch) -> None:
    class Full(list[TakenUp]):
        def append(self, fresh: TakenUp) -> None:
            raise LookupError

    watch.taken_up = Full()
    async with running(watch):
        answer(watch, "您好，")
        await watch.until(lambda: watch.refused)
    assert watch.logged(COULD_NOT)[0]["error"] == "LookupError"
    assert watch.watcher.version == watch.first


async def test_an_index_that_cannot_be_kept_is_used_all_the_same(tiny_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    watch = Watch(tiny_folder, tmp_path / "file" / "kept")
    async with running(watch):
        answer(watch, "您好，")
        await watch.until(lambda: watch.taken_up)
    assert watch.taken_up[0].reader.read("摊位费减免").topic == "stall-rent"


async def test_cancelling_ends_the_other_process(tiny_folder: Path, tmp_path: Path) -> None:
    script = "import os, pathlib, sys, time; pathlib.Path(sys.argv[2]).write_text(str(os.getpid())); time.sleep(600)"
    noted = tmp_path / "pid"
    watch = Watch(tiny_folder, noted, sys.executable, "-c", script)
    async with running(watch):
        answer(watch, "您好，")
        await watch.until(lambda: noted.exists() and noted.read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(int(noted.read_text()), 0)
