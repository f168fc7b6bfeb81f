"""What registrations can be found by without decrypting them: keyed hashes of single coded answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import day_of
from bot.conversation.registration import Answer, Registration
from bot.store.errors import UnreadableError
from bot.store.keys import Keys
from bot.store.registered import read_answers, word_of
from bot.store.scope import Scope
from bot.store.tables import facets, meta, registrations

STEPS = ("wanted", "categories", "education", "training")
"""The steps of the form whose answers are hashed."""

_DIGITS = 15  # hexadecimal: as many as a signed number of 64 bits holds
_AT_ONCE = 500  # registrations in one transaction, so that the bot never waits long
_NOTE = "facets"
_NOTED = select(meta.c.content).where(meta.c.name == _NOTE)
_ADD = insert(facets)
_OF = select(facets.c.value).where(facets.c.receipt == bindparam("number"))
_DROP = delete(facets).where(facets.c.receipt == bindparam("number"), facets.c.value == bindparam("gone"))
_MOVE = update(facets).where(facets.c.receipt == bindparam("number")).values(town=bindparam("now_in"))
_CLEAR = delete(facets)
_SOME = (
    select(registrations.c.receipt, registrations.c.answers, registrations.c.created)
    .where(registrations.c.receipt > bindparam("last"))
    .order_by(registrations.c.receipt)
    .limit(_AT_ONCE)
)


def value_of(keys: Keys, step: str, answer: str) -> int:
    """Return what stands for one ``answer`` to ``step``: a part of its keyed hash, as a number that databases compare
    quickly.
    """
    return int(keys.facet_hash(step, answer)[:_DIGITS], 16)


def values_of(keys: Keys, answers: Mapping[str, Answer]) -> set[int]:
    """Return what a registration with these ``answers`` is found by."""
    return {value_of(keys, step, value) for step in STEPS for value in _several(answers.get(step))}


def _several(answer: Answer | None) -> tuple[str, ...]:
    if answer is None:
        return ()
    return (answer,) if isinstance(answer, str) else answer


async def add(scope: Scope, new: Iterable[Registration]) -> None:
    """Let ``new`` registrations be found."""
    rows = [row for one in new for row in _rows(one, values_of(scope.keys, one.answers))]
    if rows:
        await scope.run(_ADD, rows)


async def change(scope: Scope, one: Registration) -> None:
    """Let a changed registration be found by what it says now, and by nothing else."""
    before = set((await scope.run(_OF, {"number": one.receipt})).scalars())
    after = values_of(scope.keys, one.answers)
    if gone := before - after:
        await scope.run(_DROP, [{"number": one.receipt, "gone": value} for value in gone])
    await scope.run(_MOVE, {"number": one.receipt, "now_in": word_of(one.answers, "town")})
    if new := after - before:
        await scope.run(_ADD, _rows(one, new))


def _rows(one: Registration, values: Iterable[int]) -> list[dict[str, Any]]:
    known = {"receipt": one.receipt, "town": word_of(one.answers, "town"), "registered": day_of(one.created)}
    return [{"value": value, **known} for value in values]


async def are_known(connection: AsyncConnection, keys: Keys) -> bool:
    """Return whether all registrations can be found by what this version of the program hashes."""
    noted = await connection.scalar(_NOTED)
    try:
        return noted is not None and keys.decrypt(noted) == _version()
    except UnreadableError:
        return False


async def renew_some(scope: Scope, last: str) -> str | None:
    """Hash some registrations anew, those behind the receipt ``last``; return the new last one.

    None: there were no more, and that is noted. Whoever calls this holds the lock on registrations.
    """
    found = (await scope.run(_SOME, {"last": last})).all()
    if not found:
        await _note(scope)
        return None
    await _renew(scope, [tuple(row) for row in found])
    return str(found[-1][0])


def _version() -> str:
    return " ".join(STEPS)


async def _note(scope: Scope) -> None:
    note: Any = scope.dialect.insert(meta)
    note = note.on_conflict_do_update(index_elements=["name"], set_={"content": note.excluded.content})
    await scope.run(note, {"name": _NOTE, "content": scope.keys.encrypt(_version())})


async def _renew(scope: Scope, rows: Sequence[tuple[Any, ...]]) -> None:
    await scope.run(_CLEAR.where(facets.c.receipt.in_([receipt for receipt, *_ in rows])))
    await add(
        scope,
        [Registration(receipt, _answers(scope, sealed), (), created, created) for receipt, sealed, created in rows],
    )


def _answers(scope: Scope, sealed: bytes) -> dict[str, Answer]:
    """Return the answers; those of a registration that cannot be read are none, and it is found by nothing."""
    try:
        return read_answers(scope.read(sealed))
    except ValueError:
        return {}
