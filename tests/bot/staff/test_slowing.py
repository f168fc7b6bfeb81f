"""Who guesses is slowed down, and nobody who works here: neither the colleagues behind one address nor the owner."""

from __future__ import annotations

import pyotp

from .office import PASSPHRASE, Answer, Office, Person

OFFICE, ELSEWHERE = "198.51.100.7", "203.0.113.66"
CLERKS = ("admin", "clerk", "two-towns", "elsewhere", "statistics")
SLOWED = "试得太多了"


async def sign_in(person: Person, login: str, passphrase: str = PASSPHRASE) -> Answer:
    return await person.submit("/sign-in", "sign-in", {"login": login, "passphrase": passphrase})


async def with_second_factor(office: Office) -> str:
    """Give the clerk a second factor; return its secret."""
    secret = pyotp.random_base32()
    async with office.store.transaction() as transaction:
        await transaction.staff.set_totp(office.cast["clerk"].id, secret)
    return secret


async def guess(
    office: Office,
    login: str,
    tries: int,
) -> None:
    """Try wrong passphrases, each from another address and with so much time between that it is looked at."""
    for n in range(tries):
        assert "账号或者密码不对" in (await sign_in(office.stranger(address=f"203.0.113.{n}"), login, "guess")).text
        office.clock.forward(minutes=16)


async def use_up(office: Office, login: str) -> None:
    """Guess until the account has to wait."""
    for n in range(3):
        await sign_in(office.stranger(address=f"203.0.113.{n}"), login, "guess")


async def sign_out(person: Person) -> None:
    await person.post("/sign-out", {"csrf": await person.csrf()})


# -- many behind one address


async def test_an_office_mistypes_day_after_day_and_nobody_waits_for_the_others(office: Office) -> None:
    for _ in range(10):
        for login in CLERKS:
            assert SLOWED not in (await sign_in(office.stranger(address=OFFICE), login, "mistyped")).text
            assert (await sign_in(office.stranger(address=OFFICE), login)).status == 303
        office.clock.forward(hours=20)


async def test_a_right_passphrase_makes_nobody_else_at_the_address_wait(office: Office) -> None:
    for n in range(25):
        answer = await sign_in(office.stranger(address=OFFICE), f"guess{n}", "x")
        office.clock.forward(minutes=2)
    assert "账号或者密码不对" in answer.text  # else nothing would have been used up
    office.clock.forward(minutes=16)
    for login in CLERKS:
        assert (await sign_in(office.stranger(address=OFFICE), login)).status == 303


async def test_signing_in_with_an_account_of_ones_own_buys_no_guesses_at_others(office: Office) -> None:
    for n in range(60):
        answer = await sign_in(office.stranger(address=ELSEWHERE), f"guess{n}", "x")
        await sign_in(office.stranger(address=ELSEWHERE), "clerk")
    assert SLOWED in answer.text
    assert await office.recorded("sign-in-failed") == 20


# -- the second factor


async def test_guesses_at_the_passphrase_do_not_keep_the_owner_from_entering_the_code(office: Office) -> None:
    secret = await with_second_factor(office)
    await guess(office, "clerk", 12)
    owner = office.stranger(address=OFFICE)
    asked = await sign_in(owner, "clerk")
    assert "填动态码" in asked.title
    assert "动态码不对" in (await owner.send(asked, "code", {"code": "000000"})).text
    entered = await owner.send(asked, "code", {"code": pyotp.TOTP(secret).at(office.clock.now)})
    assert entered.status == 303


async def test_guesses_at_the_code_are_slowed_however_often_the_passphrase_is_shown(office: Office) -> None:
    secret = await with_second_factor(office)
    right = pyotp.TOTP(secret).at(office.clock.now)
    for n in range(3):
        thief = office.stranger(address=f"203.0.113.{n}")
        asked = await sign_in(thief, "clerk")
        assert "动态码不对" in (await thief.send(asked, "code", {"code": "000000"})).text
    asked = await sign_in(thief, "clerk")
    assert SLOWED in (await thief.send(asked, "code", {"code": right})).text
    office.clock.forward(seconds=5)
    entered = await thief.send(asked, "code", {"code": pyotp.TOTP(secret).at(office.clock.now)})
    assert entered.status == 303


