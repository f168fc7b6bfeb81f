"""The demonstration: plainly invented, plausible, and never in a database that is somebody's."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import phonenumbers
import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select

from bot.casework.account import Account, Role
from bot.casework.case import Case, Status, missing
from bot.casework.contact import first_contact
from bot.clock import day_of
from bot.conversation.forms import load_form
from bot.conversation.receipts import is_receipt
from bot.conversation.state import State
from bot.staff import demo
from bot.staff.demo_cases import invent, words
from bot.store import Keys, Store, StoreError, tables
from bot.store.case_writing import add_cases
from intents import Reader
from knowledge import Knowledge
from tests.bot.store.samples import register, registration
from tests.command import Zhucan
from tests.conftest import DATA

NOW = datetime(2025, 6, 12, 9, 30, tzinfo=UTC)
TOWNS = ("白沙镇", "油溪镇", "四面山镇")
FORM = load_form("jobseeker")
STAFF = (
    Account(1, "jia", "甲", Role.CLERK, ("白沙镇",)),
    Account(2, "yi", "乙", Role.CLERK, ("油溪镇",)),
    Account(3, "bing", "丙", Role.ADMIN),
)


@pytest.fixture(scope="module")
def invented() -> list[Case]:
    return list(invent(600, 7, NOW, FORM, TOWNS, STAFF))


@pytest.fixture
async def store(tmp_path: Path):
    async with await demo.Place(tmp_path).opened() as store:
        yield store


def test_the_same_seed_invents_the_same(invented: list[Case]) -> None:
    assert list(invent(600, 7, NOW, FORM, TOWNS, STAFF)) == invented
    assert next(invent(1, 8, NOW, FORM, TOWNS, STAFF)) != invented[0]


def test_the_questions_were_really_not_answered_well(shipped_reader: Reader) -> None:
    asked = words()["questions"]
    for kind, reading in (("unanswered", "none"), ("uncertain", "choices")):
        for text in asked[kind]:
            assert shipped_reader.read(text).kind == reading, text
    for text, topic in asked["unhelpful"].items():
        assert shipped_reader.read(text).topic == topic, text


def test_no_phone_number_is_one_that_somebody_can_have(invented: list[Case]) -> None:
    for case in invented:
        if (phone := case.registration.answers.get("phone")) is not None:
            assert not phonenumbers.is_valid_number(phonenumbers.parse(str(phone)))


def test_every_name_says_that_it_is_invented(invented: list[Case]) -> None:
    inventions = {"示例", "样例", "虚构", "演示", "假名", "试用", "样本", "范例"}
    assert {str(case.registration.answers["name"])[1:] for case in invented} <= inventions


def test_every_answer_is_one_that_the_form_takes(invented: list[Case]) -> None:
    offered = {step.id: {option.id for option in step.options} for step in FORM.steps if step.options}
    for case in invented:
        assert is_receipt(case.receipt)
        for step, answer in case.registration.answers.items():
            if step in offered:
                assert {answer} if isinstance(answer, str) else set(answer) <= offered[step]
        if case.registration.answers.get("category_consent") != "yes":
            assert not {"categories", "certificate", "help"} & set(case.registration.answers)


def test_there_is_something_of_everything(invented: list[Case]) -> None:
    assert {case.status for case in invented} == set(Status)
    assert {len(missing(case.steps)) for case in invented} == {0, 1, 2, 3, 4}
    assert {case.town for case in invented} == set(TOWNS)
    assert {message.staff is None for case in invented for message in case.messages} == {True, False}
    assert {visit.done is None for case in invented for visit in case.follow_ups} == {True, False}
    assert {case.filed is None for case in invented if case.graduate} == {True, False}
    assert len({day_of(case.registration.created) for case in invented}) > 200


def test_nothing_happens_before_the_registration_or_after_now(invented: list[Case]) -> None:
    for case in invented:
        moments = [event.at for event in case.events]
        assert moments == sorted(moments)
        assert moments[0] == case.registration.created
        assert moments[-1] <= NOW
        assert all(done.on <= day_of(NOW) for done in case.steps)
        assert case.employed is None or case.employed <= day_of(NOW)
        assert case.first_contact == first_contact(case)


def test_only_those_who_may_see_a_case_have_worked_on_it(invented: list[Case]) -> None:
    who = {one.id: one for one in STAFF}
    for case in invented:
        assert all(who[event.staff].may_see(case.town) for event in case.events if event.staff is not None)
        assert case.counselor is None or who[case.counselor].role is Role.CLERK


async def test_what_is_written_at_once_is_read_like_all_other_cases(store: Store, invented: list[Case]) -> None:
    async with store.transaction() as transaction:
        for one in STAFF:
            await transaction.staff.add(one.login, one.name, one.role, one.towns, False, NOW)
        await add_cases(transaction.scope, {f"demo:{number}": case for number, case in enumerate(invented[:100])})
        loaded = await transaction.cases.load_all([case.receipt for case in invented[:100]])
    for case in invented[:100]:
        assert bare(loaded[case.receipt]) == bare(case)


def bare(case: Case) -> Case:
    """A case without the ids that a database gives, and without what depends on the others."""
    return replace(
        case,
        phone_shared=False,
        first_contact=None,
        events=tuple(replace(event, id=0) for event in case.events),
        messages=tuple(replace(message, id=0) for message in case.messages),
        follow_ups=tuple(replace(visit, id=0) for visit in case.follow_ups),
    )


async def counted(store: Store, table) -> int:
    async with store.reading() as connection:
        return int((await connection.execute(select(func.count()).select_from(table))).scalar_one())


async def test_a_demo_has_cases_questions_and_accounts_to_sign_in_with(store: Store, tiny: Knowledge) -> None:
    accounts = await demo.fill(store, tiny, 40, 1, NOW, "纸船 石桥 灯塔")
    assert {account.role for account in accounts} == set(Role)
    assert await demo.is_filled(store)
    assert await counted(store, tables.cases) == 40
    assert await counted(store, tables.questions) == 4
    async with store.transaction() as transaction:
        for account in accounts:
            hashed = await transaction.staff.passphrase_of(account.id)
            assert hashed is not None
            assert PasswordHasher().verify(hashed, "纸船 石桥 灯塔")


async def test_a_demo_filled_again_has_only_the_new_and_the_same_accounts(store: Store, tiny: Knowledge) -> None:
    before = await demo.fill(store, tiny, 30, 1, NOW, "一")
    after = await demo.fill(store, tiny, 20, 2, NOW + timedelta(days=1), "二")
    assert await counted(store, tables.cases) == 20
    assert [account.id for account in before] == [account.id for account in after]


async def test_a_demo_filled_again_has_nothing_of_what_was_being_typed(store: Store, tiny: Knowledge) -> None:
    accounts = await demo.fill(store, tiny, 5, 1, NOW, "一")
    async with store.transaction() as transaction:
        await transaction.sessions.keep_draft(accounts[0].id, "/cases/123456785#note", {"text": "写了一半"}, NOW)
    await demo.fill(store, tiny, 5, 2, NOW, "二")
    assert await counted(store, tables.staff_drafts) == 0


async def test_a_demo_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    place = demo.Place(tmp_path)
    await demo.make(place, DATA / "tiny", 5, 1, NOW)
    await demo.make_ready(place, DATA / "tiny", 7, 1, NOW)
    async with await place.opened() as store:
        assert await counted(store, tables.cases) == 5


async def test_a_demo_that_was_not_finished_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = demo.Place(tmp_path)

    async def breaks_off(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(demo, "_ask", breaks_off)
    with pytest.raises(RuntimeError):
        await demo.make(place, DATA / "tiny", 5, 1, NOW)
    monkeypatch.undo()
    await demo.make_ready(place, DATA / "tiny", 7, 1, NOW)
    async with await place.opened() as store:
        assert await counted(store, tables.cases) == 7


async def test_the_passphrase_is_another_in_each_demo_and_stays(tmp_path: Path) -> None:
    first, second = demo.Place(tmp_path / "1"), demo.Place(tmp_path / "2")
    assert first.passphrase() == first.passphrase() != second.passphrase()
    assert (await demo.make(first, DATA / "tiny", 1, 1, NOW)).passphrase == first.passphrase()


async def test_a_database_with_people_in_it_is_not_touched(store: Store, tiny: Knowledge) -> None:
    await register(store, registration())
    with pytest.raises(StoreError, match="不是演示"):
        await demo.fill(store, tiny, 5, 1, NOW, "一")
    assert await counted(store, tables.registrations) == 1
    assert await counted(store, tables.staff) == 0
    assert not await demo.is_filled(store)


async def test_a_database_with_accounts_is_not_touched(store: Store, tiny: Knowledge) -> None:
    async with store.transaction() as transaction:
        await transaction.staff.add("demo-admin", "真的", Role.ADMIN, (), False, NOW)
    with pytest.raises(StoreError, match="不是演示"):
        await demo.fill(store, tiny, 5, 1, NOW, "一")
    with pytest.raises(StoreError, match="不是演示"):
        await demo.let_in(store, "一", NOW)
    async with store.transaction() as transaction:
        assert await transaction.staff.passphrase_of(1) is None


async def test_a_database_in_which_somebody_has_talked_is_not_touched(store: Store, tiny: Knowledge) -> None:
    async with store.transaction() as transaction:
        await transaction.people.save("telegram:1", State(), State(topic="x"), NOW)
    with pytest.raises(StoreError, match="不是演示"):
        await demo.fill(store, tiny, 5, 1, NOW, "一")


@pytest.fixture
def zhucan(index_folder: Path, tmp_path: Path) -> Zhucan:
    return Zhucan(index_folder, tmp_path)


async def test_the_command_says_how_to_look_around(zhucan: Zhucan, tmp_path: Path) -> None:
    done = zhucan("demo", "--folder", str(tmp_path / "demo"), "--count", "12")
    assert done.returncode == 0, done.stderr
    assert "demo-admin" in done.stdout
    assert "zhucan demo --serve --folder" in done.stdout
    place = demo.Place(tmp_path / "demo")
    async with await Store.open(place.url, Keys.open(place.key_file, lambda _: None)) as store:
        assert await counted(store, tables.cases) == 12


async def test_the_command_leaves_another_database_alone(zhucan: Zhucan, tmp_path: Path) -> None:
    async with await demo.Place(tmp_path / "demo").opened() as store:
        await register(store, registration())
    done = zhucan("demo", "--folder", str(tmp_path / "demo"))
    assert done.returncode == 2
    assert "不是演示" in done.stderr


def test_the_consents_are_those_that_the_form_asks_for(invented: list[Case]) -> None:
    asked = {step.id for step in FORM.steps if step.kind == "consent"}
    assert {consent.kind for case in invented for consent in case.registration.consents} <= asked
