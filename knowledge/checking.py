"""What must be true of the knowledge beyond its shape. Every fault is found in one run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from knowledge import plan_text
from knowledge.faults import Fault, KnowledgeError
from knowledge.loading import Loaded, load_what_can_be
from knowledge.model import FACETS, Entry, Knowledge, Plan, Policy, Quote
from knowledge.text import bare, look_alikes, sentences
from knowledge.written import Place

LONGEST_ANSWER = 350  # characters, before the quote
LONGEST_EASY = 100  # characters in all
LONGEST_EASY_SENTENCE = 20
LONGEST_SAMPLE = 100  # characters of a question that staff added

_AUDIENCES = ("jobseeker", "family", "employer", "staff")
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_UNSEEN_PREFIX = "outside"
_SAID = ("answer", "easy", "lead", "next_steps", "not_stated")
_NEEDED = {"action:greeting", "action:human"}  # the chat begins with one and names the other everywhere


def check(folder: Path, plan: str | None = None, overlay: Path | None = None) -> list[Fault]:
    """Return everything that is wrong with the knowledge in ``folder`` and ``overlay``, sorted by place.

    With ``plan``, the plan's own text, every quote and department is also compared with it.
    An empty list means that the knowledge can be used.
    """
    faults, _ = examine(folder, plan, overlay)
    return sorted(faults)


def examine(folder: Path, plan: str | None = None, overlay: Path | None = None) -> tuple[list[Fault], Loaded | None]:
    """Return the faults as :func:`check`, unsorted, and what could be loaded, for further rules.

    The second is None where so little could be loaded that only the shape was checked.
    """
    faults, loaded = load_what_can_be(folder, overlay)
    if loaded is not None:
        faults += [fault for rule in _RULES for fault in rule(loaded)]
        if plan is not None:
            faults += _against_the_plan(loaded, plan_text.clauses(plan))
    return faults, loaded


def load_usable(folder: Path, overlay: Path | None = None) -> Knowledge:
    """Load the knowledge in ``folder`` for use, with the samples of ``overlay`` whose entries there are.

    A sample whose entry is gone, as after an upgrade, keeps nothing from starting: :func:`check` names it.
    Raises KnowledgeError with every fault of shape, else with every reference that leads nowhere and
    everything the conversation lacks: with these it would break in the middle of a talk.
    """
    faults, loaded = load_what_can_be(folder, overlay)
    if loaded is not None:
        faults += [*_references(loaded), *_scope_points_somewhere(loaded), *_needed(loaded)]
    if faults or loaded is None:
        raise KnowledgeError(faults)
    return loaded.knowledge


def entries(loaded: Loaded) -> Iterator[tuple[str, Entry, Place]]:
    """Yield every entry with its key and its place."""
    places = [
        place
        for section in ("policies", "signposts", "safety", "actions", "outside")
        for place in loaded.places[section]
    ]
    for (key, entry), place in zip(loaded.knowledge.entries(), places, strict=True):
        yield key, entry, place


def _policies(loaded: Loaded) -> Iterable[tuple[Policy, Place]]:
    return zip(loaded.knowledge.policies, loaded.places["policies"], strict=True)


def _ids(loaded: Loaded) -> Iterator[Fault]:
    """Ids are well formed, not repeated, and those of policies and actions are the label list's."""
    seen: set[str] = set()
    for key, entry, place in entries(loaded):
        if not _ID.fullmatch(entry.id):
            yield place.fault(entry.id, "id 只用小写字母、数字和连字符，例如 tobacco-license", "id")
        if key in seen:
            yield place.fault(entry.id, f"{key} 已经有一条了；请换一个 id，或者合成一条", "id")
        seen.add(key)
    for contact, place in zip(loaded.knowledge.contacts, loaded.places["contacts"], strict=True):
        if f"contact {contact.id}" in seen:
            yield place.fault(contact.id, "这个联系方式的 id 已经用过了；请换一个", "id")
        seen.add(f"contact {contact.id}")
    labels = loaded.knowledge.labels
    for section, listed, having in (
        ("policies", labels.policies, loaded.knowledge.policies),
        ("actions", labels.actions, loaded.knowledge.actions),
    ):
        for entry, place in zip(having, loaded.places[section], strict=True):
            if entry.id not in listed:
                yield place.fault(entry.id, f"不在标签表 labels.{section} 里；请改正拼写，或者先加进标签表", "id")
        for index, label in enumerate(listed):
            if label not in {entry.id for entry in having} and not loaded.may_have(label):
                yield loaded.places["labels"][0].fault(label, "标签表里有，却没有这一条；请写上", section, index)


