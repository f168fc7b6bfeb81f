"""The conversation, step by step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.conversation.assistant import LONGEST_MESSAGE, Assistant
from bot.conversation.consoling import Consoling
from bot.conversation.filling import Filling
from bot.conversation.forms import load_form
from bot.conversation.message import Message, Note
from bot.conversation.reading_answers import Tools
from bot.conversation.state import Draft, State
from bot.conversation.wording import say
from intents import Reading
from knowledge import Knowledge
from knowledge.model import Scope
from tests.bot.conversation.conftest import NOON, OFFICE, Person

CALL = say("call_somebody", first="12345")


def test_it_says_first_that_it_is_a_program_and_what_it_can_do(person: Person) -> None:
    person.starts()
    assert person.lines[0] == "您好，我是一个程序，不是真人。"
    assert "人工" in person.heard
    assert person.lines[-4:] == ["您可以问这些，也可以问别的：", "1. 登记找工作", "2. 摆摊少收摊位费", "3. 盲人学按摩"]
    assert "每年办一次盲人按摩培训" in person.says("3")


@pytest.mark.parametrize("start", ["/start", "开始", "菜单"])
def test_the_menu_can_be_asked_for(person: Person, start: str) -> None:
    assert person.says(start).startswith("您好，我是一个程序")


def test_an_answer_says_quotes_names_admits_and_asks_whether_it_helped(person: Person) -> None:
    person.says("摊位费")
    assert person.lines == [
        "在社区摆摊，可以问能不能少收摊位费。",
        "方案原文（一（一）1）：“适当减免摊位费”",
        "负责的部门：区残联、各镇街。",
        "方案没有写：减多少。",
        "可以这样做：问社区。",
        "请注意：这个方案管的是2022年到2024年，年限已经过了。有没有新办法，没有查到。请打12345。",
        "还可以问：",
        "1. 盲人学按摩",
        "这解决您的问题了吗？",
        "2. 解决了",
        "3. 没有解决",
    ]


def test_buttons_repeat_the_numbered_list(person: Person) -> None:
    person.says("摊位费")
    assert [button.label for button in person.replies[0].buttons] == ["1. 盲人学按摩", "2. 解决了", "3. 没有解决"]


def test_what_is_related_can_be_asked_by_number_words_or_button(person: Person) -> None:
    for choose in (lambda: person.says("1"), lambda: person.says("盲人学按摩"), lambda: person.presses("盲人学按摩")):
        person.says("摊位费")
        assert "每年办一次盲人按摩培训" in choose()


@pytest.mark.parametrize(
    ("said", "about"),
    [
        (("摊位费",), ["stall-rent"]),
        (("公交",), ["signpost:bus"]),
        (("帮帮我", "1"), ["stall-rent"]),
        (("摊位费", "那打哪个电话"), ["stall-rent"]),
        (("登记", "摊位费"), ["stall-rent", None]),  # and the question of the form
        (("摊位费", "简单"), [None, None]),  # the same once more, which nobody asked for
        (("打电话",), [None]),
        (("不想活了",), [None]),
        (("帮帮我",), [None]),
        (("呜哩哇啦",), [None]),
    ],
)
def test_a_reply_says_which_entry_a_question_was_answered_with(
    person: Person, said: tuple[str, ...], about: list[str | None]
) -> None:
    person.says(*said)
    assert [reply.about for reply in person.replies] == about


def test_an_answer_that_helped_is_not_noted(person: Person) -> None:
    assert person.says("摊位费", "解决了") == say("helped")
    assert person.replies[0].note is None


def test_an_answer_that_did_not_help_is_noted_for_the_staff(person: Person) -> None:
    assert person.says("摊位费", "没有解决") == say("unhelped")
    assert person.replies[0].note == Note("unhelpful", "摊位费", "stall-rent")


@pytest.mark.parametrize("words", ["没解决", "问题没有解决。", "没得解决"])
def test_the_same_in_other_words_is_noted_once(person: Person, words: str) -> None:
    assert person.says("摊位费", words) == say("unhelped")
    assert person.replies[0].note == Note("unhelpful", "摊位费", "stall-rent")
    assert person.says(words) == "\n".join([say("unhelped_again"), CALL])
    assert person.replies[0].note is None


@pytest.mark.parametrize("before", ["呜哩哇啦", "有啥帮我的"])
def test_who_was_not_understood_and_says_so_is_not_noted_again(person: Person, before: str) -> None:
    person.says(before)
    assert person.replies[0].note is not None
    assert person.says("没有解决") == "\n".join([say("unhelped_again"), CALL])
    assert person.replies[0].note is None


def test_distress_is_not_answered_as_a_complaint(person: Person) -> None:
    person.says("不想活了")
    assert say("safe_not_understood") in person.says("没有解决")


def test_who_is_not_understood_is_told_a_number_in_easy_words_too(person: Person) -> None:
    assert person.says("呜哩哇啦") == f"{say('none')}\n{CALL}"
    person.easy()
    assert person.says("呜哩哇啦") == f"{say('none_easy')}\n{CALL}"


def test_what_was_not_understood_is_noted_without_what_tells_who_asked(person: Person) -> None:
    assert person.says("我叫王建国，电话13812345678，呜哩哇啦").startswith(say("none"))
    note = person.replies[0].note
    assert note is not None
    assert note.kind == "unanswered"
    assert "呜哩哇啦" in note.text
    assert "王建国" not in note.text
    assert "13812345678" not in note.text


def test_what_was_uncertain_is_noted(person: Person) -> None:
    person.says("帮帮我")
    note = person.replies[0].note
    assert note is not None
    assert (note.kind, note.text) == ("uncertain", "帮帮我")


def test_while_the_period_lasts_it_does_not_speak_of_its_end(person: Person) -> None:
    person.says("学按摩")
    assert "已经过了" not in person.heard
    assert "2022年到2099年" in person.heard


def test_a_signpost_says_that_the_plan_is_silent_and_who_knows(person: Person) -> None:
    person.says("公交")
    assert person.lines[:5] == [
        "方案没有写这一项。请问公交公司。",
        "依据：某规定：某话。",
        "可以打：",
        "便民热线：12345（全天）",
        "可以请人代打。",
    ]


def test_a_contact_without_a_number_is_left_out(person: Person) -> None:
    assert "12345" in person.says("打电话")
    assert "区残联" not in person.heard


@pytest.mark.parametrize("choice", ["2", "第二个", "选２", "盲人学按摩", "二"])
def test_choices_are_numbered_and_taken_by_number_or_words(person: Person, choice: str) -> None:
    person.says("帮帮我")
    assert person.lines[1:] == ["1. 摆摊少收摊位费", "2. 盲人学按摩", "3. 坐公交", "4. 都不是"]
    assert "每年办一次盲人按摩培训" in person.says(choice)


@pytest.mark.parametrize("choice", ["都不是", "4", "0"])
def test_none_of_the_choices_leads_on(person: Person, choice: str) -> None:
    assert person.says("帮帮我", choice) == say("choices_declined")
    assert person.state.open is None


def test_a_number_without_its_choice_says_so_instead_of_guessing(person: Person) -> None:
    assert person.says("帮帮我", "7") == say("choices_gone", number=7, last=4)
    assert person.says("公交", "没有解决", "2") == say("no_list", number=2)


def test_a_button_of_an_old_list_is_refused_and_what_is_open_is_shown(person: Person) -> None:
    person.says("帮帮我")
    old = person.replies[0].buttons[0].payload
    person.says("公交")
    state = person.state
    assert person.sends(button=old).startswith(say("list_old"))
    assert "1. 解决了" in person.lines
    assert person.state.topic == state.topic


def test_a_button_of_another_person_is_refused(person: Person, meet: Callable[[], Person]) -> None:
    other = meet()
    other.says("学按摩")
    other.says("帮帮我")
    person.says("帮帮我")
    assert person.sends(button=other.replies[0].buttons[0].payload).startswith(say("list_old"))


@pytest.mark.parametrize(
    "payload", ["", "1", "1:00000000:1", "2:deadbeef:1", "delete-sure 123456782", "x" * 1000, "1:\0:1", "好" * 30]
)
def test_a_forged_button_changes_nothing(person: Person, payload: str) -> None:
    before = person.state
    assert person.sends(button=payload) == say("list_old")
    assert person.state == before


def test_easy_words_stay_until_full_ones_are_wanted(person: Person) -> None:
    text = person.says("摊位费", "简单")
    assert text.startswith(say("easy_on") + "\n摆摊可以少收钱。\n" + say("over_easy", until=2024))
    assert "区里每年" not in person.says("学按摩")
    assert "负责的部门" in person.says("详细")


@pytest.mark.parametrize(
    "words",
    [
        "简单",
        "/easy",
        "太长了听不完",
        "我不认得好多字 你说短点嘛",
        "我是聋人，你写简单一点",
        "看不懂你写的啥子",
        "简单点",
        "说简单点",
        "讲简单一点",
        "用简单的话说",
        "请说短一点",
        "听不懂，说简单点",
        "请用简单的话讲",
        "换简单的",
        "简单一点儿",
        "说短点嘛",
    ],
)
def test_easy_words_can_be_asked_for_in_many_ways(person: Person, words: str) -> None:
    person.says(words)
    assert person.state.easy


@pytest.mark.parametrize("words", ["详细", "说详细点嘛", "详细说说", "看详细的", "/full"])
def test_full_words_too(person: Person, words: str) -> None:
    person.easy()
    person.says(words)
    assert not person.state.easy


@pytest.mark.parametrize("words", ["简单的活有没有", "我想做点简单的工作", "短期工"])
def test_a_simple_job_is_no_wish_for_easy_words(person: Person, words: str) -> None:
    person.says(words)
    assert not person.state.easy


def test_after_switching_numbers_choose_from_what_is_shown(person: Person) -> None:
    assert "3. 坐公交" in person.says("摊位费", "帮帮我", "简单")
    assert "问公交公司" in person.says("3")
    assert "1. 盲人学按摩" in person.says("摊位费", "详细")
    assert "每年办一次盲人按摩培训" in person.says("1")


def test_what_was_declined_does_not_come_back(person: Person) -> None:
    assert person.says("摊位费", "帮帮我", "都不是", "简单") == say("easy_on")


def test_without_an_open_list_words_like_numbers_are_read(person: Person) -> None:
    assert person.says("都不是").startswith(say("none"))
    assert person.says("一").startswith(say("none"))


def test_a_person_can_be_asked_for_at_any_time(person: Person) -> None:
    assert "12345" in person.says("帮帮我", "人工")


def test_distress_is_met_even_while_choosing(person: Person) -> None:
    assert "您说的事很要紧" in person.says("帮帮我", "不想活了")


@pytest.mark.parametrize("words", ["你个傻逼机器人", "滚", "有个屁用"])
def test_anger_is_met_with_a_way_on(person: Person, words: str) -> None:
    assert person.says(words) == say("angry")


def test_whoever_was_in_distress_is_not_left_with_nothing_understood(person: Person) -> None:
    assert person.says("不想活了", "呜哩哇啦").startswith(say("safe_not_understood"))
    assert "请打12345" in person.heard
    assert "请打12345" in person.says("那咋办")


def test_what_is_not_understood_again_is_not_met_with_the_same_words_again(person: Person) -> None:
    person.says("不想活了", "呜哩哇啦")
    assert person.says("叽里咕噜") == say("distress_again", phones="12345")


@pytest.mark.parametrize(
    "words",
    ["好", "好的", "嗯", "算了", "算了不说了", "不用了", "别管我", "我不想说了", "我打了120了", "谢谢你", "我没事了"],
)
def test_who_breaks_off_after_distress_is_neither_welcomed_nor_sent_away(person: Person, words: str) -> None:
    person.says("不想活了")
    assert person.says(words) == say("distress_stays", phones="12345")
    assert person.state.topic == "safety:despair"


def test_a_farewell_after_distress_is_not_met_with_good_cheer(person: Person) -> None:
    person.says("不想活了")
    assert person.says("祝你们好") == say("distress_stays", phones="12345")
    assert person.state.topic == "safety:despair"


@pytest.mark.parametrize("action", ["thanks", "greeting", "cancel"])
def test_what_is_understood_of_a_farewell_is_about_the_distress(tiny: Knowledge, action: str) -> None:
    consoling, said = Consoling(tiny), Reading("action", action=action, score=1.0)
    assert consoling.is_about_it(State(topic="safety:despair"), said)
    assert not consoling.is_about_it(State(topic="stall-rent"), said)


def test_distress_met_by_an_entry_that_is_no_more_is_no_fault(tiny: Knowledge) -> None:
    gone = State(topic="safety:gone")
    assert Consoling(tiny).reply("好", gone) is None
    assert not Consoling(tiny).is_about_it(gone, Reading("none"))


def test_a_form_that_waits_can_be_left_after_distress(tiny: Knowledge) -> None:
    waiting = State(topic="safety:despair", draft=Draft("jobseeker", NOON, paused=True))
    assert not Consoling(tiny).is_about_it(waiting, Reading("action", action="cancel", score=1.0))


def test_who_asks_in_distress_whether_somebody_is_there_is_told_the_truth(person: Person) -> None:
    person.says("不想活了")
    assert person.says("你是真人吗") == say("distress_who", phones="12345")


@pytest.mark.parametrize(
    "text", ["我没死成", "没想死，就是不想活了", "我没有想死，只是不想再醒来", "我不是想死，我是要他死"]
)
def test_who_says_more_than_that_they_did_not_mean_it_is_not_sent_on(person: Person, text: str) -> None:
    person.says("不想活了")
    assert person.says(text) != say("distress_denied", phones="12345")


@pytest.mark.parametrize("words", ["我没有想死 就是难受", "我不是要死 我是说老了"])
def test_who_did_not_mean_to_die_is_believed_and_told_who_listens(person: Person, words: str) -> None:
    person.says("不想活了")
    assert person.says(words) == say("distress_denied", phones="12345")


@pytest.mark.parametrize("words", ["我没有想死，可是药吃了", "我想死", "不是不想死"])
def test_what_only_begins_like_it_is_not_taken_for_it(person: Person, words: str) -> None:
    person.says("不想活了")
    assert person.says(words) != say("distress_denied", phones="12345")


@pytest.mark.parametrize("words", ["我要跟谁说", "那找哪个"])
def test_who_asks_whom_to_tell_in_distress_gets_the_numbers(person: Person, words: str) -> None:
    person.says("不想活了")
    assert person.says(words) == say("distress_whom", phones="12345")


def test_whose_number_it_is_can_be_asked_in_distress(shipped: Knowledge) -> None:
    turn = Consoling(shipped).reply("12356是干什么的", State(topic="safety:despair"))
    assert turn is not None
    assert turn[0][0].text.startswith("心理援助热线：12356")


@pytest.mark.parametrize("words", ["好", "我没事了", "我出来了"])
@pytest.mark.parametrize("topic", ["safety:confinement", "safety:violence-at-work"])
def test_who_is_out_of_danger_does_not_hear_all_of_it_again(shipped: Knowledge, topic: str, words: str) -> None:
    turn = Consoling(shipped).reply(words, State(topic=topic))
    assert turn is not None
    assert turn[0][0].text == say("safe_stays", first="110")


def test_a_sigh_around_a_question_gets_a_kind_word_before_the_answer(tiny: Knowledge) -> None:
    heard = Reading("answer", "stall-rent", score=0.9, concern="safety:despair")
    assistant = Assistant(tiny, lambda _: heard)
    first, second = assistant.reply(Message(NOON, "0" * 16, "摊位费能不能少，日子难过"), State())[0]
    assert first.text == say("distress_heard", phones="12345")
    assert "适当减免摊位费" in second.text


def test_somebody_elsewhere_is_told_first_whose_rules_these_are(tiny: Knowledge) -> None:
    scope = Scope(elsewhere="signpost:bus", others="signpost:bus", reminder="这里只有本区的办法。", places=("外地",))
    heard = Reading("answer", "stall-rent", score=0.9, elsewhere="外地")
    assistant = Assistant(replace(tiny, scope=scope), lambda _: heard)
    first, second = assistant.reply(Message(NOON, "0" * 16, "我在外地读书，摊位费能少不"), State())[0]
    assert first.text == "这里只有本区的办法。"
    assert "适当减免摊位费" in second.text


@pytest.mark.parametrize(
    ("text", "topic"),
    [("救救我", "safety:emergency"), ("老公打我", "safety:confinement"), ("老板把我锁在屋里", "safety:confinement")],
)
def test_a_mere_cry_after_distress_is_about_that(shipped: Knowledge, text: str, topic: str) -> None:
    despair, another = State(topic="safety:despair"), Reading("safety", "safety:confinement")
    assert Consoling(shipped).meant(text, despair, another).topic == topic


def test_a_doubtful_answer_is_none_after_distress(tiny: Knowledge) -> None:
    heard = Reading("signpost", "signpost:bus", score=0.6)
    consoling, despair = Consoling(tiny), State(topic="safety:despair")
    assert consoling.is_about_it(despair, heard)
    assert not consoling.is_about_it(despair, replace(heard, score=0.9))
    assert not consoling.is_about_it(State(topic="stall-rent"), heard)


def test_distress_said_again_is_met_in_fewer_words(person: Person) -> None:
    assert "您说的事很要紧" in person.says("不想活了")
    assert person.says("不想活了").startswith("请打12345")


def test_whoever_cannot_telephone_in_distress_is_told_what_to_do_instead(person: Person) -> None:
    assert person.says("不想活了", "我不想打电话") == say("safe_without_calling")


def test_whoever_cannot_telephone_is_told_another_way(person: Person) -> None:
    assert say("without_calling") in person.says("公交", "打不了电话")


@pytest.mark.parametrize("message", ["", "   ", "\n", "\u200b\u200d"])
def test_silence_is_answered(person: Person, message: str) -> None:
    assert person.says(message) == say("empty")


def test_what_is_too_long_is_cut_and_said_to_be(person: Person) -> None:
    assert person.says("哈" * 100_000).startswith(say("too_long", limit=LONGEST_MESSAGE))
    assert len(person.state.question) <= LONGEST_MESSAGE


@pytest.mark.parametrize(
    "text",
    ["<b>摊位费</b>", "*摊位费*", "'; DROP TABLE registrations; --", "=1+1", "{office}", "%s %(x)s", "\x00\x1b[31m"],
)
def test_hostile_text_is_only_text(person: Person, text: str) -> None:
    assert person.says(text)


@pytest.mark.parametrize(
    ("kind", "word"),
    [("voice", "语音输入"), ("photo", "看不了图片"), ("sticker", "文字"), ("file", "打不开文件"), ("location", "位置")],
)
def test_what_cannot_be_read_gets_a_helpful_word(person: Person, kind: str, word: str) -> None:
    assert word in person.sends(attachment=kind)


def test_the_words_under_a_picture_are_read(person: Person) -> None:
    assert "少收摊位费" in person.sends(attachment="photo", text="摊位费")


@pytest.mark.parametrize(
    "number", ["11010519491231002X", "110105194912310", "11010519491231002X43", "110105 19491231 002X"]
)
def test_identity_and_certificate_numbers_are_not_kept(person: Person, number: str) -> None:
    assert say("secret_not_kept") in person.says(f"我的号码是{number}，呜哩哇啦")
    assert number not in repr(person.state)
    assert number not in repr([reply.note for reply in person.replies])


def test_a_number_alone_gets_only_the_warning(person: Person) -> None:
    assert person.says("11010519491231002X") == say("secret_not_kept")


# -- follow-ups


def test_a_question_that_says_nothing_alone_leans_on_the_topic(person: Person) -> None:
    text = person.says("摊位费", "要好多钱")
    assert "适当减免摊位费" in text
    assert "方案没有写：减多少" in text
    assert "负责的部门：区残联、各镇街" in person.says("那找哪个")
    assert "问社区" in person.says("怎么办理呢")
    assert "2022年到2024年" in person.says("好久截止")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("那个具体多少钱呢你给我说一下", "方案没有写：减多少"),
        ("好多钱一个月嘛", "方案没有写：减多少"),
        ("我要去哪里申请", "负责的部门"),
        ("要好久嘛", "2022年到2024年"),
    ],
)
def test_it_may_be_said_in_many_words(person: Person, words: str, said: str) -> None:
    assert said in person.says("摊位费", words)


def test_one_sentence_not_understood_does_not_lose_the_topic(person: Person) -> None:
    assert "方案没有写：减多少" in person.says("摊位费", "呜哩哇啦", "要好多钱")


def test_who_cannot_telephone_is_told_another_way_without_having_been_told_to(person: Person) -> None:
    assert person.says("电话 不能 打 我 聋").startswith(say("without_calling"))


def test_without_a_topic_it_is_read_like_any_other(person: Person) -> None:
    assert person.says("要好多钱").startswith(say("none"))


def test_a_question_that_can_stand_alone_does_not_lean(person: Person) -> None:
    assert "请问公交公司" in person.says("摊位费", "公交")


def test_who_to_ask_about_a_signpost_are_its_contacts(person: Person) -> None:
    assert "12345" in person.says("公交", "那打哪个电话")


# -- in a group


def test_in_a_group_questions_are_answered_but_nothing_personal_is_taken(person: Person) -> None:
    assert "少收摊位费" in person.says("摊位费", public=True)
    for words in ("我要登记", "我的登记", "删除我的登记", "我想把名字登记上"):
        assert person.says(words, public=True) == say("not_in_public")
    assert person.state.draft is None
    assert person.state.question == ""


def test_in_a_group_no_question_is_noted(person: Person) -> None:
    person.says("呜哩哇啦", public=True)
    assert person.replies[0].note is None


# -- all entries


def test_an_assistant_that_takes_no_registrations_says_how_to_register(shipped: Knowledge) -> None:
    adviser = Assistant(shipped, lambda _: Reading("action", action="register"))
    text = Person(adviser).says("登记一下")
    assert "我要登记" in text


def test_mourning_is_met_kindly_and_not_to_be_rated(shipped: Knowledge, tools: Tools) -> None:
    filling = Filling(load_form("jobseeker"), OFFICE, tools, lambda _: None)
    reading = Reading("signpost", "signpost:bereavement", score=0.9)
    person = Person(Assistant(shipped, lambda _: reading, filling))
    assert person.says("我妈走了").startswith("请您节哀。")
    assert say("did_it_help") not in person.heard


def test_every_entry_of_the_shipped_knowledge_can_be_said(shipped: Knowledge) -> None:
    for key in shipped.by_key:
        topic = None if key.startswith("action:") else key
        action = key.removeprefix("action:") if topic is None else None
        reading = Reading("action" if action else "answer", topic, action=action)
        for easy in (False, True):
            person = Person(Assistant(shipped, lambda _, reading=reading: reading))
            person.state = State(easy=easy)
            person.says("问")
            assert 4 <= len(person.heard) <= 1600
            assert "{" not in person.heard
