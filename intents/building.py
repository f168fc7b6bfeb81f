"""Working out an index from the knowledge: this is where the sample questions are learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from intents.calibration import Calibration, Evidence, calibrate
from intents.errors import NothingToLearnError
from intents.grouping import groups_of
from intents.index import Index
from intents.libraries import ask_libraries
from intents.memory import Memory
from intents.training import train
from intents.views import Views
from intents.vocabulary import Vocabulary
from knowledge.model import Knowledge


def build(knowledge: Knowledge) -> Index:
    """Work out the index of ``knowledge``; the same knowledge gives the same index.

    Raises NothingToLearnError when there is no sample question.
    """
    tables = ask_libraries()
    views = Views(tables, knowledge.language)
    entries = [(key, entry.questions) for key, entry in knowledge.entries() if entry.questions]
    if not entries:
        raise NothingToLearnError
    seen = [views.see(question).features() for _, questions in entries for question in questions]
    owners = np.repeat(np.arange(len(entries)), [len(questions) for _, questions in entries])
    vocabulary = Vocabulary.of(seen)
    vectors = [vocabulary.vector(one) for one in seen]
    group = groups_of(vectors, owners, len(vocabulary.hashes))
    weights, biases = train(vectors, group[owners], len(vocabulary.hashes), int(group.max()) + 1)
    index = Index(
        tables=tables,
        keys=tuple(key for key, _ in entries),
        owners=owners.astype(np.int32),
        group=group.astype(np.int32),
        vocabulary=vocabulary,
        weights=weights.astype(np.float16),
        biases=biases,
        memory=Memory.of(vectors, len(vocabulary.hashes)),
        calibration=Calibration(),
    )
    held_out = _held_out(index, views, knowledge)
    return replace(index, calibration=calibrate(held_out, index.crowding)) if held_out else index


def _held_out(index: Index, views: Views, knowledge: Knowledge) -> Sequence[tuple[Evidence, npt.NDArray[np.bool_]]]:
    """The evidence for each held-out question, with which topics would be right."""
    return [
        (
            index.evidence(index.vocabulary.vector(views.see(question).features())),
            np.array([is_right(key, group.labels) for key in index.keys]),
        )
        for group in knowledge.held_out
        for question in group.questions
    ]


def is_right(key: str, labels: Sequence[str]) -> bool:
    """Whether the topic ``key`` is right for a question with these ``labels``.

    ``none`` allows every signpost and outside group, ``distress`` every safety entry.
    """
    kind = key.partition(":")[0] if ":" in key else "policy"
    return (
        key in labels
        or ("none" in labels and kind in ("signpost", "outside"))
        or ("distress" in labels and kind == "safety")
    )
