"""The page of a case: what it shows, and to whom."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest

from bot.clock import day_of
from bot.conversation.receipts import shown
from bot.conversation.registration import Answer, Registration
from bot.conversation.state import State
from bot.staff import counselors
from bot.store.tables import conversations

from .office import NOW, Office, Person
from .registered import left, registered, registration

TODAY = day_of(NOW)
NUMBER = "138 0013 8000"


@pytest.fixture
async def one(office: Office) -> Registration:
    (made,) = await registered(office, {"more": "上午有空", "certificate": "have", "category_consent": "yes"})
    return made


def where(one: Registration) -> str:
    return f"/cases/{one.receipt}"


async def test_it_shows_what_the_person_said_in_the_words_of_the_form(clerk: Person, one: Registration) -> None:
    page = await clerk.get(where(one))
    assert page.title == f"登记 {shown(one.receipt)} · 助残就业工作台"
    for words in ("周桂芳", "白沙镇", "40到49岁", "在家里做的；离家近的", "打电话", "残疾证 有", "上午有空", "初中"):
        assert words in page.text
    assert "没有说的：残疾类别、要什么帮助、想学的" in page.text


async def test_it_shows_what_was_agreed_to_with_version_and_time(office: Office, clerk: Person) -> None:
    from_other = registration(7, whom="other", relation="parent", agreement="guardian")
    consents = tuple(
        type(from_other.consents[0])(kind, "2026-11", agreed, NOW)
        for kind, agreed in (("consent", True), ("agreement", True), ("category_consent", False))
    )
    await left(office.store, Registration(from_other.receipt, from_other.answers, consents, NOW, NOW))
    text = (await clerk.get(where(from_other))).text.replace(" ", "")
    assert "同意登记：同意2024年3月5日09:30，说明的版本2026-11" in text
    assert "本人同意：我是他的法定监护人，我同意" in text
    assert "同意记跟残疾有关的情况：不同意" in text


async def test_who_was_registered_by_somebody_else_is_shown_clearly(office: Office, clerk: Person) -> None:
    (child,) = await registered(office, {"whom": "other", "relation": "parent", "agreement": "himself"})
    page = await clerk.get(where(child))
    assert "不是本人登记的。 登记人说：我是他爸爸或者妈妈。" in page.text
    assert "同意登记的情况：他本人同意" in page.text
    for seen in (page, await clerk.get(f"{where(child)}/print")):
        assert "登记人是他的什么人 我是他爸爸或者妈妈" in seen.text
        assert "您是他的什么人" not in seen.text
    assert "登记人 做了登记" in page.text


async def test_whoever_helps_with_the_telephone_is_named(office: Office, clerk: Person) -> None:
    (one,) = await registered(office, {"contact_way": "proxy", "proxy": "邻居张姐"})
    text = (await clerk.get(where(one))).text
    assert "希望怎么联系 找帮我接电话的人" in text
    assert "帮接电话的人 邻居张姐" in text


async def test_opening_it_is_on_record(office: Office, clerk: Person, one: Registration) -> None:
    await clerk.get(where(one))
    assert await office.recorded("case-seen") == 1


async def test_what_the_person_wrote_back_is_new_once(office: Office, clerk: Person, one: Registration) -> None:
    async with office.store.transaction() as transaction:
        await transaction.cases.replied(one.receipt, "星期三下午\n可以", NOW)
    first = await clerk.get(where(one))
    assert "星期三下午<br>可以" in first.html
    assert "本人 新" in first.text
    assert "本人 新" not in (await clerk.get(where(one))).text


async def test_what_came_back_is_a_reminder_until_a_message_answers_it(
    office: Office, clerk: Person, one: Registration
) -> None:
    async with office.store.transaction() as transaction:
        await transaction.cases.replied(one.receipt, "星期三下午", NOW)
    page = await clerk.get(where(one))
    assert "本人有新的回话。 去看消息" in page.text
    page = await clerk.get(where(one))
    assert "本人回的话，还没有发消息回。 去看消息" in page.text
    preview = await clerk.send(page, "message", {"text": "好的"})
    await clerk.send(preview, "message", {})
    assert "去看消息" not in (await clerk.get(where(one))).text


async def test_what_came_back_is_seen_once_who_works_on_the_case_has_opened_it(
    office: Office, clerk: Person, one: Registration
) -> None:
    me = office.cast["clerk"].id
    async with office.store.transaction() as transaction:
        await transaction.cases.assign(one.receipt, 1, me, NOW, me)
        await transaction.cases.replied(one.receipt, "可以", NOW)
    waiting = "/queue?unanswered=1"
    for login in ("admin", "two-towns"):
        await (await office.person(login)).get(where(one))
        assert "周桂芳" in (await clerk.get(waiting)).text
    await clerk.get(where(one))
    assert "周桂芳" not in (await clerk.get(waiting)).text


async def test_what_came_back_to_who_cannot_work_on_the_case_any_more_is_seen_once_anybody_opened_it(
    office: Office, clerk: Person, one: Registration
) -> None:
    left = office.cast["two-towns"].id
    async with office.store.transaction() as transaction:
        await transaction.cases.assign(one.receipt, 1, left, NOW, left)
        await transaction.cases.replied(one.receipt, "可以", NOW)
        await transaction.staff.disable(left, NOW)
    assert "周桂芳" in (await clerk.get("/queue?unanswered=1")).text
    await clerk.get(where(one))
    assert "周桂芳" not in (await clerk.get("/queue?unanswered=1")).text


async def test_what_came_back_and_was_only_opened_is_told_from_what_was_answered(
    office: Office, clerk: Person, one: Registration
) -> None:
    async with office.store.transaction() as transaction:
        await transaction.cases.replied(one.receipt, "可以", NOW)
    await clerk.get(where(one))
    page = await clerk.get(where(one))
    assert "2024年3月5日 09:30 看过 还没有发消息回" in page.text
    preview = await clerk.send(page, "message", {"text": "好，到时候见"})
    page = await clerk.get((await clerk.send(preview, "message", {})).location)
    assert "2024年3月5日 09:30 看过 可以" in page.text


@pytest.mark.parametrize(
    ("changed", "told"), [({"phone": "+8613900139000"}, "改了登记：电话"), ({}, "核对了登记，没有变")]
)
async def test_what_the_person_changed_is_new_once(
    office: Office, clerk: Person, one: Registration, changed: dict[str, Answer], told: str
) -> None:
    chat = f"telegram:{one.receipt}"
    async with office.store.transaction() as transaction:
        before = (await transaction.people.load([chat]))[chat]
        again = replace(one, answers={**one.answers, **changed}, updated=NOW + timedelta(hours=1))
        await transaction.people.save(chat, before, replace(before, registrations=(again,)), again.updated)
    assert "周桂芳" in (await clerk.get("/queue?unanswered=1")).text
    page = await clerk.get(where(one))
    assert "本人 新 改了或者核对了登记" in page.text
    assert told in page.text
    assert "本人 新" not in (await clerk.get(where(one))).text
    assert "周桂芳" not in (await clerk.get("/queue?unanswered=1")).text


async def test_who_asks_only_whether_the_page_is_there_has_not_seen_what_is_new(
    office: Office, clerk: Person, one: Registration
) -> None:
    async with office.store.transaction() as transaction:
        await transaction.cases.replied(one.receipt, "可以", NOW)
    assert (await clerk.client.head(where(one))).status_code == 200
    assert "本人 新" in (await clerk.get(where(one))).text


async def test_a_promise_that_is_late_is_said(office: Office, clerk: Person) -> None:
    late = registration(3, NOW - timedelta(days=30))
    soon = registration(4, NOW - timedelta(days=2), phone="+8613800138004")
    await left(office.store, late, soon)
    assert "答应 2024年2月11日 以前联系本人， 已经过了" in (await clerk.get(where(late))).text
    assert "还没有人联系过本人，答应 2024年3月10日 以前联系" in (await clerk.get(where(soon))).text


async def test_a_telephone_of_several_is_flagged_with_the_way_to_the_others(office: Office, clerk: Person) -> None:
    mine, other, elsewhere = await registered(
        office, {"name": "张一"}, {"name": "张二"}, {"name": "张三", "town": "德感街道"}
    )
    page = await clerk.get(where(mine))
    assert "这个电话不止一份登记在用" in page.text
    assert where(other) in page.html
    assert "张三" not in page.text
    assert where(elsewhere) not in page.html
    assert "张三" in (await (await office.person("two-towns")).get(where(mine))).text


async def test_where_the_others_are_not_theirs_that_is_said(office: Office, clerk: Person) -> None:
    mine, _ = await registered(office, {"name": "张一"}, {"name": "张三", "town": "德感街道"})
    assert "另外的登记不归您看" in (await clerk.get(where(mine))).text


async def test_whether_the_bot_reaches_the_person_is_said(office: Office, clerk: Person, one: Registration) -> None:
    assert "通过机器人 可以发消息" in (await clerk.get(where(one))).text
    async with office.store.transaction() as transaction:
        await transaction.scope.run(conversations.update().values(blocked=NOW))
    page = await clerk.get(where(one))
    assert "不能发消息" in page.text
    assert 'id="message"' not in page.html


async def test_a_registration_that_was_deleted_meanwhile_has_a_kind_page(
    office: Office, clerk: Person, one: Registration
) -> None:
    page = await clerk.get(where(one))
    async with office.store.transaction() as transaction:
        chat = f"telegram:{one.receipt}"
        before = (await transaction.people.load([chat]))[chat]
        await transaction.people.save(chat, before, State(), NOW)
    answer = await clerk.send(page, "note", {"text": "已经打过电话，星期三再打"})
    assert answer.status == 404
    assert "可能本人已经删了登记" in answer.text
    assert "已经打过电话，星期三再打" in answer.text
    assert (await clerk.get(where(one))).status == 404


async def test_no_case_is_shown_to_who_may_not_see_it(office: Office, one: Registration) -> None:
    other = registration(2, name="钱德感", town="德感街道")
    await left(office.store, other)
    clerk = await office.person("clerk")
    for page in ("", "/print"):
        answer = await clerk.get(where(other) + page)
        assert answer.status == 404
        assert "钱德感" not in answer.text
    assert (await clerk.get("/cases/not-a-number")).status == 404
    assert await office.recorded("refused") == 3
    assert one.receipt != other.receipt


async def test_on_paper_stands_that_who_works_on_it_has_left(office: Office, clerk: Person, one: Registration) -> None:
    gone = office.cast["two-towns"].id
    async with office.store.transaction() as transaction:
        await transaction.cases.assign(one.receipt, 1, gone, NOW, gone)
        await transaction.staff.disable(gone, NOW)
    name = counselors.name_at(replace(office.cast["two-towns"], disabled=NOW), "白沙镇")
    assert name != "王经办"
    assert f"经办人 {name}" in (await clerk.get(f"{where(one)}/print")).text


async def test_it_can_be_printed_without_forms_and_without_the_telephone(
    office: Office, clerk: Person, one: Registration
) -> None:
    page = await clerk.get(f"{where(one)}/print")
    assert "周桂芳" in page.text
    assert "<textarea" not in page.html
    assert "13800138000" not in page.html.replace(" ", "")
    assert await office.recorded("case-printed") == 1


async def test_on_paper_stand_the_follow_ups_that_are_planned_and_what_came_of_others(
    office: Office, clerk: Person, one: Registration
) -> None:
    me, today = office.cast["clerk"].id, NOW.date()
    async with office.store.transaction() as transaction:
        cases = transaction.cases
        await cases.plan_follow_up(one.receipt, 1, me, NOW, today + timedelta(days=2), "上门看看")
        await cases.plan_follow_up(one.receipt, 2, me, NOW, today, "问问工作")
        case = await cases.load(one.receipt)
        assert case
        (done,) = [each.id for each in case.follow_ups if each.purpose == "问问工作"]
        await cases.finish_follow_up(one.receipt, 3, me, NOW, done, today, "", False)
    paper = (await clerk.get(f"{where(one)}/print")).text
    assert "要做的： 2024年3月7日（星期四） ，上门看看" in paper
    assert "李经办，没有联系上本人：问问工作" in paper
    assert "李经办，没有联系上本人：问问工作" in (await clerk.get(where(one))).text


HEARING = {"categories": ("hearing",)}
SIGN = {"help": ("sign", "large-print")}


@pytest.mark.parametrize(
    ("answers", "reminded"),
    [
        ({**HEARING, "contact_way": "call"}, True),
        ({**SIGN, "contact_way": "call"}, True),
        ({**HEARING, "contact_way": "sms"}, False),
        ({"categories": ("vision",), "help": ("large-print",), "contact_way": "call"}, False),
    ],
)
async def test_who_wants_to_be_called_but_may_not_hear_is_a_reminder(
    office: Office, clerk: Person, answers: dict[str, Answer], reminded: bool
) -> None:
    (one,) = await registered(office, {"category_consent": "yes", **answers})
    text = (await clerk.get(where(one))).text
    assert ("可能听不清电话，先发短信。" in text) is reminded
    assert text.index("提醒") < text.index("希望怎么联系")


async def test_without_anything_to_remind_of_there_is_no_such_heading(clerk: Person, one: Registration) -> None:
    page = await clerk.submit(where(one), "note", {"text": "打通了", "contact": "yes"})
    assert "提醒" not in (await clerk.get(where(one))).text
    assert page.status == 303


# -- the telephone


async def test_the_telephone_is_hidden_until_a_reason_is_given(
    office: Office, clerk: Person, one: Registration
) -> None:
    hidden = await clerk.get(where(one))
    assert "13800138000" not in hidden.html.replace(" ", "")
    shown_once = await clerk.send(hidden, "phone", {"reason": "call", "detail": "约面谈"})
    assert shown_once.status == 200
    assert "138 0013 8000" in shown_once.text
    assert shown_once.title.startswith("电话 · 登记 ")
    assert 'href="tel:+8613800138000"' in shown_once.html
    assert "138 0013 8000" not in (await clerk.get(where(one))).text
    assert await office.recorded("phone-seen") == 1
    admin = await office.person("admin")
    assert "打电话联系：约面谈" in (await admin.get("/audit?what=phone-seen")).text


@pytest.mark.parametrize("given", [{}, {"reason": "fun"}, {"reason": "other"}, {"reason": "other", "detail": " "}])
async def test_without_a_reason_it_stays_hidden(
    office: Office, clerk: Person, one: Registration, given: dict[str, str]
) -> None:
    answer = await clerk.send(await clerk.get(where(one)), "phone", given)
    assert answer.status == 422
    assert "还不能看电话" in answer.text
    assert "138 0013 8000" not in answer.text
    assert await office.recorded("phone-seen") == 0


async def test_each_look_at_the_telephone_is_on_record(office: Office, clerk: Person, one: Registration) -> None:
    page = await clerk.get(where(one))
    for _ in range(3):
        await clerk.send(page, "phone", {"reason": "sms"})
    assert await office.recorded("phone-seen") == 3


async def test_the_number_stays_while_its_page_is_worked_on_and_that_is_the_same_look(
    office: Office, clerk: Person, one: Registration
) -> None:
    page = await clerk.submit(where(one), "phone", {"reason": "call"})
    faulty = await clerk.send(page, "note", {"text": ""})
    assert faulty.status == 422
    assert NUMBER in faulty.text
    saved = await clerk.send(faulty, "note", {"text": "打通了"})
    assert saved.status == 303
    page = await clerk.get(saved.location)
    assert NUMBER in page.text
    assert page.title.startswith("已保存")
    for link in ("template=call-time", "template=call-time", "/print", "looked="):  # from each page to the next
        page = await clerk.get(next(each for each in re.findall(r'href="(.*?)"', unescape(page.html)) if link in each))
    assert NUMBER in page.text
    assert NUMBER not in (await clerk.get(where(one))).text
    assert await office.recorded("phone-seen") == 1


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"contact_way": "proxy", "proxy": "邻居张姐"}, "打过去找帮接电话的人：邻居张姐"),
        ({"contact_way": "proxy"}, "打过去找帮接电话的人，没有说怎么称呼"),
        ({"whom": "other"}, "号码是登记人写的，可能是登记人自己的。"),
    ],
)
async def test_with_the_number_is_said_who_may_answer(
    office: Office, clerk: Person, answers: dict[str, Answer], said: str
) -> None:
    (one,) = await registered(office, answers)
    assert said in (await clerk.submit(where(one), "phone", {"reason": "call"})).text


async def test_the_number_stays_where_somebody_else_was_faster(
    office: Office, clerk: Person, one: Registration
) -> None:
    page = await clerk.submit(where(one), "phone", {"reason": "call"})
    await (await office.person("two-towns")).submit(where(one), "status", {"status": "checked"})
    answer = await clerk.send(page, "status", {"status": "assessed"})
    assert answer.status == 409
    assert NUMBER in answer.text


async def test_a_look_lasts_ten_minutes_however_long_the_work_goes_on(
    office: Office, clerk: Person, one: Registration
) -> None:
    page = await clerk.submit(where(one), "phone", {"reason": "call"})
    office.clock.forward(minutes=9)
    page = await clerk.send(page, "note", {"text": ""})
    assert NUMBER in page.text
    looked = f"{where(one)}?looked={page.hidden('looked', 'note')}"
    assert NUMBER in (await clerk.get(looked)).text
    office.clock.forward(minutes=2)
    assert NUMBER not in (await clerk.send(page, "note", {"text": ""})).text
    assert NUMBER not in (await clerk.get(looked)).text


async def test_a_look_is_good_for_that_case_and_that_person_alone(office: Office, clerk: Person) -> None:
    one, other = await registered(office, {}, {"name": "王别人", "phone": "+8613900139000"})
    looked = (await clerk.submit(where(one), "phone", {"reason": "call"})).hidden("looked", "note")
    assert looked
    answer = await clerk.submit(where(other), "note", {"text": "", "looked": looked})
    assert "139 0013 9000" not in answer.text
    colleague = await office.person("two-towns")
    assert NUMBER not in (await colleague.submit(where(one), "note", {"text": "", "looked": looked})).text
    assert NUMBER not in (await colleague.get(f"{where(one)}?looked={looked}")).text
    assert NUMBER not in (await clerk.submit(where(one), "note", {"text": "", "looked": "forged"})).text


async def test_a_look_is_not_kept_with_what_was_typed(clerk: Person, one: Registration) -> None:
    page = await clerk.submit(where(one), "phone", {"reason": "call"})
    fields = {name: page.hidden(name, "note") for name in ("csrf", "kept", "looked")}
    assert (await clerk.post("/drafts", {**fields, "text": "打通了"})).status == 204
    back = await clerk.get(f"{where(one)}?restore=note")
    assert back.value("note-text") == "打通了"
    assert NUMBER not in back.text
    assert back.hidden("looked", "note") == ""
