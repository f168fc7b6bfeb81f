"""Choosing from a list, by number or by word."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from rapidfuzz import fuzz

from bot.conversation.fields.choice_numbers import read_numbers
from bot.conversation.fields.data import words
from bot.conversation.fields.denials import MARK as _MARK
from bot.conversation.fields.denials import (
    Standing,
    faculties_with_defects,
    has_denial,
    in_company,
    is_affirmed,
    is_faculty,
    masked,
    standings,
)
from bot.conversation.fields.phrases import any_of, concedes, folded
from bot.conversation.numerals import number_in_words
from intents.sounds import Sounds

_LONGEST = 300
_NOT_A_WORD = re.compile(r"[\W_]+")
_LABEL_PARTS = re.compile(r"[、，,（）()；;/]|或者|\s")
_APART = re.compile(r"[、，,；;/。.!！\s]+|(?<=▪)(?:和|跟|或者?|以及|还有|与|同|加)")
_FIGURES = re.compile(r"[0-9零〇一二两三四五六七八九十]")
_ENDS = " ,，。.!！~、;；"
_NEGATIVE = re.compile("[不没莫无]")
_CLOSED = r"(?=[\W_的了吧嘛哈啊呢]|$)"
_NEARLY = 75
_TAG = re.compile(r"([^\W\d_▪])不\1|(?:不|没|没有|没得|莫得|么)$")  # 难不难, 要得不, 有电脑班没得
_IN_PRAISE = re.compile("好[记问填]")  # 好记 is what is easy to keep in mind
_SEGMENTS = re.compile(r"[,，、。.!！;；:~…\s()（）\"“”]+")
_NO_LINE = 10**6
_CHATTER = 6
_BY_THE_WAY = re.compile("[我你您他她咱]|因为|所以|但是|只要|不过")
_BEFORE = r"(?:做|学|选|要|想|去|搞|得|是|很|太|第|择|大|这个|那个|怎么|再|喜欢|愿意|打算|适合|到)*"
_REFUSED_BEFORE = re.compile(
    rf"(?:不要|不想|不选|不是|不会|不能|不喜欢|不愿意?|除了|除去|除开|别|莫|(?<![听看])不|除|拒绝|讨厌|怕){_BEFORE}$"
)
_UNABLE = re.compile(r"(?:不太?会|不大会|不怎么会|不能|不得|不好|没法|无法|不方便)$")
_NOT_WANTED = r"(?:不要|不想要?|不选|不考虑|不喜欢|不做|不学|不干|不去|算了|免了|除外|[做搞学干]不[来了会])"
_REFUSED_AFTER = re.compile(
    rf"(?:这个|那个|这些|的|我|就|都|也|还)*{_NOT_WANTED}[^▪]{{0,4}}?(?=$|[,，。;；、\s!！])"
    rf"|[,，\s]*{_NOT_WANTED}(?:了|的|哈|嘛|吧)*(?=$|[,，。;；、\s!！])"
)
_AND = "和|跟|与|或者?|以及|还有|、|同"
_TOGETHER = re.compile(rf"(?:{_AND}|\s)*")
_IN_ONE_LIST = re.compile(rf"(?:{_AND}|[,，\s])*")
_WANTED_VERBS = r"(?:要|想|选|可以|行|得行|想要|做|学|喜欢|愿意|感兴趣|有兴趣|是|有|会|需要|干)"
_ALL = re.compile(
    rf"(?:我|本人)?(?:(?:全部|所有|全|统统|通通)(?:的|都)?{_WANTED_VERBS}*"
    rf"|(?:这?(?P<count>[两二三四五六七八九])[个样种项]|这?几[个样种项]|上面的?|样样|每[个样项种]|样样儿)?(?:全部|全)?都{_WANTED_VERBS}+)(?:的|了|吧|嘛|哈|啊)*"
)
_NONE = re.compile(
    r"(?:我|本人)?(?:(?:这些|上面的?)?(?:都|全)(?:不|没|莫|无)|一[个样项种](?:都|也)(?:不|没|莫)|[啥什哪](?:子|么|个|样)?都(?:不|没|莫)"
    r"|没有?(?:合适|想|我要|喜欢)|没有$|没得$|莫得$|无$|不选|不想选|不要了?$|都不).{0,6}"
)
_ALL_BUT = re.compile(
    rf"(?:除了|除去|除开|除|不要|不选)(?P<but>.+?)(?:以外|之外|外)?[,，、\s]*(?:我)?(?:其他|其它|别的|剩下|其余|另外|余下)?的?(?:我)?(?:全部|全|都|统统){_WANTED_VERBS}+.{{0,3}}"
    rf"|(?P<but2>.+?)(?:不要|不选|除外|不想)[,，、\s]*(?:其他|其它|别的|剩下|其余|另外|余下)的?(?:我)?(?:全部|全|都|统统)?{_WANTED_VERBS}+.{{0,3}}"
)


@dataclass(frozen=True)
class ChoiceOption:
    """One line of the list. ``words`` are other ways to say the ``label``; ``alone``: it is not meant by “all”."""

    id: str
    label: str
    words: tuple[str, ...] = ()
    alone: bool = False


@dataclass(frozen=True)
class Chosen:
    """``ids`` in the order of the list; none of them (only where several may be chosen) is an empty tuple."""

    ids: tuple[str, ...]


@dataclass(frozen=True)
class Unclear:
    """What could be made of a text that is no clear choice.

    ``kept``: options surely meant, none in a question; ``possible``: options that may be meant; ``refused``: options
    the person does not want or can't use; ``out_of_range``: numbers not in the list; ``unknown``: words that are no
    option; ``asks``: it reads like a question; ``none``: none of the options is wanted.
    """

    kept: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    out_of_range: tuple[int, ...] = ()
    unknown: tuple[str, ...] = ()
    asks: bool = False
    none: bool = False


def read_choices(
    text: str,
    options: Sequence[ChoiceOption],
    several: bool = False,
    *,
    strict: bool = False,
    sounds: Sounds | None = None,
) -> Chosen | Unclear:
    """Return what ``text`` chooses.

    ``several`` may be chosen, else exactly one. ``strict`` is for consent: only numbers, labels and words of
    one option and nothing besides count; options with the ids ``yes`` and ``no`` then also have the usual words
    for that. ``sounds`` lets misspelt words be found.
    """
    line = folded(text[:_LONGEST]).strip()
    if strict:
        return _strictly(line, options)
    return _List(options, several, sounds).read(line)


def says_only(text: str, options: Sequence[ChoiceOption]) -> bool:
    """Say whether ``text`` is made of words of ``options`` and of those that people put around them, throughout."""
    own = any_of(word for word in _index(options) if len(word) > 1)
    around = any_of(words().fillers)
    return (
        re.fullmatch(rf"{around}*{own}(?:{own}|{around})*+", _NOT_A_WORD.sub("", folded(text[:_LONGEST]))) is not None
    )


@dataclass(frozen=True)
class _Mention:
    """The options that the words or the number at ``start:end`` name."""

    numbers: frozenset[int]
    start: int
    end: int
    standing: Standing = Standing.MEANT

    @property
    def sure(self) -> bool:
        """Whether it is one option, and that one is meant."""
        return self.standing == Standing.MEANT and len(self.numbers) == 1


class _List:
    """The options with all words that name them."""

    def __init__(self, options: Sequence[ChoiceOption], several: bool, sounds: Sounds | None) -> None:
        self._options = options
        self._several = several
        self._sounds = sounds
        self._index = _index(options)
        long = [word for word in self._index if len(word) > 1 and word not in words().fillers]
        negative = [word for word in long if _NEGATIVE.match(word)]
        positive = [word for word in long if not _NEGATIVE.match(word)]
        patterns = [rf"{any_of(negative)}{_CLOSED}"] if negative else []
        patterns += [any_of(positive)] if positive else []
        single = [word for word in self._index if len(word) == 1]
        self._words = re.compile("|".join([*patterns, faculties_with_defects(single)]))

    def read(self, line: str) -> Chosen | Unclear:
        """Return what ``line``, which is folded, chooses."""
        core = _NOT_A_WORD.sub("", line)
        named = self._index.get(core) or self._index.get(self._bare(core), frozenset())
        if len(named) == 1:
            return Chosen(self._ids(named))
        return self._by_whole(line, core) if core else Unclear()

    def _bare(self, core: str) -> str:
        """Return the one word that is left of ``core`` without those around it; nothing where they matter."""
        word = _core(core)
        matter = is_faculty(word) or (not self._several and in_company(core))
        return "" if matter else word

    def _by_whole(self, line: str, core: str) -> Chosen | Unclear:
        """Read all, none, all but some; otherwise what is mentioned."""
        if but := _ALL_BUT.fullmatch(line.strip(_ENDS)):
            left_out = self._without(but["but"] or but["but2"])
            if left_out is not None:
                return self._all(left_out)
        mentions, rest, leftover = self._mentions(line)
        if all_of_them := _ALL.fullmatch(core):
            return self._all(frozenset(), all_of_them["count"])
        if number_in_words(core) == 0 or (not mentions and _NONE.fullmatch(core)):
            return Chosen(()) if self._several else Unclear(none=True)
        return self._decided(mentions, line, rest, leftover)

    def _all(self, left_out: frozenset[int], count: str | None = None) -> Chosen | Unclear:
        """Return all but ``left_out``; a ``count`` said with it (两个都要) has to be right."""
        wanted = frozenset(
            number for number, option in enumerate(self._options) if not option.alone and number not in left_out
        )
        clear = (self._several or len(wanted) == 1) and (count is None or number_in_words(count) == len(wanted))
        return Chosen(self._ids(wanted)) if clear else Unclear(possible=self._ids(wanted))

    def _without(self, text: str) -> frozenset[int] | None:
        """Return the options that ``text`` leaves out, None where that isn't clear."""
        read = _List(self._options, True, self._sounds).read(text)
        if not isinstance(read, Chosen) or not read.ids:
            return None
        return frozenset(number for number, option in enumerate(self._options) if option.id in read.ids)

    def _decided(self, mentions: Sequence[_Mention], line: str, rest: str, leftover: _Leftover) -> Chosen | Unclear:
        sure = _union(mention.numbers for mention in mentions if mention.sure)
        refused = _union(mention.numbers for mention in mentions if mention.standing == Standing.REFUSED)
        doubtful = _union(mention.numbers for mention in mentions if mention.standing == Standing.DOUBTFUL)
        vague = _union(
            mention.numbers for mention in mentions if mention.standing == Standing.MEANT and not mention.sure
        )
        possible = (vague if not vague & sure else frozenset()) | doubtful - refused
        contradicted = bool(sure & refused)
        sure -= refused | doubtful
        if (not self._several and len(sure) > 1) or (refused and any(self._options[number].alone for number in sure)):
            sure, possible = frozenset(), possible | sure  # 什么都可以，不要进厂
        asks = leftover.asks(line, rest)
        if asks:
            sure, possible = frozenset(), possible | sure
        if sure and not (possible or contradicted or leftover.numbers or leftover.words):
            return Chosen(self._ids(sure))
        return Unclear(
            self._ids(sure),
            self._ids(possible),
            self._ids(refused),
            leftover.numbers,
            leftover.words,
            asks,
        )

    def _mentions(self, line: str) -> tuple[list[_Mention], str, _Leftover]:
        """Return the options mentioned, ``line`` with them blanked out, and what is left of it."""
        found = [_Mention(self._index[match[0]], match.start(), match.end()) for match in self._words.finditer(line)]
        rest = _blanked(line, found)
        numbers = read_numbers(rest, len(self._options), self._several)
        found += [
            _Mention(frozenset({number.number - 1}), number.start, number.end) for number in numbers if number.in_range
        ]
        out = tuple(dict.fromkeys(number.number for number in numbers if not number.in_range))
        rest = _blanked(rest, [_Mention(frozenset(), number.start, number.end) for number in numbers])
        if not found and (near := self._near(line)):
            found, rest = [_Mention(near, 0, len(line))], _MARK * len(line)
        segments = [(start, segment, self._named(segment)) for start, segment in _segments(rest)]
        found += [_Mention(named, start, start + len(segment)) for start, segment, named in segments if named]
        unknown = tuple(segment for _, segment, named in segments if not named and _is_unknown(segment))
        rest = _blanked(rest, found)
        together = _IN_ONE_LIST if self._several else _TOGETHER
        found.sort(key=lambda mention: mention.start)
        stand = standings(line, rest, [(mention.start, mention.end) for mention in found], not self._several)
        marked = [replace(mention, standing=standing) for mention, standing in zip(found, stand, strict=True)]
        marked = _with_refusals(marked, line, rest, together)
        return marked, rest, _Leftover(out, unknown)

    def _named(self, segment: str) -> frozenset[int]:
        """Return the options that a stretch of text between separators names."""
        core = _core(segment)
        if not core:
            return frozenset()
        return self._index.get(segment) or self._index.get(core) or self._partly(core) or self._near(core)

    def _partly(self, core: str) -> frozenset[int]:
        """Return the options of whose label ``core`` is a part."""
        if len(core) < 2 or _FIGURES.search(core):
            return frozenset()
        return _union(named for word, named in self._index.items() if core in word)

    def _near(self, text: str) -> frozenset[int]:
        """Return the options that have a word which sounds or is written nearly like ``text``."""
        core = _core(_NOT_A_WORD.sub("", text))
        if len(core) < 2 or _FIGURES.search(core) or _NEGATIVE.match(core):
            return frozenset()
        same = self._same_sound(text) or self._same_sound(core)
        if same or len(core) < 3:
            return same
        ratio, nearest = max((fuzz.ratio(core, word), word) for word in self._index)
        denied = has_denial(core) and not has_denial(nearest)
        return self._index[nearest] if ratio >= _NEARLY and not denied else frozenset()

    def _same_sound(self, text: str) -> frozenset[int]:
        if self._sounds is None:
            return frozenset()
        heard = [sound for sound in self._sounds.of(text) if sound]
        if len(heard) < 2:
            return frozenset()
        return _union(named for word, named in self._index.items() if len(word) > 1 and self._sounds.of(word) == heard)

    def _ids(self, numbers: frozenset[int]) -> tuple[str, ...]:
        return tuple(option.id for number, option in enumerate(self._options) if number in numbers)


