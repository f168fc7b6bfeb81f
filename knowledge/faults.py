"""What can be wrong with the knowledge files, and where."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong in a knowledge file, with its place and what would do instead.

    ``line`` and ``column`` count from 1, as editors do. ``entry`` is the id of the entry the
    fault stands in, or an empty string where there is none.
    """

    path: Path
    line: int
    column: int
    entry: str
    message: str

    def __str__(self) -> str:
        where = f"{self.entry}: " if self.entry else ""
        return f"{self.path}:{self.line}:{self.column}: {where}{self.message}"


class KnowledgeError(Exception):
    """The knowledge folder cannot be used; ``faults`` says everything that is wrong with it."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = sorted(faults)
        super().__init__("\n".join(map(str, self.faults)))
