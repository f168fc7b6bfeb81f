"""The few parts of Telegram's updates that are looked at, as they must be; what else they hold goes unread."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Id = Annotated[int, Field(ge=-(2**63), lt=2**63)]


class _Shape(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


class User(_Shape):
    """Who sent something."""

    id: Id
    is_bot: bool = False


class Chat(_Shape):
    """Where: ``type`` is private, group, supergroup or channel."""

    id: Id
    type: str

    @property
    def is_group(self) -> bool:
        """Whether several people are in it."""
        return self.type in ("group", "supergroup")


class Entity(_Shape):
    """A marked part of a text, in UTF-16 units; ``user`` is set when it mentions somebody without a username."""

    type: str
    offset: Annotated[int, Field(ge=0)]
    length: Annotated[int, Field(ge=0)]
    user: User | None = None


class Contact(_Shape):
    """A phone number; ``user_id`` tells whose it is, if it is somebody on Telegram."""

    phone_number: str
    user_id: Id | None = None


class RepliedTo(_Shape):
    """The message that is answered."""

    sender: User | None = Field(None, alias="from")


class Message(_Shape):
    """A message. ``content`` names what else it holds, such as a voice."""

    model_config = ConfigDict(extra="allow")

    message_id: Id
    chat: Chat
    sender: User | None = Field(None, alias="from")
    sender_chat: Any = None
    text: str | None = None
    caption: str | None = None
    entities: list[Entity] = []
    caption_entities: list[Entity] = []
    contact: Contact | None = None
    reply_to_message: RepliedTo | None = None
    message_thread_id: Id | None = None
    is_topic_message: bool = False

    @property
    def words(self) -> str:
        """The text, or what is written under a photo."""
        return self.text if self.text is not None else self.caption or ""

    def holds(self, content: str) -> bool:
        """Tell whether it has this kind of content."""
        return (self.model_extra or {}).get(content) is not None


class Shown(_Shape):
    """The message that a pressed button stands under; all else of it may be gone."""

    message_id: Id
    chat: Chat
    message_thread_id: Id | None = None
    is_topic_message: bool = False


class Query(_Shape):
    """A pressed button."""

    id: Annotated[str, Field(min_length=1, max_length=256)]
    sender: User = Field(alias="from")
    message: Shown | None = None
    data: str | None = None


class Member(_Shape):
    """What the bot is in a chat."""

    status: str
    is_member: bool = True

    @property
    def outside(self) -> bool:
        """Whether it can't write there."""
        return self.status in ("kicked", "left") or not self.is_member


class Membership(_Shape):
    """What the bot was in a chat, and what it is now."""

    chat: Chat
    old_chat_member: Member
    new_chat_member: Member


class Update(_Shape):
    """What happened: one of the kinds that are asked for, or something else, with all three unset."""

    message: Message | None = None
    callback_query: Query | None = None
    my_chat_member: Membership | None = None


WANTED = ("message", "callback_query", "my_chat_member")
"""The kinds of updates to ask Telegram for: not edited messages, for one."""
