"""The audit in plain words, and whether it is whole."""

from __future__ import annotations

import ast
import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import bot
from bot.conversation.registration import Registration
from bot.staff.wording import phrases
from bot.store.audit import Audit, AuditFilter, AuditPage

from .office import NOW, Answer, Office, Person
from .registered import registered


@pytest.fixture
async def one(office: Office) -> Registration:
    (made,) = await registered(office, {})
    return made


async def test_entries_say_who_did_what_to_what_and_why(
    office: Office, admin: Person, clerk: Person, one: Registration
) -> None:
    page = await clerk.get(f"/cases/{one.receipt}")
    await clerk.send(page, "phone", {"reason": "call"})
    text = (await admin.get("/audit")).text
    mark = office.store.keys.receipt_hash(one.receipt)[:8]
    assert f"李经办 看了电话 登记（暗号 {mark}） 打电话联系" in text
    assert f"登记人 做了登记 登记（暗号 {mark}） 无" in text
    assert one.receipt not in text


async def test_who_is_named_in_the_reason_for_a_look_is_blacked_out(
    office: Office, admin: Person, one: Registration
) -> None:
    page = await admin.get(f"/cases/{one.receipt}")
    await admin.send(page, "phone", {"reason": "other", "detail": f"{one.answers['name']}家里电话 13800138000"})
    text = (await admin.get("/audit?what=phone-seen")).text
    assert str(one.answers["name"]) not in text
    assert "13800138000" not in text
    assert "家里电话" in text


async def test_refusals_are_told_in_chinese(office: Office, admin: Person, one: Registration) -> None:
    await (await office.person("elsewhere")).get(f"/cases/{one.receipt}")
    await (await office.person("statistics")).get("/queue")
    text = (await admin.get("/audit?what=refused")).text
    assert "不是他管的镇或街道的登记；页面 /cases/{receipt}" in text
    assert "赵统计 被拒绝 页面 /queue 不归他看的页面" in text


async def test_accounts_and_filters_are_told_by_their_names(office: Office, admin: Person) -> None:
    await admin.get("/queue?town=白沙镇&status=new&counselor=" + str(office.cast["clerk"].id))
    async with office.store.transaction() as transaction:
        await transaction.audit.note("operator", "account-disabled", f"account:{office.cast['clerk'].id}", NOW)
        await transaction.audit.note(f"staff:{office.cast['admin'].id}", "sample-tried", "stall-rent", NOW, "摊位费")
    text = (await admin.get("/audit")).text
    assert f"陈管理 试问法 {office.parts.built().knowledge.by_key['stall-rent'].title} 摊位费" in text
    assert "陈管理 看了登记清单 镇或街道：白沙镇；状态：新登记；经办人：李经办" in text
    assert "管机器的人 停用账号 账号 clerk" in text


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("what=case-seen", 2),
        ("who=staff:{clerk}", 3),
        ("who=staff:{clerk}&what=case-seen", 1),
        ("subject={receipt}&what=case-seen", 2),
        ("subject=123456785", 0),
        ("since=2024-03-06", 1),
        ("until=2024-03-04", 0),
        ("since=2024-03-05&until=2024-03-05&what=case-seen", 1),
    ],
)
async def test_entries_are_found(office: Office, clerk: Person, one: Registration, query: str, count: int) -> None:
    await clerk.get(f"/cases/{one.receipt}")
    await clerk.get("/queue")
    await clerk.get("/graduates")
    office.clock.forward(days=1)
    admin = await office.person("admin")
    await admin.get(f"/cases/{one.receipt}")
    known = {"clerk": office.cast["clerk"].id, "receipt": one.receipt[:4] + "-" + one.receipt[4:]}
    page = await admin.get(f"/audit?{query.format(**known)}")
    assert f"符合的有 {count} 条记录" in page.text


@pytest.mark.parametrize(
    ("searched", "asked", "kind"),
    [
        ("周桂芳", "周桂芳", "姓名"),
        (" 周 桂芳", "周桂芳 ", "姓名"),
        ("Zhou", "ＺＨＯＵ", "姓名"),
        ("138 0013-8000", "+8613800138000", "电话"),
        ("{receipt}", "{dashed}", "登记号"),
        ("1380", "1380", "号码的一部分"),
    ],
)
async def test_whether_somebody_searched_for_a_word_can_be_found_out_and_the_word_is_nowhere(
    office: Office, admin: Person, clerk: Person, one: Registration, searched: str, asked: str, kind: str
) -> None:
    dashed = f"{one.receipt[:3]}-{one.receipt[3:6]}-{one.receipt[6:]}"
    searched, asked = (text.format(receipt=one.receipt, dashed=dashed) for text in (searched, asked))
    await clerk.client.get("/queue", params={"q": searched})
    await clerk.get("/queue?q=别人")
    pages = {}
    for login in ("clerk", "elsewhere"):
        query = {"searched": asked, "who": f"staff:{office.cast[login].id}"}
        pages[login] = Answer(await admin.client.get("/audit", params=query)).text
    assert "符合的有 1 条记录" in pages["clerk"]
    assert f"搜了{kind}（暗号" in pages["clerk"]
    assert "符合的有 0 条记录" in pages["elsewhere"]


