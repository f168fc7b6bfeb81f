"""Random walks through the conversation: anything may be said at any step, and nothing may go wrong."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from pydantic import TypeAdapter

from bot.conversation.assistant import Assistant
from bot.conversation.forms import load_form
from bot.conversation.lists import LONGEST_PAYLOAD
from bot.conversation.receipts import is_receipt
from bot.conversation.state import State
from tests.bot.conversation.conftest import READINGS, Person
from tests.bot.conversation.test_filling import FOR_ONESELF

WALKS = int(os.environ.get("WALKS", "300"))
"""How many walks: a few hundred in the usual run, five thousand in `make walks`."""
STEPS = 30
FORM = load_form("jobseeker")
STATE = TypeAdapter(State)
WORDS = st.sampled_from(
    sorted(
        {
            *FOR_ONESELF,
            *READINGS,
            *(
                "1",
                "2",
                "3",
                "7",
                "15",
                "99",
                "0",
                "一",
                "都不是",
                "1 3",
                "全部",
                "除了2都要",
                "不同意",
                "帮别人",
                "妈妈",
                "还没有问",
            ),
            *(
                "14岁",
                "跳过",
                "返回",
                "暂停",
                "继续",
                "取消",
                "重来",
                "提交",
                "选好了",
                "人工",
                "简单",
                "详细",
                "/start",
                "帮助",
            ),
            *(
                "我的登记",
                "删除我的登记",
                "全部删掉",
                "改",
                "再登记一个人",
                "要好多钱",
                "那找哪个",
                "白沙镇滨江路12号",
                "不想说",
                "代接",
            ),
            *(
                "我想登记，我叫张三，电话13812345678，住白沙，想做客服",
                "我叫张三，今年15岁，电话13812345678",
                "他叫陈小宝，住蔡家镇",
                "对",
                "不是",
                "改名字",
            ),
            *(
                "500116199001011234",
                "1381234567",
                "023-47521234",
                "110",
                "=1+1",
                "<b>",
                "'; DROP TABLE x",
                "{name}",
                "\x00",
                "",
            ),
        }
    )
)
ANYTHING = st.text(max_size=60)


class Walk(RuleBasedStateMachine):
    """One person who says anything, presses anything, and leaves and comes back."""

    assistant: Assistant

    @initialize(abroad=st.sampled_from(["", "Telegram"]), registers=st.booleans())
    def arrive(self, abroad: str, registers: bool) -> None:
        self.person = Person(self.assistant, abroad)
        self.old_buttons: list[str] = []
        if registers:
            self.person.says(*FOR_ONESELF[:1])

    def _heard(self) -> None:
        self.old_buttons = [*self.old_buttons, *(b.payload for r in self.person.replies for b in r.buttons)][-40:]

    @rule(text=WORDS)
    def say_a_word(self, text: str) -> None:
        self.person.says(text)
        self._heard()

    @rule(text=ANYTHING)
    def say_anything(self, text: str) -> None:
        self.person.says(text)

    @rule(text=WORDS)
    def say_it_in_a_group(self, text: str) -> None:
        before = self.person.state
        self.person.says(text, public=True)
        assert self.person.state.registrations == before.registrations
        if before.draft is not None and self.person.state.draft is not None:
            assert self.person.state.draft.answers == before.draft.answers

    @rule(place=st.integers(0, 39))
    def press_a_button(self, place: int) -> None:
        buttons = [button for reply in self.person.replies for button in reply.buttons]
        if buttons:
            self.person.sends(button=buttons[place % len(buttons)].payload)
            self._heard()

    @rule(place=st.integers(0, 39))
    def press_an_old_button(self, place: int) -> None:
        if self.old_buttons:
            self.person.sends(button=self.old_buttons[place % len(self.old_buttons)])

    @rule(payload=ANYTHING)
    def forge_a_button(self, payload: str) -> None:
        self.person.sends(button=payload)

    @rule(kind=st.sampled_from(["voice", "photo", "other"]))
    def send_something(self, kind: str) -> None:
        self.person.sends(attachment=kind)

    @rule()
    def share_the_phone(self) -> None:
        self.person.sends(phone="+8613812345678")

    @rule()
    def fill_in_the_next_step(self) -> None:
        """Bring the walk forward, so that it also reaches the end of the form."""
        draft = self.person.state.draft
        if draft is not None and not draft.paused:
            self.person.says(_fitting(draft.step))

    @rule()
    def ask_for_a_person(self) -> None:
        assert "12345" in self.person.says("人工")

    @precondition(lambda self: self.person.state.draft is not None)
    @rule()
    def cancel(self) -> None:
        self.person.says("继续", "取消", "取消")
        assert self.person.state.draft is None

    @invariant()
    def there_is_always_an_answer_and_a_way_on(self) -> None:
        for reply in self.person.replies:
            assert reply.text.strip()
            assert all(len(button.payload.encode()) <= LONGEST_PAYLOAD for button in reply.buttons)
            assert len(reply.text) < 4000

    @invariant()
    def nothing_personal_is_kept_without_consent(self) -> None:
        state = self.person.state
        for registration in state.registrations:
            agreed = {consent.kind for consent in registration.consents if consent.agreed}
            assert "consent" in agreed
            assert "category_consent" in agreed or "categories" not in registration.answers
            assert registration.answers["whom"] == "self" or "agreement" in agreed
            assert is_receipt(registration.receipt)
            for step in FORM.steps:
                needed = not (step.skippable or step.when or step.only_abroad)
                unless = step.skippable_when
                excused = unless and all(registration.answers[id] in values for id, values in unless.items())
                assert step.id in registration.answers or not needed or excused
        if state.draft is not None:
            agreed = {consent.kind for consent in state.draft.consents if consent.agreed}
            personal = {id for id in state.draft.answers if FORM.step(id).kind != "consent"}  # type: ignore[union-attr]
            assert not personal or "consent" in agreed
            needed = {"agreement"} if state.draft.answers.get("whom") == "other" else set[str]()
            assert not state.draft.told or agreed >= {"consent", *needed}

    @invariant()
    def no_identity_number_is_kept(self) -> None:
        assert "500116199001011234" not in repr(self.person.state)

    @invariant()
    def the_state_survives_being_stored(self) -> None:
        assert STATE.validate_json(STATE.dump_json(self.person.state)) == self.person.state


def _fitting(step: str | None) -> str:
    return {
        None: "提交",
        "whom": "我自己",
        "relation": "妈妈",
        "age": "42",
        "name": "王建国",
        "phone": "13812345678",
        "town": "白沙",
    }.get(step, "1")


@pytest.fixture(autouse=True)
def _talk_to(assistant: Assistant) -> Iterator[None]:
    Walk.assistant = assistant
    yield
    del Walk.assistant


def test_no_walk_goes_wrong() -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Walk,
        settings=settings(
            max_examples=WALKS,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
