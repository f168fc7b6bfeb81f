"""How well questions are understood, measured on labelled questions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.os_faults import why
from intents.reading import Reading
from knowledge import Knowledge

NONE, DISTRESS = "none", "distress"
_WRONG = 2.0  # badness from which an answer is wrong


class QuestionFileError(Exception):
    """A question file cannot be used; the text says which, where and what would do."""


@dataclass(frozen=True)
class Row:
    """One labelled question. ``labels`` are any that would be right, ``none`` or ``distress``."""

    question: str
    labels: tuple[str, ...]
    style: str = ""

    @property
    def answerable(self) -> bool:
        """Whether the plan or the assistant has an answer: only then can one be missed."""
        return not {NONE, DISTRESS} & set(self.labels)


@dataclass(frozen=True)
class Result:
    """A row and what was read."""

    row: Row
    reading: Reading

    @property
    def given(self) -> str | None:
        """The label of what was given as *the* answer; None for choices, signposts and none."""
        reading = self.reading
        if reading.kind == "safety":
            return DISTRESS
        return {"answer": reading.topic, "action": reading.action}.get(reading.kind)

    @property
    def right(self) -> bool:
        """The answer, action or safety given is among the labels."""
        return self.given in self.row.labels

    @property
    def offered(self) -> bool:
        """Right, or any of the choices offered is."""
        return self.right or any(bare_label(choice) in self.row.labels for choice in self.reading.choices)

    @property
    def wrong(self) -> bool:
        """Another policy or action was given as the answer."""
        return self.given not in (None, DISTRESS) and not self.right

    @property
    def missed(self) -> bool:
        """Answerable, but met with a signpost or with none."""
        return self.row.answerable and self.reading.kind in ("signpost", "none")

    @property
    def refused(self) -> bool:
        """Met with a signpost or with none."""
        return self.reading.kind in ("signpost", "none")

    @property
    def leaked(self) -> bool:
        """A policy or action was given though ``none`` allows none (and no other label does)."""
        return NONE in self.row.labels and self.wrong

    @property
    def near(self) -> bool:
        """What is right was given, or is one step away.

        That is a right one to choose among those offered; or, where nothing would be right (``none``), choices at all:
        the person says that it is none of them. A distress label leaves no step to take: it is met or it is not.
        """
        if self.right or (NONE in self.row.labels and self.refused):
            return True
        allows = self.offered or NONE in self.row.labels
        return self.reading.kind == "choices" and allows and DISTRESS not in self.row.labels

    @property
    def badness(self) -> float:
        """How bad a miss this is: a confident wrong answer is the worst; 0 for a good result."""
        if self.right or (NONE in self.row.labels and self.refused):
            return 0.0
        if self.row.labels == (DISTRESS,) or self.given == DISTRESS:
            return 3.0
        return _WRONG + self.reading.score if self.wrong else 1.0 if not self.offered else 0.5


@dataclass(frozen=True)
class Change:
    """One question that two states of the knowledge read differently, well or badly."""

    before: Result
    after: Result

    @property
    def row(self) -> Row:
        """The question."""
        return self.before.row

    @property
    def step(self) -> float:
        """How much worse it fares after than before, negative for better; how sure a wrong answer is does not count."""
        return _grade(self.after) - _grade(self.before)

    @property
    def slight(self) -> bool:
        """What is right was near and stays near: the person has one step more to take, or one less."""
        return self.before.near and self.after.near


@dataclass(frozen=True)
class Changes:
    """Rows that fare otherwise than before.

    ``worse``: what is right was given or near, and is no more (right or offered, and now wrong, missed or not among the
    choices; refused with reason, and now answered), or what was missed is now answered wrongly; distress is no more
    met, or seen where there is none. ``better``: the same the other way round. ``slight``: neither, but the person has
    one step more or less to take (see :attr:`Result.near`): given and now among the choices, refused with reason and
    now choices, and back.
    """

    worse: tuple[Change, ...]
    slight: tuple[Change, ...]
    better: tuple[Change, ...]


def changes(before: Sequence[Result], after: Sequence[Result]) -> Changes:
    """Return what fares otherwise ``after`` than ``before``; both hold the same rows in the same order.

    First come the worst of ``worse``, of ``slight`` those that take one step more, and of ``better`` what gains most.
    """
    pairs = [Change(old, new) for old, new in zip(before, after, strict=True)]
    moved = [pair for pair in pairs if pair.step]
    slight = sorted((pair for pair in moved if pair.slight), key=lambda pair: pair.step < 0)
    real = [pair for pair in moved if not pair.slight]
    worse = sorted((pair for pair in real if pair.step > 0), key=lambda pair: -pair.after.badness)
    better = sorted((pair for pair in real if pair.step < 0), key=lambda pair: -pair.before.badness)
    return Changes(tuple(worse), tuple(slight), tuple(better))


def _grade(result: Result) -> float:
    """The badness without the confidence in it."""
    return result.badness if result.badness < _WRONG else float(int(result.badness))


@dataclass(frozen=True)
class Share:
    """``count`` of ``total``."""

    count: int
    total: int

    def __str__(self) -> str:
        return f"{self.count / self.total:6.1%} ({self.count}/{self.total})" if self.total else "     – "


@dataclass(frozen=True)
class Figures:
    """The figures for one group of results. The first four are shares of the answerable rows,
    ``refused``, ``leaked`` and ``offered_to_none`` of the unanswerable ones, ``caught`` of those in
    distress, ``alarmed`` of all others.
    """

    right: Share
    offered: Share
    wrong: Share
    missed: Share
    refused: Share
    leaked: Share
    offered_to_none: Share
    caught: Share
    alarmed: Share

    @classmethod
    def of(cls, results: Sequence[Result]) -> Figures:
        """Count ``results``."""
        answerable = [result for result in results if result.row.answerable]
        unanswerable = [result for result in results if NONE in result.row.labels]
        distress = [result for result in results if DISTRESS in result.row.labels]
        calm = [result for result in results if DISTRESS not in result.row.labels]
        return cls(
            right=_share(answerable, lambda result: result.right),
            offered=_share(answerable, lambda result: result.offered),
            wrong=_share(answerable, lambda result: result.wrong),
            missed=_share(answerable, lambda result: result.missed),
            refused=_share(unanswerable, lambda result: result.refused),
            leaked=_share(unanswerable, lambda result: result.leaked),
            offered_to_none=_share(unanswerable, lambda result: result.reading.kind == "choices"),
            caught=_share(distress, lambda result: result.right),
            alarmed=_share(calm, lambda result: result.given == DISTRESS),
        )


def _share(results: Sequence[Result], holds: Callable[[Result], bool]) -> Share:
    return Share(sum(map(holds, results)), len(results))


def bare_label(key: str) -> str:
    """The label of a choice: actions stand in question sets without their prefix."""
    return key.removeprefix("action:")


def read_rows(path: Path) -> list[Row]:
    """Read a question file: tab-separated, with a header naming ``question``, ``labels`` and
    perhaps ``style``. Raises :class:`QuestionFileError`.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionFileError(f"{path}：读不了（{why(error)}）；请给一个 UTF-8 的 .tsv 文件") from error
    header = lines[0].rstrip("\r").split("\t")
    if not {"question", "labels"} <= set(header):
        raise QuestionFileError(f"{path}:1：第一行要写列名 question、labels（可以再有 style），用制表符隔开")
    return list(_rows(path, header, lines[1:]))