def _references(loaded: Loaded) -> Iterator[Fault]:
    """Every clause, contact, entry and audience that is named exists."""
    knowledge = loaded.knowledge
    known = {
        "clauses": {clause.id for clause in knowledge.plan.clauses},
        "contacts": set(knowledge.contact),
        "related": {key for key in knowledge.by_key if not key.startswith(_UNSEEN_PREFIX)},
        "audience": set(_AUDIENCES),
    }
    for key, entry, place in entries(loaded):
        for name, targets in known.items():
            for index, target in enumerate(getattr(entry, name, ())):
                if target not in targets and not loaded.may_have(target.rpartition(":")[2]):
                    yield place.fault(entry.id, f"{name} 里的“{target}”不存在；请改正或者删掉", name, index)
        if key in getattr(entry, "related", ()):
            yield place.fault(entry.id, "related 里写了自己；请删掉", "related")
    for policy, place in _policies(loaded):
        for index, quote in enumerate(policy.quotes):
            if quote.clause not in policy.clauses:
                yield place.fault(
                    policy.id,
                    f"引文的条款“{quote.clause}”不在 clauses 里；请补进 clauses",
                    "quotes",
                    index,
                    "clause",
                )
    answerable = {*knowledge.by_key, "none", "distress"}
    for held_out, place in zip(knowledge.held_out, loaded.places["held_out"], strict=True):
        for index, label in enumerate(held_out.labels):
            if label not in answerable and not loaded.may_have(label.rpartition(":")[2]):
                yield place.fault("held_out", f"没有“{label}”这一条；请改正", "labels", index)


def _stated(loaded: Loaded) -> Iterator[tuple[str, Place, str, int, Quote]]:
    """Yield what the plan and each policy state: the id of the entry, its place, the facet, the number, the words."""
    owners: list[tuple[str, Plan | Policy, Place]] = [("plan", loaded.knowledge.plan, loaded.places["plan"][0])]
    owners += ((policy.id, policy, place) for policy, place in _policies(loaded))
    for owner, entry, place in owners:
        for facet, quotes in entry.stated.items():
            for index, quote in enumerate(quotes):
                yield owner, place, facet, index, quote


def _facets_known(loaded: Loaded) -> Iterator[Fault]:
    """What is stated is stated of a facet that can be asked about, in a clause that there is."""
    clauses = {clause.id for clause in loaded.knowledge.plan.clauses}
    for owner, place, facet, index, quote in _stated(loaded):
        if facet not in FACETS:
            message = f"stated 里不认识“{facet}”；只能是 {'、'.join(FACETS)}"
            yield place.fault(owner, message, "stated", facet, "<key>")
        if quote.clause not in clauses:
            message = f"方案里没有“{quote.clause}”这一条；请改正"
            yield place.fault(owner, message, "stated", facet, index, "clause")
        if not quote.text.strip():
            yield place.fault(owner, "引文是空的；请照原文抄", "stated", facet, index, "text")


def _scope_points_somewhere(loaded: Loaded) -> Iterator[Fault]:
    """What is said of other places and other people exists."""
    signposts = {f"signpost:{signpost.id}" for signpost in loaded.knowledge.signposts}
    for place in loaded.places["scope"]:
        for name in ("elsewhere", "others"):
            target = getattr(loaded.knowledge.scope, name)
            if target not in signposts and not loaded.may_have(target.rpartition(":")[2]):
                yield place.fault(
                    "scope", f"{name} 里的“{target}”不是哪一条 signposts；请改正，例如 signpost:other-districts", name
                )


def _towns_once(loaded: Loaded) -> Iterator[Fault]:
    """Every town stands once in the list to choose from."""
    towns = loaded.knowledge.towns
    for index, place in enumerate(loaded.places["towns"]):
        if towns[index] in towns[:index]:
            yield place.fault("towns", f"“{towns[index]}”前面已经有了；只留一处")


def _clauses_covered(loaded: Loaded) -> Iterator[Fault]:
    """Every clause of the plan is answered by some policy."""
    covered = {clause for policy in loaded.knowledge.policies for clause in policy.clauses}
    for index, clause in enumerate(loaded.knowledge.plan.clauses):
        if clause.id not in covered and not loaded.broken:
            yield loaded.places["plan"][0].fault(
                clause.id, "没有哪一条政策的 clauses 里有它；请补一条或者补上引用", "clauses", index
            )


