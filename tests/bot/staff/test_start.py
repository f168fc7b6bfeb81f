"""The first page: what there is to do today."""

from __future__ import annotations

import re
from datetime import timedelta

from bot.casework.case import Status
from bot.clock import day_of

from .office import NOW, Answer, Office
from .registered import left, registration

TODAY = day_of(NOW)


def numbers(page: Answer) -> dict[str, int]:
    found = re.findall(r"<strong>(\d+)<span class=\"unseen\"> 份：</span></strong> ([^<，]*)", page.html)
    return {label: int(number) for number, label in found}


async def furnish(office: Office) -> None:
    new, late, due, wrote, old = (
        registration(place, NOW - timedelta(days=days), name=name, phone=f"+861380013800{place}")
        for place, days, name in (
            (1, 1, "新来的"),
            (2, 30, "等得久"),
            (3, 5, "要回访"),
            (4, 5, "写了话"),
            (5, 700, "快满期"),
        )
    )
    await left(office.store, new, late, due, wrote, old)
    clerk = office.cast["clerk"].id
    async with office.store.transaction() as transaction:
        await transaction.cases.plan_follow_up(due.receipt, 1, clerk, NOW, TODAY)
        await transaction.cases.replied(wrote.receipt, "在吗", NOW)
        await transaction.cases.assign(late.receipt, 1, clerk, NOW, clerk)


async def test_the_numbers_of_the_day_lead_into_the_queue(office: Office) -> None:
    await furnish(office)
    clerk = await office.person("clerk")
    page = await clerk.get("/")
    assert numbers(page) == {
        "还没有人联系": 5, "新登记": 5, "逾期": 2, "今天要回访": 1, "本人回了话或者改了登记": 1, "归我办": 1,
        "没有人办": 4, "快到期": 1,
    }  # fmt: skip
    for address, count in re.findall(r'<li><a href="(/queue[^"]*)"[^>]*><strong>(\d+)', page.html):
        listed = await clerk.get(address.replace("&amp;", "&"))
        assert f"符合筛选的有 {count} 份" in listed.text, address


async def test_a_call_takes_one_off_those_whom_nobody_contacted(office: Office) -> None:
    await furnish(office)
    clerk = office.cast["clerk"].id
    called, paused = registration(1, NOW), registration(4, NOW)
    async with office.store.transaction() as transaction:
        await transaction.cases.note(called.receipt, 1, clerk, NOW, "打了电话", contact=True)
        await transaction.cases.set_status(paused.receipt, 1, clerk, NOW, Status.PAUSED, "住院")
    assert numbers(await (await office.person("clerk")).get("/"))["还没有人联系"] == 3


async def test_the_own_cases_are_listed(office: Office) -> None:
    await furnish(office)
    page = await (await office.person("clerk")).get("/")
    assert "等得久" in page.text
    assert "新来的" not in page.text
    assert "现在没有归您办的登记" in (await (await office.person("admin")).get("/")).text


async def test_each_counts_what_they_may_see(office: Office) -> None:
    await furnish(office)
    assert set(numbers(await (await office.person("elsewhere")).get("/")).values()) == {0}


async def test_who_sees_no_persons_sees_no_numbers_of_cases(office: Office) -> None:
    await furnish(office)
    page = await (await office.person("statistics")).get("/")
    assert numbers(page) == {}
    assert "/queue" not in page.html
    assert await office.recorded("list-seen") == 0
