"""What was typed is not lost: not by idleness, not by a fault, not by a crash."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import unquote

import pytest

from bot.store import Store, StoreUnavailable, Transaction
from bot.store.sessions import Sessions

from .office import PASSPHRASE, RECEIPT, Answer, Office, Person

TYPED = {"login": "zhou", "name": "周新人=+&", "role": "clerk", "towns": ["白沙镇", "珞璜镇"], "teaches": "yes"}
NEW = "/accounts/new"


async def autosave(person: Person, page: Answer, typed: dict[str, object]) -> Answer:
    """Do what the script does."""
    carried = {name: page.hidden(name, "account") for name in ("csrf", "kept")}
    return await person.post("/drafts", {**carried, **typed})


def filled_in(page: Answer) -> bool:
    """Whether all that was typed stands in the fields."""
    ticked = page.html.count(" checked")
    return (page.value("account-login"), page.value("account-name"), ticked) == ("zhou", "周新人=+&", 4)


async def test_what_is_sent_after_the_session_ended_by_idleness_is_back_after_signing_in(
    office: Office, admin: Person
) -> None:
    page = await admin.get(NEW)
    office.clock.forward(minutes=31)
    sent = await admin.send(page, "account", TYPED)
    assert sent.location.startswith("/sign-in?next=%2Faccounts%2Fnew%3Frestore%3Daccount.")
    again = await office.person("admin")
    back = await again.get(unquote(sent.location.partition("next=")[2]))
    assert filled_in(back)
    assert "已经填回" in back.text
    done = await again.send(back, "account", TYPED)
    assert done.status == 200
    assert "填回" not in (await again.get("/accounts/new")).text


async def test_it_is_there_for_its_owner_alone(office: Office, admin: Person) -> None:
    async with office.store.transaction() as transaction:
        await transaction.staff.add("second", "第二管理", office.cast["admin"].role, (), False, office.clock.now)
    page = await admin.get(NEW)
    office.clock.forward(minutes=31)
    await admin.send(page, "account", TYPED)
    async with office.store.transaction() as transaction:
        other = await transaction.staff.by_login("second")
        assert other
        token = await transaction.sessions.begin(other.id, office.clock.now)
    admin.client.cookies.set("zhucan-session", token)
    assert "周新人" not in (await admin.get("/accounts/new?restore=account")).text


async def test_nothing_is_kept_of_a_form_with_a_forged_token(office: Office, admin: Person) -> None:
    page = await admin.get(NEW)
    office.clock.forward(minutes=31)
    sent = await admin.send(page, "account", {**TYPED, "csrf": "forged"})
    assert sent.status == 400
    assert "填回" not in (await (await office.person("admin")).get(NEW)).text


async def test_a_step_without_text_is_not_done_after_idleness_and_that_is_said(office: Office, admin: Person) -> None:
    where = f"/accounts/{office.cast['clerk'].id}/disable"
    page = await admin.get(where)
    office.clock.forward(minutes=31)
    await admin.send(page, "confirm", {})
    assert (await (await office.person("clerk")).get("/")).status == 200


async def test_what_was_typed_before_a_crash_is_offered(office: Office, admin: Person) -> None:
    saved = await autosave(admin, await admin.get(NEW), TYPED)
    assert saved.status == 204
    page = await (await office.person("admin")).get(NEW)
    assert "您上次写到一半的内容" in page.text
    assert not filled_in(page)
    assert filled_in(await admin.get("/accounts/new?restore=account"))


async def test_an_offer_can_be_turned_down(admin: Person) -> None:
    await autosave(admin, await admin.get(NEW), TYPED)
    page = await admin.get(NEW)
    answer = await admin.post("/drafts/discard", {"csrf": page.hidden("csrf"), "kept": page.hidden("kept")})
    assert answer.location == NEW
    page = await admin.get(NEW)
    assert "已经清掉" in page.text
    assert "写到一半" not in page.text


async def test_it_is_sealed_and_without_secrets(office: Office, admin: Person) -> None:
    await autosave(admin, await admin.get(NEW), {**TYPED, "passphrase": "correct horse"})
    async with office.store.reading() as connection:
        ((content,),) = (await connection.exec_driver_sql("SELECT content FROM staff_drafts")).all()
    assert b"zhou" not in content
    assert "correct horse" not in office.store.keys.decrypt(content)


@pytest.mark.parametrize("key", ["", "#account", "x#y", "//evil.example/#a", "/a", f"/{'a' * 400}#a", "/a#A B"])
async def test_nothing_is_kept_under_a_key_that_no_form_has(admin: Person, key: str) -> None:
    answer = await admin.post("/drafts", {"csrf": await admin.csrf(), "kept": key, "name": "x"})
    assert answer.status == 400


async def test_a_form_of_before_the_last_signing_in_is_shown_again_with_what_was_typed(
    office: Office, admin: Person
) -> None:
    """As when somebody signed in anew in another window meanwhile."""
    page = await admin.get(NEW)
    admin.client.cookies.update((await office.person("admin")).client.cookies)
    refused = await admin.send(page, "account", TYPED)
    assert refused.status == 400
    assert "您写的内容还在这里" in refused.text
    assert (await admin.send(refused, "typed", TYPED)).status == 200


async def test_when_the_database_is_gone_what_was_typed_can_be_sent_again(
    office: Office, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = await admin.get(NEW)
    real = Store.transaction
    calls = 0

    @asynccontextmanager
    async def failing(store: Store, *, barrier: bool = False) -> AsyncIterator[Transaction]:
        nonlocal calls
        calls += 1
        if calls == 2:  # the first one finds the session
            raise StoreUnavailable("full")
        async with real(store, barrier=barrier) as transaction:
            yield transaction

    monkeypatch.setattr(Store, "transaction", failing)
    failed = await admin.send(page, "account", TYPED)
    assert failed.status == 503
    assert "什么都没有保存" in failed.text
    assert "周新人" in failed.html
    done = await admin.send(failed, "typed", TYPED)
    assert done.status == 200


async def erase(office: Office) -> None:
    chat = f"telegram:{RECEIPT}"
    async with office.store.transaction() as transaction:
        await transaction.people.load([chat])
        await transaction.people.forget(chat, office.clock.now)


async def drafts(office: Office) -> int:
    async with office.store.reading() as connection:
        return int((await connection.exec_driver_sql("SELECT count(*) FROM staff_drafts")).scalar_one())


async def note_typed(office: Office, person: Person) -> dict[str, str]:
    """What the script sends from the page of a case."""
    await office.register()
    page = await person.get(f"/cases/{RECEIPT}")
    return {name: page.hidden(name, "note") for name in ("csrf", "kept")} | {"text": "周桂芳，13800138000"}


async def test_nothing_is_kept_about_a_person_who_was_deleted_meanwhile(office: Office, clerk: Person) -> None:
    typed = await note_typed(office, clerk)
    assert (await clerk.post("/drafts", typed)).status == 204
    assert await drafts(office) == 1
    await erase(office)
    assert await drafts(office) == 0
    assert (await clerk.post("/drafts", typed)).status == 404
    assert await drafts(office) == 0


async def test_nothing_is_kept_about_a_deleted_person_after_the_session_has_ended_either(
    office: Office, clerk: Person
) -> None:
    typed = await note_typed(office, clerk)
    await erase(office)
    office.clock.forward(minutes=31)
    assert (await clerk.post("/drafts", typed)).status == 404  # and not as if it had been kept
    stranger = office.stranger()
    signing_in = await stranger.post(f"/cases/{RECEIPT}/notes", typed)
    await stranger.send(signing_in, "sign-in", {"login": "clerk", "passphrase": PASSPHRASE})
    assert "写到一半的内容没有存" in (await stranger.get("/")).text
    assert await drafts(office) == 0


async def test_nothing_is_kept_about_a_case_of_another_town_and_that_is_on_record(
    office: Office, clerk: Person
) -> None:
    typed = await note_typed(office, clerk)
    other = await office.person("elsewhere")
    typed["csrf"] = await other.csrf()
    assert (await other.post("/drafts", typed)).status == 404
    assert await drafts(office) == 0
    assert await office.recorded("refused") == 1


async def test_whom_an_export_searches_for_is_never_kept(office: Office, admin: Person) -> None:
    """It could not be found when that person is deleted."""
    await office.register()
    page = await admin.get("/export?q=周桂芳")
    assert not page.hidden("kept", "export")
    hidden = {"csrf": page.hidden("csrf"), "filter": page.hidden("filter"), "why": "核对名单"}
    assert (await admin.post("/drafts", {**hidden, "kept": "/export#export"})).status == 400
    faulty = await admin.post("/export", {**hidden, "kept": "/export#export", "format": "doc"})
    assert faulty.status == 422
    assert not faulty.hidden("kept", "export")
    office.clock.forward(minutes=31)
    await admin.post("/export", {**hidden, "kept": "/export#export"})
    assert await drafts(office) == 0


async def test_of_an_export_that_searches_for_nobody_everything_is_kept(admin: Person) -> None:
    page = await admin.get("/export?town=白沙镇")
    typed = {name: page.hidden(name, "export") for name in ("csrf", "kept", "filter")}
    assert (await admin.post("/drafts", {**typed, "why": "核对名单"})).status == 204
    again = await admin.get("/export?restore=export")
    assert again.value("export-why") == "核对名单"
    assert "镇或街道 白沙镇" in again.text


async def test_saving_in_one_tab_leaves_what_is_being_typed_in_another(office: Office, clerk: Person) -> None:
    await office.register()
    first, second = [await clerk.get(f"/cases/{RECEIPT}") for _ in range(2)]
    for page, text in ((first, "第一个窗口里写了很久的"), (second, "第二个窗口里的")):
        typed = {name: page.hidden(name, "note") for name in ("csrf", "kept", "version", "seen")}
        assert (await clerk.post("/drafts", {**typed, "text": text})).status == 204
    assert (await clerk.send(second, "note", {"text": "第二个窗口里的"})).status == 303
    page = await clerk.get(f"/cases/{RECEIPT}")
    assert "您上次写到一半的内容" in page.text
    back = await clerk.get(re.findall(r'class="button" href="([^"]*)"', page.html)[0])
    assert back.value("note-text") == "第一个窗口里写了很久的"
    assert (await clerk.send(back, "note", {"text": "第一个窗口里写了很久的"})).status == 303
    assert await drafts(office) == 0


async def test_saving_drops_the_same_text_of_another_load_of_the_page_too(office: Office, clerk: Person) -> None:
    """As when the browser went back, and put the text into the fields again."""
    await office.register()
    first = await clerk.get(f"/cases/{RECEIPT}")
    typed = {name: first.hidden(name, "note") for name in ("csrf", "kept", "version", "seen")}
    assert (await clerk.post("/drafts", {**typed, "text": "没打通\n明天再打"})).status == 204
    await (await office.person("two-towns")).submit(f"/cases/{RECEIPT}", "status", {"status": "checked"})
    back = await clerk.get(f"/cases/{RECEIPT}")
    assert (await clerk.send(back, "note", {"text": "没打通\r\n明天再打"})).status == 303
    assert "写到一半" not in (await clerk.get(f"/cases/{RECEIPT}")).text
    assert await drafts(office) == 0


async def test_who_turns_an_offer_down_is_not_offered_the_same_text_once_more(admin: Person) -> None:
    for _ in range(2):
        await autosave(admin, await admin.get(NEW), TYPED)
    page = await admin.get("/accounts/new?restore=account")
    await admin.post("/drafts/discard", {"csrf": page.hidden("csrf"), "kept": page.hidden("kept", "account")})
    assert "写到一半" not in (await admin.get(NEW)).text


async def test_what_is_half_written_in_another_form_is_named_where_something_was_saved(
    office: Office, clerk: Person
) -> None:
    await office.register()
    page = await clerk.get(f"/cases/{RECEIPT}")
    typed = {name: page.hidden(name, "follow-up") for name in ("csrf", "kept", "version", "seen")}
    assert (await clerk.post("/drafts", {**typed, "due": "", "purpose": "问面试"})).status == 204
    page = await clerk.get((await clerk.send(page, "note", {"text": "没打通"})).location)
    saved = page.html[page.html.index('id="saved"') :].partition("</div>")[0]
    assert "还没保存的还在：安排回访。" in saved
    (where,) = re.findall(r'<a href="([^"]*restore=[^"]*)"', saved)
    assert where.endswith("#follow-up-due")
    assert (await clerk.get(where)).value("follow-up-purpose") == "问面试"


async def test_of_several_tabs_the_newest_is_offered_first_and_then_the_others(office: Office, admin: Person) -> None:
    for name in ("甲", "乙"):
        await autosave(admin, await admin.get(NEW), {**TYPED, "name": name})
        office.clock.forward(minutes=1)
    for name in ("乙", "甲"):
        page = await admin.get("/accounts/new?restore=account")
        assert page.value("account-name") == name
        await admin.post("/drafts/discard", {"csrf": page.hidden("csrf"), "kept": page.hidden("kept", "account")})
    assert "写到一半" not in (await admin.get(NEW)).text


async def test_what_was_kept_before_tabs_were_told_apart_is_still_offered(office: Office, admin: Person) -> None:
    async with office.store.transaction() as transaction:
        id = office.cast["admin"].id
        await transaction.sessions.keep_draft(id, f"{NEW}#account", {"name": "周新人"}, office.clock.now)
    page = await admin.get("/accounts/new?restore=account")
    assert page.value("account-name") == "周新人"
    await admin.send(page, "account", TYPED)
    assert await drafts(office) == 0


@pytest.fixture
def undroppable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database fails whenever something that was typed is to be forgotten."""

    async def failing(*_: object) -> None:
        raise StoreUnavailable("full")

    monkeypatch.setattr(Sessions, "drop_draft", failing)


@pytest.mark.usefixtures("undroppable")
async def test_what_was_done_is_said_even_if_what_was_typed_cannot_be_forgotten(office: Office, clerk: Person) -> None:
    await office.register()
    preview = await clerk.submit(f"/cases/{RECEIPT}", "message", {"text": "请来一趟"})
    assert (await clerk.send(preview, "message", {})).status == 303
    assert "消息已经交给机器人去发" in (await clerk.get(f"/cases/{RECEIPT}")).text
    assert await office.recorded("message") == 1


@pytest.mark.usefixtures("undroppable")
async def test_the_link_of_a_new_account_is_shown_even_if_what_was_typed_cannot_be_forgotten(admin: Person) -> None:
    page = await admin.get(NEW)
    await autosave(admin, page, TYPED)
    made = await admin.send(page, "account", TYPED)
    assert (made.status, "/welcome/" in made.text) == (200, True)


@pytest.mark.usefixtures("undroppable")
async def test_what_cannot_be_forgotten_now_is_not_said_to_be(admin: Person) -> None:
    page = await admin.get(NEW)
    await autosave(admin, page, TYPED)
    fields = {name: page.hidden(name, "account") for name in ("csrf", "kept")}
    assert (await admin.post("/drafts/discard", fields)).status == 503
