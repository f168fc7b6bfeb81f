"""From an entry of the knowledge to the words a person reads. Nothing is generated: every sentence
is the knowledge's or the wording file's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from bot.conversation.wording import say
from knowledge.model import Action, Knowledge, Policy, Quote, Safety, Signpost


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
        return _lines([text, *contact_section(knowledge, entry.contacts, heading)])
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


def contact_section(knowledge: Knowledge, contacts: Sequence[str], heading: str = "contacts") -> list[str]:
    """Return a heading and a line for each contact whose number is known; nothing without contacts."""
    return [say(heading), *contact_lines(knowledge, contacts)] if contacts else []


def quote_line(quote: Quote) -> str:
    """Return the line with the plan's own words and their clause."""
    return say("quote", clause=quote.clause, text=quote.text)


def not_stated_line(points: Iterable[str]) -> str:
    """Return the line that says what the plan leaves open."""
    return say("not_stated", points="；".join(points))


def next_steps_line(policy: Policy) -> str:
    """Return the line that says what to do."""
    return say("next_steps", steps="".join(_sentence(step) for step in policy.next_steps))


def period_line(knowledge: Knowledge, policy: Policy, today: date, *, easy: bool = False) -> str:
    """Return the line that says when the policy held or holds, and whom to ask about today's rule where it is over."""
    years = {"begins": policy.valid.begins.year, "until": policy.valid.until.year}
    if not policy.valid.over_by(today):
        return say("in_force", **years)
    if easy:
        return "".join(_over_easy(policy, today))
    plan = knowledge.plan
    return say("over", **years, successor=plan.successor, ask_today=plan.ask_today)


def _policy(knowledge: Knowledge, policy: Policy, today: date) -> str:
    return _lines(
        [
            policy.answer,
            *map(quote_line, policy.quotes),
            say("departments", departments="、".join(policy.departments)),
            not_stated_line(policy.not_stated),
            next_steps_line(policy),
            period_line(knowledge, policy, today),
        ]
    )


def _easy_policy(policy: Policy, today: date) -> str:
    return _lines([policy.easy, *_over_easy(policy, today)])


def _over_easy(policy: Policy, today: date) -> list[str]:
    return [say("over_easy", until=policy.valid.until.year)] if policy.valid.over_by(today) else []


def _signpost(knowledge: Knowledge, signpost: Signpost, easy: bool) -> str:
    sources = [f"{source.title}：{source.says}" for source in signpost.sources]
    return _lines(
        [
            (signpost.lead or say("outside_plan")) + (signpost.easy if easy else signpost.answer),
            *([say("sources", sources="；".join(sources))] if sources and not easy else []),
            *contact_section(knowledge, signpost.contacts),
        ]
    )


def _sentence(text: str) -> str:
    return text if text.endswith(("。", "！", "？")) else f"{text}。"


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines)