async def test_a_look_at_what_found_no_answer_is_told_in_words(admin: Person) -> None:
    await admin.get("/questions")
    page = await admin.get("/audit?what=questions-seen")
    assert "看了没答好的问题 没答好的问题" in page.text


async def test_after_an_erasure_nothing_on_record_tells_the_name_or_the_number(
    office: Office, clerk: Person, one: Registration
) -> None:
    for word in ("周桂芳", "13800138000"):
        await clerk.get(f"/queue?q={word}")
        await clerk.get(f"/queue?town={word}")
    async with office.store.transaction() as transaction:
        await transaction.people.load([f"telegram:{one.receipt}"])
        await transaction.people.forget(f"telegram:{one.receipt}", office.clock.now)
    async with office.store.transaction() as transaction:
        entries = (await transaction.audit.entries(AuditFilter())).entries
    assert len(entries) > 4
    for entry in entries:
        for word in ("周桂芳", "13800138000"):
            assert word not in entry.subject + entry.why


@pytest.mark.parametrize("query", ["since=x&until=9999-12-31&page=-3", "page=x&who=nobody:9", "page=99999999999"])
async def test_an_odd_address_is_never_an_error(admin: Person, query: str) -> None:
    assert (await admin.get(f"/audit?{query}")).status == 200


async def test_pages_follow_each_other(office: Office, admin: Person) -> None:
    async with office.store.transaction() as transaction:
        for number in range(60):
            await transaction.audit.note("operator", "restored", "", NOW + timedelta(seconds=number))
    assert "第 1 页" in (await admin.get("/audit?what=restored")).text
    assert "恢复了备份" in (await admin.get("/audit?what=restored&page=2")).text
    assert (await admin.get("/audit?what=restored&page=9")).location == "/audit?what=restored&page=2"


async def test_a_whole_chain_is_said_to_be_whole(admin: Person, one: Registration) -> None:
    page = await admin.get(f"/cases/{one.receipt}")
    answer = await admin.post("/audit/verify", {"csrf": page.hidden("csrf")})
    assert "操作记录是完整的" in answer.text
    assert "当时已有 0 条" in answer.text


async def test_while_the_record_is_searched_others_write(
    office: Office, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = Audit.entries

    async def beside_a_writer(self: Audit, *given: Any) -> AuditPage:
        async with asyncio.timeout(3), office.store.transaction() as transaction:
            await transaction.audit.note("person", "registered", "x", NOW)
        return await entries(self, *given)

    monkeypatch.setattr(Audit, "entries", beside_a_writer)
    assert (await admin.get("/audit")).status == 200


async def test_a_row_that_was_changed_by_hand_is_named(office: Office, admin: Person, one: Registration) -> None:
    await admin.get(f"/cases/{one.receipt}")
    await admin.get("/queue")
    async with office.store.transaction() as transaction:
        run = transaction.scope.connection.exec_driver_sql
        ((id,),) = await run("SELECT id FROM audit WHERE what = 'case-seen'")
        await run(f"UPDATE audit SET who = 'staff:2' WHERE id = {id}")
    answer = await admin.post("/audit/verify", {"csrf": await admin.csrf()})
    assert f"第 {id} 条：被改过" in answer.text
    assert await office.recorded("audit-checked") == 1


def test_all_that_the_program_puts_on_record_has_words() -> None:
    """What stands in the code as the name of an entry is found by its place among the arguments."""
    said = set()
    for file in Path(bot.__file__).parent.rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text("utf-8"))):
            if (
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Attribute)
                and "audit" in ast.unparse(call.func)
            ):
                what = call.args[1] if len(call.args) > 1 else None
                said |= {each.value for each in ast.walk(what) if isinstance(each, ast.Constant)} if what else set()
    assert len(said) > 20
    assert said - phrases("audit_what").keys() == set()
