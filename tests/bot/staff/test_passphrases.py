"""Which passphrases will do, and how they are checked."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from bot.staff.passphrases import LONGEST, Fault, Passphrases, fault_of

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.mark.parametrize(
    "passphrase",
    [
        "我每天早上六点去赶场买菜",
        "correct horse battery",
        "tr0ub4dor&3xyz",
        "白沙镇 春天的桃花 很好看",
        "k9!vLm2#qXw8",
        "x" * 3 + "一二三四五六七八九",
        "门前老树长新芽" * 18,
    ],
)
def test_a_long_phrase_will_do_whatever_it_is_made_of(passphrase: str) -> None:
    assert fault_of(passphrase, "chen", "陈静") is None


@pytest.mark.parametrize(
    ("passphrase", "fault"),
    [
        ("", Fault.SHORT),
        ("一二三四五六七八九十一", Fault.SHORT),
        ("k9!vLm2#qXw", Fault.SHORT),
        ("夏" * (LONGEST + 1), Fault.LONG),
        ("my name is CHEN at home", Fault.OWN_NAME),
        ("我叫陈静住在白沙镇街上", Fault.SHORT),
        ("我叫陈静住在白沙镇的老街上", Fault.OWN_NAME),
        ("ｃｈｅｎ在白沙镇的老街上住", Fault.OWN_NAME),
        ("aaaaaaaaaaaaaaaa", Fault.TRIVIAL),
        ("abababababab", Fault.TRIVIAL),
        ("123456789012", Fault.TRIVIAL),
        ("1234567890 1234567890", Fault.TRIVIAL),
        ("987654321098", Fault.TRIVIAL),
        ("abcdefghijklmnop", Fault.TRIVIAL),
        ("qwertyuiop[]", Fault.TRIVIAL),
        ("asdfghjklzxcvbnm", Fault.TRIVIAL),
        ("1q2w3e4r5t6y", Fault.TRIVIAL),
        ("Password12345!", Fault.TRIVIAL),
        ("ＰＡＳＳＷＯＲＤ１２３４", Fault.TRIVIAL),
        ("zhucan2024zhucan", Fault.TRIVIAL),
        ("江津区残联管理员2024年", Fault.TRIVIAL),
        ("!@#$%^&*()_+", Fault.TRIVIAL),
        ("            ", Fault.TRIVIAL),
    ],
)
def test_what_is_short_or_tried_first_by_everybody_will_not_do(passphrase: str, fault: Fault) -> None:
    assert fault_of(passphrase, "chen", "陈静") == fault


def test_an_account_without_a_name_refuses_nothing_for_it() -> None:
    assert fault_of("correct horse battery", "", "") is None


async def test_a_passphrase_is_known_again_and_no_other() -> None:
    passphrases = Passphrases(QUICK)
    stored = await passphrases.hashed("门前老树长新芽，院里枯木又开花")
    assert "老树" not in stored
    assert await passphrases.match(stored, "门前老树长新芽，院里枯木又开花")
    assert not await passphrases.match(stored, "门前老树长新芽，院里枯木又开花 ")


async def test_it_is_the_same_on_another_keyboard() -> None:
    passphrases = Passphrases(QUICK)
    stored = await passphrases.hashed("Caf\u00e9 １２３４５６７８")
    assert await passphrases.match(stored, "Cafe\u0301 12345678")


@pytest.mark.parametrize("typed", ["", "x", "\ud83d", "\x00", "夏" * 100_000])
async def test_nobody_is_let_in_where_nothing_is_stored(typed: str) -> None:
    passphrases = Passphrases(QUICK)
    assert not await passphrases.match(None, typed)
    assert not await passphrases.match("no hash", typed)
    assert not await passphrases.match(await passphrases.hashed("correct horse battery"), typed)


async def test_hashes_of_other_parameters_are_told() -> None:
    stored = await Passphrases(QUICK).hashed("correct horse battery")
    assert not Passphrases(QUICK).is_outdated(stored)
    assert Passphrases(PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)).is_outdated(stored)
