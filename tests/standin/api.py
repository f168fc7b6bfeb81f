"""The server and its face."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import unquote

from .chats import Chat, Json, Sent
from .faults import Fault, Faults
from .flood import FloodLimits
from .form import Arguments, arguments
from .methods import Methods, Result
from .people import Group, Person
from .refusal import RefusedError
from .updates import Entry, UpdateQueue, encoded
from .webhook import Webhook, WebhookSettings
from .wire import Answer, DroppedError, Listener, Request, Response

TOKEN = "7000000001:AAHsStandInTokenForTests_0123456789"
LONGEST_POLL = 50
NO_CHAT = 0
WEBHOOK_ACTIVE = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
WEBHOOK_SET = "terminated by setWebhook request"


@dataclass(frozen=True)
class Call:
    """One request that was answered, refused or not."""

    method: str  # as the bot wrote it
    chat_id: int | None
    status: int
    time: float  # time.monotonic()


@dataclass(frozen=True)
class Acknowledged:
    """A callback query that the bot answered."""

    query_id: str
    text: str
    show_alert: bool


class BotApi:
    """The Bot API server of one bot, as an async context manager in the caller's event loop.

    It outlives the bot: updates wait until the bot acknowledges them, however often it is killed meanwhile.
    Give `base_url` and `token` to the bot.
    """

    def __init__(
        self, *, token: str = TOKEN, port: int = 0, name: str = "助残就业助手", username: str = "zhucan_bot"
    ) -> None:
        self.token = token
        self.id = int(token.partition(":")[0])
        self.name = name
        self.username = username
        self.sent: list[Sent] = []  # every message that took effect, in order
        self.edits: list[Sent] = []  # every change, as it left the message
        self.acknowledged: list[Acknowledged] = []
        self.actions: list[tuple[int, str]] = []  # chat and action ("typing")
        self.calls: deque[Call] = deque(maxlen=20_000)
        self.commands: dict[tuple[str, str], list[Json]] = {}  # by scope and language
        self.profile: dict[str, str] = {}
        self.chats: dict[int, Chat] = {}
        self.updates_made: dict[int, Json] = {}
        self.faults = Faults()
        self.limits: FloodLimits | None = None
        self.query_lifetime = 30.0  # seconds in which a tap can be acknowledged
        self.webhooks_need_https = False
        self.webhook: Webhook | None = None
        self.queue = UpdateQueue(first_id=730_000_001)
        self.people: dict[int, Person] = {}
        self._entries: dict[int, Entry] = {}
        self._queries: dict[str, float] = {}
        self._held: list[Entry] | None = None
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._message_ids = {0: 0}
        self._next_query = 4_000_000_000_000_000_001
        self._methods = Methods(self)
        self._listener = Listener(self._answer, port)
        self._closing: set[asyncio.Task[None]] = set()
        self.control: Callable[[str, Request], Response] | None = None

    @property
    def port(self) -> int:
        """The port on 127.0.0.1; known once it is open."""
        return self._listener.port

    @property
    def base_url(self) -> str:
        """As python-telegram-bot takes it: the token and the method are put behind it."""
        return f"http://127.0.0.1:{self.port}/bot"

    @property
    def mention(self) -> str:
        return f"@{self.username}"

    @property
    def json(self) -> Json:
        return {"id": self.id, "is_bot": True, "first_name": self.name, "username": self.username}

    async def __aenter__(self) -> Self:
        await self._listener.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close_webhook()
        await asyncio.gather(*self._closing)
        await self._listener.close()

    # People and groups

    def person(
        self,
        id: int | None = None,
        name: str = "王芳",
        *,
        username: str | None = None,
        group: Group | None = None,
    ) -> Person:
        """A person in their private chat; the same one again for the same id. With a group: as they speak there."""
        person_id = id if id is not None else 50_000_001 + len(self.people)
        person = self.people.get(person_id)
        if person is None:
            person = self.people[person_id] = Person(self, person_id, name, username)
            self.chats[person_id] = Chat(person_id, "private", name, username)
        return group.add([person])[0] if group else person

    def group(
        self,
        title: str = "求职群",
        *,
        kind: Literal["group", "supergroup"] = "supergroup",
        privacy: bool = False,
    ) -> Group:
        """A group with the bot in it, but no people yet. privacy: only commands, mentions and answers reach the bot."""
        return Group(self, self.new_group_chat(title, kind), privacy)

    # Updates of any shape

    def raw_update(self, update: Json, update_id: int | None = None) -> int:
        """Delivers exactly this, whatever allowed_updates and the offset say. Returns its id.

        The id is the given one, else the one in the update, else the next. For what a type of the future, an
        unreadable update, an old or a strange id is like. The Bot API always sends well-formed JSON, and so must this.
        """
        given = update.get("update_id", self.queue.next_id) if update_id is None else update_id
        assert isinstance(given, int)
        self.queue.next_id = max(self.queue.next_id, given + 1)
        self._deliver(Entry(given, encoded({"update_id": given} | update | {"update_id": given}), NO_CHAT, owed=True))
        self.updates_made[given] = update
        return given

    def repeat(self, update_id: int) -> None:
        """Delivers an update a second time, even though it may be acknowledged."""
        made = self._entries[update_id]
        self._deliver(Entry(made.update_id, made.body, made.lane, owed=True))

    @contextmanager
    def out_of_order(self, seed: int | None = None) -> Iterator[None]:
        """What is said within the block is delivered at its end: backwards, or shuffled by the seed."""
        self._held = []
        try:
            yield
        finally:
            held, self._held = self._held, None
            held.reverse()
            if seed is not None:
                random.Random(seed).shuffle(held)
            for entry in held:
                entry.owed = True
            self._hand_over(held)

    def start_ids_anew(self, update_id: int) -> None:
        """The next update has this id, as it happens after a quiet week."""
        self.queue.next_id = update_id

    @property
    def pending(self) -> int:
        """How many updates the bot has not acknowledged."""
        return len(self.queue)

    async def read_by_bot(self, timeout: float = 5.0) -> None:
        """Waits until every update is acknowledged. TimeoutError when that takes longer."""
        await asyncio.wait_for(self.queue.empty(), timeout)

    # Looking

    def calls_of(self, method: str) -> list[Call]:
        """The calls of one method, refused ones too (of the last 20,000)."""
        return [call for call in self.calls if call.method.lower() == method.lower()]

    def now(self, sent: Sent) -> Sent:
        """The message as it is by now, after edits. KeyError when it was deleted."""
        return self.chats[sent.chat_id].seen[sent.message_id]

    # Trouble that is no single call's

    @asynccontextmanager
    async def unreachable(self) -> AsyncIterator[None]:
        """Cuts every connection and refuses new ones within the block."""
        await self._listener.close()
        try:
            yield
        finally:
            await self._listener.open()

    def expire_queries(self) -> None:
        """Every tap so far is too old to be acknowledged."""
        self._queries.clear()

    # For the parts of the stand-in

    def queue_update(self, kind: str, content: Json, chat_id: int) -> int:
        """Makes an update; it waits for the bot if the bot asked for its kind. Returns its id."""
        if not self.queue.wants(kind):
            return 0
        update_id = self.queue.take_id()
        update = {"update_id": update_id, kind: content}
        self.updates_made[update_id] = update
        self._deliver(Entry(update_id, encoded(update), chat_id))
        return update_id

    def bot_member_changed(self, chat: Chat, by: Json, old: Json, new: Json) -> int:
        change: Json = {"chat": chat.json, "from": by, "date": int(time.time())}
        change |= {"old_chat_member": {"user": self.json} | old, "new_chat_member": {"user": self.json} | new}
        return self.queue_update("my_chat_member", change, chat.id)

    def new_message_id(self, chat: Chat) -> int:
        """Supergroups count for themselves, all other chats together."""
        counter = chat.id if chat.kind == "supergroup" else 0
        self._message_ids[counter] = self._message_ids.get(counter, 0) + 1
        return self._message_ids[counter]

    def new_group_chat(self, title: str, kind: Literal["group", "supergroup"]) -> Chat:
        number = 2_000_000_001 + sum(1 for chat_id in self.chats if chat_id < 0)
        chat_id = -1_000_000_000_000 - number if kind == "supergroup" else -number
        chat = self.chats[chat_id] = Chat(chat_id, kind, title, started=True)
        return chat

    def new_query(self) -> str:
        self._next_query += 1
        query_id = str(self._next_query)
        self._queries[query_id] = time.monotonic()
        return query_id

    def close_query(self, query_id: str, text: str, show_alert: bool) -> bool:
        made = self._queries.pop(query_id, None)
        if made is None or time.monotonic() > made + self.query_lifetime:
            return False
        self.acknowledged.append(Acknowledged(query_id, text, show_alert))
        return True

    def next_message_in(self, chat_id: int) -> asyncio.Future[None]:
        """Done when the bot's next message in the chat takes effect. May be cancelled by one of several waiters."""
        shared = self._waiting.get(chat_id)
        if shared is None or shared.done():
            shared = self._waiting[chat_id] = asyncio.get_running_loop().create_future()
        return asyncio.shield(shared)

    def took_effect(self, chat: Chat, sent: Sent) -> None:
        chat.sent.append(sent)
        chat.seen[sent.message_id] = sent
        self.sent.append(sent)
        waiting = self._waiting.pop(chat.id, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(None)

    def open_webhook(self, settings: WebhookSettings) -> None:
        self.close_webhook()
        self.queue.interrupt(WEBHOOK_SET)
        self.webhook = Webhook(settings, self.queue, self._called_by_webhook)

    def close_webhook(self) -> None:
        if self.webhook is not None:
            task = asyncio.get_running_loop().create_task(self.webhook.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)
            self.webhook = None

    def _deliver(self, entry: Entry) -> None:
        self._entries[entry.update_id] = entry
        if self._held is not None:
            self._held.append(entry)
        else:
            self._hand_over([entry])

    def _hand_over(self, entries: list[Entry]) -> None:
        self.queue.add(entries)
        if self.webhook is not None:
            self.webhook.add(entries)

    def _called_by_webhook(self, method: str, values: Json) -> None:
        texts = {k: v if isinstance(v, str) else json.dumps(v) for k, v in values.items()}
        self._perform(method, method.lower(), Arguments(texts))

    # Requests

    def _answer(self, request: Request) -> Answer:
        path, _, query = request.target.partition("?")
        if self.control is not None and path.startswith("/control/"):
            return self.control(path.removeprefix("/control/"), request)
        token, _, name = path.removeprefix("/bot").partition("/")
        if not path.startswith("/bot") or not name:
            return _refused(RefusedError("Not Found", 404))
        if unquote(token) != self.token:
            return self._note(name, None, _refused(RefusedError.unauthorized()))
        try:
            args = arguments(request, query)
        except (RefusedError, ValueError) as error:
            return self._note(
                name, None, _refused(error if isinstance(error, RefusedError) else RefusedError("bad request"))
            )
        method = name.lower()
        chat_id = _chat_id(args)
        fault = self.faults.next_for(method, chat_id)
        if fault is not None:
            return self._faulty(fault, name, args, request)
        if method == "getupdates":
            return self._get_updates(args, request)
        return self._perform(name, method, args)

    async def _faulty(self, fault: Fault, name: str, args: Arguments, request: Request) -> Response:
        if fault.kind == "slow" and not fault.after_effect:
            await asyncio.sleep(fault.seconds)
        response = None
        if fault.after_effect or fault.kind == "slow":
            method = name.lower()
            polls = method == "getupdates"
            response = await self._get_updates(args, request) if polls else self._perform(name, method, args)
        if fault.kind == "slow" and response is not None:
            if fault.after_effect:
                await asyncio.sleep(fault.seconds)
            return response
        if fault.kind == "hang":
            await request.gone
        if fault.refusal is None:
            raise DroppedError
        refused = _page(fault.refusal) if fault.page else _refused(fault.refusal)
        return self._note(name, _chat_id(args), refused)

    async def _get_updates(self, args: Arguments, request: Request) -> Response:
        try:
            if self.webhook is not None:
                raise RefusedError(WEBHOOK_ACTIVE, 409)
            self._methods.allow(args)
            limit = args.integer("limit", 100, 1, 100)
            timeout = args.integer("timeout", 0, 0, LONGEST_POLL)
            found = await self.queue.get(args.integer("offset"), limit, timeout, request.gone)
        except RefusedError as refusal:
            return self._note("getUpdates", None, _refused(refusal))
        body = b'{"ok":true,"result":[' + b",".join(entry.body for entry in found) + b"]}"
        return self._note("getUpdates", None, Response(200, body))

    def _perform(self, name: str, method: str, args: Arguments) -> Response:
        chat_id = _chat_id(args)
        try:
            do = self._methods.find(method)
            if do is None:
                raise RefusedError("method not found", 404)
            response = _ok(do(args))
        except RefusedError as refusal:
            response = _refused(refusal)
        return self._note(name, chat_id, response)

    def _note(self, name: str, chat_id: int | None, response: Response) -> Response:
        self.calls.append(Call(name, chat_id, response.status, time.monotonic()))
        return response


def _chat_id(args: Arguments) -> int | None:
    return args.integer("chat_id", 0, -(2**63), 2**63) if "chat_id" in args.values else None


def _ok(result: Result) -> Response:
    value, description = result
    answer = {"ok": True, "result": value} | ({"description": description} if description else {})
    return Response(200, encoded(answer))


def _refused(refusal: RefusedError) -> Response:
    answer: dict[str, Any] = {"ok": False, "error_code": refusal.code, "description": refusal.description}
    if refusal.parameters:
        answer["parameters"] = refusal.parameters
    retry_after = refusal.parameters.get("retry_after")
    headers = {"Retry-After": str(retry_after)} if retry_after else {}
    return Response(refusal.code, encoded(answer), headers=headers)


def _page(refusal: RefusedError) -> Response:
    words = f"{refusal.code} {refusal.description}"
    page = f"<html>\r\n<head><title>{words}</title></head>\r\n<body><center><h1>{words}</h1></center></body>\r\n</html>"
    return Response(refusal.code, page.encode(), "text/html")