@dataclass(frozen=True)
class _Leftover:
    """What of a text was no option: numbers outside the list, and words."""

    numbers: tuple[int, ...]
    words: tuple[str, ...]

    def asks(self, line: str, rest: str) -> bool:
        """Whether what is left of ``line`` reads like a question; its mark behind mere choices doesn't count."""
        if not _core(_NOT_A_WORD.sub("", rest.replace(_MARK, ""))):
            return False
        return _TAG.search(rest.rstrip(_ENDS)) is not None or any(
            rest[match.start()] != _MARK for match in _asking().finditer(line)
        )


def _index(options: Sequence[ChoiceOption]) -> dict[str, frozenset[int]]:
    """Return which options each word names; a whole label or word counts before the part of another's label."""
    whole: dict[str, set[int]] = {}
    parts: dict[str, set[int]] = {}
    for number, option in enumerate(options):
        for word in (option.label, *option.words):
            whole.setdefault(_NOT_A_WORD.sub("", folded(word)), set()).add(number)
        for part in _LABEL_PARTS.split(folded(option.label)):
            parts.setdefault(_NOT_A_WORD.sub("", part), set()).add(number)
    both = {**{part: named for part, named in parts.items() if len(part) > 1}, **whole}
    return {word: frozenset(named) for word, named in both.items() if word}


