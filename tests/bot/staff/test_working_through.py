"""A registration is worked through in a real browser: by mouse, and by keyboard alone."""

from __future__ import annotations

import asyncio
import re
from datetime import date, timedelta

import pytest
from playwright.async_api import Page, Route, expect

from bot.casework.case import Case, Status, Step
from bot.clock import day_of
from bot.conversation.registration import Registration

from .browser import NARROW, WIDE, Served, assert_accessible, enlarge_text
from .office import NOW, Office
from .registered import left, registration

pytestmark = pytest.mark.asyncio(loop_scope="session")

TODAY = day_of(NOW)
STEPS = {
    "基础信息核对": "住在本镇，电话没变",
    "职业能力评估": "会用电脑，能坐班",
    "就业需求登记": "想在家附近做客服",
    "就业服务": "推荐了一家超市",
}


async def case_of(office: Office, one: Registration) -> Case:
    async with office.store.transaction() as transaction:
        found = await transaction.cases.load(one.receipt)
    assert found is not None
    return found


async def assert_worked_through(office: Office, one: Registration) -> None:
    case = await case_of(office, one)
    assert [step.step for step in case.steps] == list(Step)
    assert [step.result for step in case.steps] == list(STEPS.values())
    assert (case.status, case.employed) == (Status.EMPLOYED, TODAY)
    assert case.counselor == office.cast["clerk"].id
    assert case.first_contact is not None


async def test_a_registration_is_worked_through_to_employment_by_mouse(served: Served) -> None:
    one = registration(1, NOW - timedelta(days=1))
    await left(served.office.store, one)
    page = await served.page("clerk")
    await page.goto("/")
    await page.get_by_role("link", name="新登记，还没核对").click()
    await page.get_by_role("link", name="周桂芳").click()
    await page.get_by_role("button", name="归我办").click()
    await expect(page.get_by_role("status").filter(has_text="经办人改成李经办")).to_be_focused()

    await page.locator("#note-text").fill("打通了，想在家附近做")
    await page.get_by_label("我跟本人说了话").check()
    await page.get_by_role("button", name="保存记录").click()
    await expect(page.get_by_role("status").filter(has_text="记录写好了")).to_be_focused()

    for step, result in STEPS.items():
        await page.get_by_text(f"记为已做：{step}").click()
        form = page.locator("form.sheet").filter(has=page.get_by_role("button", name=f"保存{step}"))
        await form.get_by_label("结果").fill(result)
        await form.get_by_role("button").click()
        saved = page.get_by_role("status").filter(has_text=f"记好了：{step}")
        await expect(saved).to_be_focused()
        await expect(saved).to_be_in_viewport()

    await page.get_by_text("改状态").click()
    form = page.locator("#status")
    await form.get_by_label("状态").select_option(label="已就业")
    await form.get_by_label("开始上班的日子").fill(TODAY.isoformat())
    await form.get_by_label("说明").fill("超市理货")
    await form.get_by_role("button", name="保存状态").click()
    await expect(page.get_by_role("status").filter(has_text="状态改成已就业")).to_be_focused()
    await assert_worked_through(served.office, one)
    await page.get_by_role("link", name="回到登记清单").first.click()
    assert page.url.endswith("/queue?status=new#list")  # it is none of the new ones any more


async def tab_to(page: Page, wanted: str, most: int = 80) -> None:
    """Press Tab until what ``wanted`` selects has the focus."""
    for _ in range(most):
        await page.keyboard.press("Tab")
        if await page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            return
    pytest.fail(f"{wanted} is not reached by Tab")


async def type_day(page: Page, day: date) -> None:
    """Type a day into the field that has the focus, in the order of its parts, which is the browser's own."""
    for order in ("%m%d%Y", "%Y%m%d"):
        await page.keyboard.type(day.strftime(order))
        if await page.evaluate("document.activeElement.value") == day.isoformat():
            return
        await page.keyboard.press("Shift+Tab")
        await page.keyboard.press("Shift+Tab")
    pytest.fail("no day can be typed")


async def submit(page: Page, form: str) -> None:
    await tab_to(page, f"{form} button", 10)
    async with page.expect_navigation():
        await page.keyboard.press("Enter")


