"""Receipt numbers: eight digits and a check digit, easy to read out over the telephone."""

from __future__ import annotations

import re

RECEIPT_LENGTH = 9  # digits
_NUMBER = RECEIPT_LENGTH - 1  # digits before the check digit
_SHAPE = re.compile(rf"[0-9]{{{RECEIPT_LENGTH}}}")


def new_receipt(token: str) -> str:
    """Return a receipt number made of ``token`` (at least 16 hexadecimal digits)."""
    number = f"{int(token[-15:], 16) % 9 * 10**7 + 10**7 + int(token[:15], 16) % 10**7:0{_NUMBER}d}"
    return number + _check_digit(number)


def is_receipt(receipt: str) -> bool:
    """Whether ``receipt`` (nine digits) has the right check digit."""
    return _SHAPE.fullmatch(receipt) is not None and _check_digit(receipt[:_NUMBER]) == receipt[_NUMBER]


def shown(receipt: str) -> str:
    """Return the receipt number in groups, as it is read out: ``1234-5678-9``."""
    return f"{receipt[:4]}-{receipt[4:_NUMBER]}-{receipt[_NUMBER:]}"


def _check_digit(number: str) -> str:
    """ISO 7064 MOD 11,10: catches every single wrong digit and nearly all swapped neighbours."""
    remainder = 10
    for digit in number:
        remainder = (remainder + int(digit)) % 10 or 10
        remainder = remainder * 2 % 11
    return str((11 - remainder) % 10)
