"""Free text is kept without what cannot be seen, and within its limit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.fields.text import clean


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  下午好接电话。 ", "下午好接电话。"),
        ("a\u200bb\ufeffc\u202ed\u2066e", "abcde"),
        ("a\0b\x1bc\x7f", "abc"),
        ("一\r\n二\r三\u2028四", "一\n二\n三\n四"),
        ("一\n\n\n\n二", "一\n\n二"),
        ("一 \t 二\u3000三", "一 二 三"),
        ("一 \n 二", "一\n二"),
        ("\ud83d\ude00", "😀"),
        ("a\ud83db", "ab"),
        ("z\u0301\u0302\u0303\u0304\u0305", "z\u0301\u0302"),
        ("<b>粗</b> *_[x](y)' OR 1=1", "<b>粗</b> *_[x](y)' OR 1=1"),
    ],
)
def test_what_can_be_seen_stays(text: str, cleaned: str) -> None:
    assert clean(text, 100) == (cleaned, False)


def test_too_long_is_cut_and_said_so() -> None:
    assert clean("一二三四五", 3) == ("一二三", True)
    assert clean("一二三", 3) == ("一二三", False)


def test_a_character_is_not_cut_from_its_accent() -> None:
    assert clean("abce\u0301", 4) == ("abc", True)


@given(st.text(), st.integers(0, 50))
def test_any_text_comes_out_storable(text: str, limit: int) -> None:
    cleaned = clean(text, limit)
    assert len(cleaned.text) <= limit
    cleaned.text.encode()
    assert clean(cleaned.text, limit).text == cleaned.text
