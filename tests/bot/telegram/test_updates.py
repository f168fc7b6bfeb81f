from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.delivery import Departure, Incoming, UnreadableUpdate
from bot.channels.telegram.updates import arrival, read
from tests.bot.telegram.making import (
    BOT,
    GROUP,
    ME,
    PRIVATE,
    WANG,
    membership,
    message,
    query,
    said,
    said_in_group,
    understood,
)

NOW = datetime(2026, 5, 1, tzinfo=UTC)


class TestPrivateChat:
    def test_a_text_is_taken_as_it_is(self) -> None:
        assert said(text="  <b>摆摊</b> *有*没得补贴 ") == Incoming("telegram:42", text="  <b>摆摊</b> *有*没得补贴 ")

    def test_a_command_is_said_in_words(self) -> None:
        assert said(text="/register").text == "我要登记"

    def test_a_mention_stays_in_the_text(self) -> None:
        assert said(text="@zhucan_bot 你好").text == "@zhucan_bot 你好"

    def test_ones_own_contact_is_the_phone(self) -> None:
        contact = {"phone_number": "+8613900000000", "first_name": "王芳", "user_id": 42}
        assert said(contact=contact) == Incoming("telegram:42", phone="+8613900000000")

    @pytest.mark.parametrize("whose", [{"user_id": 43}, {}])
    def test_the_contact_of_another_is_a_typed_number(self, whose: dict[str, int]) -> None:
        contact = {"phone_number": "+8613900000000", "first_name": "某人"} | whose
        assert said(contact=contact) == Incoming("telegram:42", text="+8613900000000")

    @pytest.mark.parametrize(
        ("content", "attachment"),
        [
            (["voice"], "voice"),
            (["audio"], "voice"),
            (["video"], "video"),
            (["video_note"], "video"),
            (["animation", "document"], "video"),
            (["sticker"], "sticker"),
            (["document"], "file"),
            (["location"], "location"),
            (["venue", "location"], "other"),
            (["dice"], "other"),
            (["poll"], "other"),
            (["game"], "other"),
            (["story"], "other"),
        ],
    )
    def test_an_attachment_is_named(self, content: list[str], attachment: str) -> None:
        assert said(**{name: {"file_id": "x"} for name in content}).attachment == attachment

    def test_what_stands_under_a_photo_is_the_text(self) -> None:
        found = said(photo=[{"file_id": "x"}], caption="这是我的证")
        assert (found.text, found.attachment) == ("这是我的证", "photo")

    @pytest.mark.parametrize("content", [{"pinned_message": {}}, {"hologram": {"file_id": "x"}}, {"voice": None}])
    def test_what_is_no_message_of_theirs_is_ignored(self, content: dict[str, Any]) -> None:
        assert understood(message=message(**content)) is None


class TestGroup:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("@zhucan_bot 摆摊补贴", "摆摊补贴"),
            ("请问@Zhucan_Bot摆摊补贴", "请问 摆摊补贴"),
            ("/help@zhucan_bot", "帮助"),
            ("@zhucan_bot /help", "帮助"),
            ("@zhucan_bot", "你好"),
        ],
    )
    def test_what_is_said_to_the_bot_is_read_without_its_name(self, text: str, words: str) -> None:
        found = said_in_group(text=text)
        assert found == Incoming("telegram:-100987/42", text=words, public=True, context={"reply_to": 7})

    def test_a_mention_without_a_username_counts(self) -> None:
        mark = {"type": "text_mention", "offset": 3, "length": 2, "user": BOT}
        found = said_in_group(text="𠮷 助残摆摊", entities=[mark])
        assert isinstance(found, Incoming)
        assert found.text == "𠮷 摆摊"

    def test_an_answer_to_the_bot_counts(self) -> None:
        found = said_in_group(text="1", reply_to_message=message(GROUP, **{"from": BOT}))
        assert isinstance(found, Incoming)
        assert found.text == "1"

    @pytest.mark.parametrize(
        "content",
        [
            {"text": "大家好"},
            {"text": "@zhucan_bot2 你好"},
            {"text": "me@zhucan_bot"},
            {"text": "/help"},
            {"text": "/help@other_bot"},
            {"text": "@other_bot 你好"},
            {"text": "好", "reply_to_message": message(GROUP)},
            {"text": "你好", "entities": [{"type": "text_mention", "offset": 0, "length": 2, "user": WANG}]},
            {"voice": {"file_id": "x"}, "reply_to_message": message(GROUP, **{"from": BOT})},
            {"contact": {"phone_number": "1", "first_name": "x", "user_id": 42}},
            {"new_chat_members": [BOT]},
            {"migrate_to_chat_id": -1001},
        ],
    )
    def test_what_is_not_said_to_the_bot_is_ignored(self, content: dict[str, Any]) -> None:
        assert said_in_group(**content) is None

    def test_a_photo_is_ignored_but_not_the_words_under_it(self) -> None:
        found = said_in_group(photo=[{"file_id": "x"}], caption="@zhucan_bot 摆摊")
        assert isinstance(found, Incoming)
        assert (found.text, found.attachment) == ("摆摊", None)

    def test_the_answer_belongs_into_the_topic(self) -> None:
        found = said_in_group(text="@zhucan_bot 好", is_topic_message=True, message_thread_id=3)
        assert isinstance(found, Incoming)
        assert found.context == {"reply_to": 7, "topic": 3}

    @pytest.mark.parametrize(
        "content",
        [{"sender_chat": GROUP}, {"from": BOT}, {"from": None}],
    )
    def test_bots_channels_and_hidden_admins_are_ignored(self, content: dict[str, Any]) -> None:
        assert said_in_group(text="@zhucan_bot 你好", **content) is None

    @pytest.mark.parametrize("kind", ["channel", "cave"])
    def test_a_chat_of_another_type_is_ignored(self, kind: str) -> None:
        chat = {"id": -1, "type": kind}
        assert understood(message=message(chat, text="@zhucan_bot 你好")) is None
        assert understood(callback_query=query(message(chat))) is None


