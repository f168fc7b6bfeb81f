"""What to do, given how probable each entry is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from intents.reading import Candidate, Reading

FEWEST_CHOICES, MOST_CHOICES = 2, 4
_SHOWN = 5
_MORE_LIKELY_THAN_NOT = 0.5
_A_PERSON = "action:human"  # every knowledge has it
_NEVER_OFFERED = frozenset({"action:greeting", "action:thanks", "action:cancel"})  # nobody would choose these


@dataclass(frozen=True)
class Bars:
    """How probable something must be (0 to 1).

    ``sure``: the first candidate is given as the answer. The probabilities are calibrated, so this
    says what an error costs: below, a short list serves better than an answer that is wrong nearly
    every other time. ``alarmed``: all safety entries together, where one of them is more probable
    than all else; to overlook distress is worse than to ask once too often. ``worth_asking``: all
    safety entries together, for one to be among the choices; a hint of suicide beside a harmless
    word frightens. ``worth_offering``: a choice.
    """

    sure: float
    alarmed: float
    worth_asking: float
    worth_offering: float


USUAL = Bars(sure=0.55, alarmed=0.35, worth_asking=0.2, worth_offering=0.06)

A_CLAUSE_ALARMS = 0.98
"""From this probability on, a single clause of a longer message is met as distress. Clauses have lost
their context, so only unmistakable ones count."""

A_NAMED_CLAUSE_ALARMS = 0.6
"""The same where the clause names it in so many words (跳江, 遗书): those leave little to what stands around."""

A_WORD = Bars(sure=0.95, alarmed=0.9, worth_asking=0.4, worth_offering=0.01)
"""A single word such as 摆摊 leaves open what about it is asked, however often it was asked one way."""


def refuse(ranked: Sequence[Candidate]) -> Reading:
    """Return the reading of a text to which nothing can be said, whatever is most probable."""
    shown = tuple(candidate for candidate in ranked if _kind(candidate) != "outside")[:_SHOWN]
    return Reading("none", score=shown[0].probability if shown else 0.0, candidates=shown)


def decide(ranked: Sequence[Candidate], bars: Bars = USUAL) -> Reading:
    """Return the reading for candidates ranked from most to least probable.

    ``ranked`` also holds outside groups, which are never offered; they take probability away
    from the rest. Distress wins over everything; where it is only possible, it is one of the
    choices, if need be beside a person to talk to, rather than that nothing is said.
    """
    inside = [candidate for candidate in ranked if _kind(candidate) != "outside"]
    if not inside:
        return refuse(ranked)
    shown = tuple(inside[:_SHOWN])
    distress = [candidate for candidate in inside if _kind(candidate) == "safety"]
    danger = sum(candidate.probability for candidate in distress)
    if danger >= bars.alarmed and (danger >= _MORE_LIKELY_THAN_NOT or distress[0] == inside[0]):
        first = distress[0]
        shown = (first, *(candidate for candidate in shown if candidate != first))[:_SHOWN]
        return Reading("safety", first.key, score=first.probability, candidates=shown)
    possible = danger >= bars.worth_asking
    first = ranked[0]
    score = inside[0].probability
    if first.probability >= bars.sure and not (possible and _kind(first) == "outside"):
        if _kind(first) == "outside":
            return refuse(ranked)
        if _kind(first) == "action":
            return Reading("action", action=first.key.partition(":")[2], score=score, candidates=shown)
        if _kind(first) == "signpost":
            return Reading("signpost", first.key, score=score, candidates=shown)
        return Reading("answer", first.key, score=score, candidates=shown)
    offered = [
        candidate.key
        for candidate in inside
        if candidate.probability >= bars.worth_offering
        and candidate.key not in _NEVER_OFFERED
        and (possible or _kind(candidate) != "safety")
    ]
    if possible and len(offered) < FEWEST_CHOICES:
        offered = [distress[0].key, _A_PERSON]
    if len(offered) >= FEWEST_CHOICES:
        return Reading("choices", choices=tuple(offered[:MOST_CHOICES]), score=score, candidates=shown)
    return refuse(ranked)


def join(whole: Reading, parts: Sequence[Reading]) -> Reading:
    """Return the reading of a message of which ``parts`` were also read alone.

    Distress in a part wins. Where parts have different answers of their own, all are offered: one
    answer would leave the other question unheard. In every other case the ``whole`` stands.
    """
    if whole.kind != "safety":
        for part in parts:
            if part.kind == "safety":
                return part
    answers = tuple(dict.fromkeys(part.topic for part in parts if part.kind in ("answer", "signpost") and part.topic))
    if whole.kind not in ("answer", "signpost", "choices") or len(answers) < FEWEST_CHOICES:
        return whole
    return Reading("choices", choices=answers[:MOST_CHOICES], score=whole.score, candidates=whole.candidates)


def _kind(candidate: Candidate) -> str:
    prefix, colon, _ = candidate.key.partition(":")
    return prefix if colon else "policy"
