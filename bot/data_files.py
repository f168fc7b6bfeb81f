"""The YAML files that lie beside the code: words, forms, menus."""

from __future__ import annotations

from importlib import resources
from typing import Any

import yaml

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # many times as fast, where it was built


def read(package: str, name: str) -> Any:
    """Return what stands in the file ``name`` of ``package``. Raises FileNotFoundError, yaml.YAMLError."""
    text = resources.files(package).joinpath(name).read_text(encoding="utf-8")
    return yaml.load(text, Loader=_Loader)
