"""Keeps the worked-out index and the loaded knowledge on disk, so that a start takes no seconds.

The file's name holds two fingerprints: of the knowledge files, and of what the index is learnt from, both
with the code that reads them. Changed files have another name, so a stale index is never used; where only
answers changed, the index of before is used again. How the questions were seen is kept too, so that after a
change only those that it touches are looked at. A missing, damaged or unwritable file only costs the time to
work it out again.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from importlib import metadata
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter

import intents
import knowledge
from bot.os_faults import why
from intents.index import Index, tables_in
from intents.seen import Seen, see_questions
from knowledge.loading import knowledge_files
from knowledge.model import Knowledge
from knowledge.overlay import is_there

_KNOWLEDGE = TypeAdapter(Knowledge)
_NAME = "zhucan-"
_KEPT = 5  # indexes: one for each district in use, and room for a change or two


def load(
    folder: Path, kept_in: Path, say: Callable[[str], None], overlay: Path | None = None
) -> tuple[Knowledge, Index]:
    """Return the knowledge in ``folder`` and ``overlay`` and its index, kept in or taken from ``kept_in``.

    ``say`` is told when the index has to be worked out. Raises KnowledgeError for bad knowledge.
    """
    version = fingerprint(folder, overlay)
    for path in kept_in.glob(f"{_NAME}{version}-*.npz"):
        try:
            return read(path)
        except Exception as error:
            say(f"索引文件 {path} 读不了（{why(error)}），重新准备。")
    facts = knowledge.load_usable(folder, overlay)
    learnt = learnt_from(facts)
    index = reusable(learnt, kept_in)
    if index is None:
        say("第一次使用这些知识，正在准备索引，要几秒钟……")
    seen = see(facts, known(kept_in))
    index = index or build(facts, seen)
    try:
        write(place(kept_in, version, learnt), facts, index, seen)
    except OSError as error:
        say(f"索引存不下来（{why(error)}），下次启动还要再准备一次；请检查设置 index.folder = {kept_in}")
    return facts, index


def files(folder: Path, overlay: Path | None = None) -> list[Path]:
    """Return the files that decide what is known, or are meant to: also misnamed ones, and the ``overlay``."""
    added = [overlay] if overlay and is_there(overlay) else []
    return [*knowledge_files(folder, overlay), *sorted(folder.glob("**/*.yml")), *added]


def fingerprint(folder: Path, overlay: Path | None = None) -> str:
    """Return a name for the knowledge in ``folder`` and ``overlay`` as this code understands it. Raises nothing."""
    digest = _code()
    for path in files(folder, overlay):
        try:
            content = path.read_bytes()
        except OSError:  # loading says so; such knowledge is never kept
            content = b"unreadable"
        name = "*" if path == overlay else path.relative_to(folder)
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:32]


def learnt_from(facts: Knowledge) -> str:
    """Return a name for all that the index of ``facts`` depends on: the questions and the words, not the answers."""
    digest = _code()
    entries = [(key, entry.questions) for key, entry in facts.entries() if entry.questions]
    held_out = [(group.labels, group.questions) for group in facts.held_out]
    concepts = [(concept.id, concept.words) for concept in facts.language.concepts]
    taught = (entries, held_out, concepts, dict(facts.language.replace))
    digest.update(json.dumps(taught, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:32]


def place(kept_in: Path, version: str, learnt: str) -> Path:
    """Return where in ``kept_in`` knowledge with these two fingerprints is kept."""
    return kept_in / f"{_NAME}{version}-{learnt}.npz"


def version_of(path: Path) -> str:
    """Return the :func:`fingerprint` that is in the name of a kept file."""
    return path.stem.removeprefix(_NAME).partition("-")[0]


def reusable(learnt: str, kept_in: Path) -> Index | None:
    """Return an index in ``kept_in`` that was learnt from just this, whatever the answers were."""
    for path in kept_in.glob(f"{_NAME}*-{learnt}.npz"):
        with suppress(Exception):  # a damaged one is as good as none
            return read(path)[1]
    return None


def known(kept_in: Path, version: str = "") -> Seen | None:
    """Return how this code saw the questions of the knowledge with this fingerprint, else of that used last."""
    paths = kept_in.glob(f"{_NAME}*.npz")
    for path in sorted(paths, key=lambda path: (version_of(path) == version, _used(path)), reverse=True):
        # A damaged one is as good as none.
        with suppress(Exception), path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            if arrays["code"].tobytes().decode() == _code().hexdigest():
                return Seen.from_arrays(tables_in(arrays), arrays)
    return None


def see(facts: Knowledge, known: Seen | None) -> Seen:
    """Look at the questions of ``facts``; what is ``known`` is spared."""
    if known is not None:
        return see_questions(facts, known.tables, known)
    # Only this needs OpenCC and pypinyin, which take longer to load than all else.
    from intents.libraries import ask_libraries  # noqa: PLC0415

    return see_questions(facts, ask_libraries())


def build(facts: Knowledge, seen: Seen) -> Index:
    """Work out the index of ``facts``, whose questions were ``seen``."""
    # Only this needs SciPy, which takes long to load.
    from intents.building import build  # noqa: PLC0415

    return build(facts, seen)


def read(path: Path) -> tuple[Knowledge, Index]:
    """Take back what :func:`write` kept. Raises OSError, or whatever a damaged file causes."""
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        facts = _KNOWLEDGE.validate_json(arrays["knowledge"].tobytes())
        index = Index.from_arrays(arrays)
    with suppress(OSError):  # a cache that others own can be used all the same
        os.utime(path)
    return facts, index


def write(path: Path, facts: Knowledge, index: Index, seen: Seen) -> None:
    """Keep knowledge, index and how the questions were seen at ``path``: the whole file or none. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    texts = {"knowledge": _KNOWLEDGE.dump_json(facts), "code": _code().hexdigest().encode()}
    arrays = {name: np.frombuffer(text, dtype=np.uint8) for name, text in texts.items()}
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=_NAME, suffix=".part", delete=False) as part:
        try:
            np.savez(part, allow_pickle=False, **arrays, **index.arrays(), **seen.arrays())
            part.flush()
            os.fsync(part.fileno())
        except BaseException:
            part.close()
            os.unlink(part.name)
            raise
    os.replace(part.name, path)
    with suppress(OSError):
        _forget_old(path.parent)


def _code() -> hashlib._Hash:
    """A digest of the code that an index comes from."""
    digest = hashlib.sha256()
    for library in ("opencc", "pypinyin"):  # what the character tables are taken from
        digest.update(metadata.version(library).encode())
    rooms = [Path(str(package.__file__)).parent for package in (intents, knowledge)]
    for path in sorted(source for room in rooms for source in room.glob("*.py")):
        digest.update(path.read_bytes())
    return digest


def _forget_old(folder: Path) -> None:
    """Keep the indexes used last."""
    for path in sorted(folder.glob(f"{_NAME}*.npz"), key=_used, reverse=True)[_KEPT:]:
        path.unlink(missing_ok=True)


def _used(path: Path) -> float:
    """When it was used last."""
    try:
        return path.stat().st_mtime
    except OSError:  # another process has just removed it
        return 0.0
