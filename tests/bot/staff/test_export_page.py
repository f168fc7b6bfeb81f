"""Cases taken out of the console: as many as the queue shows, to whom they belong, and on record."""

from __future__ import annotations

import asyncio
import csv
import io
import re
import threading
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import openpyxl
import pytest
from playwright.async_api import expect
from sqlalchemy import update

from bot.casework.account import Role
from bot.casework.case import Status
from bot.casework.filter_address import to_pairs
from bot.casework.filters import QueueFilter
from bot.conversation.registration import Answer
from bot.staff.exports import ExportRunning, Exports
from bot.store import case_list
from bot.store.audit import AuditFilter
from bot.store.case_query import CaseRow, Query
from bot.store.dialects import READERS
from bot.store.tables import staff

from .browser import NARROW, Served, assert_accessible
from .office import NOW, Office, Person
from .office import Answer as Page
from .registered import left, registered, registration

WHY = "区残联要和人社局核对名单"
SEVERAL: tuple[Mapping[str, Answer], ...] = (
    {"name": "周桂芳", "more": "=1+1", "categories": ("vision",)},
    {"name": "=HYPERLINK(1)", "phone": "+862347521234"},
    {"name": "李大明", "town": "德感街道", "wanted": ("factory",)},
    {"name": "@王", "town": "李市镇"},
)
FILTERS = (
    QueueFilter(),
    QueueFilter(towns=("白沙镇",)),
    QueueFilter(towns=("白沙镇", "李市镇"), wanted=("home",), order="newest"),
    QueueFilter(status=(Status.NEW,), order="town"),
    QueueFilter(categories=("vision",)),
    QueueFilter(search="桂芳"),
)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> asyncio.Semaphore:
    """Lets through as many rows, one after another, as it is released."""
    gate = asyncio.Semaphore(0)
    rows_of = case_list.rows

    async def slowly(*given: Any, **named: Any) -> AsyncIterator[tuple[CaseRow, ...]]:
        async for some in rows_of(*given, **named):
            for one in some:
                await gate.acquire()
                yield (one,)

    monkeypatch.setattr(case_list, "rows", slowly)
    return gate


async def exported(person: Person, path: str = "/export", **fields: str) -> Page:
    """Ask for a file, wait for it and fetch it."""
    answer = await person.submit(path, "export", {"format": "csv", "content": "masked", **fields})
    assert answer.location == "/export/progress", answer.text
    await made(person)
    return await person.get("/export/file")


async def made(person: Person) -> None:
    async with asyncio.timeout(30):
        while "<progress" in (await person.get("/export/progress")).html:
            await asyncio.sleep(0.01)


def rows(answer: Page) -> list[dict[str, str]]:
    assert answer.response.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.response.content.decode("utf-8-sig"), newline="")))


def names(answer: Page) -> list[str]:
    return [row["称呼"] for row in rows(answer)]


async def recorded(office: Office) -> list[tuple[str, str, str, str]]:
    async with office.store.transaction() as transaction:
        page = await transaction.audit.entries(AuditFilter(), 1)
    return [(each.who, each.what, each.subject, each.why) for each in page.entries if each.what.startswith("export")]


async def test_a_file_is_let_go_of_when_somebody_is_deleted_who_may_be_in_it(office: Office, admin: Person) -> None:
    first, _ = await registered(office, *SEVERAL[:2])
    answer = await admin.submit("/export", "export", {"format": "csv", "content": "full", "why": WHY})
    assert answer.location == "/export/progress"
    await made(admin)
    async with office.store.transaction() as transaction:
        chat = await transaction.people.chat_of(first.receipt)
        assert chat is not None
        await transaction.people.load([chat])
        await transaction.people.forget(chat, NOW, [first.receipt])
    assert (await admin.get("/export/file")).location == "/export"
    assert "请重新导出" in (await admin.get("/export")).text
    assert (await admin.get("/export/file")).location == "/export/progress"


async def test_who_is_named_in_the_reason_is_blacked_out_on_record(office: Office, admin: Person) -> None:
    await registered(office, *SEVERAL)
    await exported(admin, content="full", why="核对电话 13800138000 的登记")
    (why,) = [why for _, what, _, why in await recorded(office) if what == "exported"]
    assert "138" not in why
    assert why.startswith("核对电话")


