"""Every page that can be opened, looked at in a real browser by those it lets in: a new page is looked at by itself."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from bot.conversation.message import Note
from bot.staff.access import Access
from bot.staff.page import Page

from . import places
from .browser import NARROW, WIDE, Served, assert_accessible, enlarge_text
from .office import RECEIPT, Office
from .registered import registered

pytestmark = pytest.mark.asyncio(loop_scope="session")


def visitor(page: Page) -> str | None:
    return None if page.access is Access.PUBLIC else "admin"


async def busy(office: Office) -> None:
    """Let there be something in every list: a graduate's case, with a visit due today, and a question."""
    await office.register(RECEIPT, name="欧阳虚构人", phone="+8613800138000", education="college-recent")
    me, now = office.cast["admin"].id, office.clock.now
    async with office.store.transaction() as transaction:
        await transaction.cases.assign(RECEIPT, 1, me, now, me)
        await transaction.cases.plan_follow_up(RECEIPT, 2, me, now, now.date(), "看看工作习惯不习惯")
        note = Note("unanswered", "夜市的位子费高得很", candidates=("stall-rent",))
        await transaction.questions.add("telegram:1", note, now)


@pytest.mark.parametrize("page", places.shown(), ids=places.named)
async def test_a_page_is_accessible_at_both_widths_and_with_text_of_twice_the_size(served: Served, page: Page) -> None:
    await busy(served.office)
    where = places.address(page, served.office)
    for width in (WIDE, NARROW):
        shown = await served.page(visitor(page), width=width)
        await shown.goto(where)
        await assert_accessible(shown)
        await enlarge_text(shown)
        await assert_accessible(shown)


@pytest.mark.parametrize("page", places.shown(), ids=places.named)
async def test_a_page_is_accessible_in_forced_colours_without_motion(served: Served, page: Page) -> None:
    await busy(served.office)
    shown = await served.page(visitor(page), forced_colors="active", reduced_motion="reduce")
    await shown.goto(places.address(page, served.office))
    await assert_accessible(shown)
    moving = "[...document.querySelectorAll('*')].some(e => parseFloat(getComputedStyle(e).transitionDuration) > 0)"
    assert not await shown.evaluate(moving)


async def test_the_cases_that_are_given_out_can_be_read_on_a_small_telephone_with_large_text(served: Served) -> None:
    await busy(served.office)
    shown = await served.page("admin", width=NARROW)
    await shown.goto(f"/queue/assign?case={RECEIPT}.3")
    await enlarge_text(shown)
    await expect(shown.get_by_role("rowheader").filter(has_text="欧阳虚构人")).to_be_visible()
    await assert_accessible(shown)


async def test_the_telephone_number_can_be_read_whole_on_a_small_telephone_with_large_text(served: Served) -> None:
    (one,) = await registered(served.office, {})
    shown = await served.page("clerk", width=NARROW)
    await shown.goto(f"/cases/{one.receipt}")
    await shown.locator("summary").filter(has_text="看电话").click()
    await shown.get_by_label("打电话联系").check()
    await shown.get_by_role("button", name="看电话").click()
    await expect(shown.get_by_role("link", name="138 0013 8000")).to_be_visible()
    await enlarge_text(shown)
    await assert_accessible(shown)


async def test_no_number_of_a_table_is_broken_in_two_however_little_room_there_is(served: Served) -> None:
    await registered(served.office, *({"wanted": ("home",)} for _ in range(12)))
    shown = await served.page("admin", width=NARROW)
    await shown.goto("/figures")
    await enlarge_text(shown)
    await shown.evaluate("document.querySelectorAll('table').forEach(table => table.style.width = '1px')")
    lines = """() => [...document.querySelectorAll("td.number")].map(cell => {
      const range = document.createRange();
      range.selectNodeContents(cell);
      return new Set([...range.getClientRects()].map(line => Math.round(line.top))).size;
    })"""
    assert set(await shown.evaluate(lines)) == {1}


async def test_with_large_text_on_a_small_telephone_the_menu_opens_when_it_is_wanted(served: Served) -> None:
    shown = await served.page("admin", width=NARROW)
    await shown.goto("/queue")
    await enlarge_text(shown)
    header = await shown.get_by_role("banner").bounding_box()
    assert header
    assert header["height"] < 300
    menu = shown.get_by_role("navigation", name="主菜单")
    await expect(menu).to_be_hidden()
    await shown.get_by_text("菜单", exact=True).press("Enter")
    await expect(menu.get_by_role("link", name="操作记录")).to_be_visible()
    await expect(shown.get_by_role("button", name="退出登录")).to_be_visible()
    await assert_accessible(shown)


async def test_where_there_is_room_the_menu_is_there_at_once(served: Served) -> None:
    shown = await served.page("admin", width=360)
    await shown.goto("/queue")
    await expect(shown.get_by_role("link", name="操作记录")).to_be_visible()
    await expect(shown.get_by_text("菜单", exact=True)).to_be_hidden()


async def test_a_page_that_is_refused_is_accessible(served: Served) -> None:
    shown = await served.page("statistics", width=NARROW)
    for where in ("/accounts", "/nowhere"):
        await shown.goto(where)
        await assert_accessible(shown)


async def test_a_form_with_faults_is_accessible_and_leads_to_each(served: Served) -> None:
    for width in (WIDE, NARROW):
        shown = await served.page("admin", width=width)
        await shown.goto("/accounts/new")
        await shown.get_by_role("button", name="添加").click()
        await expect(shown.get_by_role("alert")).to_be_focused()
        await assert_accessible(shown)
        await shown.get_by_role("alert").get_by_role("link", name="请写姓名").click()
        await expect(shown.get_by_label("姓名")).to_be_focused()


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("document.querySelector('main p').style.color = '#aaa'", "color-contrast"),
        ("document.querySelector('label').remove()", "label"),
        ("document.querySelector('h1').style.width = '500px'", "wide in"),
    ],
)
async def test_a_page_with_a_fault_is_found(served: Served, fault: str, said: str) -> None:
    shown = await served.page("admin", width=NARROW)
    await shown.goto("/accounts/new")
    await shown.evaluate(fault)
    with pytest.raises(AssertionError, match=said):
        await assert_accessible(shown)
