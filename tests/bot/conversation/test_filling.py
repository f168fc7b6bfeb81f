"""Registering, as people do it: step by step, with detours, mistakes and second thoughts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.conversation.assistant import Assistant
from bot.conversation.filling import Filling
from bot.conversation.forms import load_form
from bot.conversation.reading_answers import Tools
from bot.conversation.receipts import is_receipt, shown
from bot.conversation.registration import Registration
from bot.conversation.wording import say
from intents import Reading
from knowledge import Knowledge
from tests.bot.conversation.conftest import OFFICE, READINGS, Person

FOR_ONESELF = [
    "我要登记",
    "同意",
    "我自己",
    "42岁",
    "同意记",
    "我叫王建国",
    "打电话",
    "138 1234 5678",
    "白沙",
    "按摩或者在家里做的",
    "视力",
    "有",
    "有人陪着",
    "初中",
    "按摩",
    "下午接电话方便",
]
FOR_ANOTHER = ["同意", "帮别人", "我是他妈妈", "他同意", *FOR_ONESELF[3:]]


def registered(person: Person) -> Registration:
    person.says(*FOR_ONESELF, "提交")
    return person.state.registrations[-1]


def at_step(person: Person, label: str) -> Person:
    """Go through the form until the step with this label is asked."""
    for text in FOR_ONESELF:
        person.says(text)
        if label in person.heard.split("步：")[-1].splitlines()[0]:
            return person
    raise AssertionError(label)


def test_consent_comes_first_and_says_who_what_for_how_long_and_the_rights(person: Person) -> None:
    text = person.says("我要登记")
    for words in (OFFICE.name, "帮您找工作", "2年", "180天", "我的登记", "身份证号", "不同意也没关系", "歧视"):
        assert words in text
    assert "第1步，共" in text
    assert person.lines[-2:] == ["1. 同意", "2. 不同意"]


def test_a_whole_registration_by_text(person: Person) -> None:
    registration = registered(person)
    assert registration.answers == {
        "consent": "yes",
        "category_consent": "yes",
        "whom": "self",
        "age": "40-49",
        "name": "王建国",
        "phone": "+8613812345678",
        "contact_way": "call",
        "town": "白沙镇",
        "wanted": ("home", "blind-massage"),
        "categories": ("vision",),
        "certificate": "have",
        "education": "junior",
        "training": ("massage",),
        "help": ("companion",),
        "more": "下午接电话方便",
    }
    assert is_receipt(registration.receipt)
    assert shown(registration.receipt) in person.heard
    assert "3月9日以前" in person.heard
    assert person.state.draft is None


def test_the_receipt_names_the_number_of_the_office_where_it_is_known(tiny: Knowledge, tools: Tools) -> None:
    titles = {key: entry.title for key, entry in tiny.entries()}
    office = replace(OFFICE, phone="023-47521234")
    person = Person(
        Assistant(tiny, lambda _: Reading("none"), Filling(load_form("jobseeker"), office, tools, titles.get))
    )
    registered(person)
    assert "找某残联（打023-47521234），报这个号" in person.heard


def test_the_receipt_names_no_number_that_is_not_known(person: Person) -> None:
    registered(person)
    assert "找某残联，报这个号" in person.heard


def test_the_version_of_the_text_agreed_to_is_kept(person: Person) -> None:
    consents = {consent.kind: consent for consent in registered(person).consents}
    assert consents["consent"].agreed
    assert consents["category_consent"].agreed
    assert consents["consent"].version == "2026-11"
    assert consents["consent"].at == person.at


def test_a_whole_registration_by_buttons_but_for_what_must_be_typed(person_abroad: Person) -> None:
    person = person_abroad
    person.says("我要登记")
    for label in ("同意", "同意", "我自己", "18到29岁", "不同意记"):
        person.presses(label)
    person.says("小李")
    person.presses("发短信")
    assert person.replies[-1].asks_phone
    person.sends(phone="+86 138 1234 5678")
    person.says("珞璜")
    for label in ("在家里做的", "盲人按摩", "选好了", "小学", "跳过这一步", "跳过这一步", "都对，提交"):
        person.presses(label)
    (registration,) = person.state.registrations
    assert registration.answers["wanted"] == ("home", "blind-massage")
    assert registration.answers["contact_way"] == "sms"
    assert not {"categories", "certificate", "help", "training"} & set(registration.answers)


def test_whoever_is_reached_by_messages_here_needs_no_phone(person_abroad: Person) -> None:
    person_abroad.says("我要登记", "同意", "同意", "我自己", "42", "不同意", "小李", "在这里发消息", "跳过")
    assert "住在哪个镇" in person_abroad.heard


def test_not_agreeing_leaves_nothing_and_all_answers_open(person: Person) -> None:
    assert person.says("我要登记", "不同意") == say("declined", contact=OFFICE.contact)
    assert person.state.draft is None
    assert "少收摊位费" in person.says("摊位费")


@pytest.mark.parametrize("words", ["不是很同意", "我不同意", "再想想", "同意个铲铲", "随便", "你猜", "按摩"])
def test_only_a_clear_yes_is_consent(person: Person, words: str) -> None:
    person.says("我要登记", words)
    assert person.state.draft is None or "consent" not in person.state.draft.answers


@pytest.mark.parametrize("words", ["我看了，同意", "没问题我同意", "同意的，你接着问吧"])
def test_a_clear_yes_may_have_other_words_around_it(person: Person, words: str) -> None:
    assert "给谁登记" in person.says("我要登记", words)


def test_what_somebody_else_answered_when_asked_is_their_agreement(person: Person) -> None:
    assert "多大年纪" in person.says("我要登记", "同意", "帮别人", "我是他妈妈", "我问过他了，他说可以")


def test_refusing_the_category_does_not_cost_the_registration(person: Person) -> None:
    person.says("我要登记", "同意", "我自己", "满16岁", "不同意", "小李", "短信", "13812345678", "白沙", "都可以")
    assert "读书读到哪里" in person.heard


@pytest.mark.parametrize("words", ["跳过", "不想说", "不记", "不愿意说"])
def test_passing_over_the_category_consent_is_refusing_it(person: Person, words: str) -> None:
    person.says("我要登记", "同意", "我自己", "42", words)
    assert person.state.draft is not None
    assert person.state.draft.answers["category_consent"] == "no"


def test_no_consent_is_pressed_for(person: Person) -> None:
    assert person.says("我要登记", "跳过").startswith(say("must_agree"))


def test_servers_abroad_are_agreed_to_separately(person_abroad: Person) -> None:
    text = person_abroad.says("我要登记", "同意")
    assert "您用的是 Telegram，它的服务器在国外" in text
    assert person_abroad.says("不同意").startswith("好的，不在这里登记")
    assert person_abroad.state.draft is None


def test_for_somebody_else_the_relation_and_their_agreement_are_asked(person: Person) -> None:
    person.says("我要登记", "同意", "帮别人")
    assert "什么人" in person.heard
    assert "他同意登记吗" in person.says("我是他妈妈")
    assert "他多大年纪" in person.says("他同意")
    assert "他（或者监护人）同意记吗" in person.says("20岁")


def test_ones_own_consent_is_not_the_other_persons(person: Person) -> None:
    person.says("我要登记", "同意", "帮别人", "我是他妈妈", "我同意")
    assert person.state.draft is not None
    assert "agreement" not in person.state.draft.answers
    person.says("我是他的法定监护人，我同意")
    assert person.state.draft.answers["agreement"] == "guardian"
    assert person.state.draft.consents[-1].agreed


def test_without_their_agreement_nothing_is_kept(person: Person) -> None:
    assert person.says("我要登记", "同意", "帮别人", "我是他爸爸", "还没有问") == say("ask_first")
    assert person.state.draft is None


@pytest.mark.parametrize("age", ["不满16岁", "14岁", "十五", "1"])
def test_under_sixteen_is_explained_and_nothing_is_kept(person: Person, age: str) -> None:
    text = person.says("我要登记", "同意", "我自己", age)
    assert text.startswith(say("too_young"))
    assert person.state.draft is None
    assert person.state.registrations == ()


def test_one_age_among_other_words_ends_nothing_without_asking(person: Person) -> None:
    person.says("我要登记", "同意", "我自己")
    assert say("age_unsure") in person.says("跟我姐一样，十五岁")
    assert person.state.draft is not None
    assert say("too_young") not in person.says("不对")
    assert say("age_unsure") in person.says("跟我姐一样，十五岁")
    assert person.says("对").startswith(say("too_young"))


@pytest.mark.parametrize("words", ["满16岁", "不想说", "跳过"])
def test_the_age_itself_need_not_be_told(person: Person, words: str) -> None:
    person.says("我要登记", "同意", "我自己", words)
    assert person.state.draft is not None
    assert person.state.draft.answers["age"] == "16plus"


def test_every_step_says_where_it_is(person: Person) -> None:
    person.says("我要登记", "同意")
    assert "第2步，共" in person.heard


def test_the_number_of_steps_is_said_to_be_a_guess_until_no_answer_can_change_it(person: Person) -> None:
    assert "第1步，共大约15步" in person.says("我要登记")
    person.says("同意", "我自己", "42", "同意记", "王建国")
    assert "第6步，共大约15步" in person.heard
    assert "第7步，共15步" in person.says("打电话")


def test_the_number_of_steps_does_not_grow_with_the_consent_that_is_asked_for_apart(person: Person) -> None:
    person.says("我要登记", "同意", "我自己", "42")
    assert "共大约15步" in person.heard
    assert "共大约12步" in person.says("不同意")


def test_going_back_shows_what_was_answered_and_lets_it_be_changed(person: Person) -> None:
    at_step(person, "怎么联系您")
    assert "现在填的是：王建国" in person.says("返回")
    assert "怎么联系您" in person.says("王建军")
    assert person.state.draft is not None
    assert person.state.draft.answers["name"] == "王建军"


def test_going_back_at_the_first_step_says_so(person: Person) -> None:
    assert person.says("我要登记", "返回").startswith(say("already_first"))


def test_what_is_needed_cannot_be_skipped(person: Person) -> None:
    at_step(person, "打哪个电话")
    assert "家里人" in person.says("跳过")
    assert "打哪个电话" in person.heard


@pytest.mark.parametrize("words", ["没有电话", "我没得手机", "没有"])
def test_whoever_has_no_phone_is_told_what_would_do(person: Person, words: str) -> None:
    at_step(person, "打哪个电话")
    assert "能帮您接的" in person.says(words)


def test_pausing_keeps_everything_and_one_word_resumes_after_days(person: Person) -> None:
    at_step(person, "打哪个电话")
    assert person.says("暂停") == say("form_paused", drafts="180天")
    assert "少收摊位费" in person.says("摊位费")
    person.at += timedelta(days=9)
    assert "打哪个电话" in person.says("继续")
    assert person.state.draft is not None
    assert person.state.draft.answers["name"] == "王建国"


def test_a_form_left_alone_goes_on_at_the_menu(person: Person) -> None:
    at_step(person, "打哪个电话")
    person.says("/start")
    assert "打哪个电话" in person.presses("接着填登记")


def test_cancelling_asks_once_and_then_throws_all_away(person: Person) -> None:
    at_step(person, "打哪个电话")
    assert person.says("取消").startswith(say("cancel_sure"))
    assert person.says("1") == say("form_discarded")
    assert person.state.draft is None


def test_cancelling_twice_is_enough(person: Person) -> None:
    at_step(person, "打哪个电话")
    assert person.says("取消", "取消") == say("form_discarded")


def test_cancelling_by_mistake_loses_nothing(person: Person) -> None:
    at_step(person, "打哪个电话")
    assert "打哪个电话" in person.says("取消", "接着填")
    assert "住在哪个镇" in person.says("取消", "13812345678")


@pytest.mark.parametrize("words", ["电话错了", "不要", "不会填", "我不晓得该咋办"])
def test_only_a_clear_word_throws_the_form_away(person: Person, words: str) -> None:
    at_step(person, "打哪个电话")
    person.says(words, words, words)
    assert person.state.draft is not None
    assert person.state.draft.answers["name"] == "王建国"


@pytest.mark.parametrize("words", ["等会再说", "明天再来", "我要考虑"])
def test_putting_it_off_keeps_everything(person: Person, words: str) -> None:
    at_step(person, "打哪个电话")
    person.says(words)
    assert "打哪个电话" in person.says("接着")


def test_cancelling_with_nothing_filled_in_ends_at_once(person: Person) -> None:
    assert person.says("我要登记", "同意", "取消") == say("form_discarded")


def test_starting_over_asks_and_then_begins_with_consent(person: Person) -> None:
    at_step(person, "打哪个电话")
    assert "第1步" in person.says("重来", "从头来")


def test_a_question_in_the_middle_is_answered_and_the_form_goes_on(person: Person) -> None:
    at_step(person, "打哪个电话")
    text = person.says("摊位费")
    assert "摆摊可以少收钱" in text
    assert "打哪个电话" in person.lines[-1]
    assert "住在哪个镇" in person.says("13812345678")


def test_a_question_where_anything_may_be_typed_is_answered_too(person: Person) -> None:
    at_step(person, "怎么称呼")
    assert "摆摊可以少收钱" in person.says("摊位费能减吗")
    assert "怎么联系您" in person.says("小李")


def test_in_the_middle_of_the_form_answers_are_short_and_can_be_heard_in_full(person: Person) -> None:
    at_step(person, "打哪个电话")
    text = person.says("摊位费")
    assert "方案原文" not in text
    assert say("more_in_full") in text
    text = person.says("详细")
    assert "方案原文" in text
    assert "打哪个电话" in person.lines[-1]
    assert not person.state.easy


def test_whoever_does_not_understand_the_consent_hears_it_in_easy_words(person: Person) -> None:
    for words in ("看不懂", "什么意思"):
        assert "先听清楚，再说同不同意" in person.says("我要登记", words)
        person.says("取消", "详细")


def test_the_full_words_of_the_consent_can_be_heard_again(person: Person) -> None:
    assert "要想到：别人要是知道" in person.says("我要登记", "哦", "详细")


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("为啥子要问电话", "工作人员要打电话"),
        ("哪个看得到我的电话", "不给用人单位"),
        ("要存好久", "2年"),
        ("登记要不要钱", "登记不要钱"),
        ("晚上打不打", "什么时候方便"),
        ("还要填好久", "第几步"),
        ("你是真人吗", "我是程序"),
        ("有哪些工作", "招工的名单"),
    ],
)
def test_questions_about_the_form_itself_are_answered(person: Person, question: str, answer: str) -> None:
    at_step(person, "打哪个电话")
    text = person.says(question)
    assert answer in text
    assert "打哪个电话" in person.lines[-1]


def test_a_question_about_the_form_is_no_answer_where_anything_may_be_typed(person: Person) -> None:
    at_step(person, "还有什么")
    assert "哪一天以前" in person.says("我想知道多久有人联系我")
    assert person.state.draft is not None
    assert "more" not in person.state.draft.answers


def test_why_something_is_asked_is_said_whatever_else_the_words_are_like(
    assistant: Assistant, tiny: Knowledge, person: Person
) -> None:
    person.says("我要登记", "同意", "我自己")
    sure = Assistant(tiny, lambda _: Reading("answer", "stall-rent", score=0.9), assistant._filling)
    asked = Person(sure)
    asked.state = person.state
    assert "不满16岁" in asked.says("为什么要问年龄")


@pytest.mark.parametrize("words", ["女 35", "男35", "35"])
def test_an_age_may_stand_beside_the_sex(person: Person, words: str) -> None:
    person.says("我要登记", "同意", "我自己", words)
    assert person.state.draft is not None
    assert person.state.draft.answers["age"] == "30-39"


@pytest.mark.parametrize("words", ["选好了", "好了"])
def test_choosing_nothing_says_what_would_do(person: Person, words: str) -> None:
    at_step(person, "残疾类别是")
    assert person.says(words).startswith("还没有选。")


def test_what_is_no_answer_and_no_question_is_asked_again(person: Person) -> None:
    at_step(person, "打哪个电话")
    text = person.says("帮帮我")
    assert text.startswith(say("phone_not_a_phone"))
    assert "打哪个电话" in text


def test_choices_in_the_middle_lead_back_to_the_form(person: Person) -> None:
    at_step(person, "打哪个电话")
    assert "4. 都不是" in person.says("有啥帮我的")
    text = person.says("2")
    assert "可以学按摩" in text
    assert "打哪个电话" in text


def test_distress_in_the_middle_is_met_at_once_and_the_form_waits(person: Person) -> None:
    for label in ("怎么称呼", "打哪个电话"):
        at_step(person, label)
        text = person.says("不想活了")
        assert text.startswith("您说的事很要紧")
        assert say("form_waits") in text
        assert label in person.says("继续")
        person.says("取消", "取消")


def at_the_last_words(person: Person, reading: Reading, said: str, tiny: Knowledge, assistant: Assistant) -> str:
    """Say something at the free step of the form, which is read as ``reading``."""
    at_step(person, "还有什么想让工作人员知道的")
    person._assistant = Assistant(tiny, lambda text: reading if text == said else Reading("none"), assistant._filling)
    return person.says(said)


def test_a_weak_alarm_interrupts_no_free_words(person: Person, tiny: Knowledge, assistant: Assistant) -> None:
    weak = Reading("safety", "safety:despair", score=0.6)
    text = at_the_last_words(person, weak, "我怕高，不要爬高的", tiny, assistant)
    assert text.startswith(say("distress_in_case", phones="12345"))
    assert "还想说的：我怕高，不要爬高的" in text
    assert person.state.draft is not None
    assert person.state.draft.answers["more"] == "我怕高，不要爬高的"


def test_a_sure_alarm_interrupts_free_words_and_loses_none(
    person: Person, tiny: Knowledge, assistant: Assistant
) -> None:
    said = "以前的老板打人，下午三点以后打给我"
    text = at_the_last_words(person, Reading("safety", "safety:despair", score=0.95), said, tiny, assistant)
    assert text.startswith("您说的事很要紧")
    assert say("form_waits") in text
    assert said in person.says("继续")
    person.says("1")
    assert person.state.draft is not None
    assert person.state.draft.answers["more"] == said


def test_words_of_despair_are_not_read_out_again(person: Person, tiny: Knowledge, assistant: Assistant) -> None:
    at_step(person, "还有什么想让工作人员知道的")
    despair = Reading("safety", "safety:despair", score=0.95)
    person._assistant = Assistant(
        tiny, lambda text: despair if "活够了" in text else Reading("none"), assistant._filling
    )
    person.says("活够了，下午三点以后打给我")
    assert "活够了" not in person.says("继续")
    assert "下午三点以后打给我" in person.heard


def test_a_person_can_be_asked_for_in_the_middle(person: Person) -> None:
    at_step(person, "打哪个电话")
    text = person.says("人工")
    assert "12345" in text
    assert "打哪个电话" in text


def test_several_choices_are_taken_in_one_go_or_one_by_one(person: Person) -> None:
    at_step(person, "什么样的工作")
    person.presses("离家近的")
    assert "已经选了：离家近的" in person.heard
    person.presses("盲人按摩")
    person.presses("离家近的")
    assert "已经选了：盲人按摩" in person.heard
    person.says("选好了")
    assert person.state.draft is not None
    assert person.state.draft.answers["wanted"] == ("blind-massage",)


def test_what_was_right_among_wrong_choices_is_kept(person: Person) -> None:
    at_step(person, "什么样的工作")
    text = person.says("1 3 99")
    assert "99" in text
    assert "已经选了：在家里做的；盲人按摩" in text


def test_two_numbers_are_two_choices_not_one_number(person: Person) -> None:
    at_step(person, "什么样的工作")
    person.says("1 2")
    assert person.state.draft is not None
    assert person.state.draft.answers["wanted"] == ("home", "nearby")
    at_check = person.says("视力", "有", "不用", "初中", "跳过", "跳过")
    assert at_check.startswith(say("check_page"))
    person.says("1 4")
    assert person.state.registrations == ()


def test_what_was_understood_is_said_at_the_next_step(person: Person) -> None:
    at_step(person, "打哪个电话")
    assert person.says("138-1234-5678").startswith(say("noted", value="138 1234 5678"))


def test_a_faulty_phone_is_explained_and_asked_again(person: Person) -> None:
    at_step(person, "打哪个电话")
    text = person.says("1381234567")
    assert "10位" in text
    assert "打哪个电话" in text


def test_an_identity_number_is_no_phone_and_not_kept(person: Person) -> None:
    at_step(person, "打哪个电话")
    text = person.says("500116199001011234")
    assert say("secret_not_kept") in text
    assert "打哪个电话" in text
    assert "500116199001011234" not in repr(person.state)


def test_a_town_may_be_misspelt_and_is_asked_when_unsure(person: Person) -> None:
    at_step(person, "住在哪个镇")
    person.says("络黄")
    assert person.state.draft is not None
    assert person.state.draft.answers["town"] == "珞璜镇"


def test_the_check_page_shows_all_and_changes_by_number(person: Person) -> None:
    person.says(*FOR_ONESELF)
    assert person.lines[:2] == [say("check_page"), "给谁登记：我自己"]
    (line,) = [line for line in person.lines if ". 电话：" in line]
    assert "138 1234 5678" in line
    person.says(line.split(".")[0])
    assert "打哪个电话" in person.heard
    text = person.says("023-4752 1234")
    assert text.startswith(say("check_page"))
    assert "023-4752 1234" in text


@pytest.mark.parametrize("words", ["电话错了", "改电话", "我要改电话", "电话"])
def test_at_the_check_page_an_answer_can_be_named(person: Person, words: str) -> None:
    person.says(*FOR_ONESELF)
    assert "打哪个电话" in person.says(words)


def test_at_the_check_page_an_answer_can_be_changed_in_one_go(person: Person) -> None:
    person.says(*FOR_ONESELF)
    assert "023-4752 1234" in person.says("电话改成023-47521234")


@pytest.mark.parametrize("words", ["好了", "没有了", "就这样"])
def test_a_word_that_only_sounds_like_the_end_is_asked_about(person: Person, words: str) -> None:
    person.says(*FOR_ONESELF)
    assert person.says(words).startswith(say("submit_sure"))
    assert person.state.registrations == ()
    person.says("对")
    assert len(person.state.registrations) == 1


@pytest.mark.parametrize("words", ["改", "要改"])
def test_at_the_check_page_it_is_asked_what_is_to_be_changed(person: Person, words: str) -> None:
    person.says(*FOR_ONESELF)
    assert person.says(words).startswith(say("which_is_wrong"))


def test_a_consent_with_a_condition_is_asked_again_and_the_form_stays_open(
    assistant: Assistant, tiny: Knowledge, person: Person
) -> None:
    person.says("我要登记")
    person._assistant = Assistant(tiny, lambda _: Reading("action", action="withdraw", score=0.9), assistant._filling)
    assert "请说清楚" in person.says("同意，但是不要打电话给我")
    assert person.state.draft is not None
    assert not person.state.draft.paused
    assert person.says("我还是不想登记了").startswith(say("cancel_sure"))


def test_whoever_says_call_me_is_asked_by_which_way_when_two_can_be_meant(person: Person) -> None:
    at_step(person, "怎么联系您")
    assert person.lines[0] == say("noted", value="王建国")
    assert "1. 打电话" in person.says("打给我")


def test_taking_the_category_consent_back_before_submitting_drops_the_categories(person: Person) -> None:
    person.says(*FOR_ONESELF)
    (line,) = [line for line in person.lines if "同意记跟残疾有关的情况：" in line]
    person.says(line.split(".")[0], "不同意")
    assert "视力" not in person.heard
    person.says("提交")
    assert "categories" not in person.state.registrations[0].answers


def test_registering_twice_updates(person: Person) -> None:
    first = registered(person)
    person.says("我要登记")
    assert person.lines[0] == say("registered_already")
    person.says("再登记一个人", *FOR_ONESELF[1:], "提交")
    (second,) = person.state.registrations
    assert second.receipt == first.receipt
    assert person.heard.startswith("改好了")


def test_several_people_can_be_registered_from_one_phone(person: Person) -> None:
    registered(person)
    person.says("我要登记", "再登记一个人", *FOR_ANOTHER, "提交")
    assert len(person.state.registrations) == 2
    assert len({kept.receipt for kept in person.state.registrations}) == 2


def test_another_name_for_oneself_is_asked_about(person: Person) -> None:
    registered(person)
    answers = [text.replace("王建国", "张小燕") for text in FOR_ONESELF[1:]]
    assert "是同一个人吗" in person.says("我要登记", "再登记一个人", *answers, "提交")
    person.says("不是，另外登记一个人")
    assert [kept.answers["name"] for kept in person.state.registrations] == ["王建国", "张小燕"]


def test_under_sixteen_said_while_changing_leaves_the_registration_until_it_is_deleted(person: Person) -> None:
    registered(person)
    person.says("我的登记", "改")
    (line,) = [line for line in person.lines if "年龄段：" in line]
    assert person.says(line.split(".")[0], "15岁").startswith(say("too_young_registered"))
    assert len(person.state.registrations) == 1
    person.says("全部删掉")
    assert person.state.registrations == ()


def test_while_changing_back_leads_to_the_check_page(person: Person) -> None:
    registered(person)
    person.says("我的登记", "改", "返回", "返回")
    assert person.lines[0] == say("check_page")


def test_in_easy_words_the_consent_is_short(person: Person) -> None:
    person.easy()
    person.says("我要登记")
    assert all(len(line) <= 45 for line in person.lines)


def test_hostile_text_is_stored_as_it_was_typed(person: Person) -> None:
    at_step(person, "还有什么")
    person.says('=HYPERLINK("x") <b>\'; DROP TABLE x;--', "提交")
    assert person.state.registrations[0].answers["more"] == '=HYPERLINK("x") <b>\'; DROP TABLE x;--'


def test_what_is_too_long_is_refused_with_the_limit(person: Person) -> None:
    at_step(person, "还有什么")
    assert "最多500个字" in person.says("哈" * 600)


def test_receipts_of_two_people_differ(meet: Callable[[], Person]) -> None:
    one, other = meet(), meet()
    other.starts()
    assert registered(one).receipt != registered(other).receipt


def test_a_town_that_is_not_known_can_be_chosen_from_the_whole_list(person: Person) -> None:
    at_step(person, "住在哪个镇")
    text = person.says("城里头")
    assert text.startswith(say("town_unknown"))
    person.says("名单")
    (line,) = [line for line in person.lines if line.endswith("鼎山街道")]
    person.says(line.split(".")[0])
    assert person.state.draft is not None
    assert person.state.draft.answers["town"] == "鼎山街道"


@pytest.mark.parametrize(
    ("words", "answer"), [("耳朵听不到，发短信", "sms"), ("我妈接", "proxy"), ("电话", "call"), ("2", "sms")]
)
def test_how_to_be_reached_can_be_said_in_many_ways(person: Person, words: str, answer: str) -> None:
    at_step(person, "怎么联系您")
    person.says(words)
    assert person.state.draft is not None
    assert person.state.draft.answers["contact_way"] == answer


def test_whoever_takes_the_calls_is_asked_for(person: Person) -> None:
    at_step(person, "怎么联系您")
    assert "帮您接电话的人" in person.says("找我老公接电话")


@pytest.mark.parametrize("words", ["没有", "没得了", "无", "跳过"])
def test_nothing_more_to_say_is_no_answer(person: Person, words: str) -> None:
    at_step(person, "还有什么")
    person.says(words)
    assert person.lines[0] == say("check_page")
    assert person.state.draft is not None
    assert "more" not in person.state.draft.answers


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ("我住白沙镇石坝街12号，身份证500381199001011232，有高血压", "我住白沙镇"),
        ("有高血压。想上夜班", "想上夜班"),
        ("下午有空，我有糖尿病，不能久站。", "下午有空，不能久站"),
    ],
)
def test_what_is_left_of_free_words_can_be_read(person: Person, typed: str, left: str) -> None:
    at_step(person, "还有什么")
    said = person.says(typed)
    assert f"1. {left}" in said.splitlines()


@pytest.mark.parametrize("words", ["提交", "选好了"])
def test_a_command_is_nobodys_name(person: Person, words: str) -> None:
    at_step(person, "怎么称呼")
    assert "怎么称呼" in person.says(words)


def test_a_draft_alone_can_be_deleted(person: Person) -> None:
    at_step(person, "打哪个电话")
    person.says("删除我的登记")
    assert person.presses("不填了，填过的删掉") == say("form_discarded")
    assert person.state.draft is None


def test_an_answer_given_while_the_form_waits_leads_back_to_it(person: Person) -> None:
    at_step(person, "打哪个电话")
    person.says("不想活了")
    assert "住在哪个镇" in person.says("13812345678")


def test_a_name_given_while_the_form_waits_is_asked_about(person: Person) -> None:
    at_step(person, "怎么称呼")
    person.says("不想活了")
    assert person.says("王建国").startswith(say("form_waits_shall_it_go_on"))
    assert "怎么称呼" in person.says("1")


@pytest.mark.parametrize("words", ["返回", "跳过", "暂停", "重来"])
def test_without_a_form_its_words_say_so(person: Person, words: str) -> None:
    assert person.says(words) == say("no_form")


@pytest.mark.parametrize(
    ("words", "answer"),
    [("他是我爸爸", "child"), ("我是他爸爸", "parent"), ("她是我女儿", "parent"), ("社区的", "helper")],
)
def test_who_is_whose_parent_is_not_mixed_up(person: Person, words: str, answer: str) -> None:
    person.says("我要登记", "同意", "帮别人", words)
    assert person.state.draft is not None
    assert person.state.draft.answers["relation"] == answer


@pytest.mark.parametrize("words", ["妈妈", "孩子", "儿子"])
def test_a_bare_word_for_kin_is_asked_about(person: Person, words: str) -> None:
    person.says("我要登记", "同意", "帮别人", words)
    assert person.lines[0] == say("choice_maybe")
    person.says("1")
    assert person.state.draft is not None
    assert person.state.draft.answers["relation"] == "parent"


def test_a_doubtful_name_is_asked_about(person: Person) -> None:
    at_step(person, "怎么称呼")
    person.says("嗯我叫那个陈小红哈就这样")
    assert person.state.draft is not None
    assert "name" not in person.state.draft.answers or person.state.draft.answers["name"] == "陈小红"


@pytest.mark.parametrize("words", ["第一个", "我不识字", "听不清楚", "打字慢"])
def test_what_is_no_name_is_not_taken_for_one(person: Person, words: str) -> None:
    at_step(person, "怎么称呼")
    person.says(words)
    assert person.state.draft is not None
    assert "name" not in person.state.draft.answers


@pytest.mark.parametrize("words", ["接不了电话", "电话听不到", "怕打电话"])
def test_who_cannot_take_calls_is_never_put_down_for_one(person: Person, words: str) -> None:
    at_step(person, "怎么联系您")
    person.says(words)
    assert person.state.draft is not None
    assert person.state.draft.answers.get("contact_way") != "call"


def test_addresses_and_illnesses_in_free_words_are_left_out(person: Person) -> None:
    at_step(person, "还有什么")
    text = person.says("下午方便。我住滨江路12号3单元501，得过抑郁症")
    assert "详细地址、病情" in text
    person.says("1", "提交")
    more = person.state.registrations[0].answers["more"]
    assert "下午方便" in more
    assert "12号" not in more
    assert "抑郁" not in more


@pytest.mark.parametrize("words", ["13", "１３", "十三"])
def test_a_number_past_the_end_of_the_list_records_no_disability(person: Person, words: str) -> None:
    at_step(person, "残疾类别是哪一类")
    last = len(person.replies[-1].buttons)
    assert last < 13
    text = person.says(words)
    assert "没有第 13 项" in text
    assert f"1 到 {last} " in text
    assert person.state.draft is not None
    assert person.state.draft.picked == ()
    assert "categories" not in person.state.draft.answers
    person.says("1 3")
    assert person.state.draft.answers["categories"] == ("vision", "speech")


def test_of_two_numbers_one_is_chosen(person: Person) -> None:
    at_step(person, "打哪个电话")
    person.says("13812345678 13912345678")
    person.says("2")
    assert person.state.draft is not None
    assert person.state.draft.answers["phone"] == "+8613912345678"


@pytest.mark.parametrize("words", ["好的", "可以", "没问题"])
def test_a_casual_word_while_the_form_waits_is_no_consent_and_submits_nothing(person: Person, words: str) -> None:
    person.says("我要登记", "暂停", words)
    assert person.state.draft is not None
    assert person.state.draft.consents == ()
    person.says("继续", *FOR_ONESELF[1:], "暂停", words)
    assert person.state.registrations == ()


def test_another_person_is_asked_everything_anew(person: Person) -> None:
    person.says(*FOR_ONESELF[:12])
    while "给谁登记" not in person.heard:
        person.says("返回")
    person.says("帮别人", "我是他妈妈", "他同意")
    assert person.state.draft is not None
    assert set(person.state.draft.answers) == {"consent", "whom", "relation", "agreement"}
    assert {consent.kind for consent in person.state.draft.consents} == {"consent", "agreement"}


def test_who_wants_to_be_called_after_all_has_to_give_a_phone(person_abroad: Person) -> None:
    person = person_abroad
    person.says("我要登记", "同意", "同意", "我自己", "42", "不同意", "小李", "在这里发消息", "跳过", "返回", "返回")
    assert "打哪个电话" in person.says("打电话")


def test_two_people_of_one_name_are_not_mixed_up(person: Person) -> None:
    person.says("我要登记", *FOR_ANOTHER, "提交", "我要登记", "再登记一个人")
    person.says(*[text.replace("138 1234 5678", "139 1234 5678") for text in FOR_ANOTHER])
    assert "是同一个人吗" in person.says("提交")
    person.says("不是，另外登记一个人")
    assert len(person.state.registrations) == 2


def test_refusing_the_category_later_takes_it_out_of_free_words_too(person: Person) -> None:
    person.says(*FOR_ONESELF[:-1], "我是视力残疾一级，下午方便")
    (line,) = [line for line in person.lines if "同意记跟残疾有关的情况：" in line]
    person.says(line.split(".")[0], "不同意")
    assert "视力残疾" not in repr(person.state.draft)


def test_nothing_of_a_cancelled_form_stays_behind(person: Person) -> None:
    at_step(person, "打哪个电话")
    person.says("暂停", "13812345678", "取消", "取消")
    assert "13812345678" not in repr(person.state)
    assert "王建国" not in repr(person.state)


@pytest.mark.parametrize("words", ["对", "是的"])
def test_a_doubtful_name_can_be_confirmed_by_yes(person: Person, words: str) -> None:
    at_step(person, "怎么称呼")
    person.says("诸葛建国花", words)
    assert person.state.draft is not None
    assert person.state.draft.answers["name"] == "诸葛建国花"


def test_after_a_detour_a_word_of_the_choices_is_an_answer(person: Person) -> None:
    at_step(person, "怎么联系您")
    person.says("摊位费", "电话")
    assert person.state.draft is not None
    assert person.state.draft.answers["contact_way"] == "call"


def test_distress_is_met_also_where_it_names_what_can_be_chosen(person: Person) -> None:
    at_step(person, "想做什么")
    assert person.says("在家自杀").startswith("您说的事很要紧")
    assert person.state.draft is not None
    assert "wanted" not in person.state.draft.answers


def test_a_short_answer_is_taken_unless_it_is_distress_for_sure(person: Person) -> None:
    at_step(person, "想做什么")
    assert "您说的事很要紧" not in person.says("在家打杂")


def test_at_the_last_step_distress_in_one_clause_is_met_and_not_stored(person: Person) -> None:
    person.says(*FOR_ONESELF[:15])
    assert "您说的事很要紧" in person.says("不想活了，只能上午上班")
    assert person.state.draft is not None
    assert "more" not in person.state.draft.answers


def test_an_answer_called_wrong_without_another_is_asked_anew(person: Person) -> None:
    at_step(person, "想做什么")
    assert "哪个镇" in person.says("白沙错了")


def test_what_may_be_distress_is_asked_about_in_the_middle_too(person: Person) -> None:
    at_step(person, "打哪个电话")
    assert "1. 心里难受" in person.says("我难过")
    assert person.says("1").startswith("您说的事很要紧")


def test_a_plain_name_is_never_taken_for_distress(assistant: Assistant, tiny: Knowledge, person: Person) -> None:
    at_step(person, "怎么称呼")
    alarmed = Assistant(tiny, lambda _: READINGS["不想活了"], assistant._filling)
    person._assistant = alarmed
    assert "怎么联系您" in person.says("他叫郭超")
    assert person.says("返回", "叫我拐子我忍了，今天把我推下台阶").startswith("您说的事很要紧")


def test_a_name_that_is_also_a_word_is_asked_about(person: Person) -> None:
    at_step(person, "怎么称呼")
    assert "我记作“杨梅”，对吗" in person.says("我叫杨梅")
    person.says("1")
    assert person.state.draft is not None
    assert person.state.draft.answers["name"] == "杨梅"


@pytest.mark.parametrize("text", ["18岁以上", "十八岁以上", "16岁以上"])
def test_old_enough_is_an_age(person: Person, text: str) -> None:
    person.says("我要登记", "同意", "我自己", text)
    assert person.state.draft is not None
    assert person.state.draft.answers["age"] == "16plus"


def test_nothing_is_promised_of_a_category_that_is_not_asked_here(tiny: Knowledge, tools: Tools) -> None:
    filling = Filling(load_form("jobseeker"), replace(OFFICE, category_abroad=False), tools, {}.get)
    person = Person(Assistant(tiny, lambda _: Reading("none"), filling), abroad="Telegram")
    heard = person.says("我要登记")
    assert "后面单独问您" not in heard
    assert say("category_not_here") in heard
    assert say("category_passes") not in person.says("同意")


def test_registering_is_not_offered_where_nobody_can(tiny: Knowledge, tools: Tools) -> None:
    filling = Filling(load_form("jobseeker"), replace(OFFICE, abroad=False), tools, {}.get)
    person = Person(Assistant(tiny, lambda _: Reading("none"), filling), abroad="Telegram")
    assert say("register_now") not in person.starts()


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("我的信息多久会删", "存2年"),
        ("啥时候把我删了哦", "存2年"),
        ("资料要保留多久", "存2年"),
        ("能不能删掉", "我的登记"),
        ("随时可不可以删", "我的登记"),
        ("这个会不会被别人知道", "不给用人单位"),
        ("周围邻居晓得不", "不给用人单位"),
        ("你们会不会说出去", "不给用人单位"),
        ("我以后不愿意了咋个取消", "随时可以删掉"),
    ],
)
@pytest.mark.parametrize("label", ["打哪个电话", "还有什么"])
def test_asking_what_becomes_of_the_data_is_no_wish_to_give_up(
    assistant: Assistant, tiny: Knowledge, person: Person, label: str, question: str, answer: str
) -> None:
    at_step(person, label)
    person._assistant = Assistant(tiny, lambda _: Reading("action", action="withdraw", score=0.9), assistant._filling)
    assert answer in person.says(question)
    assert label in person.lines[-1] or label in person.lines[-2]
    assert person.state.draft is not None
    assert "more" not in person.state.draft.answers


def test_who_will_know_is_answered_whatever_else_the_words_are_like(
    assistant: Assistant, tiny: Knowledge, person: Person
) -> None:
    person.says("我要登记", "同意", "我自己", "42")
    person._assistant = Assistant(tiny, lambda _: Reading("answer", "stall-rent", score=0.9), assistant._filling)
    assert "不给用人单位" in person.says("我们老板会不会知道")


@pytest.mark.parametrize(
    "words", ["不想留电话", "电话不想留", "不方便给你们号码", "可以不留电话吗", "没有电话", "没有"]
)
def test_what_can_be_skipped_is_skipped_by_whoever_would_rather_not_tell(person_abroad: Person, words: str) -> None:
    person_abroad.says("我要登记", "同意", "同意", "我自己", "42", "不同意", "小李", "在这里发消息", words)
    assert "住在哪个镇" in person_abroad.heard


@pytest.mark.parametrize("words", ["不想留电话", "我不方便给号码"])
def test_what_cannot_be_skipped_is_explained_to_whoever_would_rather_not_tell(person: Person, words: str) -> None:
    at_step(person, "打哪个电话")
    assert "能帮您接的" in person.says(words)
    assert "打哪个电话" in person.heard


@pytest.mark.parametrize("words", ["没有了就这些了", "没得啥子要说的了", "暂时没有别的要补充的", "没有什么了，谢谢"])
def test_nothing_more_may_be_said_in_a_sentence(person: Person, words: str) -> None:
    at_step(person, "还有什么")
    assert person.says(words).startswith(say("check_page"))
    assert person.state.draft is not None
    assert "more" not in person.state.draft.answers


@pytest.mark.parametrize("words", ["没有手艺", "什么时候打都可以", "好久没上班了", "不用打电话，发短信就行"])
def test_what_only_begins_like_nothing_or_like_a_question_is_kept(person: Person, words: str) -> None:
    at_step(person, "还有什么")
    person.says(words)
    assert person.state.draft is not None
    assert person.state.draft.answers["more"] == words


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("大学 毕业 去年", "college-recent"),
        ("今年大专毕业的", "college-recent"),
        ("还在读大学", "college-student"),
        ("毕业 大学", "college"),
        ("毕业 初中 去年", "junior"),
    ],
)
def test_words_of_one_choice_may_stand_in_any_order(person: Person, words: str, answer: str) -> None:
    at_step(person, "读书读到哪里")
    person.says(words)
    assert person.state.draft is not None
    assert person.state.draft.answers["education"] == answer


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("我四十五岁满了十六了", "40-49"),
        ("三十五岁满了", "30-39"),
        ("六十二咯", "60plus"),
        ("满16岁了", "16plus"),
        ("满了", "16plus"),
    ],
)
def test_an_age_told_is_more_than_being_old_enough(person: Person, words: str, answer: str) -> None:
    person.says("我要登记", "同意", "我自己", words)
    assert person.state.draft is not None
    assert person.state.draft.answers["age"] == answer


@pytest.mark.parametrize("words", ["47521234", "023-47521234"])
def test_text_messages_go_to_a_mobile_phone_only(person: Person, words: str) -> None:
    at_step(person, "怎么联系您")
    text = person.says("发短信")
    assert "短信发到哪个手机号" in text
    assert "座机" not in text
    assert person.says(words).startswith(say("phone_not_mobile"))
    assert "住在哪个镇" in person.says("13812345678")


def test_whoever_wants_text_messages_after_all_is_asked_for_a_mobile_phone(person: Person) -> None:
    at_step(person, "打哪个电话")
    person.says("023-47521234", "联系方式改成发短信")
    assert "短信发到哪个手机号" in person.heard
    assert person.state.draft is not None
    assert "phone" not in person.state.draft.answers


def test_a_landline_told_early_is_not_put_to_whoever_wants_text_messages(person: Person) -> None:
    person.says("我想登记，我叫张三，电话023-47521234", "同意", "我自己", "42", "不同意", "对", "发短信")
    assert "短信发到哪个手机号" in person.heard


@pytest.mark.parametrize(
    "words", ["对的就是这个", "对，没错", "对的对的", "就是这个号码", "是这个号", "嗯嗯，是我的号码"]
)
def test_what_is_put_to_the_person_is_confirmed_in_many_words(person: Person, words: str) -> None:
    person.says("我想登记，我叫张三，电话13812345678", "同意", "我自己", "42", "不同意", "对", "打电话", words)
    assert person.state.draft is not None
    assert person.state.draft.answers["phone"] == "+8613812345678"


@pytest.mark.parametrize("words", ["不是这个号", "不是的不是的", "搞错了，不是我的号码"])
def test_what_is_put_to_the_person_is_denied_in_many_words(person: Person, words: str) -> None:
    person.says("我想登记，我叫张三，电话13812345678", "同意", "我自己", "42", "不同意", "对", "打电话", words)
    assert "打哪个电话" in person.heard


@pytest.mark.parametrize("words", ["是这个号吗", "好像是", "是不是这个", "这个号码"])
def test_a_doubt_confirms_nothing(person: Person, words: str) -> None:
    person.says("我想登记，我叫张三，电话13812345678", "同意", "我自己", "42", "不同意", "对", "打电话", words)
    assert person.state.draft is not None
    assert "phone" not in person.state.draft.answers


@pytest.mark.parametrize(
    "words", ["打我的电话，我是他妈妈，13812345678", "13812345678", "打电话我接得到", "打电话，这是我的号码13812345678"]
)
def test_a_number_or_a_clause_says_how_to_be_reached(person: Person, words: str) -> None:
    at_step(person, "怎么联系您")
    person.says(words)
    assert person.state.draft is not None
    assert person.state.draft.answers["contact_way"] == "call"


@pytest.mark.parametrize("words", ["打电话，发短信也行", "电话，我听不到", "打电话，打给我妈", "打电话吗？"])
def test_a_clause_beside_another_or_in_doubt_does_not_say_how_to_be_reached(person: Person, words: str) -> None:
    at_step(person, "怎么联系您")
    person.says(words)
    assert person.state.draft is not None
    assert "contact_way" not in person.state.draft.answers


@pytest.mark.parametrize("words", ["给我各人", "我自个", "给我自家登记"])
def test_oneself_has_many_names(person: Person, words: str) -> None:
    assert "多大年纪" in person.says("我要登记", "同意", words)


@pytest.mark.parametrize("words", ["手机号我记不到", "号码忘了", "我的电话我也记不得了"])
def test_whoever_does_not_remember_the_number_is_told_what_would_do(person: Person, words: str) -> None:
    at_step(person, "打哪个电话")
    assert "能帮您接的" in person.says(words)


def test_the_pieces_of_a_mobile_number_are_no_landline(person: Person) -> None:
    at_step(person, "打哪个电话")
    assert "多了几位" in person.says("138三个8 后头是 7766 2211")


@pytest.mark.parametrize("words", ["对头 交了嘛", "交", "那就交上去", "好的，提交登记"])
def test_handing_in_has_many_words(person: Person, words: str) -> None:
    person.says(*FOR_ONESELF, words)
    assert len(person.state.registrations) == 1


@pytest.mark.parametrize("words", ["嗯", "不交", "先不提交", "交钱吗", "提交以后呢", "交给哪个", "对吗", "不对"])
def test_what_is_no_clear_word_hands_nothing_in(person: Person, words: str) -> None:
    person.says(*FOR_ONESELF, words)
    assert person.state.registrations == ()


@pytest.mark.parametrize("words", ["我走不得好远", "脚杆不好走", "腿杆不行"])
def test_what_the_legs_cannot_do_is_a_kind_of_disability(person: Person, words: str) -> None:
    at_step(person, "残疾类别是哪一类")
    person.says(words)
    assert person.state.draft is not None
    assert person.state.draft.answers["categories"] == ("physical",)


def test_the_level_of_a_certificate_says_that_there_is_one(person: Person) -> None:
    at_step(person, "只说有没有")
    person.says("证 有 一级")
    assert person.state.draft is not None
    assert person.state.draft.answers["certificate"] == "have"


@pytest.mark.parametrize("words", ["聋", "脚杆", "眼睛"])
def test_what_tells_of_a_disability_is_nobodys_name(person: Person, words: str) -> None:
    at_step(person, "怎么称呼")
    assert words not in person.says(words)


@pytest.mark.parametrize(
    ("words", "relation"),
    [("给我儿子登记", "parent"), ("帮我妈报个名", "child"), ("我妈妈", "child"), ("我老公", "spouse")],
)
def test_who_one_is_to_them_is_not_asked_where_it_was_said_with_whom_to_register(
    person: Person, words: str, relation: str
) -> None:
    assert "他同意登记吗" in person.says("我要登记", "同意", words)
    assert person.state.draft is not None
    assert person.state.draft.answers["relation"] == relation


@pytest.mark.parametrize("words", ["帮别人", "2", "妈妈"])
def test_who_one_is_to_them_may_be_said_before_the_form_begins(
    assistant: Assistant, tiny: Knowledge, words: str
) -> None:
    person = Person(Assistant(tiny, lambda _: Reading("action", action="register", score=0.9), assistant._filling))
    person.says("给我儿子登记", "同意", words)
    assert person.heard.startswith("记下了：帮别人；我是他爸爸或者妈妈。")


def test_whose_child_or_parent_is_registered_is_asked_where_only_a_word_says_it(person: Person) -> None:
    assert "什么人" in person.says("我要登记", "同意", "妈妈")


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("学做点心", ("cooking",)),
        ("喂猪", ("farm",)),
        ("手工 不要 电脑 要", ("computer",)),
        ("电脑 要 手工 不要", ("computer",)),
        ("做饭 想 按摩 不想 修理 可以", ("cooking", "repair")),
    ],
)
def test_what_somebody_wants_to_learn_may_be_written_as_it_is_signed(
    person: Person, words: str, answer: tuple[str, ...]
) -> None:
    at_step(person, "想不想学")
    person.says(words)
    assert person.state.draft is not None
    assert person.state.draft.answers["training"] == answer


@pytest.mark.parametrize("words", ["学修摩托车", "想学剪头发"])
def test_a_wish_that_is_not_among_the_choices_is_no_question(
    assistant: Assistant, tiny: Knowledge, person: Person, words: str
) -> None:
    at_step(person, "想不想学")
    person._assistant = Assistant(tiny, lambda _: Reading("answer", "massage-course", score=0.9), assistant._filling)
    assert "回复“别的”" in person.says(words)
    assert "可以学按摩" in person.says("学费要好多钱")


def test_whoever_is_not_understood_time_after_time_hears_what_else_can_be_done(person: Person) -> None:
    at_step(person, "怎么联系您")
    for words in ("哇啦", "哦豁"):
        assert say("missed_often") not in person.says(words)
    assert say("missed_often") in person.says("呜哩哇")
    assert say("missed_often") not in person.says("咕噜")
    person.says("打电话")
    assert say("missed_often") not in person.says("咕噜", "哇啦")


@pytest.mark.parametrize("words", ["我还想给自己也登记一个", "另外再登记一个人", "再给我老婆登记一个"])
def test_one_more_person_waits_until_this_form_is_handed_in(assistant: Assistant, tiny: Knowledge, words: str) -> None:
    readings = {words: Reading("action", action="register", score=0.9)}
    person = Person(Assistant(tiny, lambda text: readings.get(text, Reading("none")), assistant._filling))
    person.says(*["我要登记", *FOR_ANOTHER[:4]])
    for waits in ([], ["暂停"]):
        person.says(*waits)
        assert person.says(words).startswith(say("another_later"))
        assert "多大年纪" in person.heard


@pytest.mark.parametrize("question", ["好久有人找我", "多久联系我", "几天有人找我"])
def test_when_somebody_gets_in_touch_is_said_by_its_date_once_registered(
    assistant: Assistant, tiny: Knowledge, question: str
) -> None:
    readings = {question: Reading("action", action="my-registration", score=0.9)}
    person = Person(Assistant(tiny, lambda text: readings.get(text, Reading("none")), assistant._filling))
    registered(person)
    assert "3月9日以前" in person.says(question)


@pytest.mark.parametrize("words", ["昨天填到哪了", "我上次登记到哪一步了"])
def test_where_one_was_leads_back_into_the_form(person: Person, words: str) -> None:
    at_step(person, "打哪个电话")
    assert "打哪个电话" in person.says("暂停", words)


def test_a_correction_while_the_form_waits_leads_back_into_it(person: Person) -> None:
    at_step(person, "什么样的工作")
    assert "什么样的工作" in person.says("暂停", "镇改成双福")
    assert person.state.draft is not None
    assert person.state.draft.answers["town"] == "双福街道"


@pytest.mark.parametrize("words", ["帮我把聊天记录也删了", "聊天记录怎么删"])
def test_what_was_written_in_the_chat_is_for_the_person_to_delete(person: Person, words: str) -> None:
    assert "要您自己在手机上删" in person.says(words)
