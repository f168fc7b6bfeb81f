"""The shipped forms, as data."""

from __future__ import annotations

from collections import Counter

from bot.conversation.forms import load_form
from bot.conversation.wording import wording
from knowledge import Knowledge

FORM = load_form("jobseeker")
NEVER_ASKED = ("身份证号是", "证号是多少", "生日是", "哪年出生", "详细地址是", "什么病", "收入多少")


def test_ids_are_unique() -> None:
    assert max(Counter(step.id for step in FORM.steps).values()) == 1
    for step in FORM.steps:
        assert all(count == 1 for count in Counter(option.id for option in step.options).values())


def test_conditions_name_earlier_steps_and_their_options() -> None:
    earlier: dict[str, set[str]] = {}
    for step in FORM.steps:
        for needed, values in step.when.items():
            assert set(values) <= earlier[needed]
        earlier[step.id] = {option.id for option in step.options}


def test_every_end_has_its_words_and_every_offer_its_entry(shipped: Knowledge) -> None:
    for option in (option for step in FORM.steps for option in step.options):
        assert option.ends is None or option.ends in wording()
        assert set(option.offers) <= set(shipped.by_key)


def test_consents_have_a_version_and_come_before_what_they_allow() -> None:
    order = [step.id for step in FORM.steps]
    for step in FORM.steps:
        if step.kind == "consent":
            assert step.version
            assert step.unclear
    assert order[0] == "consent"
    assert order.index("category_consent") < order.index("categories")


def test_nothing_is_asked_that_must_never_be() -> None:
    for step in FORM.steps:
        assert not any(words in step.ask + step.ask_other for words in NEVER_ASKED)


def test_questions_about_others_speak_of_others() -> None:
    for step in FORM.steps:
        assert "您的" not in step.ask_other or "写您的" in step.ask_other
        if "您" in step.ask and step.kind != "consent" and step.id not in ("relation", "more"):
            assert step.ask_other
