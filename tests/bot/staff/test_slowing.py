"""Who guesses is slowed down, and nobody who works here: neither the colleagues behind one address nor the owner."""

from __future__ import annotations

from .office import PASSPHRASE, Answer, Office, Person

OFFICE, ELSEWHERE = "198.51.100.7", "203.0.113.66"
CLERKS = ("admin", "clerk", "two-towns", "elsewhere", "statistics")
SLOWED = "试得太多了"


async def sign_in(person: Person, login: str, passphrase: str = PASSPHRASE) -> Answer:
    return await person.submit("/sign-in", "sign-in", {"login": login, "passphrase": passphrase})


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
