"""Registrations that will soon be deleted: the staff are told in time to ask the person."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest

from bot.casework.case import Status
from bot.conversation.registration import Registration
from bot.conversation.state import State
from bot.storage import retention
from bot.store.housekeeping import purge

from .office import NOW, Office, Person
from .registered import left, registration

KEPT, WARNED = timedelta(days=730), timedelta(weeks=8)


async def old(office: Office, age: timedelta) -> Registration:
    one = registration(1, NOW - age)
    await left(office.store, one)
    return one


async def told(office: Office, clerk: Person, one: Registration) -> tuple[bool, bool]:
    """Whether the page of the case tells it, and whether the start page leads to a list with it."""
    page, start = await clerk.get(f"/cases/{one.receipt}"), await clerk.get("/")
    (address,) = [
        part.partition('"')[0] for part in start.html.split('<li><a href="')[1:] if "updated_until" in part[:300]
    ]
    listed = await clerk.get(address.replace("&amp;", "&"))
    return "到期， 到期自动删掉" in page.text, "周桂芳" in listed.text


@pytest.mark.parametrize(("early", "warned"), [(timedelta(days=1), False), (timedelta(0), True), (-WARNED, True)])
async def test_the_staff_are_told_eight_weeks_before(
    office: Office, clerk: Person, early: timedelta, warned: bool
) -> None:
    one = await old(office, KEPT - WARNED - early)
    assert await told(office, clerk, one) == (warned, warned)


async def test_the_day_that_is_told_is_the_one_on_which_it_goes(office: Office, clerk: Person) -> None:
    one = await old(office, KEPT - timedelta(days=3))
    assert "这份登记 2024年3月8日 到期" in (await clerk.get(f"/cases/{one.receipt}")).text
    kept = retention(office.parts.settings)
    assert (await purge(office.store, kept, NOW + timedelta(days=2)))["registrations"] == 0
    assert (await purge(office.store, kept, NOW + timedelta(days=3, minutes=1)))["registrations"] == 1


@pytest.mark.parametrize(("early", "warned"), [(timedelta(days=1), False), (timedelta(0), True)])
async def test_the_list_says_so_of_each_and_has_a_button_for_them(
    office: Office, clerk: Person, early: timedelta, warned: bool
) -> None:
    await old(office, KEPT - WARNED - early)
    page = await clerk.get("/queue")
    assert ("4月30日到期" in page.text) is warned
    (address,) = re.findall(r'<a href="([^"]*)">快到期</a>', page.html)
    listed = await clerk.get(unescape(address))
    assert ("周桂芳" in listed.text) is warned
    assert listed.title.startswith(f"快到期：{int(warned)} 份")


@pytest.mark.parametrize(
    ("status", "warned"),
    [(Status.PAUSED, True), (Status.EMPLOYED, True), (Status.SERVED, True), (Status.CLOSED, False)],
)
async def test_nobody_is_asked_about_a_closed_case(office: Office, clerk: Person, status: Status, warned: bool) -> None:
    one = await old(office, KEPT - WARNED)
    who = office.cast["clerk"].id
    async with office.store.transaction() as transaction:
        await transaction.cases.set_status(one.receipt, 1, who, NOW, status, "说明")
    assert await told(office, clerk, one) == (warned, warned)


async def test_it_is_over_when_the_person_sent_it_in_once_more(office: Office, clerk: Person) -> None:
    one = await old(office, KEPT - WARNED)
    again = Registration(one.receipt, one.answers, one.consents, one.created, NOW)
    async with office.store.transaction() as transaction:
        chat = f"telegram:{one.receipt}"
        before = (await transaction.people.load([chat]))[chat]
        await transaction.people.save(chat, before, State(registrations=(again,)), NOW)
    assert await told(office, clerk, one) == (False, False)


async def test_the_page_leads_to_a_message_that_asks_the_person(office: Office, clerk: Person) -> None:
    one = await old(office, KEPT - WARNED)
    where = f"/cases/{one.receipt}?template=confirm"
    assert f'href="{where}#message-text"' in (await clerk.get(f"/cases/{one.receipt}")).html
    assert "请回复“我的登记”，选“改”" in (await clerk.get(where)).value("message-text")
