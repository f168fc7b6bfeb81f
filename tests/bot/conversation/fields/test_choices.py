"""Choosing by number, by word, by half a word; and saying yes so that nobody can doubt it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.fields.choices import ChoiceOption, Chosen, Unclear, read_choices
from intents.sounds import Sounds

JOBS = (
    ChoiceOption("home", "在家里做的", ("在家", "居家")),
    ChoiceOption("near", "离家近的", ("近", "附近")),
    ChoiceOption("massage", "盲人按摩", ("按摩", "推拿")),
    ChoiceOption("shop", "自己做生意、开店、摆摊", ("开店", "创业")),
    ChoiceOption("any", "什么都可以", ("都可以", "都行", "随便"), alone=True),
)
TWELVE = tuple(
    ChoiceOption(str(number), f"第{letter}样") for number, letter in enumerate("甲乙丙丁戊己庚辛壬癸子丑", 1)
)
SENSES = (
    ChoiceOption("vision", "视力", ("看不见", "眼睛")),
    ChoiceOption("hearing", "听力", ("听不见", "耳朵")),
    ChoiceOption("unsaid", "不想说", ("保密",), alone=True),
)
CERTIFICATE = (ChoiceOption("have", "有", ("有的",)), ChoiceOption("none", "没有", ("没得", "莫得")))
CONSENT = (ChoiceOption("yes", "同意"), ChoiceOption("no", "不同意"))


def _several(text: str, sounds: Sounds | None = None, options: Sequence[ChoiceOption] = JOBS) -> Chosen | Unclear:
    return read_choices(text, options, several=True, sounds=sounds)


@pytest.mark.parametrize(
    "text",
    ["1", "１", "1.", "①", "一", "第一个", "选1", "我选一", "1号", "第一项吧", "1？", "在家里做的", "在家", "居家的"],
)
def test_the_first_by_number_or_word(text: str) -> None:
    assert _several(text) == Chosen(("home",))
    assert read_choices(text, JOBS) == Chosen(("home",))


@pytest.mark.parametrize(
    "text",
    [
        "1 3 4",
        "1、3和4",
        "1,3,4",
        "1.3.4",
        "1-3-4",
        "134",
        "一三四",
        "①③④",
        "第一个、第三个和第四个",
        "1和3，还有4，谢谢你",
        "在家，按摩，开店",
        "除了2都要",
        "除了第二个，其他都要",
        "不要2，其他都要",
        "2不要其他都要",
        "除了附近的都要",
    ],
)
def test_several_at_once(text: str) -> None:
    assert _several(text) == Chosen(("home", "massage", "shop"))


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("按摩或者在家做的都行", ("home", "massage")),
        ("我眼睛不好，想学按摩", ("massage",)),
        ("我35岁想做按摩", ("massage",)),
        ("按摩就算了，开店嘛", ("shop",)),
        ("要1不要2", ("home",)),
        ("近", ("near",)),
        ("做生意", ("shop",)),
        ("推拿", ("massage",)),
        ("前三个", ("home", "near", "massage")),
        ("1到3", ("home", "near", "massage")),
        ("最后一个", ("any",)),
        ("全部", ("home", "near", "massage", "shop")),
        ("都要", ("home", "near", "massage", "shop")),
        ("四个都要", ("home", "near", "massage", "shop")),
        ("都可以", ("any",)),
        ("什么都行", ("any",)),
        ("随便啥子都行", ("any",)),
        ("都不想", ()),
        ("0", ()),
    ],
)
def test_in_a_sentence(text: str, ids: tuple[str, ...]) -> None:
    assert _several(text) == Chosen(ids)


@pytest.mark.parametrize("text", ["按模", "anmo", "an mo", "盲人按磨", "忙人按摩"])
def test_misspelt_words_are_heard(text: str, sounds: Sounds) -> None:
    assert _several(text, sounds) == Chosen(("massage",))


@pytest.mark.parametrize(
    ("text", "unclear"),
    [
        ("6", Unclear(out_of_range=(6,))),
        ("13号", Unclear(out_of_range=(13,))),
        ("1,2,6", Unclear(kept=("home", "near"), out_of_range=(6,))),
        ("136", Unclear(kept=("home", "massage"), out_of_range=(6,))),
        ("在家，按摩，开飞机", Unclear(kept=("home", "massage"), unknown=("开飞机",))),
        ("电商", Unclear(unknown=("电商",))),
        ("三轮车", Unclear(unknown=("三轮车",))),
        ("一样", Unclear(unknown=("一样",))),
        ("不要1", Unclear(refused=("home",))),
        ("不要1和3", Unclear(refused=("home", "massage"))),
        ("不想按摩", Unclear(refused=("massage",))),
        ("按摩要不要钱", Unclear(kept=("massage",), asks=True)),
        ("两个都要", Unclear(possible=("home", "near", "massage", "shop"))),
        ("", Unclear()),
        ("？", Unclear()),
    ],
)
def test_what_is_unclear_keeps_what_was_understood(text: str, unclear: Unclear) -> None:
    assert _several(text) == unclear


@pytest.mark.parametrize(
    ("text", "unclear"),
    [
        ("13", Unclear(out_of_range=(13,))),
        ("1 2", Unclear(possible=("home", "near"))),
        ("按摩和开店", Unclear(possible=("massage", "shop"))),
        ("都不要", Unclear(none=True)),
        ("0", Unclear(none=True)),
        ("不要2", Unclear(refused=("near",))),
    ],
)
def test_where_only_one_may_be_chosen(text: str, unclear: Unclear) -> None:
    assert read_choices(text, JOBS) == unclear


def test_where_only_one_may_be_chosen_the_other_half_of_a_refusal_counts() -> None:
    assert read_choices("不要按摩，开店", JOBS) == Chosen(("shop",))
    assert _several("不要按摩，开店") == Unclear(refused=("massage", "shop"))


@pytest.mark.parametrize(
    ("text", "ids"),
    [("12", ("12",)), ("十一", ("11",)), ("1 12", ("1", "12")), ("135", ("1", "3", "5")), ("十", ("10",))],
)
def test_in_a_longer_list_two_digits_are_one_number(text: str, ids: tuple[str, ...]) -> None:
    assert _several(text, options=TWELVE) == Chosen(ids)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("视力不好", ("vision",)),
        ("眼睛看不见", ("vision",)),
        ("眼睛和耳朵", ("vision", "hearing")),
        ("不想说", ("unsaid",)),
        ("全部", ("vision", "hearing")),
    ],
)
def test_a_not_within_the_word_refuses_nothing(text: str, ids: tuple[str, ...]) -> None:
    assert _several(text, options=SENSES) == Chosen(ids)


@pytest.mark.parametrize(
    ("text", "id"), [("有", "have"), ("我有的", "have"), ("没有", "none"), ("我没得", "none"), ("莫得", "none")]
)
def test_have_and_have_not(text: str, id: str) -> None:
    assert read_choices(text, CERTIFICATE) == Chosen((id,))


@pytest.mark.parametrize(
    "text",
    [
        *[
            "1",
            "１",
            "一",
            "第一个",
            "1。",
            "同意",
            "我同意",
            "同意！",
            "同意，同意",
            "同意 1",
            "1同意",
            "我是同意的",
            "我愿意",
        ],
        *[
            "好",
            "好的",
            "好好好",
            "好嘛",
            "要得",
            "要得嘛",
            "可以",
            "行",
            "得行",
            "嗯",
            "嗯，同意",
            "是的",
            "对",
            "OK",
            "没问题",
        ],
    ],
)
def test_a_clear_yes(text: str) -> None:
    assert read_choices(text, CONSENT, strict=True) == Chosen(("yes",))


@pytest.mark.parametrize(
    "text",
    [
        *[
            "2",
            "二",
            "2。",
            "不同意",
            "我不同意",
            "不",
            "不行",
            "不得行",
            "不要",
            "不可以",
            "不好",
            "算了",
            "莫得",
            "不愿意",
        ],
        "no",
    ],
)
def test_a_clear_no(text: str) -> None:
    assert read_choices(text, CONSENT, strict=True) == Chosen(("no",))


@pytest.mark.parametrize(
    "text",
    [
        *[
            "",
            "？",
            "3",
            "12",
            "随便",
            "都行",
            "好像不行",
            "好烦",
            "好不",
            "嗯？",
            "同意？",
            "同意吗",
            "可以不同意吗",
            "哪个同意",
        ],
        *[
            "不是很同意",
            "不太同意",
            "不怎么同意",
            "同意个铲铲",
            "同意才怪",
            "不同意才怪",
            "同意但是不要打电话",
            "同意不同意都行",
        ],
        *[
            "不，同意",
            "不 同意",
            "1不同意",
            "行不行",
            "好不好",
            "要不要得",
            "没有不同意",
            "不是不同意",
            "不反对",
            "我不是不愿意",
        ],
        *["统一", "铜意", "tongyi", "13812345678", "同意\u200b个铲铲", "假装同意", "他们同意我不同意"],
    ],
)
def test_everything_else_is_asked_again(text: str, sounds: Sounds) -> None:
    assert isinstance(read_choices(text, CONSENT, strict=True, sounds=sounds), Unclear)


@pytest.mark.parametrize("text", ["不是很同意", "我不同意", "同意个铲铲", "同意不同意都行"])
def test_a_no_is_never_a_yes_even_where_it_need_not_be_clear(text: str) -> None:
    assert read_choices(text, CONSENT) != Chosen(("yes",))


@given(
    st.text() | st.text(alphabet="1234567890一二三不要都除了全部按摩在家开店近,，和 第个选", max_size=20), st.booleans()
)
def test_any_text_is_chosen_from_the_list_or_unclear(text: str, several: bool) -> None:
    read = read_choices(text, JOBS, several)
    if isinstance(read, Chosen):
        assert set(read.ids) <= {option.id for option in JOBS}
        assert several or len(read.ids) == 1


@given(
    st.text(alphabet="不没莫别未非", min_size=1, max_size=3),
    st.sampled_from(["同意", "可以", "行", "好", "愿意", "要得", "要"]),
)
def test_a_negated_yes_is_never_a_yes(negation: str, word: str) -> None:
    assert read_choices(negation + word, CONSENT, strict=True) != Chosen(("yes",))


@given(st.sets(st.integers(1, 5), min_size=1), st.sampled_from([" ", "、", ",", "，", "和", "", "\n"]))
def test_numbers_joined_in_any_way(numbers: set[int], joint: str) -> None:
    ids = tuple(option.id for number, option in enumerate(JOBS, 1) if number in numbers)
    assert _several(joint.join(map(str, sorted(numbers)))) == Chosen(ids)
