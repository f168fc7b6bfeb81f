"""Working out an index from the knowledge: this is where the sample questions are learnt from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from intents.calibration import Calibration, Evidence, calibrate
from intents.errors import NothingToLearnError
from intents.features import Features, features_of_all
from intents.grouping import groups_of
from intents.index import Index
from intents.libraries import ask_libraries
from intents.memory import Memory
from intents.training import train
from intents.views import See, Views
from intents.vocabulary import Vocabulary
from knowledge.model import Knowledge


def build(knowledge: Knowledge, see: See | None = None) -> Index:
    """Work out the index of ``knowledge``; the same knowledge gives the same index.

    ``see`` looks at a text through the words of this knowledge; without it, views are made anew.
    Raises NothingToLearnError when there is no sample question.
    """
    see = see or Views(ask_libraries(), knowledge.language).see
    entries = [(key, entry.questions) for key, entry in knowledge.entries() if entry.questions]
    if not entries:
        raise NothingToLearnError
    seen = _features(see, (question for _, questions in entries for question in questions))
    owners = np.repeat(np.arange(len(entries)), [len(questions) for _, questions in entries])
    vocabulary = Vocabulary.of(seen)
    vectors = vocabulary.vectors(seen)
    group = groups_of(vectors, owners, len(vocabulary.hashes))
    weights, biases = train(vectors, group[owners], len(vocabulary.hashes), int(group.max()) + 1)
    index = Index(
        tables=ask_libraries(),
        keys=tuple(key for key, _ in entries),
        owners=owners.astype(np.int32),
        group=group.astype(np.int32),
        vocabulary=vocabulary,
        weights=weights.astype(np.float16),
        biases=biases,
        memory=Memory.of(vectors, len(vocabulary.hashes)),
        calibration=Calibration(),
    )
    held_out = _held_out(index, see, knowledge)
    return replace(index, calibration=calibrate(held_out, index.crowding)) if held_out else index


def _features(see: See, questions: Iterable[str]) -> list[Features]:
    views = map(see, questions)
    return features_of_all([(view.characters, view.sounds, view.concepts) for view in views])


def _held_out(index: Index, see: See, knowledge: Knowledge) -> Sequence[tuple[Evidence, npt.NDArray[np.bool_]]]:
    """The evidence for each held-out question, with which topics would be right."""
    groups = [group for group in knowledge.held_out if group.questions]
    right = [np.array([is_right(key, group.labels) for key in index.keys]) for group in groups]
    seen = _features(see, (question for group in groups for question in group.questions))
    rights = (mask for group, mask in zip(groups, right, strict=True) for _ in group.questions)
    return [(index.evidence(vector), mask) for vector, mask in zip(index.vocabulary.vectors(seen), rights, strict=True)]


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
