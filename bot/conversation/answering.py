"""From an entry of the knowledge to the words a person reads. Nothing is generated: every sentence
is the knowledge's or the wording file's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from bot.conversation.wording import say
from knowledge.model import Action, Entry, Knowledge, Policy, Safety, Signpost

_FIRST_CONTACTS = ("disability-12385", "gov-12345", "federation")
_MONEY = re.compile("[元万%％倍]|补贴|补助|减免|免费|奖励|资金|费")


def answer(knowledge: Knowledge, key: str, *, easy: bool, today: date) -> str:
    """Return what to say about the entry with this ``key``.

    ``easy`` gives the easy-to-read text instead of the full one; ``today`` decides whether the
    plan's period is over. Raises KeyError for an unknown key.
    """
    entry = knowledge.by_key[key]
    if isinstance(entry, Policy):
        return _easy_policy(entry, today) if easy else _policy(knowledge, entry, today)
    if isinstance(entry, Signpost):
        return _signpost(knowledge, entry, easy)
    if isinstance(entry, Safety | Action):
        text = entry.easy if easy else entry.answer
        heading = "call_now" if isinstance(entry, Safety) else "contacts"
        return _lines([text, *_contacts(knowledge, entry.contacts, heading)])
    return say("none")


def contact_lines(knowledge: Knowledge, contacts: Sequence[str]) -> list[str]:
    """Return lines for each contact whose number is known: name, number, how to reach it."""
    reachable = [contact for contact in map(knowledge.contact.__getitem__, contacts) if contact.phone]
    ways = dict.fromkeys(contact.text_way for contact in reachable if contact.text_way)
    return [
        *(say("contact", name=contact.name, phone=contact.phone, reach=contact.reach) for contact in reachable),
        *(say("contact_text", text_way=way) for way in ways),
    ]


def call_line(knowledge: Knowledge, contacts: Sequence[str]) -> list[str]:
    """Return one line with the first number of the ``contacts`` that is known, and the next in case; else none."""
    phones = [contact.phone for contact in map(knowledge.contact.__getitem__, contacts) if contact.phone]
    first = [say("call_somebody", first=phone) for phone in phones[:1]]
    return ["".join([*first, *(say("call_somebody_else", next=phone) for phone in phones[1:2])])] if first else []


def facet_answer(knowledge: Knowledge, key: str, facet: str, *, easy: bool, today: date) -> str | None:
    """Return one side of the entry with this ``key`` (who, how, money, when, conditions; again for all of it;
    text_way for whoever cannot telephone).

    None for an entry that has no sides, such as a greeting.
    """
    entry = knowledge.by_key[key]
    if facet == "text_way":
        return _without_calling(knowledge, entry)
    if isinstance(entry, Safety):  # 那咋办: once more, in few words
        return answer(knowledge, key, easy=True, today=today)
    if isinstance(entry, Policy) and facet != "again":
        lines = _facet_lines(knowledge, entry, facet)
        return _lines([say("about", title=entry.title), *lines, _period(knowledge, entry, today)])
    if isinstance(entry, Signpost) and facet == "who" and entry.contacts:
        return _lines([say("about", title=entry.title), *_contacts(knowledge, entry.contacts)])
    if isinstance(entry, Policy | Signpost):
        return answer(knowledge, key, easy=easy, today=today)
    return None


def _without_calling(knowledge: Knowledge, entry: Entry) -> str | None:
    """Return what to do instead of telephoning; None where nothing was said of a telephone."""
    if isinstance(entry, Safety):
        return say("safe_without_calling")
    contacts = _FIRST_CONTACTS if isinstance(entry, Policy) else getattr(entry, "contacts", ())
    known = [knowledge.contact[id] for id in contacts if id in knowledge.contact]
    ways = dict.fromkeys(contact.text_way for contact in known if contact.phone and contact.text_way)
    return _lines([say("without_calling"), *(say("contact_text", text_way=way) for way in ways)]) if ways else None


def _policy(knowledge: Knowledge, policy: Policy, today: date) -> str:
    return _lines(
        [
            policy.answer,
            *(say("quote", clause=quote.clause, text=quote.text) for quote in policy.quotes),
            say("departments", departments="、".join(policy.departments)),
            say("not_stated", points="；".join(policy.not_stated)),
            say("next_steps", steps="".join(_sentence(step) for step in policy.next_steps)),
            _period(knowledge, policy, today),
        ]
    )


def _facet_lines(knowledge: Knowledge, policy: Policy, facet: str) -> list[str]:
    if facet == "who":
        return [
            say("departments", departments="、".join(policy.departments)),
            *_contacts(knowledge, [id for id in _FIRST_CONTACTS if id in knowledge.contact]),
        ]
    if facet == "how":
        return [say("next_steps", steps="".join(_sentence(step) for step in policy.next_steps))]
    quotes = [quote for quote in policy.quotes if facet != "money" or _MONEY.search(quote.text)]
    said = [say("quote", clause=quote.clause, text=quote.text) for quote in quotes] if facet != "when" else []
    return [*said, say("not_stated", points="；".join(policy.not_stated))]


def _easy_policy(policy: Policy, today: date) -> str:
    over = [say("over_easy", until=policy.valid.until.year)] if policy.valid.over_by(today) else []
    return _lines([policy.easy, *over])


def _period(knowledge: Knowledge, policy: Policy, today: date) -> str:
    years = {"begins": policy.valid.begins.year, "until": policy.valid.until.year}
    if not policy.valid.over_by(today):
        return say("in_force", **years)
    plan = knowledge.plan
    return say("over", **years, successor=plan.successor, ask_today=plan.ask_today)


def _signpost(knowledge: Knowledge, signpost: Signpost, easy: bool) -> str:
    sources = [f"{source.title}：{source.says}" for source in signpost.sources]
    return _lines(
        [
            (signpost.lead or say("outside_plan")) + (signpost.easy if easy else signpost.answer),
            *([say("sources", sources="；".join(sources))] if sources and not easy else []),
            *_contacts(knowledge, signpost.contacts),
        ]
    )


def _contacts(knowledge: Knowledge, contacts: Sequence[str], heading: str = "contacts") -> list[str]:
    return [say(heading), *contact_lines(knowledge, contacts)] if contacts else []


def _sentence(text: str) -> str:
    return text if text.endswith(("。", "！", "？")) else f"{text}。"


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines)
