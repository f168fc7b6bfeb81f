"""Invented registrations and what was done about them. Pure: the same seed and time give the same cases."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from bot import data_files
from bot.casework import case as casework
from bot.casework.account import Account, Role
from bot.casework.case import CONTACT, Case, CaseMessage, Event, FollowUp, Status, Step, StepDone
from bot.clock import day_of
from bot.conversation.forms import Form
from bot.conversation.forms import Step as Question
from bot.conversation.receipts import new_receipt
from bot.conversation.registration import Answer, Consent, Registration

_OLDEST = 700  # days, so that none is old enough to be deleted
_ORDER = (Step.INFORMATION_CHECK, Step.ABILITY_ASSESSMENT, Step.NEED_REGISTRATION, Step.SERVICE)
_WEIGHTS = {"education": {"college-student": 2, "college-recent": 3, "college": 8}}
"""How often an option is chosen where not all are chosen alike: about one in twenty is a graduate."""
_SEVERAL = {"wanted": 3, "categories": 1, "help": 2, "training": 2}
"""How many options at most somebody chooses."""


@cache
def words() -> Mapping[str, Any]:
    """Return the words that the inventions are made of."""
    found: Mapping[str, Any] = data_files.read("bot.staff", "demo.yaml")
    return found


def invent(
    count: int, seed: int, now: datetime, form: Form, towns: Sequence[str], staff: Sequence[Account]
) -> Iterator[Case]:
    """Yield ``count`` cases of ``towns``, some worked on by those of ``staff`` who may see them."""
    chance = random.Random(seed)
    clerks = {town: [one.id for one in staff if one.role is Role.CLERK and one.may_see(town)] for town in towns}
    weights = [1 + 4 / (place + 1) for place in range(len(towns))]
    taken: set[str] = set()
    for number in range(count):
        receipt = _receipt(chance, taken)
        town = chance.choices(towns, weights)[0]
        created = now - timedelta(days=_OLDEST * chance.random() ** 1.4, minutes=1)
        registration = _registration(chance, receipt, number, created, town, form)
        yield _Story(chance, registration, town, now, clerks[town]).told()


def _receipt(chance: random.Random, taken: set[str]) -> str:
    while (receipt := new_receipt(f"{chance.getrandbits(128):032x}")) in taken:
        """Somebody has it already."""
    taken.add(receipt)
    return receipt


def _registration(
    chance: random.Random, receipt: str, number: int, created: datetime, town: str, form: Form
) -> Registration:
    answers: dict[str, Answer] = {}
    consents: list[Consent] = []
    for step in form.steps:
        if step.only_abroad or any(answers.get(name) not in values for name, values in step.when.items()):
            continue
        if step.skippable and chance.random() < 0.2:
            continue
        answer = _answer(chance, step, number, town)
        answers[step.id] = answer
        if step.kind == "consent":
            consents.append(Consent(step.id, step.version, answer != "no", created))
    return Registration(receipt, answers, tuple(consents), created, created)


def _answer(chance: random.Random, step: Question, number: int, town: str) -> Answer:
    known = words()
    match step.kind:
        case "town":
            return town
        case "phone":
            return f"+86{known['phone_prefix']}{(number - (number % 50 == 1)) % 10**8:08d}"  # some share one
        case "name":
            return str(chance.choice(known["surnames"]) + chance.choice(known["given"]))
        case "text":
            return str(chance.choice(known["more"]))
        case "consent":
            return "no" if step.id == "category_consent" and chance.random() < 0.15 else step.options[0].id
        case "choices":
            several = [option.id for option in step.options if not option.alone]
            return tuple(sorted(chance.sample(several, chance.randint(1, _SEVERAL.get(step.id, 1)))))
    offered = [option.id for option in step.options if not option.ends and not option.only_abroad]
    weights = _WEIGHTS.get(step.id, {})
    return chance.choices(offered, [weights.get(option, 16) for option in offered])[0]


@dataclass
class _Story:
    """What happened to one registration from the day it was left until now."""

    chance: random.Random
    registration: Registration
    town: str
    now: datetime
    clerks: Sequence[int]
    at: datetime = field(init=False)
    events: list[Event] = field(default_factory=list)
    steps: list[StepDone] = field(default_factory=list)
    visits: list[FollowUp] = field(default_factory=list)
    messages: list[CaseMessage] = field(default_factory=list)
    status: Status = Status.NEW
    changes: dict[str, Any] = field(default_factory=dict)

    def told(self) -> Case:
        self.at = self.registration.created
        self.events.append(Event(0, "opened", None, {}, self.at))
        if self.clerks and self.chance.random() < 0.93:
            self._worked_on(self.chance.choice(self.clerks))
        return Case(
            registration=self.registration,
            town=self.town,
            phone_shared=False,
            status=self.status,
            reason=self.changes.get("reason", ""),
            counselor=self.changes.get("counselor"),
            version=1 + sum(event.staff is not None for event in self.events),
            first_contact=self.changes.get("first_contact"),
            employed=self.changes.get("employed"),
            filed=self.changes.get("filed"),
            plan=self.changes.get("plan", ""),
            steps=tuple(self.steps),
            follow_ups=tuple(sorted(self.visits, key=lambda each: each.due)),
            events=tuple(self.events),
            messages=tuple(self.messages),
        )

    def _later(self, days: float) -> bool:
        """Let some days go by, unless it is now before they have; return whether it was not."""
        at = self._in(days)
        if at >= self.now:
            return False
        self.at = at
        return True

    def _in(self, days: float) -> datetime:
        return self.at + timedelta(days=days * (0.3 + 1.4 * self.chance.random()))

    def _worked_on(self, clerk: int) -> None:
        if not self._later(2.5):
            return
        if self.chance.random() < 0.8:
            self._event("counselor", clerk, {"before": "", "after": str(clerk)})
            self.changes["counselor"] = clerk
        self._first_contact(clerk)
        for step in _ORDER[: self.chance.choices((0, 1, 2, 3, 4), (5, 15, 15, 15, 50))[0]]:
            if not self._later(12):
                return
            self._do(step, clerk)
        if self._is_graduate() and self.chance.random() < 0.85 and self._later(3):
            self._file(clerk)
        self._end(clerk)
        if self.status is Status.EMPLOYED or self.chance.random() < 0.3:
            self._follow_up(clerk)

    def _first_contact(self, clerk: int) -> None:
        known = words()
        if self.chance.random() < 0.2:
            text = self.chance.choice(known["letters"])
            self.messages.append(CaseMessage(0, clerk, text, self.at, "sent"))
            self._event("message", clerk, {})
            self.changes["first_contact"] = self.at
            if self.chance.random() < 0.5 and self._later(1):
                seen = self.at + timedelta(hours=5) if self.chance.random() < 0.9 else None
                self.messages.append(CaseMessage(0, None, self.chance.choice(known["replies"]), self.at, seen=seen))
                self._event("reply", None, {})
        else:
            note = self.chance.choice(known["notes"]["contact"])
            self._event("note", clerk, {"text": note, CONTACT: "yes"})
            self.changes["first_contact"] = self.at

    def _do(self, step: Step, clerk: int) -> None:
        result = self.chance.choice(words()["steps"][step.value])
        before, self.status = self.status, casework.advanced(self.status, step)
        self.steps.append(StepDone(step, day_of(self.at), clerk, result))
        content = {"step": step.value, "before": "", "after": day_of(self.at).isoformat(), "result": result}
        self._event("step", clerk, content | ({"status": self.status.value} if before != self.status else {}))

    def _is_graduate(self) -> bool:
        return self.registration.answers.get("education") in casework.GRADUATE_EDUCATION

    def _file(self, clerk: int) -> None:
        plan = self.chance.choice(words()["plans"])
        self.changes |= {"plan": plan, "filed": day_of(self.at)}
        self._event("plan", clerk, {"before": "", "after": plan, "on": day_of(self.at).isoformat()})

    def _end(self, clerk: int) -> None:
        luck = self.chance.random()
        if luck > 0.55 or not self._later(30):
            return
        before = self.status
        content = {"before": before.value}
        if len(self.steps) == len(_ORDER) and luck < 0.45:
            self.status = Status.EMPLOYED
            self.changes["employed"] = day_of(self.at)
            content |= {"on": day_of(self.at).isoformat(), "result": self.chance.choice(words()["employed"])}
        else:
            self.status = self.chance.choice((Status.PAUSED, Status.CLOSED))
            self.changes["reason"] = content["reason"] = self.chance.choice(words()[self.status.value])
        self._event("status", clerk, content | {"after": self.status.value})

    def _follow_up(self, clerk: int) -> None:
        known = words()
        purpose, visited = self.chance.choice(known["purposes"]), self._in(20)
        due = day_of(visited)
        planned = {"due": due.isoformat(), "purpose": purpose}
        self._event("follow-up", clerk, planned)
        if visited >= self.now or self.chance.random() < 0.04:  # not yet, or forgotten
            self.visits.append(FollowUp(0, due, purpose, clerk))
            return
        self.at, came = visited, self.chance.choice(known["visits"])
        self.visits.append(FollowUp(0, due, purpose, clerk, due, clerk, came))
        self._event("follow-up-done", clerk, planned | {"on": due.isoformat(), "result": came, CONTACT: "yes"})

    def _event(self, kind: str, staff: int | None, content: dict[str, str]) -> None:
        self.events.append(Event(0, kind, staff, content, self.at))
