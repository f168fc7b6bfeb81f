"""The whole program on Telegram: the staff and the person hear from each other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import select

from bot import clock
from bot.casework.account import Role
from bot.staff.wording import say as staff_say
from bot.store import Keys, Store
from bot.store.tables import registrations
from tests.bot.test_telegram import BY_TEXT, PATIENCE
from tests.program import Program
from tests.standin import BotApi


@asynccontextmanager
async def database(folder: Path) -> AsyncIterator[Store]:
    """The database that the program works on."""
    keys = Keys.open(folder / "keys" / "zhucan.key", lambda _: None)
    async with await Store.open(f"sqlite:///{folder / 'data' / 'zhucan.db'}", keys) as store:
        yield store


async def test_a_clerk_writes_the_person_answers_and_the_phone_shows_it(
    api: BotApi, program: Program, tmp_path: Path
) -> None:
    person, clerk = api.person(name="王建国"), api.person(name="李经办")
    person.say("/register")
    await person.hears(PATIENCE)
    for text in [*BY_TEXT, "跳过", "跳过", "跳过", "跳过", "提交"]:
        heard = await person.asks(text)
    assert "登记好了" in heard.text
    async with database(tmp_path) as store:
        async with store.transaction() as transaction:
            account, _ = await transaction.staff.add("li", "李经办", Role.CLERK, ("白沙镇",), False, clock.now())
            code = await transaction.staff.link_code(account.id, clock.now())
        assert (await clerk.asks(f"/staff {code}")).text == staff_say("phone.linked")
        assert "还没有人联系：1" in (await clerk.asks("/staff")).text
        (receipt,) = await receipts(store)
        async with store.transaction() as transaction:
            await transaction.cases.write(receipt, 1, account.id, clock.now(), "您好，明天上午方便接电话吗？")
        assert (await person.hears(PATIENCE)).text == "您好，明天上午方便接电话吗？"
        assert "转给工作人员了" in (await person.asks("留言 我想学按摩")).text
        async with store.transaction() as transaction:
            case = await transaction.cases.load(receipt)
    assert case is not None
    assert case.first_contact is not None  # it was sent before what was answered after it
    assert [message.text for message in case.messages] == ["您好，明天上午方便接电话吗？", "我想学按摩"]
    assert "还没有看：1" in (await clerk.asks("/staff")).text


async def receipts(store: Store) -> list[str]:
    async with store.reading() as connection:
        return list((await connection.execute(select(registrations.c.receipt))).scalars())
