"""The annual report on its page: read, written, printed, taken along."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest

from bot.store.audit import AuditFilter

from .office import Office, Person
from .registered import registered


async def items(person: Person, path: str = "/report/2024") -> list[str]:
    page = await person.get(path)
    assert page.status == 200
    return re.findall(r'id="item-\d+">\s*<h2>\d+\. (.*?)<span', page.html)


async def test_it_leads_to_this_year(admin: Person) -> None:
    assert (await admin.get("/report")).location == "/report/2024"


async def test_the_items_stand_in_the_plans_order(office: Office, admin: Person) -> None:
    clauses = office.parts.built().knowledge.plan.clauses[1:]
    assert await items(admin) == [clause.heading for clause in clauses]


async def test_what_cannot_be_counted_waits_to_be_written(office: Office, admin: Person) -> None:
    page = await admin.get("/report/2024")
    assert page.html.count('class="empty">请填写') == len(office.parts.built().knowledge.plan.clauses) - 1


async def test_what_was_written_stands_there_that_year_and_is_on_record(office: Office, admin: Person) -> None:
    answer = await admin.submit("/report/2024/1", "text", {"text": "办了三场招聘会。\n来了六十人。"})
    assert answer.location == "/report/2024#saved"
    page = await admin.get(answer.location)
    assert "办了三场招聘会。<br>来了六十人。" in page.html
    told = page.html.index('id="saved"')
    assert page.html.index('id="item-1"') < told < page.html.index('id="item-2"')
    assert page.html.count('id="saved"') == 1
    assert page.title.startswith("“摊位费”（一（一）1）的落实情况保存好了 · 2024 年落实情况报告")
    assert "招聘会" not in (await admin.get("/report/2023")).html
    async with office.store.transaction() as transaction:
        (entry,) = (await transaction.audit.entries(AuditFilter(what="report-written"), 1)).entries
    assert entry.subject.startswith("2024 ")


async def test_one_name_for_a_clause_stands_above_what_is_written_and_says_what_was_saved(
    office: Office, admin: Person
) -> None:
    clause = office.parts.built().knowledge.plan.clauses[1]
    place = (await items(admin)).index(clause.heading) + 1
    page = await admin.get(f"/report/2024/{place}")
    assert page.title.startswith(f"{clause.heading}（{clause.id}）· 2024 年报告")
    answer = await admin.send(page, "text", {"text": "办了三场招聘会。"})
    shown = await admin.get(answer.location)
    assert f"“{clause.heading}”（{clause.id}）的落实情况保存好了。" in shown.text


async def test_who_wrote_at_the_same_time_is_shown_both_and_loses_nothing(office: Office, admin: Person) -> None:
    first = await admin.get("/report/2024/1")
    second = await admin.get("/report/2024/1")
    await admin.send(first, "text", {"text": "甲写的"})
    answer = await admin.send(second, "text", {"text": "乙写的"})
    assert answer.status == 422
    assert "甲写的" in answer.text
    assert answer.value("text-text") == "乙写的"
    assert "陈管理也写了这一条" in answer.text
    assert "甲写的" in (await admin.get("/report/2024")).text
    saved = await admin.send(answer, "text", {"text": "甲写的，乙写的"})
    assert saved.status == 303
    assert "甲写的，乙写的" in (await admin.get("/report/2024")).text


@pytest.mark.parametrize("login", ["clerk", "statistics"])
async def test_others_read_it_and_do_not_write_it(office: Office, login: str) -> None:
    person = await office.person(login)
    page = await person.get("/report/2024")
    assert page.status == 200
    assert "/report/2024/1" not in page.html
    assert (await person.get("/report/2024/1")).status == 403


async def test_a_clerk_reads_the_figures_of_their_towns(office: Office, clerk: Person) -> None:
    assert "统计范围 白沙镇" in (await clerk.get("/report/2024")).text


@pytest.mark.parametrize("path", ["/report/1999", "/report/2025", "/report/2024/0", "/report/2024/999"])
async def test_there_is_no_report_of_another_year_and_no_other_item(admin: Person, path: str) -> None:
    assert (await admin.get(path)).status == 404


async def test_as_excel_it_holds_the_same_items(office: Office, admin: Person) -> None:
    await registered(office, {"name": "周桂芳"}, {"town": "德感街道"})
    await admin.submit("/report/2024/1", "text", {"text": "=1+1"})
    answer = await admin.get("/report/2024/file")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.response.content))["落实情况"]
    found = list(sheet.iter_rows(min_row=3, values_only=True))
    assert [row[2] for row in found] == await items(admin)
    assert found[0][6] == "=1+1"
    assert sheet["G3"].data_type == "s"
    assert await office.recorded("report-downloaded") == 1


async def test_no_person_can_be_read_in_it(office: Office, admin: Person) -> None:
    await registered(office, {"name": "周桂芳"})
    page = await admin.get("/report/2024")
    assert "周桂芳" not in page.html
    assert "13800138000" not in page.html
