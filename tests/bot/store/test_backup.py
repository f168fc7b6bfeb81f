"""Backups: whole, from a running bot, for either database; and back again."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
import stat
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import inspect, select

from bot.casework.account import Role
from bot.conversation.message import Note
from bot.conversation.state import State
from bot.overlay_backup import OverlayBackup
from bot.store import BackupError, InboxRow, Keys, Store, StoreInUse, tables
from bot.store.audit import AuditFilter
from bot.store.backup import Say, backup, restore
from bot.store.rotate import rotate_key
from bot.store.tables import metadata
from tests.bot.store.conftest import PATIENCE, Opener
from tests.bot.store.samples import (
    CHAT,
    NOW,
    OTHER,
    PHONE,
    add,
    after,
    arrival,
    load,
    parcel,
    post,
    register,
    registration,
    save,
    talking,
)
from tests.conftest import DATA
from tests.postgres import Server

_HEAD = "- added: 2024-03-05\n  by: 1\n  entry: stall-rent\n  question: "  # and then the question
STATE = talking(registrations=(registration(), registration("876543217", {"whom": "child"})))


async def fill(store: Store) -> None:
    await save(store, STATE)
    await save(store, State(topic="x"), OTHER)
    await add(store, arrival(1, body="周桂芳"), arrival(2, OTHER))
    await post(store, parcel("一"), parcel("二"))
    async with store.transaction() as transaction:
        await transaction.questions.add(CHAT, Note("unanswered", "?", None, ("a",)), NOW)
        await transaction.dead_letters.add(InboxRow(1, "telegram", 1, CHAT, "{}", NOW, 3), "KeyError", NOW)
        await transaction.tallies.add("message", NOW, 3)


async def contents(store: Store) -> dict[str, list[tuple]]:
    """All but the audit, which a restore adds to, and the end of its chain."""
    async with store.reading() as connection:
        return {
            table.name: sorted((tuple(row) for row in await connection.execute(select(table))), key=str)
            for table in metadata.sorted_tables
            if table not in (tables.audit, tables.meta)
        }


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "backups" / "zhucan.backup"


@pytest.fixture
def overlay(tmp_path: Path) -> Path:
    (tmp_path / "taught").mkdir()
    return tmp_path / "taught" / "overlay.yaml"


def _beside(overlay: Path, say: Say = lambda _: None) -> OverlayBackup:
    return OverlayBackup(overlay, DATA / "tiny", after(days=1), say)


async def restored(url: str, keys: Keys, file: Path, overlay: Path | None = None) -> list[str]:
    said: list[str] = []
    beside = _beside(overlay, said.append) if overlay else None
    await restore(url, keys, file, after(days=1), said.append, beside, patience=PATIENCE)
    return said


async def test_a_backup_brings_everything_back(url: str, store: Store, keys: Keys, file: Path, opened: Opener) -> None:
    await fill(store)
    whole = await contents(store)
    counts = await backup(store, file, NOW)
    assert (counts["registrations"], counts["inbox"], counts["conversations"]) == (2, 2, 2)
    await save(store, State(topic="later"), OTHER)
    await add(store, arrival(3))
    await store.close()
    said = await restored(url, keys, file)
    assert any("登记 2 份" in line for line in said)
    assert any("另存为" in line for line in said)
    again = await opened(url)
    assert await contents(again) == whole
    assert await load(again) == STATE


@pytest.mark.parametrize("to", ["sqlite", "postgresql"])
async def test_a_backup_of_one_database_can_be_restored_into_the_other(
    store: Store, keys: Keys, file: Path, opened: Opener, tmp_path: Path, request: pytest.FixtureRequest, to: str
) -> None:
    await fill(store)
    await backup(store, file, NOW)
    target = f"sqlite:///{tmp_path}/moved/zhucan.db"
    if to == "postgresql":
        server: Server = request.getfixturevalue("server")
        target = server.url(server.database())
    await restored(target, keys, file)
    moved = await opened(target)
    assert await contents(moved) == await contents(store)
    assert await add(moved, arrival(2), arrival(9)) == 1
    await post(moved, parcel("三"))  # with an id of its own
    async with moved.transaction() as transaction:
        assert await transaction.outbox.waiting() == 3


async def test_a_backup_is_private_one_file_and_left_alone_when_its_name_is_taken(store: Store, file: Path) -> None:
    await backup(store, file, NOW)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [other.name for other in file.parent.iterdir()] == [file.name]
    before = file.read_bytes()
    with pytest.raises(BackupError, match="已经有了"):
        await backup(store, file, NOW)
    assert file.read_bytes() == before


async def test_a_backup_of_a_busy_bot_is_of_one_moment(url: str, store: Store, file: Path, keys: Keys, opened) -> None:
    """The bot keeps two conversations the same all the time; so they are in the backup."""
    bot = await opened(url, patience=10)
    stop = asyncio.Event()

    async def talk() -> None:
        n = 0
        while not stop.is_set():
            n += 1
            async with bot.transaction() as transaction:
                before = await transaction.people.load([CHAT, OTHER])
                for chat in (CHAT, OTHER):
                    await transaction.people.save(chat, before[chat], State(topic=str(n)), NOW)

    talking_on = asyncio.create_task(talk())
    await asyncio.sleep(0.05)
    await backup(store, file, NOW)
    stop.set()
    await talking_on
    await store.close()
    await bot.close()
    await restored(url, keys, file)
    again = await opened(url)
    assert (await load(again)).topic == (await load(again, OTHER)).topic is not None


async def test_a_backup_that_cannot_be_written_leaves_nothing(store: Store, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BackupError, match="写不了"):
        await backup(store, tmp_path / "file" / "backup", NOW)


async def test_what_was_deleted_since_the_backup_does_not_come_back(
    url: str, store: Store, keys: Keys, file: Path, opened: Opener
) -> None:
    await fill(store)
    await register(store, registration("111111118"), chat=OTHER)
    await backup(store, file, NOW)
    await register(store, registration())  # the second is deleted
    await store.close()
    said = await restored(url, keys, file)
    assert any("1 份登记在备份以后已经删除" in line for line in said)
    again = await opened(url)
    state = await load(again)
    assert [one.receipt for one in state.registrations] == ["123456785"]
    assert state.draft is None  # what was said before the deletion is gone with it
    found = await contents(again)
    async with again.transaction() as transaction:
        assert await transaction.tallies.of("registration-deleted") == 1
        assert [row.chat for row in await transaction.inbox.claim(NOW, 9)] == [OTHER]
        assert await transaction.outbox.waiting() == 0
    assert found["questions"] == found["dead_letters"] == []
    assert (await load(again, OTHER)).registrations == (registration("111111118"),)


async def test_what_somebody_had_erased_who_had_no_registration_does_not_come_back(
    url: str, store: Store, keys: Keys, file: Path, opened: Opener
) -> None:
    await fill(store)
    await register(store)
    await save(store, talking())
    await backup(store, file, NOW)
    await save(store, State(forgotten=True), now=after(hours=1))
    await store.close()
    await restored(url, keys, file)
    again = await opened(url)
    assert await load(again) == State()
    found = await contents(again)
    assert found["questions"] == found["dead_letters"] == []
    async with again.transaction() as transaction:
        assert [row.chat for row in await transaction.inbox.claim(NOW, 9)] == [OTHER]
        assert await transaction.outbox.waiting() == 0
    assert (await load(again, OTHER)).topic == "x"


async def test_what_was_said_after_an_erasure_is_in_the_backups_made_after_it(
    url: str, store: Store, keys: Keys, file: Path, opened: Opener
) -> None:
    await save(store, State(forgotten=True))
    await save(store, talking(), now=after(hours=1))
    await backup(store, file, after(hours=2))
    await store.close()
    await restored(url, keys, file)
    assert await load(await opened(url)) == talking()


async def test_what_was_said_between_two_erasures_does_not_come_back(
    url: str, store: Store, keys: Keys, file: Path, opened: Opener
) -> None:
    await save(store, State(forgotten=True))
    await save(store, talking(), now=after(hours=1))
    await backup(store, file, after(hours=2))
    await save(store, State(forgotten=True), now=after(hours=3))
    await store.close()
    await restored(url, keys, file)
    assert await load(await opened(url)) == State()


async def test_a_second_restore_does_not_bring_it_back_either(
    url: str, store: Store, keys: Keys, file: Path, opened: Opener
) -> None:
    await fill(store)
    await backup(store, file, NOW)
    await register(store)
    await store.close()
    for day in (1, 2):
        await restore(url, keys, file, after(days=day), lambda _: None, patience=PATIENCE)
    assert (await load(await opened(url))).registrations == ()


async def test_the_audit_of_the_meantime_stays(url: str, store: Store, keys: Keys, file: Path, opened: Opener) -> None:
    await fill(store)
    await backup(store, file, NOW)
    async with store.transaction() as transaction:
        await transaction.audit.add_case("staff:5", "looked", "123456785", after(hours=1), "回访")
        await transaction.audit.add_case("staff:5", "looked", "123456785", after(hours=1), "又回访")
    await store.close()
    said = await restored(url, keys, file)
    assert not any("被动过" in line for line in said)
    again = await opened(url)
    async with again.transaction() as transaction:
        entries = (await transaction.audit.entries(AuditFilter())).entries
        assert [(entry.what, entry.why) for entry in reversed(entries)] == [
            ("registered", ""), ("registered", ""), ("looked", "回访"), ("looked", "又回访"), ("restored", ""),
        ]  # fmt: skip
        assert await transaction.audit.verify() == []


async def test_the_audit_is_whole_after_a_restore_that_deletes_again(
    url: str, store: Store, keys: Keys, file: Path, opened: Opener
) -> None:
    await fill(store)
    await backup(store, file, NOW)
    await register(store)
    await store.close()
    await restored(url, keys, file)
    async with (await opened(url)).transaction() as transaction:
        assert await transaction.audit.verify() == []


async def test_meddling_with_the_audit_since_the_backup_is_told(
    url: str, store: Store, keys: Keys, file: Path, opened: Opener
) -> None:
    await fill(store)
    await backup(store, file, NOW)
    async with store.transaction() as transaction:
        await transaction.scope.run(tables.audit.update().values(who="somebody"))
    await store.close()
    assert any("操作记录有 2 处被动过" in line for line in await restored(url, keys, file))


async def staff_added(store: Store, *logins: str) -> list[int]:
    async with store.transaction() as transaction:
        added = [await transaction.staff.add(login, "陈静", Role.ADMIN, (), False, NOW) for login in logins]
        for account, _ in added:
            await transaction.staff.accept(account.id, "old", NOW)
    return [account.id for account, _ in added]


async def test_who_was_shut_out_since_the_backup_stays_so(
    url: str, store: Store, keys: Keys, file: Path, opened: Opener
) -> None:
    gone, stays = await staff_added(store, "gone", "stays")
    async with store.transaction() as transaction:
        sessions = [await transaction.sessions.begin(id, NOW) for id in (gone, stays)]
        code = await transaction.staff.link_code(gone, NOW)
        await transaction.staff.link(code, CHAT, NOW)
    await backup(store, file, NOW)
    async with store.transaction() as transaction:
        await transaction.staff.disable(gone, after(hours=1))
        await transaction.staff.set_passphrase(stays, "new")
        code = await transaction.staff.link_code(stays, NOW)
        await transaction.staff.link(code, CHAT, NOW)
    (new,) = await staff_added(store, "new")
    await store.close()
    await restored(url, keys, file)
    async with (await opened(url)).transaction() as transaction:
        assert [account.login for account in await transaction.staff.all() if not account.disabled] == ["new", "stays"]
        assert await transaction.staff.passphrase_of(stays) == "new"
        assert (await transaction.staff.by_chat(CHAT)).id == stays
        for token in sessions:
            assert await transaction.sessions.find(token, NOW, timedelta(hours=1)) is None
        later, _ = await transaction.staff.add("later", "安娜", Role.ADMIN, (), False, NOW)
        assert later.id not in {gone, stays, new}


async def test_in_an_empty_database_the_accounts_are_the_backups_without_open_invitations(
    store: Store, keys: Keys, file: Path, opened: Opener, tmp_path: Path
) -> None:
    async with store.transaction() as transaction:
        account, invitation = await transaction.staff.add("chen", "陈静", Role.ADMIN, (), False, NOW)
    await backup(store, file, NOW)
    target = f"sqlite:///{tmp_path}/moved/zhucan.db"
    await restored(target, keys, file)
    async with (await opened(target)).transaction() as transaction:
        assert await transaction.staff.all() == [account]
        assert await transaction.staff.by_invite(invitation, NOW) is None


async def test_an_account_whose_number_is_taken_is_left_out_and_said_to_be(
    store: Store, keys: Keys, file: Path, opened: Opener, tmp_path: Path
) -> None:
    await staff_added(store, "chen")
    await backup(store, file, NOW)
    target = f"sqlite:///{tmp_path}/other/zhucan.db"
    other = await opened(target)
    await staff_added(other, "anna")
    await other.close()
    assert any("账号 anna" in line for line in await restored(target, keys, file))
    async with (await opened(target)).transaction() as transaction:
        assert [account.login for account in await transaction.staff.all()] == ["chen"]


async def test_with_a_key_file_made_anew_it_is_said_which_is_to_be_put_back(
    store: Store, keys: Keys, file: Path, tmp_path: Path
) -> None:
    await fill(store)
    await backup(store, file, NOW)
    await store.close()
    anew = Keys.open(tmp_path / "anew.json", lambda _: None)
    with pytest.raises(BackupError, match=f"把 {keys.file} 放回 {anew.file}"):
        await restored(f"sqlite:///{tmp_path}/empty.db", anew.fixed(keys), file)


async def test_a_bot_that_runs_is_not_restored_under(url: str, store: Store, keys: Keys, file: Path) -> None:
    await fill(store)
    await backup(store, file, NOW)
    with pytest.raises(StoreInUse):
        await restored(url, keys, file)
    assert await load(store) == STATE


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-5000])


def _flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[content.index(b"gAAAA") + 30] ^= 1  # in something encrypted
    file.write_bytes(content)


def _nonsense(file: Path) -> None:
    file.write_bytes(b"nonsense" * 1000)


def _drop_a_row(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("DELETE FROM consents WHERE id = (SELECT min(id) FROM consents)")
        connection.commit()


def _change_a_town(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE registrations SET town = 'elsewhere'")
        connection.commit()


def _newer(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE backup SET content = '3' WHERE name = 'format'")
        connection.commit()


def _drop_the_overlay(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("DELETE FROM overlay")
        connection.commit()


@pytest.mark.parametrize(
    "spoil", [_drop_the_overlay, _cut, _flip, _nonsense, _drop_a_row, _change_a_town, _newer, Path.unlink]
)
async def test_a_spoilt_backup_replaces_nothing(
    url: str, store: Store, keys: Keys, file: Path, opened: Opener, spoil
) -> None:
    await fill(store)
    await backup(store, file, NOW, b"[]")
    await save(store, State(topic="now"), OTHER)
    await store.close()
    spoil(file)
    with pytest.raises(BackupError, match=r"zhucan\.backup"):
        await restored(url, keys, file)
    again = await opened(url)
    assert (await load(again), (await load(again, OTHER)).topic) == (STATE, "now")


async def test_a_backup_of_a_version_without_the_overlay_can_be_restored(
    url: str, store: Store, keys: Keys, file: Path, opened: Opener, overlay: Path
) -> None:
    await fill(store)
    await backup(store, file, NOW)
    await store.close()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE backup SET content = '1' WHERE name = 'format'")
        connection.commit()
    overlay.write_bytes(b"[]\n")
    said = await restored(url, keys, file, overlay)
    assert any("备份里没有工作人员补充的问法" in line for line in said)
    assert overlay.read_bytes() == b"[]\n"
    assert await load(await opened(url)) == STATE


async def test_the_overlay_comes_back_with_the_database_and_what_was_there_is_kept(
    url: str, store: Store, keys: Keys, file: Path, opened: Opener, overlay: Path
) -> None:
    taught, since = (_HEAD + question for question in ("夜市贵", "摆摊贵"))
    await fill(store)
    counts = await backup(store, file, NOW, taught.encode())
    assert set(counts) == {*metadata.tables, "zhucan_revision"}
    overlay.write_text(since, encoding="utf-8")
    await store.close()
    said = await restored(url, keys, file, overlay)
    assert any("其中 1 条备份里没有" in line for line in said)
    assert overlay.read_text(encoding="utf-8") == taught
    (kept,) = overlay.parent.glob("overlay.yaml.before-restore-*")
    assert kept.read_text(encoding="utf-8") == since
    again = await opened(url)
    assert await load(again) == STATE
    async with again.reading() as connection:
        assert set(await connection.run_sync(lambda inner: inspect(inner).get_table_names())) == {
            *metadata.tables, "zhucan_revision",
        }  # fmt: skip


async def test_a_restore_that_is_turned_away_leaves_the_overlay_as_it_was(
    url: str, store: Store, keys: Keys, file: Path, overlay: Path
) -> None:
    await backup(store, file, NOW, _HEAD.encode())
    overlay.write_bytes(b"[]\n")
    with pytest.raises(StoreInUse):
        await restored(url, keys, file, overlay)
    assert [path.name for path in overlay.parent.iterdir()] == [overlay.name]
    assert overlay.read_bytes() == b"[]\n"


async def test_the_old_postgresql_database_is_kept_with_its_overlay(
    postgresql_url: str, keys: Keys, file: Path, opened: Opener, overlay: Path
) -> None:
    store = await opened(postgresql_url)
    await backup(store, file, NOW, b"[]\n")
    await store.close()
    overlay.write_text(_HEAD + "夜市贵", encoding="utf-8")
    await restored(postgresql_url, keys, file, overlay)
    (kept,) = file.parent.glob("*.before-restore-*")
    await restore(f"sqlite:///{file.parent}/kept.db", keys, kept, after(days=2), lambda _: None, _beside(overlay))
    assert overlay.read_text(encoding="utf-8") == _HEAD + "夜市贵"


async def test_an_overlay_sealed_while_keys_are_changed_is_read_by_the_new_key(
    url: str, store: Store, keys: Keys, file: Path, overlay: Path
) -> None:
    keys.rotated()  # and then it was cut short
    await backup(store, file, NOW, b"[]\n")
    await rotate_key(store)
    await store.close()
    await restored(url, Keys.open(keys.file, pytest.fail), file, overlay)
    assert overlay.read_bytes() == b"[]\n"


async def test_a_backup_of_other_keys_replaces_nothing(
    url: str, store: Store, keys: Keys, file: Path, opened: Opener, tmp_path: Path
) -> None:
    other = await opened(f"sqlite:///{tmp_path}/other/zhucan.db", Keys.open(tmp_path / "other.json", lambda _: None))
    await fill(other)
    await backup(other, file, NOW)
    await store.close()
    with pytest.raises(BackupError, match="密钥"):
        await restored(url, keys, file)


async def test_a_backup_of_an_older_key_comes_back_under_the_present_one_with_the_accounts_as_they_are(
    url: str, store: Store, keys: Keys, file: Path, opened: Opener, tmp_path: Path
) -> None:
    (account,) = await staff_added(store, "chen")
    await fill(store)
    await backup(store, file, NOW)
    shutil.copy(keys.file, tmp_path / "older.key")
    await rotate_key(store)
    async with store.transaction() as transaction:
        await transaction.staff.set_totp(account, "SECRET")
        await transaction.audit.note("staff:1", "exported", "full xlsx", NOW, "年底检查")
    await store.close()
    older = Keys.open(tmp_path / "older.key", pytest.fail)
    said = await restored(url, Keys.open(keys.file, pytest.fail).fixed(older), file)
    assert not any("被动过" in line or "读不出来" in line for line in said)
    again = await opened(url, Keys.open(keys.file, pytest.fail))
    assert await load(again) == STATE
    async with again.transaction() as transaction:
        assert (await transaction.staff.by_id(account)).name == "陈静"
        assert await transaction.staff.totp_of(account) == "SECRET"
        entries = (await transaction.audit.entries(AuditFilter())).entries
        assert "年底检查" in [entry.why for entry in entries]
        assert await transaction.audit.verify() == []


async def test_keys_that_do_not_read_the_database_being_replaced_are_refused(
    url: str, store: Store, keys: Keys, file: Path, opened: Opener, tmp_path: Path
) -> None:
    await fill(store)
    await backup(store, file, NOW)
    shutil.copy(keys.file, tmp_path / "older.key")
    await rotate_key(store)
    await store.close()
    with pytest.raises(BackupError, match="--old-key"):
        await restored(url, Keys.open(tmp_path / "older.key", pytest.fail), file)
    assert await load(await opened(url, Keys.open(keys.file, pytest.fail))) == STATE


async def test_what_cannot_be_read_of_the_accounts_and_the_audit_is_said(
    url: str, store: Store, keys: Keys, file: Path
) -> None:
    await staff_added(store, "chen")
    await backup(store, file, NOW)
    async with store.transaction() as transaction:
        await transaction.scope.run(tables.staff.update().values(name=b"spoilt"))
    await store.close()
    assert any("有 1 处读不出来" in line for line in await restored(url, keys, file))


async def test_a_database_without_a_backup_before_can_be_restored_into(
    keys: Keys, store: Store, file: Path, tmp_path: Path, opened: Opener
) -> None:
    await fill(store)
    await backup(store, file, NOW)
    target = f"sqlite:///{tmp_path}/new/zhucan.db"
    said = await restored(target, keys, file)
    assert not any("另存" in line for line in said)
    assert await load(await opened(target)) == STATE
    assert sorted(path.name for path in (tmp_path / "new").glob("zhucan.db*")) == [
        "zhucan.db", "zhucan.db-shm", "zhucan.db-wal", "zhucan.db.opened", "zhucan.db.running",
    ]  # fmt: skip


async def test_a_damaged_database_can_be_replaced_and_is_kept(
    sqlite_url: str, sqlite_file: Path, keys: Keys, file: Path, opened: Opener
) -> None:
    store = await opened(sqlite_url)
    await fill(store)
    await backup(store, file, NOW)
    await store.close()
    sqlite_file.write_bytes(b"damaged" * 2000)
    said = await restored(sqlite_url, keys, file)
    assert any("人工检查" in line for line in said)
    assert await load(await opened(sqlite_url)) == STATE
    (kept,) = sqlite_file.parent.glob("*.before-restore-*")
    assert kept.read_bytes() == b"damaged" * 2000
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


async def test_where_the_copy_of_the_old_database_may_not_last_it_is_not_replaced(
    sqlite_url: str, sqlite_file: Path, keys: Keys, file: Path, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await opened(sqlite_url)
    await fill(store)
    await backup(store, file, NOW)
    await save(store, State(topic="later"), OTHER)
    await store.close()
    fsync = os.fsync

    def full(handle: int) -> None:
        if "before-restore" in os.readlink(f"/proc/self/fd/{handle}"):
            raise OSError(28, "No space left on device")
        fsync(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(BackupError, match="没有动"):
        await restored(sqlite_url, keys, file)
    assert (await load(await opened(sqlite_url), OTHER)).topic == "later"


async def test_a_crash_just_before_replacing_leaves_the_old_one(
    sqlite_url: str, keys: Keys, file: Path, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await opened(sqlite_url)
    await fill(store)
    await backup(store, file, NOW)
    await save(store, State(topic="now"), OTHER)
    await store.close()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bot.store.backup.os.replace", fail)
    with pytest.raises(BackupError, match="没有动"):
        await restored(sqlite_url, keys, file)
    assert (await load(await opened(sqlite_url), OTHER)).topic == "now"


async def test_the_old_postgresql_database_is_kept_as_a_backup(
    postgresql_url: str, keys: Keys, file: Path, opened: Opener
) -> None:
    store = await opened(postgresql_url)
    await fill(store)
    await backup(store, file, NOW)
    await save(store, State(topic="now"), OTHER)
    await store.close()
    await restored(postgresql_url, keys, file)
    assert (await load(await opened(postgresql_url), OTHER)).topic == "x"
    (kept,) = file.parent.glob("*.before-restore-*")
    moved = f"sqlite:///{file.parent}/kept.db"
    await restored(moved, keys, kept)
    assert (await load(await opened(moved), OTHER)).topic == "now"


async def test_a_source_that_fails_leaves_no_half_backup(postgresql_url: str, opened: Opener, file: Path) -> None:
    store = await opened(postgresql_url)
    await fill(store)
    async with store.engine.begin() as connection:
        await connection.run_sync(tables.tallies.drop)
    with pytest.raises(BackupError):
        await backup(store, file, NOW)
    assert list(file.parent.iterdir()) == []


async def test_a_backup_made_while_keys_are_changed_is_read_by_the_new_key(
    url: str, store: Store, keys: Keys, file: Path, opened: Opener
) -> None:
    await fill(store)
    keys.rotated()  # and then it was cut short
    await save(store, State(topic="new"), "telegram:1003")
    await backup(store, file, NOW)
    await rotate_key(store)
    await store.close()
    new = Keys.open(keys.file, pytest.fail)
    await restored(url, new, file)
    again = await opened(url, new)
    assert await load(again) == STATE
    assert (await load(again, "telegram:1003")).topic == "new"
    async with again.reading() as connection:
        hashes = set((await connection.execute(select(tables.registrations.c.phone_hash))).scalars())
    assert hashes == {new.phone_hash(PHONE)}


async def test_what_was_unreadable_before_a_backup_is_told_and_does_not_spoil_it(
    url: str, store: Store, keys: Keys, file: Path, opened: Opener
) -> None:
    await fill(store)
    async with store.transaction() as transaction:
        await transaction.scope.run(tables.questions.update().values(content=b"nonsense"))
    assert (await backup(store, file, NOW))["unreadable"] == 1
    await store.close()
    assert any("1 条在做备份时就已经读不出来" in line for line in await restored(url, keys, file))
    assert await load(await opened(url)) == STATE


async def test_a_process_that_comes_while_a_restore_is_under_way_stops_it(
    postgresql_url: str, keys: Keys, file: Path, opened: Opener
) -> None:
    store = await opened(postgresql_url)
    await fill(store)
    await backup(store, file, NOW)
    await store.close()
    here, over = threading.Event(), threading.Event()

    async def come() -> None:
        async with await Store.open(postgresql_url, keys) as other, other.reading():
            here.set()
            await asyncio.to_thread(over.wait)

    coming = threading.Thread(target=lambda: asyncio.run(come()))

    def say(line: str) -> None:
        if "另存为备份" in line:
            coming.start()
            here.wait()

    with pytest.raises(StoreInUse):
        await restore(postgresql_url, keys, file, after(days=1), say, patience=PATIENCE)
    over.set()
    coming.join()
    assert await load(await opened(postgresql_url)) == STATE
