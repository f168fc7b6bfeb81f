"""The stand-in is as strict as the Bot API, and the person's side sees what a person would."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
import telegram
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, NetworkError, TimedOut

from . import BotApi, FloodLimits, Person
from .wire import Listener, Request, Response

MENU = telegram.InlineKeyboardMarkup([[telegram.InlineKeyboardButton("找工作", callback_data="1:work")]])


@pytest_asyncio.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as api:
        yield api


@pytest_asyncio.fixture
async def bot(api: BotApi) -> AsyncIterator[telegram.Bot]:
    async with telegram.Bot(api.token, base_url=api.base_url) as bot:
        yield bot


@pytest_asyncio.fixture
async def http(api: BotApi) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{api.base_url}{api.token}/") as http:
        yield http


def started(api: BotApi) -> Person:
    """Somebody the bot may write to; what they said is not waiting any more."""
    person = api.person()
    person.say("/start")
    api.queue.clear()
    return person


async def ids(http: httpx.AsyncClient, **params: Any) -> list[int]:
    answer = (await http.post("getUpdates", json=params)).json()
    return [update["update_id"] for update in answer["result"]]


def message_of(update: telegram.Update) -> telegram.Message:
    assert update.message is not None
    return update.message


class TestGetUpdates:
    async def test_updates_stay_until_a_later_offset_acknowledges_them(
        self, api: BotApi, http: httpx.AsyncClient
    ) -> None:
        first, second, third = (api.person().say(words) for words in "甲乙丙")
        assert await ids(http) == await ids(http, offset=first) == [first, second, third]
        assert await ids(http, offset=second, limit=1) == [second]
        assert await ids(http) == [second, third]
        assert await ids(http, offset=third + 1) == []
        assert api.pending == 0

    async def test_a_negative_offset_keeps_the_last_ones(self, api: BotApi, http: httpx.AsyncClient) -> None:
        said = [api.person().say(words) for words in "甲乙丙"]
        assert await ids(http, offset=-1) == said[2:]
        assert api.pending == 1

    async def test_ids_that_start_anew_are_given_out_in_spite_of_an_old_offset(
        self, api: BotApi, http: httpx.AsyncClient
    ) -> None:
        old = api.person().say("上周")
        assert await ids(http, offset=old + 1) == []
        api.start_ids_anew(500)
        assert api.person().say("这周") == 500
        assert await ids(http, offset=old + 1) == [500]
        assert await ids(http, offset=501) == []

    async def test_a_long_poll_ends_when_somebody_speaks(self, api: BotApi, http: httpx.AsyncClient) -> None:
        poll = asyncio.create_task(ids(http, timeout=30))
        while not api.queue.polled:
            await asyncio.sleep(0.001)
        said = [api.person().say("甲"), api.person().say("乙")]
        assert await poll == said

    async def test_the_newer_of_two_pollers_wins(self, api: BotApi, http: httpx.AsyncClient) -> None:
        first = asyncio.create_task(http.post("getUpdates", json={"timeout": 30}))
        while not api.queue.polled:
            await asyncio.sleep(0.001)
        second = asyncio.create_task(ids(http, timeout=30))
        assert (await first).json()["description"] == (
            "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
        )
        said = api.person().say("还在吗")
        assert await second == [said]

    async def test_kinds_not_asked_for_are_not_kept(self, api: BotApi, http: httpx.AsyncClient) -> None:
        await ids(http, allowed_updates=["message"])
        person = api.person()
        said = person.say("你好")
        person.edit(said, "您好")
        assert await ids(http) == [said]

    async def test_it_is_refused_while_a_webhook_is_set(self, bot: telegram.Bot) -> None:
        await bot.set_webhook("http://127.0.0.1:9/")
        with pytest.raises(Conflict, match="webhook is active"):
            await bot.get_updates()

    async def test_updates_of_any_shape_come_again_and_out_of_order(self, api: BotApi, http: httpx.AsyncClient) -> None:
        old = api.person().say("旧")
        assert await ids(http, offset=old + 1) == []
        with api.out_of_order():
            new = [api.person().say(words) for words in "甲乙"]
        odd = api.raw_update({"telepathy": {"thought": "嗯"}})
        api.repeat(old)
        assert await ids(http, offset=old + 1) == [new[1], new[0], odd, old]
        assert await ids(http, offset=odd + 1) == []

    async def test_everything_people_send_can_be_read(self, api: BotApi, bot: telegram.Bot) -> None:
        person = api.person(username="wangfang")
        kinds = ["voice", "photo", "sticker", "document", "location", "video", "audio", "venue", "dice", "poll"]
        for kind in kinds:
            person.send(kind)
        person.send_contact("+8613912345678", own=False)
        person.block()
        person.unblock()
        *sent, contact, blocked, unblocked = await bot.get_updates()
        assert all(getattr(update.message, kind) for update, kind in zip(sent, kinds, strict=True))
        assert "user_id" not in message_of(contact).to_dict()["contact"]
        changes = [update.my_chat_member for update in (blocked, unblocked)]
        assert [change and change.new_chat_member.status for change in changes] == ["kicked", "member"]

    async def test_a_long_text_comes_in_pieces_as_clients_send_it(self, api: BotApi, bot: telegram.Bot) -> None:
        api.person().say("𠮷" * 3000)
        assert [len(message_of(update).text or "") for update in await bot.get_updates()] == [2048, 952]


class TestTalking:
    async def test_a_person_hears_the_messages_in_order_and_taps(self, api: BotApi, bot: telegram.Bot) -> None:
        person = api.person()
        person.say("/start")
        await bot.send_message(person.id, "您好")
        await bot.send_message(person.id, "请选", reply_markup=MENU)
        assert [sent.text for sent in await person.hears_all(2)] == ["您好", "请选"]
        person.tap("找工作")
        query = (await bot.get_updates())[-1].callback_query
        assert query is not None
        assert isinstance(query.message, telegram.Message)
        assert (query.data, query.message.text, query.from_user.id) == ("1:work", "请选", person.id)
        assert await query.answer()
        with pytest.raises(BadRequest, match="Query is too old and response timeout expired or query id is invalid"):
            await bot.answer_callback_query("4000000000000000777")

    async def test_hearing_nothing_is_a_timeout(self, api: BotApi) -> None:
        with pytest.raises(TimeoutError, match="heard nothing"):
            await api.person().hears(timeout=0.01)

    async def test_a_button_that_is_gone_can_only_be_tapped_on_the_message_as_it_came(
        self, api: BotApi, bot: telegram.Bot
    ) -> None:
        person = started(api)
        message = await bot.send_message(person.id, "请选", reply_markup=MENU)
        menu = await person.hears()
        await message.edit_reply_markup(None)
        assert api.now(menu).buttons == ()
        with pytest.raises(LookupError, match="has a button"):
            person.tap("找工作")
        person.tap("找工作", menu)
        person.forge("9:" + "x" * 200)
        data = [str(update.callback_query and update.callback_query.data) for update in await bot.get_updates()]
        assert data == ["1:work", "9:" + "x" * 200]

    async def test_a_reply_keyboard_shares_the_phone(self, api: BotApi, bot: telegram.Bot) -> None:
        person = started(api)
        button = telegram.KeyboardButton("分享手机号", request_contact=True)
        await bot.send_message(person.id, "请分享", reply_markup=telegram.ReplyKeyboardMarkup([[button]]))
        person.tap("分享手机号")
        contact = message_of((await bot.get_updates())[0]).contact
        assert contact is not None
        assert (contact.phone_number, contact.user_id) == (person.phone, person.id)
        await bot.send_message(person.id, "谢谢", reply_markup=telegram.ReplyKeyboardRemove())
        assert (await person.hears_all(2))[1].removes_keyboard

    async def test_a_file_arrives_whole(self, api: BotApi, bot: telegram.Bot) -> None:
        person = started(api)
        content = bytes(range(256)) * 9 + b"\r\n--x\r\n"
        sent = await bot.send_document(person.id, content, caption="您的登记", filename="登记.txt")
        document = (await person.hears()).document
        assert document is not None
        assert (document.name, document.content) == ("登记.txt", content)
        assert sent.document is not None
        assert await bot.send_document(person.id, sent.document.file_id)

    async def test_in_a_group_everybody_hears_and_privacy_hides_small_talk(
        self, api: BotApi, bot: telegram.Bot
    ) -> None:
        group = api.group(privacy=True)
        one, other = (api.person(group=group) for _ in range(2))
        one.say("今天吃什么")
        one.say(f"{api.mention} 有什么补贴")
        (update,) = await bot.get_updates()
        message = message_of(update)
        assert message.parse_entities(["mention"])
        answer = await message.reply_text("有三种", do_quote=True)
        assert (await one.hears()).reply_to == (await other.hears()).reply_to == message.message_id
        other.reply_to(api.sent[-1], "哪三种")
        (update,) = await bot.get_updates(offset=update.update_id + 1)
        assert message_of(update).reply_to_message == answer

    async def test_a_group_that_became_a_supergroup_sends_on(self, api: BotApi, bot: telegram.Bot) -> None:
        group = api.group(kind="group")
        person = api.person(group=group)
        old = group.id
        new = group.migrate()
        with pytest.raises(telegram.error.ChatMigrated) as moved:
            await bot.send_message(old, "您好")
        assert moved.value.new_chat_id == new
        await bot.send_message(new, "您好")
        assert (await person.hears()).text == "您好"
        group.remove_bot()
        with pytest.raises(Forbidden, match="bot was kicked from the supergroup chat"):
            await bot.send_message(new, "您好")


REFUSED_MESSAGES = [
    ({"text": ""}, "message text is empty"),
    ({"text": " \n "}, "message text is empty"),
    ({"text": "字" * 4097}, "message is too long"),
    ({"text": "𠮷" * 2049}, "message is too long"),
    ({"text": "字" * 11000}, "text is too long"),
    ({"text": "x", "chat_id": 999}, "chat not found"),
    ({"text": "x", "chat_id": ""}, "chat_id is empty"),
    ({"text": "x", "parse_mode": "BBCode"}, "unsupported parse_mode"),
    ({"text": "x", "reply_parameters": {"message_id": 999}}, "message to be replied not found"),
    ({"text": "x", "reply_markup": "{"}, "can't parse reply keyboard markup JSON object"),
    (
        {"text": "甲<b>", "parse_mode": "HTML"},
        "can't parse entities: Can't find end tag corresponding to start tag \"b\"",
    ),
    ({"text": "甲</b>", "parse_mode": "HTML"}, "can't parse entities: Unexpected end tag at byte offset 3"),
    ({"text": "1<2>", "parse_mode": "HTML"}, 'can\'t parse entities: Unsupported start tag "2" at byte offset 1'),
    ({"text": "<", "parse_mode": "HTML"}, "can't parse entities: Unclosed start tag at byte offset 0"),
    (
        {"text": "<b>x</i>", "parse_mode": "HTML"},
        'can\'t parse entities: Unmatched end tag at byte offset 4, expected "</b>", found "</i>"',
    ),
    (
        {"text": "1. x", "parse_mode": "MarkdownV2"},
        "can't parse entities: Character '.' is reserved and must be escaped with the preceding '\\'",
    ),
    (
        {"text": "甲*x", "parse_mode": "MarkdownV2"},
        "can't parse entities: Can't find end of Bold entity at byte offset 3",
    ),
    (
        {"text": "a_b", "parse_mode": "Markdown"},
        "can't parse entities: Can't find end of the entity starting at byte offset 1",
    ),
]
REFUSED_BUTTONS = [
    ({"text": "好", "callback_data": "字" * 22}, "BUTTON_DATA_INVALID"),
    ({"text": "好"}, "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
    ({"callback_data": "1"}, "can't parse inline keyboard button: Can't find field \"text\""),
]


class TestRefusals:
    @pytest.mark.parametrize(("message", "words"), REFUSED_MESSAGES)
    async def test_messages(self, api: BotApi, http: httpx.AsyncClient, message: dict[str, Any], words: str) -> None:
        person = started(api)
        answer = await http.post("sendMessage", json={"chat_id": person.id} | message)
        assert answer.json() == {"ok": False, "error_code": 400, "description": f"Bad Request: {words}"}
        assert answer.status_code == 400
        assert api.sent == []

    @pytest.mark.parametrize(("button", "words"), REFUSED_BUTTONS)
    async def test_buttons(self, api: BotApi, http: httpx.AsyncClient, button: dict[str, str], words: str) -> None:
        person = started(api)
        markup = json.dumps({"inline_keyboard": [[button]]})
        answer = await http.post("sendMessage", data={"chat_id": person.id, "text": "x", "reply_markup": markup})
        assert answer.json()["description"] == f"Bad Request: {words}"

    @pytest.mark.parametrize(
        ("text", "parse_mode", "read"),
        [
            ("<b>甲 &lt;乙&gt;</b> &amp;&#33;<a href='https://x.cn'>丙</a>", "HTML", "甲 <乙> &!丙"),
            ("*甲 _乙_* 1\\. [丙](https://x.cn) `a.b` ||丁||", "MarkdownV2", "甲 乙 1. 丙 a.b 丁"),
            ("*甲* a\\_b [丙](https://x.cn)", "Markdown", "甲 a_b 丙"),
            ("<b>*甲*", None, "<b>*甲*"),
        ],
    )
    async def test_what_is_well_marked_is_read_without_the_marks(
        self, api: BotApi, bot: telegram.Bot, text: str, parse_mode: str | None, read: str
    ) -> None:
        person = started(api)
        await bot.send_message(person.id, text, parse_mode=parse_mode)
        assert (await person.hears()).text == read

    async def test_the_longest_message_and_data_pass(self, api: BotApi, bot: telegram.Bot) -> None:
        button = telegram.InlineKeyboardButton("好", callback_data="字" * 21 + "x")
        markup = telegram.InlineKeyboardMarkup([[button]])
        assert await bot.send_message(started(api).id, "字" * 4096, reply_markup=markup)

    async def test_an_unchanged_edit_and_messages_that_are_not_its_own(self, api: BotApi, bot: telegram.Bot) -> None:
        person = started(api)
        message = await bot.send_message(person.id, "甲", reply_markup=MENU)
        with pytest.raises(BadRequest, match="Message is not modified: specified new message content and reply markup"):
            await message.edit_text("甲", reply_markup=MENU)
        await message.edit_text("乙")
        assert (api.edits[0].text, api.edits[0].buttons) == ("乙", ())
        with pytest.raises(BadRequest, match="Message is not modified"):
            await message.edit_reply_markup(None)
        with pytest.raises(BadRequest, match="Message can't be edited"):
            await bot.edit_message_text("丙", person.id, 1)
        with pytest.raises(BadRequest, match="Message to edit not found"):
            await bot.edit_message_text("丙", person.id, 999)

    async def test_people_who_never_wrote_or_have_blocked_the_bot(self, api: BotApi, bot: telegram.Bot) -> None:
        person = api.person()
        with pytest.raises(Forbidden, match="bot can't initiate conversation with a user"):
            await bot.send_message(person.id, "您好")
        person.say("/start")
        person.block()
        with pytest.raises(Forbidden, match="bot was blocked by the user"):
            await bot.send_message(person.id, "您好")
        person.unblock()
        assert await bot.send_message(person.id, "您好")

    async def test_a_wrong_token_an_unknown_method_and_nonsense(self, api: BotApi, http: httpx.AsyncClient) -> None:
        wrong = await http.get(f"{api.base_url}7000000001:other/getMe")
        assert wrong.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}
        assert (await http.get("makeCoffee")).json()["description"] == "Not Found: method not found"
        nonsense = await http.post("sendMessage", content=b"{", headers={"content-type": "application/json"})
        assert nonsense.status_code == 400

    async def test_commands(self, api: BotApi, bot: telegram.Bot) -> None:
        await bot.set_my_commands([("start", "开始"), ("help", "帮助")])
        assert [command.command for command in await bot.get_my_commands()] == ["start", "help"]
        with pytest.raises(BadRequest, match="Bot_command_invalid"):
            await bot.set_my_commands([("找工作", "开始")])

    async def test_flood_limits_when_turned_on(self, api: BotApi, http: httpx.AsyncClient) -> None:
        now = 0.0
        api.limits = FloodLimits(chat_burst=2, clock=lambda: now)
        person, other = started(api), started(api)

        async def sending(to: Person) -> int:
            return (await http.post("sendMessage", json={"chat_id": to.id, "text": "快"})).status_code

        assert [await sending(person) for _ in range(3)] == [200, 200, 429]
        assert await sending(other) == 200
        now = 2.0
        assert await sending(person) == 200


class TestFaults:
    async def test_429_for_one_chat_only(self, api: BotApi, http: httpx.AsyncClient) -> None:
        person, other = started(api), api.person(name="李四")
        other.say("/start")
        with api.faults.too_many(7, chat=person.id, times=None) as fault:
            refused = await http.post("sendMessage", json={"chat_id": person.id, "text": "甲"})
            passed = await http.post("sendMessage", json={"chat_id": other.id, "text": "乙"})
        assert refused.json() == {
            "ok": False,
            "error_code": 429,
            "description": "Too Many Requests: retry after 7",
            "parameters": {"retry_after": 7},
        }
        assert (passed.status_code, fault.hits) == (200, 1)
        assert (await http.post("sendMessage", json={"chat_id": person.id, "text": "甲"})).status_code == 200

    @pytest.mark.parametrize("after_effect", [False, True])
    async def test_a_dropped_connection_with_and_without_effect(
        self, api: BotApi, bot: telegram.Bot, after_effect: bool
    ) -> None:
        person = started(api)
        api.faults.drop(method="sendMessage", after_effect=after_effect)
        with pytest.raises(NetworkError):
            await bot.send_message(person.id, "甲")
        assert len(api.sent) == after_effect
        assert await bot.send_message(person.id, "乙")

    async def test_hanging_slow_and_broken_servers(self, api: BotApi, bot: telegram.Bot) -> None:
        person = started(api)
        api.faults.hang(method="sendMessage")
        with pytest.raises(TimedOut):
            await bot.send_message(person.id, "甲", read_timeout=0.05)
        api.faults.slow(0.05, method="sendMessage")
        assert await bot.send_message(person.id, "乙")
        api.faults.server_error(502, page=True, times=2)
        for _ in range(2):
            with pytest.raises(NetworkError, match="Bad Gateway"):
                await bot.send_message(person.id, "丙")
        api.faults.unauthorized()
        with pytest.raises(InvalidToken):
            await bot.send_message(person.id, "丙")
        api.faults.conflict()
        with pytest.raises(Conflict):
            await bot.get_updates()
        assert [sent.text for sent in api.sent] == ["乙"]

    async def test_an_unreachable_server_keeps_its_port_and_its_state(self, api: BotApi, bot: telegram.Bot) -> None:
        person = started(api)
        async with api.unreachable():
            with pytest.raises(NetworkError):
                await bot.send_message(person.id, "甲")
            said = person.say("在吗")
        assert [update.update_id for update in await bot.get_updates()] == [said]


class Receiver:
    """A webhook's other end that answers as it is told."""

    def __init__(self) -> None:
        self.got: list[tuple[str | None, int]] = []
        self.statuses: list[int] = []
        self.body = b""
        self.at_once = 0
        self.most_at_once = 0

    async def answer(self, request: Request) -> Response:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0.001)
        self.at_once -= 1
        update_id = json.loads(request.body)["update_id"]
        self.got.append((request.headers.get("x-telegram-bot-api-secret-token"), update_id))
        return Response(self.statuses.pop(0) if self.statuses else 200, self.body)


