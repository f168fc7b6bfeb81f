"""The queue: what the address asks for is shown, in words, and can be taken off again."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.casework.account import Role
from bot.casework.case import Status, Step
from bot.clock import day_of
from bot.conversation.receipts import shown
from bot.conversation.registration import Registration

from .office import NOW, Answer, Office, Person
from .registered import left, registered, registration

TODAY = day_of(NOW)


def names(page: Answer) -> list[str]:
    """Who is listed, in order."""
    return re.findall(r'<a class="named" href="[^"]*">([^<]*)<', page.html)


def chips(page: Answer) -> dict[str, str]:
    """What was chosen, in words, and where it leads to take it off."""
    return {
        words.strip(): address.replace("&amp;", "&")
        for words, address in re.findall(r'<li>([^<]*：[^<]*)<a href="([^"]*)">去掉', page.html)
    }


@pytest.fixture
async def people(office: Office) -> Sequence[Registration]:
    """Four who registered today, in two towns."""
    return await registered(
        office,
        {"name": "周桂芳", "education": "college-recent", "categories": ("vision",)},
        {"name": "吴大明", "phone": "+8613800138001", "wanted": ("factory",)},
        {"name": "郑小红", "phone": "+8613800138002", "town": "德感街道"},
        {"name": "周德感", "phone": "+8613800138003", "town": "德感街道", "wanted": ("farm", "factory")},
    )


async def work(
    office: Office, one: Registration, change: str, *given: object, version: int = 1, **more: object
) -> None:
    async with office.store.transaction() as transaction:
        who = office.cast["clerk"].id
        await getattr(transaction.cases, change)(one.receipt, version, who, office.clock.now, *given, **more)


async def test_all_are_listed_with_how_many_there_are(admin: Person, people: Sequence[Registration]) -> None:
    page = await admin.get("/queue")
    assert "共 4 份登记。" in page.text
    assert sorted(names(page)) == sorted(["周德感", "周桂芳", "吴大明", "郑小红"])
    assert shown(people[0].receipt) in page.text


async def test_a_line_tells_what_is_needed_to_choose_it_but_no_telephone(
    office: Office, admin: Person, people: Sequence[Registration]
) -> None:
    await work(office, people[3], "do_step", Step.INFORMATION_CHECK, TODAY)
    await work(office, people[3], "assign", office.cast["two-towns"].id, version=2)
    page = await admin.get("/queue?town=德感街道&wanted=farm")
    for words in (
        "周德感",
        "德感街道",
        "种植、养殖",
        "已核对",
        "缺评估、需求登记、服务",
        "王经办",
        "2024年3月5日",
        "今天",
    ):
        assert words in page.text
    assert "13800138003" not in (await admin.get("/queue")).html.replace(" ", "")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("town=德感街道", ["郑小红", "周德感"]),
        ("town=德感街道&town=白沙镇", ["周桂芳", "吴大明", "郑小红", "周德感"]),
        ("wanted=factory", ["吴大明", "周德感"]),
        ("category=vision", ["周桂芳"]),
        ("graduates=1", ["周桂芳"]),
        ("q=周", ["周桂芳", "周德感"]),
        ("q=13800138002", ["郑小红"]),
        ("since=2024-03-05&until=2024-03-05", ["周桂芳", "吴大明", "郑小红", "周德感"]),
        ("until=2024-03-04", []),
        ("counselor=0", ["周桂芳", "吴大明", "郑小红", "周德感"]),
        ("missing=service&status=new&wanted=farm", ["周德感"]),
        ("uncontacted=1&wanted=farm", ["周德感"]),
        ("overdue=1", []),
        ("unanswered=1", []),
        ("follow_up=today", []),
    ],
)
@pytest.mark.usefixtures("people")
async def test_a_filter_stands_in_the_address(admin: Person, query: str, found: list[str]) -> None:
    page = await admin.get(f"/queue?{query}")
    assert page.status == 200
    assert sorted(names(page)) == sorted(found)
    if not found:
        assert "没有符合的登记。可以去掉几样筛选再看。" in page.text


@pytest.mark.parametrize(
    "typed", ["13800138002", "138 0013 8002", "+86 138-0013-8002", "8613800138002", "154 0000 0500"]
)
async def test_a_whole_telephone_number_searches_everything_however_it_is_written(
    office: Office, admin: Person, people: Sequence[Registration], typed: str
) -> None:
    await left(office.store, registration(8, NOW, name="编出来的", phone="+8615400000500"))
    answer = await admin.get(f"/queue?town=白沙镇&status=closed&q={typed.replace('+', '%2B')}")
    assert answer.status == 303
    page = await admin.get(answer.location)
    assert names(page) == (["编出来的"] if typed.startswith("154") else ["郑小红"])
    assert "号码写全了，就在全部登记里找" in page.text
    assert [words.partition("：")[0] for words in chips(page)] == ["搜索"]


async def test_a_number_of_the_demo_is_found_with_the_code_of_the_country_too(office: Office, admin: Person) -> None:
    await left(office.store, registration(8, NOW, name="编出来的", phone="+8615400000500"))
    for typed in ("%2B86 154 0000 0500", "86-15400000500", "008615400000500"):
        assert names(await admin.get(f"/queue?q={typed}")) == ["编出来的"], typed


async def test_a_whole_receipt_searches_everything(admin: Person, people: Sequence[Registration]) -> None:
    answer = await admin.get(f"/queue?town=白沙镇&q={shown(people[2].receipt)}")
    assert names(await admin.get(answer.location)) == ["郑小红"]


@pytest.mark.usefixtures("people")
async def test_a_whole_number_of_another_town_stays_unknown_to_a_clerk(clerk: Person) -> None:
    answer = await clerk.get("/queue?status=new&q=13800138002")
    page = await clerk.get(answer.location)
    assert names(page) == []
    assert "没有找到这个号码。" in page.text


@pytest.mark.usefixtures("people")
async def test_who_is_not_among_what_was_chosen_is_said_to_be_elsewhere(admin: Person, clerk: Person) -> None:
    page = await admin.get("/queue?town=白沙镇&status=new&q=郑")
    assert "在“白沙镇，新登记”里没有；全部登记里有 1 份， 去看" in page.text
    found = re.search(r'<a href="([^"]*)">去看</a>', page.html)
    assert found
    assert names(await admin.get(found[1].replace("&amp;", "&"))) == ["郑小红"]
    nowhere = await clerk.get("/queue?status=new&q=郑")
    assert "没有找到这个称呼。" in nowhere.text
    assert "去看" not in nowhere.text


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("typed", ["138", "8002", "9", "1380013800"])
async def test_part_of_a_number_that_finds_nothing_says_that_telephone_numbers_have_to_be_whole(
    admin: Person, typed: str
) -> None:
    assert "电话要写全才找得到" in (await admin.get(f"/queue?q={typed}")).text


async def test_the_field_for_searching_says_how_to_write_what_is_searched_for(admin: Person) -> None:
    page = await admin.get("/queue")
    assert re.search(r'<p class="hint" id="find-q-hint">电话要写全11位', page.html)
    assert re.search(r'<input type="search" id="find-q"[^>]* aria-describedby="find-q-hint"', page.html)


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("", "登记"),
        ("?order=newest", "登记"),
        ("?town=白沙镇&missing=service", "白沙镇，没做就业服务：2 份 · 登记"),
        ("?status=new", "新登记：4 份 · 登记"),
        ("?uncontacted=1&order=town", "还没联系过：4 份 · 登记"),
        ("?town=德感街道&q=郑小红", "德感街道，搜索：1 份 · 登记"),
        ("?q=郑小红", "搜索：1 份 · 登记"),
    ],
)
async def test_the_title_names_the_filter_but_nobody_searched_for(admin: Person, query: str, title: str) -> None:
    page = await admin.get(f"/queue{query}")
    assert page.title == f"{title} · 助残就业工作台"
    assert "<h1>登记</h1>" in page.html


async def test_a_form_sent_with_empty_fields_leads_to_a_tidy_address(admin: Person) -> None:
    sent = await admin.get("/queue?q=&order=urgent&counselor=&missing=service&since=&until=&town=白沙镇&graduates=")
    assert sent.location == "/queue?town=%E7%99%BD%E6%B2%99%E9%95%87&missing=service"
    assert (await admin.get(sent.location)).status == 200
    assert (await admin.get("/queue?q=&order=urgent")).location == "/queue"


async def test_a_receipt_is_found_as_it_is_read_out(admin: Person, people: Sequence[Registration]) -> None:
    assert names(await admin.get(f"/queue?q={shown(people[1].receipt)}")) == ["吴大明"]


async def test_several_answers_are_told_apart_though_they_hold_commas_themselves(office: Office, admin: Person) -> None:
    await registered(office, {"wanted": ("farm", "factory")})
    assert "种植、养殖；厂里、车间" in (await admin.get("/queue")).text


async def test_once_all_four_are_done_nothing_is_missing(
    office: Office, admin: Person, people: Sequence[Registration]
) -> None:
    for version, step in enumerate(Step, 1):
        await work(office, people[3], "do_step", step, TODAY, version=version)
    assert "都做了" in (await admin.get("/queue?wanted=farm")).text
    assert "缺核对、评估、需求登记、服务" in (await admin.get("/queue?town=白沙镇")).text


async def test_town_and_the_four_steps_come_first_among_the_filters_and_days_are_folded(admin: Person) -> None:
    page = await admin.get("/queue")
    places = [page.html.index(f'name="{name}"') for name in ("town", "missing", "status", "wanted", "since")]
    assert places == sorted(places)
    assert page.html.index("<details>\n<summary>按日子") < places[-1]
    assert "<details open>\n<summary>按日子" in (await admin.get("/queue?since=2024-03-01")).html


@pytest.mark.usefixtures("people")
async def test_what_was_chosen_is_shown_and_each_thing_can_be_taken_off(admin: Person) -> None:
    page = await admin.get("/queue?town=德感街道&town=白沙镇&wanted=factory&q=周")
    chosen = chips(page)
    assert set(chosen) == {"镇或街道：德感街道", "镇或街道：白沙镇", "想做的工作：厂里、车间", "搜索：周"}
    fewer = await admin.get(chosen["镇或街道：德感街道"])
    assert set(chips(fewer)) == {"镇或街道：白沙镇", "想做的工作：厂里、车间", "搜索：周"}
    assert names(fewer) == []
    assert names(await admin.get(chips(fewer)["想做的工作：厂里、车间"])) == ["周桂芳"]


@pytest.mark.usefixtures("people")
async def test_what_is_listed_can_be_exported_by_the_same_filter(admin: Person) -> None:
    page = await admin.get("/queue?town=德感街道&wanted=farm&page=1")
    found = re.search(r'<a href="(/export[^"]*)">导出这 1 份</a>', page.html)
    assert found
    asked = await admin.get(found[1].replace("&amp;", "&"))
    assert "德感街道" in asked.text
    assert "种植、养殖" in asked.text


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    "query",
    [
        "status=lost&status=new&page=x&since=gestern&order=random&counselor=-1&missing=tea&follow_up=never",
        "page=999999999",
        "page=" + "9" * 40,
        "town=" + "镇" * 3000,
        "counselor=999999999",
        "wanted=<script>alert(1)</script>",
        "q=%00%ff",
        "until=9999-12-31",
        "until=0001-01-01",
        "since=0001-01-01",
        "since=9999-12-31&follow_up_until=9999-12-31&follow_up_since=0001-01-01",
        "&".join(f"town=t{number}" for number in range(300)),
    ],
)
async def test_an_odd_address_is_never_an_error(admin: Person, query: str) -> None:
    page = await admin.get(f"/queue?{query}")
    assert page.status == 200
    assert "<script>alert" not in page.html


async def test_the_most_urgent_come_first_and_other_orders_can_be_chosen(
    office: Office, admin: Person, people: Sequence[Registration]
) -> None:
    late = registration(9, NOW - timedelta(days=30), name="等得久", phone="+8613800138009")
    await left(office.store, late)
    async with office.store.transaction() as transaction:
        await transaction.cases.replied(people[2].receipt, "有消息吗", NOW)
    page = await admin.get("/queue")
    assert names(page)[:2] == ["等得久", "郑小红"]
    assert "逾期没联系，本该2月11日前" in page.text
    assert "有回话、改动没看" in page.text
    assert names(await admin.get("/queue?order=newest"))[-1] == "等得久"


async def test_whom_nobody_contacted_yet_is_found_by_a_button(
    office: Office, admin: Person, people: Sequence[Registration]
) -> None:
    await work(office, people[0], "note", "打了电话", contact=True)
    await work(office, people[1], "set_status", Status.CLOSED, "搬走了")
    found = re.search(r'<a href="([^"]*)">还没联系过</a>', (await admin.get("/queue")).html)
    assert found
    page = await admin.get(found[1])
    assert sorted(names(page)) == ["周德感", "郑小红"]
    assert set(chips(page)) == {"联系：还没联系过"}


async def test_a_line_says_by_when_somebody_is_to_be_in_touch_and_then_when_somebody_was(
    office: Office, people: Sequence[Registration]
) -> None:
    async def line(**later: float) -> str:
        office.clock.forward(**later)
        return (await (await office.person("admin")).get("/queue?wanted=farm")).text

    promised = await line(days=2)
    assert "没联系，3月12日前" in promised
    assert "等了 2 天" in promised
    await work(office, people[3], "note", "打了电话", contact=True)
    contacted = await line(days=20)
    assert " 3月7日联系过" in contacted
    assert "等了" not in contacted
    assert "2024年3月7日联系过" in await line(days=300)


async def test_pages_follow_each_other(office: Office, admin: Person) -> None:
    many = [{"name": f"第{number}位", "phone": f"+86138001{number:05d}"} for number in range(53)]
    await registered(office, *many)
    first = await admin.get("/queue?order=oldest")
    assert "共 53 份登记。这里是第 1 到第 50 份。" in first.text
    assert len(names(first)) == 50
    second = await admin.get("/queue?order=oldest&page=2")
    assert "第 51 到第 53 份" in second.text
    assert set(names(first)).isdisjoint(names(second))
    assert 'href="/queue?order=oldest&amp;page=2"' in first.html


@pytest.mark.usefixtures("people")
async def test_a_clerk_sees_the_own_towns_whatever_the_address_says(office: Office, clerk: Person) -> None:
    for query in ("", "?town=德感街道", "?q=郑小红", "?q=13800138002", "?wanted=farm", "?order=town&page=2"):
        page = await clerk.get(f"/queue{query}")
        assert not {"郑小红", "周德感"} & set(names(page)), query
    assert names(await (await office.person("elsewhere")).get("/queue")) == []


@pytest.mark.usefixtures("people")
async def test_that_names_were_looked_at_is_on_record_without_what_was_searched_for(
    office: Office, admin: Person
) -> None:
    await admin.get("/queue?q=周桂芳&town=白沙镇")
    async with office.store.reading() as connection:
        ((subject,),) = await connection.exec_driver_sql("SELECT subject FROM audit WHERE what = 'list-seen'")
    mark = office.store.keys.search_hash("周桂芳")
    assert subject == f"town=白沙镇 searched=name:{mark}"
    page = await admin.get("/audit")
    assert f"镇或街道：白沙镇；搜了姓名（暗号 {mark[:8]}）" in page.text
    assert "周桂芳" not in page.text


async def test_what_no_choice_offers_is_not_on_record(office: Office, admin: Person) -> None:
    """Anybody can type anything into an address: it must not get into what cannot be changed."""
    typed = "周桂芳13800138000"
    await admin.get(f"/queue?town={typed}&town=白沙镇&wanted={typed}&category={typed}&wanted=farm")
    async with office.store.reading() as connection:
        ((subject,),) = await connection.exec_driver_sql("SELECT subject FROM audit WHERE what = 'list-seen'")
    assert subject == "town=? town=白沙镇 wanted=? wanted=farm category=?"
    assert "想做的工作：?；" in (await admin.get("/audit")).text


# -- giving several to somebody


def ticked(*several: Registration, version: int = 1) -> str:
    return "&".join(f"case={one.receipt}.{version}" for one in several)


async def test_who_has_a_case_is_named_also_where_they_cannot_be_given_it_any_more(
    office: Office, admin: Person, people: Sequence[Registration]
) -> None:
    await work(office, people[0], "assign", office.cast["two-towns"].id)
    await leave(office, people[0])
    page = await admin.get(f"/queue/assign?{ticked(people[0])}")
    assert "王经办（停用了，或者不管这里了）" in page.text


async def counselors(office: Office, people: Sequence[Registration]) -> list[int | None]:
    async with office.store.transaction() as transaction:
        loaded = await transaction.cases.load_all([one.receipt for one in people])
    return [case.counselor for case in loaded.values()]


async def test_several_are_given_to_a_clerk_at_once(
    office: Office, clerk: Person, people: Sequence[Registration]
) -> None:
    where = f"/queue/assign?{ticked(*people[:2])}&back=/queue%3Fstatus%3Dnew"
    page = await clerk.get(where)
    assert "选中的 2 份登记" in page.text
    to = office.cast["two-towns"].id
    answer = await clerk.post(
        "/queue/assign",
        {
            "csrf": page.hidden("csrf"),
            "case": [f"{one.receipt}.1" for one in people[:2]],
            "counselor": to,
            "back": "/queue?status=new",
        },
    )
    assert answer.location == "/queue?status=new"
    assert "分给王经办 2 份。" in (await clerk.get(answer.location)).text
    assert await counselors(office, people) == [to, to, None, None]
    assert await office.recorded("counselor") == 2


async def test_only_those_who_may_see_them_can_be_chosen(
    office: Office, clerk: Person, people: Sequence[Registration]
) -> None:
    page = await clerk.get(f"/queue/assign?{ticked(people[0])}")
    assert "王经办（白沙镇、德感街道）" in page.text
    for nobody in ("钱经办", "赵统计", "孙离职"):
        assert nobody not in page.text
    answer = await clerk.post(
        "/queue/assign",
        {"csrf": page.hidden("csrf"), "case": f"{people[0].receipt}.1", "counselor": office.cast["elsewhere"].id},
    )
    assert answer.status == 422
    assert "请选分给谁" in answer.text


async def test_what_cannot_be_given_is_said_and_the_rest_is(
    office: Office, admin: Person, people: Sequence[Registration]
) -> None:
    await work(office, people[1], "note", "刚写的")
    page = await admin.get(f"/queue/assign?{ticked(*people)}&case=111111118.1")
    cases = [*(f"{one.receipt}.1" for one in people), "111111118.1"]
    fields = {"csrf": page.hidden("csrf"), "case": cases, "counselor": office.cast["clerk"].id}
    await admin.post("/queue/assign", fields)
    said = (await admin.get("/queue")).text
    assert "分给李经办 1 份。" in said
    assert "1 份刚才有人改过" in said
    assert "2 份不在李经办管的镇或街道" in said
    assert "1 份已经删除了" in said
    assert await counselors(office, people) == [office.cast["clerk"].id, None, None, None]


async def test_a_case_of_another_town_is_left_out_as_one_that_is_gone_and_that_is_on_record(
    office: Office, clerk: Person, people: Sequence[Registration]
) -> None:
    page = await clerk.get(f"/queue/assign?{ticked(*people)}")
    assert "选中的 2 份登记" in page.text
    assert not {"郑小红", "周德感"} & set(page.text.split())
    assert await office.recorded("refused") == 2
    cases = [f"{one.receipt}.1" for one in people]
    fields = {"csrf": page.hidden("csrf"), "case": cases, "counselor": office.cast["clerk"].id}
    assert (await clerk.post("/queue/assign", fields)).location == "/queue"
    assert "2 份已经删除了，或者不归您看" in (await clerk.get("/queue")).text
    assert await counselors(office, people) == [office.cast["clerk"].id] * 2 + [None] * 2
    assert await office.recorded("refused") == 4


async def test_whether_there_is_a_case_in_another_town_cannot_be_found_out(
    office: Office, clerk: Person, people: Sequence[Registration]
) -> None:
    own, *_, elsewhere = people
    gone = "111111118"
    for more in (f"case={own.receipt}.1&", ""):
        answers = [await clerk.get(f"/queue/assign?{more}case={receipt}.1") for receipt in (elsewhere.receipt, gone)]
        shown = [
            (answer.status, answer.location, answer.html.replace(receipt, ""))
            for answer, receipt in zip(answers, (elsewhere.receipt, gone), strict=True)
        ]
        assert shown[0] == shown[1]
    said = []
    for receipt in (elsewhere.receipt, gone):
        await clerk.post("/queue/assign", {"csrf": await clerk.csrf(), "case": f"{receipt}.1", "counselor": "0"})
        said.append((await clerk.get("/me")).text)
    assert said[0] == said[1]
    assert "1 份已经删除了，或者不归您看" in said[0]


@pytest.mark.parametrize("query", ["", "case=", "case=1234", "case=123456785.x", "case=123456785.-1"])
async def test_nothing_ticked_leads_back_to_the_list(admin: Person, query: str) -> None:
    answer = await admin.get(f"/queue/assign?{query}")
    assert answer.location == "/queue"
    assert "还没有选登记" in (await admin.get("/queue")).text


async def test_nobody_is_led_elsewhere_afterwards(admin: Person, people: Sequence[Registration]) -> None:
    fields = {"csrf": await admin.csrf(), "case": f"{people[0].receipt}.1", "counselor": "0"}
    answer = await admin.post("/queue/assign", {**fields, "back": "https://evil.example/"})
    assert answer.location == "/"


@pytest.mark.parametrize(("days", "late"), [(7, False), (8, True)])
async def test_the_queue_and_the_case_say_the_same_of_a_promise(office: Office, days: int, late: bool) -> None:
    (one,) = await registered(office, {})
    office.clock.forward(days=days, hours=1)
    clerk = await office.person("clerk")
    assert ("逾期没联系" in (await clerk.get("/queue")).text) is late
    assert ("已经过了" in (await clerk.get(f"/cases/{one.receipt}")).text) is late


async def move(office: Office, one: Registration, town: str) -> None:
    """Let the person move to another town."""
    chat = f"telegram:{one.receipt}"
    async with office.store.transaction() as transaction:
        before = (await transaction.people.load([chat]))[chat]
        moved = replace(before.registrations[0], answers={**one.answers, "town": town})
        await transaction.people.save(chat, before, replace(before, registrations=(moved,)), NOW)


async def leave(office: Office, one: Registration) -> None:
    async with office.store.transaction() as transaction:
        await transaction.staff.disable(office.cast["two-towns"].id, NOW)


async def have_other_towns(office: Office, one: Registration) -> None:
    async with office.store.transaction() as transaction:
        await transaction.staff.change(office.cast["two-towns"].id, towns=("德感街道",))


async def have_figures_only(office: Office, one: Registration) -> None:
    async with office.store.transaction() as transaction:
        await transaction.staff.change(office.cast["two-towns"].id, role=Role.STATISTICS)


async def move_away(office: Office, one: Registration) -> None:
    await move(office, one, "珞璜镇")


@pytest.mark.parametrize("happens", [leave, have_other_towns, have_figures_only, move_away])
async def test_a_case_whose_clerk_cannot_work_on_it_any_more_is_nobodys(
    office: Office, happens: Callable[[Office, Registration], Awaitable[None]]
) -> None:
    (one,) = await registered(office, {})
    await work(office, one, "assign", office.cast["two-towns"].id)
    somebody = await office.person("admin")
    assert names(await somebody.get("/queue?counselor=0")) == []
    await happens(office, one)
    page = await somebody.get("/queue?counselor=0")
    assert names(page) == ["周桂芳"]
    assert "王经办（停用了，或者不管这里了）" in page.text


async def test_who_cannot_work_on_a_case_any_more_is_not_changed_into_another_by_saving(
    office: Office, admin: Person
) -> None:
    (one,) = await registered(office, {})
    await work(office, one, "assign", office.cast["two-towns"].id)
    await leave(office, one)
    page = await admin.get(f"/cases/{one.receipt}")
    choice = page.html[page.html.index('id="counselor-counselor"') :].partition("</select>")[0]
    assert "selected" not in choice
    assert '<option value="">请选</option>' in choice
    assert (await admin.send(page, "counselor", {"counselor": ""})).status == 422
