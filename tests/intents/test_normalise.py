"""Whatever is typed or dictated has one plain form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intents.libraries import ask_libraries
from intents.normalise import LONGEST, Normaliser, WordFinder

NORMALISE = Normaliser(ask_libraries().simplified, {"啷个": "怎么", "啷个办": "怎么办理", "好久": "什么时候"})


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("坐輪椅開雜貨店，想申請賣菸的牌", "坐轮椅开杂货店 想申请卖烟的牌"),
        ("ＡＢＣ　１２３", "abc 123"),
        ("编制６７人（含）以上？！", "编制67人 含 以上"),
        ("啷个办证", "怎么办理证"),
        ("  空   格\t换\n行  ", "空格换 行"),
        ("我 要　登记", "我要登记"),
        ("app 登记 hr", "app 登记 hr"),
        ("烟\u200b草\u202e证\ufeff", "烟草证"),
        ("哈哈哈哈哈", "哈哈"),
        ("😂😂", ""),
        ("？？？", ""),
        ("\ud83d\ude02好", "好"),
        ("坏\ud800字", "坏 字"),
        ("", ""),
    ],
)
def test_a_text_becomes_plain(typed: str, plain: str) -> None:
    assert NORMALISE(typed) == plain


POLITE = Normaliser({}, {"一哈": "一下"}, ("你好", "请问", "请问一下"), ("谢谢", "谢谢你", "麻烦了"))


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("你好，请问一下，摊位费能减免吗？谢谢", "摊位费能减免吗"),
        ("请问一哈摊位费能减免吗 麻烦了，谢谢你！", "摊位费能减免吗"),
        ("摊位费", "摊位费"),
        ("你好，按摩", "按摩"),
        ("你好", "你好"),
        ("你好，谢谢", "你好 谢谢"),
        ("请问我谢谢", "请问我谢谢"),
        ("谢谢你上次帮我", "谢谢你上次帮我"),
        ("我想问你好不好", "我想问你好不好"),
    ],
)
def test_courtesy_is_left_out_unless_hardly_anything_else_is_said(typed: str, asked: str) -> None:
    assert POLITE(typed) == asked


def test_of_a_long_text_the_beginning_and_the_end_count() -> None:
    plain = NORMALISE("头" + "甲乙" * 50_000 + "尾")
    assert len(plain) <= LONGEST
    assert plain.startswith("头")
    assert plain.endswith("尾")


@given(st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=300))
def test_any_string_has_a_plain_form_that_can_be_encoded(text: str) -> None:
    plain = NORMALISE(text)
    assert plain.encode("utf-8").decode("utf-8") == plain
    assert len(plain) <= LONGEST * 3


@given(st.text(max_size=100))
def test_a_plain_form_without_dialect_stays_as_it_is(text: str) -> None:
    plain = Normaliser({}, {})(text)
    assert Normaliser({}, {})(plain.replace(" ", "，")) == plain


def test_the_longest_word_is_found_first_and_words_do_not_overlap() -> None:
    finder = WordFinder({"按摩": "x", "按摩店": "y", "店面": "z"})
    assert list(finder.find("开按摩店面")) == [(1, "按摩店", "y")]
