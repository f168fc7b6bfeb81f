"""Telephone numbers as people type and dictate them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from bot.conversation.fields import digits
from bot.conversation.fields.identity import find_secrets

_CHINA = 86
_BETWEEN = r"\s\-.·•,、。()\[\]_/~—–‐‑−"
_BREAK = "※"
_APART = re.compile(r"[,、。;\n]")
_TIMES = re.compile(r"(?<=[0-9])([\0\s,\-]*)([2-8])个([0-9])(?![0-9]?个)")
_EXTENSION = re.compile(r"[\0\s,]*(?:转|分机号?|ext\.?|#)[\0\s:]*[0-9]", re.IGNORECASE)
_SERVICE = re.compile(r"11[0-9]|12[0-9]|1[012][0-9]{3}|116[0-9]{3}|9[56][0-9]{3,4}|[48]00[0-9]{7}")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_PAIR = re.compile(r"(?:1[3-9][0-9]{9}){2,}")
_DATE = re.compile(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")
_LONGEST = 18
_LONGEST_TEXT = 1000
_MOBILE_LENGTH = 11
_LOCAL_LENGTH = 8
_TYPES = frozenset({PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})


class PhoneReason(StrEnum):
    """Why no telephone number could be read; the words for it live with the form."""

    NOT_A_PHONE = "not_a_phone"  # no digits, or digits that are something else
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    NO_SUCH_NUMBER = "no_such_number"  # the right length, but such numbers are not given out
    NO_AREA_CODE = "no_area_code"  # a local number, and the area is not known
    TWO_NUMBERS = "two_numbers"
    SERVICE_NUMBER = "service_number"  # 110, 12385, 10086, 400-…
    EXTENSION = "extension"  # a switchboard and an extension behind it
    FOREIGN = "foreign"
    SECRET = "secret"  # an identity, certificate or card number


@dataclass(frozen=True)
class Phone:
    """``canonical`` is E.164 (``+8613812345678``); ``shown`` is for reading (``138 1234 5678``, ``023-4752 1234``)."""

    canonical: str
    shown: str
    mobile: bool


@dataclass(frozen=True)
class PhoneFault:
    """``digits`` is how many digits were typed (too short, too long), else 0.

    ``numbers``: of two numbers those that can be read, in the order of the text.
    """

    reason: PhoneReason
    digits: int = 0
    numbers: tuple[Phone, ...] = ()


@dataclass(frozen=True)
class _Found:
    """A telephone number at ``groups[first:last]`` of a run."""

    phone: Phone
    first: int
    last: int


def read_phone(text: str, area_code: str = "") -> Phone | PhoneFault:
    """Return the one telephone number in ``text``, or why there is none.

    ``area_code`` (``"023"``) is put before local numbers.
    """
    text = text[:_LONGEST_TEXT]
    secrets = find_secrets(text)
    for secret in reversed(secrets):
        text = text[: secret.start] + _BREAK + text[secret.end :]
    text = _TIMES.sub(lambda match: match[1] + match[3] * int(match[2]), digits.plain(text)) if "个" in text else text
    flat = digits.plain(text)
    runs = [tuple(run) for run in digits.runs(text, flat, _BETWEEN)]
    if any(_is_abroad(run, flat) for run in runs):
        return PhoneFault(PhoneReason.FOREIGN)
    found = [(run, hits) for run in runs if (hits := _search(run, area_code))]
    phones = tuple(dict.fromkeys(hit.phone for _, hits in found for hit in hits))
    if not phones:
        return PhoneFault(PhoneReason.SECRET) if secrets else _fault(runs, flat, area_code)
    if (whole := _in_pieces(runs, phones[0])) is not None:
        return PhoneFault(PhoneReason.TOO_LONG, whole)
    if len(phones) > 1:
        return PhoneFault(PhoneReason.TWO_NUMBERS, numbers=phones)
    return next((fault for run, hits in found if (fault := _beside(run, hits, flat))), phones[0])


def shown_phone(canonical: str) -> str:
    """Return the readable form of a canonical number; ``canonical`` itself where it cannot be read.

    A mobile number is read in the same pieces when the library does not know, or no longer, who gives it out.
    """
    national = canonical.removeprefix(f"+{_CHINA}")
    if national == canonical or not (national.isascii() and national.isdecimal()):
        return canonical
    phone = _national(national)
    if phone is None and _MOBILE.fullmatch(national):
        return " ".join((national[:3], national[3:7], national[7:]))
    return phone.shown if phone else canonical


def _search(run: Sequence[digits.Group], area_code: str) -> list[_Found]:
    """Return the numbers in a run, chosen so that as many digits as possible belong to one."""
    best: list[tuple[int, list[_Found]]] = [(0, [])]
    for end in range(1, len(run) + 1):
        top = best[end - 1]
        written = ""
        for start in range(end - 1, -1, -1):
            written = run[start].digits + written
            if len(written) > _LONGEST:
                break
            covered, before = best[start]
            if covered + len(written) > top[0] and (phone := _phone(written, area_code)):
                top = (covered + len(written), [*before, _Found(phone, start, end)])
        best.append(top)
    return best[-1][1]


def _phone(written: str, area_code: str) -> Phone | None:
    """Return the number that ``written`` is as a whole."""
    for prefix in ("0086", "086", "86"):
        if written.startswith(prefix) and (phone := _national(written.removeprefix(prefix).removeprefix("0"))):
            return phone
    if written.startswith("0"):
        return _national(written[1:])
    if _MOBILE.fullmatch(written):
        return _national(written)
    area = area_code.removeprefix("0")
    if not area:
        return None
    if written.startswith(area) and len(written) > _LOCAL_LENGTH and (phone := _national(written)):
        return phone
    return None if _DATE.fullmatch(written) or len(written) > _LOCAL_LENGTH else _national(area + written)


def _national(significant: str) -> Phone | None:
    """Return the number with these digits behind +86, if it is one that a person can have."""
    if not 9 <= len(significant) <= _MOBILE_LENGTH or significant.startswith("0"):
        return None
    number = PhoneNumber(country_code=_CHINA, national_number=int(significant))
    if not phonenumbers.is_valid_number(number) or phonenumbers.number_type(number) not in _TYPES:
        return None
    shown = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    canonical = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if _MOBILE.fullmatch(significant):
        return Phone(canonical, shown, True)
    area, _, local = shown.partition(" ")
    return Phone(canonical, f"{area}-{local}", False) if "2" <= local[:1] <= "8" else None


def _beside(run: Sequence[digits.Group], hits: Sequence[_Found], flat: str) -> PhoneFault | None:
    """Return what is wrong with the digits around the numbers of a run: an extension, or digits too many."""
    total = sum(len(group.digits) for group in run)
    ends = [0, *(hit.last for hit in hits)]
    starts = [*(hit.first for hit in hits), len(run)]
    for place, (begin, end) in enumerate(zip(ends, starts, strict=True)):
        before = hits[place - 1] if place else None
        if before and _EXTENSION.match(flat, run[before.last - 1].end):
            return PhoneFault(PhoneReason.EXTENSION)
        extra = sum(len(group.digits) for group in run[begin:end] if len(group.digits) > 1 or not group.spoken)
        if not extra or (before is None and extra <= 2):
            continue
        if extra >= 7:
            return PhoneFault(PhoneReason.TWO_NUMBERS, numbers=tuple(dict.fromkeys(hit.phone for hit in hits)))
        if _stands_apart(run, begin, end, flat):
            continue
        if before and not before.phone.mobile and extra <= 4:
            return PhoneFault(PhoneReason.EXTENSION)
        return PhoneFault(PhoneReason.TOO_LONG, total)
    return None


def _stands_apart(run: Sequence[digits.Group], begin: int, end: int, flat: str) -> bool:
    """Whether a comma or line end, such as are not within the number itself, parts ``run[begin:end]`` from it."""
    gaps = [bool(_APART.search(flat[one.end : two.start])) for one, two in pairwise(run)]
    edges = [gaps[place] for place in (begin - 1, end - 1) if 0 <= place < len(gaps)]
    inside = [gap for place, gap in enumerate(gaps) if place not in (begin - 1, end - 1)]
    return any(edges) and not any(inside)


def _in_pieces(runs: Sequence[Sequence[digits.Group]], phone: Phone) -> int | None:
    """Return how many digits there are where a local number is but the end of a mobile one: 138888后头是77662211."""
    written = [_joined(run) for run in runs]
    begun = any(re.match("1[3-9]", one) and 3 <= len(one) < _MOBILE_LENGTH for one in written)
    local = any(len(one) <= _LOCAL_LENGTH and phone.canonical.endswith(one) for one in written)
    return sum(map(len, written)) if begun and local and not phone.mobile else None


def _is_abroad(run: Sequence[digits.Group], flat: str) -> bool:
    """Whether the run is written with the code of another country."""
    written = _joined(run)
    code = written.removeprefix("00")
    with_plus = flat[: run[0].start].replace(digits.HIDDEN, "").rstrip(" (").endswith("+")
    if not (with_plus or len(code) < len(written)) or code.startswith((str(_CHINA), "0")):
        return False
    try:
        number = phonenumbers.parse(f"+{code}")
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(number)


def _fault(runs: Sequence[Sequence[digits.Group]], flat: str, area_code: str) -> PhoneFault:
    """Say why none of the runs is a telephone number: the longest is what was meant for one."""
    run = max(runs, key=lambda run: len(_joined(run)), default=())
    written = re.sub(r"^(?:00|0)?86(?=[0-9]{7})", "", _joined(run))
    count = len(written)
    alone = not re.search(r"[^\W\d_]", flat[: run[0].start] + flat[run[-1].end :]) if run else False
    if not run or _DATE.fullmatch(written) or (count < 3 and not alone):
        return PhoneFault(PhoneReason.NOT_A_PHONE)
    if _PAIR.fullmatch(written):
        pieces = [written[start : start + _MOBILE_LENGTH] for start in range(0, len(written), _MOBILE_LENGTH)]
        phones = dict.fromkeys(phone for piece in pieces if (phone := _phone(piece, area_code)))
        return PhoneFault(PhoneReason.TWO_NUMBERS, numbers=tuple(phones))
    if _SERVICE.fullmatch(written):
        return PhoneFault(PhoneReason.SERVICE_NUMBER)
    if count < 5 and not alone:
        return PhoneFault(PhoneReason.NOT_A_PHONE)
    return _length_fault(written, area_code)


def _length_fault(written: str, area_code: str) -> PhoneFault:
    count = len(written)
    if written.startswith("1"):
        least, most = _MOBILE_LENGTH, _MOBILE_LENGTH
    elif written.startswith("0"):
        least, most = 11, 12
    elif not area_code and count in (7, _LOCAL_LENGTH):
        return PhoneFault(PhoneReason.NO_AREA_CODE)
    else:
        least, most = (_LOCAL_LENGTH, _LOCAL_LENGTH) if count <= _LOCAL_LENGTH else (_MOBILE_LENGTH, _MOBILE_LENGTH)
    if count < least:
        return PhoneFault(PhoneReason.TOO_SHORT, count)
    return PhoneFault(PhoneReason.TOO_LONG, count) if count > most else PhoneFault(PhoneReason.NO_SUCH_NUMBER)


def _joined(run: Sequence[digits.Group]) -> str:
    return "".join(group.digits for group in run)
