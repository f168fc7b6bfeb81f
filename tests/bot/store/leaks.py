"""Looks for known texts in files, byte by byte, in the forms in which programs write them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

_HEAD = 6  # bytes: the shortest form of a text of three characters


def forms(text: str) -> set[bytes]:
    """Return how ``text`` looks in UTF-8, in UTF-16 and escaped in JSON."""
    escaped = json.dumps(text)[1:-1]
    upper = escaped.upper().replace("\\U", "\\u")
    return {
        text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be"), escaped.encode(), upper.encode(),
        json.dumps(escaped)[1:-1].encode(),
    }  # fmt: skip


def leaks(files: Iterable[Path], texts: Iterable[str]) -> set[tuple[str, str]]:
    """Return which of ``texts`` stand in which of ``files`` (by name)."""
    wanted: dict[bytes, list[tuple[bytes, str]]] = defaultdict(list)
    for text in texts:
        for form in forms(text):
            wanted[form[:_HEAD]].append((form, text))
    found = set()
    for file in files:
        content = file.read_bytes()
        for start in range(len(content)):
            for form, text in wanted.get(content[start : start + _HEAD], ()):
                if content.startswith(form, start):
                    found.add((file.name, text))
    return found
