"""The conversation, step by step."""

from __future__ import annotations

from datetime import date

import pytest

from bot.conversation.assistant import Assistant, State
from bot.conversation.wording import say
from intents import Reading
from knowledge import Knowledge

READINGS = {
    "摊位费": Reading("answer", "stall-rent", score=0.9),
    "学按摩": Reading("answer", "massage-course", score=0.9),
    "公交": Reading("signpost", "signpost:bus", score=0.9),
    "不想活了": Reading("safety", "safety:despair", score=0.9),
    "打电话": Reading("action", action="human", score=0.9),
    "帮帮我": Reading("choices", choices=("stall-rent", "massage-course", "signpost:bus"), score=0.3),
}


@pytest.fixture
def assistant(tiny: Knowledge) -> Assistant:
    return Assistant(tiny, lambda text: READINGS.get(text, Reading("none")), lambda: date(2026, 1, 1))


def talk(assistant: Assistant, *messages: str, state: State | None = None) -> tuple[str, State]:
    """Say all messages; return the last replies as one text, and the state."""
    state = state or State()
    text = ""
    for message in messages:
        replies, state = assistant.reply(message, state)
        text = "\n".join(reply.text for reply in replies)
    return text, state


def test_it_says_first_that_it_is_a_program_and_what_it_can_do(assistant: Assistant) -> None:
    replies, state = assistant.welcome()
    assert replies[0].text.splitlines() == [
        "您好，我是一个程序，不是真人。",
        "您可以问这些，也可以问别的：",
        "1. 摆摊少收摊位费",
        "2. 盲人学按摩",
    ]
    assert "人工" in replies[1].text
    assert "每年办一次盲人按摩培训" in talk(assistant, "2", state=state)[0]


def test_an_answer_says_quotes_names_and_admits(assistant: Assistant) -> None:
    text, _ = talk(assistant, "摊位费")
    assert text.splitlines() == [
        "在社区摆摊，可以问能不能少收摊位费。",
        "方案原文（一（一）1）：“适当减免摊位费”",
        "负责的部门：区残联、各镇街。",
        "方案没有写：减多少。",
        "可以这样做：问社区。",
        "请注意：这个方案管的是2022年到2024年，年限已经过了。有没有新办法，没有查到。请打12345。",
        "还可以问：",
        "1. 盲人学按摩",
    ]


def test_what_is_related_can_be_asked_by_number(assistant: Assistant) -> None:
    assert "每年办一次盲人按摩培训" in talk(assistant, "摊位费", "1")[0]


def test_while_the_period_lasts_it_does_not_speak_of_its_end(assistant: Assistant) -> None:
    text, _ = talk(assistant, "学按摩")
    assert "已经过了" not in text
    assert "2022年到2099年" in text


def test_a_signpost_says_that_the_plan_is_silent_and_who_knows(assistant: Assistant) -> None:
    text, _ = talk(assistant, "公交")
    assert text.splitlines() == [
        "方案没有写这一项。请问公交公司。",
        "依据：某规定：某话。",
        "可以打：",
        "便民热线：12345（全天）",
        "可以请人代打。",
    ]


def test_a_contact_without_a_number_is_left_out(assistant: Assistant) -> None:
    text, _ = talk(assistant, "打电话")
    assert "12345" in text
    assert "区残联" not in text


def test_choices_are_numbered_and_taken_by_number_or_words(assistant: Assistant) -> None:
    text, state = talk(assistant, "帮帮我")
    assert text.splitlines()[1:] == ["1. 摆摊少收摊位费", "2. 盲人学按摩", "3. 坐公交", "0. 都不是"]
    for choice in ("2", "第二个", "选２", "盲人学按摩"):
        assert "每年办一次盲人按摩培训" in talk(assistant, choice, state=state)[0]


def test_none_of_the_choices_leads_on(assistant: Assistant) -> None:
    text, state = talk(assistant, "帮帮我", "都不是")
    assert text == say("choices_declined")
    assert state.choices == ()


