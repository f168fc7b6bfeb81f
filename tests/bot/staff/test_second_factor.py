"""Codes of the second factor."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pyotp
import pytest

from bot.staff.second_factor import address, counter_of, new_secret, picture

NOW = datetime(2025, 6, 2, 9, 30, 10, tzinfo=UTC)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code(now: datetime = NOW) -> str:
    return pyotp.TOTP(SECRET).at(now)


@pytest.mark.parametrize(("seconds", "steps"), [(-30, -1), (0, 0), (19, 0), (30, 1)])
def test_the_code_of_this_half_minute_and_its_neighbours_is_known(seconds: int, steps: int) -> None:
    this = counter_of(SECRET, code(), NOW)
    found = counter_of(SECRET, code(NOW + timedelta(seconds=seconds)), NOW)
    assert this is not None
    assert found == this + steps


@pytest.mark.parametrize("seconds", [-60, -3600, 60, 86400])
def test_other_codes_are_not(seconds: int) -> None:
    assert counter_of(SECRET, code(NOW + timedelta(seconds=seconds)), NOW) is None


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "\ud83d", "1" * 10_000])
def test_what_is_no_code_is_refused(typed: str) -> None:
    assert counter_of(SECRET, typed, NOW) is None


def test_a_code_may_be_typed_with_spaces_and_full_width() -> None:
    given = code()
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in given)
    assert counter_of(SECRET, f" {wide[:3]}　{wide[3:]} ", NOW) == counter_of(SECRET, given, NOW) is not None


def test_an_app_is_told_all_it_needs() -> None:
    told = address(SECRET, "chen")
    assert pyotp.parse_uri(told).secret == SECRET
    assert "chen" in told
    assert "zhucan" in told


def test_the_picture_is_plain_svg_that_a_strict_page_may_show() -> None:
    drawn = picture(address(SECRET, "chen"))
    assert ElementTree.fromstring(drawn).tag.endswith("svg")
    assert "style" not in drawn
    assert "<script" not in drawn
    assert SECRET not in drawn


def test_secrets_are_long_and_each_is_another() -> None:
    assert len({new_secret() for _ in range(100)}) == 100
    assert len(new_secret()) >= 32
