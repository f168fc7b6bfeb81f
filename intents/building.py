"""Working out an index from the knowledge: this is where the sample questions are learnt from."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from intents.calibration import Calibration, Evidence, calibrate
from intents.errors import NothingToLearnError
from intents.grouping import groups_of
from intents.index import Index
from intents.memory import Memory
from intents.seen import Seen
from intents.training import train
from intents.vocabulary import Vocabulary
from knowledge.model import Knowledge


def build(knowledge: Knowledge, seen: Seen) -> Index:
    """Work out the index of ``knowledge``; the same knowledge gives the same index.

    ``seen`` are its questions as :func:`intents.seen.see_questions` saw them. Raises NothingToLearnError when there is
    no sample question.
    """
    entries = [(key, entry.questions) for key, entry in knowledge.entries() if entry.questions]
    if not entries:
        raise NothingToLearnError
    features = seen.features_of(question for _, questions in entries for question in questions)
    owners = np.repeat(np.arange(len(entries)), [len(questions) for _, questions in entries])
    vocabulary = Vocabulary.of(features)
    vectors = vocabulary.vectors(features)
    group = groups_of(vectors, owners, len(vocabulary.hashes))
    marks = np.array([_mark(question) for _, questions in entries for question in questions], np.uint64)
    weights, biases = train(vectors, group[owners], len(vocabulary.hashes), int(group.max()) + 1, marks)
    index = Index(
        tables=seen.tables,
        keys=tuple(key for key, _ in entries),
        owners=owners.astype(np.int32),
        group=group.astype(np.int32),
        vocabulary=vocabulary,
        weights=weights.astype(np.float16),
        biases=biases,
        memory=Memory.of(vectors, len(vocabulary.hashes)),
        calibration=Calibration(),
    )
    held_out = _held_out(index, seen, knowledge)
    return replace(index, calibration=calibrate(held_out, index.crowding)) if held_out else index


def _mark(question: str) -> int:
    digest = hashlib.blake2b(question.encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(digest.digest(), "little")


def _held_out(index: Index, seen: Seen, knowledge: Knowledge) -> Sequence[tuple[Evidence, npt.NDArray[np.bool_]]]:
    """The evidence for each held-out question, with which topics would be right."""
    groups = [group for group in knowledge.held_out if group.questions]
    right = [np.array([is_right(key, group.labels) for key in index.keys]) for group in groups]
    vectors = index.vocabulary.vectors(seen.features_of(question for group in groups for question in group.questions))
    rights = (mask for group, mask in zip(groups, right, strict=True) for _ in group.questions)
    return [(index.evidence(vector), mask) for vector, mask in zip(vectors, rights, strict=True)]


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
