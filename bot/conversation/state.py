"""What is remembered of one person's conversation: plain values, kept between messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.conversation.registration import Answer, Consent, Registration


@dataclass(frozen=True)
class Option:
    """One line of a numbered list: what is read, and what choosing it does.

    ``act`` is a verb and its object, such as ``entry stall-rent``.
    """

    label: str
    act: str


PASS_ON = "letter-send"
"""The verb of a line that passes words on to the staff."""


@dataclass(frozen=True)
class OpenList:
    """The list to be chosen from. ``id`` is unguessable, so that a button of another list or person is told apart;
    ``words`` are what the person said that one of its lines passes on to the staff; ``again``: a question that was put
    a second time already, as the answer to it was in doubt.
    """

    id: str
    options: tuple[Option, ...]
    words: str = ""
    again: bool = False

    @property
    def asks_to_pass_on(self) -> bool:
        """Whether nothing is asked but whether to pass the words on to the staff."""
        return [option.act for option in self.options[:2]] == [PASS_ON, "none"]

    @property
    def asks_about_whom(self) -> bool:
        """Whether it is asked about which registration the words go to the staff."""
        return any(option.act.startswith(f"{PASS_ON} ") for option in self.options)


@dataclass(frozen=True)
class Draft:
    """A form being filled in.

    ``answers`` by field id; ``skipped`` fields were passed over; ``step`` is the field being asked, None
    for the check page; ``picked`` are the choices made so far in a field that takes several; ``told`` is what was
    told before its field was asked: it is no answer until the person says so; ``receipt`` is set when an
    existing registration is being changed; ``paused`` while the person talks of other things; ``missed`` counts the
    answers to the current question that were not understood.
    """

    form: str
    started: datetime
    answers: Mapping[str, Answer] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()
    consents: tuple[Consent, ...] = ()
    step: str | None = None
    picked: tuple[str, ...] = ()
    told: Mapping[str, Answer] = field(default_factory=dict)
    receipt: str | None = None
    paused: bool = False
    missed: int = 0


@dataclass(frozen=True)
class State:
    """One person's conversation.

    ``easy``: answers in easy-to-read words; ``open``: the list to be chosen from; ``topic``: the entry
    answered last; ``question``: the message that led to it; ``registrations``: those left from this chat;
    ``forgotten``: the person wants all that was said so far to be erased; ``staff_wrote``: the receipt of the
    registration that the staff last wrote about and when, None if they never did; ``letter_to``: the one that the next
    message is a letter to the staff about; ``unsent``: what the person was asked about passing on when the staff wrote
    once more; ``stayed``: whoever is in distress was told once already that something was not understood.
    """

    easy: bool = False
    open: OpenList | None = None
    topic: str | None = None
    question: str = ""
    draft: Draft | None = None
    registrations: tuple[Registration, ...] = ()
    forgotten: bool = False
    staff_wrote: tuple[str, datetime] | None = None
    letter_to: str = ""
    unsent: str = ""
    stayed: bool = False

    @property
    def in_form(self) -> bool:
        """Whether a form is being filled in just now."""
        return self.draft is not None and not self.draft.paused

    @property
    def in_distress(self) -> bool:
        """Whether what was said last was said to somebody in distress."""
        return self.topic is not None and self.topic.startswith("safety:")

    def registration(self, receipt: str | None) -> Registration | None:
        """Return the registration with this ``receipt``, None when there is none (any more)."""
        return next((kept for kept in self.registrations if kept.receipt == receipt), None)

    def with_form_paused(self) -> State:
        """Return the state in which the person talks of other things; a form waits where it was left."""
        return replace(self, draft=replace(self.draft, paused=True)) if self.draft is not None else self

    def with_all_put_aside(self, receipt: str) -> State:
        """Return the state in which nothing is asked any more, as the staff wrote about the registration ``receipt``.

        A form waits; only a letter about that same registration is still awaited. Who was in distress still is. Words
        that were to be passed on wait for the next that are: what would pass them on now may be meant as an answer.
        """
        letter_to = self.letter_to if self.letter_to == receipt else ""
        asked = self.open is not None and (self.open.asks_to_pass_on or self.open.asks_about_whom)
        return replace(
            self.with_form_paused(),
            open=None,
            topic=self.topic if self.in_distress else None,
            letter_to=letter_to,
            unsent=self.open.words if self.open is not None and asked else self.unsent,
        )


def draft_of(state: State) -> Draft:
    """Return the form being filled in, where it is certain that there is one."""
    assert state.draft is not None
    return state.draft
