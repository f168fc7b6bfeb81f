"""What comes out where a page is printed as it stands."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from .browser import Served
from .registered import left, registration

pytestmark = pytest.mark.asyncio(loop_scope="session")

A4 = 718
"""The width in pixels that is left between the margins."""


async def printed(page: Page) -> None:
    await page.emulate_media(media="print")
    await page.set_viewport_size({"width": A4, "height": 1000})


async def test_neither_the_telephone_number_that_is_shown_nor_what_is_being_written_gets_on_paper(
    served: Served,
) -> None:
    one = registration()
    await left(served.office.store, one)
    page = await served.page("clerk")
    await page.goto(f"/cases/{one.receipt}")
    await page.locator("summary").filter(has_text="看电话").click()
    await page.get_by_label("打电话联系").check()
    await page.get_by_role("button", name="看电话").click()
    await expect(page.get_by_text("138 0013 8000")).to_be_visible()
    await printed(page)
    await expect(page.get_by_text("138 0013 8000")).to_be_hidden()
    await expect(page.get_by_role("textbox")).to_have_count(0)
    await expect(page.get_by_text("周桂芳").first).to_be_visible()


async def test_a_list_is_a_table_on_paper_without_what_is_there_to_press(served: Served) -> None:
    await left(served.office.store, registration())
    page = await served.page("clerk")
    await page.goto("/queue?status=new")
    await printed(page)
    row = page.get_by_role("row").filter(has_text="周桂芳")
    assert await row.evaluate("e => getComputedStyle(e).display") == "table-row"
    await expect(page.get_by_role("columnheader")).to_have_text(
        ["称呼和登记号", "提醒", "镇或街道", "登记日", "状态", "四个一", "想做的工作", "经办人"]
    )
    await expect(page.get_by_role("checkbox")).to_have_count(0)
    await expect(page.get_by_text("状态：新登记")).to_be_visible()
    for words in ("逾期", "大学生", "去掉"):
        await expect(page.get_by_role("link", name=words)).to_have_count(0)
    wide, room = await page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= room
