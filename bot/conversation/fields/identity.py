"""Numbers that are never kept: identity, disability certificate and bank card numbers.

Written in one piece, any fifteen digits or more are one of these, unless they are telephone numbers written one
after another. Written in pieces (spaces, commas, lines), they must also look like one, for years and choices
come in pieces too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.conversation.fields import digits
from bot.conversation.fields.data import words

Kind = Literal["identity", "certificate", "card"]

_BETWEEN = r"\s\-.·•,、。()\[\]_/~—–‐‑−:;"
_LONGEST = 24
_X = str.maketrans(dict.fromkeys("x×хХ叉", "X"))
_REGION = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])(?:[0-6]\d|70|90)\d\d"
_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_ENDING = r"\d{3}[\dX]"
_TYPE_AND_GRADE = r"(?:[1-7][1-4](?:\d\d)?)?"
_STRICT = re.compile(rf"{_REGION}(?:19|20)\d\d{_DAY}{_ENDING}{_TYPE_AND_GRADE}")
_STRICT_OLD = re.compile(rf"{_REGION}\d\d{_DAY}\d{{3}}")
_LOOSE = re.compile(rf"{_REGION}(?:19|20)\d{{6}}{_ENDING}(?:\d\d){{0,2}}")
_ONE_PIECE = re.compile(r"\d{15,}(?:X\d{0,4})?")
_MOBILE = r"(?:(?:00)?86)?0?1[3-9]\d{9}"
_PHONE = re.compile(rf"{_MOBILE}|0\d{{2,3}}[2-8]\d{{6,7}}|[2-8]\d{{7}}")
_PHONES = re.compile(rf"(?:{_MOBILE})+|(?:0\d{{2,3}}[2-8]\d{{7}})?1[3-9]\d{{9}}|1[3-9]\d{{9}}0\d{{2,3}}[2-8]\d{{7}}")
_REISSUE = re.compile(r"[\0\s\-]*[Bb][\0\s]*\d{1,2}(?!\d)")
_FIGURES = frozenset("0123456789X")
_CARDS_HERE = "62"  # what Chinese bank cards begin with
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


@dataclass(frozen=True)
class Secret:
    """``text[start:end]`` is such a number."""

    kind: Kind
    start: int
    end: int


def find_secrets(text: str) -> tuple[Secret, ...]:
    """Return the secrets in ``text`` from left to right; they don't overlap."""
    flat = digits.plain(text).translate(_X)
    found: list[Secret] = []
    for run in digits.runs(text, flat, _BETWEEN, "0-9X"):
        if sum(len(group.digits) for group in run) >= 15:
            found += sorted(_in_run(run), key=lambda secret: secret.start)
    return tuple(_with_suffix(secret, flat) for secret in found)


def identity_number(text: str) -> str:
    """Return the first number in ``text``, as it is written there, that is built like an identity number of 18 digits.

    That of a disability certificate begins with one. Empty where there is none; other long numbers are none.
    """
    for secret in find_secrets(text):
        written = text[secret.start : secret.end]
        plain = digits.plain(written).translate(_X)
        if _STRICT.match("".join(char for char in plain if char in _FIGURES)):
            return written
    return ""


def without_secrets(text: str) -> str:
    """Return ``text`` with each secret replaced by the words that say it is not kept."""
    pieces: list[str] = []
    end = 0
    for secret in find_secrets(text):
        pieces += (text[end : secret.start], words().secret)
        end = secret.end
    return "".join(pieces) + text[end:]


def _in_run(run: Sequence[digits.Group]) -> Iterator[Secret]:
    """Yield the secrets of one run: those with a true check digit first, then what is no telephone number."""
    for part, sure in _split(run, _is_sure):
        if sure:
            yield _secret(part)
        elif not all(covered for _, covered in _split(part, _is_phone)):
            yield from _without_check(part)


def _without_check(run: Sequence[digits.Group]) -> Iterator[Secret]:
    if _joined(run).startswith(_CARDS_HERE) and _is_card(run):
        yield _secret(run)
        return
    for part, strict in _split(run, _is_strict):
        if strict:
            yield _secret(part)
            continue
        for rest, phone in _split(part, _is_phone):
            if not phone:
                yield from _loose(rest)


