"""What a process of our own runs in, that does for the service what would make it slow."""

from __future__ import annotations

import os
from pathlib import Path

_ROOT = Path(__file__).parents[1]


def environment() -> dict[str, str]:
    """The process finds this package, takes one processor only, and loads no dictionary of phrases."""
    paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    own = {"PYTHONPATH": os.pathsep.join(paths), "OPENBLAS_NUM_THREADS": "1", "PYPINYIN_NO_PHRASES": "true"}
    return {**os.environ, **own}
