"""Ages as people say them, grouped by the band they fall in."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.fields.age import Band, read_age, says_only_age

TODAY = date(2026, 11, 20)
BANDS: tuple[Band, ...] = (
    ("under16", 0, 15),
    ("16-29", 16, 29),
    ("30-39", 30, 39),
    ("40-49", 40, 49),
    ("50-59", 50, 59),
    ("60plus", 60, None),
)


@pytest.mark.parametrize(
    ("band", "texts"),
    [
        ("under16", ["14岁", "我儿子14岁", "不满16岁", "2015年出生", "娃儿5岁"]),
        ("16-29", ["十六", "满十八", "零五年的", "16到29岁", "二十出头", "二十几岁"]),
        (
            "30-39",
            [
                "35",
                "３５",
                "35岁",
                "三十五",
                "三十五岁了",
                "三五",
                "三十多",
                "快40",
                "三十四五岁",
                "我三十五，娃儿五岁",
                "娃儿12岁，我38",
                "十五岁就出来打工，现在三十六了",
                "15岁残疾的，今年37",
                "不是15，是35",
            ],
        ),
        ("30-39", ["1990", "1990年生", "1990年5月", "九零年的", "一九九〇年", "90年"]),
        ("40-49", ["我今年四十二", "四十出头", "四十好几", "85年的", "四十五六"]),
        ("50-59", ["今年50了", "快六十了", "奔六十的人", "五十九", "今年55周岁", "虚岁五十六"]),
        ("60plus", ["七十三", "60岁以上", "六十好几", "一百零二岁", "1962-03-04", "19620304"]),
    ],
)
def test_the_band_that_is_meant(band: str, texts: list[str]) -> None:
    assert {text: read_age(text, BANDS, TODAY) for text in texts} == dict.fromkeys(texts, band)


@pytest.mark.parametrize("text", ["十五", "15岁", "我今年才14", "还没满16岁", "2015年出生"])
def test_what_speaks_of_nothing_but_an_age(text: str) -> None:
    assert says_only_age(text)


@pytest.mark.parametrize("text", ["娃15岁", "跟他一样，十五岁", "我15岁想死", ""])
def test_what_speaks_of_more_than_an_age(text: str) -> None:
    assert not says_only_age(text)


@pytest.mark.parametrize("text", ["", "不晓得", "2", "三", "300", "工作20年", "20年经验", "我属马"])
def test_what_is_no_age(text: str) -> None:
    assert read_age(text, BANDS, TODAY) is None


@pytest.mark.parametrize("text", ["四五十", "五十左右", "大概40岁", "2010年出生", "八零后", "她妈40，娃5岁"])
def test_what_could_be_two_bands_is_asked(text: str) -> None:
    assert read_age(text, BANDS, TODAY) is None


def test_a_minor_needs_one_band_to_fall_in() -> None:
    assert read_age("未成年", (("minor", 0, 17), ("adult", 18, None)), TODAY) == "minor"
    assert read_age("未成年", BANDS, TODAY) is None


@given(st.integers(10, 120))
def test_every_age_falls_in_its_band(age: int) -> None:
    low_and_high = {id: (low, high or 120) for id, low, high in BANDS}
    band = read_age(f"{age}岁", BANDS, TODAY)
    assert band is not None
    assert low_and_high[band][0] <= age <= low_and_high[band][1]


@given(st.text() | st.text(alphabet="0123456789一二三十百零岁年月生的多快不满到-多后", max_size=12))
def test_any_text_is_a_band_or_none(text: str) -> None:
    assert read_age(text, BANDS, TODAY) in {None, *(id for id, _, _ in BANDS)}
