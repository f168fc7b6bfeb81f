"""Sending, against the stand-in for Telegram's server."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from bot.channels.delivery import Channel, Gone, Incoming, Refused, TryLater
from bot.channels.telegram.channel import TelegramChannel
from bot.conversation.message import Button, File, Reply
from bot.store.outbox import Parcel
from tests.bot.telegram.conftest import no_library_errors
from tests.standin import BotApi, Person

_NOW = datetime(2026, 5, 1, tzinfo=UTC)
LIST = Reply("1. 摆摊\n2. 培训", (Button("摆摊", "v1:a:1"), Button("培训", "v1:a:2")))


@pytest.fixture
def person(api: BotApi) -> Person:
    person = api.person()
    person.say("/start")
    return person


async def send(
    channel: TelegramChannel, person: Person, reply: Reply, context: Mapping[str, str | int] | None = None
) -> None:
    chat = f"telegram:{person.chat_id}" + (f"/{person.id}" if person.group else "")
    await channel.deliver(chat, Parcel(chat, reply, context or {}))


def test_it_is_a_channel(channel: TelegramChannel) -> None:
    as_channel: Channel = channel
    assert as_channel.name == "telegram"


class TestWhatIsSent:
    @pytest.mark.parametrize(
        "text", ["<b>粗</b> & *星* _线_ [链](http://x) `码`", "=1+1", "'; DROP TABLE chats; --", "/start"]
    )
    async def test_text_arrives_as_it_is(self, channel: TelegramChannel, person: Person, text: str) -> None:
        await send(channel, person, Reply(text))
        heard = await person.hears()
        assert (heard.text, heard.parse_mode) == (text, None)

    async def test_buttons_stand_one_in_a_row(self, channel: TelegramChannel, person: Person) -> None:
        await send(channel, person, LIST)
        heard = await person.hears()
        assert [[(button.text, button.data) for button in row] for row in heard.rows] == [
            [("摆摊", "v1:a:1")],
            [("培训", "v1:a:2")],
        ]

    async def test_impossible_buttons_are_left_out(self, channel: TelegramChannel, person: Person) -> None:
        bad = (Button("太长", "x" * 65), Button(" ", "v1:a:3"), Button("空", ""))
        await send(channel, person, Reply("1. 好", (*bad, Button("好", "v1:a:1"))))
        assert [button.text for button in (await person.hears()).buttons] == ["好"]

    async def test_half_a_character_does_not_hinder(self, channel: TelegramChannel, person: Person) -> None:
        await send(channel, person, Reply("好\ud83d", (Button("好\ude00", "v1:a:1"),)))
        assert (await person.hears()).text == "好?"

    async def test_a_file_arrives_as_a_document(self, channel: TelegramChannel, person: Person) -> None:
        await send(channel, person, Reply("这是您的登记", LIST.buttons, File("我的登记.txt", "称呼：王芳\n")))
        heard = await person.hears()
        assert heard.document is not None
        assert (heard.text, len(heard.buttons)) == ("这是您的登记", 2)
        assert (heard.document.name, heard.document.content.decode()) == ("我的登记.txt", "称呼：王芳\n")

    async def test_a_reply_that_was_not_cut_is_sent_whole(self, channel: TelegramChannel, person: Person) -> None:
        await send(channel, person, Reply("长" * 5000))
        heard = [await person.hears(), await person.hears()]
        assert [len(sent.text) for sent in heard] == [4096, 904]


class TestThePhone:
    async def test_it_can_be_shared_by_a_button_beside_the_choices(
        self, channel: TelegramChannel, person: Person
    ) -> None:
        await send(channel, person, Reply("请留电话", (Button("跳过", "v1:a:1"),), asks_phone=True))
        heard = await person.hears()
        assert not heard.inline
        assert [(button.text, button.request_contact) for button in heard.buttons] == [
            ("发送我的手机号码", True),
            ("跳过", False),
        ]

    async def test_the_button_is_taken_away_afterwards(self, channel: TelegramChannel, person: Person) -> None:
        await send(channel, person, Reply("收到"))
        assert (await person.hears()).removes_keyboard

    async def test_it_is_never_asked_for_in_a_group(self, channel: TelegramChannel, api: BotApi) -> None:
        person = api.person(group=api.group())
        await send(channel, person, Reply("请留电话", asks_phone=True))
        heard = await person.hears()
        assert (heard.buttons, heard.removes_keyboard) == ((), False)


class TestPressedButton:
    async def test_it_is_acknowledged_once(self, channel: TelegramChannel, person: Person, api: BotApi) -> None:
        query = api.updates_made[person.forge("v1:a:1")]["callback_query"]["id"]
        await send(channel, person, Reply("一"), {"query": query})
        await send(channel, person, Reply("二"), {"query": query})
        assert [one.query_id for one in api.acknowledged] == [query]
        assert len(api.calls_of("answerCallbackQuery")) == 1

    @pytest.mark.parametrize("trouble", ["old", "error", "flood", "hanging"])
    async def test_the_words_come_even_if_it_cannot_be_acknowledged(
        self, channel: TelegramChannel, person: Person, api: BotApi, trouble: str
    ) -> None:
        query = api.updates_made[person.forge("v1:a:1")]["callback_query"]["id"]
        match trouble:
            case "old":
                api.expire_queries()
            case "error":
                api.faults.server_error(method="answerCallbackQuery")
            case "flood":
                api.faults.too_many(30, method="answerCallbackQuery")
            case "hanging":
                api.faults.hang(method="answerCallbackQuery")
        await send(channel, person, Reply("好"), {"query": query})
        assert (await person.hears()).text == "好"


class TestGroup:
    async def test_the_answer_hangs_under_the_question(self, channel: TelegramChannel, api: BotApi) -> None:
        person = api.person(group=api.group())
        update = api.updates_made[person.say("@zhucan_bot 摆摊")]
        arrived = channel.arrival(update, _NOW)
        assert arrived is not None
        found = channel.read(arrived.body)
        assert isinstance(found, Incoming)
        await channel.deliver(found.chat, Parcel(found.chat, Reply("答"), found.context))
        assert (await person.hears()).reply_to == update["message"]["message_id"]

    async def test_the_answer_comes_even_if_the_question_is_gone(self, channel: TelegramChannel, api: BotApi) -> None:
        person = api.person(group=api.group())
        await send(channel, person, Reply("答"), {"reply_to": 999})
        assert (await person.hears()).reply_to is None

    async def test_a_group_that_became_a_supergroup_is_followed(self, channel: TelegramChannel, api: BotApi) -> None:
        group = api.group(kind="group")
        person = api.person(group=group)
        old = f"telegram:{group.id}/{person.id}"
        group.migrate()
        await channel.deliver(old, Parcel(old, Reply("答"), {"reply_to": 1}))
        assert (await person.hears()).text == "答"


class TestWhatFails:
    async def test_a_flood_limit_says_how_long_to_wait(
        self, channel: TelegramChannel, person: Person, api: BotApi
    ) -> None:
        api.faults.too_many(7, chat=person.id)
        with pytest.raises(TryLater) as caught:
            await send(channel, person, Reply("好"))
        assert (caught.value.after, caught.value.unknown) == (7, False)

    @pytest.mark.parametrize("page", [False, True])
    @pytest.mark.parametrize("code", [500, 502, 503, 504])
    async def test_a_server_error_may_pass_and_may_have_had_its_effect(
        self, channel: TelegramChannel, person: Person, api: BotApi, code: int, page: bool
    ) -> None:
        api.faults.server_error(code, page=page)
        with pytest.raises(TryLater, match=str(code)) as caught:
            await send(channel, person, Reply("好"))
        assert (caught.value.after, caught.value.unknown) == (None, True)

    @pytest.mark.parametrize("kind", ["drop", "hang"])
    async def test_without_an_answer_it_may_have_arrived(
        self, channel: TelegramChannel, person: Person, api: BotApi, kind: str
    ) -> None:
        getattr(api.faults, kind)(after_effect=True)
        with pytest.raises(TryLater) as caught:
            await send(channel, person, Reply("好"))
        assert caught.value.unknown
        assert (await person.hears()).text == "好"

    async def test_without_a_connection_it_has_not_arrived(
        self, channel: TelegramChannel, person: Person, api: BotApi
    ) -> None:
        async with api.unreachable():
            with pytest.raises(TryLater) as caught:
                await send(channel, person, Reply("好"))
        assert not caught.value.unknown

    async def test_a_person_who_blocked_the_bot_is_gone(self, channel: TelegramChannel, person: Person) -> None:
        person.block()
        with pytest.raises(Gone, match="blocked"):
            await send(channel, person, Reply("好"))

    async def test_a_group_that_removed_the_bot_is_gone(self, channel: TelegramChannel, api: BotApi) -> None:
        group = api.group()
        person = api.person(group=group)
        group.remove_bot()
        with pytest.raises(Gone, match="kicked"):
            await send(channel, person, Reply("好"))

    async def test_a_chat_that_never_was_is_gone(self, channel: TelegramChannel) -> None:
        with pytest.raises(Gone, match="chat not found"):
            await channel.deliver("telegram:999", Parcel("telegram:999", Reply("好")))

    @pytest.mark.parametrize("code", [400, 413])
    async def test_a_refusal_is_final(self, channel: TelegramChannel, person: Person, api: BotApi, code: int) -> None:
        api.faults.refuse("no", code)
        with pytest.raises(Refused):
            await send(channel, person, Reply("好"))

    @pytest.mark.parametrize("code", [400, 401, 403, 404])
    async def test_a_page_of_something_in_between_is_no_refusal(
        self, channel: TelegramChannel, person: Person, api: BotApi, code: int
    ) -> None:
        api.faults.server_error(code, page=True)
        with pytest.raises(TryLater, match=str(code)):
            await send(channel, person, Reply("好"))

    async def test_a_refused_token_loses_no_reply(self, channel: TelegramChannel, person: Person, api: BotApi) -> None:
        api.faults.unauthorized()
        with pytest.raises(TryLater, match="Unauthorized"):
            await send(channel, person, Reply("好"))

    @pytest.mark.parametrize("chat", ["telegram:update-5", "telegram:", "web:1", "telegram:1/x", "telegram:٣"])
    async def test_a_chat_of_another_kind_is_refused(self, channel: TelegramChannel, chat: str, api: BotApi) -> None:
        with pytest.raises(Refused):
            await channel.deliver(chat, Parcel(chat, Reply("好")))
        assert not api.calls

    async def test_nothing_of_the_client_hangs_behind_a_fault(
        self, channel: TelegramChannel, person: Person, api: BotApi
    ) -> None:
        api.faults.drop()
        with pytest.raises(TryLater) as caught:
            await send(channel, person, Reply("好"))
        assert no_library_errors(caught.value)
