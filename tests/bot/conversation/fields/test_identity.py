"""Numbers that are never kept, however they are written; and those that only look like it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.fields.identity import find_secrets, without_secrets

GONE = "（证号不记）"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("500116199001011234", "identity"),
        ("50011619900101123X", "identity"),
        ("50011619900101123x", "identity"),
        ("50011619900101123Ⅹ", "identity"),
        ("50011619900101123叉", "identity"),
        ("500116900101123", "identity"),
        ("５００１１６　１９９００１０１　１２３ｘ", "identity"),
        ("五零零一一六一九九零零一零一幺二三四", "identity"),
        ("500116，19900101，1234", "identity"),
        ("500116-19900101-1234", "identity"),
        ("500116\n19900101\n1234", "identity"),
        ("5001161990\n01011234", "identity"),
        ("5 0 0 1 1 6 1 9 9 0 0 1 0 1 1 2 3 4", "identity"),
        ("5\u200b001161\u200b99001011234", "identity"),
        ("500116 1990 1301 1234", "identity"),
        ("5OO116199OO1O11234", "identity"),
        ("50011619900101123443", "certificate"),
        ("500116199001011234 43", "certificate"),
        ("500116-1990-0101-1234-43", "certificate"),
        ("50011619900101123X43", "certificate"),
        ("50011619900101123443B1", "certificate"),
        ("50011619900101123X43 b2", "certificate"),
        ("6222021234567890123", "card"),
        ("6222 0212 3456 7890 123", "card"),
        ("1234567890123456", "card"),
    ],
)
def test_a_secret_is_taken_out_whole(text: str, kind: str) -> None:
    assert without_secrets(f"我的是{text}，记一下") == f"我的是{GONE}，记一下"
    assert [secret.kind for secret in find_secrets(text)] == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "13812345678",
        "+86 138 1234 5678",
        "13812345678 13912345678",
        "13812345678，13912345678",
        "138 1234 5678 139 1234 5678",
        "1381234567813912345678",
        "023-47521234 13812345678",
        "47521234 13812345678",
        "一三八一二三四五六七八",
        "2022 2023 2024 2025",
        "2022—2024，2025—2027",
        "1 2 3 4 5 6 7 8 9 10 11 12",
        "1、3、5、7、9、11、13、15、17、19",
        "2024年5月1日到2025年6月1日 13812345678",
        "12345678901234",
        "12385 12345 12348 12333",
        "",
    ],
)
def test_what_only_looks_like_a_secret_stays(text: str) -> None:
    assert without_secrets(text) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("13812345678，500116199001011234", f"13812345678，{GONE}"),
        ("500116199001011234 13812345678", f"{GONE} 13812345678"),
        ("13812345678500116199001011234", f"13812345678{GONE}"),
        ("500116199001011234一级", f"{GONE}一级"),
        ("500116199001011234和500116199001011242", f"{GONE}和{GONE}"),
    ],
)
def test_what_stands_beside_a_secret_stays(text: str, left: str) -> None:
    assert without_secrets(text) == left


def test_a_number_with_a_true_check_digit_is_no_pair_of_phones() -> None:
    assert [secret.kind for secret in find_secrets("130102199001011236")] == ["identity"]


@given(st.text())
def test_secrets_are_in_order_and_apart(text: str) -> None:
    ends = [edge for secret in find_secrets(text) for edge in (secret.start, secret.end)]
    assert ends == sorted(ends)
    assert all(0 <= edge <= len(text) for edge in ends)


@given(st.text(alphabet="0123456789Xx -,，。\n零幺", max_size=60))
def test_once_taken_out_nothing_is_left(text: str) -> None:
    assert find_secrets(without_secrets(text)) == ()


@given(st.from_regex(r"[1-9][0-9]{14,20}", fullmatch=True))
def test_fifteen_digits_or_more_in_a_row_are_always_taken_out(number: str) -> None:
    assert not any(char.isdigit() for char in without_secrets(number))
