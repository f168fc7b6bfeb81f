"""Several things told in one message, taken apart: 我叫张三，电话13812345678，住白沙.

Nothing here is an answer yet: what is found is put to the person at the step that it belongs to. Only what is plainly
told counts, and nothing where it may be said of somebody else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache

from bot.conversation.fields.data import words
from bot.conversation.fields.phrases import any_of
from bot.conversation.forms import Step
from bot.conversation.reading_answers import Accepted, Doubt
from bot.conversation.registration import Answer

_LONGEST = 300  # characters; what is longer is a story
_DIGIT = "[0-9０-９零〇幺一二两三四五六七八九]"
_NUMBER = re.compile(
    rf"(?:\+?86[-\s]?)?[1１一幺]{_DIGIT}{{2}}[-\s]?{_DIGIT}{{4}}[-\s]?{_DIGIT}{{4}}(?!{_DIGIT})|(?:{_DIGIT}|[-+]){{7,}}"
)
_TENS = "[二三四五六七八]十"
_ENDS = re.compile(r"[，,。.；;、：:！!\s]+")
_AGE = re.compile(
    rf"(?:我|他|她|本人)?(?:今年|现在|已经|刚|满|都|有)*(?:{_DIGIT}|[十几多]){{1,4}}周?岁(?:多|满)?(?:了|咯|啦)?|(?:我|他|她)?(?:今年|现在|已经)*(?:{_TENS}{_DIGIT}?|[1-9][0-9])(?:咯|啦|喽)"
)
_SPACES = re.compile(r"\s")
_PLAIN_NAME = re.compile(r"[\u3400-\u9fff]{2,4}")
_NOT_DENIED = "(?<![不没莫别勿未])(?<![不没莫别]要)(?<![不没]能)"
_TITLES = ("先生", "太太", "男人", "女人", "姑娘", "对象")

Read = Callable[[Step, str], Accepted | Doubt]


def facts(steps: Iterable[Step], text: str, read: Read, *, of_another: bool) -> Mapping[str, Answer]:
    """Return what ``text`` plainly tells, by step id, in the order of ``steps``; ``read`` reads a part of it for one.

    ``of_another``: the form is about somebody else, of whom it is then said (他叫…); otherwise about whoever writes.
    """
    steps = [step for step in steps if step.cues]
    text = text[:_LONGEST]
    of_others = _others().search(text) is not None
    if of_others != of_another and (of_others or _ONESELF.search(text)):
        return {}
    parts = [part for part in _parts(text, steps) if not (of_another and _ONESELF.search(part))]
    found: dict[str, Answer] = {}
    for step in steps:
        answers = {answer for part in parts if (answer := _told(step, part, read)) is not None}
        if len(answers) == 1:
            found[step.id] = answers.pop()
    if found:  # a bare name tells nothing but beside other things: 张三，13812345678
        found |= _bare_names([step for step in steps if step.kind == "name" and step.id not in found], parts, read)
    return {step.id: found[step.id] for step in steps if step.id in found}


def _parts(text: str, steps: Iterable[Step]) -> list[str]:
    """Split at punctuation, around numbers, and before the words that announce something: dictation has no commas."""
    text = _NUMBER.sub(lambda number: f"，{_SPACES.sub('', number[0])}，", text)
    cues = {cue for step in steps for cue in step.cues if step.kind not in ("choice", "phone")}  # 怕打电话 stays whole
    first = {cue for cue in cues if not any(other != cue and other.endswith(cue) for other in cues)}
    return [
        part
        for part in _ENDS.split(re.sub(rf"{_NOT_DENIED}(?<!{_DIGIT})(?<!十)(?={any_of(first)})", "，", text))
        if part
    ]


def _told(step: Step, part: str, read: Read) -> Answer | None:
    """Return the answer to ``step`` in ``part``, where that announces it or can be nothing else."""
    if step.kind == "phone":
        announced = _NUMBER.fullmatch(part) is not None
    else:
        announced = any(cue in part for cue in step.cues)
        announced = announced or (step.kind == "town" and _whole_town().search(part) is not None)
    if step.kind == "age":
        announced = _AGE.fullmatch(part) is not None  # not 15岁就聋了
    answer = read(step, part) if announced else None
    if not isinstance(answer, Accepted):
        return None
    guessed = step.kind == "town" and str(answer.value)[:2] not in part  # by its sound
    return None if guessed else answer.value


def _bare_names(steps: Iterable[Step], parts: Iterable[str], read: Read) -> dict[str, Answer]:
    found: dict[str, Answer] = {}
    names = [part for part in parts if _PLAIN_NAME.fullmatch(part)]
    for step in steps:
        answers = [answer.value for name in names if isinstance(answer := read(step, name), Accepted)]
        if len(answers) == 1:
            found[step.id] = answers[0]
    return found


_ONESELF = re.compile("我叫|叫我|我姓|我是|我今年|我自己|本人")


@cache
def _others() -> re.Pattern[str]:
    """Words for somebody else: what stands near them may be theirs."""
    groups = (group for name, group in words().kin.items() if name != "helper")
    kin = {word for group in groups for word in group if len(word) > 1} - set(_TITLES)
    return re.compile(rf"[他她]|我[妈爸哥姐弟妹娃]|{any_of(kin | {'朋友', '邻居'})}")


@cache
def _whole_town() -> re.Pattern[str]:
    return re.compile(rf"..{any_of(words().town_kinds)}$")
