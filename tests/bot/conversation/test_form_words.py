"""What people say in a form in their own words: declining one thing, asking about it, naming a choice."""

from __future__ import annotations

import pytest

from bot.conversation.assistant import Assistant
from bot.conversation.forms import load_form
from bot.conversation.wording import say
from intents import Reading
from knowledge import Knowledge
from tests.bot.conversation.conftest import Person
from tests.bot.conversation.test_filling import FOR_ONESELF, at_step, registered


def answer(person: Person, step: str) -> object:
    assert person.state.draft is not None
    return person.state.draft.answers.get(step)


@pytest.fixture
def fleeting(assistant: Assistant, tiny: Knowledge) -> Person:
    """Somebody whose every word the reader takes for giving up, as it does with many that decline one thing only."""
    reading = Reading("action", action="cancel", score=0.9)
    return Person(Assistant(tiny, lambda _: reading, assistant._filling))


def test_who_would_not_tell_the_age_is_over_sixteen_and_no_more(fleeting: Person) -> None:
    at_step(fleeting, "多大年纪").says("不想说年龄")
    assert answer(fleeting, "age") == "16plus"


@pytest.mark.parametrize(
    ("step", "text", "must"),
    [
        ("怎么称呼", "不想说名字", "写个姓就行"),
        ("怎么联系您", "不想留电话", "要选一样"),
        ("怎么联系您", "随便哪样都行", "要选一样"),
    ],
)
def test_to_decline_what_is_needed_is_not_to_give_up(fleeting: Person, step: str, text: str, must: str) -> None:
    assert must in at_step(fleeting, step).says(text)
    assert say("cancel_sure") not in fleeting.heard


def test_a_question_whether_one_may_take_it_back_is_answered(fleeting: Person) -> None:
    assert "随时可以改" in fleeting.says("我要登记", "可以撤回不")


@pytest.mark.parametrize("text", ["还是返回一下", "那就返回嘛", "先返回"])
def test_words_around_a_command_change_nothing(person: Person, text: str) -> None:
    at_step(person, "打哪个电话")
    assert "怎么联系您" in person.says(text)


def test_the_form_is_put_aside_or_given_up_in_plain_words(person: Person) -> None:
    person.says(*FOR_ONESELF)
    assert say("cancel_sure") in person.says("不交了")
    person.says("接着填", "等我想哈")
    assert person.state.draft is not None
    assert person.state.draft.paused


@pytest.mark.parametrize("text", ["还是登记嘛", "那就登记嘛", "还是登一下嘛"])
def test_who_refused_and_thinks_better_of_it_begins_anew(person: Person, text: str) -> None:
    person.says("我要登记", "不同意", text)
    assert person.state.draft is not None
    assert person.state.draft.step == "consent"


@pytest.mark.parametrize("text", ["不识字", "我不识字", "认不到几个字"])
def test_what_is_an_answer_here_is_no_command(person: Person, text: str) -> None:
    at_step(person, "读书读到哪里").says(text)
    assert answer(person, "education") == "none"
    assert not person.state.easy


@pytest.mark.parametrize("text", ["他同意", "她愿意", "他可以", "同意是同意", "好是好"])
def test_another_persons_consent_or_half_a_one_is_none(person: Person, text: str) -> None:
    person.says("我要登记", text)
    assert answer(person, "consent") is None


@pytest.mark.parametrize(
    ("step", "text", "id", "value"),
    [
        ("给谁登记", "就我嘛", "whom", "self"),
        ("给谁登记", "我们村的一个残疾人", "whom", "other"),
        ("多大年纪", "三十五 男", "age", "30-39"),
        ("跟残疾有关的情况", "记嘛", "category_consent", "yes"),
        ("跟残疾有关的情况", "莫记", "category_consent", "no"),
        ("怎么联系您", "我耳朵听不到 不要打电话", "contact_way", "sms"),
        ("怎么联系您", "不想打电话", "contact_way", "sms"),
        ("怎么联系您", "找我妈", "contact_way", "proxy"),
        ("怎么联系您", "我没得手机，打我老婆的", "contact_way", "proxy"),
        ("什么样的工作", "看大门", "wanted", ("service",)),
        ("什么样的工作", "洗碗 择菜", "wanted", ("service",)),
        ("什么样的工作", "坐到做的", "wanted", ("other",)),
        ("残疾类别是哪一类", "哑巴", "categories", ("speech",)),
        ("残疾类别是哪一类", "瘫子", "categories", ("physical",)),
        ("找工作、面试", "要人陪到", "help", ("companion",)),
        ("找工作、面试", "坐轮椅 要有坡", "help", ("access",)),
        ("想不想学", "不学 老了", "training", ("none",)),
    ],
)
def test_a_choice_is_named_in_everyday_words(person: Person, step: str, text: str, id: str, value: object) -> None:
    at_step(person, step).says(text)
    assert answer(person, id) == value


@pytest.mark.parametrize(
    ("step", "text", "said"),
    [
        ("跟残疾有关的情况", "记了有啥子好处", "好找适合的工作"),
        ("跟残疾有关的情况", "不记要不要紧", "不记，登记照样办"),
        ("跟残疾有关的情况", "可以只记看不见 其他不记吗", "也可以只说一样、两样"),
        ("多大年纪", "68了还能登记不", "满16岁就可以登记"),
        ("多大年纪", "有没有钱拿", "也不发钱"),
        ("什么样的工作", "不晓得有哪些", "都列在这一步里"),
        ("什么样的工作", "工资能不能高点", "工资要跟单位商量"),
        ("打哪个电话", "我眼睛看不见你念给我听嘛", "我只会写字"),
    ],
)
def test_questions_about_the_form_are_answered_from_the_form(person: Person, step: str, text: str, said: str) -> None:
    assert said in at_step(person, step).says(text)
    assert step in person.heard


