"""What a person does in a real browser: typing, leaving, coming back, by mouse and by keyboard alone."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Browser, Dialog, Page, Route, expect

from bot import clock
from bot.casework.account import Role
from bot.store import Keys, Store
from tests.program import Program

from .browser import NARROW, Served, assert_accessible
from .office import NOW
from .test_program import answered, enabled, free_port

pytestmark = pytest.mark.asyncio(loop_scope="session")
NEW = "/accounts/new"


async def type_an_account(page: Page) -> None:
    await page.get_by_label("登录名").fill("zhou")
    await page.get_by_label("姓名").fill("周新人")
    await page.get_by_label("白沙镇").check()


async def test_what_is_typed_is_kept_by_itself_and_offered_in_another_window(served: Served) -> None:
    page = await served.page("admin")
    await page.goto(NEW)
    await type_an_account(page)
    await page.get_by_label("登录名").focus()  # leaving a field keeps it
    await expect(page.get_by_text("草稿已存")).to_be_visible()
    other = await served.page("admin", width=NARROW)
    await other.goto(NEW)
    await assert_accessible(other)
    await other.get_by_role("link", name="填回去接着写").click()
    await expect(other.get_by_label("姓名")).to_have_value("周新人")
    await expect(other.get_by_label("白沙镇")).to_be_checked()
    await assert_accessible(other)


async def test_what_is_typed_after_the_session_ended_is_kept_too_and_that_is_said(served: Served) -> None:
    page = await served.page("admin")
    await page.goto(NEW)
    served.office.clock.forward(minutes=31)
    await type_an_account(page)
    await page.get_by_label("登录名").focus()
    await expect(page.get_by_text("登录已过期")).to_be_visible()
    other = await served.page("admin")
    await other.goto(f"{NEW}?restore=account")
    await expect(other.get_by_label("姓名")).to_have_value("周新人")


async def test_nothing_is_said_to_be_kept_where_nobody_is_signed_in_any_more(served: Served) -> None:
    page = await served.page("admin")
    await page.goto(NEW)
    async with served.office.store.transaction() as transaction:
        await transaction.sessions.end_all(served.office.cast["admin"].id, served.office.clock.now)
    await type_an_account(page)
    await page.get_by_label("登录名").focus()
    await expect(page.get_by_text("草稿没有存上")).to_be_visible()


async def test_a_link_in_a_chat_leads_there_without_signing_in_again(served: Served) -> None:
    """Its site is another one: at first the browser does not tell who is there."""
    page = await served.page("admin")
    await page.goto(served.base.replace("127.0.0.1", "localhost") + "/sign-in")
    link = f"const a = document.createElement('a'); a.href = '{served.base}/me'; document.body.append(a); a.click()"
    await page.evaluate(link)
    await expect(page).to_have_title("我的账号 · 助残就业工作台")


async def test_that_a_form_is_kept_is_said_once_however_long_somebody_types(served: Served) -> None:
    page = await served.page("admin")
    await page.goto(NEW)
    await page.evaluate("""
        said = [];
        const there = document.querySelector("[data-saved]");
        const note = () => said.push(there.textContent);
        new MutationObserver(note).observe(there, { childList: true, characterData: true, subtree: true });
    """)
    for text in ("周", "周新", "周新人"):
        async with page.expect_response("**/drafts"):
            await page.get_by_label("姓名").fill(text)
            await page.get_by_label("姓名").blur()
    await expect(page.get_by_text("草稿已存")).to_be_visible()
    assert await page.evaluate("said") == ["草稿已存"]


async def test_leaving_with_text_that_could_not_be_kept_is_warned_of(served: Served) -> None:
    page = await served.page("admin")
    asked: list[str] = []

    async def note(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.accept()

    page.on("dialog", note)
    await page.route("**/drafts", lambda route: route.abort())
    await page.goto(NEW)
    await type_an_account(page)
    await page.get_by_role("link", name="首页").first.click()
    await expect(page).to_have_title("首页 · 助残就业工作台")
    assert asked == ["beforeunload"]


async def test_leaving_or_saving_what_is_kept_asks_nothing(served: Served) -> None:
    page = await served.page("admin")
    page.on("dialog", lambda dialog: pytest.fail(dialog.type))
    await page.goto(NEW)
    await type_an_account(page)
    await page.get_by_label("登录名").focus()
    await expect(page.get_by_text("草稿已存")).to_be_visible()
    await page.get_by_role("link", name="账号", exact=True).click()
    await expect(page).to_have_title("账号 · 助残就业工作台")
    await page.goto(NEW)
    await type_an_account(page)
    await page.get_by_role("button", name="添加").click()
    await expect(page).to_have_title("zhou 的登录链接 · 助残就业工作台")


async def test_what_was_saved_is_not_offered_again_though_it_was_still_being_kept(served: Served) -> None:
    page = await served.page("admin")

    async def hold_back(route: Route) -> None:
        await asyncio.sleep(0.5)
        await route.continue_()

    await page.route("**/drafts", hold_back)
    await page.goto(NEW)
    await type_an_account(page)
    await page.get_by_role("button", name="添加").click()
    await expect(page).to_have_title("zhou 的登录链接 · 助残就业工作台")
    await page.goto(NEW)
    await expect(page.get_by_text("您上次写到一半的内容")).to_have_count(0)


async def test_what_came_of_a_form_is_heard_first_on_every_page(served: Served) -> None:
    await served.office.register()
    page = await served.page("admin")
    await page.goto(f"/accounts/{served.office.cast['clerk'].id}")
    await page.get_by_role("button", name="保存").click()
    await expect(page.get_by_role("status").filter(has_text="clerk")).to_be_focused()
    assert "clerk" in await page.title()
    await page.goto("/queue")
    await page.get_by_role("button", name="全选这一页").click()
    await page.get_by_role("button", name="把选中的分给经办人").click()
    await page.get_by_label("分给谁").select_option(str(served.office.cast["clerk"].id))
    await page.get_by_role("button", name="分给他").click()
    await expect(page.get_by_role("status").filter(has_text="分给李经办")).to_be_focused()
    await expect(page).to_have_title("分给李经办 1 份 · 登记 · 助残就业工作台")
    await assert_accessible(page)


async def test_an_account_is_made_by_keyboard_alone(served: Served) -> None:
    page = await served.page("admin")
    await page.goto(NEW)
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("main")).to_be_focused()
    for label, text in (("登录名", "zhou"), ("姓名", "周新人")):
        await page.keyboard.press("Tab")
        await expect(page.get_by_label(label)).to_be_focused()
        await page.keyboard.type(text)
    await page.keyboard.press("Tab")
    await expect(page.get_by_label("经办人", exact=True)).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    await expect(page.get_by_label("白沙镇")).to_be_checked()
    await page.get_by_role("button", name="添加").focus()
    outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    await page.keyboard.press("Enter")
    await expect(page).to_have_title("zhou 的登录链接 · 助残就业工作台")


async def test_everything_works_without_the_script(served: Served) -> None:
    page = await served.page("admin", java_script_enabled=False)
    await page.goto(NEW)
    await type_an_account(page)
    served.office.clock.forward(minutes=31)
    await page.get_by_role("button", name="添加").click()
    back = await served.page("admin", java_script_enabled=False)
    await back.goto(NEW)
    await back.get_by_role("link", name="填回去接着写").click()
    await expect(back.get_by_label("姓名")).to_have_value("周新人")
    await back.get_by_role("button", name="添加").click()
    await expect(back).to_have_title("zhou 的登录链接 · 助残就业工作台")


async def test_what_was_typed_is_there_after_the_program_was_killed(
    tmp_path: Path, index_folder: Path, chromium: Browser
) -> None:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    program = Program(None, tmp_path, index_folder, **enabled(port, ZHUCAN_STAFF__IDLE_MINUTES="1440"))
    keys = Keys.open(tmp_path / "keys" / "zhucan.key", lambda _: None)
    async with await Store.open(f"sqlite:///{tmp_path}/data/zhucan.db", keys) as store, store.transaction() as opened:
        account, _ = await opened.staff.add("admin", "陈管理", Role.ADMIN, (), False, NOW)
    async with program:
        await answered(f"{base}/")
        async with (
            await Store.open(f"sqlite:///{tmp_path}/data/zhucan.db", keys) as store,
            store.transaction() as opened,
        ):
            token = await opened.sessions.begin(account.id, clock.now())
        context = await chromium.new_context(base_url=base, locale="zh-CN")
        await context.add_cookies([{"name": "zhucan-session", "value": token, "url": base}])
        page = await context.new_page()
        await page.goto(NEW)
        await type_an_account(page)
        await page.get_by_label("登录名").focus()
        await expect(page.get_by_text("草稿已存")).to_be_visible()
        await program.kill()
        await page.get_by_role("button", name="添加").click()  # nobody is there
        await program.start()
        await answered(f"{base}/")
        await page.goto(NEW)
        await page.get_by_role("link", name="填回去接着写").click()
        await expect(page.get_by_label("姓名")).to_have_value("周新人")
        await context.close()
