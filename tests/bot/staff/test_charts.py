"""Charts: what is drawn, what is said, and the table beside it."""

from __future__ import annotations

import re
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from jinja2 import Environment, PackageLoader, StrictUndefined

from bot.staff import charts
from bot.staff.charts import Chart, Columns

TOWNS = [("白沙镇", 56), ("几江街道", 12), ("四面山镇", 0)]
LONG = "有人带着、慢慢做的（辅助性就业），在渝馨家园或者托养机构里"
WEEKS = [(date(2025, 1, 6) + timedelta(weeks=place), place * 3) for place in range(20)]

ALL = [
    charts.bars("towns", "各镇街登记", ("镇街", "人数"), TOWNS, "人"),
    charts.rates("rates", "大学生", ("镇街", "建档", "人数"), [("白沙镇", 3, 4), ("几江街道", 0, 0)]),
    charts.funnel("way", "办到哪一步", ("步骤", "人数"), [("登记", 80), ("核对", 40), ("就业", 7)], "人"),
    charts.target("target", "新增就业", 312, 1500, "人"),
    charts.weekly("weeks", "每周登记", ("周", "人数"), WEEKS, "人"),
]
EMPTY = [
    charts.bars("towns", "各镇街登记", ("镇街", "人数"), [("白沙镇", 0)], "人"),
    charts.bars("none", "各镇街登记", ("镇街", "人数"), [], "人"),
    charts.rates("rates", "大学生", ("镇街", "建档", "人数"), [("白沙镇", 0, 0)]),
    charts.funnel("way", "办到哪一步", ("步骤", "人数"), [("登记", 0)]),
    charts.weekly("weeks", "每周登记", ("周", "人数"), []),
]