@pytest.mark.parametrize("text", ["刚才错了，是帮我妈登记", "弄错了，我是帮别人登记"])
def test_who_registers_somebody_else_than_was_said_is_asked_whether_to_start_over(person: Person, text: str) -> None:
    at_step(person, "打哪个电话")
    assert say("restart_sure") in person.says(text)
    assert answer(person, "name") == "王建国"


@pytest.mark.parametrize("text", ["谢谢", "明白"])
def test_courtesy_is_no_name(person: Person, text: str) -> None:
    assert say("name_unsure", name=text) not in at_step(person, "怎么称呼").says(text)


def test_who_writes_is_not_the_name_of_who_is_registered(person: Person) -> None:
    person.says("我要登记", "同意", "帮别人", "我是他妈妈", "他同意", "24", "不同意", "我是他妈")
    assert answer(person, "name") is None
    person.says("李强", "他没得电话，打我的")
    assert answer(person, "contact_way") == "call"


def test_what_is_to_be_taken_off_is_not_put_on(person: Person) -> None:
    at_step(person, "什么样的工作").says("去掉1")
    assert answer(person, "wanted") is None


@pytest.mark.parametrize("text", ["不登记可以吗", "给别人登记的，不是我"])
def test_who_may_do_without_is_not_told_who_sees_it(person: Person, text: str) -> None:
    assert "不给用人单位" not in person.says("我要登记", text)


def test_what_was_told_and_is_not_to_be_registered_is_not_kept(person: Person) -> None:
    assert person.says("我叫王建国，电话13812345678，住白沙").startswith(
        say("told_register", labels="称呼、电话、镇或街道")
    )
    person.says(say("told_ask"))
    assert person.state.question == ""


@pytest.mark.parametrize("text", ["不用了", "算了", "不写了"])
def test_a_message_for_the_staff_can_be_left_unwritten(person: Person, text: str) -> None:
    registered(person)
    assert person.says("留言", text) == say("letter_dropped")


@pytest.mark.parametrize("text", ["你讲得啰嗦得很", "说得太长了"])
def test_who_finds_it_long_winded_gets_easy_words(person: Person, text: str) -> None:
    person.says(text)
    assert person.state.easy


def test_who_cannot_write_can_agree_all_the_same(person: Person) -> None:
    person.says("我要登记", "同意", "帮别人", "我是他妈妈")
    assert "他点头" in person.says("他不会写字我代他同意行不")
    assert answer(person, "agreement") is None


def test_a_number_told_while_the_name_is_in_doubt_leaves_the_name_asked(person: Person) -> None:
    at_step(person, "怎么称呼")
    assert say("name_unsure", name="小雨") in person.says("小雨")
    assert say("still_asked") in person.says("13812345678")
    person.says("1")
    assert answer(person, "name") == "小雨"


@pytest.mark.parametrize("text", ["对头 就这样", "对的，就这些"])
def test_at_the_check_page_all_is_right_in_plain_words(person: Person, text: str) -> None:
    person.says(*FOR_ONESELF, text)
    assert person.state.registrations


@pytest.mark.parametrize("text", ["把第5项改了", "电话也不对"])
def test_at_the_check_page_a_line_is_named_in_plain_words(person: Person, text: str) -> None:
    assert "打哪个电话" in person.says(*FOR_ONESELF, text)


def test_at_the_check_page_a_new_value_may_follow_at_once(person: Person) -> None:
    person.says(*FOR_ONESELF, "改一下地方 是石门")
    assert answer(person, "town") == "石门镇"


@pytest.mark.parametrize("text", ["还有，好久有人联系我", "另外，你们怎么找我"])
def test_at_the_check_page_a_question_behind_and_adds_nothing(person: Person, text: str) -> None:
    person.says(*FOR_ONESELF, text)
    assert answer(person, "more") == "下午接电话方便"


@pytest.mark.parametrize("text", ["还要等好久", "怎么还没有人找我", "好久有人找我嘛"])
def test_who_registered_and_waits_is_told_until_when_by_the_day_of_registering(person: Person, text: str) -> None:
    registered(person)
    person.at = person.at.replace(day=5)
    person.says("改电话", "13912345678", "提交")
    assert "3月9日以前" in person.says(text)


def test_words_for_the_staff_are_passed_on_however_they_are_announced(person: Person) -> None:
    registered(person)
    person.says("给工作人员说一声我周末不在")
    assert [reply.letter.text for reply in person.replies if reply.letter] == ["我周末不在"]


def test_in_the_form_they_are_its_free_words(person: Person) -> None:
    person.says(*FOR_ONESELF[:15], "给工作人员说一声我周末不在")
    assert answer(person, "more") == "给工作人员说一声我周末不在"


@pytest.mark.parametrize("text", ["你是机器人吧", "你是AI吗", "你是真人不"])
def test_who_asks_whether_it_is_a_machine_is_told(person: Person, text: str) -> None:
    assert person.says(text) == say("who_i_am")


def test_no_word_names_two_choices_of_a_question_but_by_intent() -> None:
    for step in load_form("jobseeker").steps:
        if step.kind != "choice" or step.id in ("relation", "contact_way"):
            continue
        words = [word for option in step.options for word in option.words]
        assert len(words) == len(set(words)), step.id
