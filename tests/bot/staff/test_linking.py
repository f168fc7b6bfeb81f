"""Linking the own account to a chat, from the console's side."""

from __future__ import annotations

import re
from datetime import timedelta

from bot.clock import day_of

from .office import NOW, PASSPHRASE, Office, Person


async def code_of(person: Person) -> str:
    shown = await person.submit("/me/telegram/code", "link-code", {"current": PASSPHRASE})
    found = re.search(r'<p class="once code">(\w+)</p>', shown.html)
    assert found
    return found[1]


async def linked(office: Office, person: Person) -> None:
    code = await code_of(person)
    async with office.store.transaction() as transaction:
        assert await transaction.staff.link(code, "telegram:77", NOW) is not None


async def test_a_code_is_shown_with_what_to_do_with_it(office: Office, clerk: Person) -> None:
    page = await clerk.get("/me")
    assert "没有连上聊天" in page.text
    assert "/me/telegram/code" in page.html
    shown = await clerk.submit("/me/telegram/code", "link-code", {"current": PASSPHRASE})
    assert re.search(r"/staff \w{8}", shown.text)
    assert "10 分钟内有效" in shown.text
    assert await office.recorded("link-code-made") == 1


async def test_who_only_found_the_console_open_gets_no_code(office: Office, clerk: Person) -> None:
    shown = await clerk.submit("/me/telegram/code", "link-code", {"current": "不是这个密码 123"})
    assert "现在的密码不对" in shown.text
    assert await office.recorded("link-code-made") == 0


async def test_the_code_links_the_account_of_whoever_asked(office: Office, clerk: Person) -> None:
    code = await code_of(clerk)
    async with office.store.transaction() as transaction:
        account = await transaction.staff.link(code, "telegram:77", NOW)
    assert account is not None
    assert account.login == "clerk"
    page = await clerk.get("/me")
    assert "已经连上一个聊天" in page.text
    assert "telegram:77" not in page.html


async def test_unlinking_ends_it_at_once(office: Office, clerk: Person) -> None:
    await linked(office, clerk)
    page = await clerk.get("/me")
    await clerk.post("/me/telegram/unlink", {"csrf": page.hidden("csrf")})
    async with office.store.transaction() as transaction:
        assert await transaction.staff.by_chat("telegram:77") is None
    assert "断开了" in (await clerk.get("/me")).text
    assert await office.recorded("unlinked") == 1


async def test_the_numbers_of_the_morning_are_turned_on_and_off(office: Office, clerk: Person) -> None:
    await linked(office, clerk)
    for on, said in (("yes", "每天早上 08:30 发数字"), ("no", "早上不发了")):
        page = await clerk.get("/me")
        await clerk.post("/me/telegram/digest", {"csrf": page.hidden("csrf"), "on": on})
        assert said in (await clerk.get("/me")).text
        async with office.store.transaction() as transaction:
            account = await transaction.staff.by_login("clerk")
        assert account is not None
        assert account.digest_on is (on == "yes")


async def test_the_first_numbers_come_tomorrow_where_those_of_today_were_sent(office: Office, clerk: Person) -> None:
    await linked(office, clerk)
    await clerk.post("/me/telegram/digest", {"csrf": await clerk.csrf(), "on": "yes"})
    async with office.store.transaction() as transaction:
        assert await transaction.staff.digest_due(day_of(NOW)) == []
        due = await transaction.staff.digest_due(day_of(NOW) + timedelta(days=1))
    assert [account.login for account in due] == ["clerk"]


async def test_without_a_chat_nothing_is_sent_in_the_morning(office: Office, clerk: Person) -> None:
    await clerk.post("/me/telegram/digest", {"csrf": await clerk.csrf(), "on": "yes"})
    assert "还没有连上聊天" in (await clerk.get("/me")).text
    async with office.store.transaction() as transaction:
        account = await transaction.staff.by_login("clerk")
    assert account is not None
    assert not account.digest_on


async def test_where_no_bot_runs_no_code_is_given(office: Office, clerk: Person) -> None:
    page = await clerk.get("/me")
    later = await office.without_bot().person("clerk")
    later.client.cookies.update(clerk.client.cookies)
    mine = await later.get("/me")
    assert "这里没有接 Telegram" in mine.text
    assert "/me/telegram/code" not in mine.html
    answer = await later.post("/me/telegram/code", {"csrf": page.hidden("csrf")})
    assert (answer.status, answer.location) == (303, "/me")
    assert await office.recorded("link-code-made") == 0


async def test_who_is_linked_is_told_that_no_bot_runs_and_can_end_it(office: Office, clerk: Person) -> None:
    await linked(office, clerk)
    mine = await (await office.without_bot().person("clerk")).get("/me")
    assert "这里现在没有接 Telegram" in mine.text
    assert "/me/telegram/unlink" in mine.html
