"""The plan's own text, cut into clauses, so that quotes can be compared word for word."""

from __future__ import annotations

import re
from collections.abc import Mapping

_PART = re.compile(r"^([一二三四五六七八九十]+)、")
_SECTION = re.compile(r"^（([一二三四五六七八九十]+)）")
_ITEM = re.compile(r"^(\d+)[．.、]")

HEAD = "题头"


def clauses(text: str) -> Mapping[str, str]:
    """Cut the plan's ``text`` into its clauses.

    The ids are built from the plan's own numbering: ``一（二）2`` is part 一, section （二）, item
    2; a part or section without items stands for itself; what comes before part 一 is ``题头``.
    A heading that only introduces numbered items is not a clause.
    """
    found: dict[str, list[str]] = {HEAD: []}
    parents: set[str] = set()
    part = section = ""
    current = HEAD
    for line in filter(None, (line.strip() for line in text.splitlines())):
        if match := _PART.match(line):
            part, section, current = match[1], "", match[1]
        elif part and (match := _SECTION.match(line)):
            parents.add(part)
            section, current = f"（{match[1]}）", f"{part}（{match[1]}）"
        elif section and (match := _ITEM.match(line)):
            parents.add(f"{part}{section}")
            current = f"{part}{section}{match[1]}"
        found.setdefault(current, []).append(line)
    return {clause: "\n".join(lines) for clause, lines in found.items() if clause not in parents}
