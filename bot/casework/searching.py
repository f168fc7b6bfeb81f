"""What somebody types to find a case: a receipt or telephone number, whole or not, or part of a name."""

from __future__ import annotations

import re
import unicodedata

from bot.conversation.fields.phone import Phone, read_phone
from bot.conversation.receipts import is_receipt

_MOBILE_LENGTH = 11
_COUNTRY = re.compile(r"^(?:00)?86(?=1)")


def digits_of(text: str) -> str:
    """Return the digits of ``text``, however they are set apart; "" where there are letters too."""
    plain = unicodedata.normalize("NFKC", text)
    return "" if any(char.isalpha() for char in plain) else "".join(filter(str.isdecimal, plain))


def phone_in(text: str, area_code: str) -> str:
    """Return the telephone number that ``text`` is, as it is stored (``+86…``); "" if it is none, or not a whole one.

    ``area_code``: of numbers without one. A number that nobody can have, as in a demo, is one too.
    """
    read = read_phone(text, area_code)
    if isinstance(read, Phone):
        return read.canonical
    national = _COUNTRY.sub("", digits_of(text))
    return f"+86{national}" if len(national) == _MOBILE_LENGTH and national.startswith("1") else ""


def is_whole_number(text: str, area_code: str) -> bool:
    """Return whether ``text`` is a whole receipt or telephone number: no more than one person can be meant."""
    digits = digits_of(text)
    return bool(digits) and (is_receipt(digits) or bool(phone_in(text, area_code)))
