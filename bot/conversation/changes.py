"""What a person wants to have otherwise: 改电话, 电话改成023-47521234, 哎不对，我电话写错了，应该是……"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.conversation.fields.phrases import any_of
from bot.conversation.forms import Step
from bot.conversation.numerals import number_in_words
from bot.conversation.questions import asks
from knowledge.text import bare

_LONGEST = 60  # characters; what is longer is a story
_CHANGE_OF = re.compile(
    r"(?:我的)?(?:我?[要想]?)(?:修?改|换)?(?:一?下)?(?:我的)?(?P<label>.+?)"
    r"(?:(?:填|写|说|选|搞|弄)?[错变换改]了|(?:要|想)?(?:改|换)(?:成|为|到)?(?P<new>(?!了).+))?"
)
_CHANGES = ("改", "换", "错", "变")
_MISTAKE = (
    r"(?:[填写说选搞弄打输报按记给讲登念]得?错(?:了|啦|咯|哒|的)?|错(?:了|啦|咯|哒)"
    r"|(?<![对答])不对(?![口劲路称付])(?:头|的|了)?|有误)"
)
_INTO = r"(?:[改换变][成为到作]|更正为|应该?是|应为|其实是|而是)"
_CORRECTION = re.compile(rf"{_MISTAKE}|{_INTO}")
_VALUE = re.compile(rf"(?:{_INTO}|{_MISTAKE})(?P<new>(?:(?!{_INTO}).)*)$", re.DOTALL)
"""What follows the last word for a correction is what it is to be."""
_HEAD = re.compile(r"^(?:[\s,，。.!！:：哎唉诶哦]|应该|[我他她]的?是|[是为的了吧嘛哈啊])+")
_TAIL = re.compile(r"(?:[\s,，。.!！]|才(?:对|是)(?:头|的)?|[吧嘛哈啊哦]|谢谢你?)+$")
_BETWEEN = r"(?:号码?|[的我他她给又都也还是\s,，:：]|刚才|刚刚|前面|上面|那里|[那这]一?项|好像|可能|[要想])*"
_OF = r"(?:一?下)?(?:[我他她]?的|前面的?|刚才的?|我|他|她)*"
_NAMED_NEW = re.compile(r"[\s,，:：]*(?:是|叫|为|成|到)(?P<new>.+)", re.DOTALL)
_OTHER_PAPERS = re.compile(
    "身份证|证上|证件|证号|你们(?:给|说|那里|这里)?的|残联|社区|村里|户口|合同|银行卡|存折|档案|低保|医院|12[0-9]{3}"
)
_HOW = re.compile(
    r"[,，\s]*(?:[我该要得]*(?:怎么|咋个?|如何|哪门)(?:办|改|弄|整)|(?:还|我)?(?:能|可以|能不能|可不可以)改[吗不]?|改得到不)"
    r"[呢嘛哦啊?？\s]*$"
)
_LINE = re.compile(
    r"(?:[我要想请把将]|帮我|给我)*(?:修?改|换)?(?:一?下)?第?(?P<number>[0-9]{1,2}|[一二三四五六七八九十]{1,2})(?:项|个|条|行|号)?"
    rf"(?:[我要想]*[改换](?:一?下|了|掉)?|{_MISTAKE})?[吧嘛哈]?"
)
_DIGIT = "[0-9零〇幺一二两三四五六七八九]"
_PART = re.compile(rf"(?:最后|末尾|末位|尾号|开头|中间|倒数|[前后]面?{_DIGIT}位).{{0,6}}?{_DIGIT}{{1,8}}")
_NUMBER = re.compile("电话|号码|手机|尾号")
_LACKS = re.compile(
    r"(?:电话|号码|手机号?).{0,4}(?:少|多|漏|掉)(?:写|打|输|填|说)?了?(?:[一二两几0-9]|好几)[位个]"
    r"|不是(?:这|那)个(?:号码|电话)|(?:号码|电话)不是(?:这|那)个"
)
_LONGEST_PART = 20  # characters
_MORE = re.compile("再|还|也|加|补")


@dataclass(frozen=True)
class Change:
    """A step to be answered anew, and with what (``new``), where that was said."""

    step: Step
    new: str | None


def speaks_of_change(text: str) -> bool:
    """Whether ``text`` has any word for a change; without one, 电话 alone names something on the check page only."""
    return corrects(text) or any(word in text for word in _CHANGES)


def corrects(text: str) -> bool:
    """Whether ``text`` says that something is wrong, or what it is to be instead."""
    return len(text) <= _LONGEST and _CORRECTION.search(text) is not None


def mistakes(text: str) -> bool:
    """Whether ``text`` says that something was wrong or is to be changed, which 应该是 alone does not."""
    return len(text) <= _LONGEST and re.search(rf"{_MISTAKE}|[改换变更]", text) is not None


def corrects_part_of_a_number(text: str) -> bool:
    """Whether ``text`` says that a few digits of a number are wrong: 不对不对，最后是8; 电话少写了一位."""
    if len(text) > _LONGEST_PART or asks(text):
        return False
    spoken_of = corrects(text) or _NUMBER.search(text) is not None
    return _LACKS.search(text) is not None or (spoken_of and _PART.search(text) is not None)


def adds(text: str) -> bool:
    """Whether ``text`` names what is wanted beside what was chosen before, not in its place."""
    return _MORE.search(text) is not None


def named_change(text: str, steps: Iterable[Step]) -> Change | None:
    """Return the change that ``text`` names: of the first of ``steps`` that it can mean, None when it means none."""
    steps = list(steps)
    named = _CHANGE_OF.fullmatch(text.strip(" 。，,."))
    label = bare(named["label"]) if named is not None else ""
    step = next((step for step in steps if label in (bare(step.label), step.label[:2], *map(bare, step.names))), None)
    if step is not None and named is not None:
        return Change(step, named["new"])
    return _named_in_a_sentence(text, steps)


def begins_with_name(text: str, steps: Iterable[Step]) -> Change | None:
    """Return the change that 年龄我四十五 means where everything was answered already, None where no step begins it."""
    found = [
        (match.end(), Change(step, _trimmed(text[match.end() :])))
        for step in steps
        if (match := re.match(rf"(?:[我他她]的?|把|将)?{_names(step)}{_BETWEEN}", text)) and match.end() < len(text)
    ]
    return max(found, key=lambda one: one[0])[1] if found else None


def new_values(text: str) -> list[str]:
    """Return what may be the new value in ``text``, which corrects something; likeliest first."""
    return [part for part in dict.fromkeys([_value(text), _trimmed(_CORRECTION.sub("，", text))]) if part]


def line_to_change(text: str) -> int | None:
    """Return the number of the line that ``text`` wants to change (改第13项), None where it names none so."""
    named = _LINE.fullmatch(text.strip(" 。，,."))
    return number_in_words(named["number"]) if named is not None else None


def _named_in_a_sentence(text: str, steps: Iterable[Step]) -> Change | None:
    """Return the change of the step named first in ``text`` beside a word for a correction."""
    if len(text) > _LONGEST:  # before anything is searched for in it
        return None
    said = _HOW.sub("", text)
    if asks(said) or _OTHER_PAPERS.search(text):
        return None
    found = []
    for step in steps:
        name = _names(step)
        pattern = (
            rf"{name}{_BETWEEN}(?:{_MISTAKE}|{_INTO})|[把将]{_OF}{name}{_BETWEEN}[改换]"
            rf"|{_MISTAKE}[吧嘛哈啊\s,，。.!！]*{_OF}{name}(?=[是叫为:：\s应该要0-9]|$)"
            rf"|(?<![不没])[改换]{_OF}{name}(?=$|[\s,，。.!！吧嘛哈])"
        )
        if match := re.search(pattern, said):
            found.append((match.start(), -match.end(), step))
    if not found:
        return None
    _, end, step = min(found, key=lambda one: one[:2])
    behind = _NAMED_NEW.match(said[-end:])  # 改一下地方 是石门
    return Change(step, _value(said) or (_trimmed(behind["new"]) if behind is not None else "") or None)


def _names(step: Step) -> str:
    """Return the pattern of what ``step`` is called; a name of one character (镇) only where no word ends with it."""
    called = {step.label, *step.names}
    short = any_of(name for name in called if len(name) == 1)
    long = any_of(name for name in called if len(name) > 1)
    single = (
        rf"|(?:(?<![^\s,，。.!！我他她的把将那个对了改换]){short})" if any(len(name) == 1 for name in called) else ""
    )
    return rf"(?:{long}{single})"


def _value(text: str) -> str:
    found = _VALUE.search(text)
    return _trimmed(found["new"]) if found else ""


def _trimmed(part: str) -> str:
    return _TAIL.sub("", _HEAD.sub("", part))