def drawn(chart: Chart) -> str:
    look = Environment(
        loader=PackageLoader("bot.staff"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = look.from_string("{% import 'charts.html' as charts %}{{ charts.draw(chart) }}")
    return template.render(chart=chart)


def tree(chart: Chart) -> ElementTree.Element:
    return ElementTree.fromstring(drawn(chart))


def numbers(texts: list[str]) -> list[str]:
    return [found for text in texts for found in re.findall(r"\d[\d,]*(?:\.\d+)?%?", text)]


def columns(weeks: list[tuple[date, int]]) -> Columns:
    made = charts.weekly("a", "甲", ("周", "人数"), weeks, "人").columns
    assert made is not None
    return made


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def emptied(chart: Chart) -> bool:
    """Whether the only bar is an outline with nothing in it."""
    return [(bar.filled, bar.whole, bar.mark) for bar in chart.bars] == [(0, True, None)]


@pytest.fixture(params=ALL, ids=lambda chart: chart.id)
def chart(request: pytest.FixtureRequest) -> Chart:
    assert isinstance(request.param, Chart)
    return request.param


class TestAll:
    def test_every_number_in_the_drawing_stands_in_the_table(self, chart: Chart) -> None:
        cells = {cell for row in chart.table.rows for cell in row}
        dates = {found for row in chart.table.rows for found in numbers([row[0]])}
        shown = [bar.value for bar in chart.bars]
        if chart.columns:
            shown += [words.text for words in chart.columns.words]
        assert set(numbers(shown)) <= cells | dates
        assert shown

    def test_it_is_one_image_whose_name_is_its_title_and_what_can_be_seen(self, chart: Chart) -> None:
        (image,) = tree(chart).findall(".//*[@role='img']")
        assert image.get("aria-label") == f"{chart.title}：{chart.description}"
        assert chart.description

    def test_nothing_within_the_image_is_read_out_beside_its_name(self, chart: Chart) -> None:
        (image,) = tree(chart).findall(".//*[@role='img']")
        assert not (image.text or "").strip()
        assert [each.get("aria-hidden") for each in image] == ["true"]

    def test_the_table_has_a_caption_and_a_name_for_each_row(self, chart: Chart) -> None:
        table = tree(chart).find(".//table")
        assert table is not None
        assert table.findtext("caption") == chart.title
        assert [row.findtext("th") for row in table.findall("tbody/tr")] == [row[0] for row in chart.table.rows]
        assert {row.find("th").get("scope") for row in table.findall("tbody/tr")} == {"row"}  # type: ignore[union-attr]

    def test_the_table_can_be_scrolled_with_the_keyboard(self, chart: Chart) -> None:
        assert tree(chart).find("div[@role='region'][@tabindex='0'][@aria-labelledby]") is not None

    def test_nothing_is_styled_inline(self, chart: Chart) -> None:
        assert not re.search(r"\sstyle=|<style|<script|\son\w+=", drawn(chart))

    def test_no_bar_is_longer_than_there_is_room(self, chart: Chart) -> None:
        assert all(0 <= bar.filled <= 100 for bar in chart.bars)

    def test_an_id_is_given_once(self, chart: Chart) -> None:
        ids = re.findall(r'\sid="([^"]+)"', drawn(chart))
        assert len(ids) == len(set(ids))


@pytest.mark.parametrize("chart", EMPTY, ids=lambda chart: chart.id)
def test_without_data_the_chart_says_so_and_the_table_stays(chart: Chart) -> None:
    made = drawn(chart)
    assert "还没有数据" in made
    assert "<table" in made
    assert 'role="img"' not in made


class TestBars:
    def test_a_bar_is_as_long_as_its_number_is_large(self) -> None:
        chart = charts.bars("a", "甲", ("镇", "数"), [("白沙镇", 50), ("李市镇", 25)])
        assert [bar.filled for bar in chart.bars] == [100, 50]

    def test_a_bar_is_drawn_under_what_it_counts(self) -> None:
        (bar,) = tree(charts.bars("a", "甲", ("工作", "人数"), [(LONG, 7)], "人")).findall(".//div[@class='bar']")
        assert " ".join((bar.text or "").split()) == LONG
        words, shape = bar
        assert words.text == "7人"
        assert [each.get("width") for each in shape] == ["100.0%"]

    def test_the_table_keeps_rows_and_order_with_zero_too(self) -> None:
        chart = charts.bars("a", "甲", ("镇", "数"), TOWNS)
        assert chart.table.rows == (("白沙镇", "56"), ("几江街道", "12"), ("四面山镇", "0"))

    def test_a_big_number_is_grouped(self) -> None:
        chart = charts.bars("a", "甲", ("工作", "人数"), [("想在家里做的工作", 1234567)], "人")
        assert [bar.value for bar in chart.bars] == ["1,234,567人"]
        assert chart.table.rows[0][1] == "1,234,567"

    def test_it_says_how_many_there_are_and_where_most(self) -> None:
        assert charts.bars("a", "甲", ("镇", "数"), TOWNS, "人").description == "一共 68人；最多：白沙镇，56人"

    def test_markup_in_a_label_is_text(self) -> None:
        assert "<b>" not in drawn(charts.bars("a", "甲", ("镇", "数"), [("<b>", 1)]))


class TestRates:
    def test_nobody_of_nobody_is_no_rate(self) -> None:
        rows = charts.rates("a", "甲", ("镇", "建档", "人数"), [("白沙镇", 3, 4), ("李市镇", 0, 0)]).table.rows
        assert rows == (("白沙镇", "3", "4", "75.0%"), ("李市镇", "0", "0", "—"))

    def test_a_bar_is_filled_as_far_as_things_have_come_and_outlined_to_the_end(self) -> None:
        chart = charts.rates("a", "甲", ("镇", "建档", "人数"), [("白沙镇", 3, 4), ("李市镇", 0, 0)])
        assert [(bar.filled, bar.whole) for bar in chart.bars] == [(75, True), (0, True)]

    def test_it_says_which_rate_is_the_highest_and_which_the_lowest(self) -> None:
        counts = [("李市镇", 1, 2), ("白沙镇", 3, 4), ("永兴镇", 0, 0), ("德感街道", 1, 4)]
        chart = charts.rates("a", "甲", ("镇", "建档", "人数"), counts)
        assert plain(chart.description) == "最高：白沙镇，3 / 4，75.0%；最低：德感街道，1 / 4，25.0%"

    def test_one_rate_alone_is_said_once(self) -> None:
        chart = charts.rates("a", "甲", ("镇", "建档", "人数"), [("白沙镇", 3, 4), ("永兴镇", 0, 0)])
        assert plain(chart.description) == "最高：白沙镇，3 / 4，75.0%"


class TestFunnel:
    def test_a_step_is_measured_against_the_first(self) -> None:
        rows = charts.funnel("a", "甲", ("步骤", "人数"), [("登记", 80), ("就业", 6)]).table.rows
        assert rows == (("登记", "80", "100.0%"), ("就业", "6", "7.5%"))

    def test_it_says_how_many_began_and_how_many_came_to_the_end(self) -> None:
        chart = charts.funnel("a", "甲", ("步骤", "人数"), [("登记", 80), ("核对", 40), ("就业", 6)], "人")
        assert chart.description == "登记：80人 100.0%；就业：6人 7.5%"


class TestTarget:
    def test_it_says_what_was_reached_and_what_is_missing(self) -> None:
        chart = charts.target("a", "新增就业", 312, 1500, "人")
        assert chart.description == "312人，目标 1,500人，完成 20.8%"
        assert dict(chart.table.rows) == {"已完成": "312", "目标": "1,500", "还差": "1,188", "完成率": "20.8%"}

    def test_nothing_reached_is_drawn_as_an_empty_bar(self) -> None:
        assert emptied(charts.target("a", "新增就业", 0, 1500))

    def test_more_than_the_target_leaves_a_mark_where_it_was_passed(self) -> None:
        chart = charts.target("a", "新增就业", 3000, 1500)
        assert [(bar.filled, bar.mark) for bar in chart.bars] == [(100, 50)]
        mark = tree(chart).find(".//rect[@class='mark']")
        assert mark is not None
        assert mark.get("x") == "50.0%"

    def test_without_a_target_there_is_no_rate(self) -> None:
        assert charts.target("a", "新增就业", 3, 0, "人").description == "3人，没有定目标"
        assert emptied(charts.target("a", "新增就业", 0, 0, "人"))


class TestWeekly:
    def test_the_highest_week_is_as_high_as_the_drawing_allows(self) -> None:
        made = columns([(date(2025, 1, 6), 2), (date(2025, 1, 13), 4)])
        low, high = (box.height for box in made.boxes if box.look == "filled")
        assert high == 2 * low

    def test_the_first_and_the_last_week_are_named(self) -> None:
        assert [(words.text, words.anchor) for words in columns(WEEKS).words[1:]] == [
            ("2025年1月6日", "start"),
            ("2025年5月19日", "end"),
        ]

    def test_nothing_reaches_beyond_the_drawing(self) -> None:
        made = columns(WEEKS)
        for box in made.boxes:
            assert box.x >= 0
            assert box.x + box.width <= 100
            assert box.y >= 0
            assert box.y + box.height <= made.height

    def test_one_week_alone_can_be_drawn(self) -> None:
        assert len(charts.weekly("a", "甲", ("周", "人数"), [(date(2025, 1, 6), 2)]).table.rows) == 1
