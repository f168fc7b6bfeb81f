"""Addresses as exact as a house: the road and its number, the building and its flat, the village and its group."""

from __future__ import annotations

import re
from functools import cache

from bot.conversation.fields.data import names
from bot.conversation.fields.phrases import any_of

_NUMBER = r"[0-9A-Za-z零〇一二两三四五六七八九十百#\-—]{1,8}"
_UNIT = "(?:号楼|号院|号|弄|幢|栋|座|单元|楼|层|室|房|组|社|队)"
_PLACE = "[^\\W\\d_镇县区在住到去是的我你他她们道a-zA-Z]{1,5}?"


@cache
def address_patterns() -> tuple[re.Pattern[str], ...]:
    """Return the patterns of such an address."""
    road = rf"{_PLACE}{any_of(names().roads)}"
    further = rf"(?:[,，\s]*(?:附|第)?{_NUMBER}{_UNIT})*(?:{_NUMBER})?"
    return (
        re.compile(rf"{road}[,，\s]*(?:附|第)?{_NUMBER}{_UNIT}{further}"),
        re.compile(rf"(?:{road}[,，\s]*)?{_NUMBER}(?:栋|幢|座|单元|号楼)[,，\s]*{_NUMBER}{_UNIT}?{further}"),
    )