def _segments(rest: str) -> Iterator[tuple[int, str]]:
    """Yield the stretches of ``rest`` in which nothing was found yet, with where they begin."""
    start = 0
    for match in [*_APART.finditer(rest), None]:
        end = match.start() if match else len(rest)
        if end > start and _MARK not in rest[start:end]:
            yield start, rest[start:end]
        start = match.end() if match else end


def _is_unknown(segment: str) -> bool:
    """Whether ``segment`` looks like an item of a list rather than something said by the way."""
    core = _core(_NOT_A_WORD.sub("", segment))
    return 0 < len(core) <= _CHATTER and not _BY_THE_WAY.search(segment) and not _asking().search(segment)


def _with_refusals(mentions: Sequence[_Mention], line: str, rest: str, together: re.Pattern[str]) -> list[_Mention]:
    """Mark what is refused; what is joined ``together`` with it is refused too."""
    marked: list[_Mention] = []
    listed = False  # what follows a comma is refused too
    for mention in mentions:
        before = marked[-1] if marked else None
        left = masked(line[: mention.start])
        unable = is_faculty(line[mention.start : mention.end]) and _UNABLE.search(left)  # 不会说话
        directly = _REFUSED_BEFORE.search(left) is not None and not unable
        joined = before is not None and together.fullmatch(line[before.end : mention.start]) is not None
        follows = before is not None and joined and not _REFUSED_AFTER.match(rest[before.end :])
        listed = directly or (listed and follows and not is_affirmed(rest[mention.end :]))
        refused = listed or _REFUSED_AFTER.match(rest[mention.end :]) is not None
        marked.append(replace(mention, standing=Standing.REFUSED) if refused else mention)
    return marked


