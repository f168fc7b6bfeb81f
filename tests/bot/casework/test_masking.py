"""What is left of names and numbers."""

from __future__ import annotations

import pytest

from bot.casework.masking import masked_name, masked_phone


@pytest.mark.parametrize(
    ("name", "left"),
    [("王小明", "王*"), ("王女士", "王*"), ("欧阳春", "欧*"), (" 李四 ", "李*"), ("李", "李*"), ("", "")],
)
def test_of_a_name_the_first_character_is_left_and_not_how_long_it_was(name: str, left: str) -> None:
    assert masked_name(name) == left


@pytest.mark.parametrize(
    ("phone", "left"),
    [
        ("+8613800130000", "138****0000"),
        ("13800130000", "138****0000"),
        ("+862347521234", "023-****1234"),
        ("+868354651234", "0835-****1234"),
        ("+12025550123", "****0123"),
        ("12345", "****"),
        ("", ""),
    ],
)
def test_the_middle_of_a_number_is_hidden(phone: str, left: str) -> None:
    assert masked_phone(phone) == left