class TestRows:
    async def test_there_are_as_many_as_the_queue_shows(self, office: Office, admin: Person) -> None:
        await registered(office, *SEVERAL)
        for chosen in FILTERS:
            query = urlencode(to_pairs(chosen))
            page = await admin.get(f"/export?{query}")
            async with office.store.reading() as connection:
                shown = await case_list.page(connection, Query(office.store.keys, None, chosen, NOW, 7))
            found = rows(await exported(admin, f"/export?{query}"))
            assert shown.total
            assert f"一共 {shown.total} 份" in page.text
            assert [row["登记号"].replace("-", "") for row in found] == [row.receipt for row in shown.rows]

    async def test_masked_is_the_usual(self, office: Office, admin: Person) -> None:
        await registered(office, *SEVERAL)
        page = await admin.get("/export")
        answer = await admin.send(page, "export", {"format": "csv", "content": page.hidden("content") or "masked"})
        assert answer.location == "/export/progress"
        await made(admin)
        found = await admin.get("/export/file")
        assert sorted(names(found)) == ["'=*", "'@*", "周*", "李*"]
        assert "周桂芳" not in found.response.content.decode()

    async def test_in_full_holds_everything_and_formulas_stay_text(self, office: Office, admin: Person) -> None:
        await registered(office, *SEVERAL)
        found = rows(await exported(admin, content="full", why=WHY))
        by_name = {row["称呼"]: row for row in found}
        assert set(by_name) == {"周桂芳", "'=HYPERLINK(1)", "李大明", "'@王"}
        assert by_name["周桂芳"]["还想说的"] == "'=1+1"
        assert by_name["周桂芳"]["电话"] == "138 0013 8000"
        assert by_name["'=HYPERLINK(1)"]["电话"] == "023-4752 1234"

    @pytest.mark.parametrize(
        "chosen", [QueueFilter(search="周桂芳"), QueueFilter(search="13800138000"), QueueFilter(categories=("vision",))]
    )
    async def test_masked_does_not_tell_by_its_filter_either(
        self, office: Office, admin: Person, chosen: QueueFilter
    ) -> None:
        await registered(office, *SEVERAL)
        answer = await exported(admin, f"/export?{urlencode(to_pairs(chosen))}", format="xlsx")
        book = openpyxl.load_workbook(io.BytesIO(answer.response.content))
        about = [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
        assert any("（略）" in cell for cell in about)
        assert not any(told in cell for cell in about for told in ("周桂芳", "13800138000", "视力"))

    async def test_excel_opens_with_the_same_rows(self, office: Office, admin: Person) -> None:
        await registered(office, *SEVERAL)
        answer = await exported(admin, format="xlsx", content="full", why=WHY)
        book = openpyxl.load_workbook(io.BytesIO(answer.response.content))
        head, *found = book["登记"].iter_rows(values_only=True)
        place = head.index("称呼")
        assert {row[place] for row in found} == {"周桂芳", "=HYPERLINK(1)", "李大明", "@王"}
        assert {cell.data_type for cell in book["登记"][1]} | {
            row[place].data_type for row in book["登记"].iter_rows()
        } == {"s"}
        about = dict(book["说明"].iter_rows(values_only=True))
        assert about["导出人"] == "陈管理"
        assert (about["内容"], about["用途"], about["行数"]) == ("完整", WHY, "4")

    async def test_the_file_says_what_was_filtered(self, office: Office, admin: Person) -> None:
        await registered(office, *SEVERAL)
        answer = await exported(admin, f"/export?town={quote('白沙镇')}&status=new", format="xlsx")
        about = dict(openpyxl.load_workbook(io.BytesIO(answer.response.content))["说明"].iter_rows(values_only=True))
        assert about["筛选"] == "镇或街道：白沙镇；状态：新登记"
        assert about["没有导出"] == "残疾类别、残疾证、要什么帮助、还想说的"

    async def test_the_file_has_a_name_with_the_day(self, office: Office, admin: Person) -> None:
        await registered(office, *SEVERAL)
        header = (await exported(admin)).response.headers["content-disposition"]
        assert quote("登记-遮盖-20240305.csv") in header


class TestWhose:
    async def test_a_clerk_gets_the_cases_of_their_towns_only(self, office: Office, clerk: Person) -> None:
        await registered(office, *SEVERAL)
        assert {row["镇或街道"] for row in rows(await exported(clerk))} == {"白沙镇"}

    async def test_asking_for_another_town_gives_nothing(self, office: Office, clerk: Person) -> None:
        await registered(office, *SEVERAL)
        answer = await clerk.submit(f"/export?town={quote('李市镇')}", "export", {"format": "csv"})
        assert (answer.status, "没有符合的登记" in answer.text) == (422, True)

    async def test_a_clerk_gets_nothing_in_full_and_that_is_on_record(self, office: Office, clerk: Person) -> None:
        await registered(office, *SEVERAL)
        page = await clerk.get("/export")
        assert 'value="full"' not in page.html
        answer = await clerk.send(page, "export", {"format": "csv", "content": "full", "why": WHY})
        assert answer.status == 403
        assert await office.recorded("refused") == 1
        assert "现在没有导出的文件" in (await clerk.get("/export/progress")).text

    async def test_another_account_does_not_get_the_file(self, office: Office, admin: Person, clerk: Person) -> None:
        await registered(office, *SEVERAL)
        await exported(admin)
        assert (await clerk.get("/export/file")).location == "/export/progress"
        assert "现在没有导出的文件" in (await clerk.get("/export/progress")).text

    async def test_who_is_no_administrator_any_more_does_not_get_it_either(self, office: Office, admin: Person) -> None:
        await registered(office, *SEVERAL)
        await exported(admin, content="full", why=WHY)
        async with office.store.transaction() as transaction:
            demoted = update(staff).where(staff.c.login == "admin").values(role=Role.CLERK, towns=["白沙镇"])
            await transaction.scope.run(demoted)
        assert (await admin.get("/export/file")).location == "/export/progress"


class TestReason:
    @pytest.mark.parametrize("why", ["", "查", "  查  "])
    async def test_in_full_needs_a_reason(self, office: Office, admin: Person, why: str) -> None:
        await registered(office, *SEVERAL)
        answer = await admin.submit("/export", "export", {"format": "csv", "content": "full", "why": why})
        assert answer.status == 422
        assert "请写清楚为什么" in answer.text
        assert await recorded(office) == []

    async def test_the_form_says_when_a_reason_is_needed(self, office: Office, admin: Person) -> None:
        await registered(office, {})
        text = (await admin.get("/export")).text
        assert "为什么要完整的 （选了“完整”要写）" in text
        assert "会一直留在操作记录里" in text
        assert "可以不填" not in text

    async def test_what_was_taken_out_is_on_record_with_the_reason(self, office: Office, admin: Person) -> None:
        await registered(office, *SEVERAL)
        await exported(admin, f"/export?town={quote('白沙镇')}", content="full", why=WHY)
        who = f"staff:{office.cast['admin'].id}"
        assert sorted(await recorded(office)) == [
            (who, "export-downloaded", "full 2", ""),
            (who, "exported", "full csv town=白沙镇", WHY),
        ]

    async def test_what_was_searched_for_is_on_record_only_as_a_mark(self, office: Office, admin: Person) -> None:
        await registered(office, *SEVERAL)
        await exported(admin, f"/export?q={quote('桂芳')}&town={quote('周桂芳')}&town={quote('白沙镇')}")
        (entry,) = [each for each in await recorded(office) if each[1] == "exported"]
        mark = office.store.keys.search_hash("桂芳")
        assert entry[2:] == (f"masked csv town=? town=白沙镇 searched=name:{mark}", "")

    async def test_it_is_on_record_before_anything_is_taken_out(self, office: Office, admin: Person) -> None:
        await registered(office, *SEVERAL)
        await admin.submit("/export", "export", {"format": "csv", "content": "masked"})
        assert [each[1] for each in await recorded(office)] == ["exported"]


class TestForm:
    async def test_a_filter_outlasts_a_mistake(self, office: Office, admin: Person) -> None:
        await registered(office, *SEVERAL)
        path = f"/export?town={quote('白沙镇')}"
        again = await admin.submit(path, "export", {"format": "csv", "content": "full", "why": ""})
        assert "一共 2 份" in again.text
        await admin.send(again, "export", {"format": "csv", "content": "full", "why": WHY})
        await made(admin)
        assert len(rows(await admin.get("/export/file"))) == 2

    async def test_a_filter_outlasts_a_session_that_ended(self, office: Office, admin: Person) -> None:
        await registered(office, *SEVERAL)
        page = await admin.get(f"/export?town={quote('白沙镇')}")
        office.clock.forward(minutes=40)
        answer = await admin.send(page, "export", {"format": "csv", "content": "full", "why": WHY})
        assert "restore%3Dexport" in answer.location
        again = await (await office.person("admin")).get("/export?restore=export")
        assert "一共 2 份" in again.text
        assert again.value("export-why") == WHY

    async def test_a_format_that_there_is_not_is_refused(self, office: Office, admin: Person) -> None:
        await registered(office, *SEVERAL)
        answer = await admin.submit("/export", "export", {"format": "docx", "content": "masked"})
        assert (answer.status, "请选文件格式" in answer.text) == (422, True)

    async def test_while_one_is_made_there_is_no_second(
        self, office: Office, admin: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def busy(*_: object) -> None:
            raise ExportRunning

        await registered(office, *SEVERAL)
        monkeypatch.setattr(Exports, "begin", busy)
        assert (await admin.submit("/export", "export", {"format": "csv", "content": "masked"})).status == 422

    async def test_it_can_be_let_go(self, office: Office, admin: Person) -> None:
        await registered(office, *SEVERAL)
        await exported(admin)
        page = await admin.get("/export/progress")
        assert (await admin.post("/export/discard", {"csrf": page.hidden("csrf")})).location == "/export"
        assert (await admin.get("/export/file")).location == "/export/progress"


async def test_the_page_shows_how_far_it_is_and_then_where_the_file_is(
    office: Office, admin: Person, gate: asyncio.Semaphore
) -> None:
    await registered(office, *SEVERAL)
    await admin.submit("/export", "export", {"format": "csv", "content": "masked"})
    running = await admin.get("/export/progress")
    assert '<progress id="export-bar" max="4"' in running.html
    for _ in SEVERAL:
        gate.release()
    await made(admin)
    ready = await admin.get("/export/progress")
    assert "做好了：4 份登记" in ready.text
    assert 'href="/export/file"' in ready.html


async def test_however_many_export_the_bot_and_all_pages_go_on(office: Office, gate: asyncio.Semaphore) -> None:
    await registered(office, *SEVERAL)
    people = [await office.person(login) for login in ("admin", "clerk", "two-towns", "elsewhere")]
    await office.register(town="珞璜镇")
    for person in people:
        await person.submit("/export", "export", {"format": "csv", "content": "masked"})
    shown = [await person.get("/export/progress") for person in people]
    assert [re.findall(r"前面还有 (\d) 份", page.text) for page in shown] == [[], ["1"], ["2"], ["3"]]
    for path in ("/", "/queue", f"/queue?q={quote('桂芳')}", "/figures", "/audit", f"/export?q={quote('桂芳')}"):
        assert (await people[0].get(path)).status == 200
    await left(office.store, registration(100, office.clock.now, name="何小兰"))
    assert "何小兰" in (await people[0].get("/queue")).text
    for _ in range(20):
        gate.release()
    for person, count in zip(people, (5, 3, 4, 1), strict=True):
        await made(person)
        assert len(rows(await person.get("/export/file"))) == count


async def test_however_many_search_for_names_the_bot_and_other_pages_go_on(
    office: Office, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()
    named = Query.named

    def slowly(query: Query, found: Sequence[Any]) -> set[str]:
        over.wait()
        return named(query, found)

    await registered(office, *SEVERAL)
    monkeypatch.setattr(Query, "named", slowly)
    try:
        searching = [asyncio.create_task(admin.get(f"/queue?q={quote('桂芳')}")) for _ in range(2 * READERS)]
        for path in ("/", "/queue", "/figures", "/export/progress"):
            assert (await admin.get(path)).status == 200
        await left(office.store, registration(100, office.clock.now, name="何小兰"))
    finally:
        over.set()
    assert {(each.status, "周桂芳" in each.text) for each in await asyncio.gather(*searching)} == {(200, True)}


@pytest.mark.asyncio(loop_scope="session")
async def test_in_a_browser_one_that_waits_says_so_and_begins_by_itself(
    served: Served, gate: asyncio.Semaphore
) -> None:
    await registered(served.office, *SEVERAL)
    other = await served.office.person("clerk")
    await other.submit("/export", "export", {"format": "csv", "content": "masked"})
    page = await served.page("admin", width=NARROW)
    await page.goto("/export")
    await page.get_by_role("button", name="开始导出").click()
    await expect(page.get_by_role("status")).to_contain_text("前面还有 1 份")
    await assert_accessible(page)
    gate.release()
    gate.release()
    await expect(page).to_have_title(re.compile("^正在导出"))
    for _ in range(4):
        gate.release()
    await expect(page.get_by_role("status")).to_contain_text("做好了：4 份登记")


@pytest.mark.asyncio(loop_scope="session")
async def test_in_a_browser_the_bar_moves_and_the_file_comes(
    served: Served, gate: asyncio.Semaphore, tmp_path: Path
) -> None:
    await registered(served.office, *SEVERAL)
    page = await served.page("admin", width=NARROW)
    await page.goto("/export")
    await page.get_by_label("CSV").check()
    await page.get_by_role("button", name="开始导出").click()
    bar = page.get_by_role("progressbar")
    await expect(bar).to_have_attribute("value", "0")
    await assert_accessible(page)
    gate.release()
    gate.release()
    await expect(page.locator("[data-done]")).to_have_text("2")
    gate.release()
    gate.release()
    await expect(page.get_by_role("status")).to_contain_text("做好了：4 份登记")
    await assert_accessible(page)
    async with page.expect_download() as coming:
        await page.get_by_role("link", name="下载").click()
    file = await coming.value
    assert file.suggested_filename == "登记-遮盖-20240305.csv"
    await file.save_as(tmp_path / "file.csv")
    with (tmp_path / "file.csv").open(encoding="utf-8-sig", newline="") as saved:
        assert len(list(csv.DictReader(saved))) == 4
