"""The overlay in backups: it is read for one, and put back from one, with what is there kept beside."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bot import overlay_file
from bot.os_faults import why
from bot.overlay_file import OverlayBusy
from bot.store import BackupError
from knowledge import KnowledgeError
from knowledge.checking import examine
from knowledge.overlay import Sample, is_there


class OverlayBackup:
    """Looks after the file ``overlay`` with samples for the knowledge in ``folder``; ``say`` is told what was done."""

    def __init__(self, overlay: Path, folder: Path, now: datetime, say: Callable[[str], None]) -> None:
        self._overlay = overlay
        self._folder = folder
        self._stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%S")
        self._say = say

    def content(self) -> bytes | None:
        """Return what is in the file, None if it is not there. Raises BackupError."""
        if not is_there(self._overlay):
            return None
        try:
            return self._overlay.read_bytes()
        except OSError as error:
            raise BackupError(
                f"工作人员补充的问法在 {self._overlay}，读不了（{why(error)}）；请检查路径和权限"
            ) from error

    def told(self) -> None:
        """Say what of it is in the backup that was made."""
        try:
            count = len(overlay_file.read(self._overlay)) if is_there(self._overlay) else 0
        except KnowledgeError as error:
            self._say(f"工作人员补充的问法有错，原样放进了备份：{error.faults[0]}")
            return
        if count:
            self._say(f"工作人员补充的问法 {count} 条，也在备份里")

    @contextmanager
    def replaced(self, content: bytes | None) -> Iterator[None]:
        """Make ready to put ``content``, that of a backup, in the place of the file; at the end, do so.

        What is there is kept beside. Content that the program could not start with is put beside instead.
        Raises BackupError, at the beginning if it cannot be put there.
        """
        there = self.content()
        if content is None or content == there:
            yield
            self._say_unchanged(content)
            return
        with ExitStack() as leaving:
            try:
                leaving.enter_context(overlay_file.alone(self._overlay))
                part = overlay_file.beside(self._overlay, content)
                leaving.callback(part.unlink, missing_ok=True)
                samples = _samples(part)
                kept = self._kept(there) if there is not None and samples is not None else None
            except OverlayBusy as error:
                raise BackupError(f"别的进程正在写 {self._overlay}；请先停下所有进程再恢复") from error
            except OSError as error:
                raise BackupError(
                    f"工作人员补充的问法写不到 {self._overlay}（{why(error)}）；请检查路径、磁盘空间和权限，"
                    "原来的数据库没有动"
                ) from error
            try:
                yield
            except BaseException:
                if kept is not None:
                    kept.unlink(missing_ok=True)
                raise
            self._put(part, self._overlay if samples is not None else self._beside("from-backup"))
        if samples is None:
            self._say_not_used(there)
        else:
            self._say_replaced(samples, kept)

    def _kept(self, content: bytes) -> Path:
        kept = self._beside("before-restore")
        overlay_file.put(overlay_file.beside(kept, content), kept)
        return kept

    def _put(self, part: Path, target: Path) -> None:
        try:
            overlay_file.put(part, target)
        except OSError as error:
            raise BackupError(
                f"数据库已经恢复，工作人员补充的问法没有：{target} 写不了（{why(error)}）；请检查权限，再恢复一次"
            ) from error

    def _beside(self, ending: str) -> Path:
        return self._overlay.with_name(f"{self._overlay.name}.{ending}-{self._stamp}")

    def _say_unchanged(self, content: bytes | None) -> None:
        if content is not None:
            self._say(f"工作人员补充的问法和备份里的一样，{self._overlay} 没有动")
        elif is_there(self._overlay):
            self._say(f"备份里没有工作人员补充的问法，{self._overlay} 没有动")

    def _say_not_used(self, there: bytes | None) -> None:
        now = "现在一条都没有" if there is None else f"{self._overlay} 没有动"
        self._say(f"备份里工作人员补充的问法有错，程序用不了，没有启用，放在 {self._beside('from-backup')}；{now}")

    def _say_replaced(self, samples: Sequence[Sample], kept: Path | None) -> None:
        self._say(f"工作人员补充的问法 {len(samples)} 条，恢复到 {self._overlay}")
        if kept is not None:
            only_there = set(_samples(kept) or ()) - set(samples)
            more = f"，其中 {len(only_there)} 条备份里没有：还要用的，请在工作台里再加一次" if only_there else ""
            self._say(f"原来的问法另存为 {kept}{more}")
        faults = [fault for fault in examine(self._folder, overlay=self._overlay)[0] if fault.path == self._overlay]
        if faults:
            self._say(
                f"恢复的问法有 {len(faults)} 处和现在的知识合不上，照样能启动；请用 zhucan check 看，再到工作台里撤回。"
                f"第一处：{faults[0]}"
            )


def _samples(file: Path) -> tuple[Sample, ...] | None:
    """Return what is in the file, None if the program could not start with it."""
    try:
        return overlay_file.read(file)
    except KnowledgeError:
        return None
