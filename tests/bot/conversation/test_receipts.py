"""Receipt numbers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.receipts import is_receipt, new_receipt, shown

TOKENS = st.text("0123456789abcdef", min_size=16, max_size=32)


@given(TOKENS)
def test_a_receipt_is_nine_digits_with_a_check_digit(token: str) -> None:
    receipt = new_receipt(token)
    assert len(receipt) == 9
    assert is_receipt(receipt)


@given(TOKENS, st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(token: str, place: int, by: int) -> None:
    receipt = new_receipt(token)
    wrong = str((int(receipt[place]) + by) % 10)
    assert not is_receipt(receipt[:place] + wrong + receipt[place + 1 :])


def test_the_check_digit_is_that_of_the_standard() -> None:
    """ISO 7064 MOD 11,10, worked out by hand for 1234 5678."""
    remainder = 10
    for digit in (1, 2, 3, 4, 5, 6, 7, 8):
        remainder = ((remainder + digit) % 10 or 10) * 2 % 11
    assert is_receipt(f"12345678{(11 - remainder) % 10}")


def test_tokens_seldom_share_a_receipt() -> None:
    receipts = {new_receipt(f"{number * 0x9E3779B97F4A7C15F39CC0605CEDC834 % 2**128:032x}") for number in range(2000)}
    assert len(receipts) > 1995


def test_it_is_shown_in_groups() -> None:
    assert shown("123456788") == "1234-5678-8"


def test_nonsense_is_no_receipt() -> None:
    assert not any(map(is_receipt, ["", "12345678", "1234567890", "abcdefghi", "１２３４５６７８８"]))
