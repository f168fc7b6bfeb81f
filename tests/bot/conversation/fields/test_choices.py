"""Choosing by number, by word, by half a word; and saying yes so that nobody can doubt it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import assume, given
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
CONTACT = (
    ChoiceOption("call", "打电话", ("电话", "通话")),
    ChoiceOption("sms", "发短信", ("短信", "信息", "文字")),
    ChoiceOption("proxy", "找帮我接电话的人", ("代接", "帮我接", "我妈接")),
)
CATEGORIES = (
    ChoiceOption("vision", "视力", ("视力残疾", "看不见", "眼睛", "盲")),
    ChoiceOption("hearing", "听力", ("听力残疾", "听不见", "耳朵", "聋", "聋子")),
    ChoiceOption("speech", "言语", ("说不了话", "说话", "哑")),
    ChoiceOption("physical", "肢体", ("手脚", "腿", "脚", "手", "腿不好")),
)
WORK = (
    ChoiceOption("home", "在家里做的", ("在家", "家里", "手工")),
    ChoiceOption("massage", "盲人按摩", ("按摩",)),
    ChoiceOption("shop", "开店", ()),
    ChoiceOption("factory", "厂里、车间", ("厂", "进厂")),
    ChoiceOption("guard", "保洁、保安", ()),
)
WHOM = (
    ChoiceOption("self", "我自己", ("自己", "本人", "我")),
    ChoiceOption("other", "帮别人", ("别人", "弟弟", "老公", "妈妈")),
)
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
        ("13", Unclear(out_of_range=(13,))),
        ("选13", Unclear(out_of_range=(13,))),
        ("1、13", Unclear(kept=("home",), out_of_range=(13,))),
        ("1,2,6", Unclear(kept=("home", "near"), out_of_range=(6,))),
        ("136", Unclear(kept=("home", "massage"), out_of_range=(6,))),
        ("在家，按摩，开飞机", Unclear(kept=("home", "massage"), unknown=("开飞机",))),
        ("电商", Unclear(unknown=("电商",))),
        ("三轮车", Unclear(unknown=("三轮车",))),
        ("一样", Unclear(unknown=("一样",))),
        ("不要1", Unclear(refused=("home",))),
        ("不要1和3", Unclear(refused=("home", "massage"))),
        ("不想按摩", Unclear(refused=("massage",))),
        ("按摩要不要钱", Unclear(possible=("massage",), asks=True)),
        ("在家，按摩要不要钱？", Unclear(possible=("home", "massage"), asks=True)),
        ("什么都可以，就是不要按摩", Unclear(possible=("any",), refused=("massage",))),
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
        *["电话听不到", "听不到电话", "接不了电话", "电话不方便接", "白天上班打电话接不到", "电话太吵了", "怕打电话"],
        *["打电话，我听不到", "电话里听不清", "没有电话", "电话没电", "晚上别打电话", "不太会打电话", "以前打电话"],
        *["别给我打电话", "打电话不得行", "电话搞不来", "电话就算了", "莫打电话"],
    ],
)
def test_a_telephone_that_is_no_use_is_not_chosen(text: str) -> None:
    assert read_choices(text, CONTACT) == Unclear(refused=("call",))


@pytest.mark.parametrize("text", ["短信我看不见", "看不见短信", "短信看不懂", "不会用短信"])
def test_neither_are_short_messages(text: str) -> None:
    assert read_choices(text, CONTACT) == Unclear(refused=("sms",))


@pytest.mark.parametrize("text", ["电话，不要", "短信，看不清", "打电话，太吵了", "电话，接不到"])
def test_a_denial_behind_a_comma_counts(text: str) -> None:
    read = read_choices(text, CONTACT)
    assert isinstance(read, Unclear)
    assert not read.kept
    assert read.refused


@pytest.mark.parametrize("text", ["打我老婆的电话", "打我妈电话", "打电话给我儿子", "电话打给我妈", "打电话找我妈"])
def test_somebody_elses_telephone_is_asked_about(text: str) -> None:
    assert read_choices(text, CONTACT) == Unclear(possible=("call",))


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("发短信，我听不到", "sms"),
        ("发短信吧我听不见", "sms"),
        ("耳朵听不到发短信", "sms"),
        ("我听不见电话，发短信", "sms"),
        ("电话听不到，发短信", "sms"),
        ("电话听不到短信可以", "sms"),
        ("电话不方便短信可以", "sms"),
        ("发短信不要打电话", "sms"),
        ("发短信别给我打电话", "sms"),
        ("以前打电话，现在发短信", "sms"),
        ("特别想要发短信", "sms"),
        ("打电话吧，短信看不清", "call"),
        ("我看不见打电话", "call"),
        ("电话可以，短信看不到", "call"),
        ("不过还是打电话好", "call"),
        ("打电话没问题", "call"),
    ],
)
def test_what_is_wanted_instead_is_chosen(text: str, id: str) -> None:
    assert read_choices(text, CONTACT) == Chosen((id,))


@pytest.mark.parametrize("text", ["没有证", "没有残疾证", "我还没得残疾证"])
def test_a_certificate_one_has_not_is_none(text: str) -> None:
    options = (ChoiceOption("have", "有", ("有的", "有证", "有残疾证", "残疾证")), *CERTIFICATE[1:])
    assert read_choices(text, options) != Chosen(("have",))


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("我说话没问题就是腿不行", ("physical",)),
        ("眼睛没问题，耳朵聋", ("hearing",)),
        ("手没问题脚不行", ("physical",)),
        ("我耳朵听得到，就是说不了话", ("speech",)),
        ("不是视力是听力", ("hearing",)),
        ("腿不行", ("physical",)),
        ("腿脚不方便", ("physical",)),
        ("我腿断了", ("physical",)),
        ("眼睛不好", ("vision",)),
        ("耳朵不行", ("hearing",)),
        ("没有视力", ("vision",)),
        ("说话不清楚", ("speech",)),
        ("眼睛不好，耳朵也不好", ("vision", "hearing")),
        ("耳朵听不见，不会说话", ("hearing", "speech")),
    ],
)
def test_of_organs_those_that_do_not_work_are_meant(text: str, ids: tuple[str, ...]) -> None:
    assert _several(text, options=CATEGORIES) == Chosen(ids)


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("听力没问题", ("hearing",)),
        ("眼睛和耳朵都没问题", ("vision", "hearing")),
        ("我不是聋子", ("hearing",)),
        ("眼睛还好", ("vision",)),
        ("耳朵好的", ("hearing",)),
    ],
)
def test_an_organ_that_works_is_no_category(text: str, refused: tuple[str, ...]) -> None:
    assert _several(text, options=CATEGORIES) == Unclear(refused=refused)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("我做不了按摩，想在家", ("home",)),
        ("做不了按摩想在家", ("home",)),
        ("厂里太累，想做保安", ("guard",)),
        ("厂里太累想做保安", ("guard",)),
        ("以前在厂里，现在想开店", ("shop",)),
        ("以前在厂里现在想开店", ("shop",)),
        ("搞不来按摩，开店可以", ("shop",)),
        ("特别想开店", ("shop",)),
        ("不要按摩，开店就行", ("shop",)),
        ("眼睛不好想学按摩", ("massage",)),
    ],
)
def test_what_one_did_or_cannot_do_is_not_wanted(text: str, ids: tuple[str, ...]) -> None:
    assert _several(text, options=WORK) == Chosen(ids)


@pytest.mark.parametrize(
    ("text", "unclear"),
    [
        ("我手不行，别叫我做手工", Unclear(refused=("home",))),
        ("按摩，我做不了", Unclear(refused=("massage",))),
        ("厂里我去不了", Unclear(refused=("factory",))),
        ("只要不进厂就行", Unclear(refused=("factory",))),
        ("按摩就是不想做", Unclear(refused=("massage",))),
        ("我当过保安", Unclear(refused=("guard",))),
        ("我家里有老人要照顾", Unclear(possible=("home",))),
        ("不会开店", Unclear(refused=("shop",))),
        ("按摩能赚多少钱", Unclear(possible=("massage",), asks=True)),
        ("保安怎么申请", Unclear(possible=("guard",), asks=True)),
        ("开店要不要交钱", Unclear(possible=("shop",), asks=True)),
        ("按摩要钱吗", Unclear(possible=("massage",), asks=True)),
        ("有没有按摩班", Unclear(possible=("massage",), asks=True)),
        ("按摩好学不", Unclear(possible=("massage",), asks=True)),
        ("开店难不难", Unclear(possible=("shop",), asks=True)),
        ("我想问按摩", Unclear(possible=("massage",), asks=True)),
        ("保安工资好多", Unclear(possible=("guard",), asks=True)),
    ],
)
def test_refusals_and_questions_choose_nothing(text: str, unclear: Unclear) -> None:
    assert _several(text, options=WORK) == unclear


@pytest.mark.parametrize("text", ["我自己和我弟弟", "我和我弟弟", "我跟我老公", "我们两个人", "我们两个", "我们"])
def test_two_persons_are_neither_one(text: str) -> None:
    assert isinstance(read_choices(text, WHOM), Unclear)


@pytest.mark.parametrize(("text", "id"), [("我", "self"), ("我自己", "self"), ("帮我弟弟", "other"), ("弟弟", "other")])
def test_one_person_is(text: str, id: str) -> None:
    assert read_choices(text, WHOM) == Chosen((id,))


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
            "嗯，同意",
            "嗯嗯好的",
            "哦好",
            "是的",
            "对",
            "OK",
            "没问题",
        ],
        *["嗯呐", "同意 我", "我 同意", "可以 记", "记 可以"],
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
        *["莫记", "别登记", "我屋头人不同意", "他不同意", "我老婆不愿意"],
        "嗯，不",
        "哦，不同意",
    ],
)
def test_a_clear_no(text: str) -> None:
    assert read_choices(text, CONSENT, strict=True) == Chosen(("no",))


@pytest.mark.parametrize(
    "text",
    [
        *[
            "",
            *["嗯", "嗯嗯", "嗯。", "嗯！嗯", "哦", "啊", "哦哦", "嗯哦", "呃", "恩", "哈"],
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
        *[
            "他同意",
            "她愿意",
            "他可以",
            "我屋头人同意",
            "我老婆愿意",
            "可以是可以",
            "同意是同意",
            "好是好",
            "我",
            "记 我",
        ],
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
    assume(joint or len(numbers) != 2)
    ids = tuple(option.id for number, option in enumerate(JOBS, 1) if number in numbers)
    assert _several(joint.join(map(str, sorted(numbers)))) == Chosen(ids)