def _loose(groups: Sequence[digits.Group]) -> Iterator[Secret]:
    """Yield what looks like a secret among ``groups`` that are neither identity nor telephone number."""
    written = _joined(groups)
    if len(groups) > 1 and (_LOOSE.fullmatch(written) or _STRICT_OLD.fullmatch(written) or _is_card(groups)):
        yield _secret(groups)
        return
    for group in groups:
        yield from _in_one_piece(group)


def _in_one_piece(group: digits.Group) -> Iterator[Secret]:
    """Yield the secret in digits without a gap; telephone numbers before and behind it stay."""
    match = _ONE_PIECE.search(group.digits)
    if match is None or _PHONES.fullmatch(group.digits):
        return
    exact = len(group.digits) == group.end - group.start
    inner = _STRICT.search(group.digits) if exact else None
    if inner and _is_phones(group.digits[: inner.start()]) and _is_phones(group.digits[inner.end() :]):
        yield Secret(_kind(inner[0]), group.start + inner.start(), group.start + inner.end())
    else:
        yield Secret(_kind(match[0]), group.start, group.end)


def _split(
    groups: Sequence[digits.Group], wanted: Callable[[str], bool]
) -> Iterator[tuple[Sequence[digits.Group], bool]]:
    """Cut ``groups`` into stretches whose digits together are ``wanted``, and those in between.

    Where stretches overlap, as many digits as possible are covered, by as few stretches as possible.
    """
    best: list[tuple[int, int, int]] = [(0, 0, -1)]  # digits covered, minus stretches, where the last one begins
    for end in range(1, len(groups) + 1):
        top = (*best[end - 1][:2], -1)
        written = ""
        for start in range(end - 1, -1, -1):
            written = groups[start].digits + written
            if len(written) > _LONGEST:
                break
            if wanted(written):
                covered, stretches, _ = best[start]
                top = max(top, (covered + len(written), stretches - 1, start), key=lambda cut: cut[:2])
        best.append(top)
    yield from _cuts(groups, best)


def _cuts(
    groups: Sequence[digits.Group], best: Sequence[tuple[int, int, int]]
) -> Iterator[tuple[Sequence[digits.Group], bool]]:
    """Follow ``best`` back from the end and yield the stretches in order."""
    cuts: list[tuple[Sequence[digits.Group], bool]] = []
    end = rest = len(groups)
    while end:
        start = best[end][2]
        if start < 0:
            end -= 1
            continue
        if end < rest:
            cuts.append((groups[end:rest], False))
        cuts.append((groups[start:end], True))
        end = rest = start
    if rest:
        cuts.append((groups[:rest], False))
    return reversed(cuts)


def _is_sure(written: str) -> bool:
    return _is_strict(written) and _check_digit(written) == written[17]


def _is_strict(written: str) -> bool:
    return len(written) >= 18 and _STRICT.fullmatch(written) is not None


def _is_phone(written: str) -> bool:
    return _PHONE.fullmatch(written) is not None or (len(written) >= 22 and _is_phones(written))


def _is_phones(written: str) -> bool:
    return not written or _PHONES.fullmatch(written) is not None


def _is_card(groups: Sequence[digits.Group]) -> bool:
    """Whether ``groups`` are written as on a bank card: in fours, with a known beginning or a true check digit."""
    written = _joined(groups)
    in_fours = all(len(group.digits) == 4 for group in groups[:-1])
    if not in_fours or not 16 <= len(written) <= 19 or not written.isdecimal():
        return False
    return written.startswith(_CARDS_HERE) or _luhn(written)


def _luhn(written: str) -> bool:
    total = 0
    for place, digit in enumerate(map(int, reversed(written))):
        total += digit if place % 2 == 0 else sum(divmod(2 * digit, 10))
    return total % 10 == 0


def _check_digit(written: str) -> str:
    return _CHECKS[sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, written, strict=False)) % 11]


def _joined(groups: Sequence[digits.Group]) -> str:
    return "".join(group.digits for group in groups)


def _kind(written: str) -> Kind:
    if len(written) in (15, 18):
        return "identity"
    return "certificate" if len(written) >= 20 else "card"


def _secret(groups: Sequence[digits.Group]) -> Secret:
    return Secret(_kind(_joined(groups)), groups[0].start, groups[-1].end)


def _with_suffix(secret: Secret, flat: str) -> Secret:
    """Take in the B1 of a certificate that was issued again."""
    match = _REISSUE.match(flat, secret.end) if secret.kind == "certificate" else None
    return Secret(secret.kind, secret.start, match.end()) if match else secret