async def test_a_registration_is_worked_through_to_employment_by_keyboard_alone(served: Served) -> None:
    one = registration(1, NOW - timedelta(days=1))
    await left(served.office.store, one)
    page = await served.page("clerk")
    await page.goto("/")
    await tab_to(page, ".cards-of a[href*='status=new']")
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    await tab_to(page, "a.named")
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    await tab_to(page, "form[action$='/counselor'].action button")
    async with page.expect_navigation():
        await page.keyboard.press("Enter")

    await tab_to(page, "#note-text")
    await page.keyboard.type("打通了，想在家附近做")
    await tab_to(page, "#note-contact", 3)
    await page.keyboard.press("Space")
    await submit(page, "#note")

    for step, result in zip(Step, STEPS.values(), strict=True):
        name = f"step-{step.replace('_', '-')}"
        await tab_to(page, f".step:has(#{name}) summary")
        await page.keyboard.press("Enter")
        await tab_to(page, f"#{name}-result", 10)
        await page.keyboard.type(result)
        await submit(page, f"#{name}")

    await tab_to(page, "details:has(#status) > summary")
    await page.keyboard.press("Enter")
    await tab_to(page, "#status-status", 3)
    await page.keyboard.press("ArrowDown")  # 已服务 comes before 已就业
    await tab_to(page, "#status-employed", 3)
    await type_day(page, TODAY)
    await tab_to(page, "#status-reason", 10)
    await page.keyboard.type("超市理货")
    await submit(page, "#status")
    await assert_worked_through(served.office, one)


# -- what the walk over all pages does not come to


async def furnish(served: Served) -> str:
    """A case in which everything is there that a page can show; return where it is."""
    one = registration(
        1,
        NOW - timedelta(days=30),
        education="college-recent",
        whom="other",
        relation="parent",
        agreement="himself",
        contact_way="proxy",
        proxy="邻居张姐",
        more="上午有空",
    )
    other = registration(2, NOW - timedelta(days=2), name="同一个电话")
    await left(served.office.store, one, other)
    clerk = served.office.cast["clerk"].id
    async with served.office.store.transaction() as transaction:
        cases = transaction.cases
        await cases.assign(one.receipt, 1, clerk, NOW, clerk)
        await cases.plan_follow_up(one.receipt, 2, clerk, NOW, TODAY, "问面试")
        await cases.do_step(one.receipt, 3, clerk, NOW, Step.INFORMATION_CHECK, TODAY, "住在本镇")
        await cases.write(one.receipt, 4, clerk, NOW, "您好")
        await cases.file_plan(one.receipt, 5, clerk, NOW, "先学电脑", TODAY)
        await cases.replied(one.receipt, "好的", NOW)
    return f"/cases/{one.receipt}"


@pytest.mark.parametrize("width", [WIDE, NARROW])
async def test_a_case_with_everything_in_it_is_accessible(served: Served, width: int) -> None:
    where = await furnish(served)
    page = await served.page("clerk", width=width)
    await page.goto(f"{where}?template=job-fair")
    await page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    await assert_accessible(page)
    await enlarge_text(page)
    await assert_accessible(page)


@pytest.mark.parametrize("width", [WIDE, NARROW])
async def test_what_follows_a_form_of_a_case_is_accessible(served: Served, width: int) -> None:
    where = await furnish(served)
    page, faster = await served.page("clerk", width=width), await served.page("two-towns")
    await page.goto(where)
    await page.get_by_role("button", name="保存记录").click()
    await expect(page.get_by_role("alert")).to_be_focused()
    await assert_accessible(page)

    await page.get_by_text("看电话", exact=True).first.click()
    await page.get_by_label("打电话联系").check()
    await page.get_by_role("button", name="看电话").click()
    await expect(page.get_by_role("status").filter(has_text="138 0013 8000")).to_be_focused()
    await expect(page).to_have_title(re.compile("^电话 · 登记 "))
    await assert_accessible(page)
    await enlarge_text(page)
    await assert_accessible(page)

    await faster.goto(where)
    for one, status, words in ((faster, "paused", "别人写的"), (page, "closed", "我写的")):
        await one.get_by_text("改状态").click()
        await one.locator("#status-status").select_option(status)
        await one.locator("#status-reason").fill(words)
        async with one.expect_navigation():
            await one.get_by_role("button", name="保存状态").click()
    await expect(page.get_by_role("heading", name="刚才有人改过这份登记")).to_be_visible()
    await expect(page.locator("#status-reason")).to_have_value("我写的")
    await assert_accessible(page)
    await page.get_by_role("button", name="保存状态").click()
    await expect(page.get_by_role("status").filter(has_text="状态改成结案")).to_be_visible()

    await faster.locator("#note-text").fill("别人写的")
    await faster.get_by_role("button", name="保存记录").click()
    await expect(faster.get_by_role("status").filter(has_text="记录写好了")).to_be_visible()
    await page.locator("#note-text").fill("我写的")
    await page.get_by_role("button", name="保存记录").click()
    await expect(page.get_by_role("status").filter(has_text="您打开以后，别人还做了这些")).to_be_focused()
    await assert_accessible(page)

    await page.goto(f"{where}?template=call-time")
    await page.get_by_role("button", name="先看一看，再发").click()
    await expect(page.get_by_role("heading", name="发出去以前看一看")).to_be_visible()
    await assert_accessible(page)


