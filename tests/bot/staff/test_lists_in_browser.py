"""The list of cases as it is seen, heard and come back to in a real browser."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.async_api import Page, expect

from .browser import NARROW, WIDE, Served, assert_accessible, enlarge_text
from .office import NOW
from .registered import left, registration

pytestmark = pytest.mark.asyncio(loop_scope="session")

_SEVERAL = ("home", "self-employment", "factory")
_WIDTH = "e => e.clientWidth / parseFloat(getComputedStyle(e).fontSize)"
_WIDTHS = f"cells => cells.filter(e => e.textContent.trim()).map({_WIDTH})"


async def listed(served: Served, width: int = WIDE) -> Page:
    """The list with three cases."""
    late = registration(2, NOW - timedelta(days=30), name="等得久", phone="+8613800138002", wanted=("service",))
    await left(served.office.store, registration(1, wanted=_SEVERAL), late, registration(3, name="欧阳虚构人"))
    page = await served.page("admin", width=width)
    await page.goto("/queue")
    return page


@pytest.mark.parametrize("width", [NARROW, 760, 880, 1000, WIDE])
@pytest.mark.parametrize("large", [False, True])
async def test_no_part_of_a_line_is_squeezed_whatever_room_there_is(served: Served, width: int, large: bool) -> None:
    page = await listed(served, width)
    if large:
        await enlarge_text(page)
    await assert_accessible(page)
    assert min(await page.locator(".of-cases tbody :is(th, td)").evaluate_all(_WIDTHS)) >= 1.5
    for words in ("自己做生意、开店、摆摊", "还没有人"):
        cell = page.get_by_role("cell").filter(has_text=words).first
        assert await cell.evaluate(_WIDTH) >= 6


async def test_name_reminder_and_box_stand_on_the_first_line_of_a_narrow_card(served: Served) -> None:
    page = await listed(served, NARROW)
    row = page.get_by_role("row").filter(has_text="欧阳虚构人")
    tops = [
        await part.evaluate("e => e.getBoundingClientRect().top")
        for part in (row.get_by_role("rowheader"), row.locator(".reminder"), row.locator(".ticked"))
    ]
    assert max(tops) - min(tops) < 2
    card = await row.bounding_box()
    assert card
    assert card["height"] < 220


async def test_a_row_is_named_by_the_person_and_then_says_what_to_look_at(served: Served) -> None:
    page = await listed(served)
    row = page.get_by_role("row").filter(has_text="等得久")
    await expect(row.get_by_role("rowheader")).to_contain_text("等得久")
    await expect(row.get_by_role("cell").first).to_contain_text("逾期没联系")
    await expect(row.get_by_role("cell").last.get_by_role("checkbox")).to_be_visible()


@pytest.mark.parametrize("width", [NARROW, WIDE])
async def test_who_comes_back_is_at_the_case_that_was_open(served: Served, width: int) -> None:
    page = await listed(served, width)
    await page.get_by_role("link", name="欧阳虚构人").click()
    await page.goto(f"/queue#case-{registration(3).receipt}")
    await expect(page.get_by_role("link", name="欧阳虚构人")).to_be_focused()
    await expect(page.get_by_role("link", name="欧阳虚构人")).to_be_in_viewport()


async def test_who_comes_back_to_a_list_that_the_case_has_left_is_at_the_list(served: Served) -> None:
    page = await listed(served)
    await page.goto(f"/queue?status=checked#case-{registration(3).receipt}")
    await expect(page.locator("#list")).to_be_focused()
    await page.goto(f"/follow-ups#case-{registration(3).receipt}")
    await expect(page.locator("#list")).to_be_focused()


async def test_the_keyboard_gets_past_the_filters_at_once(served: Served) -> None:
    page = await listed(served)
    await page.get_by_role("link", name="跳到清单").press("Enter")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="等得久")).to_be_focused()


async def _graduate(served: Served) -> Page:
    """A graduate without a plan, with a visit that is due today after one that is not."""
    await left(served.office.store, registration(1, education="college-recent", name="欧阳虚构人"))
    me, now, receipt = served.office.cast["admin"].id, served.office.clock.now, registration(1).receipt
    async with served.office.store.transaction() as transaction:
        await transaction.cases.plan_follow_up(receipt, 1, me, now, now.date() + timedelta(days=30), "复查")
        await transaction.cases.plan_follow_up(receipt, 2, me, now, now.date(), "看看工作习惯不习惯")
    return await served.page("admin", width=NARROW)


@pytest.mark.parametrize("path", ["/follow-ups", "/graduates"])
async def test_the_other_lists_name_their_rows_by_the_person_too(served: Served, path: str) -> None:
    page = await _graduate(served)
    await page.goto(path)
    await expect(page.get_by_role("rowheader")).to_contain_text("欧阳虚构人")


async def test_a_follow_up_leads_to_the_form_for_its_result_and_no_other(served: Served) -> None:
    page = await _graduate(served)
    await page.goto("/follow-ups")
    await page.get_by_role("link", name="记下结果").click()
    await expect(page.get_by_role("button", name="保存结果")).to_have_count(1)
    await expect(page.get_by_role("button", name="保存结果")).to_be_visible()
    await expect(page.get_by_text("看看工作习惯不习惯").first).to_be_in_viewport()
    await expect(page.get_by_role("link", name="回到回访").first).to_be_attached()
    await assert_accessible(page)


async def test_a_graduate_without_a_plan_leads_to_the_form_for_one(served: Served) -> None:
    page = await _graduate(served)
    await page.goto("/graduates")
    await page.get_by_role("link", name="还没有，去写").click()
    await expect(page.get_by_role("textbox", name="一人一策")).to_be_in_viewport()