def held_out_rows(knowledge: Knowledge) -> list[Row]:
    """Return the held-out questions of ``knowledge`` as rows: labelled, and never learnt from."""
    return [
        Row(question, tuple(dict.fromkeys(map(_label_of, group.labels))), "held-out")
        for group in knowledge.held_out
        for question in group.questions
    ]


def _label_of(key: str) -> str:
    """The label of an entry as question sets have it: what no policy and no action answers is ``none``."""
    if key.startswith(("signpost:", "outside:")):
        return NONE
    return DISTRESS if key.startswith("safety:") else bare_label(key)


def _rows(path: Path, header: Sequence[str], lines: Iterable[str]) -> Iterator[Row]:
    for number, line in enumerate(lines, 2):
        if not line.rstrip("\r"):
            continue
        cells = dict(zip(header, line.rstrip("\r").split("\t"), strict=False))
        if "question" not in cells:
            raise QuestionFileError(f"{path}:{number}：这一行少了 question；请用制表符隔开问题和标签")
        labels = tuple(filter(None, (label.strip() for label in cells.get("labels", "").split(","))))
        if not labels:
            raise QuestionFileError(f"{path}:{number}：这一行没有 labels；请用制表符隔开问题和标签")
        yield Row(cells["question"], labels, cells.get("style", ""))


def unknown_labels(rows: Iterable[Row], known: Iterable[str]) -> list[str]:
    """The labels of ``rows`` that are neither ``known`` nor ``none`` or ``distress``, sorted."""
    return sorted({label for row in rows for label in row.labels} - {*known, NONE, DISTRESS})


def separation(results: Sequence[Result], let_through: float = 0.05) -> tuple[float, Share]:
    """How well the first candidate's probability tells policy questions from unanswerable ones.

    Returns the lowest threshold at which at most ``let_through`` of the unanswerable rows have a
    policy or action as first candidate with at least that probability, and the share of policy
    rows whose first candidate is right with at least that probability.
    """
    none = sorted((_pull(result) for result in results if result.row.labels == (NONE,)), reverse=True)
    allowed = int(len(none) * let_through)
    threshold = none[allowed] + 1e-9 if allowed < len(none) else 0.0
    answerable = [result for result in results if result.row.answerable]
    return threshold, _share(answerable, lambda result: _first_is_right(result) and _pull(result) >= threshold)


def _pull(result: Result) -> float:
    """The probability of the first candidate if it is a policy or action, else 0."""
    first = result.reading.candidates[0] if result.reading.candidates else None
    return first.probability if first and not first.key.startswith(("signpost:", "safety:")) else 0.0


def _first_is_right(result: Result) -> bool:
    return bool(result.reading.candidates) and bare_label(result.reading.candidates[0].key) in result.row.labels
