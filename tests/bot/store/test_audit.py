"""The audit: what is noted, and how it shows when somebody meddled with it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import insert, select, update

from bot.casework.account import Role
from bot.store import Store, tables
from bot.store.audit import AuditFilter
from bot.store.chain import Break, Wrong
from bot.store.housekeeping import Retention, purge
from bot.store.rotate import rotate_key
from tests.bot.store.conftest import Opener
from tests.bot.store.samples import NOW, after, clerk, register, registration

AUDIT = tables.audit
RECEIPT = "123456785"


async def note(store: Store, *whats: str, why: str = "") -> None:
    """Note each in a transaction of its own."""
    for what in whats:
        async with store.transaction() as transaction:
            await transaction.audit.note("staff:1", what, "account", NOW, why)


async def verified(store: Store) -> list[Break]:
    async with store.transaction() as transaction:
        return await transaction.audit.verify()


async def run(store: Store, *statements) -> None:
    async with store.transaction() as transaction:
        for statement in statements:
            await transaction.scope.run(statement)


async def row(store: Store, id: int) -> dict:
    async with store.reading() as connection:
        return dict((await connection.execute(select(AUDIT).where(AUDIT.c.id == id))).mappings().one())


def found(*breaks: tuple[int, Wrong]) -> list[Break]:
    return [Break(id, what, id) for id, what in breaks]


LETTERS = ("a", "b", "c", "d", "e")


@pytest.fixture
async def chained(store: Store) -> Store:
    """Five entries, 1 to 5."""
    await note(store, *LETTERS, why="来电核对")
    return store


async def test_nothing_noted_is_whole(store: Store) -> None:
    assert await verified(store) == []


async def test_what_was_noted_is_whole_however_it_came_in(store: Store) -> None:
    async with store.transaction() as transaction:
        await transaction.audit.add("person", "registered", RECEIPT, NOW)
        await transaction.audit.add_all("person", "deleted", [str(n) for n in range(1203)], NOW)
        await transaction.audit.add_all("person", "deleted", [], NOW)
    async with store.transaction() as transaction:
        await transaction.audit.add_case("staff:1", "phone-seen", RECEIPT, after(microseconds=1), "回访 \ud83d\x00")
        await transaction.audit.note("staff:1", "export", "queue", NOW)
        assert await transaction.audit.verify() == []
    assert await verified(store) == []


async def test_an_entry_comes_back_as_it_was_noted_without_the_receipt(store: Store) -> None:
    async with store.transaction() as transaction:
        await transaction.audit.add_case("staff:7", "phone-seen", RECEIPT, NOW, "回访")
        (entry,) = (await transaction.audit.entries(AuditFilter())).entries
    subject = store.keys.receipt_hash(RECEIPT)
    assert (entry.who, entry.what, entry.subject, entry.why, entry.at) == (
        "staff:7",
        "phone-seen",
        subject,
        "回访",
        NOW,
    )
    stored = await row(store, entry.id)
    assert RECEIPT not in str(stored)
    assert "回访".encode() not in stored["why"]


async def test_entries_are_found_by_each_of_their_parts_the_newest_first(store: Store) -> None:
    async with store.transaction() as transaction:
        audit = transaction.audit
        await audit.note("staff:1", "export", "queue", NOW)
        await audit.add_case("staff:1", "phone-seen", RECEIPT, after(days=1))
        await audit.add_case("staff:2", "phone-seen", RECEIPT, after(days=2))

        async def of(**wanted) -> list[int]:
            return [entry.id for entry in (await audit.entries(AuditFilter(**wanted))).entries]

        assert await of() == [3, 2, 1]
        assert await of(who="staff:1") == [2, 1]
        assert await of(what="phone-seen", who="staff:2") == [3]
        assert await of(subject=RECEIPT) == [3, 2]
        assert await of(subject="queue") == [1]
        assert await of(since=after(days=1), until=after(days=2)) == [2]
        page = await audit.entries(AuditFilter(), page=2, size=2)
        assert ([entry.id for entry in page.entries], page.total) == ([1], 3)


async def test_of_what_is_rolled_back_nothing_remains(chained: Store) -> None:
    async def fail() -> None:
        async with chained.transaction() as transaction:
            await transaction.audit.note("staff:1", "x", "account", NOW)
            await transaction.audit.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    await note(chained, "f")
    assert await verified(chained) == []
    assert (await row(chained, 6))["what"] == "f"


@pytest.mark.parametrize("id", [1, 3, 5])
@pytest.mark.parametrize(
    "change",
    [{"who": "staff:2"}, {"what": "x"}, {"subject": "x"}, {"why": None}, {"why": b"x"}, {"at": after(seconds=1)}],
    ids=lambda change: next(iter(change)),
)
async def test_a_changed_row_is_named(chained: Store, id: int, change: dict) -> None:
    await run(chained, update(AUDIT).where(AUDIT.c.id == id).values(change))
    assert await verified(chained) == found((id, Wrong.CHANGED))
    await note(chained, "f")
    assert await verified(chained) == found((id, Wrong.CHANGED))


@pytest.mark.parametrize("id", [1, 3, 5])
@pytest.mark.parametrize("digest", [None, "", "0" * 80, "kept seal"])
async def test_a_changed_digest_is_named(chained: Store, id: int, digest: str | None) -> None:
    if digest == "kept seal":
        digest = (await row(chained, id))["digest"][:40] + "0" * 40
    await run(chained, update(AUDIT).where(AUDIT.c.id == id).values(digest=digest))
    assert await verified(chained) == found((id, Wrong.CHANGED))


@pytest.mark.parametrize("id", [1, 3, 5])
async def test_a_removed_row_is_named(chained: Store, id: int) -> None:
    await run(chained, AUDIT.delete().where(AUDIT.c.id == id))
    assert await verified(chained) == found((id, Wrong.REMOVED))
    await note(chained, "f")
    assert await verified(chained) == found((id, Wrong.REMOVED))


async def test_removed_rows_are_named_from_first_to_last(chained: Store) -> None:
    await run(chained, AUDIT.delete().where(AUDIT.c.id.in_((2, 3, 5))))
    assert await verified(chained) == [Break(2, Wrong.REMOVED, 3), Break(5, Wrong.REMOVED, 5)]
    await run(chained, AUDIT.delete())
    assert await verified(chained) == [Break(1, Wrong.REMOVED, 5)]


@pytest.mark.parametrize("id", [0, -5, 6, 600])
@pytest.mark.parametrize("digest", [None, "of another row"])
async def test_a_row_slipped_in_is_named_and_stops_nobody(chained: Store, id: int, digest: str | None) -> None:
    made_up = await row(chained, 3) | {"id": id, "what": "x"}
    await run(chained, insert(AUDIT).values(made_up | {"digest": digest and made_up["digest"]}))
    assert await verified(chained) == found((id, Wrong.INSERTED))
    await note(chained, "f", "g")
    assert await verified(chained) == found((id, Wrong.INSERTED))


async def test_a_row_put_at_another_place_is_named_at_both(chained: Store) -> None:
    await run(chained, update(AUDIT).where(AUDIT.c.id == 3).values(id=9))
    assert await verified(chained) == found((3, Wrong.REMOVED), (9, Wrong.INSERTED))


async def test_rows_that_changed_places_are_named(chained: Store) -> None:
    await run(
        chained, *(update(AUDIT).where(AUDIT.c.id == old).values(id=new) for old, new in ((2, 9), (3, 2), (9, 3)))
    )
    assert {each.id for each in await verified(chained)} == {2, 3}


async def test_several_faults_are_all_named(chained: Store) -> None:
    await note(chained, *LETTERS, *LETTERS)
    await run(
        chained,
        update(AUDIT).where(AUDIT.c.id == 2).values(what="x"),
        update(AUDIT).where(AUDIT.c.id.in_((5, 6))).values(what="x", digest="x"),
        AUDIT.delete().where(AUDIT.c.id.in_((7, 10))),
        AUDIT.delete().where(AUDIT.c.id > 13),
    )
    assert await verified(chained) == [
        *found((2, Wrong.CHANGED), (7, Wrong.REMOVED), (5, Wrong.CHANGED), (6, Wrong.CHANGED), (10, Wrong.REMOVED)),
        Break(14, Wrong.REMOVED, 15),
    ]


async def test_an_end_that_was_set_back_is_noticed(store: Store) -> None:
    await note(store, "a", "b")
    async with store.reading() as connection:
        content = await connection.scalar(select(tables.meta.c.content).where(tables.meta.c.name == "audit-end"))
    await note(store, "c")
    await run(store, update(tables.meta).where(tables.meta.c.name == "audit-end").values(content=content))
    assert await verified(store) == found((0, Wrong.END))


@pytest.mark.parametrize("spoil", ["removed", "garbage"])
async def test_an_end_that_was_lost_stops_nobody_and_is_told_for_ever(chained: Store, spoil: str) -> None:
    the_end = tables.meta.c.name == "audit-end"
    await run(
        chained,
        tables.meta.delete().where(the_end)
        if spoil == "removed"
        else update(tables.meta).where(the_end).values(content=b"x"),
    )
    assert await verified(chained) == found((0, Wrong.END))
    await note(chained, "f", "g")
    assert await verified(chained) == found((0, Wrong.END))
    await run(chained, update(AUDIT).where(AUDIT.c.id == 2).values(what="x"))
    assert await verified(chained) == found((2, Wrong.CHANGED), (0, Wrong.END))


NO_END = tables.meta.delete().where(tables.meta.c.name == "audit-end")


async def test_a_record_that_was_emptied_with_its_end_is_not_taken_for_a_new_one(chained: Store) -> None:
    await clerk(chained)
    await run(chained, AUDIT.delete(), NO_END)
    assert await verified(chained) == found((0, Wrong.END))


async def test_a_record_that_was_chained_anew_is_told_for_ever(chained: Store, url: str, opened: Opener) -> None:
    await register(chained, registration())
    await register(chained)  # deleted: that is known without the record
    await run(chained, update(AUDIT).values(who="somebody", digest=None), NO_END)
    again = await opened(url)
    assert await verified(again) == found((0, Wrong.END))
    await note(again, "f")
    assert await verified(again) == found((0, Wrong.END))


async def test_in_a_new_database_the_first_account_begins_no_doubtful_chain(store: Store) -> None:
    async with store.transaction() as transaction:
        account, _ = await transaction.staff.add("chen", "陈静", Role.ADMIN, (), False, NOW)
        await transaction.audit.note("operator", "account-added", f"account:{account.id}", NOW)
    assert await verified(store) == []


async def test_a_record_put_back_with_its_end_is_told_by_the_end_in_the_log(
    chained: Store, caplog: pytest.LogCaptureFixture
) -> None:
    the_end = tables.meta.c.name == "audit-end"
    async with chained.reading() as connection:
        before = await connection.scalar(select(tables.meta.c.content).where(the_end))
    await note(chained, "phone-seen")
    with caplog.at_level("INFO"):
        await purge(chained, Retention(), NOW)
    (line,) = (line for line in caplog.messages if line.startswith("audit end "))
    number, _, link = line.removeprefix("audit end ").partition("-")
    assert (await chained.audit_verdict((int(number), link))).breaks == ()
    await run(chained, AUDIT.delete().where(AUDIT.c.id == 6), update(tables.meta).where(the_end).values(content=before))
    assert (await chained.audit_verdict()).breaks == ()
    await note(chained, "something else")
    assert (await chained.audit_verdict((int(number), link))).breaks == (Break(6, Wrong.KNOWN, 6),)


async def test_what_was_there_before_the_chain_is_chained_as_it_is(store: Store) -> None:
    old = [{"id": id, "who": "person", "what": "registered", "subject": "x", "at": NOW} for id in (3, 4, 9)]
    await run(store, insert(AUDIT).values(old), NO_END)
    await note(store, "a")
    assert await verified(store) == []
    async with store.reading() as connection:
        digests = (await connection.execute(select(AUDIT.c.digest).order_by(AUDIT.c.id))).scalars().all()
    assert len(set(digests) - {None}) == 4
    await run(store, update(AUDIT).where(AUDIT.c.id == 4).values(what="x"))
    assert await verified(store) == found((4, Wrong.CHANGED))


async def test_the_chain_outlives_a_new_key(chained: Store) -> None:
    before = [await row(chained, id) for id in range(1, 6)]
    await rotate_key(chained)
    assert [(await row(chained, id))["why"] != old["why"] for id, old in enumerate(before, 1)] == [True] * 5
    assert await verified(chained) == []
    await note(chained, "f")
    assert await verified(chained) == []


async def test_two_processes_add_to_one_chain(postgresql_url: str, opened: Opener) -> None:
    stores = [await opened(postgresql_url, patience=10) for _ in range(2)]

    async def both(work: Callable[[Store], Awaitable[None]]) -> None:
        await asyncio.gather(*(work(store) for store in stores))

    async def many(store: Store) -> None:
        for n in range(15):
            async with store.transaction() as transaction:
                await transaction.audit.add_all("person", "registered", [str(n)] * 3, NOW)
                await transaction.tallies.add("registration", NOW)
            if n == 7:
                assert await verified(store) == []

    await both(many)
    assert await verified(stores[0]) == []
    async with stores[1].transaction() as transaction:
        assert (await transaction.audit.entries(AuditFilter())).total == 90


async def test_a_look_beside_those_who_write_sees_one_moment(url: str, opened: Opener) -> None:
    store, bot = await opened(url, patience=10), await opened(url, patience=10)
    await note(store, *LETTERS)
    stop = asyncio.Event()

    async def work() -> None:
        while not stop.is_set():
            await note(bot, "x")

    working = asyncio.create_task(work())
    for _ in range(5):
        verdict = await store.audit_verdict()
        assert verdict.breaks == ()
        assert verdict.entries >= 5
    stop.set()
    await working
