"""Finding the town: names, parts, slips, sounds and sentences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.fields.town import Town, Towns


def _names(found: Town | tuple[Town, ...] | None) -> str | tuple[str, ...] | None:
    return found.name if isinstance(found, Town) else found and tuple(town.name for town in found)


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("白沙镇", ["白沙镇", "白沙", "白 沙", "白沙鎮", "白砂", "百沙镇", "bai sha", "baisha", "baisa", "baishazhen"]),
        ("白沙镇", ["我住在白沙镇滨江路那边的", "白沙镇龙华路", "白沙13812345678", "户口在白沙，人也在"]),
        ("珞璜镇", ["珞", "洛璜", "络黄", "罗黄", "珞磺", "luohuang", "luo huang", "珞璜工业园", "我住珞那边"]),
        ("德感街道", ["德感", "得感", "德感街", "德感街道办事处", "degan", "不是白沙，是德感"]),
        ("四屏镇", ["我住四屏", "四平"]),
        ("四面山镇", ["四面山", "四面", "面山"]),
        ("朱杨镇", ["朱阳", "猪羊"]),
        ("支坪镇", ["支平", "只坪", "知平镇"]),
        ("石蟆镇", ["石麻", "shima"]),
        ("贾嗣镇", ["贾四", "贾嗣街上"]),
        ("夏坝镇", ["下坝", "夏霸"]),
        ("龙华镇", ["long hua", "我是龙滑的"]),
        ("圣泉街道", ["圣全", "圣泉的"]),
        ("油溪镇", ["油西", "油溪坝子", "渡口那边"]),
    ],
)
def test_the_town_that_is_meant(towns: Towns, name: str, texts: list[str]) -> None:
    assert {text: _names(towns.find(text)) for text in texts} == dict.fromkeys(texts, name)


def test_every_town_is_found_by_name_short_name_and_pinyin(towns: Towns, shipped_names: tuple[str, ...]) -> None:
    for name in shipped_names:
        found = towns.find(f"我家住{name}的")
        assert isinstance(found, Town)
        assert (found.name, towns.find(found.short)) == (name, found)


@pytest.fixture(scope="session")
def shipped_names(shipped: object) -> tuple[str, ...]:
    return tuple(getattr(shipped, "towns", ()))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("石", ("石门镇", "石蟆镇")),
        ("山", ("鼎山街道", "中山镇", "四面山镇")),
        ("石螨", ("石蟆镇", "石门镇")),
        ("lh", ("龙华镇", "珞璜镇")),
        ("bs", ("白沙镇",)),
        ("白沙或者德感", ("白沙镇", "德感街道")),
        ("江津城区", ("几江街道", "鼎山街道", "圣泉街道")),
        ("彭市", ("李市镇", "杜市镇")),
        ("bolin", ("柏林镇",)),
    ],
)
def test_what_has_to_be_asked(towns: Towns, text: str, names: tuple[str, ...]) -> None:
    found = _names(towns.find(text))
    assert isinstance(found, tuple)
    assert found[: len(names)] == names


@pytest.mark.parametrize(
    "text",
    [
        "在永川住",
        "我住在重庆主城",
        "",
        "3",
        "13",
        "四",
        "第四个",
        "江津",
        "重庆江津的",
        "不晓得",
        "没得",
        "北京",
        "500116199001011234",
        "？",
    ],
)
def test_what_is_no_town(towns: Towns, text: str) -> None:
    assert towns.find(text) is None


def test_without_towns_nothing_is_found() -> None:
    assert Towns((), {}).find("白沙") is None


@given(st.text())
def test_any_text_finds_at_most_four(towns: Towns, text: str) -> None:
    found = towns.find(text)
    assert found is None or isinstance(found, Town) or 1 <= len(found) <= 4
