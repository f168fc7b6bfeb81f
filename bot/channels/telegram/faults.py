"""How a call to the Bot API fails, and what each failure means for sending."""

from __future__ import annotations

import json
import re
from typing import Any

from telegram.error import TelegramError

from bot.channels.delivery import Gone, Refused, TryLater
from bot.channels.telegram.redaction import without_token

_LONGEST = 200
_LONGEST_PAUSE = 86_400  # seconds
_NOBODY = ("chat not found", "user not found", "group chat was deactivated", "peer_id_invalid", "user is deactivated")
_RETRY_AFTER = re.compile(r"retry after (\d{1,6})")


class Fault(TelegramError):  # noqa: N818 - a word of this room
    """A call that failed.

    ``status``: the HTTP status, None when no answer came. ``own``: the answer is the Bot API's (not a page of
    something in between). ``after``: the seconds it asks to wait. ``moved_to``: the group's new id.
    ``unknown``: the call may have had its effect.
    """

    def __init__(
        self,
        reason: str,
        *,
        status: int | None = None,
        own: bool = False,
        after: float | None = None,
        moved_to: int | None = None,
        unknown: bool = False,
    ) -> None:
        super().__init__(without_token(reason)[:_LONGEST])
        self.status = status
        self.own = own
        self.after = after
        self.moved_to = moved_to
        self.unknown = unknown

    @property
    def token_refused(self) -> bool:
        """Whether the Bot API itself doesn't know the token (it answers 404 to one of a wrong shape)."""
        return self.own and self.status in (401, 404)


class TokenRefused(Exception):  # noqa: N818 - named for what happened
    """Telegram doesn't take the bot's token: trying again cannot help. The text says what would."""

    def __init__(self) -> None:
        super().__init__("Telegram 不认这个机器人的令牌；请在 @BotFather 那里查看令牌，再改正设置 telegram.token")


def answered(status: int, payload: bytes) -> Fault:
    """Return the fault that an answer with a ``status`` other than 2xx stands for."""
    answer = _own_answer(payload)
    if answer is None:
        return Fault(f"HTTP {status}", status=status, unknown=status >= 500)
    reason = f"{status} {answer['description']}"
    parameters = answer.get("parameters")
    hints: dict[str, Any] = parameters if isinstance(parameters, dict) else {}
    return Fault(
        reason,
        status=status,
        own=True,
        after=_seconds(hints.get("retry_after"), reason) if status == 429 else None,
        moved_to=_whole(hints.get("migrate_to_chat_id")),
        unknown=status >= 500,
    )


def _own_answer(payload: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    own = isinstance(answer, dict) and answer.get("ok") is False and isinstance(answer.get("description"), str)
    return answer if own else None


def _seconds(value: object, reason: str) -> float | None:
    """Return the pause asked for, at most a day; one that is no number of seconds counts for nothing."""
    if not isinstance(value, int | float):
        found = _RETRY_AFTER.search(reason)
        value = int(found[1]) if found else None
    return float(min(value, _LONGEST_PAUSE)) if value is not None and value >= 0 else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def as_fault(error: Exception) -> Fault:
    """Return ``error`` if it is a fault, else one that names its class only."""
    return error if isinstance(error, Fault) else Fault(type(error).__name__, unknown=True)


def for_sending(fault: Fault) -> TryLater | Refused | Gone:
    """Return what ``fault`` means for a message on its way out.

    Only the Bot API's own word counts as a refusal: a 403 or 400 of a proxy in between passes by itself.
    """
    reason = fault.message
    if fault.status == 413 or (fault.own and fault.status == 400):
        return Gone(reason) if any(words in reason.lower() for words in _NOBODY) else Refused(reason)
    if fault.own and fault.status == 403:
        return Gone(reason)
    return TryLater(reason, after=fault.after, unknown=fault.unknown)