def test_a_number_without_its_choice_says_so_instead_of_guessing(assistant: Assistant) -> None:
    assert talk(assistant, "帮帮我", "7")[0] == say("choices_gone", number=7)
    assert talk(assistant, "2")[0] == say("choices_gone", number=2)


def test_a_new_question_replaces_the_list(assistant: Assistant) -> None:
    text, _ = talk(assistant, "帮帮我", "公交", "1")
    assert text == say("choices_gone", number=1)


def test_easy_words_stay_until_full_ones_are_wanted(assistant: Assistant) -> None:
    text, state = talk(assistant, "摊位费", "简单")
    assert text.startswith(say("easy_on") + "\n摆摊可以少收钱。\n" + say("over_easy", until=2024))
    assert "区里每年" not in talk(assistant, "学按摩", state=state)[0]
    assert "负责的部门" in talk(assistant, "详细", state=state)[0]


@pytest.mark.parametrize(
    "words",
    [
        "简单",
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
def test_easy_words_can_be_asked_for_in_many_ways(assistant: Assistant, words: str) -> None:
    assert talk(assistant, words)[1].easy


@pytest.mark.parametrize("words", ["详细", "说详细点嘛", "详细说说", "看详细的"])
def test_full_words_too(assistant: Assistant, words: str) -> None:
    assert not talk(assistant, words, state=State(easy=True))[1].easy


@pytest.mark.parametrize("words", ["简单的活有没有", "我想做点简单的工作", "短期工"])
def test_a_simple_job_is_no_wish_for_easy_words(assistant: Assistant, words: str) -> None:
    assert not talk(assistant, words)[1].easy


def test_after_switching_numbers_choose_from_what_is_shown(assistant: Assistant) -> None:
    text, state = talk(assistant, "摊位费", "帮帮我", "简单")
    assert "3. 坐公交" in text
    assert "问公交公司" in talk(assistant, "3", state=state)[0]
    text, state = talk(assistant, "摊位费", "简单")
    assert "1. 盲人学按摩" in text
    assert "可以学按摩" in talk(assistant, "1", state=state)[0]


def test_what_was_declined_does_not_come_back(assistant: Assistant) -> None:
    assert talk(assistant, "摊位费", "帮帮我", "都不是", "简单")[0] == say("easy_on")


def test_without_an_open_list_words_like_numbers_are_read(assistant: Assistant) -> None:
    assert talk(assistant, "都不是")[0] == say("none")
    assert talk(assistant, "一")[0] == say("none")


def test_a_person_can_be_asked_for_at_any_time(assistant: Assistant) -> None:
    assert "12345" in talk(assistant, "帮帮我", "人工")[0]


def test_distress_is_met_even_while_choosing(assistant: Assistant) -> None:
    assert "您说的事很要紧" in talk(assistant, "帮帮我", "不想活了")[0]


@pytest.mark.parametrize("message", ["", "   ", "\n"])
def test_silence_is_answered(assistant: Assistant, message: str) -> None:
    assert talk(assistant, message)[0] == say("empty")


def test_what_is_not_understood_is_said_to_be_so(assistant: Assistant) -> None:
    assert talk(assistant, "呜哩哇啦")[0] == say("none")


def test_every_entry_of_the_shipped_knowledge_can_be_said(shipped: Knowledge) -> None:
    for key in shipped.by_key:
        topic = None if key.startswith("action:") else key
        action = key.removeprefix("action:") if topic is None else None
        reading = Reading("action" if action else "answer", topic, action=action)
        assistant = Assistant(shipped, lambda _, reading=reading: reading, lambda: date(2026, 1, 1))
        for state in (State(), State(easy=True)):
            text, _ = talk(assistant, "问", state=state)
            assert 4 <= len(text) <= 1500
            assert "{" not in text
