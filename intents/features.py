"""What of a text is compared: short runs of characters, of sounds, and concepts, as hashes.

A feature is a 64-bit hash; equal runs have equal hashes on every machine. The work is done on
whole arrays, so that a text of several hundred characters costs little.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]

_ODD = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_START, _END = 2, 3  # code points that no normal text holds

CHARACTERS, SOUNDS, CONCEPTS = range(3)
_LONGEST_RUN = {CHARACTERS: 2, SOUNDS: 2}


@dataclass(frozen=True)
class Features:
    """The distinct features of one text.

    ``hashes`` and ``kinds`` (one of CHARACTERS, SOUNDS, CONCEPTS) run in parallel, sorted by hash.
    """

    hashes: Hashes
    kinds: npt.NDArray[np.uint8]


def features(text: str, sounds: Sequence[str], concepts: Sequence[str]) -> Features:
    """Return the features of a normal ``text`` with its ``sounds`` and the ``concepts`` found."""
    parts = [
        (CHARACTERS, _runs(_characters(text), CHARACTERS)),
        (SOUNDS, _runs(_sound_codes(sounds), SOUNDS)),
        (CONCEPTS, np.array(list(map(_name, concepts)), dtype=np.uint64)),
    ]
    hashes = np.concatenate([part for _, part in parts])
    kinds = np.concatenate([np.full(len(part), kind, dtype=np.uint8) for kind, part in parts])
    hashes, first = np.unique(hashes, return_index=True)
    return Features(hashes, kinds[first])


def surfaces(text: str, sounds: Sequence[str], concepts: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Yield ``(what it looks like, hash)`` for each feature, for explaining a reading."""
    for kind, symbols, codes in (
        (CHARACTERS, ["^", *text, "$"], _characters(text)),
        (SOUNDS, ["^", *sounds, "$"], _sound_codes(sounds)),
    ):
        between = " " if kind == SOUNDS else ""
        for length in range(1, _LONGEST_RUN[kind] + 1):
            for start, code in enumerate(_runs_of(codes, length, kind)):
                yield between.join(symbols[start : start + length]), int(code)
    for concept in concepts:
        yield concept, _name(concept)


def _characters(text: str) -> Hashes:
    codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
    return np.concatenate(([_START], codes, [_END])).astype(np.uint64)


def _sound_codes(sounds: Sequence[str]) -> Hashes:
    return np.array([_START, *map(_name, sounds), _END], dtype=np.uint64)


def _name(word: str) -> int:
    """A number for a short word; distinct for all words of up to seven ASCII letters."""
    return int.from_bytes(word.encode("utf-8"), "little") % 0xFFFFFFFFFFFFFFC5


def _runs(codes: Hashes, kind: int) -> Hashes:
    return np.concatenate([_runs_of(codes, length, kind) for length in range(1, _LONGEST_RUN[kind] + 1)])


def _runs_of(codes: Hashes, length: int, kind: int) -> Hashes:
    """Hash every run of ``length`` codes; single start and end marks are no run."""
    count = len(codes) - length + 1
    if count <= 0:
        return np.zeros(0, dtype=np.uint64)
    if length == 1:
        codes, count = codes[1:-1], count - 2
    value = np.full(count, (kind << 8) + length, dtype=np.uint64)
    for offset in range(length):
        value = (value ^ codes[offset : offset + count]) * _ODD
        value ^= value >> np.uint64(29)
    value *= _MIX
    return value ^ (value >> np.uint64(32))
