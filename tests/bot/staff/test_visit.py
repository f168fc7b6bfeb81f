"""What a page can ask of its visit."""

from __future__ import annotations

import pytest
from starlette.responses import PlainTextResponse, Response

from bot.staff.access import Access
from bot.staff.console import PAGES, build_console
from bot.staff.page import Page
from bot.staff.visit import Visit

from .office import RECEIPT, Office


async def show_town(visit: Visit) -> Response:
    case = await visit.case(visit.request.path_params["receipt"])
    return PlainTextResponse(str(case.town))


async def forbid(visit: Visit) -> Response:
    visit.forbid("too curious")


@pytest.fixture
def probed(office: Office) -> Office:
    """The console with two pages more."""
    more = Page("/probe/{receipt}", show_town, access=Access.PERSONS), Page("/forbidden", forbid)
    office.console = build_console(office.parts, (*PAGES, *more))
    return office


@pytest.mark.parametrize("login", ["admin", "clerk", "two-towns"])
async def test_a_case_is_there_for_those_of_its_town(probed: Office, login: str) -> None:
    await probed.register()
    assert (await (await probed.person(login)).get(f"/probe/{RECEIPT}")).html == "白沙镇"


async def test_a_case_of_another_town_is_as_if_it_were_not_there(probed: Office) -> None:
    await probed.register()
    person = await probed.person("elsewhere")
    of_others, of_nobody = await person.get(f"/probe/{RECEIPT}"), await person.get("/probe/111111111")
    assert (of_others.status, of_nobody.status) == (404, 404)
    assert of_others.html.replace(RECEIPT, "") == of_nobody.html.replace("111111111", "")
    assert await probed.recorded("refused") == 2


async def test_a_case_without_a_known_town_is_the_administrators(probed: Office) -> None:
    await probed.register(town="")
    assert (await (await probed.person("clerk")).get(f"/probe/{RECEIPT}")).status == 404
    assert (await (await probed.person("admin")).get(f"/probe/{RECEIPT}")).status == 200


async def test_who_may_see_no_persons_sees_none(probed: Office) -> None:
    await probed.register()
    assert (await (await probed.person("statistics")).get(f"/probe/{RECEIPT}")).status == 403


async def test_what_a_page_forbids_is_on_record(probed: Office) -> None:
    answer = await (await probed.person("admin")).get("/forbidden")
    assert answer.status == 403
    assert "too curious" not in answer.html
    assert await probed.recorded("refused") == 1
