"""What the assistant knows, as frozen values.

These are the words of the office: a plan has clauses; a policy entry answers one kind of question
about the plan; a signpost names who answers what the plan does not; a safety entry meets distress;
an action is something the assistant does; an outside group is what it has no business with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import ClassVar

FACETS = (
    *("money", "fee", "wage", "board", "funding", "long", "when", "apply", "soon", "number"),
    *("conditions", "residence", "age", "education", "certificate", "category", "proxy", "exam"),
    *("how", "papers", "online", "where", "which", "consequences"),
)
"""The sides of a policy that people ask about apart from the rest, and that the plan may state."""


class _Strict:
    """Makes pydantic refuse unknown keys where these classes are filled from outside."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}


@dataclass(frozen=True)
class Period(_Strict):
    """The days from which and until which a rule holds, both included."""

    begins: date
    until: date

    def over_by(self, day: date) -> bool:
        """Whether the period has ended before ``day``."""
        return day > self.until


@dataclass(frozen=True)
class Clause(_Strict):
    """One numbered passage of the plan. ``heading`` is ours; ``departments`` are the plan's own words."""

    id: str
    heading: str
    departments: tuple[str, ...]


@dataclass(frozen=True)
class Quote(_Strict):
    """Operative words of a clause, word for word."""

    clause: str
    text: str


@dataclass(frozen=True)
class Plan(_Strict):
    """The document everything is answered from.

    ``stated`` holds, by facet, what it says of all its measures alike, such as where the money comes from.
    """

    title: str
    number: str
    issuer: str
    issued: date
    valid: Period
    page: str
    successor: str
    ask_today: str
    clauses: tuple[Clause, ...]
    stated: Mapping[str, tuple[Quote, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Contact(_Strict):
    """A line or office. ``phone`` is None where no number is known: numbers are never invented."""

    id: str
    name: str
    phone: str | None
    reach: str
    text_way: str | None
    source: str
    checked: date


@dataclass(frozen=True)
class Entry(_Strict):
    """What all entries share.

    ``questions`` are sample questions in people's own words: the reader learns from them.
    """

    id: str
    title: str
    questions: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True)
class Policy(Entry):
    """The answer to one label of the plan.

    ``answer`` is plain words (at most 350 characters), ``easy`` is easy-to-read (sentences of at
    most 20 characters, at most 100 in all), ``not_stated`` is what the plan leaves open, ``stated`` what it says
    on each of the :data:`FACETS`: of all others it says nothing.
    """

    audience: tuple[str, ...]
    clauses: tuple[str, ...]
    quotes: tuple[Quote, ...]
    answer: str
    easy: str
    not_stated: tuple[str, ...]
    departments: tuple[str, ...]
    valid: Period
    next_steps: tuple[str, ...]
    related: tuple[str, ...]
    stated: Mapping[str, tuple[Quote, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Source(_Strict):
    """Where a statement comes from."""

    title: str
    says: str


@dataclass(frozen=True)
class Signpost(Entry):
    """Something people ask next to the plan: what is certain, with its source, and who knows.

    ``lead`` is said first, instead of that the plan is silent, where that would be cold.
    """

    answer: str
    easy: str
    sources: tuple[Source, ...]
    contacts: tuple[str, ...]
    related: tuple[str, ...]
    lead: str = ""


@dataclass(frozen=True)
class Safety(Entry):
    """What to say, and which lines to call, when somebody is in distress or danger."""

    answer: str
    easy: str
    contacts: tuple[str, ...]


@dataclass(frozen=True)
class Action(Entry):
    """Something the assistant does, such as taking down a registration.

    ``related`` are entries to offer along with it: a greeting shows what can be asked.
    """

    answer: str
    easy: str
    contacts: tuple[str, ...]
    related: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outside(Entry):
    """Examples of what the assistant has no business with; they only teach it to hold back."""


@dataclass(frozen=True)
class Concept(_Strict):
    """Words that mean the same for our purposes: 看不见, 全盲, 视障, 眼睛不好."""

    id: str
    words: tuple[str, ...]


@dataclass(frozen=True)
class Language(_Strict):
    """Words about words.

    ``replace`` maps a dialect or misheard word to the usual one; ``concepts`` group words of one
    meaning; ``hard_words`` have no place in an easy text; ``openings`` and ``closings`` are what people say before
    and after what they ask, in usual words.
    """

    replace: Mapping[str, str] = field(default_factory=dict)
    concepts: tuple[Concept, ...] = ()
    hard_words: tuple[str, ...] = ()
    openings: tuple[str, ...] = ()
    closings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scope(_Strict):
    """For where and for whom the plan is: words that tell that something else is meant.

    ``elsewhere`` and ``others`` are the keys of what is said then, ``reminder`` is said before what holds in the
    district. ``places`` lie outside it, unless one of the words ``here`` stands beside them; ``not_places`` are words
    that only contain such a name. ``denials`` are how people say that somebody is not disabled, ``groups`` those of
    whom most are not; one of the words ``disabled`` elsewhere in the text overrules both. After one of ``not_askers`` a
    denial is about them: an employer who employs nobody disabled, somebody's wife.
    """

    elsewhere: str
    others: str
    reminder: str
    here: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    not_places: tuple[str, ...] = ()
    denials: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    disabled: tuple[str, ...] = ()
    not_askers: tuple[str, ...] = ()


@dataclass(frozen=True)
class HeldOut(_Strict):
    """Labelled questions that are not among the samples: confidence is measured on these.

    ``labels`` are entry keys as in :meth:`Knowledge.entries` (any of them is right), or ``none``
    for what no policy and no action answers, or ``distress``.
    """

    labels: tuple[str, ...]
    questions: tuple[str, ...]


@dataclass(frozen=True)
class Labels(_Strict):
    """The ids that policies and actions must have: the contract with question sets and callers."""

    policies: tuple[str, ...]
    actions: tuple[str, ...]


@dataclass(frozen=True)
class Knowledge(_Strict):
    """All that is known about one district. ``towns`` are its towns and streets, by their official names.

    ``scope`` is None where nothing is said of other places and other people.
    """

    labels: Labels
    plan: Plan
    contacts: tuple[Contact, ...]
    policies: tuple[Policy, ...]
    signposts: tuple[Signpost, ...]
    safety: tuple[Safety, ...]
    actions: tuple[Action, ...]
    outside: tuple[Outside, ...]
    language: Language
    held_out: tuple[HeldOut, ...]
    towns: tuple[str, ...] = ()
    scope: Scope | None = None

    def entries(self) -> Iterator[tuple[str, Entry]]:
        """Yield ``(key, entry)`` for every entry; only policies have a key without a prefix."""
        for policy in self.policies:
            yield policy.id, policy
        for prefix, group in (
            ("signpost", self.signposts),
            ("safety", self.safety),
            ("action", self.actions),
            ("outside", self.outside),
        ):
            for entry in group:
                yield f"{prefix}:{entry.id}", entry

    @cached_property
    def by_key(self) -> Mapping[str, Entry]:
        """Every entry by its key, such as ``tobacco-license`` or ``signpost:sports``."""
        return dict(self.entries())

    @cached_property
    def contact(self) -> Mapping[str, Contact]:
        """Every contact by its id."""
        return {contact.id: contact for contact in self.contacts}