async def test_the_code_lets_nobody_in_whose_passphrase_counts_no_more(office: Office) -> None:
    secret = await with_second_factor(office)
    person = office.stranger()
    asked = await sign_in(person, "clerk")
    async with office.store.transaction() as transaction:
        await transaction.staff.set_passphrase(office.cast["clerk"].id, "another")
    answer = await person.send(asked, "code", {"code": pyotp.TOTP(secret).at(office.clock.now)})
    assert answer.title.endswith("登录") or "登录" in answer.title
    assert answer.title.startswith("有错误：登录")
    assert (await person.get("/")).location == "/sign-in"


# -- an attacker with many addresses


async def test_who_signed_in_here_before_is_not_kept_out_by_guesses_from_elsewhere(office: Office) -> None:
    owner = office.stranger(address=OFFICE)
    await sign_in(owner, "clerk")
    await sign_out(owner)
    await use_up(office, "clerk")
    assert SLOWED in (await sign_in(office.stranger(address=OFFICE), "clerk")).text
    assert (await sign_in(owner, "clerk")).status == 303
    assert SLOWED in (await sign_in(office.stranger(address=ELSEWHERE), "clerk")).text


async def test_a_browser_is_known_for_those_who_signed_in_with_it_and_no_others(office: Office) -> None:
    shared = office.stranger(address=OFFICE)
    for login in ("clerk", "two-towns"):
        await sign_in(shared, login)
        await sign_out(shared)
    for login in ("clerk", "two-towns", "elsewhere"):
        await use_up(office, login)
    assert SLOWED in (await sign_in(shared, "elsewhere")).text
    for login in ("clerk", "two-towns"):
        assert (await sign_in(shared, login)).status == 303
        await sign_out(shared)


async def test_guesses_in_a_browser_that_is_known_are_slowed_too_and_nobody_else_is(office: Office) -> None:
    thief = office.stranger(address=OFFICE)
    await sign_in(thief, "clerk")
    await sign_out(thief)
    for _ in range(3):
        assert "账号或者密码不对" in (await sign_in(thief, "clerk", "guess")).text
    assert SLOWED in (await sign_in(thief, "clerk")).text
    assert (await sign_in(office.stranger(address=OFFICE), "clerk")).status == 303


async def test_a_forged_browser_is_not_known(office: Office) -> None:
    await use_up(office, "clerk")
    forger = office.stranger(address=ELSEWHERE)
    forger.client.cookies.set("zhucan-known", office.store.keys.encrypt('["notice", 1e10, ["x", ["clerk"]]]').decode())
    assert SLOWED in (await sign_in(forger, "clerk")).text


async def test_a_browser_is_known_for_half_a_year_after_the_last_time(office: Office) -> None:
    owner = office.stranger(address=OFFICE)
    await sign_in(owner, "clerk")
    await sign_out(owner)
    for days, let_in in ((170, True), (170, True), (181, False)):
        office.clock.forward(days=days)
        await use_up(office, "clerk")
        answer = await sign_in(owner, "clerk")
        assert (answer.status == 303) is let_in
        if let_in:
            await sign_out(owner)


async def test_who_knows_the_passphrase_and_guesses_codes_does_not_keep_the_owner_out(office: Office) -> None:
    owner = office.stranger(address=OFFICE)
    await sign_in(owner, "clerk")
    await sign_out(owner)
    secret = await with_second_factor(office)
    thief = office.stranger(address=ELSEWHERE)
    asked = await sign_in(thief, "clerk")
    for _ in range(3):
        await thief.send(asked, "code", {"code": "000000"})
    code = pyotp.TOTP(secret).at(office.clock.now)
    assert SLOWED in (await thief.send(asked, "code", {"code": code})).text
    asked = await sign_in(owner, "clerk")
    assert (await owner.send(asked, "code", {"code": code})).status == 303


async def test_who_is_signed_in_changes_the_passphrase_whatever_is_guessed_elsewhere(
    office: Office, clerk: Person
) -> None:
    await use_up(office, "clerk")
    new = "河边那家面馆早上六点开门"
    typed = {"current": PASSPHRASE, "passphrase": new, "again": new}
    assert (await clerk.submit("/me/passphrase", "passphrase", typed)).status == 303


async def test_a_new_link_lets_the_owner_in_whatever_is_guessed_meanwhile(office: Office, admin: Person) -> None:
    await use_up(office, "clerk")
    made = await admin.submit(f"/accounts/{office.cast['clerk'].id}/invite", "confirm", {})
    owner = office.stranger(address=OFFICE)
    new = "河边那家面馆早上六点开门"
    await owner.submit(
        "/welcome/" + made.text.split("/welcome/")[1].split()[0], "welcome", {"passphrase": new, "again": new}
    )
    assert (await sign_in(owner, "clerk", new)).status == 303
