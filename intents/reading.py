"""What a text was understood as."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["answer", "choices", "signpost", "action", "safety", "none"]


@dataclass(frozen=True)
class Candidate:
    """One topic, signpost, action or safety entry and how probable it is (0 to 1).

    ``key`` is a policy's bare id, or an id with its prefix, such as ``signpost:sports``.
    """

    key: str
    probability: float


@dataclass(frozen=True)
class Reading:
    """What the assistant makes of one text.

    ``kind`` says what to do: give one ``answer`` (``topic`` is a policy), offer two to four
    ``choices``, point to who knows (``signpost``, ``topic`` carries the prefix), carry out an
    ``action``, meet distress (``safety``, ``topic`` carries the prefix) or say that it was not
    understood (``none``). ``score`` is the calibrated probability that the first candidate is
    right; ``candidates`` are the five most probable entries whatever was decided. ``concern`` is a safety entry that
    may be behind a sigh in a long story, or in a question, which asks something else: the answer is wanted, and a kind
    word.
    ``elsewhere`` is a place outside the district where somebody lives or studies who asks about a policy.
    """

    kind: Kind
    topic: str | None = None
    choices: tuple[str, ...] = ()
    action: str | None = None
    score: float = 0.0
    candidates: tuple[Candidate, ...] = ()
    concern: str | None = None
    elsewhere: str | None = None

    @property
    def offers_help(self) -> bool:
        """Whether distress is among the choices: it is possible, and asked about."""
        return any(choice.startswith("safety:") for choice in self.choices)
