"""Signing in: by passphrase, with a second factor, for the first time by a link; and out."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest

from bot import app

from .office import PASSPHRASE, Answer, Office, Person, open_office

NEW = "河边那家面馆早上六点开门"


async def sign_in(person: Person, login: str, passphrase: str = PASSPHRASE, path: str = "/sign-in") -> Answer:
    return await person.submit(path, "sign-in", {"login": login, "passphrase": passphrase})


def code(office: Office, secret: str) -> str:
    return pyotp.TOTP(secret).at(office.clock.now)


async def with_second_factor(office: Office) -> str:
    """Give the clerk a second factor; return its secret."""
    secret = pyotp.random_base32()
    async with office.store.transaction() as transaction:
        await transaction.staff.set_totp(office.cast["clerk"].id, secret)
    return secret


async def test_who_knows_the_passphrase_comes_to_the_page_that_was_asked_for(office: Office, stranger: Person) -> None:
    asked = await stranger.get("/accounts?page=2")
    entered = await sign_in(stranger, "admin", path=asked.location)
    assert entered.location == "/accounts?page=2"
    assert "陈管理（管理员）" in (await stranger.get("/")).text
    assert await office.recorded("signed-in") == 1


@pytest.mark.parametrize(
    ("login", "passphrase"),
    [("clerk", "wrong"), ("nobody", PASSPHRASE), ("disabled", PASSPHRASE), ("", ""), ("clerk", "x" * 500)],
)
async def test_all_others_are_told_the_same_and_it_is_on_record(
    office: Office, stranger: Person, login: str, passphrase: str
) -> None:
    answer = await sign_in(stranger, login, passphrase)
    assert answer.status == 422
    assert "账号或者密码不对。" in answer.text
    assert "没有登录成功" in answer.text
    assert "还没有保存" not in answer.text
    assert passphrase not in answer.html or not passphrase
    assert (await stranger.get("/")).location == "/sign-in"
    assert await office.recorded("sign-in-failed") == 1


async def test_who_is_signed_in_need_not_do_it_again(admin: Person) -> None:
    assert (await admin.get("/sign-in?next=/me")).location == "/me"


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example/", "/\\evil.example", "evil"])
async def test_signing_in_leads_to_no_other_site(office: Office, elsewhere: str) -> None:
    person = office.stranger()
    page = await person.get("/sign-in")
    answer = await person.send(page, "sign-in", {"login": "admin", "passphrase": PASSPHRASE, "next": elsewhere})
    assert answer.location == "/"


async def test_a_thousand_wrong_passphrases_are_slowed_and_on_record(office: Office) -> None:
    """The right one among them is not even looked at while it has to wait."""
    attacker = office.stranger(address="203.0.113.66")
    page = await attacker.get("/sign-in")
    looked_at = slowed = 0
    for n in range(1000):
        typed = PASSPHRASE if n == 500 else f"guess number {n}"
        answer = await attacker.send(page, "sign-in", {"login": "clerk", "passphrase": typed})
        assert answer.status == 422
        slowed += "试得太多了" in answer.text
        looked_at += "账号或者密码不对" in answer.text
        office.clock.forward(seconds=1)
    assert looked_at + slowed == 1000
    assert looked_at <= 12  # of those that a quarter of an hour has room for
    assert await office.recorded("sign-in-failed") == looked_at
    assert await office.recorded("sign-in-slowed") >= 1
    office.clock.forward(minutes=16)
    assert (await sign_in(office.stranger(), "clerk")).status == 303


async def test_a_wrong_passphrase_is_typed_again_and_waiting_is_no_fields_fault(office: Office) -> None:
    page = await sign_in(office.stranger(), "clerk", "x")
    invalid = re.findall(r'<input [^>]*id="([^"]*)"[^>]*aria-invalid="true"', page.html)
    focused = re.findall(r'<input [^>]*id="([^"]*)"[^>]* autofocus', page.html)
    assert (invalid, focused) == (["sign-in-passphrase"], ["sign-in-passphrase"])
    for _ in range(10):
        page = await sign_in(office.stranger(), "clerk", "x")
    assert re.search("请过[0-9]+(秒|分钟)再试", page.text)
    assert "aria-invalid" not in page.html


async def test_that_nothing_typed_is_lost_is_said_again_after_a_wrong_passphrase(office: Office) -> None:
    page = await office.stranger().get("/sign-in?next=/cases/123456785?restore=note")
    assert "您刚才写的还在" not in page.text
    answer = await office.stranger().submit(
        "/sign-in?next=/cases/123456785?restore=note", "sign-in", {"login": "clerk", "passphrase": "x"}
    )
    assert "您刚才写的还在" in answer.text


async def test_guesses_at_many_accounts_from_one_address_are_slowed_for_all_of_them(office: Office) -> None:
    attacker = office.stranger(address="203.0.113.66")
    for n in range(30):
        answer = await sign_in(attacker, f"guess{n}", "x")
    assert "试得太多了" in answer.text
    assert (await sign_in(attacker, "clerk")).status == 422
    assert (await sign_in(office.stranger(address="198.51.100.7"), "clerk")).status == 303


async def test_only_the_proxy_is_believed_about_where_somebody_is(
    tmp_path: Path, template: Path, built: app.App
) -> None:
    public = "https://zhucan.example.org"
    async with open_office(tmp_path, template, built, public_url=public, proxy=["10.0.0.0/8"]) as office:

        async def failing(address: str, forwarded: str) -> str:
            person = office.stranger(base=public, address=address, **{"x-forwarded-for": forwarded})
            for n in range(30):
                text = (await sign_in(person, f"{address} {forwarded} {n}", "x")).text
            return text

        assert "试得太多了" in await failing("10.1.2.3", "203.0.113.9")
        other = office.stranger(base=public, address="10.1.2.3", **{"x-forwarded-for": "203.0.113.10"})
        assert (await sign_in(other, "clerk")).status == 303
        lying = office.stranger(base=public, address="203.0.113.9", **{"x-forwarded-for": "198.51.100.1"})
        assert (await sign_in(lying, "clerk")).status == 422
        chained = office.stranger(base=public, address="10.1.2.3", **{"x-forwarded-for": "1.1.1.1, 203.0.113.9"})
        assert (await sign_in(chained, "clerk")).status == 422


async def test_the_code_is_asked_for_and_counts_once(office: Office, stranger: Person) -> None:
    secret = await with_second_factor(office)
    page = await sign_in(stranger, "clerk", path="/sign-in?next=/me")
    assert "填动态码" in page.title
    assert PASSPHRASE not in page.html
    wrong = await stranger.send(page, "code", {"code": "000000"})
    assert "动态码不对" in wrong.text
    entered = await stranger.send(wrong, "code", {"code": code(office, secret)})
    assert entered.location == "/me"
    again = office.stranger()
    page = await sign_in(again, "clerk")
    assert "动态码不对" in (await again.send(page, "code", {"code": code(office, secret)})).text


async def test_the_first_step_does_not_last(office: Office, stranger: Person) -> None:
    secret = await with_second_factor(office)
    page = await sign_in(stranger, "clerk")
    office.clock.forward(minutes=6)
    answer = await stranger.send(page, "code", {"code": code(office, secret)})
    assert answer.title.startswith("登录")
    forged = await stranger.send(page, "code", {"code": code(office, secret), "first": "forged"})
    assert forged.title.startswith("登录")


async def test_a_link_sets_the_first_passphrase_once(office: Office, admin: Person, stranger: Person) -> None:
    typed = {"login": "zhou", "name": "周新人", "role": "clerk", "towns": "白沙镇"}
    made = await admin.submit("/accounts/new", "account", typed)
    link = "/welcome/" + made.text.split("/welcome/")[1].split()[0]
    page = await stranger.get(link)
    assert "周新人，您好" in page.text
    for passphrase, again, fault in (("short", "short", "密码太短"), (NEW, "other", "两次填的不一样")):
        answer = await stranger.send(page, "welcome", {"passphrase": passphrase, "again": again})
        assert fault in answer.text
    assert "密码太短" not in answer.text
    done = await stranger.send(page, "welcome", {"passphrase": NEW, "again": NEW})
    assert done.location == "/sign-in"
    assert "密码设好了" in (await stranger.get("/sign-in")).text
    assert (await stranger.get(link)).status == 410
    assert (await stranger.send(page, "welcome", {"passphrase": NEW, "again": NEW})).status == 410
    assert (await sign_in(stranger, "zhou", NEW)).status == 303


async def test_a_link_is_over_after_a_week(office: Office, admin: Person, stranger: Person) -> None:
    made = await admin.submit(f"/accounts/{office.cast['clerk'].id}/invite", "confirm", {})
    link = "/welcome/" + made.text.split("/welcome/")[1].split()[0]
    office.clock.forward(days=7, seconds=1)
    assert (await stranger.get(link)).status == 410


async def test_signing_out_ends_the_session(office: Office, clerk: Person) -> None:
    page = await clerk.get("/")
    answer = await clerk.post("/sign-out", {"csrf": page.hidden("csrf")})
    assert answer.location == "/sign-in"
    assert "已经退出登录" in (await clerk.get("/sign-in")).text
    assert (await clerk.get("/")).location == "/sign-in"


async def test_a_session_ends_by_idleness_and_not_while_somebody_works(office: Office, clerk: Person) -> None:
    for _ in range(5):
        office.clock.forward(minutes=29)
        assert (await clerk.get("/")).status == 200
    office.clock.forward(minutes=31)
    assert (await clerk.get("/me")).location == "/sign-in?next=%2Fme"
    assert "离开超过 30 分钟" in (await clerk.get("/sign-in")).text


async def test_what_is_sent_after_signing_out_elsewhere_is_back_after_signing_in(office: Office, admin: Person) -> None:
    page = await admin.get("/accounts/new")
    other = office.stranger()
    other.client.cookies.update(admin.client.cookies)
    await other.post("/sign-out", {"csrf": await other.csrf()})
    typed = {"login": "zhou", "name": "周新人", "role": "clerk", "towns": "白沙镇"}
    asked = await admin.send(page, "account", typed)
    assert "登录后会填回去" in asked.text
    assert "周新人" not in asked.html
    entered = await admin.send(asked, "sign-in", {"login": "admin", "passphrase": PASSPHRASE})
    assert entered.location.startswith("/accounts/new?restore=account.")
    assert (await admin.get(entered.location)).value("account-name") == "周新人"


async def test_a_passphrase_is_changed_and_ends_the_other_sessions(office: Office, clerk: Person) -> None:
    other = await office.person("clerk")
    for fields, fault in (
        ({"current": "wrong", "passphrase": NEW, "again": NEW}, "现在的密码不对"),
        ({"current": PASSPHRASE, "passphrase": NEW, "again": "x"}, "两次填的不一样"),
        ({"current": PASSPHRASE, "passphrase": PASSPHRASE, "again": PASSPHRASE}, "和现在的一样"),
        ({"current": PASSPHRASE, "passphrase": "password1234", "again": "password1234"}, "太好猜"),
    ):
        answer = await clerk.submit("/me/passphrase", "passphrase", fields)
        assert fault in answer.text
        assert answer.status == 422
    done = await clerk.submit("/me/passphrase", "passphrase", {"current": PASSPHRASE, "passphrase": NEW, "again": NEW})
    assert done.location == "/me"
    assert (await other.get("/")).location == "/sign-in"
    assert (await clerk.get("/")).status == 200
    assert (await sign_in(office.stranger(), "clerk", PASSPHRASE)).status == 422
    assert (await sign_in(office.stranger(), "clerk", NEW)).status == 303


async def test_a_second_factor_is_set_up_and_dropped(office: Office, clerk: Person) -> None:
    page = await clerk.get("/me/second-factor")
    assert "<svg" in page.html
    secret = page.html.split('lang="en">')[1].split("<")[0].replace(" ", "")
    wrong = await clerk.send(page, "second-factor", {"code": "000000", "current": PASSPHRASE})
    assert "动态码不对" in wrong.text
    assert secret in wrong.html.replace(" ", "")
    wrong = await clerk.send(page, "second-factor", {"code": code(office, secret), "current": "wrong"})
    assert "现在的密码不对" in wrong.text
    done = await clerk.send(page, "second-factor", {"code": code(office, secret), "current": PASSPHRASE})
    assert done.location == "/me"
    assert "动态码 已经打开" in (await clerk.get("/me")).text
    assert "填动态码" in (await sign_in(office.stranger(), "clerk")).title
    refused = await clerk.submit("/me/second-factor/off", "second-factor", {"current": "wrong"})
    assert "现在的密码不对" in refused.text
    await clerk.submit("/me/second-factor/off", "second-factor", {"current": PASSPHRASE})
    assert (await sign_in(office.stranger(), "clerk")).status == 303


async def test_the_sessions_are_listed_and_the_others_can_be_ended(office: Office, clerk: Person) -> None:
    office.clock.forward(minutes=5)
    other = await office.person("clerk")
    page = await clerk.get("/me")
    assert "共 2 处" in page.text
    assert page.text.count("就是这里") == 1
    await clerk.post("/me/sessions/others", {"csrf": page.hidden("csrf")})
    assert (await other.get("/")).location == "/sign-in"
    assert "共 1 处" in (await clerk.get("/me")).text
    office.clock.forward(minutes=29)
    await office.person("clerk")
    office.clock.now += timedelta(minutes=2)
    assert (await clerk.get("/me")).location == "/sign-in?next=%2Fme"
