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