@pytest.mark.parametrize("width", [WIDE, NARROW])
async def test_lists_with_cases_in_them_are_accessible(served: Served, width: int) -> None:
    await furnish(served)
    page = await served.page("clerk", width=width)
    for where in ("/", "/queue?town=白沙镇&missing=service", "/graduates", "/follow-ups"):
        await page.goto(where)
        await expect(page.get_by_role("link", name="周桂芳").first).to_be_visible()
        await page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        await assert_accessible(page)
    await page.goto("/queue")
    await page.get_by_role("button", name="全选这一页").click()
    await page.get_by_role("button", name="把选中的分给经办人").click()
    await expect(page.get_by_text("选中的 2 份登记")).to_be_visible()
    await assert_accessible(page)
    await page.get_by_role("button", name="分给他").click()
    await expect(page.get_by_role("alert")).to_be_focused()
    await assert_accessible(page)


async def test_the_audit_and_its_check_are_accessible(served: Served) -> None:
    await furnish(served)
    page = await served.page("admin", width=NARROW)
    await page.goto("/audit")
    await page.get_by_role("button", name="检查有没有被动过").click()
    await expect(page.get_by_text("操作记录是完整的")).to_be_visible()
    await assert_accessible(page)


async def test_who_chooses_a_template_is_in_its_text_with_the_number_and_the_next_case_still_there(
    served: Served,
) -> None:
    first = registration(1, NOW - timedelta(days=1))
    await left(served.office.store, first, registration(2, name="下一位", phone="+8613800138002"))
    page = await served.page("clerk")
    await page.goto("/queue?status=new&order=oldest")
    await page.get_by_role("link", name="周桂芳").click()
    await page.get_by_text("看电话", exact=True).first.click()
    await page.get_by_label("打电话联系").check()
    await page.get_by_role("button", name="看电话").click()
    await expect(page.get_by_text("138 0013 8000")).to_be_visible()
    await page.get_by_text("写消息", exact=True).click()
    await page.get_by_role("link", name="约时间打电话").click()
    await expect(page.locator("#message-text")).to_be_focused()
    await expect(page.get_by_text("138 0013 8000")).to_be_visible()
    await expect(page.get_by_role("link", name="下一份：下一位").first).to_be_visible()


async def test_what_is_half_written_in_another_form_is_a_step_away_after_saving(served: Served) -> None:
    where = await furnish(served)
    page = await served.page("clerk")

    async def hold_back(route: Route) -> None:
        await asyncio.sleep(0.5)
        await route.continue_()

    await page.route("**/drafts", hold_back)
    await page.goto(where)
    await page.locator("#note-text").fill("写了一半")
    await page.get_by_text("安排回访", exact=True).first.click()
    await page.locator("#follow-up-due").fill(TODAY.isoformat())
    await page.get_by_role("button", name="安排回访").click()
    saved = page.get_by_role("status").filter(has_text="回访")
    await expect(saved).to_be_focused()
    await expect(saved).to_contain_text("还没保存的还在：记录")
    await saved.get_by_role("link", name="填回去接着写").click()
    await expect(page.locator("#note-text")).to_be_focused()
    await expect(page.locator("#note-text")).to_be_in_viewport()
    await expect(page.locator("#note-text")).to_have_value("写了一半")


async def test_a_case_is_read_and_printed_without_the_script(served: Served) -> None:
    where = await furnish(served)
    page = await served.page("clerk", java_script_enabled=False)
    await page.goto(where)
    await page.locator("#note-text").fill("没有脚本")
    await page.get_by_role("button", name="保存记录").click()
    await expect(page.get_by_role("status").filter(has_text="记录写好了")).to_be_visible()
    await page.get_by_role("link", name="打印用的页面").click()
    await page.emulate_media(media="print")
    await expect(page.get_by_text("没有脚本")).to_be_visible()
    await expect(page.get_by_role("navigation")).to_have_count(0)
