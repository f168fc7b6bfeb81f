"""What somebody who means ill tries."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from bot import app
from bot.staff.posted import MOST_BYTES, local_path
from bot.store.staff import StaffAccounts

from .office import Office, Person, open_office
from .places import address, readable

PUBLIC = "https://zhucan.example.org"


EVERYWHERE = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


async def test_every_answer_carries_the_headers_and_is_not_kept(office: Office, admin: Person) -> None:
    pages = [address(page, office) for page in readable()]
    for where in (*pages, "/nowhere", "/static/nothing.css", "/accounts/x"):
        headers = (await admin.get(where)).response.headers
        assert {name: headers[name] for name in EVERYWHERE} == EVERYWHERE, where
        assert headers["cache-control"] == "no-store", where
        assert "server" not in headers


async def test_the_style_sheet_may_be_kept_but_only_at_the_address_of_this_version(admin: Person) -> None:
    page = await admin.get("/")
    href = page.html.split('rel="stylesheet" href="')[1].split('"')[0]
    assert "immutable" in (await admin.get(href)).response.headers["cache-control"]
    assert (await admin.get(href.partition("?")[0])).response.headers["cache-control"] == "no-cache"


async def test_no_page_has_a_script_or_a_style_within(office: Office, admin: Person) -> None:
    for page in readable():
        html = (await admin.get(address(page, office))).html
        assert " style=" not in html
        assert "<style" not in html
        assert " onclick=" not in html
        assert html.count("<script") == html.count('<script src="/static/console.js?')


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "evil.example:8080", "[::2]", "a@b"])
async def test_it_answers_to_no_other_name(admin: Person, host: str) -> None:
    answer = await admin.get("/", host=host)
    assert answer.status == 421
    assert "陈管理" not in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8080", "localhost:9", "[::1]:8080", "LOCALHOST"])
async def test_this_machine_may_call_it_by_any_of_its_names(admin: Person, host: str) -> None:
    assert (await admin.get("/", host=host)).status == 200


async def test_behind_a_proxy_it_answers_to_its_own_name_alone(tmp_path: Path, template: Path, built: app.App) -> None:
    async with open_office(tmp_path, template, built, public_url=PUBLIC) as office:
        person = office.stranger(base=PUBLIC)
        assert (await person.get("/")).status == 303
        assert (await person.get("/", host="127.0.0.1:8080")).status == 421
        headers = (await person.get("/")).response.headers
        assert headers["strict-transport-security"] == "max-age=63072000"
        for cookie in headers.get_list("set-cookie"):
            assert cookie.startswith("__Host-zhucan-")
            assert {"HttpOnly", "Secure", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))


async def test_cookies_are_for_this_site_and_no_script(stranger: Person) -> None:
    for cookie in (await stranger.get("/")).response.headers.get_list("set-cookie"):
        assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
        assert "Secure" not in cookie


async def test_a_session_that_was_taken_along_is_worth_nothing_after_signing_out(office: Office, clerk: Person) -> None:
    thief = office.stranger()
    thief.client.cookies.update(clerk.client.cookies)
    assert (await thief.get("/")).status == 200
    token = await clerk.csrf()
    await clerk.post("/sign-out", {"csrf": token})
    assert (await thief.get("/")).location == "/sign-in"
    assert (await thief.post("/drafts", {"csrf": token, "kept": "/#a"})).location.startswith("/sign-in")
    assert await office.recorded("signed-out") == 1


@pytest.mark.parametrize(
    "path",
    [
        "/static/../console.py",
        "/static/..%2fconsole.py",
        "/static/%2e%2e/%2e%2e/settings.py",
        "/static/....//x",
        "/static//etc/passwd",
        "/static/console.css%00.js",
        "//evil.example/",
        "/accounts/%2e%2e",
        "/ACCOUNTS",
        "/.git/config",
        "/accounts/%EF%BC%92",
        "/accounts/",
    ],
)
async def test_a_path_leads_nowhere_else(admin: Person, path: str) -> None:
    url = httpx.URL(str(admin.client.base_url)).copy_with(raw_path=path.encode())
    answer = await admin.client.send(admin.client.build_request("GET", url))
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "where", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x", "/a\nb"]
)
def test_nobody_is_sent_to_another_site(where: str) -> None:
    assert local_path(where) == "/"


async def test_what_is_too_much_is_not_read_to_its_end(admin: Person) -> None:
    read = 0

    async def endless() -> object:
        nonlocal read
        while True:
            read += 65536
            yield b"a" * 65536

    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = await admin.client.post("/drafts", content=endless(), headers=headers)
    assert answer.status_code == 413
    assert read <= MOST_BYTES + 2 * 65536


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b"{}", 415),
        ("text/plain", b"csrf=x", 415),
        ("multipart/form-data; boundary=x", b"--x--", 415),
        ("application/x-www-form-urlencoded", b"&".join(b"a=%d" % n for n in range(2000)), 400),
        ("application/x-www-form-urlencoded", "名=字".encode(), 400),
        ("application/x-www-form-urlencoded", b"csrf=%00%ff%fe", 400),
    ],
)
async def test_what_is_no_form_is_refused(admin: Person, kind: str, body: bytes, status: int) -> None:
    answer = await admin.client.post("/drafts", content=body, headers={"content-type": kind})
    assert answer.status_code == status


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND"])
async def test_other_methods_do_nothing(admin: Person, method: str) -> None:
    for where in ("/", "/accounts/new", "/drafts"):
        answer = await admin.client.request(method, where)
        assert answer.status_code == 405
        assert answer.headers["content-type"].startswith("text/html")


async def test_what_is_typed_cannot_become_a_header_or_a_tag(admin: Person) -> None:
    bad = "x\r\nset-cookie: a=b\r\n\r\n<script>alert(1)</script>\"'><b>{{7*7}}"
    typed = {"login": "zhou", "name": bad, "role": "clerk", "towns": ""}
    answer = await admin.submit("/accounts/new", "account", typed)
    assert "set-cookie" not in answer.response.headers or "a=b" not in answer.response.headers["set-cookie"]
    assert "<script>alert" not in answer.html
    assert "<b>" not in answer.html
    assert "49" not in answer.text
    answer = await admin.submit("/accounts/new", "account", {**typed, "towns": "白沙镇"})
    assert "<script>alert" not in (await admin.get("/accounts")).html


async def test_a_forged_notice_is_not_said(admin: Person) -> None:
    for forged in ("请转账", "gAAAAAB" * 5):
        admin.client.cookies.set("zhucan-notice", forged.encode("ascii", "ignore").decode() or "x")
        assert 'role="status"' not in (await admin.get("/")).html


async def test_a_fault_in_a_page_tells_nothing_of_it(
    office: Office, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(StaffAccounts, "all", broken)
    answer = await admin.get("/accounts")
    assert answer.status == 500
    assert "secret detail" not in answer.html
    assert "RuntimeError" not in answer.html
