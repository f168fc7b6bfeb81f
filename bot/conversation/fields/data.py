"""The words that reading a form's answers needs, kept as data beside the code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from pydantic import TypeAdapter

from bot import data_files

_HERE = "bot.conversation.fields"
_List = tuple[str, ...]


@dataclass(frozen=True)
class Words:
    """``fields/words.yaml``; what each list is for is said there."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    secret: str
    black: str
    agree: _List
    refuse: _List
    hums: _List
    agree_before: _List
    refuse_before: _List
    agree_after: _List
    agree_myself: _List
    agree_strongly: _List
    agree_weakly: _List
    agree_proceeds: _List
    agree_wants: _List
    agree_adverbs: _List
    agree_to: _List
    agree_told: _List
    agree_says: _List
    nods: _List
    taken_in: _List
    goes_before: _List
    goes_on: _List
    polite: _List
    asking: _List
    harmless: _List
    denied_before: _List
    denied_after: _List
    denied_alone: _List
    deaf: _List
    blind: _List
    for_deaf: _List
    for_blind: _List
    for_ears: _List
    for_eyes: _List
    turns: _List
    affirmed: _List
    circumstances: _List
    faculties: _List
    faculty_sound: _List
    faculty_impaired: _List
    owners: _List
    kin: Mapping[str, _List]
    parents_for_sure: _List
    fillers: _List
    units: _List
    name_before: _List
    name_after: _List
    name_ends: _List
    name_declined: _List
    not_names: _List
    name_hesitations: _List
    name_asking: _List
    name_titles: _List
    name_whose: _List
    nickname_endings: _List
    seldom_in_names: str
    never_within_names: _List
    not_in_names: _List
    town_kinds: _List
    town_besides: _List
    town_not: _List


@dataclass(frozen=True)
class Names:
    """``fields/names.yaml``; what each list is for is said there."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    surnames: str
    wordlike: str
    often: str
    compound: _List
    titles: _List
    short_titles: _List
    not_after_short_titles: str
    markers: _List
    roles: _List
    family: _List
    people: _List
    not_in_names: str
    spelt_out: _List
    ordinary: _List
    not_nicknames: _List
    not_before_surname: str
    before_surname: str
    not_called: _List
    asks_after: _List
    roads: _List
    accounts: _List
    plates: str


@dataclass(frozen=True)
class Sensitive:
    """``fields/sensitive.yaml``; what each list is for is said there."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    illnesses: _List
    illness_endings: _List
    not_illnesses: _List
    treatments: _List
    incomes: _List
    money: _List
    wishes: _List
    disabilities: _List
    disability_characters: str
    not_disabilities: _List


@cache
def words() -> Words:
    """Return the words of ``words.yaml``."""
    return TypeAdapter(Words).validate_python(data_files.read(_HERE, "words.yaml"))


@cache
def names() -> Names:
    """Return the words of ``names.yaml``."""
    return TypeAdapter(Names).validate_python(data_files.read(_HERE, "names.yaml"))


@cache
def sensitive() -> Sensitive:
    """Return the words of ``sensitive.yaml``."""
    return TypeAdapter(Sensitive).validate_python(data_files.read(_HERE, "sensitive.yaml"))
