from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.splitting import split, units


def test_a_short_text_stays_whole() -> None:
    assert split("第一段\n\n第二段") == ["第一段\n\n第二段"]


def test_a_long_text_is_cut_between_paragraphs() -> None:
    assert split("一一一\n二二\n\n三三三\n四四", 12) == ["一一一\n二二", "三三三\n四四"]


def test_a_long_paragraph_is_cut_between_lines() -> None:
    assert split("一一一\n二二二\n三三三", 8) == ["一一一\n二二二", "三三三"]


def test_a_long_line_is_cut_after_a_sentence() -> None:
    assert split("一一。二二。三三。", 7) == ["一一。二二。", "三三。"]


def test_a_long_sentence_is_cut_between_characters() -> None:
    assert split("一" * 10, 4) == ["一一一一", "一一一一", "一一"]


def test_length_is_counted_in_utf16_units() -> None:
    assert units("一𠮷👍") == 5
    assert split("𠮷" * 3, 4) == ["𠮷𠮷", "𠮷"]


def test_an_odd_limit_does_not_cut_a_surrogate_pair() -> None:
    assert split("𠮷" * 3, 3) == ["𠮷", "𠮷", "𠮷"]


def test_blank_text_gives_nothing() -> None:
    assert split(" \n\n ") == []


@given(st.text(st.sampled_from("一a𠮷 。\n"), max_size=200), st.integers(2, 30))
def test_pieces_fit_and_only_space_is_lost(text: str, longest: int) -> None:
    pieces = split(text, longest)
    assert all(0 < units(piece) <= longest for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())
