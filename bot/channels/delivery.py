"""What a channel is: what it makes of what comes in, and how sending through it can fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from bot.conversation.message import Attachment, Reply

Context = Mapping[str, str | int]
"""What a channel hands over with a message, to find it again with the answer: only the channel reads it."""


class TryLater(Exception):  # noqa: N818 - named for what happened
    """Sending failed in a way that may pass.

    ``after``: the seconds that the platform asked for, None if it asked for none. ``unknown``: no answer
    came, so the message may have arrived all the same.
    """

    def __init__(self, reason: str, *, after: float | None = None, unknown: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after = after
        self.unknown = unknown


class Refused(Exception):  # noqa: N818 - named for what happened
    """The platform won't have this message: sending it again cannot help."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Gone(Exception):  # noqa: N818 - named for what happened
    """There is nobody to send to: the person blocked the bot, or the chat is no more."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnreadableUpdate(Exception):  # noqa: N818 - named for what happened
    """What came from the platform has a shape that cannot be right. The text names the place, never the content."""


@dataclass(frozen=True)
class Incoming:
    """A message from a person: ``text`` to ``public`` as in ``Message``.

    ``chat``: the conversation's key. ``context`` goes back to the channel with each answer.
    """

    chat: str
    text: str = ""
    button: str | None = None
    phone: str | None = None
    attachment: Attachment | None = None
    public: bool = False
    context: Context = field(default_factory=dict)


@dataclass(frozen=True)
class Departure:
    """A person blocked the bot or a group removed it (``blocked``), or they let it in again."""

    chat: str
    blocked: bool


class Outgoing(Protocol):
    """A reply on its way out (the store's parcel is one)."""

    @property
    def reply(self) -> Reply:
        """What is to be said."""

    @property
    def context(self) -> Context:
        """What the channel handed over with the message that is answered."""


class Channel(Protocol):
    """A way to talk with people.

    ``name`` is the part before the colon in its chats' keys; ``abroad`` names the platform where its servers are
    abroad, "" where they are not.
    """

    name: str
    abroad: str

    def read(self, body: str) -> Incoming | Departure | None:
        """Return what a stored update means, None if it is to be ignored. Raises UnreadableUpdate and nothing else."""

    def parts(self, reply: Reply) -> tuple[Reply, ...]:
        """Return ``reply`` cut into what the platform takes as one message each.

        Each part is to be stored and sent on its own, so that a fault in a later one repeats no earlier one.
        """

    async def deliver(self, chat: str, parcel: Outgoing) -> None:
        """Send one part. Raises TryLater, Refused or Gone."""
