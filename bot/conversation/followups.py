"""Questions that lean on the topic just spoken of, such as 要好多钱 after the incubation base."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

from bot import data_files
from bot.conversation.questions import asks
from knowledge.text import bare

_LONGEST = 20  # characters; what is longer says more than such a question does
_SHORT = 14
_A_WORD = 2
_SHORTEST_NAME = 2
_LONGEST_NAME = 8
_SHORTEST_SPOTTED = 2
_WHOLE = ("again", "text_way")  # sides that a message speaks of alone
_UNKNOWN = 2  # what a character counts that is neither a filler nor a name nor asks for a side
_MARKS = re.compile(r"[\W_]+")
_ALTERNATIVES = re.compile(r"\{([^{}]*)\}")
_AGE = re.compile("[0-9一二三四五六七八九十]+多?岁")
_ASKING = re.compile(r"[呢不没]$|没[得有]$|可以|得行|[能行算]不|怎样|假的$|(\w)不\1")


@dataclass(frozen=True)
class Side:
    """One side of a topic: which of the points left open belong to it, and what is said of it where the plan is silent.

    ``sides``: those that are meant, where the words leave open which. ``alone``: nothing else is asked with it.
    ``asked``: to name it is not yet to ask.
    """

    name: str
    open: re.Pattern[str]
    unsaid: str
    sides: tuple[str, ...]
    alone: bool
    asked: bool


@dataclass(frozen=True)
class Asked:
    """Which ``sides`` of a topic are asked about, and which ``names`` out of its own words are named with them."""

    sides: tuple[Side, ...]
    names: tuple[str, ...] = ()

    def is_about(self, side: str) -> bool:
        """Whether this side, and no other, is asked about."""
        return [each.name for each in self.sides] == [side]


def names_in(*texts: str) -> frozenset[str]:
    """Return whatever may be a name of something in ``texts``: every run of characters that no mark interrupts."""
    runs = [bare(run) for text in texts for run in _MARKS.split(text)]
    return frozenset(
        run[start:end]
        for run in runs
        for start in range(len(run))
        for end in range(start + _SHORTEST_NAME, min(len(run), start + _LONGEST_NAME) + 1)
    )


def asked(message: str, own: Set[str] = frozenset()) -> Asked | None:
    """Return what ``message`` asks of a topic, of whose ``own`` names it may speak; None when it speaks of anything
    else: such a question can stand alone.
    """
    return _best(message, own, _LONGEST, unknown=0)


def asked_roughly(message: str, own: Set[str]) -> Asked | None:
    """Return what a short ``message`` asks, though a word of it is not known (最少领多少)."""
    return _best(message, own, _SHORT, unknown=_A_WORD)


def asked_among_others(message: str, own: Set[str]) -> Asked | None:
    """Return what a short ``message`` asks of the topic that it is known to be about, whatever else it says."""
    return _best(message, own, _SHORT, unknown=_SHORT)


@dataclass(frozen=True)
class _Cut:
    """A text cut into known pieces up to some character: the fewer pieces, the surer."""

    pieces: int
    unknown: int
    sides: tuple[str, ...]
    names: tuple[str, ...]

    def and_then(self, piece: _Piece) -> _Cut:
        sides = tuple(sorted({*self.sides, piece.side})) if piece.side else self.sides
        names = (*self.names, piece.name) if piece.name else self.names
        return _Cut(self.pieces + (_UNKNOWN if piece.unknown else 1), self.unknown + piece.unknown, sides, names)


@dataclass(frozen=True)
class _Piece:
    """Some characters up to ``end``: they ask for a ``side``, are a ``name``, are ``unknown``, or a mere filler."""

    end: int
    side: str = ""
    name: str = ""
    unknown: bool = False


def _best(message: str, own: Set[str], longest: int, *, unknown: int) -> Asked | None:
    """Return what is asked by a message of which at most so many characters are ``unknown``."""
    words = _AGE.sub("几岁", bare(message))
    if len(words) > longest or any(mark in words for mark in _data()["stand_alone"]):
        return None
    is_question = asks(message) or _ASKING.search(words) is not None
    if unknown and not is_question:
        return None
    cuts = [cut for cut in _cuts(words, own, unknown) if cut.sides and _go_together(cut, is_question)]
    if not cuts:
        return None
    order = list(_sides())
    best = min(cuts, key=lambda cut: (len(cut.sides), cut.pieces, [order.index(side) for side in cut.sides]))
    meant = [name for side in best.sides for name in (_sides()[side].sides or (side,))]
    return Asked(tuple(_sides()[name] for name in dict.fromkeys(meant)), best.names)


def _go_together(cut: _Cut, is_question: bool) -> bool:
    """Whether all sides can be asked about in one message, and in one that is a question or none."""
    sides = [_sides()[side] for side in cut.sides]
    if len(sides) > 1 and any(side.alone for side in sides):
        return False
    return is_question or not any(side.asked for side in sides)


def _cuts(words: str, own: Set[str], unknown: int) -> list[_Cut]:
    """Return the cuts of all ``words``: for every set of sides the one with the fewest pieces."""
    reached: list[dict[tuple[str, ...], _Cut]] = [{} for _ in range(len(words) + 1)]
    reached[0] = {(): _Cut(0, 0, (), ())}
    for start in range(len(words)):
        for piece in _pieces(words, start, own, loosely=unknown > 0) if reached[start] else ():
            for longer in [cut.and_then(piece) for cut in reached[start].values()]:
                known = reached[piece.end].get(longer.sides)
                if longer.unknown <= unknown and (known is None or longer.pieces < known.pieces):
                    reached[piece.end][longer.sides] = longer
    return list(reached[-1].values())


def _pieces(words: str, start: int, own: Set[str], *, loosely: bool) -> Iterator[_Piece]:
    """Yield what may stand at ``start``; ``loosely``, where something may be unknown, no side is asked for by less
    than a whole word.
    """
    known = _known()
    for end in range(start + 1, min(len(words), start + _longest()) + 1):
        text = words[start:end]
        for side in known.get(text, ()):
            if not (side and loosely and (end - start < _SHORTEST_SPOTTED or side in _WHOLE)):
                yield _Piece(end, side=side)
        if text in own:
            yield _Piece(end, name=text)
    if loosely:
        yield _Piece(start + 1, unknown=True)


@cache
def _known() -> Mapping[str, tuple[str, ...]]:
    """For each word the sides that it asks for; an empty one for a filler."""
    data = _data()
    known: dict[str, list[str]] = {bare(word): [""] for word in data["fillers"]}
    for name, side in data["facets"].items():
        for word in dict.fromkeys(each for pattern in side["words"] for each in _spelt_out(pattern)):
            known.setdefault(word, []).append(name)
    return {word: tuple(sides) for word, sides in known.items()}


@cache
def _longest() -> int:
    return max(map(len, _known()))


def _spelt_out(pattern: str) -> Iterator[str]:
    """Yield every word that ``pattern`` stands for: {在|到|}哪里 is 在哪里, 到哪里 and 哪里."""
    parts = _ALTERNATIVES.split(pattern)
    choices = [part.split("|") if number % 2 else [part] for number, part in enumerate(parts)]
    return (bare("".join(word)) for word in product(*choices) if bare("".join(word)))


@cache
def _sides() -> Mapping[str, Side]:
    return {
        name: Side(
            name,
            re.compile(side.get("open", "(?!)")),
            side.get("unsaid", ""),
            tuple(side.get("sides", ())),
            side.get("alone", False),
            side.get("asked", False),
        )
        for name, side in _data()["facets"].items()
    }


@cache
def _data() -> Any:
    return data_files.read("bot.conversation", "followups.yaml")
