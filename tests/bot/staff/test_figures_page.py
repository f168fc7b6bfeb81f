"""The charts of the office: the numbers are those that were counted, for those who may see them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

import pytest
import pytest_asyncio

from bot.conversation.registration import Answer
from bot.store.asked import count_asked
from bot.store.figures import Period, figures

from .browser import NARROW, WIDE, Served, assert_accessible, enlarge_text
from .office import NOW, Office, Person
from .office import Answer as Shown
from .registered import registered

SEVERAL: tuple[Mapping[str, Answer], ...] = (
    {"wanted": ("home",), "categories": ("vision",)},
    {"wanted": ("home", "supported"), "education": "college-recent"},
    {"town": "德感街道", "wanted": ("factory",)},
)


def table(page: Shown, id: str) -> dict[str, list[str]]:
    """The rows of the table of a chart, by their first cell."""
    start = page.html.index(f'id="{id}-caption"')
    body = page.html[start : page.html.index("</table>", start)]
    rows = re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', body, flags=re.DOTALL)
    return {name: re.findall(r"<td[^>]*>(.*?)</td>", cells) for name, cells in rows}


async def test_the_tables_hold_what_was_counted(office: Office, admin: Person) -> None:
    await registered(office, *SEVERAL)
    async with office.store.reading() as connection:
        found = await figures(connection, office.store.keys, None, Period(), NOW, 7)
    page = await admin.get("/figures")
    assert table(page, "towns") == {one.town: [str(one.total)] for one in found.towns}
    wanted = table(page, "wanted")
    assert {name: cells for name, cells in wanted.items() if cells != ["0"]} == {
        "在家里做的": ["2"],
        "有人带着、慢慢做的（辅助性就业）": ["1"],
        "厂里、车间": ["1"],
    }
    assert len(wanted) == len(found.wanted)
    assert table(page, "statuses")["新登记"] == ["3"]
    assert table(page, "graduates") == {"建了档": ["0", "1", "0.0%"], "服务过": ["0", "1", "0.0%"]}
    assert table(page, "target")["目标"] == ["1,500"]


async def test_a_clerk_sees_the_figures_of_their_towns_and_no_target_of_the_district(
    office: Office, clerk: Person
) -> None:
    await registered(office, *SEVERAL)
    page = await clerk.get("/figures")
    assert table(page, "towns") == {"白沙镇": ["2"]}
    assert "德感街道" not in page.text
    assert "1,500" not in page.text


async def test_statistics_see_the_figures_of_all_and_nobodys_name(office: Office) -> None:
    await registered(office, *SEVERAL)
    page = await (await office.person("statistics")).get("/figures")
    assert table(page, "towns") == {"白沙镇": ["2"], "德感街道": ["1"]}
    assert "周桂芳" not in page.html


async def test_days_can_be_chosen(office: Office, admin: Person) -> None:
    await registered(office, *SEVERAL)
    assert table(await admin.get("/figures?since=2024-03-05&until=2024-03-05"), "towns")
    assert not table(await admin.get("/figures?since=2024-03-06"), "towns")


@pytest.mark.parametrize(
    ("query", "said"), [("since=gestern", "日期写得不对"), ("since=2024-03-09&until=2024-03-01", "已经对调")]
)
async def test_days_that_cannot_be_are_said_to_be_so(admin: Person, query: str, said: str) -> None:
    page = await admin.get(f"/figures?{query}")
    assert page.status == 200
    assert said in page.text


async def test_what_does_not_go_by_the_days_that_were_chosen_is_said_to_be_so(office: Office, admin: Person) -> None:
    await registered(office, *SEVERAL)
    office.clock.forward(days=10)
    admin = await office.person("admin")
    text = (await admin.get("/figures?since=2024-03-06")).text
    assert "登记日从 2024年3月6日 起的" in text
    chosen, _, others = text.partition("不管是哪天登记的")
    assert "登记 0 人" in chosen
    assert "现在逾期的 3 人" in others
    assert "不管是哪天登记的" not in (await admin.get("/figures")).text


async def test_what_people_asked_is_counted_by_topic_under_its_title(office: Office, admin: Person) -> None:
    async with office.store.transaction() as transaction:
        asked = [("answered", "stall-rent")] * 3 + [
            ("answered", "gone-from-the-knowledge"),
            ("unhelpful", "stall-rent"),
        ]
        await count_asked(transaction.tallies, [*asked, ("unanswered", "")], NOW)
    page = await admin.get("/figures")
    title = office.parts.built().knowledge.by_key["stall-rent"].title
    assert table(page, "asked") == {title: ["3", "1"], "gone-from-the-knowledge": ["1", "0"]}
    assert "没有答上来 1 次" in page.text
    tomorrow = (NOW + timedelta(days=1)).date()
    assert not table(await admin.get(f"/figures?since={tomorrow}"), "asked")


async def test_only_those_who_teach_are_led_to_the_questions(office: Office, admin: Person, clerk: Person) -> None:
    assert 'href="/questions">看是哪些' in (await admin.get("/figures")).html
    assert 'href="/questions">看是哪些' not in (await clerk.get("/figures")).html


@pytest_asyncio.fixture(loop_scope="session")
async def filled(served: Served) -> Served:
    await registered(served.office, *SEVERAL)
    return served


@pytest.mark.asyncio(loop_scope="session")
async def test_charts_with_numbers_are_accessible_at_both_widths_and_with_text_of_twice_the_size(
    filled: Served,
) -> None:
    for width in (WIDE, NARROW):
        page = await filled.page("admin", width=width)
        await page.goto("/figures")
        await assert_accessible(page)
        await enlarge_text(page)
        await assert_accessible(page)
        outside = (
            "[...document.querySelectorAll('.drawing text, .bar, .value')].filter(t => "
            "t.getBoundingClientRect().right > document.documentElement.clientWidth).map(t => t.textContent)"
        )
        assert await page.evaluate(outside) == []


@pytest.mark.asyncio(loop_scope="session")
async def test_a_long_label_takes_the_width_there_is_and_breaks_where_there_is_none(filled: Served) -> None:
    lines = "e => (e.clientHeight - e.lastElementChild.clientHeight) / parseFloat(getComputedStyle(e).lineHeight) | 0"
    page = await filled.page("admin")
    await page.goto("/figures")
    label = page.locator(".bar", has_text="有人带着、慢慢做的（辅助性就业）")
    assert await label.evaluate(lines) == 1
    await page.set_viewport_size({"width": NARROW, "height": 900})
    await enlarge_text(page)
    assert await label.evaluate(lines) > 2
    assert await label.evaluate("e => getComputedStyle(e).fontSize") == "32px"


@pytest.mark.asyncio(loop_scope="session")
async def test_a_screen_reader_says_what_a_chart_shows_and_reads_each_label_in_the_table_alone(filled: Served) -> None:
    page = await filled.page("admin")
    await page.goto("/figures")
    heard = await page.locator("figure", has_text="德感街道").first.aria_snapshot()
    assert 'img "各镇街登记：一共 3人；最多：白沙镇，2人"' in heard
    assert heard.count('rowheader "德感街道"') == 1
    assert heard.count("德感街道 1人") == 0


@pytest.mark.asyncio(loop_scope="session")
async def test_charts_can_be_seen_in_forced_colours(filled: Served) -> None:
    page = await filled.page("admin", forced_colors="active")
    await page.goto("/figures")
    colours = (
        "[getComputedStyle(document.querySelector('.filled')).fill, getComputedStyle(document.body).backgroundColor]"
    )
    bar, ground = await page.evaluate(colours)
    assert bar != ground
    await assert_accessible(page)


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("forced_colors", ["active", "none"])
async def test_the_edge_of_a_table_shows_that_it_goes_on(filled: Served, forced_colors: str) -> None:
    page = await filled.page("admin", forced_colors=forced_colors)
    await page.goto("/figures")
    edge = page.locator(".chart .scroll").first
    assert await edge.evaluate("e => getComputedStyle(e).backgroundImage") != "none"
    ground = await edge.locator("table").evaluate("e => getComputedStyle(e).backgroundColor")
    assert ground.endswith(", 0)"), "the table hides it"
