"""What a form asks, as data: ``bot/forms/*.yaml`` read into frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import ClassVar, Literal

from pydantic import TypeAdapter

from bot import data_files
from bot.conversation.fields.choices import ChoiceOption
from bot.conversation.fields.phrases import has_all

Kind = Literal["consent", "choice", "choices", "age", "name", "phone", "town", "text"]


@dataclass(frozen=True)
class FormOption:
    """One choice of a step. ``words`` are other ways to say it; those joined by + stand in any order.

    ``number``: a telephone number and nothing else chooses it; ``ages``: the years it stands for, both included;
    ``alone``: it excludes the others; ``agrees``: choosing it is consent; ``only_abroad``: it is offered only on a
    channel whose servers are abroad; ``ends``: choosing it ends the form with the phrase of that name, after which the
    entries ``offers`` can be asked about.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    id: str
    label: str
    words: tuple[str, ...] = ()
    ages: tuple[int, int] | None = None
    number: bool = False
    alone: bool = False
    agrees: bool = False
    only_abroad: bool = False
    ends: str | None = None
    offers: tuple[str, ...] = ()

    @property
    def choice(self) -> ChoiceOption:
        """As a line of a list to choose from, by those of its words that stand together."""
        whole = tuple(word for word in self.words if "+" not in word)
        return ChoiceOption(self.id, self.label, whole, self.alone)


@dataclass(frozen=True)
class Step:
    """One question of a form.

    ``ask`` is what is asked, ``ask_other`` when it is about somebody else, ``easy`` and ``easy_other`` in easy words,
    ``short`` when it is asked once more; ``why`` tells who wonders what it is asked for; ``unclear`` is said when the
    answer was not understood, ``must`` when it cannot be skipped; who says one of ``unable`` cannot answer it.
    ``cues`` announce the answer where several things are told at once; ``names`` are other words for ``label``.
    With the answers of ``mobile_when`` only a mobile phone will do, for which ``ask_mobile`` asks.
    ``when`` names the answers of earlier steps (any of the values) without which the step is left out,
    ``skippable_when`` those with which it can be skipped. ``fixed`` steps cannot be changed once
    registered; ``sensitive`` ones are left out where sensitive things must not be asked;
    another answer to one that ``restarts`` drops all answers after it. ``version`` is that of the
    text agreed to. ``limit`` is in characters.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    id: str
    kind: Kind
    label: str
    ask: str
    ask_other: str = ""
    easy: str = ""
    easy_other: str = ""
    ask_mobile: str = ""
    ask_mobile_other: str = ""
    short: str = ""
    why: str = ""
    unclear: str = ""
    must: str = ""
    unable: tuple[str, ...] = ()
    cues: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    version: str = ""
    skippable: bool = False
    fixed: bool = False
    sensitive: bool = False
    restarts: bool = False
    only_abroad: bool = False
    limit: int = 0
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    skippable_when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mobile_when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    options: tuple[FormOption, ...] = ()

    def needs_mobile(self, answers: Mapping[str, object]) -> bool:
        """Whether the phone asked for has to be a mobile one, as text messages go there."""
        return bool(self.mobile_when) and all(answers.get(id) in values for id, values in self.mobile_when.items())

    def option(self, id: str) -> FormOption | None:
        """Return the option with this ``id``, None when there is none (any more)."""
        return next((option for option in self.options if option.id == id), None)


@dataclass(frozen=True)
class Asked:
    """What people ask about the form itself: a question with any of the ``words`` gets the ``answer``.

    Of words joined by + all have to be in it, wherever they stand. ``registered`` is the answer to whoever registered
    already: {month} and {day} are those by which somebody gets in touch. ``sure``: in the form it is about the form,
    whatever else it may be like; ``anywhere``: outside of it too.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    words: tuple[str, ...]
    answer: str
    registered: str = ""
    sure: bool = False
    anywhere: bool = False

    def is_asked(self, words: str) -> bool:
        """Whether ``words``, bare of all else, ask this."""
        return any(has_all(words, word) for word in self.words)


@dataclass(frozen=True)
class Form:
    """A form: its steps in the order in which they are asked, and what people ask about it."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    id: str
    title: str
    steps: tuple[Step, ...]
    faq: tuple[Asked, ...] = ()

    def step(self, id: str | None) -> Step | None:
        """Return the step with this ``id``, None when there is none (any more)."""
        return next((step for step in self.steps if step.id == id), None)


@cache
def load_form(name: str) -> Form:
    """Return the form ``bot/forms/<name>.yaml``. Raises pydantic's ValidationError for a faulty file."""
    return TypeAdapter(Form).validate_python(data_files.read("bot.forms", f"{name}.yaml"))
