"""Writes the overlay: the file with the sample questions that staff added (see :mod:`knowledge.overlay`)."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import yaml

from bot.durable import sync_folder
from bot.store.locks import LockFile
from knowledge import Fault, KnowledgeError
from knowledge.overlay import Sample, read_samples

_HEAD = "# 工作人员在工作台里补充的问法。程序自己写这个文件；要改请在工作台里撤回、重新加。\n"
_PATIENCE = 2.0  # seconds for another writer, who needs some milliseconds
_BETWEEN = 0.02


class OverlayBusy(Exception):  # noqa: N818 – says what happened
    """Another process goes on writing the file."""


class OverlayChanged(Exception):  # noqa: N818 – says what happened
    """The knowledge is not what the question was tried with any more."""


def read(overlay: Path) -> tuple[Sample, ...]:
    """Return the samples in the file, none if there is no file. Raises KnowledgeError, OSError."""
    faults: list[Fault] = []
    samples = read_samples(overlay, faults)
    if faults:
        raise KnowledgeError(faults)
    return tuple(sample for sample, _ in samples)


def add(overlay: Path, sample: Sample, still: Callable[[], bool] = lambda: True) -> None:
    """Put ``sample`` behind the others, if ``still`` says so once nobody else can write.

    Raises OverlayChanged, OverlayBusy, KnowledgeError (the file is left as it is), OSError.
    """
    with alone(overlay):
        if not still():
            raise OverlayChanged
        write(overlay, (*read(overlay), sample))


def take_back(overlay: Path, entry: str, question: str) -> bool:
    """Take a sample out again. Return whether it was there. Raises OverlayBusy, KnowledgeError, OSError."""
    with alone(overlay):
        before = read(overlay)
        left = tuple(sample for sample in before if (sample.entry, sample.question) != (entry, question))
        if left != before:
            write(overlay, left)
        return left != before


def write(overlay: Path, samples: Sequence[Sample]) -> None:
    """Write the file: all of it, or it stays as it was. Raises OSError."""
    text = _HEAD + yaml.safe_dump([asdict(sample) for sample in samples], allow_unicode=True, sort_keys=False)
    put(beside(overlay, text.encode("utf-8")), overlay)


def beside(overlay: Path, content: bytes) -> Path:
    """Write ``content`` to a file beside the overlay, to be ``put`` in its place; return that file. Raises OSError."""
    with tempfile.NamedTemporaryFile(dir=overlay.parent, prefix=f".{overlay.name}-", delete=False) as part:
        try:
            part.write(content)
            part.flush()
            os.fsync(part.fileno())
        except BaseException:
            part.close()
            os.unlink(part.name)
            raise
    return Path(part.name)


def put(part: Path, overlay: Path) -> None:
    """Put a file that was written ``beside`` in the place of the overlay. Raises OSError."""
    os.replace(part, overlay)
    sync_folder(overlay.parent)


@contextmanager
def alone(overlay: Path) -> Iterator[None]:
    """See to it that nobody else writes the file meanwhile. Raises OverlayBusy, OSError."""
    overlay.parent.mkdir(parents=True, exist_ok=True)
    lock = _lock(overlay.with_name(f"{overlay.name}.lock"))
    try:
        yield
    finally:
        lock.release()


def _lock(file: Path) -> LockFile:
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            return LockFile(file, exclusive=True)
        except BlockingIOError as error:
            if time.monotonic() > until:
                raise OverlayBusy from error
            time.sleep(_BETWEEN)