def _complete(loaded: Loaded) -> Iterator[Fault]:
    """No text is empty and no list that must say something is."""
    needed = ("questions", "quotes", "clauses", "departments", "not_stated", "next_steps", "audience")
    for _, entry, place in entries(loaded):
        for name in needed:
            if getattr(entry, name, None) == ():
                yield place.fault(entry.id, f"{name} 是空的；至少写一项", name)
        for name in ("title", "answer", "easy"):
            if getattr(entry, name, "x").strip() == "":
                yield place.fault(entry.id, f"{name} 是空的；请写上", name)
        for index, quote in enumerate(getattr(entry, "quotes", ())):
            if not quote.text.strip():
                yield place.fault(entry.id, "引文是空的；请照原文抄", "quotes", index, "text")
        for index, question in enumerate(entry.questions):
            if not question.strip():
                yield place.fault(entry.id, "问法是空的；请删掉这一行", "questions", index)


def questions_in_order(loaded: Loaded) -> list[tuple[str, Entry, Place, int, str]]:
    """Return every sample question with the key, the entry, its place and its number there.

    Those of the overlay come last: of two that are the same it is the added one that has to go.
    """
    found = [
        (key, entry, place, index, question)
        for key, entry, place in entries(loaded)
        for index, question in enumerate(entry.questions)
    ]
    return sorted(found, key=lambda each: each[2].sample("questions", each[3]) is not None)


def _one_question_one_entry(loaded: Loaded) -> Iterator[Fault]:
    """The same question (but for width, case and punctuation) stands once, under one entry."""
    first: dict[str, tuple[str, Place, int]] = {}
    for key, entry, place, index, question in questions_in_order(loaded):
        words = bare(question) or question
        if words in first:
            other, other_place, other_index = first[words]
            where = other_place.fault("", "", "questions", other_index)
            yield place.fault(
                entry.id,
                f"“{question}”在 {other} 里已经有了（{where.path.name} 第 {where.line} 行）；只留一处",
                "questions",
                index,
            )
        else:
            first[words] = (key, place, index)
    for held_out, place in zip(loaded.knowledge.held_out, loaded.places["held_out"], strict=True):
        for index, question in enumerate(held_out.questions):
            if bare(question) in first:
                key, entry_place, number = first[bare(question)]
                if entry_place.sample("questions", number):
                    message = f"“{question}”是用来检验的（held_out），不能拿来学；请换一个说法"
                    yield entry_place.fault(key, message, "questions", number)
                    continue
                yield place.fault("held_out", f"“{question}”也是 {key} 的问法；只留一处", "questions", index)


def _samples(loaded: Loaded) -> Iterator[Fault]:
    """What staff added belongs to an entry, and is a question of a person, not a story."""
    for sample, place in loaded.samples:
        if sample.entry not in loaded.knowledge.by_key and not loaded.may_have(sample.entry.rpartition(":")[2]):
            yield place.fault("", f"没有“{sample.entry}”这一条；请改正或者删掉", "entry")
        if len(sample.question) > LONGEST_SAMPLE:
            message = f"这句话有 {len(sample.question)} 字；最多 {LONGEST_SAMPLE} 字"
            yield place.fault(sample.entry, message, "question")


def _lengths(loaded: Loaded) -> Iterator[Fault]:
    """Answers are short, easy texts are easy."""
    hard_words = loaded.knowledge.language.hard_words
    for _, entry, place in entries(loaded):
        answer, easy = getattr(entry, "answer", ""), getattr(entry, "easy", "")
        if len(answer) > LONGEST_ANSWER:
            yield place.fault(entry.id, f"answer 有 {len(answer)} 字；最多 {LONGEST_ANSWER} 字", "answer")
        if len(easy) > LONGEST_EASY:
            yield place.fault(entry.id, f"easy 有 {len(easy)} 字；最多 {LONGEST_EASY} 字", "easy")
        for sentence in sentences(easy):
            if len(sentence) > LONGEST_EASY_SENTENCE:
                yield place.fault(
                    entry.id,
                    f"easy 里“{sentence}”有 {len(sentence)} 字；一句最多 {LONGEST_EASY_SENTENCE} 字",
                    "easy",
                )
        for word in hard_words:
            if word in easy:
                yield place.fault(entry.id, f"easy 里的“{word}”不好懂；请换成平常话", "easy")


def _needed(loaded: Loaded) -> Iterator[Fault]:
    """What every conversation relies on is there, and periods run forward."""
    plan = loaded.places["plan"][0]
    keys = set(loaded.knowledge.by_key)
    for key in sorted(key for key in _NEEDED - keys if not loaded.may_have(key.partition(":")[2])):
        yield plan.fault(key, f"少了 {key} 这一条，聊天离不开它；请补上")
    if not loaded.knowledge.safety and not loaded.broken:
        yield plan.fault("safety", "一条 safety 都没有，遇到求助就没有话说；请补上")
    periods = [("plan", loaded.knowledge.plan.valid, plan), *((p.id, p.valid, place) for p, place in _policies(loaded))]
    for entry, period, place in periods:
        if period.until < period.begins:
            yield place.fault(entry, "until 比 begins 还早；请核对", "valid", "until")