class TestButton:
    def test_its_payload_is_taken_as_it_is(self) -> None:
        expected = Incoming("telegram:42", button="v1:abc:1", context={"query": "4001"})
        assert understood(callback_query=query()) == expected

    def test_in_a_group_it_counts_for_the_person_who_pressed_it(self) -> None:
        found = understood(callback_query=query(message(GROUP, **{"from": BOT})))
        assert isinstance(found, Incoming)
        assert (found.chat, found.public) == ("telegram:-100987/42", True)
        assert found.context == {"query": "4001", "reply_to": 7}

    @pytest.mark.parametrize("data", ["x" * 65, "登" * 22])
    def test_one_too_long_to_be_ours_is_empty(self, data: str) -> None:
        found = understood(callback_query=query(data=data))
        assert isinstance(found, Incoming)
        assert found.button == ""

    def test_one_under_a_message_that_is_gone_still_works(self) -> None:
        found = understood(callback_query=query({"message_id": 1, "date": 0, "chat": PRIVATE}))
        assert isinstance(found, Incoming)

    @pytest.mark.parametrize(
        "content", [{"message": None, "inline_message_id": "1"}, {"data": None, "game_short_name": "x"}]
    )
    def test_one_that_cannot_be_ours_is_ignored(self, content: dict[str, Any]) -> None:
        assert understood(callback_query=query(**content)) is None


class TestDeparture:
    @pytest.mark.parametrize(
        ("old", "new", "blocked"), [("member", "kicked", True), ("kicked", "member", False), ("member", "left", True)]
    )
    def test_blocking_and_coming_back_are_noticed(self, old: str, new: str, blocked: bool) -> None:
        assert understood(my_chat_member=membership(old, new)) == Departure("telegram:42", blocked)

    def test_a_group_that_removes_the_bot_is_named(self) -> None:
        assert understood(my_chat_member=membership("member", "left", GROUP)) == Departure("telegram:-100987", True)

    def test_a_change_of_rights_is_ignored(self) -> None:
        assert understood(my_chat_member=membership("member", "administrator", GROUP)) is None


class TestOddUpdates:
    @pytest.mark.parametrize(
        "update",
        [
            {},
            {"edited_message": message(text="改了")},
            {"channel_post": message(text="公告")},
            {"business_message": message(text="x")},
            {"telepathy": {"thought": "x"}},
        ],
    )
    def test_other_kinds_are_ignored(self, update: dict[str, Any]) -> None:
        assert understood(**update) is None

    @pytest.mark.parametrize(
        "body",
        [
            "",
            "[]",
            "null",
            '{"message": 1}',
            '{"message": {}}',
            '{"message": {"message_id": 1, "chat": {"id": "42", "type": "private"}}}',
            '{"message": {"message_id": 1, "chat": {"id": 1e999, "type": "private"}}}',
            f'{{"message": {{"message_id": 1, "chat": {{"id": {"9" * 40}, "type": "private"}}}}}}',
            '{"callback_query": {"id": "", "from": {"id": 1}}}',
            "[" * 100_000,
            '{"message": {"text": "\ud83d"}}',
        ],
    )
    def test_an_impossible_shape_is_unreadable(self, body: str) -> None:
        with pytest.raises(UnreadableUpdate):
            read(body, ME)

    def test_an_unreadable_update_names_the_place_and_not_the_content(self) -> None:
        with pytest.raises(UnreadableUpdate, match=r"message\.text") as caught:
            read(json.dumps({"message": message(text=["13900000000"])}), ME)
        assert "139" not in str(caught.value)


