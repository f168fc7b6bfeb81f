"""The history of a case in plain words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.casework.case import Event
from bot.staff.case_history import Line, told

AT = datetime(2024, 3, 5, 1, 30, tzinfo=UTC)
NAMES = {1: "李经办", 2: "王经办"}


def line(kind: str, content: dict[str, str] | None = None, staff: int | None = 1) -> Line:
    (only,) = told([Event(1, kind, staff, content or {}, AT)], NAMES, "本人")
    return only


@pytest.mark.parametrize(
    ("kind", "content", "words", "text"),
    [
        ("note", {"text": "没打通"}, "写了记录", "没打通"),
        ("note", {"text": "打通了", "contact": "yes"}, "跟本人说了话", "打通了"),
        ("status", {"before": "new", "after": "paused", "reason": "住院"}, "把状态从“新登记”改成“暂缓”", "住院"),
        (
            "status",
            {"before": "served", "after": "employed", "on": "2024-03-01", "result": "理货"},
            "把状态从“已服务”改成“已就业”，2024年3月1日开始上班",
            "理货",
        ),
        ("counselor", {"before": "", "after": "2"}, "分给王经办", ""),
        ("counselor", {"before": "2", "after": "9"}, "从王经办转给不知道是谁", ""),
        ("counselor", {"before": "", "after": "1"}, "接了这份登记，自己来办", ""),
        ("counselor", {"before": "2", "after": "1"}, "从王经办那里接过来，自己来办", ""),
        ("counselor", {"before": "2", "after": ""}, "不再归王经办办", ""),
        (
            "step",
            {"step": "service", "before": "", "after": "2024-03-05", "result": "推荐", "status": "served"},
            "做了就业服务，2024年3月5日，状态变成“已服务”",
            "推荐",
        ),
        (
            "step",
            {"step": "service", "before": "2024-03-04", "after": "2024-03-05"},
            "改了就业服务：从2024年3月4日改成2024年3月5日",
            "",
        ),
        (
            "step",
            {"step": "service", "before": "2024-03-04", "after": ""},
            "撤销了就业服务（原来记的是2024年3月4日）",
            "",
        ),
        ("follow-up", {"due": "2024-03-08", "purpose": "问面试"}, "安排2024年3月8日回访", "问面试"),
        (
            "follow-up-done",
            {"due": "2024-03-08", "on": "2024-03-09", "result": "录用"},
            "做了2024年3月8日要做的回访，2024年3月9日做的",
            "录用",
        ),
        (
            "follow-up-done",
            {"due": "2024-03-08", "on": "2024-03-09", "result": "关机", "contact": "no"},
            "做了2024年3月8日要做的回访，2024年3月9日做的，没有联系上本人",
            "关机",
        ),
        ("follow-up-reopened", {"due": "2024-03-08"}, "撤销了做过的回访（2024年3月8日要做的），还要做", ""),
        (
            "follow-up-moved",
            {"before": "2024-03-08", "after": "2024-03-12", "purpose": "问面试", "reason": "本人约的"},
            "把2024年3月8日的回访改到2024年3月12日",
            "本人约的",
        ),
        (
            "follow-up-cancelled",
            {"due": "2024-03-08", "purpose": "问面试", "reason": "搬走了"},
            "取消了2024年3月8日的回访",
            "搬走了",
        ),
        ("plan", {"before": "", "after": "学电脑", "on": "2024-03-05"}, "建了一人一策，2024年3月5日", "学电脑"),
        (
            "plan",
            {"before": "学电脑", "after": "找工作", "on": "2024-03-05"},
            "改了一人一策，2024年3月5日",
            "找工作",
        ),
        ("plan", {"before": "学电脑", "after": ""}, "撤掉了一人一策", "学电脑"),
        ("message", {}, "发了消息", ""),
        ("moved", {}, "moved", ""),
    ],
)
def test_what_the_staff_did(kind: str, content: dict[str, str], words: str, text: str) -> None:
    assert (line(kind, content).who, line(kind, content).words, line(kind, content).text) == ("李经办", words, text)


@pytest.mark.parametrize(
    ("kind", "content", "words"),
    [
        ("opened", {}, "做了登记"),
        ("changed", {"fields": "镇或街道、想做的工作"}, "改了登记：镇或街道、想做的工作"),
        ("changed", {}, "核对了登记，没有变"),
        ("reply", {}, "回了话"),
    ],
)
def test_what_the_person_did(kind: str, content: dict[str, str], words: str) -> None:
    assert (line(kind, content, None).who, line(kind, content, None).words) == ("本人", words)


@pytest.mark.parametrize(
    "kind",
    [
        "note",
        "note-corrected",
        "note-withdrawn",
        "follow-up-reopened",
        "status",
        "counselor",
        "step",
        "follow-up",
        "follow-up-done",
        "follow-up-moved",
        "follow-up-cancelled",
        "plan",
        "changed",
        "opened",
    ],
)
def test_an_event_that_cannot_be_read_any_more_is_still_a_line(kind: str) -> None:
    assert line(kind).words


def test_the_newest_comes_first() -> None:
    events = [Event(id, "note", 1, {"text": str(id)}, AT) for id in (1, 3, 2)]
    assert [one.text for one in told(events, NAMES, "本人")] == ["3", "2", "1"]


NOTE = Event(1, "note", 1, {"text": "打通了", "contact": "yes"}, AT)
CORRECTED = Event(2, "note-corrected", 2, {"note": "1", "text": "没打通", "contact": "no"}, AT)
WITHDRAWN = Event(3, "note-withdrawn", 2, {"note": "1", "why": "mistaken"}, AT)


def shown(*events: Event) -> list[tuple[str, str, bool]]:
    return [(one.words, one.text, one.struck) for one in told(events, NAMES, "本人")]


def test_what_was_corrected_is_struck_out_and_says_so() -> None:
    assert shown(NOTE, CORRECTED) == [
        ("改了2024年3月5日 09:30的记录", "没打通", False),
        ("跟本人说了话（后来改过）", "打通了", True),
    ]


def test_what_was_withdrawn_is_struck_out_with_its_corrections() -> None:
    assert shown(NOTE, CORRECTED, WITHDRAWN) == [
        ("撤回了2024年3月5日 09:30的记录，写错了", "", False),
        ("改了2024年3月5日 09:30的记录（后来撤回了）", "没打通", True),
        ("跟本人说了话（后来撤回了）", "打通了", True),
    ]


def test_words_that_were_erased_say_so() -> None:
    gone = {"erased": "yes"}
    events = [Event(1, "note", 1, gone, AT), Event(3, "note-withdrawn", 2, {"note": "1", "why": "private"}, AT)]
    assert shown(*events) == [
        ("撤回了2024年3月5日 09:30的记录，写了不该写的", "", False),
        ("写了记录，原话已经删掉（后来撤回了）", "", True),
    ]


def test_what_happened_since_is_told_with_all_that_it_is_about() -> None:
    assert [one.words for one in told([NOTE, CORRECTED], NAMES, "本人", since=1)] == ["改了2024年3月5日 09:30的记录"]
