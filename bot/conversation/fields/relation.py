"""Who the person at the keyboard is to the one they register: 我是他妈妈 and 他是我儿子 say the same."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal, get_args

from bot.conversation.fields.data import words
from bot.conversation.fields.phrases import any_of, folded

Relation = Literal["parent", "child", "spouse", "sibling", "relative", "helper"]

_LONGEST = 80
_INVERSE: dict[str, Relation] = {"parent": "child", "child": "parent"}
_AMBIGUOUS = ("parent", "child")
_CLAUSES = re.compile(r"[,，。;；!！、:：\n]+")
_SPACES = re.compile(r"\s+")
_OTHER_THINGS = re.compile(r"[不没莫未非?？]|别(?!的)|吗|什么|啥|怎么|咋|哪|谁")
_EDGES = re.compile(
    r"^(?:嗯+|哦|噢|那个|就是|其实|应该|应该说|这个嘛|对)+|(?:的|了|吧|嘛|哈|啊|呀|哦|呢|噻|撒|哟|一下|一哈)+$"
)
_BEGINS = r"(?:我们?|本人|俺)(?:就|也)?(?:是|系|叫)(?:这个人的?|该人的?|对方的?)?"
_THEIRS = (
    r"(?:他|她|它|他们|她们|ta|tā|这个人|那个人|人家|对方|本人|登记人|登记的人|要登记的人|残疾人)(?:家)?(?:的|亲)?"
)
_MINE = r"(?:我|我们|俺|咱)(?:家|屋头|屋)?(?:的)?(?:亲|大|小|老|二|三|幺)?"
_SUBJECT = r"(?:他|她|它|ta|这个人|那个人|[这那]个?|本人|要?登记的人?|[这那]位|这个娃儿|娃儿|孩子)"
_FILLS_IN = r"(?:登记|填|报名|报个名|弄|办|问|来登记|来填|来办|代登记|代填|代办|找工作|登)"


def read_relation(text: str) -> Relation | None:
    """Return what the writer is to the person registered, None where that isn't clear.

    A parent or child named alone (妈妈, 儿子) is not: it may be who writes or who is registered.
    """
    said = _SPACES.sub("", folded(text[:_LONGEST]))
    if _OTHER_THINGS.search(said):
        return None
    found: set[Relation | None] = set()
    for clause in _CLAUSES.split(said):
        core = _stripped(clause)
        read = _read(core)
        if read or _kin().search(core):
            found.add(read)
    if len(found) > 1 and None in found and _read(_stripped(_CLAUSES.sub("", said))) is None:
        return None
    found.discard(None)
    return found.pop() if len(found) == 1 else None


def _stripped(clause: str) -> str:
    before = None
    while before != clause:
        before, clause = clause, _EDGES.sub("", clause)
    return clause


def _read(said: str) -> Relation | None:
    """Return what one clause says."""
    for pattern, inverse in _patterns():
        if match := pattern.fullmatch(said):
            read = {_turned(_kind(group), inverse != (name == "of")) for name, group in match.groupdict().items()}
            return read.pop() if len(read) == 1 else None
    match = _alone().fullmatch(said)
    kind = _kind(match["kin"]) if match else None
    return None if kind in _AMBIGUOUS and said not in words().parents_for_sure else kind


def _turned(kind: Relation | None, inverse: bool) -> Relation | None:
    return _INVERSE.get(kind, kind) if inverse and kind else kind


def _kind(kin: str) -> Relation | None:
    """Return the one kind that all the words in ``kin`` are."""
    kinds = {_kinds()[word] for word in _kin().findall(kin)}
    return kinds.pop() if len(kinds) == 1 else None


@cache
def _kinds() -> dict[str, Relation]:
    return {word: kind for kind in get_args(Relation) for word in words().kin[kind]}


@cache
def _kin() -> re.Pattern[str]:
    return re.compile(any_of(_kinds()))


@cache
def _alone() -> re.Pattern[str]:
    return re.compile(rf"(?:我们)?(?:是)?{_kins('kin')}(?:关系)?")


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], bool], ...]:
    """Return the patterns of what is clear, and whether the relation is told from the other side (他是我儿子)."""
    kin, child = _kins("kin"), any_of(words().kin["child"])
    own_child = rf"(?:我)?(?:的)?{child}(?:的|他|她)?"
    parent = any_of(words().kin["parent"])
    person = rf"(?![我他她])(?:(?!{any_of(_kinds())})[\u3400-\u9fff]){{2,4}}"
    told = (
        (rf"{_BEGINS}{own_child}(?P<kin>{parent})", False),  # 我是娃儿的妈妈
        (rf"{_BEGINS}(?:我)?{parent}的?(?P<kin>{child})", False),  # 我是我妈的女儿
        (rf"{_BEGINS}(?:{_THEIRS})?{kin}", False),  # 我是他妈妈，我是妈妈
        (rf"{_BEGINS}{person}的{kin}", False),
        (rf"(?:我)?是?(?:{_THEIRS})(?<!本人){kin}", False),  # 他妈妈，是他妈妈
        (rf"(?:我)?(?:是)?(?:当|做|作为){kin}", False),
        (rf"(?:我)?(?:是)?{kin}(?:来|在|代|给|帮|替|帮忙)+(?:他|她|娃儿|孩子|娃娃|人)?(?:代)?{_FILLS_IN}", False),
        (rf"{kin}{_FILLS_IN}", False),
        (rf"{kin}(?:来)?(?:给|帮|替){_kins('of')}{_FILLS_IN}?", False),
        (rf"(?:{_SUBJECT}|{person})?(?:就)?是{_MINE}{kin}", True),  # 他是我儿子，是我儿子
        (rf"(?:{_SUBJECT})?{_MINE}{kin}(?:(?:要|想|要找|想找){_FILLS_IN})?", True),  # 我儿子
        (rf"(?:我)?(?:来|在|要|想|是)*(?:给|帮|替)(?:{_MINE}|自己的?)?{kin}(?:来|代)?{_FILLS_IN}?", True),  # 帮我爸登记
        (rf"(?:我(?:和|跟|与)(?:他|她)|我们(?:俩|两个)?|他(?:和|跟)我)(?:就)?是{kin}(?:关系)?", False),
    )
    return tuple((re.compile(pattern), inverse) for pattern, inverse in told)


def _kins(name: str) -> str:
    """Return the pattern of one or more words of kin, as a group of that name."""
    kin = any_of(_kinds())
    return rf"(?P<{name}>{kin}(?:(?:或者?|和|跟|及|、|/)?{kin})*)"
