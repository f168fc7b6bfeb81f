"""Charts: what is drawn, what is said, and the table beside it."""

from __future__ import annotations

import re
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from jinja2 import Environment, PackageLoader, StrictUndefined

from bot.staff import charts
from bot.staff.charts import Chart, Row

TOWNS = [("白沙镇", 56), ("几江街道", 12), ("四面山镇", 0)]
LONG = "有人带着、慢慢做的（辅助性就业），在渝馨家园或者托养机构里"
WEEKS = [(date(2025, 1, 6) + timedelta(weeks=place), place * 3) for place in range(20)]

ALL = [
    charts.bars("towns", "各镇街登记", ("镇街", "人数"), TOWNS, "人"),
    charts.stacked("four", "四个一", ("镇街", "已做", "没做"), [Row("白沙镇", (3, 4)), Row("几江街道", (0, 2))], "人"),
    charts.rates("rates", "大学生", ("镇街", "建档", "人数"), [("白沙镇", 3, 4), ("几江街道", 0, 0)]),
    charts.funnel("way", "办到哪一步", ("步骤", "人数"), [("登记", 80), ("核对", 40), ("就业", 7)], "人"),
    charts.target("target", "新增就业", 312, 1500, "人"),
    charts.weekly("weeks", "每周登记", ("周", "人数"), WEEKS, "人"),
]
EMPTY = [
    charts.bars("towns", "各镇街登记", ("镇街", "人数"), [("白沙镇", 0)], "人"),
    charts.bars("none", "各镇街登记", ("镇街", "人数"), [], "人"),
    charts.stacked("four", "四个一", ("镇街", "已做", "没做"), [Row("白沙镇", (0, 0))]),
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


@pytest.fixture(params=ALL, ids=lambda chart: chart.id)
def chart(request: pytest.FixtureRequest) -> Chart:
    assert isinstance(request.param, Chart)
    return request.param


class TestAll:
    def test_every_number_in_the_drawing_stands_in_the_table(self, chart: Chart) -> None:
        cells = {cell for row in chart.table.rows for cell in row}
        dates = {found for row in chart.table.rows for found in numbers([row[0]])}
        assert set(numbers([words.text for words in chart.words])) <= cells | dates

    def test_it_is_an_image_with_a_name_and_a_description(self, chart: Chart) -> None:
        image = tree(chart).find(".//svg[@role='img']")
        assert image is not None
        named = {each.get("id"): each.text for each in image}
        assert named[image.get("aria-labelledby")] == chart.title
        assert named[image.get("aria-describedby")] == chart.description != ""

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

    def test_nothing_reaches_beyond_the_drawing(self, chart: Chart) -> None:
        for box in chart.boxes:
            assert box.x >= 0
            assert box.x + box.width <= 100.5
            assert box.y >= 0
            assert box.y + box.height <= chart.height

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
        assert [box.width for box in chart.boxes] == [100, 50]

    def test_the_table_keeps_rows_and_order_with_zero_too(self) -> None:
        chart = charts.bars("a", "甲", ("镇", "数"), TOWNS)
        assert chart.table.rows == (("白沙镇", "56"), ("几江街道", "12"), ("四面山镇", "0"))

    def test_a_long_label_is_broken_into_lines_and_kept_whole_in_the_table(self) -> None:
        chart = charts.bars("a", "甲", ("工作", "人数"), [(LONG, 7)], "人")
        assert len(chart.words) > 2
        assert "".join(words.text for words in chart.words).replace(" ", "") == f"{LONG}7人"
        assert chart.table.rows[0][0] == LONG

    def test_a_big_number_is_grouped_and_not_broken(self) -> None:
        chart = charts.bars("a", "甲", ("工作", "人数"), [("想在家里做的工作", 1234567)], "人")
        assert "1,234,567人" in [words.text for words in chart.words]
        assert chart.table.rows[0][1] == "1,234,567"

    def test_no_line_begins_with_what_closes_or_ends_with_what_opens(self) -> None:
        lines = [words.text for words in charts.bars("a", "甲", ("工作", "人数"), [(LONG, 7)]).words]
        assert not [line for line in lines if line[0] in "，。、）" or line[-1] in "（“"]

    def test_it_says_how_many_there_are_and_where_most(self) -> None:
        assert charts.bars("a", "甲", ("镇", "数"), TOWNS, "人").description == "一共 68人；最多：白沙镇，56人"

    def test_markup_in_a_label_is_text(self) -> None:
        assert "<b>" not in drawn(charts.bars("a", "甲", ("镇", "数"), [("<b>", 1)]))


class TestStacked:
    def test_parts_stand_one_behind_the_other(self) -> None:
        chart = charts.stacked("a", "甲", ("镇", "做了", "没做"), [Row("白沙镇", (3, 1)), Row("李市镇", (0, 2))])
        assert [(box.x, box.width, box.look) for box in chart.boxes] == [
            (0, 75, "series-1"),
            (75, 25, "series-2"),
            (0, 50, "series-2"),
        ]

    def test_the_table_has_a_column_for_each_part_and_all_together(self) -> None:
        table = charts.stacked("a", "甲", ("镇", "做了", "没做"), [Row("白沙镇", (3, 1))]).table
        assert (table.head, table.rows) == (("镇", "做了", "没做", "合计"), (("白沙镇", "3", "1", "4"),))

    def test_parts_differ_by_pattern_too(self) -> None:
        made = drawn(charts.stacked("a", "甲", ("镇", "甲", "乙", "丙"), [Row("白沙镇", (1, 1, 1))]))
        assert 'fill="url(#a-2)"' in made
        assert 'fill="url(#a-3)"' in made

    def test_more_parts_than_can_be_told_apart_are_refused(self) -> None:
        with pytest.raises(ValueError, match="four"):
            charts.stacked("a", "甲", ("镇", *"一二三四五"), [Row("白沙镇", (1,) * 5)])


class TestRates:
    def test_nobody_of_nobody_is_no_rate(self) -> None:
        rows = charts.rates("a", "甲", ("镇", "建档", "人数"), [("白沙镇", 3, 4), ("李市镇", 0, 0)]).table.rows
        assert rows == (("白沙镇", "3", "4", "75.0%"), ("李市镇", "0", "0", "—"))

    def test_it_tells_every_rate_in_words(self) -> None:
        chart = charts.rates("a", "甲", ("镇", "建档", "人数"), [("白沙镇", 3, 4), ("李市镇", 1, 2)])
        assert chart.description == "白沙镇：3 / 4，75.0%；李市镇：1 / 2，50.0%"


class TestFunnel:
    def test_a_step_is_measured_against_the_first(self) -> None:
        rows = charts.funnel("a", "甲", ("步骤", "人数"), [("登记", 80), ("就业", 6)]).table.rows
        assert rows == (("登记", "80", "100.0%"), ("就业", "6", "7.5%"))


class TestTarget:
    def test_it_says_what_was_reached_and_what_is_missing(self) -> None:
        chart = charts.target("a", "新增就业", 312, 1500, "人")
        assert chart.description == "312人，目标 1,500人，完成 20.8%"
        assert dict(chart.table.rows) == {"已完成": "312", "目标": "1,500", "还差": "1,188", "完成率": "20.8%"}

    def test_nothing_reached_is_drawn_as_an_empty_bar(self) -> None:
        assert [box.look for box in charts.target("a", "新增就业", 0, 1500).boxes] == ["rest"]

    def test_more_than_the_target_leaves_a_mark_where_it_was_passed(self) -> None:
        boxes = charts.target("a", "新增就业", 3000, 1500).boxes
        assert [(box.look, box.x) for box in boxes] == [("series-1", 0), ("mark", 50)]

    def test_without_a_target_there_is_no_rate(self) -> None:
        assert charts.target("a", "新增就业", 3, 0, "人").description == "3人，没有定目标"
        assert [box.look for box in charts.target("a", "新增就业", 0, 0, "人").boxes] == ["rest"]


class TestWeekly:
    def test_the_highest_week_is_as_high_as_the_drawing_allows(self) -> None:
        chart = charts.weekly("a", "甲", ("周", "人数"), [(date(2025, 1, 6), 2), (date(2025, 1, 13), 4)])
        low, high = (box.height for box in chart.boxes if box.look == "series-1")
        assert high == 2 * low

    def test_the_first_and_the_last_week_are_named(self) -> None:
        chart = charts.weekly("a", "甲", ("周", "人数"), WEEKS, "人")
        assert [(words.text, words.anchor) for words in chart.words[1:]] == [
            ("2025年1月6日", "start"),
            ("2025年5月19日", "end"),
        ]

    def test_one_week_alone_can_be_drawn(self) -> None:
        assert len(charts.weekly("a", "甲", ("周", "人数"), [(date(2025, 1, 6), 2)]).table.rows) == 1
