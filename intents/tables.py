"""Character tables: which Simplified character stands for a Traditional one, how each is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Tables:
    """``simplified`` is a table for ``str.translate``; ``readings`` are toneless, ``v`` for ü."""

    simplified: Mapping[int, str]
    readings: Mapping[str, str]
