"""The whole program: what a person asked in vain is taught by the staff, answered from then on, and taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx

from bot import clock
from bot.casework.account import Role
from bot.store import Keys, Store
from tests.bot.staff.office import Person as Visitor
from tests.bot.staff.test_program import PATIENCE, answered, enabled, free_port
from tests.bot.staff.test_questions_page import group, over, press
from tests.program import Program
from tests.standin import BotApi
from tests.standin.people import Person

QUESTION = "夜市的位子费高得很"
ANSWER = "可以问能不能少收摊位费"


class Browser(Visitor):
    """Somebody of the staff with a browser, in front of the program itself."""

    def __init__(self, port: int, token: str) -> None:
        self.client = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", cookies={"zhucan-session": token}, timeout=PATIENCE
        )


async def signed_in_to_teach(folder: Path) -> str:
    """Make an account in the program's database; return the token of its session."""
    keys = Keys.open(folder / "keys" / "zhucan.key", lambda _: None)
    async with (
        await Store.open(f"sqlite:///{folder / 'data' / 'zhucan.db'}", keys) as store,
        store.transaction() as transaction,
    ):
        account, _ = await transaction.staff.add("chen", "陈静", Role.ADMIN, (), True, clock.now())
        await transaction.staff.accept(account.id, "no passphrase leads here", clock.now())
        return await transaction.sessions.begin(account.id, clock.now())


async def asked_until(person: Person, fits: Callable[[str], bool]) -> None:
    """Let the person ask the question again and again until the reply fits: changes are taken up within seconds."""
    async with asyncio.timeout(PATIENCE):
        while not fits((await person.asks(QUESTION, PATIENCE)).text):
            await asyncio.sleep(0.2)


async def listed_until(staff: Visitor, fits: Callable[[str], bool]) -> None:
    """Look at what found no answer again and again until the page fits."""
    async with asyncio.timeout(PATIENCE):
        while not fits((await staff.get("/questions")).text):
            await asyncio.sleep(0.2)


async def test_what_a_person_asked_in_vain_is_taught_and_answered_until_it_is_taken_back(
    tmp_path: Path, index_folder: Path
) -> None:
    sets, port = tmp_path / "sets", free_port()
    sets.mkdir()
    (sets / "own.tsv").write_text("question\tlabels\n摊位费能减免不\tstall-rent\n", encoding="utf-8")
    settings = enabled(port, ZHUCAN_KNOWLEDGE__QUESTION_SETS=str(sets))
    async with BotApi() as api, Program(api, tmp_path, index_folder, **settings) as program:
        person = api.person(name="王建国")
        assert ANSWER not in (await person.asks(QUESTION, PATIENCE)).text

        await answered(f"http://127.0.0.1:{port}/")
        staff = Browser(port, await signed_in_to_teach(tmp_path))
        async with staff.client:
            assert QUESTION in (await staff.get("/questions")).text
            await staff.submit(await group(staff), "sample", {"entry": "摆摊少收摊位费", "text": QUESTION})
            outcome = await over(staff)
            assert "没有一个带答案的问题会因此答坏" in outcome.text
            assert "加上以后：答“摆摊少收摊位费”" in outcome.text
            assert ANSWER not in (await person.asks(QUESTION, PATIENCE)).text

            assert (await press(staff, outcome, "/questions/trial/live")).location == "/questions/samples"
            await asked_until(person, lambda reply: ANSWER in reply)
            await listed_until(staff, lambda page: QUESTION not in page)

            taught = await staff.get("/questions/samples")
            await press(staff, taught, "/questions/samples/take-back", entry="stall-rent", question=QUESTION)
            await listed_until(staff, lambda page: QUESTION in page)
            await asked_until(person, lambda reply: ANSWER not in reply)
        assert await program.stop() == 0
