"""Keeps the worked-out index and the loaded knowledge on disk, so that a start takes no seconds.

The file's name is a fingerprint of the knowledge files and of the code that reads them: a changed
file has another name, so a stale index is never used. A missing, damaged or unwritable file only
costs the time to work it out again.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter

import intents
import knowledge
from intents.index import Index
from knowledge.loading import knowledge_files
from knowledge.model import Knowledge

_KNOWLEDGE = TypeAdapter(Knowledge)
_NAME = "zhucan-"
_KEPT = 5  # indexes: one for each district in use, and room for a change or two


def load(folder: Path, kept_in: Path, say: Callable[[str], None]) -> tuple[Knowledge, Index]:
    """Return the knowledge in ``folder`` and its index, kept in or taken from ``kept_in``.

    ``say`` is told when the index has to be worked out. Raises KnowledgeError for bad knowledge.
    """
    try:
        path = kept_in / f"{_NAME}{fingerprint(folder)}.npz"
    except OSError:  # a file that cannot be read: loading says which
        path = kept_in / f"{_NAME}unreadable.npz"
    try:
        return read(path)
    except FileNotFoundError:
        pass
    except Exception as error:
        say(f"索引文件 {path} 读不了（{error}），重新准备。")
    facts = knowledge.load_usable(folder)
    say("第一次使用这些知识，正在准备索引，大约要十秒……")
    # Only building needs SciPy, OpenCC and pypinyin, which take longer to load than all else.
    from intents.building import build  # noqa: PLC0415

    index = build(facts)
    try:
        write(path, facts, index)
    except OSError as error:
        say(f"索引存不下来（{error}），下次启动还要再准备一次；请检查设置 index.folder = {kept_in}")
    return facts, index


def fingerprint(folder: Path) -> str:
    """Return a name for the knowledge in ``folder`` as this code understands it."""
    digest = hashlib.sha256()
    code = [Path(str(package.__file__)).parent for package in (intents, knowledge)]
    for path in knowledge_files(folder):
        digest.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    for library in ("opencc", "pypinyin"):  # what the character tables are taken from
        digest.update(version(library).encode())
    for path in sorted(source for room in code for source in room.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:32]


def read(path: Path) -> tuple[Knowledge, Index]:
    """Take back what :func:`write` kept. Raises OSError, or whatever a damaged file causes."""
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        facts = _KNOWLEDGE.validate_json(arrays["knowledge"].tobytes())
        index = Index.from_arrays(arrays)
    with suppress(OSError):  # a cache that others own can be used all the same
        os.utime(path)
    return facts, index


def write(path: Path, facts: Knowledge, index: Index) -> None:
    """Keep knowledge and index at ``path``: the whole file or none. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = np.frombuffer(_KNOWLEDGE.dump_json(facts), dtype=np.uint8)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=_NAME, suffix=".part", delete=False) as part:
        try:
            np.savez(part, allow_pickle=False, knowledge=text, **index.arrays())
            part.flush()
            os.fsync(part.fileno())
        except BaseException:
            part.close()
            os.unlink(part.name)
            raise
    os.replace(part.name, path)
    with suppress(OSError):
        _forget_old(path.parent)


def _forget_old(folder: Path) -> None:
    """Keep the indexes used last."""
    for path in sorted(folder.glob(f"{_NAME}*.npz"), key=lambda path: -path.stat().st_mtime)[_KEPT:]:
        path.unlink(missing_ok=True)
