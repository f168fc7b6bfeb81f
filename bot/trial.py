"""What a new sample question changes: how labelled questions fare with it and without it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.evaluation import Change, Figures, Result, Row, changes
from intents import Reader, Reading
from knowledge import Fault
from knowledge.overlay import Sample


@dataclass(frozen=True)
class Wish:
    """A ``sample`` that somebody wants to add, and what was ``asked`` that it is meant for."""

    sample: Sample
    asked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Understood:
    """What a question came to: the kind of its reading, and the keys of what was answered or offered."""

    kind: str
    keys: tuple[str, ...]

    @classmethod
    def of(cls, reading: Reading) -> Understood:
        """Return what ``reading`` comes to."""
        keys = {
            "answer": (reading.topic,),
            "signpost": (reading.topic,),
            "safety": (reading.topic,),
            "action": (f"action:{reading.action}",),
            "choices": reading.choices,
        }.get(reading.kind, ())
        return cls(reading.kind, tuple(key for key in keys if key))


@dataclass(frozen=True)
class Moved:
    """A question that is understood otherwise than before."""

    question: str
    before: Understood
    after: Understood


@dataclass(frozen=True)
class SetEffect:
    """How one set of labelled questions fares; what ``worse``, ``slight`` and ``better`` hold, and in which order, is
    told at :class:`bot.evaluation.Changes`.
    """

    name: str
    count: int
    before: Figures
    after: Figures
    worse: tuple[Moved, ...]
    slight: tuple[Moved, ...]
    better: tuple[Moved, ...]


@dataclass(frozen=True)
class Outcome:
    """What came of a trial: ``faults`` that keep the sample out, else its effect on each set.

    ``version``: the fingerprint of the knowledge it was tried with; ``asked``: the sample and what it is meant for,
    before and after; ``skipped``: sets that could not be used.
    """

    version: str
    faults: tuple[Fault, ...] = ()
    sets: tuple[SetEffect, ...] = ()
    asked: tuple[Moved, ...] = ()
    skipped: tuple[str, ...] = ()

    @property
    def loses(self) -> bool:
        """Whether any question fares worse, by more than a step more to take."""
        return any(each.worse for each in self.sets)

    @property
    def slight(self) -> int:
        """How many questions take a step more or less, and no worse."""
        return sum(len(each.slight) for each in self.sets)


def effect(name: str, rows: Sequence[Row], before: Reader, after: Reader, tell: Callable[[int], None]) -> SetEffect:
    """Return how ``rows`` fare. ``tell`` is told of every question that was read, twice each."""

    def read(reader: Reader) -> list[Result]:
        results = []
        for row in rows:
            results.append(Result(row, reader.read(row.question)))
            tell(1)
        return results

    old, new = read(before), read(after)
    found = changes(old, new)
    moved = [tuple(map(_moved, some)) for some in (found.worse, found.slight, found.better)]
    return SetEffect(name, len(rows), Figures.of(old), Figures.of(new), *moved)


def _moved(change: Change) -> Moved:
    return Moved(change.row.question, _of(change.before), _of(change.after))


def _of(result: Result) -> Understood:
    return Understood.of(result.reading)


def on_what_was_asked(wish: Wish, before: Reader, after: Reader) -> tuple[Moved, ...]:
    """Return how the sample itself, and what it is meant for, is understood before and after."""
    texts = dict.fromkeys((wish.sample.question, *wish.asked))
    return tuple(Moved(text, Understood.of(before.read(text)), Understood.of(after.read(text))) for text in texts)
