"""What of a text is compared: short runs of characters, of sounds, and concepts, as hashes.

A feature is a 64-bit hash; equal runs have equal hashes on every machine. The work is done on
whole arrays: for one text of several hundred characters, or for tens of thousands of texts at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]

_ODD = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_START, _END = 2, 3  # code points that no normal text holds

CHARACTERS, SOUNDS, CONCEPTS = range(3)
KINDS = 3
_LONGEST_RUN = 2


@dataclass(frozen=True)
class Features:
    """The distinct features of one text.

    ``hashes`` and ``kinds`` (one of CHARACTERS, SOUNDS, CONCEPTS) run in parallel, sorted by hash.
    """

    hashes: Hashes
    kinds: npt.NDArray[np.uint8]


def features(text: str, sounds: Sequence[str], concepts: Sequence[str]) -> Features:
    """Return the features of a normal ``text`` with its ``sounds`` and the ``concepts`` found."""
    characters, syllables, named = _pieces(text, sounds, concepts)
    parts = [
        *((CHARACTERS, runs) for _, runs in _runs_of_one(characters, CHARACTERS)),
        *((SOUNDS, runs) for _, runs in _runs_of_one(syllables, SOUNDS)),
        (CONCEPTS, np.array(named, dtype=np.uint64)),
    ]
    hashes = np.concatenate([part for _, part in parts])
    kinds = np.repeat(np.array([kind for kind, _ in parts], np.uint8), [len(part) for _, part in parts])
    hashes, first = np.unique(hashes, return_index=True)
    return Features(hashes, kinds[first])


def runs_of_all(
    texts: Sequence[tuple[str, Sequence[str], Sequence[str]]],
) -> tuple[Hashes, npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Return the features of many ``(text, sounds, concepts)``, quicker than one by one: hashes, their kinds, and
    the bounds between texts. As often as a text holds a feature, it stands there.
    """
    if not texts:
        return np.zeros(0, np.uint64), np.zeros(0, np.uint8), np.zeros(1, np.int64)
    pieces = [piece for text in texts for piece in _pieces(*text)]
    ends = np.cumsum([len(piece) for piece in pieces])
    hashes, kinds, counts = _runs_of_pieces(np.fromiter(chain.from_iterable(pieces), np.uint64), ends)
    return hashes, kinds, np.concatenate(([0], counts[ends[KINDS - 1 :: KINDS] - 1]))


def surfaces(text: str, sounds: Sequence[str], concepts: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Yield ``(what it looks like, hash)`` for each feature, for explaining a reading."""
    characters, syllables, _ = _pieces(text, sounds, concepts)
    for kind, symbols, codes in ((CHARACTERS, text, characters), (SOUNDS, sounds, syllables)):
        shown = ["^", *symbols, "$"]
        between = " " if kind == SOUNDS else ""
        for length, runs in _runs_of_one(codes, kind):
            for start, code in enumerate(runs, int(length == 1)):
                yield between.join(shown[start : start + length]), int(code)
    for concept in concepts:
        yield concept, _name(concept)


def _pieces(text: str, sounds: Sequence[str], concepts: Sequence[str]) -> tuple[tuple[int, ...], ...]:
    """A text as numbers, for each kind."""
    return (
        (_START, *map(ord, text), _END),
        (_START, *map(_name, sounds), _END),
        tuple(map(_name, concepts)),
    )


@lru_cache(maxsize=4096)
def _name(word: str) -> int:
    """A number for a short word; distinct for all words of up to seven ASCII letters."""
    return int.from_bytes(word.encode("utf-8"), "little") % 0xFFFFFFFFFFFFFFC5


def _runs_of_one(piece: Sequence[int], kind: int) -> Iterator[tuple[int, Hashes]]:
    """Yield each length of run and the hashes of all runs that long. A single start or end mark is no run."""
    codes = np.array(piece, dtype=np.uint64)
    yield 1, _runs(codes[1:-1], 1, kind)
    for length in range(2, _LONGEST_RUN + 1):
        yield length, _runs(codes, length, kind)


def _runs_of_pieces(
    codes: Hashes, ends: npt.NDArray[np.int64]
) -> tuple[Hashes, npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    """Hash every run of the pieces of many texts, which end at ``ends`` and take turns in kind.

    Returns the hashes, their kinds, and how many of them begin up to each code. As in :func:`_runs_of_one`, a
    single start or end mark is no run; a concept stands for itself.
    """
    piece = np.repeat(np.arange(len(ends)), np.diff(ends, prepend=0))
    kind = (piece % KINDS).astype(np.uint8)
    named = kind == CONCEPTS
    hashes = np.zeros((len(codes), _LONGEST_RUN), np.uint64)
    real = np.zeros((len(codes), _LONGEST_RUN), np.bool_)
    for length in range(1, _LONGEST_RUN + 1):
        count = len(codes) - length + 1
        hashes[:count, length - 1] = _runs(codes, length, kind[:count])
        real[:count, length - 1] = (piece[:count] == piece[length - 1 :]) & ~named[:count]
    change = piece[1:] != piece[:-1]
    real[0, 0] = real[-1, 0] = False
    real[1:, 0][change] = real[:-1, 0][change] = False
    hashes[named, 0], real[named, 0] = codes[named], True
    flat = real.ravel()
    counts = np.cumsum(flat, dtype=np.int64)[_LONGEST_RUN - 1 :: _LONGEST_RUN]
    return hashes.ravel()[flat], np.repeat(kind, _LONGEST_RUN)[flat], counts


def _runs(codes: Hashes, length: int, kind: npt.NDArray[np.uint8] | int) -> Hashes:
    """Hash every run of ``length`` codes."""
    count = len(codes) - length + 1
    value = np.full(count, np.uint64(256) * kind + np.uint64(length), dtype=np.uint64)
    for offset in range(length):
        value = (value ^ codes[offset : offset + count]) * _ODD
        value ^= value >> np.uint64(29)
    value *= _MIX
    return value ^ (value >> np.uint64(32))
