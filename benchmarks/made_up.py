"""Knowledge made for measuring: the shipped entries among thousands of invented subjects."""

from __future__ import annotations

import random
from dataclasses import replace

from pypinyin.phrases_dict import phrases_dict

from knowledge import Knowledge
from knowledge.model import Signpost

_FRAMES = (
    "{0}的{1}怎么办",
    "我想问{0}{1}要多少钱",
    "{1}和{0}哪里可以弄",
    "{0}",
    "家里的{0}坏了，{1}管不管",
    "请问{2}能不能{0}",
    "{0}还要不要{2}",
    "听说{1}有{0}，是真的吗",
    "{2}什么时候{1}",
    "没有{0}的话{2}怎么算",
)
_SEED = 500116


def with_made_up_topics(knowledge: Knowledge, topics: int, questions_each: int) -> Knowledge:
    """Return ``knowledge`` with invented signposts so that it has ``topics`` entries in all.

    Each invented topic is about five words of its own, drawn from pypinyin's phrases, in
    ``questions_each`` sentences. The same arguments give the same knowledge.
    """
    chance = random.Random(_SEED)
    words = sorted(word for word in phrases_dict if 2 <= len(word) <= 4)
    missing = max(0, topics - len(knowledge.by_key))
    made_up = tuple(_topic(number, chance, words, questions_each) for number in range(missing))
    return replace(knowledge, signposts=(*knowledge.signposts, *made_up))


def _topic(number: int, chance: random.Random, words: list[str], questions: int) -> Signpost:
    subject = chance.sample(words, 5)
    asked = (chance.choice(_FRAMES).format(*chance.sample(subject, 3)) for _ in range(questions))
    return Signpost(
        id=f"made-up-{number}",
        title=subject[0],
        questions=tuple(f"{question}{mark}" for question, mark in zip(asked, _marks(), strict=False)),
        answer="",
        easy="",
        sources=(),
        contacts=(),
        related=(),
    )


def _marks() -> list[str]:
    """Endings that keep sentences of one topic from being the same sentence."""
    return ["", "呢", "啊", "吗", "呀", "嘛", "哦", "哈"] * 10
