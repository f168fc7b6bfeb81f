"""The visits and calls that are due."""

from __future__ import annotations

import re
from datetime import timedelta

from bot.clock import day_of

from .office import NOW, Answer, Office, Person
from .registered import left, registration

TODAY = day_of(NOW)  # a Tuesday


def sections(page: Answer) -> dict[str, list[str]]:
    parts = re.split(r"<section ", page.html)[1:]
    titles = [re.search(r"<h2[^>]*>([^：]*)：", part) for part in parts]
    return {
        found[1]: re.findall(r'<a class="named" href="[^"]*">([^<]*)<', part)
        for found, part in zip(titles, parts, strict=True)
        if found
    }


async def plan(office: Office, place: int, name: str, days: int, town: str = "白沙镇", purpose: str = "") -> str:
    one = registration(place, NOW - timedelta(days=20), name=name, phone=f"+861380013800{place}", town=town)
    await left(office.store, one)
    who = office.cast["admin"].id
    async with office.store.transaction() as transaction:
        cases, due = transaction.cases, TODAY + timedelta(days=days)
        await cases.plan_follow_up(one.receipt, 1, who, NOW, due, purpose)
    return one.receipt


async def test_they_are_listed_by_when_they_are_due(office: Office, clerk: Person) -> None:
    for place, (name, days) in enumerate([("晚了的", -3), ("今天的", 0), ("明天的", 1), ("星期日", 5), ("下星期", 6)]):
        await plan(office, place, name, days, purpose=f"问{name}")
    page = await clerk.get("/follow-ups")
    assert sections(page) == {
        "过了日子的": ["晚了的"],
        "今天的": ["今天的"],
        "明天到星期日的": ["明天的", "星期日"],
    }
    assert "问晚了的" in page.text
    assert "问下星期" not in page.text


async def test_on_a_sunday_there_is_no_rest_of_the_week(office: Office, clerk: Person) -> None:
    office.clock.now = NOW + timedelta(days=5)
    fresh = await office.person("clerk")
    assert "星期日" not in (await fresh.get("/follow-ups")).text
    assert clerk is not fresh


async def test_the_own_can_be_shown_alone(office: Office, clerk: Person) -> None:
    mine = await plan(office, 1, "归我的", 0)
    await plan(office, 2, "别人的", 0)
    async with office.store.transaction() as transaction:
        who = office.cast["clerk"].id
        await transaction.cases.assign(mine, 2, who, NOW, who)
    assert set(sections(await clerk.get("/follow-ups"))["今天的"]) == {"归我的", "别人的"}
    assert sections(await clerk.get("/follow-ups?mine=1"))["今天的"] == ["归我的"]


async def test_those_of_other_towns_are_not_seen(office: Office, clerk: Person) -> None:
    await plan(office, 1, "德感的", 0, town="德感街道", purpose="秘密")
    page = await clerk.get("/follow-ups")
    assert "德感的" not in page.text
    assert "秘密" not in page.text


async def test_what_is_done_is_due_no_more(office: Office, clerk: Person) -> None:
    receipt = await plan(office, 1, "做完的", 0)
    async with office.store.transaction() as transaction:
        case = await transaction.cases.load(receipt)
        assert case is not None
        who = office.cast["clerk"].id
        await transaction.cases.finish_follow_up(receipt, 2, who, NOW, case.follow_ups[0].id, TODAY)
    assert "做完的" not in (await clerk.get("/follow-ups")).text