def _numbers_known(loaded: Loaded) -> Iterator[Fault]:
    """A number of five digits or more is a telephone number of a contact, or stands in the plan's page."""
    known = {contact.phone for contact in loaded.knowledge.contacts}
    for _, entry, place in entries(loaded) if not loaded.broken else ():
        for loc, text in _texts(entry):
            for number in re.findall(r"\d{5,}", text) if loc[0] in _SAID else ():
                if number not in known and number not in loaded.knowledge.plan.page:
                    yield place.fault(entry.id, f"{number} 不是 contacts 里的电话；请先写进 contacts，注明出处", *loc)


def _concepts(loaded: Loaded) -> Iterator[Fault]:
    """A concept stands once, and so does each word in it."""
    seen: set[str] = set()
    for concept, place in zip(loaded.knowledge.language.concepts, loaded.places["concepts"], strict=True):
        if concept.id in seen:
            yield place.fault(concept.id, "这个概念已经有了；请合成一处", "id")
        seen.add(concept.id)
        for index, word in enumerate(concept.words):
            if word in concept.words[:index]:
                yield place.fault(concept.id, f"“{word}”写了两次；只留一处", "words", index)


def _characters(loaded: Loaded) -> Iterator[Fault]:
    """No look-alike or invisible character hides in a text (outside groups may show anything)."""
    for key, entry, place in entries(loaded):
        if key.startswith(_UNSEEN_PREFIX):
            continue
        for loc, text in _texts(entry):
            for char in look_alikes(text):
                yield place.fault(entry.id, f"有形似或看不见的字符 U+{ord(char):04X}（{char!r}）；请换成平常的字", *loc)


def _texts(entry: Entry) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for name, value in vars(entry).items():
        if isinstance(value, str):
            yield (name,), value
        elif isinstance(value, tuple):
            for index, item in enumerate(value):
                if isinstance(item, str):
                    yield (name, index), item
                elif hasattr(item, "__dict__"):
                    for part, text in vars(item).items():
                        if isinstance(text, str):
                            yield (name, index, part), text


_RULES: tuple[Callable[[Loaded], Iterator[Fault]], ...] = (
    _ids,
    _references,
    _clauses_covered,
    _facets_known,
    _scope_points_somewhere,
    _towns_once,
    _complete,
    _one_question_one_entry,
    _samples,
    _lengths,
    _needed,
    _numbers_known,
    _concepts,
    _characters,
)


def _against_the_plan(loaded: Loaded, texts: Mapping[str, str]) -> Iterator[Fault]:
    """Clauses, departments and quotes are those of the plan, word for word."""
    plan = loaded.places["plan"][0]
    listed = {clause.id for clause in loaded.knowledge.plan.clauses}
    for index, clause in enumerate(loaded.knowledge.plan.clauses):
        if clause.id not in texts:
            yield plan.fault(clause.id, "方案里没有这一条；请核对编号", "clauses", index, "id")
            continue
        for number, department in enumerate(clause.departments):
            if department not in texts[clause.id]:
                yield plan.fault(
                    clause.id,
                    f"方案这一条里没有“{department}”；请照原文写",
                    "clauses",
                    index,
                    "departments",
                    number,
                )
    for missing in sorted(texts.keys() - listed):
        yield plan.fault(missing, "方案里有这一条，plan.yaml 里没有；请补上", "clauses")
    for policy, place in _policies(loaded):
        for index, quote in enumerate(policy.quotes):
            if quote.text not in texts.get(quote.clause, ""):
                yield place.fault(
                    policy.id,
                    f"引文“{quote.text}”和方案 {quote.clause} 的原文不是一字不差；请照原文抄",
                    "quotes",
                    index,
                    "text",
                )
        for number, department in enumerate(policy.departments):
            if not any(department in texts.get(clause, "") for clause in policy.clauses):
                yield place.fault(policy.id, f"方案相关条款里没有“{department}”；请照原文写", "departments", number)
    for owner, place, facet, index, quote in _stated(loaded):
        if quote.text not in texts.get(quote.clause, ""):
            message = f"“{quote.text}”和方案 {quote.clause} 的原文不是一字不差；请照原文抄"
            yield place.fault(owner, message, "stated", facet, index, "text")
