"""Speech slips and pinyin meet the word that was meant, because they sound alike."""

from __future__ import annotations

import pytest

from intents.libraries import ask_libraries
from intents.sounds import Sounds, merged

SOUNDS = Sounds(ask_libraries().readings)


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("按模", "按摩"),
        ("补铁", "补贴"),
        ("残集", "残疾"),
        ("烟草转卖", "烟草专卖"),
        ("南住", "难住"),
        ("兰住", "难住"),
        ("飞州", "灰州"),
        ("生请", "身寝"),
        ("anmo", "按摩"),
        ("can ji ren", "残疾人"),
        ("canjiren", "残疾人"),
    ],
)
def test_what_sounds_alike_has_the_same_sounds(heard: str, meant: str) -> None:
    assert SOUNDS.of(heard) == SOUNDS.of(meant)


@pytest.mark.parametrize(("one", "other"), [("ba", "pa"), ("lang", "lan"), ("ji", "qi"), ("mo", "ma")])
def test_what_sounds_different_stays_apart(one: str, other: str) -> None:
    assert merged(one) != merged(other)


@pytest.mark.parametrize("text", ["can ji ren ban yan zheng", "woyaozhaogongzuo", "ni hao", "wo 不 xiang zuo 了"])
def test_pinyin_is_recognised_with_the_odd_character_among_it(text: str) -> None:
    assert SOUNDS.is_spelt(text)


@pytest.mark.parametrize(
    "text", ["what is the weather", "hello", "残疾 ban zheng", "hr", "", "script alert 1", "a", "我不想 an mo"]
)
def test_other_latin_text_is_no_pinyin(text: str) -> None:
    assert not SOUNDS.is_spelt(text)
