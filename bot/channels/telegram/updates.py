"""From a raw update to what it means for the conversation."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime

from pydantic import ValidationError

from bot.channels.delivery import Context, Departure, Incoming, UnreadableUpdate
from bot.channels.telegram.commands import addressee, in_words, wording
from bot.channels.telegram.shapes import Membership, Message, Query, Shown, Update
from bot.conversation.fields.identity import without_secrets
from bot.conversation.message import Attachment
from bot.store.inbox import Arrival

NAME = "telegram"
_LONGEST_BUTTON = 64  # bytes; no button of ours is longer
LARGEST_ID = 2**63 - 1
# The first that a message holds counts: an animation comes as a document too, a venue as a location.
_ATTACHMENTS: tuple[tuple[str, Attachment], ...] = (
    ("voice", "voice"),
    ("audio", "voice"),
    ("animation", "video"),
    ("video", "video"),
    ("video_note", "video"),
    ("photo", "photo"),
    ("sticker", "sticker"),
    ("venue", "other"),
    ("location", "location"),
    ("document", "file"),
    *((kind, "other") for kind in ("dice", "poll", "game", "story", "paid_media", "checklist", "invoice")),
)


@dataclass(frozen=True)
class Me:
    """Who the bot is on Telegram: ``username`` without the @."""

    id: int
    username: str


def read(body: str, me: Me) -> Incoming | Departure | None:
    """Return what the update means to ``me``; None if it is to be ignored. Raises UnreadableUpdate."""
    return _meaning(_parsed(body), me)


def arrival(raw: object, me: Me, received: datetime, due: datetime | None = None) -> Arrival | None:
    """Return ``raw`` (a parsed update) to be kept, in the lane of its chat; an unreadable one gets a lane of its own.

    Of a readable one only that is kept which is read later: no names, places, files, or numbers that are never
    kept. None: there is nothing to keep, because it is to be ignored or has no number. What others say to each
    other in a group is thus never stored.
    """
    number = raw.get("update_id") if isinstance(raw, dict) else None
    if type(number) is not int or not 0 <= number <= LARGEST_ID:
        return None
    try:
        # Halves of characters can't be stored; Telegram sends none.
        body = json.dumps(raw, ensure_ascii=False).encode("utf-8", "replace").decode()
        update = _parsed(body)
    except RecursionError:
        return None
    except UnreadableUpdate:
        return Arrival(NAME, number, f"{NAME}:update-{number}", without_secrets(body), received, due or received)
    meaning = _meaning(update, me)
    if meaning is None:
        return None
    return Arrival(NAME, number, meaning.chat, _lean(update), received, due or received)


def _parsed(body: str) -> Update:
    try:
        return Update.model_validate_json(body)
    except ValidationError as error:
        places = {".".join(map(str, fault["loc"])) for fault in error.errors(include_input=False, include_url=False)}
    except (ValueError, RecursionError):
        places = {"all"}
    raise UnreadableUpdate(f"unreadable: {', '.join(sorted(places))[:200] or 'all'}")


def _lean(update: Update) -> str:
    """Write down what is read later, and nothing else."""
    lean = update.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude={"message"})
    if update.message is not None:
        lean["message"] = _lean_message(update.message)
    return json.dumps(lean, ensure_ascii=False)


def _lean_message(message: Message) -> dict[str, object]:
    """Return a message with its known fields; of what it holds besides only that it does."""
    extra = message.model_extra or {}
    lean = message.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude=set(extra))
    lean |= {kind: True for kind, _ in _ATTACHMENTS if message.holds(kind)}
    lean |= {name: without_secrets(text) for name in ("text", "caption") if (text := lean.get(name)) is not None}
    return lean


def _meaning(update: Update, me: Me) -> Incoming | Departure | None:
    if update.message is not None:
        return _message(update.message, me)
    if update.callback_query is not None:
        return _button(update.callback_query)
    return _departure(update.my_chat_member) if update.my_chat_member is not None else None


def _message(message: Message, me: Me) -> Incoming | None:
    """Tell a message of a person from those of bots, channels, and admins who hide behind their group."""
    if message.sender is None or message.sender.is_bot or message.sender_chat is not None:
        return None
    if message.chat.type == "private":
        return _private(message, message.sender.id)
    return _public(message, message.sender.id, me) if message.chat.is_group else None


def _private(message: Message, person: int) -> Incoming | None:
    chat = f"{NAME}:{message.chat.id}"
    if message.contact is not None:
        number = message.contact.phone_number
        own = message.contact.user_id == person
        return Incoming(chat, phone=number) if own else Incoming(chat, text=number)
    attachment = next((kind for name, kind in _ATTACHMENTS if message.holds(name)), None)
    if message.text is None and attachment is None:
        return None  # such as a pinned message, or a kind that is not yet known
    return Incoming(chat, text=in_words(message.words), attachment=attachment)


def _public(message: Message, person: int, me: Me) -> Incoming | None:
    words = _called(message, me)
    if words is None:
        return None
    chat = f"{NAME}:{message.chat.id}/{person}"
    return Incoming(chat, text=in_words(words), public=True, context=_thread(message))


def _called(message: Message, me: Me) -> str | None:
    """Return what was said to the bot in a group; None if it was not spoken to."""
    text = message.words.strip()
    to = addressee(text)
    if to is not None:
        return text if to.lower() == me.username.lower() else None
    rest = _without_mention(message, me)
    if rest != message.words:
        return rest.strip() or wording()["called"]
    answered = message.reply_to_message and message.reply_to_message.sender
    return text or None if answered and answered.id == me.id else None


def _without_mention(message: Message, me: Me) -> str:
    text = message.words
    marks = message.entities if message.text is not None else message.caption_entities
    for mark in sorted(marks, key=lambda mark: mark.offset, reverse=True):
        if mark.type == "text_mention" and mark.user is not None and mark.user.id == me.id:
            text = _without(text, mark.offset, mark.length)
    name = re.escape(me.username)
    return re.sub(rf"(?<![A-Za-z0-9_@/])@{name}(?![A-Za-z0-9_])", " ", text, flags=re.IGNORECASE)


def _without(text: str, offset: int, length: int) -> str:
    """Cut out a part given in UTF-16 units."""
    wide = text.encode("utf-16-le")
    return (wide[: 2 * offset] + wide[2 * (offset + length) :]).decode("utf-16-le", "replace")


def _button(query: Query) -> Incoming | None:
    shown = query.message
    if shown is None or query.data is None or query.sender.is_bot:
        return None
    payload = query.data if len(query.data.encode()) <= _LONGEST_BUTTON else ""
    acknowledge: Context = {"query": query.id}
    if shown.chat.type == "private":
        return Incoming(f"{NAME}:{shown.chat.id}", button=payload, context=acknowledge)
    if not shown.chat.is_group:
        return None
    chat = f"{NAME}:{shown.chat.id}/{query.sender.id}"
    return Incoming(chat, button=payload, public=True, context={**acknowledge, **_thread(shown)})


def _thread(message: Message | Shown) -> Context:
    """Return where an answer in a group belongs: under the message, in its topic."""
    topic = message.message_thread_id if message.is_topic_message else None
    return {"reply_to": message.message_id} | ({"topic": topic} if topic is not None else {})


def _departure(membership: Membership) -> Departure | None:
    outside = membership.new_chat_member.outside
    if membership.chat.type == "channel" or (not outside and not membership.old_chat_member.outside):
        return None  # such as a change of rights
    return Departure(f"{NAME}:{membership.chat.id}", blocked=outside)