@asynccontextmanager
async def receiving() -> AsyncIterator[tuple[Receiver, str]]:
    receiver = Receiver()
    listener = Listener(receiver.answer)
    await listener.open()
    try:
        yield receiver, f"http://127.0.0.1:{listener.port}/hook"
    finally:
        await listener.close()


class TestWebhooks:
    async def test_updates_come_with_the_secret_until_they_are_taken(self, api: BotApi, bot: telegram.Bot) -> None:
        waiting = api.person().say("早")
        async with receiving() as (receiver, url):
            receiver.statuses = [503, 500]
            await bot.set_webhook(url, secret_token="s3cret", max_connections=1)
            later = api.person().say("晚")
            await api.read_by_bot()
        assert {secret for secret, _ in receiver.got} == {"s3cret"}
        assert (len(receiver.got), {update_id for _, update_id in receiver.got}) == (4, {waiting, later})
        info = await bot.get_webhook_info()
        assert info.pending_update_count == 0
        assert str(info.last_error_message).startswith("Wrong response from the webhook: 50")

    async def test_each_chat_keeps_its_order_and_many_come_at_once(self, api: BotApi, bot: telegram.Bot) -> None:
        people = [api.person() for _ in range(6)]
        async with receiving() as (receiver, url):
            receiver.statuses = [500, 200, 500]
            await bot.set_webhook(url, max_connections=3)
            said = {person.id: [person.say(words) for words in "甲乙丙丁"] for person in people}
            await api.read_by_bot()
        taken = list(dict.fromkeys(update_id for _, update_id in receiver.got))
        assert all([u for u in taken if u in mine] == mine for mine in said.values())
        assert receiver.most_at_once == 3

    async def test_a_bot_that_is_away_finds_all_when_it_is_back(self, api: BotApi, bot: telegram.Bot) -> None:
        async with receiving() as (_, url):
            pass
        await bot.set_webhook(url)
        said = api.person().say("在吗")
        await asyncio.sleep(0.01)
        assert api.pending == 1
        await bot.delete_webhook()
        assert [update.update_id for update in await bot.get_updates()] == [said]

    async def test_an_answer_may_be_a_call(self, api: BotApi, bot: telegram.Bot) -> None:
        person = api.person()
        async with receiving() as (receiver, url):
            receiver.body = json.dumps({"method": "sendMessage", "chat_id": person.id, "text": "收到"}).encode()
            await bot.set_webhook(url)
            assert (await person.asks("你好")).text == "收到"

    async def test_a_bad_secret_is_refused(self, bot: telegram.Bot) -> None:
        with pytest.raises(BadRequest, match="Secret token contains unallowed characters"):
            await bot.set_webhook("http://127.0.0.1:9/", secret_token="密")


async def test_as_a_process_of_its_own_it_is_driven_over_http() -> None:
    folder = Path(__file__).parents[2]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.standin",
        cwd=folder,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        base_url = (await process.stdout.readline()).decode().strip()
        async with httpx.AsyncClient(base_url=base_url.removesuffix("/bot")) as http:
            said = await http.post("/control/person", json={"id": 7, "do": "say", "with": ["你好"]})
            assert (await http.get("/control/state")).json()["result"]["pending"] == 1
            assert said.json()["result"] > 0
            assert (await http.post("/control/person", json={"id": 7, "do": "chat"})).status_code == 400
    finally:
        process.terminate()
        await process.communicate()
