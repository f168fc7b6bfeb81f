"""Agreeing in more words than one: 我看了，同意 and 问过他了，他说可以.

Consent is only what is composed of known words throughout, so that nothing that is in doubt, depends on something or
denies anything (不太同意, 同意不了, 我同意什么) is ever among it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import cache

from bot.conversation.fields.data import words
from bot.conversation.fields.phrases import any_of, concedes, folded

_LONGEST = 60  # characters; what is longer says more than that
_TURNED = {"parent": "child", "child": "parent"}
_BREAK = r"[\s,，、。.!！;；:：~…]"
_PAST = "[过了完好]"


def agrees(text: str, *, for_another: bool = False, to_go_on: bool = False) -> bool:
    """Whether ``text`` says in so many words that whoever writes agrees.

    ``for_another``: it may also be said of the person who is registered (他说同意记); ``to_go_on``: who said yes may
    say no more than to go on (好，你问), where nothing but to go on was asked.
    """
    agreeing = [_agreeing(_writer())]
    agreeing += [_proceeding()] if to_go_on else []
    agreeing += [_agreeing(_other())] if for_another else []
    return _composed(text, agreeing, _besides())


def another_agrees(text: str, relation: str) -> bool:
    """Whether ``text`` says that the person who is registered agrees; ``relation`` is what the writer is to them."""
    he = _other(words().kin.get(_TURNED.get(relation, relation), ()))
    asked = _asked(he)
    answer = rf"{_adverbs()}{any_of((*words().agree_strongly, *words().agree_weakly))}{_tail()}"
    shortly = rf"{he}{_adverbs()}{any_of(words().agree_strongly)}[的了]*+"  # 他愿意的我问过了 goes on with 我问
    heard = rf"{he}{_adverbs()}{any_of(words().taken_in)}[的了]*+{_BREAK}*+(?:{he})?+{_adverbs()}"
    knowing = rf"{heard}{any_of(words().agree_strongly)}{_tail()}"
    needed = [_agreeing(he), shortly, knowing, _saying(he), rf"{asked}{_BREAK}*+{answer}"]
    return _composed(text, needed, [asked, *_besides()])


def _composed(text: str, needed: Sequence[str], besides: Sequence[str]) -> bool:
    """Whether ``text`` is nothing but parts that are ``needed``, one at least, and ``besides``."""
    line = folded(text).strip()
    if len(line) > _LONGEST or concedes(line):
        return False
    parts = [(re.compile(part), True) for part in needed] + [(re.compile(part), False) for part in besides]
    reached = {(0, False)}
    for position in range(len(line)):
        for agreed in {agreed for place, agreed in reached if place == position}:
            ends = ((part.match(line, position), said) for part, said in parts)
            reached |= {(match.end(), agreed or said) for match, said in ends if match and match.end() > position}
    return (len(line), True) in reached


def _agreeing(who: str) -> str:
    """Return the pattern of 我完全同意你们登记, said of ``who``."""
    return rf"{who}{_adverbs()}{any_of(words().agree_strongly)}{_tail()}"


def _proceeding() -> str:
    """Return the pattern of 行嘛，你问嘛: who said yes and lets it go on, with nobody else meant by 你."""
    particles = rf"(?:{any_of((*words().agree_after, '了', '的'))})*+"
    on = rf"(?:(?:那就|那)(?:[你您]们?)?|[你您]们?){any_of(words().goes_before)}*+{any_of(words().agree_proceeds)}++"
    return rf"(?:{any_of(words().agree_weakly)}{particles}{_BREAK}*+)++{on}{particles}(?=$|{_BREAK})"


def _saying(who: str) -> str:
    """Return the pattern of 他说可以: what would be too little without it."""
    said = any_of((*words().agree_weakly, *words().agree_strongly, *words().agree_wants))
    told = rf"(?:{any_of(words().agree_says)}{who}?+{_adverbs()}{said}|{any_of(words().nods)})"
    return rf"{who}{_adverbs()}{told}{_tail()}"


def _asked(who: str) -> str:
    """Return the pattern of 我问过他了, without which nobody knows whether they were asked."""
    spoken = rf"(?:问|征求|商量|[跟给和与同对](?:{who})(?:说|讲|商量|念|解释)|[讲念说]给(?:{who})听)"
    told = any_of(words().agree_told)
    return rf"{told}*+(?:我们?)?{_adverbs()}{spoken}{_PAST}{{1,2}}(?:{who})?的?(?:意见|意思|意愿)?了?"


def _other(kin: Collection[str] = ()) -> str:
    """Return the pattern of words for the person registered, who is one of the writer's ``kin``."""
    own = rf"|(?:我们?|我家|屋头)?的?{any_of(kin)}" if kin else ""
    return rf"(?:(?:[他她]|本人|人家|当事人{own})(?:本人|自己)?)"


@cache
def _writer() -> str:
    return rf"(?:{any_of(words().agree_myself)})?+"


@cache
def _adverbs() -> str:
    return rf"{any_of(words().agree_adverbs)}*+"


@cache
def _tail() -> str:
    """Return the pattern of what may be agreed to, and of the particles at the end."""
    return rf"(?:{any_of((*words().agree_to, *words().agree_after, '了', '的'))})*+"


@cache
def _besides() -> list[str]:
    """Return the patterns of what agrees to nothing by itself: 我看完了, 你接着问吧, 好的, 谢谢."""
    particles = rf"(?:{any_of((*words().agree_after, *words().hums, '了', '的'))})*+"
    apart = rf"(?=$|{_BREAK}|我|本人)"  # not 看完再同意
    read = rf"{_writer()}{_adverbs()}(?:[你您]们?)?(?:{any_of(words().agree_told)})*+{any_of(words().taken_in)}"
    on = rf"(?:[你您]们?)?{any_of(words().goes_before)}*+{any_of(words().goes_on)}++"
    return [
        rf"{_BREAK}+",
        rf"{read}{particles}(?:(?<=[了过])|{apart})",
        rf"{on}{particles}{apart}",
        rf"(?:{any_of(words().agree_weakly)}{particles})++(?:{apart}|(?={any_of(words().agree_strongly)}))",
        rf"{any_of(words().polite)}{particles}",
        any_of(words().hums),
    ]
