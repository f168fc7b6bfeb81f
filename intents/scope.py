"""For where and for whom the plan is: a question about another place, or about somebody who is not disabled."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from intents.reading import Reading
from knowledge.model import Knowledge

_TOWN = re.compile("(?<=..)(?:街道|镇|乡)$")
_NAMES_SOMETHING_ELSE = "(?!话|菜|路|街|大道|大学|学院|火锅|小面|小吃|面馆|机场|时间)"  # 成都路, 四川话
_KIND = "(?:特别行政区|自治区|市|省|区|县)?"
_COMES_FROM = "(?:(?:户口|户籍|户籍地|老家|学校|证|从)(?:还|都|就)?(?:是|在|属于)?)"
_DOES_THERE = (
    "(?:那边|那里|当地)?的?"
    "(?:人(?!社|力|事)|户口|户籍|籍|证|读|上学|念|毕业|打工|上班|工作|务工|进厂|做|干|跑|嫁|搬|迁|来的|过来)"
)
_WAS_THERE = "(?:以前|原来|原先|之前|早先|前些年|前几年|那些年|过去|曾经|当年)[^ ]{0,4}"  # 以前在广东做皮包
_CAME_BACK = "[^ ]*(?: [^ ]*)?(?:回来|回家|回老家|回娘家|回乡)"
_NO_MORE_SAID = "(?:那么|那|我|是|在|住|家|要是|如果|换成|呢|的|人|这边|那边|有|没得|没有|吗|嘛|不|也|一样|可以|能| )*"
_WHO_IS_MEANT = "(?:的|人?(?=$| |我|能|可|也|想|得|行|要|但|只|是|怎|啷|有|就|享|参|学|去|进|报|领|办|开))"


class Bounds:
    """Keeps what is answered from the plan within the district and to the people it is for."""

    def __init__(self, knowledge: Knowledge) -> None:
        scope = knowledge.scope
        self._scope = scope
        if scope is None:
            return
        self._policies = frozenset(policy.id for policy in knowledge.policies)
        here = (*scope.here, *(_TOWN.sub("", town) for town in knowledge.towns))
        self._here = re.compile(_any_of(here))
        places = f"(?:{_any_of(scope.places)})"
        self._not_places = re.compile(_any_of(scope.not_places))
        self._place = re.compile(f"({places}){_KIND}{_NAMES_SOMETHING_ELSE}")
        self._of_a_person = re.compile(f"{_COMES_FROM}{places}|{places}{_KIND}{_DOES_THERE}")
        self._in_the_past = re.compile(f"{_WAS_THERE}{places}|{places}{_CAME_BACK}")
        self._only_a_place = re.compile(f"{_NO_MORE_SAID}{places}{_KIND}{_NO_MORE_SAID}")
        denial = f"(?<![是有])(?:{_any_of(scope.denials)}){_WHO_IS_MEANT}"
        self._denial = re.compile(denial)
        self._of_another = re.compile(f"(?:{_any_of(scope.not_askers)})[^ ]*{denial}")
        self._group = re.compile(_any_of(scope.groups))
        self._disabled = re.compile(_any_of(scope.disabled))

    def keep(self, reading: Reading, plain: str) -> Reading:
        """Return what is to be made of a ``reading`` of the ``plain`` text (one width, case and script).

        What the plan says is no answer where another place or somebody who is not disabled is meant. Where somebody
        only lives or studies elsewhere it may well be: then the place is told along with it.
        """
        if reading.offers_help:
            return reading
        if self._scope is None or not (self._is_of_the_plan(reading) or reading.kind in ("none", "choices")):
            return reading
        place = self._elsewhere(plain)
        if place is not None and self._only_a_place.fullmatch(plain):
            return _pointed(reading, self._scope.elsewhere)
        if not self._is_of_the_plan(reading):
            return reading
        if self._is_not_disabled(plain):
            return _pointed(reading, self._scope.others)
        if place is None:
            return reading
        if self._of_a_person.search(plain):
            return replace(reading, elsewhere=place)
        return _pointed(reading, self._scope.elsewhere)

    def _is_of_the_plan(self, reading: Reading) -> bool:
        return reading.kind == "answer" or not self._policies.isdisjoint(reading.choices)

    def _elsewhere(self, plain: str) -> str | None:
        """The first place named outside the district; None where the district is named too, or it was left long ago."""
        if self._here.search(plain) or self._in_the_past.search(plain):
            return None
        found = self._place.search(self._not_places.sub(" ", plain))
        return found[1] if found else None

    def _is_not_disabled(self, plain: str) -> bool:
        if self._of_another.search(plain):
            return False
        rest = self._denial.sub(" ", plain)
        told = rest != plain or self._group.search(plain) is not None
        return told and self._disabled.search(rest) is None


def _pointed(reading: Reading, signpost: str) -> Reading:
    return replace(reading, kind="signpost", topic=signpost, choices=())


def _any_of(words: Iterable[str]) -> str:
    """A pattern for any of ``words``, the longest first; for none it matches nothing."""
    return "|".join(map(re.escape, sorted(filter(None, words), key=len, reverse=True))) or "(?!)"
