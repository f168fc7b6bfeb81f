"""A walk over all pages: whatever shows a person is on record, so that a new page can't be forgotten."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.staff.console import PAGES
from bot.staff.page import Page
from bot.staff.pages.case import lead_back

from .office import RECEIPT, Answer, Office, Person
from .places import address, named
from .registered import registered

NAME, PHONE = "鲜于桂芳", "13800138000"
WITH_CASES = f"case={RECEIPT}.0"
FILLED_IN: Mapping[str, str] = {
    "version": "0",  # of long ago: what changed since is shown
    "seen": "0",
    "text": "下周来一趟",
    "status": "paused",
    "reason": "call",
    "on": "2024-03-05",
    "due": "2024-03-12",
    "purpose": "看看",
    "result": "好",
    "counselor": "0",
    "case": f"{RECEIPT}.0",
}
"""Something for every form of a case."""
LOOKS = ("list-seen", "case-seen", "case-printed", "phone-seen")
SHOW_PERSONS = {
    "/queue",
    "/queue/assign",
    "/graduates",
    "/follow-ups",
    "/",
    "/cases/{receipt}",
    "/cases/{receipt}/print",
    "/cases/{receipt}/notes",
    "/cases/{receipt}/messages/preview",
}
"""Some that do, so that the walk sees what it looks for."""


async def looks(office: Office) -> int:
    return sum([await office.recorded(what) for what in LOOKS])


async def opened(office: Office, person: Person, page: Page) -> list[Answer]:
    """What a page answers to whatever can be sent to it; after each answer that shows a person it is on record."""
    where = address(page, office)
    answers = []
    for method in page.methods:
        for fields in ({}, FILLED_IN):
            before = await looks(office)
            if method == "GET":
                answer = await person.get(f"{where}?{WITH_CASES}" if fields else where)
            else:
                answer = await person.post(where, {"csrf": await token(person), **fields})
            answers.append(answer)
            if NAME in answer.text or PHONE in answer.text:
                assert await looks(office) > before, (method, where, fields)
    return answers


async def token(person: Person) -> str:
    """Of a page that shows nobody."""
    return (await person.get("/me")).hidden("csrf")


@pytest.fixture
async def admin_at_work(office: Office) -> Person:
    """Somebody with a case that is in every list: their own, a graduate's, with a visit due today."""
    await office.register(RECEIPT, name=NAME, phone=f"+86{PHONE}", education="college-recent", contact_way="call")
    me, now = office.cast["admin"].id, office.clock.now
    async with office.store.transaction() as transaction:
        await transaction.cases.assign(RECEIPT, 1, me, now, me)
        await transaction.cases.plan_follow_up(RECEIPT, 2, me, now, now.date())
    return await office.person("admin")


@pytest.mark.parametrize("page", PAGES, ids=named)
async def test_no_page_shows_a_person_without_an_entry(office: Office, admin_at_work: Person, page: Page) -> None:
    answers = await opened(office, admin_at_work, page)
    if page.path in SHOW_PERSONS and page.handler is not lead_back:
        assert any(NAME in answer.text for answer in answers)


async def test_who_shares_a_telephone_number_is_shown_and_that_is_on_record_for_each(
    office: Office, clerk: Person
) -> None:
    one, other = await registered(office, {}, {"name": NAME})
    await clerk.get(f"/cases/{one.receipt}")
    admin = await office.person("admin")
    assert "符合的有 1 条记录" in (await admin.get(f"/audit?what=list-seen&subject={other.receipt}")).text
    assert "符合的有 0 条记录" in (await admin.get(f"/audit?what=list-seen&subject={one.receipt}")).text
