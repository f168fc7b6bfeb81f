"""A walk over all pages and all of the cast: each page lets in those it says, and no one else."""

from __future__ import annotations

import re

import pytest

from bot.casework.account import Account, Role
from bot.staff.access import Access
from bot.staff.page import Page

from .office import WORKING, Office, Person
from .places import address, named, of_cases, readable, sendable


def let_in(access: Access, account: Account) -> bool:
    """Told once more in other words than in the console."""
    allowed = {
        Access.PUBLIC: set(Role),
        Access.SIGNED_IN: set(Role),
        Access.FIGURES: set(Role),
        Access.PERSONS: {Role.ADMIN, Role.CLERK},
        Access.TEACH: {Role.ADMIN} | (set(Role) if account.teaches else set()),
        Access.ADMIN: {Role.ADMIN},
    }
    return account.role in allowed[access]


@pytest.mark.parametrize("page", readable(), ids=named)
async def test_a_page_opens_for_those_it_lets_in_and_the_others_are_on_record(office: Office, page: Page) -> None:
    await office.register()
    where = address(page, office)
    for login in [each for each in WORKING if page not in of_cases() or each != "elsewhere"]:
        before = await office.recorded("refused")
        answer = await (await office.person(login)).get(where)
        if let_in(page.access, office.cast[login]):
            assert answer.status in {200, 303, 404, 410}, (login, answer.status)
            assert await office.recorded("refused") == before
        else:
            assert answer.status == 403, login
            assert await office.recorded("refused") == before + 1


@pytest.mark.parametrize("page", of_cases(), ids=named)
async def test_a_case_of_another_town_is_not_there_and_the_attempt_is_on_record(office: Office, page: Page) -> None:
    await office.register()
    person = await office.person("elsewhere")
    for method in page.methods:
        before = await office.recorded("refused")
        where = address(page, office)
        answer = await (person.get(where) if method == "GET" else person.post(where, {"csrf": await person.csrf()}))
        assert answer.status == 404
        assert "周桂芳" not in answer.text
        assert await office.recorded("refused") == before + 1


@pytest.mark.parametrize("page", sendable(), ids=named)
async def test_a_form_is_taken_from_none_but_those_it_lets_in(office: Office, page: Page) -> None:
    for login in WORKING:
        if not let_in(page.access, office.cast[login]):
            person = await office.person(login)
            before = await office.recorded("refused")
            answer = await person.post(address(page, office), {"csrf": await person.csrf()})
            assert answer.status == 403, login
            assert await office.recorded("refused") == before + 1


@pytest.mark.parametrize("page", sendable(), ids=named)
@pytest.mark.parametrize("token", ["", "forged", "of somebody else"])
async def test_a_form_without_its_token_is_refused_and_on_record(office: Office, page: Page, token: str) -> None:
    other = await (await office.person("admin")).csrf()
    person = await office.person("admin")
    answer = await person.post(address(page, office), {"csrf": other if token == "of somebody else" else token})
    assert answer.status == 400
    assert await office.recorded("refused") == 1


@pytest.mark.parametrize("page", sendable(), ids=named)
async def test_a_form_that_another_site_sends_is_refused(office: Office, page: Page) -> None:
    person = await office.person("admin")
    token = await person.csrf()
    elsewhere = {"origin": "https://evil.example"}, {"sec_fetch_site": "cross-site"}, {"origin": "null"}
    for headers in elsewhere:
        answer = await person.post(address(page, office), {"csrf": token}, **headers)
        assert answer.status == 403, headers
        assert "您写的内容" not in answer.text
    assert await office.recorded("refused") == len(elsewhere)


@pytest.mark.parametrize("page", [page for page in readable() if page.access is not Access.PUBLIC], ids=named)
async def test_who_is_not_signed_in_is_sent_to_sign_in(office: Office, stranger: Person, page: Page) -> None:
    where = address(page, office)
    answer = await stranger.get(where)
    assert answer.status == 303
    assert answer.location.startswith("/sign-in")
    forged = office.stranger()
    forged.client.cookies.set("zhucan-session", "forged")
    assert (await forged.get(where)).location.startswith("/sign-in")


@pytest.mark.parametrize("page", [page for page in sendable() if page.access is not Access.PUBLIC], ids=named)
async def test_nothing_is_done_for_who_is_not_signed_in(office: Office, stranger: Person, page: Page) -> None:
    answer = await stranger.post(address(page, office), {"csrf": "x"})
    assert answer.status == 303
    assert answer.location.startswith("/sign-in")


@pytest.mark.parametrize("page", readable(), ids=named)
async def test_a_disabled_account_is_let_in_nowhere(office: Office, page: Page) -> None:
    answer = await (await office.person("disabled")).get(address(page, office))
    assert "孙离职" not in answer.text
    if page.access is not Access.PUBLIC:
        assert answer.location.startswith("/sign-in")


@pytest.mark.parametrize("page", readable(), ids=named)
async def test_every_form_carries_its_token_and_keeps_what_is_typed(office: Office, page: Page) -> None:
    """A form with fields to type in belongs to a sheet with a key; those with secrets have none."""
    answer = await (await office.person("admin")).get(address(page, office))
    for form in re.findall(r"<form [^>]*method=\"post\".*?</form>", answer.html, flags=re.DOTALL):
        assert 'name="csrf"' in form
        typed = re.search(r'<textarea|<select|<input type="(?!hidden|password|checkbox|radio)', form)
        if typed and 'type="password"' not in form and 'name="code"' not in form:
            assert 'name="kept"' in form, form


@pytest.mark.parametrize("page", readable(), ids=named)
async def test_every_page_has_a_title_of_its_own_and_one_heading(office: Office, page: Page) -> None:
    answer = await (await office.person("admin")).get(address(page, office))
    if answer.status == 200 and answer.response.headers["content-type"].startswith("text/html"):
        assert len(re.findall(r"<h1", answer.html)) == 1
        assert not answer.title.startswith(" ·")
