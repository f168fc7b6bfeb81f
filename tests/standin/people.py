"""The people on the other side: what they type, tap, send, block, and hear."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .attachments import attachment
from .chats import Button, Chat, Json, Sent
from .entities import entities_in, pieces

if TYPE_CHECKING:
    from .api import BotApi

NOT_DELIVERED = 0  # instead of an update id: the privacy mode keeps the message from the bot


class Person:
    """Somebody in their private chat with the bot, or speaking in a group. Made by `api.person(...)`.

    Everything they do returns the id of the update it makes. A message is named by what the bot sent (Sent), or, for
    one of their own, by the update id that saying it returned.
    """

    def __init__(
        self, api: BotApi, person_id: int, name: str, username: str | None, group: Group | None = None
    ) -> None:
        self.api = api
        self.id = person_id
        self.name = name
        self.username = username
        self.phone = f"+86139{person_id % 100_000_000:08d}"
        self.group = group
        self._heard: dict[int, int] = {}  # chat id: how many of the bot's messages

    def __repr__(self) -> str:
        return f"Person({self.id}, {self.name!r}, group={self.group!r})"

    @property
    def chat(self) -> Chat:
        """Where this person speaks."""
        return self.group.chat if self.group else self.api.chats[self.id]

    @property
    def chat_id(self) -> int:
        return self.chat.id

    @property
    def json(self) -> Json:
        names = {"first_name": self.name} | ({"username": self.username} if self.username else {})
        return {"id": self.id, "is_bot": False, **names, "language_code": "zh-hans"}

    def in_group(self, group: Group) -> Person:
        """The same person, speaking in the group."""
        return Person(self.api, self.id, self.name, self.username, group)

    # What they do

    def say(self, text: str, *, whole: bool = False, **fields: Any) -> int:
        """Sends a text; like every client, in pieces of 4,096 units (whole: in one all the same). Returns the last id.

        fields are further fields of the message ("date", "entities", "forward_origin", "via_bot" …).
        """
        update_id = NOT_DELIVERED
        for piece in [text] if whole else pieces(text):
            marks = entities_in(piece)
            update_id = self._message({"text": piece} | ({"entities": marks} if marks else {}) | fields)
        return update_id

    def reply_to(self, message: Sent | int, text: str, **fields: Any) -> int:
        """Says it as an answer to a message."""
        return self.say(text, reply_to_message=self._message_json(message), **fields)

    def tap(self, button: str | Button, message: Sent | None = None) -> int:
        """Taps a button by its words or data: of the newest message that has it now, or of this message as it came.

        A button of a reply keyboard says its words, or shares the phone. LookupError when there is no such button.
        """
        if isinstance(button, Button):
            message = message or self.chat.newest_with(button.data or button.text)
        else:
            message = message or self.chat.newest_with(button)
            button = message.button(button)
        if button.request_contact:
            return self.send_contact(self.phone, reply_to_message=self._message_json(message))
        if not message.inline:
            return self.say(button.text)
        if button.data is None:
            raise LookupError(f"button {button.text!r} has no data to send back")
        return self.forge(button.data, message)

    def forge(self, data: str, message: Sent | None = None) -> int:
        """A callback query with any data: from below this message, the bot's newest, or one no longer to be had."""
        self._may_act()
        self.chat.started = True
        below = message or (self.chat.sent[-1] if self.chat.sent else None)
        shown: Json = {"message_id": 1, "date": 0, "chat": self.chat.json}
        if below is not None:
            shown = self.api.chats[below.chat_id].messages.get(below.message_id, shown)
        query = {"id": self.api.new_query(), "from": self.json, "message": shown, "data": data}
        return self.api.queue_update("callback_query", query | {"chat_instance": str(self.chat.id)}, self.chat.id)

    def edit(self, message: int, text: str) -> int:
        """Changes a text said before (named by its update id)."""
        shown = self._message_json(message)
        shown |= {"text": text, "edit_date": int(time.time())}
        return self.api.queue_update("edited_message", shown, self.chat.id)

    def send_contact(self, phone: str, own: bool = True, **fields: Any) -> int:
        """Shares their own phone, or another's (own=False)."""
        contact: Json = {"phone_number": phone, "first_name": self.name if own else "某人"}
        return self._message({"contact": contact | ({"user_id": self.id} if own else {})} | fields)

    def send(self, kind: str, *, caption: str | None = None, **fields: Any) -> int:
        """Sends a voice, photo, sticker, document, location, video, audio, animation, video_note, venue, dice, poll."""
        return self._message({kind: attachment(kind)} | ({"caption": caption} if caption else {}) | fields)

    def block(self) -> int:
        """Stops the bot in the private chat; sending to it is refused from now on."""
        return self._block(True)

    def unblock(self) -> int:
        """Lets the bot write again."""
        return self._block(False)

    # What they hear

    def hears_now(self) -> Sent | None:
        """The next message not yet heard, if there is one."""
        chat = self.chat
        heard = self._heard.get(chat.id, 0)
        if heard == len(chat.sent):
            return None
        self._heard[chat.id] = heard + 1
        return chat.sent[heard]

    async def hears(self, timeout: float = 5.0) -> Sent:
        """Waits for the next message not yet heard. TimeoutError tells what was heard last."""
        deadline = time.monotonic() + timeout
        while (sent := self.hears_now()) is None:
            try:
                await asyncio.wait_for(self.api.next_message_in(self.chat.id), deadline - time.monotonic())
            except TimeoutError:
                last = self.chat.sent[-1].text if self.chat.sent else None
                raise TimeoutError(f"{self!r} heard nothing for {timeout} s; the last was {last!r}") from None
        return sent

    async def asks(self, text: str, timeout: float = 5.0) -> Sent:
        """Says it and waits for the next message."""
        self.say(text)
        return await self.hears(timeout)

    async def hears_all(self, count: int, timeout: float = 5.0) -> list[Sent]:
        """Waits for so many messages."""
        deadline = time.monotonic() + timeout
        return [await self.hears(max(0.0, deadline - time.monotonic())) for _ in range(count)]

    def ignores(self) -> list[Sent]:
        """Takes all that has come so far as heard, and returns it."""
        chat = self.chat
        start = self._heard.get(chat.id, 0)
        self._heard[chat.id] = len(chat.sent)
        return chat.sent[start:]

    # How it is made

    def _message(self, content: Json) -> int:
        self._may_act()
        chat = self.chat
        chat.started = True
        message_id = self.api.new_message_id(chat)
        message: Json = {"message_id": message_id, "from": self.json, "chat": chat.json, "date": int(time.time())}
        message |= content
        chat.messages[message_id] = message
        if self.group and not self.group.bot_may_read(message):
            return NOT_DELIVERED
        return self.api.queue_update("message", message, chat.id)

    def _may_act(self) -> None:
        if self.group is None and self.chat.blocked:
            raise RuntimeError(f"{self!r} has blocked the bot; unblock() first")

    def _block(self, blocked: bool) -> int:
        chat = self.api.chats[self.id]
        chat.blocked = blocked
        member, kicked = {"status": "member"}, {"status": "kicked", "until_date": 0}
        old, new = (member, kicked) if blocked else (kicked, member)
        return self.api.bot_member_changed(chat, self.json, old, new)

    def _message_json(self, message: Sent | int) -> Json:
        if isinstance(message, Sent):
            return self.api.chats[message.chat_id].messages[message.message_id]
        update = self.api.updates_made[message]
        found: Json = update.get("message") or update["edited_message"]
        return found


