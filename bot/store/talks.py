"""What is remembered of a conversation, as it is stored."""

from __future__ import annotations

import json
import logging

from pydantic import TypeAdapter
from sqlalchemy import bindparam, update

from bot.conversation.state import State
from bot.store.errors import UnreadableError
from bot.store.keys import Keys
from bot.store.scope import Scope
from bot.store.tables import conversations

_log = logging.getLogger(__name__)
_STATE = TypeAdapter(State)
_REWRITE = (
    update(conversations)
    .where(conversations.c.chat == bindparam("whose"))
    .values(state=bindparam("sealed"), has_draft=bindparam("drafted"))
)


def opened(keys: Keys, stored: bytes | None) -> State:
    """Return the conversation without its registrations; one that cannot be read, say of an older version, is new."""
    if stored is None:
        return State()
    try:
        return _STATE.validate_python(json.loads(keys.decrypt(stored)))
    except (UnreadableError, ValueError):
        _log.warning("a stored conversation cannot be read and begins anew")
        return State()


def sealed(keys: Keys, state: State) -> bytes:
    """Return ``state`` as it is stored; what is kept elsewhere is left out."""
    # Through json: pydantic's own writer and reader refuse half surrogates, which people can send.
    return keys.encrypt(json.dumps(_STATE.dump_python(state, mode="json", exclude={"registrations", "staff_wrote"})))


async def rewrite(scope: Scope, chat: str, state: State) -> None:
    """Put ``state`` in the place of what is stored of ``chat``, which is locked, without counting it as talk."""
    values = {"sealed": sealed(scope.keys, state), "drafted": state.draft is not None, "whose": chat}
    await scope.run(_REWRITE, values)
