"""What each method of the Bot API does here."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from .chats import Chat, Document, Json, Sent, buttons_of
from .entities import LONGEST_TEXT
from .form import Arguments
from .keyboards import reply_markup
from .markup import plain, too_long
from .refusal import RefusedError
from .webhook import WebhookSettings

if TYPE_CHECKING:
    from .api import BotApi

LONGEST_CAPTION = 1024
CHAT_ACTIONS = frozenset(
    {
        "choose_sticker",
        "find_location",
        "record_video",
        "record_video_note",
        "record_voice",
        "typing",
        "upload_document",
        "upload_photo",
        "upload_video",
        "upload_video_note",
        "upload_voice",
    }
)
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current"
    " content and reply markup of the message"
)
OLD_QUERY = "query is too old and response timeout expired or query ID is invalid"
Result = tuple[Any, str | None]  # what the call gives, and a description


class Methods:
    """One public function for each method, named in lower case as the Bot API takes the names in any case."""

    def __init__(self, api: BotApi) -> None:
        self._api = api
        self._documents: dict[str, Document] = {}

    def find(self, name: str) -> Callable[[Arguments], Result] | None:
        return cast("Callable[[Arguments], Result] | None", getattr(self, f"do_{name}", None))

    # Who and how

    def do_getme(self, args: Arguments) -> Result:
        return self._api.json | _ABILITIES, None

    def do_setmycommands(self, args: Arguments) -> Result:
        given = args.json("commands", "commands") or []
        if not isinstance(given, list):
            raise RefusedError("expected an Array of BotCommand")
        for command in given:
            _check_command(command)
        if len(given) > 100:
            raise RefusedError("BOT_COMMANDS_TOO_MUCH")
        self._api.commands[args.text("scope") or "default", args.text("language_code")] = given
        return True, None

    def do_getmycommands(self, args: Arguments) -> Result:
        return self._api.commands.get((args.text("scope") or "default", args.text("language_code")), []), None

    def do_deletemycommands(self, args: Arguments) -> Result:
        self._api.commands.pop((args.text("scope") or "default", args.text("language_code")), None)
        return True, None

    def _profile(self, args: Arguments) -> Result:
        self._api.profile |= args.values
        return True, None

    do_setmydescription = do_setmyshortdescription = do_setmyname = do_setchatmenubutton = _profile

    # Webhooks

    def do_setwebhook(self, args: Arguments) -> Result:
        url = args.text("url")
        if not url:
            return self.do_deletewebhook(args)
        secret = args.text("secret_token")
        if not re.match(r"https?://[^\s/]+", url):
            raise RefusedError("invalid webhook URL specified")
        if len(secret) > 256:
            raise RefusedError("secret token is too long")
        if not re.fullmatch(r"[A-Za-z0-9_-]*", secret):
            raise RefusedError("secret token contains unallowed characters")
        if self._api.webhooks_need_https and not url.startswith("https://"):
            raise RefusedError("bad webhook: An HTTPS URL must be provided for webhook")
        self._drop_pending(args)
        self.allow(args)
        connections = args.integer("max_connections", 40, 1, 100)
        settings = WebhookSettings(url, secret, connections, args.text("ip_address"))
        if self._api.webhook is not None and self._api.webhook.settings == settings:
            return True, "Webhook is already set"
        self._api.open_webhook(settings)
        return True, "Webhook was set"

    def do_deletewebhook(self, args: Arguments) -> Result:
        self._drop_pending(args)
        if self._api.webhook is None:
            return True, "Webhook is already deleted"
        self._api.close_webhook()
        return True, "Webhook was deleted"

    def do_getwebhookinfo(self, args: Arguments) -> Result:
        webhook = self._api.webhook
        info: Json = {"url": webhook.settings.url if webhook else "", "has_custom_certificate": False}
        info["pending_update_count"] = self._api.pending
        info |= webhook.info if webhook else {}
        if self._api.queue.allowed:
            info["allowed_updates"] = list(self._api.queue.allowed)
        return info, None

    def allow(self, args: Arguments) -> None:
        """allowed_updates: kept when not given."""
        try:
            given = json.loads(args.text("allowed_updates") or "null")
        except ValueError:
            given = None
        if isinstance(given, list):
            self._api.queue.allowed = [str(kind) for kind in given]

    def _drop_pending(self, args: Arguments) -> None:
        if args.truth("drop_pending_updates"):
            self._api.queue.clear()
            if self._api.webhook is not None:
                self._api.webhook.forget()

    # Sending

    def do_sendmessage(self, args: Arguments) -> Result:
        text, parse_mode = args.text("text"), args.text("parse_mode")
        if not text:
            raise RefusedError("message text is empty")
        shown = plain(text, parse_mode)
        markup = reply_markup(args)
        chat = self._writable(args)
        shown = _checked_text(shown)
        return self._send(args, chat, {"text": shown}, markup, Sent(chat.id, 0, shown, parse_mode=parse_mode or None))

    def do_senddocument(self, args: Arguments) -> Result:
        file_id, document = self._document(args)
        caption, parse_mode = plain(args.text("caption"), args.text("parse_mode")), args.text("parse_mode") or None
        markup = reply_markup(args)
        chat = self._writable(args)
        if too_long(caption, LONGEST_CAPTION):
            raise RefusedError("message caption is too long")
        shown: Json = {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_name": document.name}
        shown |= {"mime_type": document.mime_type, "file_size": len(document.content)}
        content = {"document": shown} | ({"caption": caption} if caption else {})
        sent = Sent(chat.id, 0, caption, document=document, parse_mode=parse_mode, method="sendDocument")
        return self._send(args, chat, content, markup, sent)

    def do_sendchataction(self, args: Arguments) -> Result:
        if args.text("action").lower() not in CHAT_ACTIONS:
            raise RefusedError("wrong parameter action in request")
        self._api.actions.append((self._writable(args).id, args.text("action")))
        return True, None

    def _send(self, args: Arguments, chat: Chat, content: Json, markup: Json | None, sent: Sent) -> Result:
        answered = _reply_to(args, chat)
        if self._api.limits is not None:
            self._api.limits.spend(chat.id)
        message_id = self._api.new_message_id(chat)
        head = {"message_id": message_id, "from": self._api.json, "chat": chat.json, "date": int(time.time())}
        message: Json = head | content
        if answered is not None:
            message["reply_to_message"] = chat.messages[answered]
        if markup and "inline_keyboard" in markup:
            message["reply_markup"] = markup
        chat.messages[message_id] = {k: v for k, v in message.items() if k != "reply_to_message"}
        self._api.took_effect(
            chat,
            replace(
                sent,
                message_id=message_id,
                rows=buttons_of(markup),
                reply_to=answered,
                removes_keyboard=bool(markup and markup.get("remove_keyboard")),
                inline=not markup or "keyboard" not in markup,
                time=time.monotonic(),
            ),
        )
        return message, None

    def _document(self, args: Arguments) -> tuple[str, Document]:
        given = args.text("document")
        upload = args.files.get(given.removeprefix("attach://") if given.startswith("attach://") else "document")
        if upload is None:
            if not given or given.startswith("attach://"):
                raise RefusedError("there is no document in the request")
            if given not in self._documents:
                raise RefusedError("wrong remote file identifier specified: Wrong string length")
            return given, self._documents[given]
        if not upload.content:
            raise RefusedError("file must be non-empty")
        file_id = f"BQACAgUAAxkDAAI{len(self._documents):06d}"
        self._documents[file_id] = Document(upload.name, upload.content, upload.content_type)
        return file_id, self._documents[file_id]

    # Changing

    def do_editmessagetext(self, args: Arguments) -> Result:
        if not args.text("text"):
            raise RefusedError("message text is empty")
        shown = plain(args.text("text"), args.text("parse_mode"))
        markup = reply_markup(args)
        chat, now = self._own_message(args, "edit")
        shown = _checked_text(shown)
        rows = buttons_of(markup)
        if now.document is not None:
            raise RefusedError("there is no text in the message to edit")
        if (now.text, now.rows) == (shown, rows):
            raise RefusedError(NOT_MODIFIED)
        changed = replace(now, text=shown, rows=rows, parse_mode=args.text("parse_mode") or None)
        return self._edited(chat, replace(changed, method="editMessageText"), markup), None

    def do_editmessagereplymarkup(self, args: Arguments) -> Result:
        markup = reply_markup(args)
        chat, now = self._own_message(args, "edit")
        rows = buttons_of(markup)
        if now.rows == rows:
            raise RefusedError(NOT_MODIFIED)
        return self._edited(chat, replace(now, rows=rows, method="editMessageReplyMarkup"), markup), None

    def do_deletemessage(self, args: Arguments) -> Result:
        chat, now = self._own_message(args, "delete")
        del chat.messages[now.message_id], chat.seen[now.message_id]
        return True, None

    def _own_message(self, args: Arguments, what: str) -> tuple[Chat, Sent]:
        chat = self._readable(args)
        message_id = args.integer("message_id")
        if message_id not in chat.messages:
            raise RefusedError(f"message to {what} not found")
        if message_id not in chat.seen:
            raise RefusedError(f"message can't be {what.removesuffix('e')}ed")
        return chat, chat.seen[message_id]

    def _edited(self, chat: Chat, changed: Sent, markup: Json | None) -> Json:
        changed = replace(changed, time=time.monotonic())
        message = dict(chat.messages[changed.message_id])
        message["edit_date"] = int(time.time())
        if changed.document is None:
            message["text"] = changed.text
        message.pop("reply_markup", None)
        if markup:
            message["reply_markup"] = markup
        chat.messages[changed.message_id] = message
        chat.seen[changed.message_id] = changed
        self._api.edits.append(changed)
        return message

    def do_answercallbackquery(self, args: Arguments) -> Result:
        if too_long(args.text("text"), 200):
            raise RefusedError("MESSAGE_TOO_LONG")
        if not self._api.close_query(args.text("callback_query_id"), args.text("text"), args.truth("show_alert")):
            raise RefusedError(OLD_QUERY)
        return True, None

    # Chats

    def do_getchat(self, args: Arguments) -> Result:
        chat = self._readable(args)
        return chat.json | {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": _GIFTS}, None

    def do_leavechat(self, args: Arguments) -> Result:
        chat = self._writable(args)
        if chat.kind == "private":
            raise RefusedError("chat member status can't be changed in private chats")
        chat.blocked = True
        return True, None

    def _readable(self, args: Arguments) -> Chat:
        given = args.text("chat_id")
        if not given:
            raise RefusedError("chat_id is empty")
        chat = self._api.chats.get(int(given)) if re.fullmatch(r"-?\d{1,18}", given) else None
        if chat is None:
            raise RefusedError("chat not found")
        if chat.migrated_to is not None:
            raise RefusedError("group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.migrated_to)
        return chat

    def _writable(self, args: Arguments) -> Chat:
        chat = self._readable(args)
        if chat.kind != "private":
            if chat.blocked:
                raise RefusedError(f"bot was kicked from the {chat.kind} chat", 403)
        elif chat.blocked:
            raise RefusedError("bot was blocked by the user", 403)
        elif not chat.started:
            raise RefusedError("bot can't initiate conversation with a user", 403)
        return chat


_GIFTS = {
    "unlimited_gifts": True,
    "limited_gifts": True,
    "unique_gifts": True,
    "premium_subscription": True,
    "gifts_from_channels": True,
}
_ABILITIES = {
    "can_join_groups": True,
    "can_read_all_group_messages": False,
    "supports_inline_queries": False,
    "can_connect_to_business": False,
    "has_main_web_app": False,
    "has_topics_enabled": False,
    "allows_users_to_create_topics": False,
}


def _checked_text(text: str) -> str:
    shown = text.strip()
    if not shown:
        raise RefusedError("message text is empty")
    if too_long(shown, LONGEST_TEXT):
        raise RefusedError("message is too long")
    return shown


def _reply_to(args: Arguments, chat: Chat) -> int | None:
    given = args.json("reply_parameters", "reply parameters") or {}
    if not isinstance(given, dict):
        raise RefusedError("object expected as reply parameters")
    wanted = int(given.get("message_id") or args.integer("reply_to_message_id"))
    if not wanted or wanted in chat.messages:
        return wanted or None
    if given.get("allow_sending_without_reply") or args.truth("allow_sending_without_reply"):
        return None
    raise RefusedError("message to be replied not found")


def _check_command(given: Any) -> None:
    if not isinstance(given, dict) or not all(isinstance(given.get(name), str) for name in ("command", "description")):
        raise RefusedError("can't parse BotCommand: expected an Object")
    if not re.fullmatch(r"/?[a-z0-9_]{1,32}", given["command"]):
        raise RefusedError("BOT_COMMAND_INVALID")
    if not 1 <= len(given["description"].strip()) <= 256:
        raise RefusedError("BOT_COMMAND_DESCRIPTION_INVALID")
