"""What is said when only one side of a topic is asked about: first what the plan says of it, word for word, or that it
does not; then what that is about and whether it still holds.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date

from bot.conversation.answering import (
    answer,
    contact_section,
    next_steps_line,
    not_stated_line,
    period_line,
    quote_line,
)
from bot.conversation.followups import Asked, Side, names_in
from bot.conversation.wording import say
from knowledge.model import Entry, Knowledge, Policy, Quote, Safety, Signpost
from knowledge.plan_text import HEAD

_FIRST_CONTACTS = ("disability-12385", "gov-12345", "federation")
_DISTRESS_ONLY = {"who", "where", "how", "money", "fee", "long", "when", "apply", "soon", "conditions", "again"}
"""What is asked of whoever was met in distress a moment ago, once more in few words."""
_QUESTION = re.compile("[多几哪谁何怎不]|什么|没有")
_SELDOM = 3  # titles
_OF_TIME = {"long", "when", "apply", "soon", "still"}
_POINTS = re.compile("[、，]")


def facet_answer(knowledge: Knowledge, key: str, asked: Asked, *, easy: bool, today: date) -> str | None:
    """Return what is ``asked`` of the entry with this ``key``.

    None for an entry that has no sides, such as a greeting.
    """
    entry = knowledge.by_key[key]
    if asked.is_about("text_way"):
        return _without_calling(knowledge, entry)
    if isinstance(entry, Safety):  # 那咋办: once more, in few words
        heard = any(side.name in _DISTRESS_ONLY for side in asked.sides)
        return answer(knowledge, key, easy=True, today=today) if heard else None
    if isinstance(entry, Policy | Signpost) and asked.is_about("again"):
        return answer(knowledge, key, easy=easy, today=today)
    if isinstance(entry, Policy):
        of_time = any(side.name in _OF_TIME for side in asked.sides)
        period = period_line(knowledge, entry, today, easy=easy or not of_time)  # it was told in full with the answer
        about = say("about", title=entry.title)
        said = [] if asked.is_about("still") else _said(knowledge, entry, asked)
        return "\n".join([*said, about, period] if said else [period, about])
    return _of_signpost(knowledge, entry, asked, easy=easy) if isinstance(entry, Signpost) else None


def names_in_titles(knowledge: Knowledge) -> Mapping[str, frozenset[str]]:
    """Return, for every policy and signpost, what its title names that few others do: 渝馨家园, not 就业."""
    names = {key: names_in(entry.title) for key, entry in knowledge.entries() if isinstance(entry, Policy | Signpost)}
    often = Counter(name for found in names.values() for name in found)
    return {key: frozenset(name for name in found if often[name] <= _SELDOM) for key, found in names.items()}


def names_in_words(policy: Policy) -> frozenset[str]:
    """Return whatever is named in all that is said about the ``policy``, but for what asks something: 怎么."""
    said = names_in(policy.title, policy.answer, *(quote.text for quote in policy.quotes), *policy.not_stated)
    return frozenset(name for name in said if not _QUESTION.search(name))


def _without_calling(knowledge: Knowledge, entry: Entry) -> str | None:
    """Return what to do instead of telephoning; None where nothing was said of a telephone."""
    if isinstance(entry, Safety):
        return say("safe_without_calling")
    contacts = _FIRST_CONTACTS if isinstance(entry, Policy) else getattr(entry, "contacts", ())
    known = [knowledge.contact[id] for id in contacts if id in knowledge.contact]
    ways = dict.fromkeys(contact.text_way for contact in known if contact.phone and contact.text_way)
    return "\n".join([say("without_calling"), *(say("contact_text", text_way=way) for way in ways)]) if ways else None


def _said(knowledge: Knowledge, policy: Policy, asked: Asked) -> list[str]:
    """Return what the plan says of the sides asked about, what it leaves open of them, and what to do besides.

    Of the plan as a whole it is never said that it is silent: some clause may say more.
    """
    quotes = dict.fromkeys(quote for side in asked.sides for quote in _stated(knowledge, policy, side.name))
    points = _left_open(policy, asked)
    told = [line for side in asked.sides for line in _TOLD.get(side.name, _nothing)(knowledge, policy)]
    besides = [line for side in asked.sides for line in _BESIDES.get(side.name, _nothing)(knowledge, policy)]
    lines = [*map(quote_line, quotes), *told, *([not_stated_line(points)] if points else [])]
    if set(policy.clauses) == {HEAD}:
        return [*lines, *besides] or [say("which_measure")]
    silent = _silent(knowledge, policy, asked)
    return [*lines, *([say("unsaid", what="、".join(silent))] if silent else []), *besides]


def _silent(knowledge: Knowledge, policy: Policy, asked: Asked) -> list[str]:
    """Return of which of the sides asked about nothing is said, not even that it is left open.

    好久 leaves open which time is meant: it is enough that something is said of one.
    """
    answered = {side.name for side in asked.sides if _is_answered(knowledge, policy, side, asked.names)}
    return [
        side.unsaid
        for side in asked.sides
        if side.name not in answered and not (side.name in _OF_TIME and answered & _OF_TIME)
    ]


def _is_answered(knowledge: Knowledge, policy: Policy, side: Side, names: tuple[str, ...]) -> bool:
    something = side.name in _TOLD or _stated(knowledge, policy, side.name)
    return bool(something or _left_open(policy, Asked((side,), names)))


def _stated(knowledge: Knowledge, policy: Policy, facet: str) -> tuple[Quote, ...]:
    if facet == "original":
        return policy.quotes
    return policy.stated.get(facet) or knowledge.plan.stated.get(facet, ())


def _left_open(policy: Policy, asked: Asked) -> list[str]:
    """Return what the plan leaves open of the sides asked about; of several points the one that was named."""
    points = [point for points in policy.not_stated for point in _apart(points)]
    of_side = [point for point in points if any(side.open.search(point) for side in asked.sides)]
    names = [name for name in asked.names if name not in policy.title]
    named = [point for point in of_side or points if any(name in point for name in names)]
    return list(dict.fromkeys(named or of_side))


def _whom(knowledge: Knowledge, policy: Policy) -> list[str]:
    contacts = [id for id in _FIRST_CONTACTS if id in knowledge.contact]
    return [*_departments(knowledge, policy), *contact_section(knowledge, contacts)]


def _departments(_: Knowledge, policy: Policy) -> list[str]:
    return [say("departments", departments="、".join(policy.departments))]


def _steps(_: Knowledge, policy: Policy) -> list[str]:
    return [next_steps_line(policy)]


def _page(knowledge: Knowledge, _: Policy) -> list[str]:
    return [say("plan_page", number=knowledge.plan.number, page=knowledge.plan.page)]


def _nothing(_: Knowledge, __: Policy) -> list[str]:
    return []


def _apart(points: str) -> list[str]:
    """Return the points that ``points`` enumerates; all together where one is no question alone."""
    each = _POINTS.split(points)
    return each if all(map(_QUESTION.search, each)) else [points]


_Lines = Callable[[Knowledge, Policy], list[str]]
_TOLD: Mapping[str, _Lines] = {"who": _whom, "how": _steps, "original": _page}
"""Sides of which something else is known than what the plan says."""
_BESIDES: Mapping[str, _Lines] = {"where": _departments, "papers": _steps}
"""Sides of which it is known at least whom to ask."""


def _of_signpost(knowledge: Knowledge, signpost: Signpost, asked: Asked, *, easy: bool) -> str:
    """Return whom to ask, shortly: more than the answer was is not known."""
    about = say("about", title=signpost.title)
    contacts = contact_section(knowledge, signpost.contacts)
    if asked.is_about("who") and contacts:
        return "\n".join([about, *contacts])
    said = (signpost.lead or say("outside_plan")) + signpost.easy
    return "\n".join([said, about, *contacts, *([] if easy else [say("more_in_full")])])
