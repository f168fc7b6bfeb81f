"""One message of the inbox: what it means, what is answered. No waiting, no store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.channels.delivery import Channel, Departure, Incoming
from bot.clock import CHINA
from bot.conversation.message import Letter, Message, Note, Reply
from bot.conversation.state import State
from bot.service.chats import is_group
from bot.store import InboxRow, Parcel
from bot.store.asked import Outcome

RECEIVED = "received_ms"
"""Under this name a parcel's context tells the sender when the message came that it answers (for the measurements)."""


@dataclass(frozen=True)
class Task:
    """A row of the inbox with its ``channel`` and what that made of it. ``fault`` is what went wrong."""

    row: InboxRow
    channel: Channel | None
    meant: Incoming | Departure | None = None
    fault: Exception | None = None

    @property
    def chat(self) -> str:
        """The conversation it belongs to."""
        return self.meant.chat if self.meant is not None else self.row.chat


@dataclass(frozen=True)
class Answered:
    """What a message led to."""

    parcels: tuple[Parcel, ...]
    notes: tuple[Note, ...]
    letters: tuple[Letter, ...]
    kinds: tuple[str, ...]
    asked: tuple[tuple[Outcome, str], ...]
    state: State


def read(row: InboxRow, channels: Mapping[str, Channel]) -> Task:
    """Let the channel read the row; a fault of any kind becomes part of the task."""
    channel = channels.get(row.channel)
    if channel is None:
        return Task(row, None)
    try:
        return Task(row, channel, channel.read(row.body))
    except Exception as error:
        return Task(row, channel, fault=error)


def message_of(task: Task, channel: Channel, incoming: Incoming, token: str) -> Message:
    """Return what the person said, as the conversation takes it."""
    return Message(
        at=task.row.received.astimezone(CHINA),
        token=token,
        text=incoming.text,
        button=incoming.button,
        phone=incoming.phone,
        attachment=incoming.attachment,
        public=incoming.public,
        abroad=channel.abroad,
    )


def answered(task: Task, channel: Channel, incoming: Incoming, replies: Sequence[Reply], state: State) -> Answered:
    """Return what ``replies`` to ``incoming`` and the ``state`` after it lead to. Raises whatever cutting raises."""
    context = {**incoming.context, RECEIVED: int(task.row.received.timestamp() * 1000)}
    return Answered(
        parcels=tuple(parcel for each in replies for parcel in parcels(channel, incoming.chat, each, context)),
        notes=tuple(each.note for each in replies if each.note is not None),
        letters=tuple(each.letter for each in replies if each.letter is not None),
        kinds=tuple(each.reading.kind for each in replies if each.reading is not None),
        asked=tuple(outcomes(replies)),
        state=state,
    )


def outcomes(replies: Iterable[Reply]) -> Iterator[tuple[Outcome, str]]:
    """Say what became of the questions that ``replies`` are to, each with the key of the entry, "" for none."""
    for reply in replies:
        if reply.about is not None:
            yield "answered", reply.about
        if reply.note is not None:
            yield reply.note.kind, reply.note.topic or ""


def parcels(channel: Channel, chat: str, reply: Reply, context: Mapping[str, str | int]) -> list[Parcel]:
    """Cut a reply into what the channel can send, without what is not to be sent."""
    bare = replace(reply, reading=None, about=None, note=None, letter=None)
    return [Parcel(chat, part, context) for part in channel.parts(bare)]


def apology(task: Task, words: str) -> list[Parcel]:
    """Return kind ``words`` for a message that could not be handled.

    Nothing where nobody may have spoken to us: an update that could not even be read in a group, or of no known chat.
    """
    if task.channel is None or (task.meant is None and not _speaks_to_us(task.row)):
        return []
    context = task.meant.context if isinstance(task.meant, Incoming) else {}
    return parcels(task.channel, task.chat, Reply(words), context)


def _speaks_to_us(row: InboxRow) -> bool:
    """A private chat: its number is the person's."""
    name = row.chat.partition(":")[2]
    return not is_group(row.chat) and name.isascii() and name.isdecimal()
