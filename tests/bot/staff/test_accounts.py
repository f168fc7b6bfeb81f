"""The administrators make, change and close accounts."""

from __future__ import annotations

import asyncio
import re
from html import unescape

import pytest

from bot.casework.account import Account, Role

from .office import NOW, PASSPHRASE, QUICK, RECEIPT, Office, Person

NEW = {"login": "zhou", "name": "周新人", "role": "clerk", "towns": "白沙镇"}


async def test_the_list_shows_all_with_role_towns_and_state(admin: Person) -> None:
    page = await admin.get("/accounts")
    assert "共 6 个账号" in page.text
    for words in ("李经办 经办人 白沙镇", "白沙镇、德感街道", "赵统计 统计 无", "孙离职 经办人 白沙镇 已停用"):
        assert words in page.text


async def test_a_new_account_gets_a_link_that_is_shown_once(office: Office, admin: Person) -> None:
    made = await admin.submit("/accounts/new", "account", NEW)
    assert re.search(r"http://127\.0\.0\.1:8080/welcome/[\w-]{40,}", made.text)
    page = await admin.get("/accounts")
    assert "zhou 周新人 经办人 白沙镇 还没有第一次登录" in page.text
    assert "welcome" not in page.html
    assert await office.recorded("account-added") == 1


@pytest.mark.parametrize(
    ("entered", "fault"),
    [
        ({"login": ""}, "登录名要 2 到 32 个字"),
        ({"login": "no spaces"}, "登录名要 2 到 32 个字"),
        ({"login": "Clerk"}, "已经有人用"),
        ({"name": " "}, "请写姓名，最多 50 个字"),
        ({"name": "\u202e\u200b"}, "请写姓名，最多 50 个字"),
        ({"name": "长" * 51}, "请写姓名，最多 50 个字"),
        ({"role": "emperor"}, "请选角色"),
        ({"towns": ""}, "至少要选一个"),
        ({"towns": "桃花源镇"}, "至少要选一个"),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_typed_stays(
    admin: Person, entered: dict[str, str], fault: str
) -> None:
    answer = await admin.submit("/accounts/new", "account", {**NEW, **entered})
    assert answer.status == 422
    assert answer.title.startswith("有错误：")
    assert answer.text.count(fault) == 2  # on top and beside the field
    assert answer.value("account-name") == {**NEW, **entered}["name"]


async def test_what_cannot_be_seen_in_a_name_is_left_out(office: Office, admin: Person) -> None:
    await admin.submit("/accounts/new", "account", {**NEW, "name": " 李\u202e经\u200b办\t\u2028一\ufeff "})
    where = f"/accounts/{office.cast['clerk'].id}"
    await admin.submit(where, "account", {"name": "\u2066古丽·买买提\u2069", "role": "clerk", "towns": "白沙镇"})
    async with office.store.transaction() as transaction:
        names = await transaction.staff.names()
    assert "李经办 一" in names.values()
    assert names[office.cast["clerk"].id] == "古丽·买买提"


async def test_a_change_holds_from_the_next_click(office: Office, admin: Person, clerk: Person) -> None:
    where = f"/accounts/{office.cast['clerk'].id}"
    changed = {"name": "李改名", "role": "statistics"}
    answer = await admin.submit(where, "account", changed)
    assert answer.location == "/accounts"
    assert "账号 clerk 改好了" in (await admin.get("/accounts")).text
    assert "账号 clerk 改好了" not in (await admin.get("/accounts")).text
    assert "李改名（统计）" in (await clerk.get("/")).text
    assert await office.recorded("account-changed") == 1


async def test_what_was_changed_is_on_record_before_and_after(office: Office, admin: Person) -> None:
    where = f"/accounts/{office.cast['two-towns'].id}"
    kept = {"name": "王经办", "role": "clerk"}
    await admin.submit(where, "account", {**kept, "towns": "白沙镇", "teaches": "yes"})
    await admin.submit(where, "account", {"name": "王新", "role": "admin", "teaches": "yes"})
    await admin.submit(where, "account", {"name": "王新", "role": "admin", "teaches": "yes"})
    text = (await admin.get("/audit?what=account-changed")).text
    assert "陈管理 改账号 账号 two-towns 镇或街道：白沙镇、德感街道 → 白沙镇；补充问法：不可以 → 可以" in text
    assert "姓名：王经办 → 王新；角色：经办人 → 管理员；镇或街道：白沙镇 → 不分镇街" in text
    assert await office.recorded("account-changed") == 2


async def test_of_two_who_change_an_account_the_second_is_shown_both_and_undoes_nothing_unseen(
    office: Office, admin: Person
) -> None:
    where = f"/accounts/{office.cast['two-towns'].id}"
    other = await office.person("admin")
    first, second = await admin.get(where), await other.get(where)
    await admin.send(first, "account", {"name": "王经办", "role": "clerk", "towns": "白沙镇"})
    typed = {"name": "王二", "role": "clerk", "towns": ["白沙镇", "德感街道"]}
    shown = await other.send(second, "account", typed)
    assert shown.status == 422
    assert "别人改过这个账号" in shown.text
    assert "姓名 王经办 王二" in shown.text
    assert "镇或街道 白沙镇 白沙镇、德感街道" in shown.text
    assert shown.value("account-name") == "王二"
    async with office.store.transaction() as transaction:
        account = await transaction.staff.by_id(office.cast["two-towns"].id)
    assert account is not None
    assert (account.name, account.towns) == ("王经办", ("白沙镇",))
    assert (await other.send(shown, "account", {"name": "王二", "role": "clerk", "towns": "白沙镇"})).status == 303
    assert "王二 经办人 白沙镇" in (await admin.get("/accounts")).text


async def test_a_closed_account_is_signed_out_at_once_and_can_be_opened_again(
    office: Office, admin: Person, clerk: Person
) -> None:
    where = f"/accounts/{office.cast['clerk'].id}"
    assert "停用账号 clerk？" in (await admin.get(f"{where}/disable")).text
    await admin.submit(f"{where}/disable", "confirm", {})
    assert (await clerk.get("/")).location.startswith("/sign-in")
    page = await admin.get(where)
    assert "已停用" in page.text
    await admin.post(f"{where}/enable", {"csrf": page.hidden("csrf")})
    assert "已停用" not in (await admin.get(where)).text


async def test_before_an_account_is_closed_it_says_what_is_left_behind(office: Office, admin: Person) -> None:
    await office.register()
    where = f"/accounts/{office.cast['clerk'].id}"
    assert "还没有办完的登记" not in (await admin.get(f"{where}/disable")).text
    async with office.store.transaction() as transaction:
        me = office.cast["clerk"].id
        await transaction.cases.assign(RECEIPT, 1, me, office.clock.now, me)
    for page in ("", "/disable"):
        shown = await admin.get(where + page)
        assert "还没有办完的登记有 1 份" in shown.text
        link = re.search(r'href="(/queue[^"]*)">去看', shown.html)
        assert link
        assert "符合筛选的有 1 份" in (await admin.get(unescape(link[1]))).text
    assert "还没有办完的登记" not in (await admin.get(f"{where}/invite")).text


async def test_nobody_closes_or_demotes_themselves(office: Office, admin: Person) -> None:
    where = f"/accounts/{office.cast['admin'].id}"
    assert (await admin.get(f"{where}/disable")).status == 403
    answer = await admin.submit(where, "account", {"name": "陈管理", "role": "statistics"})
    assert "不能改自己的角色" in answer.text


async def _second_admin(office: Office) -> Account:
    async with office.store.transaction() as transaction:
        account, _ = await transaction.staff.add("admin-2", "周管理", Role.ADMIN, (), False, NOW)
        await transaction.staff.accept(account.id, await QUICK.hashed(PASSPHRASE), NOW)
    return account


async def _admins_left(office: Office) -> int:
    async with office.store.transaction() as transaction:
        return sum(one.role is Role.ADMIN and not one.disabled for one in await transaction.staff.all())


@pytest.mark.parametrize(
    ("page", "form", "fields"),
    [("/disable", "confirm", {}), ("", "account", {"name": "陈静", "role": "statistics"})],
    ids=["close", "demote"],
)
async def test_of_two_administrators_who_shut_each_other_out_at_once_one_is_left(
    office: Office, admin: Person, page: str, form: str, fields: dict[str, str]
) -> None:
    second = await _second_admin(office)
    office.cast["admin-2"] = second
    other = await office.person("admin-2")
    first = await admin.get(f"/accounts/{second.id}{page}")
    then = await other.get(f"/accounts/{office.cast['admin'].id}{page}")
    await asyncio.gather(admin.send(first, form, fields), other.send(then, form, fields))
    assert await _admins_left(office) == 1


async def test_a_closed_account_gets_no_new_link(office: Office, admin: Person) -> None:
    where = f"/accounts/{office.cast['disabled'].id}"
    assert (await admin.get(f"{where}/invite")).location == where
    answer = await admin.post(f"{where}/invite", {"csrf": await admin.csrf()})
    assert answer.location == where
    assert "先重新启用" in (await admin.get(where)).text
    assert await office.recorded("account-invited") == 0


async def test_a_new_link_ends_what_was_before(office: Office, admin: Person, clerk: Person) -> None:
    shown = await admin.submit(f"/accounts/{office.cast['clerk'].id}/invite", "confirm", {})
    assert "/welcome/" in shown.text
    assert (await clerk.get("/")).location.startswith("/sign-in")


@pytest.mark.parametrize("id", ["0", "999", "9999999999999999999999", "-1", "1e3", "1%00"])
async def test_an_account_that_is_not_there_is_not_found(admin: Person, id: str) -> None:
    for page in ("", "/disable", "/invite"):
        assert (await admin.get(f"/accounts/{id}{page}")).status == 404
