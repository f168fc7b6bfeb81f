"""The public face of understanding: text in, reading out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from intents.alike import groups
from intents.deciding import A_CLAUSE_ALARMS, A_NAMED_CLAUSE_ALARMS, A_WORD, USUAL, decide, join, refuse
from intents.index import Index
from intents.parts import clauses_in, questions_in
from intents.reading import Candidate, Reading
from intents.scope import Bounds
from intents.views import View, Views
from intents.vocabulary import Vector
from knowledge.model import Knowledge

ALIKE = 0.45
"""From this cosine on two questions are taken to ask the same (see docs/understanding.md)."""

_BACKGROUND = ("outside:unfinished", "outside:family", "outside:hardships")
"""Where the knowledge keeps what people tell about themselves and theirs without asking anything."""

_SIGH = "safety:despair"
"""What a sigh is taken for. An emergency, violence or a scam told in passing are met as such however long the story."""

_A_STORY = 4  # clauses
_STORY_ALARMS = 0.02
_A_HINT = 0.1  # below what would be asked about
_UNCLEAR = {"none": 0, "choices": 1}
_EXPLAINED_QUESTIONS = 5
_EXPLAINED_FEATURES = 12
_LONGEST_WORD = 3  # syllables
_RANKED = 24  # what lies beyond is too improbable to matter


@dataclass(frozen=True)
class Explanation:
    """Why a text was read as it was.

    ``normal`` is the form that was compared, ``concepts`` what its words stand for. ``questions``
    are the nearest sample questions with their entry and likeness (0 to 1). ``features`` are the
    pieces of the text that spoke most for ``first``, the most probable entry (positive), or for its
    ``rival``; either may be an outside group, which no reading shows. ``parts`` are what was also read
    alone, with what each came to: they can change the reading.
    """

    reading: Reading
    first: str
    parts: tuple[tuple[str, Reading], ...]
    normal: str
    concepts: tuple[str, ...]
    questions: tuple[tuple[str, str, float], ...]
    features: tuple[tuple[str, float], ...]
    rival: str | None


class Reader:
    """Understands questions about one district's knowledge.

    Pure and deterministic: the same knowledge and text give the same reading, nothing is
    remembered between calls, and any string has a reading. ``index`` can be kept and handed to
    another reader of the same knowledge.
    """

    def __init__(self, knowledge: Knowledge, index: Index | None = None) -> None:
        """Make a reader, working out the ``index`` (some seconds) when none is given."""
        if index is None:
            # Only building needs SciPy, OpenCC and pypinyin, which take longer to load than all else.
            from intents.building import build  # noqa: PLC0415
            from intents.libraries import ask_libraries  # noqa: PLC0415
            from intents.seen import see_questions  # noqa: PLC0415

            index = build(knowledge, see_questions(knowledge, ask_libraries()))
        self.index = index
        self._views = Views(self.index.tables, knowledge.language)
        self._bounds = Bounds(knowledge)
        self._questions = [question for _, entry in knowledge.entries() for question in entry.questions]

    def read(self, text: str) -> Reading:
        """Return what ``text`` (any string) is understood as."""
        return self._bounds.keep(_with_concern(self._understood(text)), self._views.plain(text))

    def _understood(self, text: str) -> Reading:
        whole = self._read(text)
        if whole.kind == "safety":
            return whole
        whole = self._better(whole, text)
        parts = [self._read(part) for part in questions_in(text) if part != text]
        alarming = [clause for clause in clauses_in(text) if self._alarms(clause)]
        found = [reading for reading in map(self._read, alarming) if reading.kind == "safety"]
        found.sort(key=lambda reading: reading.topic == _SIGH)  # what presses more comes first
        only_sighs = bool(found) and all(reading.topic == _SIGH for reading in found)
        if only_sighs and whole.kind != "none" and not self._is_plain_distress(text, alarming):
            return replace(join(whole, parts), concern=_SIGH)
        return join(whole, [*parts, *found])

    def _is_plain_distress(self, text: str, alarming: Sequence[str]) -> bool:
        """Say whether the ``alarming`` clauses are more than a sigh in a long story that asks something else."""
        return (
            len(clauses_in(text)) < _A_STORY
            or self.index.alarm(self._vector(self._views.see(text))) >= _STORY_ALARMS
            or any(self._names(self._views.see(clause), self.index.distress) for clause in alarming)
        )

    def _better(self, whole: Reading, text: str) -> Reading:
        """Return the reading of what ``text`` asks without what it tells about the person, where that is clearer."""
        if whole.kind not in _UNCLEAR or whole.offers_help:
            return whole
        clauses = clauses_in(text)
        asked = [clause for clause in clauses if not self._is_background(clause)]
        if not asked or len(asked) == len(clauses):
            return whole
        alone = self._read(" ".join(asked))
        alarms = alone.kind == "safety" or alone.offers_help  # 打我的
        return alone if not alarms and _UNCLEAR.get(alone.kind, 2) > _UNCLEAR[whole.kind] else whole

    def _is_background(self, clause: str) -> bool:
        return self.index.share(self._vector(self._views.see(clause)), _BACKGROUND) >= USUAL.sure

    def alike(self, texts: Sequence[str], least: float = ALIKE) -> list[list[int]]:
        """Return the numbers of ``texts`` that ask nearly the same, the largest group first, as :func:`groups`."""
        vectors = [self._vector(self._views.see(text)) for text in texts]
        return groups(vectors, len(self.index.vocabulary.hashes), least)

    def explain(self, text: str) -> Explanation:
        """Return the reading of ``text`` and what decided it."""
        view = self._views.see(text)
        vector = self._vector(view)
        ranked = self._ranked(vector)
        first, rival = ranked[0].key, (ranked[1].key if len(ranked) > 1 else None)
        return Explanation(
            reading=self.read(text),
            first=first,
            parts=tuple((part, self._read(part)) for part in dict.fromkeys([*questions_in(text), *clauses_in(text)])),
            normal=view.characters or " ".join(view.sounds),
            concepts=view.concepts,
            questions=tuple(self._nearest(vector)),
            features=tuple(self._telling(view, vector, first, rival)),
            rival=rival,
        )

    def _read(self, text: str) -> Reading:
        view = self._views.see(text)
        return self._decided(view, self._ranked(self._vector(view)))

    def _alarms(self, clause: str) -> bool:
        view = self._views.see(clause)
        bar = A_NAMED_CLAUSE_ALARMS if self._names(view, (_SIGH,)) else A_CLAUSE_ALARMS
        return self.index.alarm(self._vector(view)) >= bar

    def _names(self, view: View, keys: Collection[str]) -> bool:
        return any(self.index.speaks_of(concept, keys) for concept in view.concepts)

    def _vector(self, view: View) -> Vector:
        return self.index.vocabulary.vector(view.features())

    @staticmethod
    def _decided(view: View, ranked: list[Candidate]) -> Reading:
        if not view.sounds:
            return refuse(ranked)
        return decide(ranked, A_WORD if len(view.sounds) <= _LONGEST_WORD else USUAL)

    def _ranked(self, vector: Vector) -> list[Candidate]:
        """The most probable entries, outside groups among them, the most probable first."""
        index = self.index
        probabilities = index.calibration.probabilities(index.evidence(vector), index.crowding)
        best = np.argsort(-probabilities, kind="stable")[:_RANKED]
        return [Candidate(index.keys[topic], float(probabilities[topic])) for topic in best]

    def _nearest(self, vector: Vector) -> Iterator[tuple[str, str, float]]:
        near = self.index.memory.nearest(vector, _EXPLAINED_QUESTIONS)
        for question, likeness in zip(near.questions, near.likeness, strict=True):
            key = self.index.keys[self.index.owners[question]]
            yield self._questions[question], key, float(likeness)

    def _telling(self, view: View, vector: Vector, first: str, rival: str | None) -> Iterator[tuple[str, float]]:
        """The features that moved the score of ``first`` against ``rival``, strongest first."""
        index = self.index
        weights = index.weights[vector.columns].astype(np.float32)
        difference = weights[:, index.group[index.keys.index(first)]]
        if rival is not None:
            difference = difference - weights[:, index.group[index.keys.index(rival)]]
        shares = index.calibration.learnt * vector.values * difference
        pieces = {code: piece for piece, code in view.surfaces()}
        for place in np.argsort(-np.abs(shares), kind="stable")[:_EXPLAINED_FEATURES]:
            code = int(index.vocabulary.hashes[vector.columns[place]])
            yield pieces[code], float(shares[place])


def _with_concern(reading: Reading) -> Reading:
    """Return the answer with a kind word where a sigh may be behind the question: 以后我走了他咋个办嘛."""
    if reading.kind not in ("answer", "signpost") or reading.concern:
        return reading
    hint = any(each.key == _SIGH and each.probability >= _A_HINT for each in reading.candidates)
    return replace(reading, concern=_SIGH) if hint else reading