def _blanked(line: str, mentions: Sequence[_Mention]) -> str:
    for mention in mentions:
        line = line[: mention.start] + _MARK * (mention.end - mention.start) + line[mention.end :]
    return line


def _core(segment: str) -> str:
    """Return ``segment`` without the words that people put around a choice."""
    return _around().sub("", segment)


def _union(sets: Iterable[frozenset[int]]) -> frozenset[int]:
    return frozenset().union(*sets)


def _strictly(line: str, options: Sequence[ChoiceOption]) -> Chosen | Unclear:
    """Return the option that every word of ``line`` stands for."""
    index = _index([_with_usual_words(option) for option in options])
    segments = [segment for segment in _SEGMENTS.split(line) if _hums().sub("", segment)]
    said = [segment for segment in segments if not _says_nothing().fullmatch(segment)]
    read = [_tokens(segment, index) for segment in said or segments]
    named = [index.get(token) or _number(token) for tokens in read for token in tokens or ()]
    possible = _ids_of(options, _union(named))
    out = tuple(number + 1 for number in sorted(_union(named)) if len(options) <= number < _NO_LINE)
    if None in read or out or len(possible) != 1 or frozenset({_NO_LINE}) in named:
        return Unclear(possible=possible, out_of_range=out, asks=bool(_asking().search(line)))
    return Chosen(possible)


