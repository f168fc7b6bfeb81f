"""By which words a question is told from an answer, whatever it is about."""

from __future__ import annotations

import re

_MARKS = (
    "?",
    "？",
    "吗",
    "么",
    "怎么",
    "咋",
    "哪",
    "多少",
    "好多",
    "啥",
    "什么",
    "啥时",
    "多久",
    "好久",
    "多长时间",
    "会不会",
    "能不能",
    "可不可以",
    "有没得",
    "有没有",
    "得不得",
    "是不是",
    "几时",
    "谁",
)
_HOW = re.compile("(?:怎么|咋|如何|哪门|能不能|可不可以|会不会)(?!.*都)|(?:晓得|知道)不$")
_OR_NOT = re.compile(r"(?:可以|能|得行|要得|行|会|要|是|对|有|好|得)[^，,。！!？?\s不没莫别]{0,8}不[\s?？。！!]*$")
"""能改不 asks what 能不能改 does."""
_SHORT = 16  # characters; what is longer tells something
_PLAIN_MARKS = ("?", "？", "吗", "想问", "想知道", "想晓得", "请问")


def asks(text: str) -> bool:
    """Whether ``text`` may ask something."""
    return any(mark in text for mark in _MARKS) or _OR_NOT.search(text) is not None


def asks_plainly(text: str) -> bool:
    """Whether ``text`` cannot but ask something, even where names and free words are expected."""
    return any(mark in text for mark in _PLAIN_MARKS)


def asks_how(text: str) -> bool:
    """Whether ``text`` is short and asks how to do something, or whether one may."""
    return len(text) <= _SHORT and _HOW.search(text) is not None