class TestArrival:
    def test_of_it_only_what_is_read_is_kept_in_the_lane_of_its_chat(self) -> None:
        update = {"update_id": 5, "message": message(GROUP, text="@zhucan_bot 你好", hologram={"x": [1.5, None]})}
        kept = arrival(update, ME, NOW)
        assert kept is not None
        assert (kept.channel, kept.update_id, kept.chat, kept.due) == ("telegram", 5, "telegram:-100987/42", NOW)
        assert "王芳" not in kept.body
        assert "求职群" not in kept.body
        assert read(kept.body, ME) == read(json.dumps(update), ME)

    @pytest.mark.parametrize(
        ("content", "telling"),
        [
            ({"location": {"latitude": 29.29, "longitude": 106.25}}, "29.29"),
            ({"document": {"file_name": "身份证.jpg"}}, "身份证"),
            ({"photo": [{"file_id": "abc"}], "caption": "看看"}, "abc"),
            ({"contact": {"phone_number": "13912345678", "first_name": "李梅", "user_id": 42}}, "李梅"),
            ({"text": "好", "reply_to_message": message(text="旧话")}, "旧话"),
            ({"text": "我的证号11010519491231002X，怎么办"}, "11010519491231002X"),
            ({"photo": [{}], "caption": "11010519491231002X"}, "11010519491231002X"),
        ],
    )
    def test_what_nobody_needs_is_not_kept(self, content: dict[str, Any], telling: str) -> None:
        update = {"update_id": 5, "message": message(**content)}
        kept = arrival(update, ME, NOW)
        assert kept is not None
        assert telling not in kept.body
        lean = read(kept.body, ME)
        assert isinstance(lean, Incoming)
        assert lean.attachment == read(json.dumps(update), ME).attachment  # type: ignore[union-attr]

    def test_it_can_be_held_back(self) -> None:
        later = NOW + timedelta(seconds=0.3)
        kept = arrival({"update_id": 5, "message": message(text="好")}, ME, NOW, later)
        assert kept is not None
        assert (kept.received, kept.due) == (NOW, later)

    def test_an_unreadable_one_is_kept_in_a_lane_of_its_own(self) -> None:
        kept = arrival({"update_id": 5, "message": {"chat": PRIVATE}}, ME, NOW)
        assert kept is not None
        assert kept.chat == "telegram:update-5"

    def test_what_others_say_in_a_group_is_not_kept(self) -> None:
        assert arrival({"update_id": 5, "message": message(GROUP, text="我的电话是13900000000")}, ME, NOW) is None

    @pytest.mark.parametrize("number", [None, "5", True, 1.0, -1, 2**63])
    def test_one_without_a_number_is_not_kept(self, number: object) -> None:
        assert arrival({"update_id": number, "message": message(text="好")}, ME, NOW) is None

    def test_half_a_character_does_not_hinder(self) -> None:
        kept = arrival({"update_id": 5, "message": message(text="好\ud83d")}, ME, NOW)
        assert kept is not None
        assert read(kept.body, ME) == Incoming("telegram:42", text="好?")


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
FIELDS = [
    *("message_id", "chat", "from", "text", "caption", "entities", "contact", "voice", "photo", "sender_chat"),
    *("reply_to_message", "id", "type", "is_bot", "data", "message", "user", "offset", "length", "phone_number"),
    *("user_id", "old_chat_member", "new_chat_member", "status", "message_thread_id", "is_topic_message"),
]
TYPES = st.sampled_from(
    ["private", "group", "supergroup", "channel", "text_mention", "kicked", "member", "@zhucan_bot"]
)


def shapes(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=6)


likely = st.recursive(anything | TYPES | st.integers(-5, 5), shapes, max_leaves=15)
kinds = st.sampled_from(["message", "callback_query", "my_chat_member", "edited_message", "poll"])


@st.composite
def spoilt(draw: st.DrawFn) -> dict[str, Any]:
    """A good update with something in it replaced."""
    update: dict[str, Any] = draw(
        st.sampled_from(
            [
                {"message": message(text="你好")},
                {
                    "message": message(
                        GROUP, text="@zhucan_bot", entities=[{"type": "mention", "offset": 0, "length": 11}]
                    )
                },
                {"callback_query": query()},
                {"my_chat_member": membership("member", "kicked")},
            ]
        )
    )
    update = json.loads(json.dumps(update))
    place: Any = update
    while isinstance(place, dict) and place:
        key = draw(st.sampled_from(sorted(place)))
        if not isinstance(place[key], dict) or draw(st.booleans()):
            place[key] = draw(likely)
            break
        place = place[key]
    return update


@given(anything | st.dictionaries(kinds, likely, max_size=2) | spoilt())
def test_whatever_comes_is_understood_ignored_or_unreadable(update: object) -> None:
    try:
        found = read(json.dumps(update), ME)
    except UnreadableUpdate:
        return
    assert found is None or isinstance(found, Incoming | Departure)


@given(st.text(max_size=50))
def test_a_body_that_is_no_json_is_unreadable_or_ignored(body: str) -> None:
    with suppress(UnreadableUpdate):
        assert read(body, ME) is None


@given(st.dictionaries(kinds, likely, max_size=2) | spoilt(), st.integers(0, 2**63 - 1))
def test_what_is_kept_can_be_read_in_the_lane_it_is_kept_in(update: dict[str, Any], number: int) -> None:
    kept = arrival(update | {"update_id": number}, ME, NOW)
    if kept is None:
        return
    try:
        found = read(kept.body, ME)
    except UnreadableUpdate:
        assert kept.chat == f"telegram:update-{number}"
    else:
        assert found is not None
        assert kept.chat == found.chat
