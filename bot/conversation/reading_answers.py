"""From what a person typed to the answer of one step of a form, or to words on what to type instead."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from bot.conversation.fields.age import read_age, says_only_age
from bot.conversation.fields.agreement import agrees, another_agrees
from bot.conversation.fields.choices import Chosen, Unclear, read_choices
from bot.conversation.fields.data import names, words
from bot.conversation.fields.denials import has_denial
from bot.conversation.fields.name import NameFault, Unsure, read_name
from bot.conversation.fields.phone import Phone, read_phone
from bot.conversation.fields.phrases import has_all
from bot.conversation.fields.relation import read_relation
from bot.conversation.fields.sensitive import SensitivePart, sensitive_parts
from bot.conversation.fields.text import clean
from bot.conversation.fields.town import Town, Towns
from bot.conversation.forms import FormOption, Step
from bot.conversation.questions import asks
from bot.conversation.registration import Answer
from bot.conversation.state import Draft
from bot.conversation.wording import say
from intents.sounds import Sounds
from knowledge.text import bare

_FIRST_CONSENT, _SENSITIVE_CONSENT = "consent", "category_consent"
_RELATION = "relation"
_AGREED = "yes"
_HIMSELF = "himself"
"""The choices of a consent by which whoever writes agrees, or says that the person registered does."""
_MAY_BE_A_NAME = re.compile(r"(?:我叫|他叫|她叫|叫我|名字叫|我是)?(?P<name>[\u3400-\u9fff]{2,3})")
_EDGES = " \n,，。;；、.!！"
_LETTER = re.compile(r"[^\W\d_零〇幺一二三四五六七八九洞拐勾两]")
_VERDICT = r"(?P<what>\S+(?:\s+\S+)??)\s+(?:(?P<not>不[要想会行])|要|想|会|行|可以)(?:\s+|$)"
_VERDICTS = re.compile(rf"(?:{re.sub('[?]P<[a-z]+>', '?:', _VERDICT)}){{2,}}")
"""How sign language is written down: 手工 不要 电脑 要, each with what is thought of it behind it."""
_ADDED = re.compile(r"^\s*(?:再|还|也|另外|要|想|给我|帮我)*(?:加|补|添)(?:上|一?个|一?样|一?项|进去)*")
_WHO_WRITES = re.compile("我是[他她](?!们)")
"""我是他妈 says who writes, not what to call the person registered."""
_NO_PHONE = re.compile(r"^[我他她]?(?:自己)?(?:没得|没有|莫得|没)(?:电话|手机)的?[,，。;；\s]+(?=\S)")
"""What comes before 打我的 is no choice."""
_SEX = re.compile(r"^[男女][的性]?[\s,，、]+|[\s,，、]+[男女][的性]?$")
_CLAUSES = re.compile(r"[,，。;；!！\n]+")
_CLAUSE = re.compile(r"[^,，。;；!！?？\n]*[,，。;；!！?？\n]|[^,，。;；!！?？\n]+$")
_NUMBER_OF = re.compile(r"(?:[我他她]的?)?(?:身份证|残疾人?证|银行卡|社保卡|证件?)(?:号码?)?[是为]?")
"""What stands before a number that is never kept."""
_SAYS_NOTHING = 2  # characters
_LONGEST_SIGNED = 60  # characters
_GROWN_UP = 18  # years
_SHORT = 16  # characters; in more there may be more


@dataclass(frozen=True)
class Tools:
    """What reading answers needs of the district: its towns, how characters sound, the area code."""

    towns: Towns
    town_names: tuple[str, ...]
    sounds: Sounds
    area_code: str


@dataclass(frozen=True)
class Accepted:
    """The answer to a step."""

    value: Answer


@dataclass(frozen=True)
class Doubt:
    """What was not understood: the ``phrase`` that says what to type instead, filled in with ``values``.

    ``picked``: the choices that were understood and stay; ``candidates``: what may be meant, to be asked.
    """

    phrase: str
    values: Mapping[str, object] = field(default_factory=dict)
    picked: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()


def read_answer(
    step: Step, options: Sequence[FormOption], text: str, draft: Draft, today: date, tools: Tools
) -> Accepted | Doubt:
    """Return the answer that ``text`` gives to ``step`` of ``draft``."""
    if step.kind == "phone":
        return _phone(text, tools, mobile=step.needs_mobile(draft.answers))
    if step.kind == "name":
        return _name(text, tools)
    if step.kind == "town":
        return _town(text, tools)
    if step.kind == "text":
        return _text(text, step, draft)
    if step.kind == "consent" and (agreed := _agreed(step, text, draft)) is not None:
        return Accepted(agreed)
    return _choice(step, options, text, draft.picked, today, tools)


def _agreed(step: Step, text: str, draft: Draft) -> str | None:
    """Return the choice of ``step`` that agrees, where ``text`` plainly does in a sentence of its own."""
    if step.option(_HIMSELF) is not None:
        return _HIMSELF if another_agrees(text, str(draft.answers.get(_RELATION))) else None
    another = draft.answers.get("whom") == "other"
    return _AGREED if agrees(text, for_another=another, to_go_on=step.id == _FIRST_CONSENT) else None


def _name(text: str, tools: Tools) -> Accepted | Doubt:
    if _WHO_WRITES.match(bare(text)):
        return Doubt("name_not_a_name")
    name = read_name(text, tools.town_names)
    if isinstance(name, Unsure):
        return Doubt("name_unsure", {"name": name.name}, candidates=(name.name,))
    found = _MAY_BE_A_NAME.fullmatch(bare(text))
    may_be = found is not None and found["name"] not in words().not_names
    if name is NameFault.NOT_A_NAME and found is not None and may_be and found["name"][0] in names().surnames:
        return Doubt("name_unsure", {"name": found["name"]}, candidates=(found["name"],))  # 杨梅 is also a fruit
    return Doubt(f"name_{name.value}") if isinstance(name, NameFault) else Accepted(name)


def _phone(text: str, tools: Tools, *, mobile: bool) -> Accepted | Doubt:
    phone = read_phone(text, tools.area_code)
    if isinstance(phone, Phone) and mobile and not phone.mobile:
        return Doubt("phone_not_mobile")
    if isinstance(phone, Phone):
        return Accepted(phone.canonical)
    numbers = tuple(number.canonical for number in phone.numbers if number.mobile or not mobile)
    return Doubt(f"phone_{phone.reason.value}", {"digits": phone.digits}, candidates=numbers)


def _text(text: str, step: Step, draft: Draft) -> Accepted | Doubt:
    """Free words, without what the form promises not to keep."""
    cleaned = clean(text, step.limit)
    if cleaned.cut:
        return Doubt("text_too_long", {"limit": step.limit})
    agreed = any(consent.kind == _SENSITIVE_CONSENT and consent.agreed for consent in draft.consents)
    told = [part for part in sensitive_parts(cleaned.text) if part.kind != "disability" or not agreed]
    if not told:
        return Accepted(cleaned.text)
    rest = _without(cleaned.text, told)
    kinds = "、".join(dict.fromkeys(say(f"sensitive_{part.kind}") for part in told))
    if not rest:
        return Doubt("text_only_sensitive", {"kinds": kinds})
    return Doubt("text_sensitive", {"kinds": kinds}, candidates=(rest,))


def _without(text: str, parts: Sequence[SensitivePart]) -> str:
    """Return ``text`` without ``parts``, and without clauses that say nothing any more: 有 is left of 有高血压."""
    kept = []
    for clause in _CLAUSE.finditer(text):
        begin, rest = clause.start(), clause[0]
        struck = [part for part in parts if part.start < clause.end() and part.end > begin]
        for part in reversed(struck):
            rest = rest[: max(0, part.start - begin)] + rest[part.end - begin :]
        if not (struck and len(bare(rest)) <= _SAYS_NOTHING) and not _NUMBER_OF.fullmatch(bare(rest)):
            kept.append(rest)
    return "".join(kept).strip(_EDGES)


def _town(text: str, tools: Tools) -> Accepted | Doubt:
    town = tools.towns.find(text)
    if isinstance(town, Town):
        return Accepted(town.name)
    if town is None:
        return Doubt("town_unknown")
    return Doubt("town_which", candidates=tuple(candidate.name for candidate in town))


def _choice(
    step: Step, options: Sequence[FormOption], text: str, picked: tuple[str, ...], today: date, tools: Tools
) -> Accepted | Doubt:
    several = step.kind == "choices"
    by_number = next((option.id for option in options if option.number), None)
    if step.id == _RELATION and (relation := read_relation(text)) is not None:
        return Accepted(relation)
    if by_number is not None:
        text = _NO_PHONE.sub("", text)
    apart = _said_apart(options, text)
    if apart is not None and not several:
        return Accepted(apart)
    if by_number is not None and isinstance(read_phone(text, tools.area_code), Phone) and not _LETTER.search(text):
        return Accepted(by_number)
    exact = [option.id for option in options if bare(text) in map(bare, (option.label, *option.words))]
    if len(exact) == 1:
        return Accepted(_together(options, picked, tuple(exact))) if several else Accepted(exact[0])
    if not several and (clause := _clause(options, text)) is not None and step.kind == "choice":
        return Accepted(clause)
    known = [option.choice for option in options]
    text = _wanted(text) if several else text
    read = read_choices(text, known, several, strict=step.kind == "consent", sounds=tools.sounds)
    band = _age(options, text, today) if step.kind == "age" else None
    if band is not None and (not isinstance(read, Chosen) or _only_grown_up(options, read.ids, band)):
        ends = next(option for option in options if option.id == band).ends
        return Doubt("age_unsure", candidates=(band,)) if ends and not says_only_age(text) else Accepted(band)
    if isinstance(read, Chosen) and read.ids:
        return Accepted(_together(options, picked, read.ids)) if several else Accepted(read.ids[0])
    kept = tuple(dict.fromkeys([*picked, *(() if isinstance(read, Chosen) else read.kept)])) if several else ()
    if not isinstance(read, Chosen) and read.out_of_range:
        numbers = "、".join(map(str, read.out_of_range))
        return Doubt("choices_out_of_range" if several else "choice_out_of_range", {"numbers": numbers}, kept)
    if not several and step.kind != "consent" and isinstance(read, Unclear) and not read.asks:
        maybe = tuple(dict.fromkeys([*read.kept, *read.possible]))
        if len(read.kept) == len(maybe) == 1 and not read.refused:
            return Accepted(maybe[0])  # the rest tells why: 耳朵听不到，发短信
        if maybe:
            return Doubt("choice_maybe", candidates=maybe)
    return Doubt("choice_unclear", picked=kept)


def _age(options: Sequence[FormOption], text: str, today: date) -> str | None:
    text = _SEX.sub("", text.strip())
    return read_age(text, [(option.id, *option.ages) for option in options if option.ages], today)


def _only_grown_up(options: Sequence[FormOption], ids: tuple[str, ...], band: str) -> bool:
    """Whether what was chosen says no more than 满了, beside which the age of the ``band`` stands: 四十五岁满了."""
    ages = {option.id: option.ages for option in options}
    told = ages[band]
    return told is not None and told[0] > _GROWN_UP and not any(ages[id] for id in ids)


def _wanted(text: str) -> str:
    """Return what is wanted of 手工 不要 电脑 要, or of 再加一个手工; else ``text`` itself."""
    text = _ADDED.sub("", text)
    if len(text) > _LONGEST_SIGNED or not _VERDICTS.fullmatch(text.strip()):
        return text
    wanted = [match["what"] for match in re.finditer(_VERDICT, text.strip()) if not match["not"]]
    return "、".join(wanted) or text


def _clause(options: Sequence[FormOption], text: str) -> str | None:
    """Return the only option that a clause of ``text`` names as a whole; the others tell more: 打电话，我接得到."""
    if has_denial(text) or asks(text):
        return None
    clauses = {bare(clause) for clause in _CLAUSES.split(text)}
    named = [option.id for option in options if clauses & {bare(word) for word in (option.label, *option.words)}]
    others = (word for option in options if option.id not in named for word in option.words if len(word) > 1)
    return named[0] if len(named) == 1 and not any(word in text for word in others) else None


def _said_apart(options: Sequence[FormOption], text: str) -> str | None:
    """Return the only option whose words stand in ``text`` in any order: 大学 毕业 去年."""
    words = bare(text)
    if len(words) > _SHORT or has_denial(words) or asks(text):
        return None
    named = [option.id for option in options if any(has_all(words, word) for word in option.words if "+" in word)]
    return named[0] if len(named) == 1 else None


def _together(options: Sequence[FormOption], picked: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    """Earlier and new choices in the list's order; one that excludes the others stands alone when it is new."""
    alone = {option.id for option in options if option.alone}
    if excluding := [id for id in new if id in alone]:
        return tuple(excluding[:1])
    chosen = {*picked, *new} - alone
    return tuple(option.id for option in options if option.id in chosen)
