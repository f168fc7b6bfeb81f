"""From a list to a case, on to the next, and back to where it stands in the list."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import expect

from bot.casework.filters import UNATTENDED
from bot.clock import day_of
from bot.conversation.registration import Registration
from bot.staff.listings import queue_address

from .browser import Served
from .office import HOST, NOW, Answer, Office, Person
from .registered import left, registration

NAMES = ("张一", "张二", "张三")
LIST = "/queue?status=new&order=oldest"


async def three(office: Office) -> Sequence[Registration]:
    """Three new ones, of which the first has waited longest."""
    made = [
        registration(
            place, NOW - timedelta(days=4 - place), name=name, phone=f"+861380013800{place}", education="college-recent"
        )
        for place, name in enumerate(NAMES, 1)
    ]
    await left(office.store, *made)
    return made


@pytest.fixture
async def cases(office: Office) -> Sequence[Registration]:
    return await three(office)


async def opened(person: Person, one: Registration, place: str = LIST) -> Answer:
    """Open a case from a list."""
    return await person.get(f"/cases/{one.receipt}", referer=f"{HOST}{place}")


def offered(page: Answer) -> list[str]:
    """The names that are offered as the next, once for each place of the page."""
    return [name for name in NAMES for _ in range(page.text.count(f"下一份：{name}"))]


def next_address(page: Answer) -> str:
    before = page.html[: page.html.index("下一份：")]
    return unescape(before[before.rindex('href="') + 6 : before.rindex('"')])


def links(page: Answer) -> list[str]:
    return [unescape(found) for found in re.findall(r'<a [^>]*?href="([^"#]*)', page.html)]


def hidden_of(page: Answer, action: str) -> dict[str, str]:
    """What the form that leads to ``action`` carries."""
    form = page.html[page.html.index(f'action="{action}"') :].partition("</form>")[0]
    return {name: unescape(value) for name, value in re.findall(r'type="hidden" name="(.*?)" value="(.*?)"', form)}


async def test_the_next_of_the_list_is_offered_on_top_and_at_the_end(
    office: Office, clerk: Person, cases: Sequence[Registration]
) -> None:
    page = await opened(clerk, cases[0])
    assert offered(page) == ["张二", "张二"]
    page = await clerk.get(next_address(page))
    assert "张二" in page.text
    assert offered(page) == ["张三", "张三"]
    page = await clerk.get(next_address(page))
    assert offered(page) == []
    assert await office.recorded("list-seen") == 2


async def test_the_way_back_leads_to_the_place_in_the_list(clerk: Person, cases: Sequence[Registration]) -> None:
    page = await opened(clerk, cases[0])
    back = f'href="/queue?status=new&amp;order=oldest#case-{cases[0].receipt}"'
    assert page.html.count(back) == 2
    assert f'href="/queue#case-{cases[0].receipt}"' in (await clerk.get(f"/cases/{cases[0].receipt}")).html


async def test_what_is_done_to_a_case_does_not_change_what_comes_next(
    clerk: Person, cases: Sequence[Registration]
) -> None:
    page = await opened(clerk, cases[0])
    answer = await clerk.send(page, "status", {"status": "paused", "reason": ""})
    assert offered(answer) == ["张二", "张二"]
    answer = await clerk.send(answer, "status", {"status": "checked"})
    page = await clerk.get(answer.location.partition("#")[0])
    assert offered(page) == ["张二"] * 3


async def test_from_a_case_that_has_left_its_list_the_way_back_leads_to_the_next(
    clerk: Person, cases: Sequence[Registration]
) -> None:
    page = await opened(clerk, cases[0])
    answer = await clerk.send(page, "status", {"status": "checked"})
    page = await clerk.get(answer.location)
    assert page.html.count(f'/queue?status=new&amp;order=oldest#case-{cases[1].receipt}"') == 3
    page = await opened(clerk, cases[2])
    answer = await clerk.send(page, "status", {"status": "checked"})
    page = await clerk.get(answer.location)
    assert page.html.count('/queue?status=new&amp;order=oldest#list"') == 3


async def test_what_a_colleague_dealt_with_meanwhile_is_passed_over(
    office: Office, clerk: Person, cases: Sequence[Registration]
) -> None:
    page = await opened(clerk, cases[0])
    colleague = await office.person("two-towns")
    await colleague.submit(f"/cases/{cases[1].receipt}", "status", {"status": "checked"})
    answer = await clerk.send(page, "note", {"text": "没打通"})
    assert offered(await clerk.get(answer.location)) == ["张三"] * 3
    answer = await clerk.send(page, "status", {"status": "checked"})
    assert offered(await clerk.get(answer.location)) == ["张三"] * 3


async def test_a_case_that_leaves_its_list_by_being_opened_is_followed_by_the_next(
    office: Office, clerk: Person, cases: Sequence[Registration]
) -> None:
    async with office.store.transaction() as transaction:
        for one in cases:
            await transaction.cases.replied(one.receipt, "可以", NOW)
    page = await opened(clerk, cases[0], "/queue?unanswered=1&order=oldest")
    assert offered(page) == ["张二", "张二"]
    page = await clerk.get(next_address(page))
    assert offered(page) == ["张三", "张三"]
    page = await clerk.get(next_address(page))
    assert offered(page) == []


async def test_who_was_led_to_a_case_that_left_the_list_is_led_on(
    office: Office, clerk: Person, cases: Sequence[Registration]
) -> None:
    page = await opened(clerk, cases[0])
    colleague = await office.person("two-towns")
    await colleague.submit(f"/cases/{cases[1].receipt}", "status", {"status": "checked"})
    assert offered(await clerk.get(next_address(page))) == ["张三", "张三"]


async def test_the_next_that_nobody_works_on_is_one_that_nobody_works_on(
    office: Office, clerk: Person, cases: Sequence[Registration]
) -> None:
    colleague = office.cast["two-towns"].id
    async with office.store.transaction() as transaction:
        await transaction.cases.assign(cases[1].receipt, 1, colleague, NOW, colleague)
    assert offered(await opened(clerk, cases[0], f"{queue_address(UNATTENDED)}&order=oldest")) == ["张三", "张三"]


@pytest.mark.parametrize("place", [LIST, "/", "/follow-ups", "/graduates"])
async def test_every_list_can_be_led_to_as_a_whole(clerk: Person, cases: Sequence[Registration], place: str) -> None:
    page = await clerk.get(place)
    assert len(re.findall(r'<[^>]* id="list"[^>]* tabindex="-1"', page.html)) == 1


async def test_who_goes_on_within_the_page_stays_on_the_way(clerk: Person, cases: Sequence[Registration]) -> None:
    page = await opened(clerk, cases[0])
    typed = {name: page.hidden(name, "note") for name in ("csrf", "kept", "version", "seen")}
    await clerk.post("/drafts", {**typed, "text": "写了一半"})
    page = await clerk.get(next(each for each in links(page) if "template=call-time" in each))
    assert offered(page) == ["张二", "张二"]
    page = await clerk.get(next(each for each in links(page) if "restore=note" in each))
    assert page.value("note-text") == "写了一半"
    assert offered(page) == ["张二", "张二"]
    page = await clerk.get(next(each for each in links(page) if "/print" in each))
    page = await clerk.get(next(each for each in links(page) if each.startswith(f"/cases/{cases[0].receipt}?")))
    assert offered(page) == ["张二", "张二"]
    answer = await clerk.post("/drafts/discard", hidden_of(page, "/drafts/discard"))
    assert offered(await clerk.get(answer.location)) == ["张二"] * 3  # once where it is said


async def test_who_signs_in_again_stays_on_the_way(
    office: Office, clerk: Person, cases: Sequence[Registration]
) -> None:
    page = await opened(clerk, cases[0])
    office.clock.forward(minutes=31)
    answer = await clerk.send(page, "note", {"text": "写了一半"})
    there = parse_qs(urlsplit(answer.location).query)["next"][0]
    page = await (await office.person("clerk")).get(there)
    assert page.value("note-text") == "写了一半"
    assert offered(page) == ["张二", "张二"]


async def test_who_goes_back_from_a_letter_or_from_two_versions_stays_on_the_way(
    clerk: Person, cases: Sequence[Registration]
) -> None:
    page = await opened(clerk, cases[0])
    preview = await clerk.send(page, "message", {"text": "请来一趟"})
    assert "list=%2Fqueue" in preview.html[: preview.html.index(">回去改")].rpartition("href=")[2]
    other = await opened(clerk, cases[1])
    await clerk.send(other, "status", {"status": "checked"})
    both = await clerk.send(other, "status", {"status": "paused", "reason": "等等看"})
    assert both.status == 409
    assert "list=%2Fqueue" in both.html[: both.html.index(">先不存")].rpartition("href=")[2]


async def test_a_next_case_that_is_gone_or_not_theirs_is_not_offered(
    office: Office, clerk: Person, cases: Sequence[Registration]
) -> None:
    elsewhere = registration(9, name="别处", town="德感街道", phone="+8613800138009")
    await left(office.store, elsewhere)
    for then in (elsewhere.receipt, "999999999", "x", "9" * 5000):
        page = await clerk.get(f"/cases/{cases[0].receipt}?list=/queue?order=oldest&then={then}")
        assert "别处" not in page.text
        assert offered(page) == ["张二", "张二"]


@pytest.mark.parametrize("place", ["https://elsewhere.example/queue", "/accounts", "//[", "/queue/assign"])
async def test_nothing_but_the_list_leads_back(clerk: Person, cases: Sequence[Registration], place: str) -> None:
    page = await clerk.get(f"/cases/{cases[0].receipt}?list={place}")
    assert page.status == 200
    assert offered(page) == []
    assert f'href="/queue#case-{cases[0].receipt}"' in page.html


async def test_a_list_of_another_site_is_none(clerk: Person, cases: Sequence[Registration]) -> None:
    page = await clerk.get(f"/cases/{cases[0].receipt}", referer=f"https://elsewhere.example{LIST}")
    assert offered(page) == []


async def test_the_next_may_be_on_the_next_page(office: Office, clerk: Person) -> None:
    many = [
        registration(place, NOW - timedelta(hours=100 - place), name=f"第{place}位", phone=f"+86138001380{place:02}")
        for place in range(1, 53)
    ]
    await left(office.store, *many)
    page = await opened(clerk, many[49], "/queue?order=oldest")
    assert "下一份：第51位" in page.text
    page = await clerk.get(next_address(page))
    assert "下一份：第52位" in page.text
    assert f'href="/queue?order=oldest&amp;page=2#case-{many[50].receipt}"' in page.html
    assert (
        f'href="/queue?order=oldest&amp;page=2#case-{many[50].receipt}"'
        in (await clerk.send(page, "note", {"text": ""})).html
    )


async def test_a_list_of_many_pages_is_worked_through_to_its_end(office: Office, clerk: Person) -> None:
    """Also where the place of a case is not on the page that the address names any more."""
    many = [
        registration(place, NOW - timedelta(hours=400 - place), name=f"第{place}位", phone=f"+8613800138{place:03}")
        for place in range(1, 304)
    ]
    await left(office.store, *many)
    for first in (0, 250, 299):
        page = await opened(clerk, many[first], "/queue?order=oldest&page=3")
        for place in range(first + 2, min(first + 5, 304)):
            assert f"下一份：第{place}位" in page.text
            page = await clerk.get(next_address(page))
    assert "下一份" not in page.text
    assert "order=oldest&amp;page=7#case-" in page.html


@pytest.mark.parametrize(
    ("place", "back", "label"),
    [
        ("/follow-ups", "/follow-ups", "回到回访"),
        ("/follow-ups?mine=1", "/follow-ups?mine=1", "回到回访"),
        ("/graduates", "/graduates", "回到大学生"),
        ("/", "/", "回到首页"),
    ],
)
async def test_other_lists_are_worked_through_as_the_queue_is(
    office: Office, clerk: Person, cases: Sequence[Registration], place: str, back: str, label: str
) -> None:
    me = office.cast["clerk"].id
    async with office.store.transaction() as transaction:
        for day, one in enumerate(cases):
            due = day_of(NOW) + timedelta(days=day)
            await transaction.cases.plan_follow_up(one.receipt, 1, me, NOW, due)
            await transaction.cases.assign(one.receipt, 2, me, NOW, me)
    listed = await clerk.get(place)
    names = [name for name in NAMES if name in listed.text]
    assert len(names) == 3
    assert listed.html.count('id="case-') == 3
    page = await opened(clerk, cases[0], place)
    assert offered(page) == ["张二", "张二"]
    assert page.html.count(f'href="{back}#case-{cases[0].receipt}"') == 2
    assert page.text.count(label) == 2
    assert "张三" in (await clerk.get(next_address(page))).text


async def test_among_names_that_were_searched_for_there_is_no_next(
    clerk: Person, cases: Sequence[Registration]
) -> None:
    page = await opened(clerk, cases[0], "/queue?q=%E5%BC%A0")
    assert offered(page) == []
    assert "/queue?q=%E5%BC%A0#case-" in page.html


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("script", [True, False])
async def test_a_list_is_worked_through_in_a_browser(served: Served, *, script: bool) -> None:
    await three(served.office)
    page = await served.page("clerk", java_script_enabled=script)
    await page.goto(LIST)
    await page.get_by_role("link", name="张一").click()
    await page.locator("#note-text").fill("没打通")
    await page.get_by_role("button", name="保存记录").click()
    await page.get_by_role("status").get_by_role("link", name="下一份：张二").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("张二")
    await page.get_by_role("link", name="回到登记清单").last.click()
    await expect(page.get_by_role("link", name="张二")).to_be_visible()
    assert "status=new" in page.url
    assert page.url.partition("#")[2].startswith("case-")
