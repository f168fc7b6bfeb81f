"""What is asked next, worked out from the form and the answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bot.conversation.forms import Form, FormOption, Step
from bot.conversation.journey import Circumstances, Journey, Position
from bot.conversation.registration import Consent
from bot.conversation.state import Draft

HERE = Circumstances(abroad=False, sensitive_allowed=True, has_towns=True)
AT = datetime(2026, 3, 2, tzinfo=UTC)
YES_NO = (FormOption("yes", "好"), FormOption("no", "不"))
FORM = Form(
    "f",
    "表",
    (
        Step("ok", "consent", "同意", "？", options=YES_NO),
        Step("abroad", "consent", "国外", "？", only_abroad=True, options=YES_NO),
        Step("secret_ok", "consent", "单独", "？", sensitive=True, options=YES_NO),
        Step("secret", "text", "类别", "？", sensitive=True, skippable=True, when={"secret_ok": ("yes",)}),
        Step("town", "town", "镇", "？"),
    ),
)


def ids(journey: Journey, **answers: str) -> list[str]:
    return [step.id for step in journey.steps(answers)]


def test_steps_that_depend_on_an_answer_appear_with_it() -> None:
    journey = Journey(FORM, HERE)
    assert ids(journey) == ["ok", "secret_ok", "town"]
    assert ids(journey, secret_ok="yes") == ["ok", "secret_ok", "secret", "town"]


def test_a_channel_abroad_adds_its_consent_and_may_leave_out_the_sensitive() -> None:
    assert ids(Journey(FORM, replace(HERE, abroad=True))) == ["ok", "abroad", "secret_ok", "town"]
    assert ids(Journey(FORM, replace(HERE, sensitive_allowed=False)), secret_ok="yes") == ["ok", "town"]


def test_without_towns_none_is_asked() -> None:
    assert "town" not in ids(Journey(FORM, replace(HERE, has_towns=False)))


def test_the_next_step_is_the_first_neither_answered_nor_skipped() -> None:
    journey, draft = Journey(FORM, HERE), Draft("f", AT)
    assert journey.next_open(draft) == "ok"
    draft = replace(draft, answers={"ok": "yes", "secret_ok": "yes"}, skipped=("secret",))
    assert journey.next_open(draft) == "town"
    assert journey.next_open(replace(draft, answers={**draft.answers, "town": "甲镇"})) is None


def test_the_position_counts_what_applies() -> None:
    draft = Draft("f", AT, answers={"ok": "yes", "secret_ok": "yes"}, step="secret")
    assert Journey(FORM, HERE).position(draft) == Position(3, 4, settled=True)


def test_while_answers_can_add_steps_the_total_is_not_settled() -> None:
    assert not Journey(FORM, HERE).position(Draft("f", AT, step="ok")).settled
    assert Journey(FORM, replace(HERE, sensitive_allowed=False)).position(Draft("f", AT, step="ok")).settled


def test_a_consent_to_come_is_counted_as_given_so_that_the_total_does_not_grow() -> None:
    journey = Journey(FORM, HERE)
    assert journey.position(Draft("f", AT, step="ok")).total == 4
    assert journey.position(Draft("f", AT, answers={"ok": "yes", "secret_ok": "no"}, step="town")).total == 3


def test_other_answers_to_come_add_nothing_to_the_total() -> None:
    form = Form(
        "f", "表", (Step("who", "choice", "谁", "？"), Step("kin", "text", "亲", "？", when={"who": ("other",)}))
    )
    assert Journey(form, HERE).position(Draft("f", AT, step="who")) == Position(1, 1, settled=False)


def test_before_the_check_page_is_the_last_step() -> None:
    assert Journey(FORM, HERE).before(Draft("f", AT)) == "town"
    assert Journey(FORM, HERE).before(Draft("f", AT, step="ok")) is None


def test_answers_that_no_longer_apply_are_dropped_with_their_consents() -> None:
    consents = (Consent("secret_ok", "1", True, AT), Consent("gone", "1", True, AT))
    draft = Draft("f", AT, answers={"ok": "yes", "secret_ok": "no", "secret": "x", "gone": "y"}, consents=consents)
    pruned = Journey(FORM, HERE).pruned(draft)
    assert pruned.answers == {"ok": "yes", "secret_ok": "no"}
    assert [consent.kind for consent in pruned.consents] == ["secret_ok"]
