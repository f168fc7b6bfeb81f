"""The staff on the phone: what /staff shows, what can be done there, and what is never shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest

from bot.casework.account import Account
from bot.casework.case import Step
from bot.conversation.forms import load_form
from bot.conversation.message import Message, Reply
from bot.conversation.receipts import shown
from bot.conversation.registration import Registration
from bot.conversation.state import State
from bot.service.alarm import Alarm
from bot.staff.morning import Morning
from bot.staff.phone import Phone
from bot.staff.wording import say
from bot.store.audit import AuditFilter
from tests.bot.service.channel import NotedChannel
from tests.bot.staff.office import NOW, Office
from tests.bot.store.samples import RECEIPT, case_of, register, registration, save, work

CHAT = "telegram:7001"
SECOND = "876543217"
THERE = {"town": "德感街道", "phone": "13900139000", "name": "吴小兰"}


class Member:
    """A member of the staff with a phone."""

    def __init__(self, office: Office, account: Account) -> None:
        self.office = office
        self.account = account
        self.phone = Phone(load_form("jobseeker"), 7, "08:30")
        self.state = State()
        self.replies: list[Reply] = []
        self._tokens = 0

    async def says(self, text: str = "", *, public: bool = False, button: str | None = None) -> str:
        self._tokens += 1
        token = f"{self._tokens:08x}" * 4
        message = Message(at=self.office.clock.now, token=token, text=text, public=public, button=button)
        if not self.phone.concerns(message, self.state):
            return ""
        async with self.office.store.transaction() as transaction:
            self.replies, self.state = await self.phone.answer(transaction, CHAT, message, self.state)
        return self.heard

    async def picks(self, words: str) -> str:
        """Choose the line of the open list that has these words in it, by its number."""
        assert self.state.open is not None
        (number,) = [n for n, option in enumerate(self.state.open.options, 1) if words in option.label]
        return await self.says(str(number))

    async def links(self) -> str:
        async with self.office.store.transaction() as transaction:
            code = await transaction.staff.link_code(self.account.id, self.office.clock.now)
        return await self.says(f"/staff {code}")

    @property
    def heard(self) -> str:
        return "\n".join(reply.text for reply in self.replies)


def in_town(town: str = "白沙镇", **answers: str) -> Registration:
    one = registration(answers={"town": town, "wanted": ("home", "office"), **answers})
    return replace(one, created=NOW - timedelta(days=3), updated=NOW - timedelta(days=3))


@pytest.fixture
async def member(office: Office) -> Member:
    """The clerk of 白沙镇, linked; one registration there."""
    await register(office.store, in_town(), now=NOW)
    member = Member(office, office.cast["clerk"])
    await member.links()
    return member


async def audited(office: Office) -> list[tuple[str, str]]:
    async with office.store.transaction() as transaction:
        page = await transaction.audit.entries(AuditFilter())
    return [(entry.who, entry.what) for entry in page.entries]


async def test_an_account_is_linked_by_its_one_time_code(office: Office) -> None:
    member = Member(office, office.cast["clerk"])
    assert await member.says("/staff") == say("phone.not_linked")
    assert await member.links() == say("phone.linked")
    assert say("phone.today", day="2024-03-05") in await member.says("/staff")


async def test_a_code_works_once_and_not_for_ever(office: Office) -> None:
    member, other = Member(office, office.cast["clerk"]), Member(office, office.cast["two-towns"])
    async with office.store.transaction() as transaction:
        used = await transaction.staff.link_code(member.account.id, NOW)
    await member.says(f"/staff {used}")
    await member.says("/staff")
    async with office.store.transaction() as transaction:
        await transaction.staff.unlink(member.account.id)
    assert await member.says(f"/staff {used}") == say("phone.bad_code")
    async with office.store.transaction() as transaction:
        late = await transaction.staff.link_code(other.account.id, NOW)
    office.clock.forward(minutes=11)
    assert await other.says(f"/staff {late}") == say("phone.bad_code")


async def test_who_guesses_codes_has_to_wait(office: Office) -> None:
    member = Member(office, office.cast["clerk"])
    said = [await member.says(f"/staff GUESS{n:03}") for n in range(8)]
    assert say("phone.too_often", minutes=1) in said
    assert ("nobody", "link-refused") in await audited(office)


async def test_the_day_is_shown_without_names_and_telephone_numbers(member: Member) -> None:
    heard = await member.says("/staff")
    assert say("phone.numbers", uncontacted=1, new=1, overdue=0, due_today=0, unanswered=0, mine=0) in heard
    assert f"{shown(RECEIPT)}，白沙镇，在家里做的；办公室、电脑、客服，等了3天，还没有人联系" in heard
    assert "周桂芳" not in heard
    assert "13800138000" not in heard


async def test_only_cases_of_the_own_towns_are_there(member: Member) -> None:
    elsewhere = replace(in_town(**THERE), receipt=SECOND)
    await register(member.office.store, elsewhere, chat="telegram:8001", now=NOW)
    assert shown(SECOND) not in await member.says("/staff")
    assert await member.says(f"/staff {SECOND}") == say("phone.gone")
    assert await member.says("/staff 999999999") == say("phone.gone")
    assert (f"staff:{member.account.id}", "refused") in await audited(member.office)


@pytest.mark.parametrize("number", ["12345", "1234567890", "1234-5678", "１２３"])
async def test_what_is_no_number_of_a_registration_is_said_to_be_none(member: Member, number: str) -> None:
    assert await member.says(f"/staff {number}") == say("phone.no_receipt", digits=9)


async def test_a_case_is_found_by_its_number_and_that_is_on_record(member: Member) -> None:
    heard = await member.says(f"/staff {shown(RECEIPT)}")
    assert heard.startswith(f"登记号 {shown(RECEIPT)}，白沙镇，新登记，等了3天，还没有人联系。")
    assert say("phone.steps_none") in heard
    assert "周桂芳" not in heard
    assert (f"staff:{member.account.id}", "looked-on-phone") in await audited(member.office)


async def test_who_was_contacted_does_not_wait_any_more(member: Member) -> None:
    me = member.account.id
    await work(member.office.store, lambda cases: cases.note(RECEIPT, 1, me, NOW, "打通了", contact=True))
    assert "等了" not in await member.says(f"/staff {RECEIPT}")
    assert "等了" not in await member.says("/staff")


async def test_one_of_the_four_is_marked_as_done(member: Member) -> None:
    await member.says(f"/staff {RECEIPT}")
    heard = await member.picks("基础信息核对")
    assert heard.startswith(say("phone.noted_step", step="基础信息核对", on="2024-03-05"))
    case = await case_of(member.office.store)
    assert [(done.step, done.staff) for done in case.steps] == [(Step.INFORMATION_CHECK, member.account.id)]
    assert "记上：基础信息核对" not in heard


async def test_a_follow_up_is_marked_as_done(member: Member) -> None:
    today = NOW.date()
    await work(
        member.office.store, lambda cases: cases.plan_follow_up(RECEIPT, 1, member.account.id, NOW, today, "问近况")
    )
    assert "今天要回访：1" in await member.says("/staff")
    await member.says(f"/staff {RECEIPT}")
    assert (await member.picks("的回访")).startswith(say("phone.noted_follow_up"))
    case = await case_of(member.office.store)
    assert [(each.done, each.done_by) for each in case.follow_ups] == [(today, member.account.id)]
    assert case.first_contact == NOW


async def test_a_follow_up_can_only_be_marked_there_if_the_person_was_reached(member: Member) -> None:
    who, today = member.account.id, NOW.date()
    await work(member.office.store, lambda cases: cases.plan_follow_up(RECEIPT, 1, who, NOW, today))
    assert "2024-03-05的回访，今天做了，跟本人说了话" in await member.says(f"/staff {RECEIPT}")
    heard = await member.picks("的回访")
    assert "算联系过本人" in heard
    assert "没有联系上的，请到工作台记" in heard


async def test_a_case_is_taken_on(member: Member) -> None:
    await member.says(f"/staff {RECEIPT}")
    assert (await member.picks("归我办")).startswith(say("phone.noted_assigned"))
    assert (await case_of(member.office.store)).counselor == member.account.id
    assert "归您办、还没有办完：1" in await member.says("/staff")


async def test_the_case_of_a_colleague_who_left_is_nobodys(member: Member) -> None:
    left = member.office.cast["two-towns"].id
    await work(member.office.store, lambda cases: cases.assign(RECEIPT, 1, left, NOW, left))
    assert say("phone.counselor_other") in await member.says(f"/staff {RECEIPT}")
    assert shown(RECEIPT) not in await member.says("/staff")
    async with member.office.store.transaction() as transaction:
        await transaction.staff.disable(left, NOW)
    assert shown(RECEIPT) in await member.says("/staff")
    assert say("phone.counselor_none") in await member.picks(shown(RECEIPT))


async def test_who_is_second_changes_nothing_and_sees_how_it_is_now(member: Member) -> None:
    await member.says(f"/staff {RECEIPT}")
    await work(member.office.store, lambda cases: cases.note(RECEIPT, 1, member.account.id, NOW, "别人先写了"))
    heard = await member.picks("基础信息核对")
    assert heard.startswith(say("phone.changed"))
    assert (await case_of(member.office.store)).steps == ()


async def test_a_registration_deleted_meanwhile_is_gone(member: Member) -> None:
    await member.says(f"/staff {RECEIPT}")
    await save(member.office.store, State())
    assert await member.picks("基础信息核对") == say("phone.gone")


async def test_nothing_is_shown_in_a_group(member: Member) -> None:
    assert await member.says("/staff", public=True) == say("phone.not_in_public")
    assert await member.says(f"/staff {RECEIPT}", public=True) == say("phone.not_in_public")


async def test_unlinking_ends_it_at_once(member: Member) -> None:
    await member.says(f"/staff {RECEIPT}")
    opened = member.state
    await member.says("/staff")
    await member.picks(say("phone.unlink"))
    assert await member.picks(say("phone.unlink_yes")) == say("phone.unlinked")
    member.state = opened
    assert await member.picks("基础信息核对") == say("phone.not_linked")
    assert (await case_of(member.office.store)).steps == ()


async def test_who_is_disabled_is_out_at_once(member: Member) -> None:
    async with member.office.store.transaction() as transaction:
        await transaction.staff.disable(member.account.id, NOW)
    assert await member.says("/staff") == say("phone.not_linked")


async def test_statistics_see_no_cases(office: Office) -> None:
    await register(office.store, in_town(), now=NOW)
    member = Member(office, office.cast["statistics"])
    await member.links()
    assert await member.says("/staff") == say("phone.no_persons")
    assert await member.says(f"/staff {RECEIPT}") == say("phone.no_persons")


@pytest.mark.parametrize("text", ["摊位费能减吗", "1", "staff", "/start", "我想去/staff"])
async def test_everything_else_is_for_the_assistant(member: Member, text: str) -> None:
    assert not member.phone.concerns(Message(at=NOW, token="0" * 32, text=text), State())


async def test_forged_and_old_buttons_are_not_for_this(member: Member) -> None:
    await member.says("/staff")
    for payload in ("staff step", "1:ffffffff:1", "1:00000002:99"):
        assert await member.says(button=payload) == ""


# -- in the morning


@pytest.fixture
def morning(member: Member) -> tuple[Morning, NotedChannel]:
    channel = NotedChannel()
    clock = member.office.clock
    return Morning(member.office.store, channel, member.phone, at=time(8, 30), now=clock, outgoing=Alarm()), channel


async def waiting(office: Office) -> int:
    async with office.store.transaction() as transaction:
        return await transaction.outbox.waiting()


async def test_the_numbers_come_once_each_morning_to_who_wants_them(
    member: Member, morning: tuple[Morning, NotedChannel]
) -> None:
    sender, _ = morning
    assert await sender.send() == 0
    await member.says("/staff")
    assert await member.picks(say("phone.digest_on")) == say("phone.digest_is_on", time="08:30")
    member.office.clock.forward(hours=15)  # half past midnight
    assert await sender.send() == 0
    member.office.clock.forward(hours=8)
    assert [await sender.send(), await sender.send()] == [1, 0]
    assert await waiting(member.office) == 1
    member.office.clock.forward(hours=24)
    assert await sender.send() == 1


@pytest.mark.parametrize(("hours", "sent"), [(6, 0), (-2, 1)])
async def test_who_wants_them_only_after_they_were_sent_gets_them_tomorrow(
    member: Member, morning: tuple[Morning, NotedChannel], hours: int, sent: int
) -> None:
    member.office.clock.forward(hours=hours)
    await member.says("/staff")
    await member.picks(say("phone.digest_on"))
    member.office.clock.now = NOW.replace(hour=20)
    assert await morning[0].send() == sent


async def test_nobody_is_woken_for_nothing(member: Member, morning: tuple[Morning, NotedChannel]) -> None:
    await member.says("/staff")
    await member.picks(say("phone.digest_on"))
    member.office.clock.forward(days=1)
    await save(member.office.store, State())
    assert await morning[0].send() == 0


async def test_it_can_be_turned_off(member: Member, morning: tuple[Morning, NotedChannel]) -> None:
    await member.says("/staff")
    await member.picks(say("phone.digest_on"))
    await member.says("/staff")
    assert await member.picks(say("phone.digest_off")) == say("phone.digest_is_off")
    member.office.clock.forward(days=1)
    assert await morning[0].send() == 0
