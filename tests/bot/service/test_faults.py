from __future__ import annotations

import pytest

from bot.service.chats import channel_of
from bot.service.faults import told
from bot.service.wording import say


def caught(error: BaseException) -> BaseException:
    try:
        raise error
    except BaseException as same:
        return same


def test_the_class_is_told_and_never_the_text() -> None:
    fields = told(caught(ValueError("a secret of 王小明")))
    assert fields["error"] == "ValueError"
    assert "王小明" not in repr(fields)


def test_the_place_is_the_innermost_of_our_own_code() -> None:
    with pytest.raises(AttributeError) as raised:
        channel_of(12345)  # type: ignore[arg-type]
    assert told(raised.value)["at"][-1].startswith("bot/service/chats.py:")  # type: ignore[index]


def test_what_is_behind_an_exception_is_told_too() -> None:
    error = RuntimeError("y")
    error.__cause__ = caught(KeyError("x"))
    assert told(caught(error))["error"] == "RuntimeError < KeyError"


def test_each_of_a_group_is_told() -> None:
    fields = told(ExceptionGroup("all", [ValueError("a secret"), KeyError("b")]))
    assert [each["error"] for each in fields["errors"]] == ["ValueError", "KeyError"]  # type: ignore[attr-defined]
    assert "secret" not in repr(fields)


def test_the_words_for_a_person_say_what_to_do_next() -> None:
    assert "人工" in say("sorry")