def _tokens(segment: str, index: Collection[str]) -> list[str] | None:
    """Cut ``segment`` into words of the options; None where anything else is in it, or one no follows another."""
    if concedes(segment) or _IN_PRAISE.fullmatch(segment):
        return None
    before = rf"{any_of(words().hums)}*{any_of(words().agree_before)}*"
    others = any_of(words().refuse_before)
    match = re.match(rf"{before}(?:{others}(?={any_of(filter(_NEGATIVE.match, index))}))?", segment)
    position = match.end() if match and match.end() < len(segment) else 0
    hummed = [word for word in index if re.match(any_of(words().hums), word)]  # 嗯呐
    position = 0 if hummed and re.match(any_of(hummed), segment) else position
    token = re.compile(rf"({any_of(index)}|第?(?:[0-9]+|[一二两三])[个项]?){any_of(words().agree_after)}*")
    tokens: list[str] = []
    while position < len(segment):
        found = token.match(segment, position)
        if found is None or (tokens and tokens[-1] != found[1] and _NEGATIVE.match(tokens[-1])):
            return None
        tokens.append(found[1])
        position = found.end()
    return tokens


def _number(token: str) -> frozenset[int]:
    number = number_in_words(token.strip("第个项"))
    return frozenset({(number or 0) - 1}) if number else frozenset({_NO_LINE})


def _with_usual_words(option: ChoiceOption) -> ChoiceOption:
    usual = {"yes": words().agree, "no": words().refuse}.get(option.id, ())
    return replace(option, words=(*option.words, *usual))


def _ids_of(options: Sequence[ChoiceOption], numbers: Collection[int]) -> tuple[str, ...]:
    return tuple(option.id for number, option in enumerate(options) if number in numbers)


@cache
def _around() -> re.Pattern[str]:
    fillers = any_of(words().fillers)
    return re.compile(rf"^{fillers}+|{fillers}+$")


@cache
def _hums() -> re.Pattern[str]:
    return re.compile(rf"^{any_of(words().hums)}+$")


@cache
def _says_nothing() -> re.Pattern[str]:
    """Return the pattern of 我 or 登记 apart from the word that agrees, as sign language puts it: 同意 我, 可以 记."""
    return re.compile(rf"{any_of((*words().agree_before, *words().agree_after))}+")


@cache
def _asking() -> re.Pattern[str]:
    return re.compile(rf"{any_of(words().asking)}(?!都)")
