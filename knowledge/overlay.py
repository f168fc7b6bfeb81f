"""Sample questions that staff added to entries, in a file beside the knowledge: the overlay.

It is a file of its own so that a new version of the knowledge never loses what was added here. Each item has an
``entry`` (its key), the ``question``, the day it was ``added`` and the account it was added ``by``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError

from knowledge.faults import Fault
from knowledge.model import Knowledge, _Strict
from knowledge.written import Place, compose, construct, in_words, on_key, unfit_nodes

SECTIONS: Mapping[str, str] = {
    "policies": "",
    "signposts": "signpost:",
    "safety": "safety:",
    "actions": "action:",
    "outside": "outside:",
}
"""What stands before the ids of a section in the keys of its entries."""


@dataclass(frozen=True)
class Sample(_Strict):
    """A sample question that somebody of the staff added to an entry."""

    entry: str
    question: str
    added: date
    by: int


_SAMPLE = TypeAdapter(Sample)


def is_there(overlay: Path) -> bool:
    """Say whether there is such a file; where one may not look, there is none."""
    return os.path.exists(overlay)  # pathlib's would raise


def read_samples(overlay: Path, faults: list[Fault]) -> list[tuple[Sample, Place]]:
    """Return the samples in the file and where each stands; none if there is no file.

    What is wrong with its shape is added to ``faults``, and left out.
    """
    if not is_there(overlay):
        return []
    node = compose(overlay, faults)
    if node is None:
        return []
    if unfit := list(unfit_nodes(overlay, node, "", set())):
        faults += unfit
        return []
    if not isinstance(node, yaml.SequenceNode):
        faults.append(Place(overlay, node).fault("", "这个文件要写成列表（每条以 - 开头）"))
        return []
    read = [(_sample(Place(overlay, item), faults), Place(overlay, item)) for item in node.value]
    return [(sample, place) for sample, place in read if sample is not None]


def _sample(place: Place, faults: list[Fault]) -> Sample | None:
    try:
        return _SAMPLE.validate_python(construct(place.node))
    except yaml.MarkedYAMLError as error:
        faults.append(place.fault("", f"这里的写法读不懂（{error.problem}）"))
    except ValidationError as error:
        details = error.errors(include_url=False)
        faults += [place.fault("", in_words(detail), *on_key(detail, detail["loc"])) for detail in details]
    return None


def with_samples(knowledge: Knowledge, samples: Sequence[Sample]) -> Knowledge:
    """Return ``knowledge`` with each sample behind the questions of its entry; one without an entry is left out."""
    more: dict[str, tuple[str, ...]] = {}
    for sample in samples:
        more[sample.entry] = (*more.get(sample.entry, ()), sample.question)
    changed: dict[str, Any] = {
        section: tuple(
            replace(entry, questions=entry.questions + more.get(f"{prefix}{entry.id}", ()))
            for entry in getattr(knowledge, section)
        )
        for section, prefix in SECTIONS.items()
    }
    return replace(knowledge, **changed)