class Group:
    """A group with the bot in it. Made by `api.group(...)`; people speak in it through `api.person(group=…)`."""

    def __init__(self, api: BotApi, chat: Chat, privacy: bool) -> None:
        self.api = api
        self.chat = chat
        self.privacy = privacy
        self.members: list[Person] = []

    def __repr__(self) -> str:
        return f"Group({self.chat.id}, {self.chat.title!r})"

    @property
    def id(self) -> int:
        return self.chat.id

    def add(self, people: Sequence[Person]) -> list[Person]:
        """These people join. Returns them as they speak in the group."""
        inside = [person.in_group(self) for person in people]
        self.members += inside
        return inside

    def bot_may_read(self, message: Json) -> bool:
        """In privacy mode only commands, mentions, and answers to the bot reach it."""
        if self.chat.blocked:
            return False
        if not self.privacy:
            return True
        if message.get("reply_to_message", {}).get("from", {}).get("id") == self.api.id:
            return True
        text = message.get("text", "")
        to_others = text.startswith("/") and "@" in text.split()[0] and self.api.mention not in text
        return (text.startswith("/") and not to_others) or self.api.mention in text

    def migrate(self) -> int:
        """Becomes a supergroup: tells so in both chats, and the old one refuses messages. Returns the new chat's id."""
        old = self.chat
        new = self.api.new_group_chat(old.title, "supergroup")
        old.migrated_to, self.chat = new.id, new
        by = self.members[0].json if self.members else self.api.json
        for chat, note in ((old, {"migrate_to_chat_id": new.id}), (new, {"migrate_from_chat_id": old.id})):
            head = {
                "message_id": self.api.new_message_id(chat),
                "date": int(time.time()),
                "chat": chat.json,
                "from": by,
            }
            self.api.queue_update("message", head | note, chat.id)
        return new.id

    def remove_bot(self) -> int:
        """Somebody throws the bot out."""
        return self._bot_membership(True)

    def add_bot(self) -> int:
        """Somebody lets the bot in."""
        return self._bot_membership(False)

    def _bot_membership(self, removed: bool) -> int:
        self.chat.blocked = removed
        inside, outside = {"status": "member"}, {"status": "kicked", "until_date": 0}
        by = self.members[0].json if self.members else self.api.json
        old, new = (inside, outside) if removed else (outside, inside)
        return self.api.bot_member_changed(self.chat, by, old, new)
