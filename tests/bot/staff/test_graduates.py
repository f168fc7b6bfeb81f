"""一人一策: the graduates, and how many have a plan and were served."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from bot import app
from bot.casework.case import Step
from bot.clock import day_of
from bot.settings import Settings
from bot.staff.console import build_console
from intents import Reader
from knowledge import Knowledge

from .office import NOW, Office, Person
from .registered import registered

TODAY = day_of(NOW)


@pytest.fixture
async def graduates(office: Office) -> None:
    people = await registered(
        office,
        {"name": "有计划", "education": "college-recent", "phone": "+8613800138001"},
        {"name": "没计划", "education": "college-student", "phone": "+8613800138002"},
        {"name": "都有了", "education": "college-recent", "phone": "+8613800138003"},
        {"name": "毕业早", "education": "college", "phone": "+8613800138004"},
        {"name": "德感的", "education": "college-recent", "town": "德感街道", "phone": "+8613800138005"},
    )
    who = office.cast["admin"].id
    async with office.store.transaction() as transaction:
        for place in (0, 2):
            await transaction.cases.file_plan(people[place].receipt, 1, who, NOW, "先学电脑", TODAY)
        await transaction.cases.do_step(people[2].receipt, 2, who, NOW, Step.SERVICE, TODAY)


@pytest.mark.usefixtures("graduates")
async def test_those_without_a_plan_come_first(clerk: Person) -> None:
    page = await clerk.get("/graduates")
    assert re.findall(r'<a class="named" href="[^"]*">([^<]*)<', page.html) == ["没计划", "有计划", "都有了"]


@pytest.mark.usefixtures("graduates")
async def test_the_rates_are_those_of_the_own_towns(clerk: Person, admin: Person) -> None:
    text = (await clerk.get("/graduates")).text
    assert "3 人中的 2 人（66.6%）" in text
    assert "3 人中的 1 人（33.3%）" in text
    assert "没有建档 1 人，没有服务 2 人" in text
    assert "4 人中的 2 人（50.0%）" in (await admin.get("/graduates")).text


async def test_without_graduates_there_is_no_rate(clerk: Person) -> None:
    page = await clerk.get("/graduates")
    assert "没有人" in page.text
    assert "%）" not in page.text


async def test_the_plan_is_quoted_where_the_knowledge_has_the_clause(
    office: Office, shipped: Knowledge, shipped_reader: Reader
) -> None:
    built = app.assemble(Settings(), shipped, shipped_reader, "shipped")
    office.console = build_console(replace(office.parts, built=lambda: built))
    text = (await (await office.person("admin")).get("/graduates")).text
    assert "确保实现我区残疾人高校毕业生建档率100%、就业服务率100%" in text
    assert "方案 一（七）1" in text
