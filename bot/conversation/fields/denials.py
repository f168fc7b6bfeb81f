"""Whether an option that is mentioned is meant: 电话听不到 is no choice of the telephone.

What stands in the same clause decides, before the mention or after it, up to the next mention or to a word with which
a wish begins (想, 现在, 只能). Organs and abilities are the other way round: 腿不行 names a leg, 腿没问题 does not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import IntEnum
from functools import cache

from bot.conversation.fields.data import words
from bot.conversation.fields.phrases import any_of

MARK = "▪"
"""What stands in ``rest`` for each character of a mention."""

Span = tuple[int, int]

_HARMLESS = "▫"
_BREAK = re.compile(r"[,，。.;；:：!！?？~…\n]|(?<=[吧嘛哈])(?=[我他她因])")
_JOINED = re.compile(r"(?:和|跟|与|或者?|以及|还有|、|同|加|\s)*")
_ADVERBS = r"(?:太|怎么|咋个?|是|很|大|再|必|需|该|敢|肯|真的?|那么|多)"
_NEGATED = re.compile(rf"[不没莫别未非无]有?{_ADVERBS}{{0,2}}$")
_VERBS = r"(?:做|学|选|要|想|去|搞|得|是|再|给|叫|让|跟|我|他|她|老是?|总是?|发|打)*"
_NEXT_DENIED = re.compile(rf"(?:不要|不想|不选|不是|不能|不喜欢|不愿意?|别|莫|甭|勿|除了){_VERBS}$")
_SPEAKER = r"(?:我|这个|那个|都|也|就|实在|真的|确实|又|还)*"
_PARTICLES = r"(?:的|了|吧|嘛|哈|啊|呢|呀|哦|我|就|那|\s)*"
_WHOSE = r"(?:的|那里的?|那儿的?|那边的?|手机)?"
_WITH_OTHERS = re.compile(r"(?:我|自己|本人)(?:自己)?(?:和|跟|与|同|还有)")
_WITH = re.compile(r"(?:我|他|她|自己|本人)(?:和|跟|与|同|还有)(?:我|他|她)?的?$")


class Standing(IntEnum):
    """How an option that is mentioned stands; the higher, the less it is wanted."""

    MEANT = 0
    DOUBTFUL = 1
    REFUSED = 2


def standings(line: str, rest: str, spans: Sequence[Span], single: bool) -> list[Standing]:
    """Return how the mentions at ``spans`` of ``line``, from left to right, stand.

    ``rest`` is ``line`` with :data:`MARK` in place of each mention. ``single``: only one can be chosen, so that what is
    somebody else's, or one's own together with another's, is none.
    """
    flat = masked(rest)
    return [_standing(line, flat, spans, place, single) for place in range(len(spans))]


def has_denial(text: str) -> bool:
    """Whether anything in ``text`` denies."""
    return _before().search(masked(text)) is not None


def in_company(text: str) -> bool:
    """Whether ``text`` is about somebody together with another: 我和我弟弟."""
    return _WITH_OTHERS.match(text) is not None


def is_affirmed(behind: str) -> bool:
    """Whether what stands ``behind`` a mention says that it will do: 写字就行."""
    return _affirmed().match(behind) is not None


def is_faculty(word: str) -> bool:
    """Whether ``word`` is an organ or ability (眼睛), of which 好 is a denial."""
    return word in words().faculties


def faculties_with_defects(singles: Sequence[str]) -> str:
    """Return the pattern of those of the one-character words ``singles`` that are an organ which does not work."""
    organs = "".join(word for word in singles if word in words().faculties)
    if not organs:
        return r"(?!)"
    adverbs = "(?:也|都|又|有点儿?|有些|还|不太|不大|比较|已经|是|就)"
    return rf"[{organs}](?=[{organs}]?{adverbs}*{any_of(words().faculty_impaired)})"


def masked(text: str) -> str:
    """Hide the words in ``text`` that only look like a denial (特别, 不过); its length stays."""
    return _harmless().sub(lambda match: _HARMLESS * len(match[0]), text)


def _standing(line: str, flat: str, spans: Sequence[Span], place: int, single: bool) -> Standing:
    first = last = place
    while first and _JOINED.fullmatch(flat[spans[first - 1][1] : spans[first][0]]):
        first -= 1
    while last + 1 < len(spans) and _JOINED.fullmatch(flat[spans[last][1] : spans[last + 1][0]]):
        last += 1
    before = spans[first - 1][1] if first else 0
    following = spans[last + 1][0] if last + 1 < len(spans) else None
    left, shared = _left(flat, before, spans[first][0])
    right = _right(flat, spans[last][1], following)
    word = line[slice(*spans[place])]
    if is_faculty(word):
        return _of_faculty(left, right, line[spans[last][1] : spans[last][1] + len(right)])
    left, right = _without_other_senses(word, left), _without_other_senses(word, right)
    standings = [_from_left(left, shared and first > 0, right), _from_right(right)]
    if following is None and _dismissed().match(flat, spans[last][1]):
        standings.append(Standing.REFUSED)
    if _told_by_senses(word, flat, spans[last][1]):
        standings.append(Standing.REFUSED)
    if single and (_owned().search(left) or _WITH.search(left) or _given().match(right)):
        standings.append(Standing.DOUBTFUL)
    return max(standings)


def _left(flat: str, before: int, start: int) -> tuple[str, bool]:
    """Return what of the clause stands before a mention, and whether the mention before it is in the same one."""
    begins = max((match.end() for match in _BREAK.finditer(flat, before, start)), default=before)
    turns = [match.start() for match in _turns().finditer(flat, begins, start) if not _is_negated(flat, match.start())]
    return flat[max([begins, *turns]) : start], begins == before and not turns


def _right(flat: str, end: int, following: int | None) -> str:
    """Return what of the clause stands behind a mention."""
    stop = _BREAK.search(flat, end)
    closes = stop.start() if stop else len(flat)
    if following is None or closes <= following:
        return flat[end:closes]
    turn = next(
        (match for match in _turns().finditer(flat, end, following) if not _is_negated(flat, match.start())), None
    )
    behind = flat[end : turn.start() if turn else following]
    return behind if turn else _NEXT_DENIED.sub("", behind)


def _is_negated(flat: str, start: int) -> bool:
    return _NEGATED.search(flat, max(0, start - 8), start) is not None


def _from_left(left: str, shared: bool, right: str) -> Standing:
    """Read what stands before; ``shared`` with another mention, which may be what is denied (电话不行短信可以)."""
    if not _before().search(left):
        return Standing.MEANT
    if shared and _predicate().fullmatch(left):
        return Standing.MEANT if _affirmed().match(right) else Standing.DOUBTFUL
    return Standing.REFUSED


def _from_right(right: str) -> Standing:
    if _after().search(right):
        return Standing.REFUSED
    return Standing.DOUBTFUL if has_denial(right) or _circumstances().search(right) else Standing.MEANT


def _of_faculty(left: str, right: str, right_as_typed: str) -> Standing:
    """Read what stands around an organ or ability: only its being sound denies it."""
    sound = _sound().search(right_as_typed)
    if re.search("不是|不属于|并非|不关", left) or (sound and not re.search("[不没]$", right[: sound.start()])):
        return Standing.REFUSED
    return Standing.MEANT


def _without_other_senses(word: str, text: str) -> str:
    """Hide 听不到 where ``word`` is for those who hear nothing (短信), 看不见 where it is for those who see nothing."""
    for told, suited in ((words().deaf, words().for_deaf), (words().blind, words().for_blind)):
        if any(medium in word for medium in suited):
            text = re.sub(any_of(told), _HARMLESS, text)
    return text


def _told_by_senses(word: str, flat: str, end: int) -> bool:
    """Whether 听不到 or 看不见 follows, even after a comma, and ``word`` needs that sense (打电话，我听不到)."""
    return any(
        any(medium in word for medium in needing)
        and re.match(rf"{_PARTICLES}[,，。\s]*{_SPEAKER}{any_of(told)}", flat[end:])
        for told, needing in ((words().deaf, words().for_ears), (words().blind, words().for_eyes))
    )


@cache
def _harmless() -> re.Pattern[str]:
    return re.compile(rf"{any_of(words().harmless)}|([^\W\d_])不\1")


@cache
def _before() -> re.Pattern[str]:
    return re.compile(any_of(words().denied_before))


@cache
def _after() -> re.Pattern[str]:
    return re.compile(any_of(words().denied_after))


@cache
def _predicate() -> re.Pattern[str]:
    """Return the pattern of words that deny what stands before them."""
    told = any_of((*words().denied_after, *words().deaf, *words().blind))
    return re.compile(rf"{_SPEAKER}[^不没莫别{MARK}]{{0,2}}{told}{_PARTICLES}")


@cache
def _dismissed() -> re.Pattern[str]:
    return re.compile(rf"{_PARTICLES}[,，\s]+{_SPEAKER}{any_of(words().denied_alone)}{_PARTICLES}(?:$|[,，。!！])")


@cache
def _affirmed() -> re.Pattern[str]:
    return re.compile(rf"(?:就|还|也|都|倒)*{any_of(words().affirmed)}")


@cache
def _circumstances() -> re.Pattern[str]:
    return re.compile(any_of(words().circumstances))


@cache
def _turns() -> re.Pattern[str]:
    return re.compile(any_of(words().turns))


@cache
def _sound() -> re.Pattern[str]:
    return re.compile(rf"{any_of(words().faculty_sound)}|^(?:都|也|还|很|是|就)*[好行](?:的|着|了|嘛|哈)*$")


@cache
def _owned() -> re.Pattern[str]:
    return re.compile(rf"{any_of(words().owners)}{_WHOSE}$")


@cache
def _given() -> re.Pattern[str]:
    return re.compile(rf"(?:打|发|拨)?(?:给|到|找)(?:我|他|她)?(?:的|家)?{any_of(words().owners)}")
