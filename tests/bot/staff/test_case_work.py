"""Working on a case: what can be done, what is refused, and what two clerks do at the same time."""

from __future__ import annotations

import asyncio
import re
from datetime import date, datetime, timedelta
from html import unescape

import pytest

from bot.casework.case import Case, Status
from bot.casework.notes import standing
from bot.clock import day_of
from bot.conversation.registration import Registration
from bot.conversation.state import State

from .office import NOW, Answer, Office, Person
from .registered import left, registration

TODAY = day_of(NOW)
REGISTERED = NOW - timedelta(days=6)


@pytest.fixture
async def one(office: Office) -> Registration:
    made = registration(1, REGISTERED, education="college-recent")
    await left(office.store, made)
    return made


def where(one: Registration) -> str:
    return f"/cases/{one.receipt}"


async def case_of(office: Office, one: Registration) -> Case:
    async with office.store.transaction() as transaction:
        found = await transaction.cases.load(one.receipt)
    assert found is not None
    return found


async def done(person: Person, one: Registration, form: str, fields: dict[str, str]) -> Answer:
    """Fill in a form of the page and follow to where it leads."""
    answer = await person.submit(where(one), form, fields)
    assert answer.status == 303, answer.text
    return await person.get(answer.location.partition("#")[0])


# -- what can be done


async def test_a_step_is_noted_corrected_and_taken_back(office: Office, clerk: Person, one: Registration) -> None:
    page = await done(clerk, one, "step-information-check", {"on": "2024-03-04", "result": "住在本镇"})
    assert "记好了：基础信息核对，3月4日做的" in page.text
    assert "2024年3月4日 做了，李经办" in page.text
    case = await case_of(office, one)
    assert (case.status, case.steps[0].on, case.steps[0].result) == (Status.CHECKED, date(2024, 3, 4), "住在本镇")
    page = await done(clerk, one, "step-information-check", {"on": "2024-03-05", "result": "住在本镇"})
    assert "改了基础信息核对：从2024年3月4日改成2024年3月5日" in page.text
    fields = {name: page.hidden(name, "step-information-check") for name in ("csrf", "version", "seen")}
    assert (await clerk.post(f"{where(one)}/steps/information_check/undo", fields)).status == 303
    case = await case_of(office, one)
    assert (case.status, case.steps) == (Status.NEW, ())
    assert "撤销了基础信息核对" in (await clerk.get(where(one))).text


async def test_the_day_is_today_unless_another_is_given(clerk: Person, one: Registration) -> None:
    page = await clerk.get(where(one))
    assert page.value("step-service-on") == TODAY.isoformat()


async def test_a_case_comes_to_employment_with_the_day_and_the_work(
    office: Office, clerk: Person, one: Registration
) -> None:
    await done(clerk, one, "status", {"status": "employed", "employed": "2024-03-01", "reason": "超市理货"})
    case = await case_of(office, one)
    assert (case.status, case.employed) == (Status.EMPLOYED, date(2024, 3, 1))
    page = await clerk.get(where(one))
    assert "把状态从“新登记”改成“已就业”，2024年3月1日开始上班" in page.text
    assert "超市理货" in page.text


async def test_a_case_is_given_to_whoever_takes_it(office: Office, clerk: Person, one: Registration) -> None:
    page = await clerk.get(where(one))
    assert "归我办" in page.text
    page = await done(clerk, one, "counselor", {"counselor": str(office.cast["clerk"].id)})
    assert "经办人：李经办" in page.text
    assert "归我办" not in page.text
    page = await done(clerk, one, "counselor", {"counselor": "0"})
    assert "不再归李经办办" in page.text


async def test_a_note_of_a_conversation_counts_as_contact(office: Office, clerk: Person, one: Registration) -> None:
    await done(clerk, one, "note", {"text": "没打通"})
    assert (await case_of(office, one)).first_contact is None
    page = await done(clerk, one, "note", {"text": "想在家做", "contact": "yes"})
    assert (
        page.html.index('id="saved"')
        < page.html.index("归我办", page.html.index('id="saved"'))
        < page.html.index('id="note"')
    )
    assert (await case_of(office, one)).first_contact == NOW
    assert "跟本人说了话" in page.text


async def test_a_follow_up_is_planned_and_what_came_of_it_is_noted(
    office: Office, clerk: Person, one: Registration
) -> None:
    await done(clerk, one, "follow-up", {"due": TODAY.isoformat(), "purpose": "问面试"})
    (planned,) = (await case_of(office, one)).follow_ups
    result = {"on": TODAY.isoformat(), "result": "录用了", "contact": "yes"}
    page = await done(clerk, one, f"finish-{planned.id}", result)
    (finished,) = (await case_of(office, one)).follow_ups
    assert (finished.done, finished.result) == (TODAY, "录用了")
    assert "没有安排要做的回访" in page.text


@pytest.mark.parametrize(
    ("contact", "words", "first"), [("yes", "，跟本人说了话", NOW), ("no", "，没有联系上本人", None)]
)
async def test_whether_the_person_was_reached_is_asked_and_told(
    office: Office, clerk: Person, one: Registration, contact: str, words: str, first: datetime | None
) -> None:
    await done(clerk, one, "follow-up", {"due": TODAY.isoformat(), "purpose": ""})
    (planned,) = (await case_of(office, one)).follow_ups
    form = f"finish-{planned.id}"
    answer = await clerk.submit(where(one), form, {"on": TODAY.isoformat(), "result": "打了三次"})
    assert answer.status == 422
    assert answer.text.count("请选联系上本人没有") == 2
    page = await done(clerk, one, form, {"on": TODAY.isoformat(), "result": "打了三次", "contact": contact})
    assert f"做了2024年3月5日要做的回访，2024年3月5日做的{words}" in page.text
    page = await done(clerk, one, "follow-up", {"due": TODAY.isoformat(), "purpose": ""})
    again = (await case_of(office, one)).follow_ups[-1].id
    page = await done(clerk, one, f"finish-{again}", {"on": TODAY.isoformat(), "contact": contact})
    listed = {"yes": "联系上了本人", "no": "没有联系上本人"}[contact]
    assert page.text.count(f"2024年3月5日 ，李经办，{listed}") == 2
    assert (await case_of(office, one)).first_contact == first


async def planned(office: Office, clerk: Person, one: Registration) -> int:
    """Plan a follow-up for today and return its id."""
    await done(clerk, one, "follow-up", {"due": TODAY.isoformat(), "purpose": "问面试"})
    (visit,) = (await case_of(office, one)).follow_ups
    return visit.id


async def test_a_follow_up_is_cancelled_with_a_reason(office: Office, clerk: Person, one: Registration) -> None:
    form = f"cancel-{await planned(office, clerk, one)}"
    answer = await clerk.submit(where(one), form, {"reason": " "})
    assert answer.status == 422
    assert answer.text.count("请写为什么取消") == 2
    page = await done(clerk, one, form, {"reason": "本人搬走了"})
    assert "取消了2024年3月5日的回访 本人搬走了" in page.text
    assert "没有安排要做的回访" in page.text
    assert (await case_of(office, one)).first_contact is None
    assert await office.recorded("follow-up-cancelled") == 1


async def test_a_follow_up_is_moved_to_another_day(office: Office, clerk: Person, one: Registration) -> None:
    form = f"move-{await planned(office, clerk, one)}"
    for due, fault in (("2024-03-04", "这一天已经过了"), ("2024-03-05", "还是原来那一天"), ("", "请写日期")):
        answer = await clerk.submit(where(one), form, {"due": due})
        assert (answer.status, answer.text.count(fault)) == (422, 2)
    page = await done(clerk, one, form, {"due": "2024-03-12", "reason": "本人约的"})
    assert "把2024年3月5日的回访改到2024年3月12日 本人约的" in page.text
    assert [visit.due for visit in (await case_of(office, one)).follow_ups] == [date(2024, 3, 12)]
    assert await office.recorded("follow-up-moved") == 1


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        ("cancel", {"reason": "写错了"}),
        ("move", {"due": "2024-03-12"}),
        ("finish", {"on": "2024-03-05", "contact": "yes"}),
    ],
)
async def test_a_follow_up_moved_meanwhile_is_shown_before_anything_else_becomes_of_it(
    office: Office, clerk: Person, one: Registration, form: str, fields: dict[str, str]
) -> None:
    id = await planned(office, clerk, one)
    opened = await clerk.get(where(one))
    await done(clerk, one, f"move-{id}", {"due": "2024-03-08", "reason": ""})
    answer = await clerk.send(opened, f"{form}-{id}", fields)
    assert answer.status == 409
    assert "2024年3月8日" in answer.text
    assert (await clerk.send(answer, f"{form}-{id}", fields)).status == 303


async def test_a_follow_up_noted_by_mistake_is_to_be_done_again(
    office: Office, clerk: Person, one: Registration
) -> None:
    id = await planned(office, clerk, one)
    page = await done(clerk, one, f"finish-{id}", {"on": TODAY.isoformat(), "contact": "yes"})
    fields = {name: page.hidden(name, "note") for name in ("csrf", "version", "seen")}
    assert (await clerk.post(f"{where(one)}/follow-ups/{id}/reopen", fields)).status == 303
    page = await clerk.get(where(one))
    assert "撤销了，这次回访还要做" in page.text
    assert "没有安排要做的回访" not in page.text
    assert (await case_of(office, one)).first_contact is None
    assert await office.recorded("follow-up-reopened") == 1
    stale = await clerk.post(f"{where(one)}/follow-ups/{id}/reopen", fields)
    assert (stale.status, "撤销" in stale.text) == (409, True)


async def note_of(office: Office, clerk: Person, one: Registration, text: str, **fields: str) -> int:
    """Write a note and return its id."""
    await done(clerk, one, "note", {"text": text, **fields})
    return (await case_of(office, one)).events[-1].id


async def test_a_note_is_corrected(office: Office, clerk: Person, one: Registration) -> None:
    id = await note_of(office, clerk, one, "打通了", contact="yes")
    answer = await clerk.submit(where(one), f"note-{id}", {"text": " ", "contact": "yes"})
    assert (answer.status, answer.text.count("请写内容")) == (422, 2)
    page = await done(clerk, one, f"note-{id}", {"text": "没打通，关机", "contact": ""})
    assert "记录改好了，不算联系过本人" in page.text
    assert "改过 李经办 写了记录 没打通，关机" in page.text
    assert "<s>打通了</s>" in page.html
    assert (await case_of(office, one)).first_contact is None
    assert await office.recorded("note-corrected") == 1


async def test_a_note_is_withdrawn_with_a_reason_and_stays_struck_out_in_the_history(
    office: Office, clerk: Person, one: Registration
) -> None:
    id = await note_of(office, clerk, one, "打通了", contact="yes")
    answer = await clerk.submit(where(one), f"withdraw-{id}", {})
    assert (answer.status, answer.text.count("请选为什么撤回")) == (422, 2)
    page = await done(clerk, one, f"withdraw-{id}", {"why": "mistaken"})
    assert "记录撤回了" in page.text
    assert "写过的记录" not in page.text
    assert "<s>打通了</s>" in page.html
    assert (await case_of(office, one)).first_contact is None
    assert await office.recorded("note-withdrawn") == 1


async def test_what_was_noted_of_somebody_else_is_nowhere_any_more(
    office: Office, clerk: Person, one: Registration
) -> None:
    id = await note_of(office, clerk, one, "王别人住院了")
    page = await done(clerk, one, f"withdraw-{id}", {"why": "other-person"})
    assert "王别人住院了" not in page.html
    assert "原话已经删掉（后来撤回了）" in page.text


async def test_the_words_of_a_note_are_erased_by_its_writer_or_an_administrator_alone(
    office: Office, clerk: Person, one: Registration
) -> None:
    colleague, admin = await office.person("two-towns"), await office.person("admin")
    id = await note_of(office, colleague, one, "没有按时联系")
    assert "病情：原话删掉" not in (await clerk.get(where(one))).text
    answer = await clerk.submit(where(one), f"withdraw-{id}", {"why": "private"})
    assert answer.status == 422
    assert "原话只有写的人和管理员能删" in answer.text
    await done(admin, one, f"withdraw-{id}", {"why": "private"})
    id = await note_of(office, colleague, one, "还是没有联系")
    await done(colleague, one, f"withdraw-{id}", {"why": "private"})
    id = await note_of(office, colleague, one, "写错了的")
    page = await done(clerk, one, f"withdraw-{id}", {"why": "mistaken"})
    assert "<s>写错了的</s>" in page.html
    assert "没有按时联系" not in page.html
    assert "还是没有联系" not in page.html


async def test_who_corrects_a_note_withdrawn_meanwhile_sees_so_and_can_keep_the_words(
    office: Office, clerk: Person, one: Registration
) -> None:
    id = await note_of(office, clerk, one, "打通了")
    opened = await clerk.get(where(one))
    await done(clerk, one, f"withdraw-{id}", {"why": "mistaken"})
    answer = await clerk.send(opened, f"note-{id}", {"text": "打通了，约好面试"})
    assert answer.status == 409
    assert "撤回了2024年3月5日" in answer.text
    answer = await clerk.send(answer, f"note-{id}", {"text": "打通了，约好面试"})
    assert answer.status == 422
    assert "您写的放在这里，可以存成记录" in answer.text
    assert "打通了，约好面试" in answer.value("note-text")


async def test_who_withdraws_what_was_withdrawn_is_told_so(office: Office, clerk: Person, one: Registration) -> None:
    id = await note_of(office, clerk, one, "打通了")
    opened = await clerk.get(where(one))
    await done(clerk, one, f"withdraw-{id}", {"why": "mistaken"})
    answer = await clerk.send(opened, f"withdraw-{id}", {"why": "mistaken"})
    assert answer.status == 409
    answer = await clerk.send(answer, f"withdraw-{id}", {"why": "mistaken"})
    assert (answer.status, "这件事现在做不了" in answer.text) == (422, True)


async def test_on_a_closed_case_no_follow_up_is_late(office: Office, clerk: Person, one: Registration) -> None:
    await planned(office, clerk, one)
    office.clock.forward(days=2)
    clerk = await office.person("clerk")
    assert "过了日子" in (await clerk.get(where(one))).text
    page = await done(clerk, one, "status", {"status": "closed", "reason": "搬走了"})
    assert "过了日子" not in page.text
    assert "已经结案，不再提醒" in page.text
    assert "周桂芳" not in (await clerk.get("/queue?overdue=1")).text
    assert "周桂芳" not in (await clerk.get("/follow-ups")).text


async def test_a_graduate_gets_a_plan_and_others_are_not_asked_for_one(
    office: Office, clerk: Person, one: Registration
) -> None:
    await done(clerk, one, "plan", {"text": "先学电脑，\n再找办公室的工作", "on": TODAY.isoformat()})
    case = await case_of(office, one)
    assert (case.plan, case.filed) == ("先学电脑，\n再找办公室的工作", TODAY)
    other = registration(2, name="王别人", phone="+8613800138044", education="junior")
    await left(office.store, other)
    assert 'id="plan"' not in (await clerk.get(where(other))).html


async def test_every_change_is_on_record(office: Office, clerk: Person, one: Registration) -> None:
    await done(clerk, one, "note", {"text": "一"})
    await done(clerk, one, "status", {"status": "checked"})
    assert await office.recorded("note") == 1
    assert await office.recorded("status") == 1


# -- what is said afterwards


@pytest.mark.parametrize(
    ("form", "fields", "section", "said"),
    [
        ("status", {"status": "paused", "reason": "住院"}, "status-part", "状态改成暂缓"),
        ("status", {"status": "employed", "employed": "2024-03-01"}, "status-part", "状态改成已就业，3月1日开始上班"),
        ("counselor", {"counselor": "0"}, "status-part", "现在没有经办人"),
        ("note", {"text": "没打通"}, "notes", "记录写好了"),
        ("note", {"text": "打通了", "contact": "yes"}, "notes", "记录写好了，算联系过本人"),
        ("step-service", {"on": "2024-03-04"}, "steps", "记好了：就业服务，3月4日做的"),
        ("follow-up", {"due": "2024-03-08"}, "follow-ups", "安排在3月8日（星期五）回访"),
        ("follow-up", {"due": "2025-01-06"}, "follow-ups", "安排在2025年1月6日（星期一）回访"),
        ("plan", {"text": "先学电脑", "on": "2024-03-05"}, "plan-part", "一人一策存好了"),
    ],
)
async def test_what_was_saved_is_said_where_it_was_saved_and_first_in_the_title(
    clerk: Person, one: Registration, form: str, fields: dict[str, str], section: str, said: str
) -> None:
    answer = await clerk.submit(where(one), form, fields)
    assert answer.location == f"{where(one)}#saved"
    page = await clerk.get(where(one))
    assert page.title.startswith(f"已保存：{said} · 登记 ")
    assert page.html.count('id="saved"') == 1
    assert page.html.index(f'id="{section}"') < page.html.index('id="saved"') < page.html.index(f'id="{form}"')
    assert "已保存" not in (await clerk.get(where(one))).title


async def test_a_plan_that_is_gone_with_its_section_is_said_on_top(office: Office, clerk: Person) -> None:
    other = registration(2, REGISTERED, phone="+8613800138044", education="college-recent")
    await left(office.store, other)
    await done(clerk, other, "plan", {"text": "先学电脑", "on": TODAY.isoformat()})
    await change(office, other, education="junior")
    await clerk.submit(where(other), "plan", {"text": "", "on": TODAY.isoformat()})
    page = await clerk.get(where(other))
    assert "一人一策撤掉了" in page.text
    assert page.html.index('id="saved"') < page.html.index('id="contact"')


async def test_the_last_three_notes_stand_where_notes_are_written_and_the_others_behind_them(
    clerk: Person, one: Registration
) -> None:
    for text in ("第一条", "第二条", "第三条", "第四条"):
        page = await done(clerk, one, "note", {"text": text})
    notes = page.html[page.html.index('id="notes"') : page.html.index('id="follow-ups"')]
    inner = re.findall(r"<blockquote>(第.条)</blockquote>|<summary>(更早的记录（1 条）)</summary>", notes)
    assert ["".join(one) for one in inner] == ["第四条", "第三条", "第二条", "更早的记录（1 条）", "第一条"]


async def test_how_the_case_stands_is_said_before_it_can_be_changed(clerk: Person, one: Registration) -> None:
    page = await done(clerk, one, "status", {"status": "employed", "employed": "2024-03-01", "reason": "超市理货"})
    status = page.text[page.text.index("状态和经办人") : page.text.index("改状态")]
    assert "现在： 已就业 ， 2024年3月1日 开始上班。经办人： 还没有人 。" in status


async def test_the_day_of_employment_is_not_today_unless_somebody_says_so(clerk: Person, one: Registration) -> None:
    assert (await clerk.get(where(one))).value("status-employed") == ""


async def test_a_day_is_chosen_among_those_that_can_be(clerk: Person, one: Registration) -> None:
    html = (await clerk.get(where(one))).html
    done_on = re.search(r'<input type="date" id="step-service-on".*?>', html)
    due = re.search(r'<input type="date" id="follow-up-due".*?>', html)
    assert done_on
    assert 'min="2000-01-01" max="2024-03-05"' in done_on[0]
    assert due
    assert 'min="2024-03-05" max="2029-' in due[0]


async def change(office: Office, one: Registration, **answers: str) -> None:
    """Let the person change some answers."""
    chat = f"telegram:{one.receipt}"
    changed = Registration(one.receipt, {**one.answers, **answers}, one.consents, one.created, NOW)
    async with office.store.transaction() as transaction:
        before = (await transaction.people.load([chat]))[chat]
        await transaction.people.save(chat, before, State(registrations=(changed,)), NOW)


async def replied(office: Office, one: Registration, text: str) -> None:
    """Let the person write back."""
    async with office.store.transaction() as transaction:
        await transaction.cases.replied(one.receipt, text, NOW)


# -- what is refused


@pytest.mark.parametrize("status", ["paused", "closed"])
async def test_a_day_of_employment_that_was_wrong_can_be_taken_away(
    office: Office, clerk: Person, one: Registration, status: str
) -> None:
    assert "没有就业过，去掉这个日子" not in (await clerk.get(where(one))).text
    await done(clerk, one, "status", {"status": "employed", "employed": "2024-03-01"})
    await done(clerk, one, "status", {"status": status, "reason": "做了三天"})
    assert (await case_of(office, one)).employed == date(2024, 3, 1)
    page = await done(clerk, one, "status", {"status": status, "reason": "登记错了", "never_employed": "yes"})
    assert (await case_of(office, one)).employed is None
    assert "去掉了 2024年3月1日开始上班" in page.text
    assert "没有就业过，去掉这个日子" not in page.text


async def test_who_is_employed_was_not_never_employed(office: Office, clerk: Person, one: Registration) -> None:
    given = {"status": "employed", "employed": "2024-03-01"}
    await done(clerk, one, "status", given)
    answer = await clerk.submit(where(one), "status", {**given, "never_employed": "yes"})
    assert answer.status == 422
    assert (await case_of(office, one)).employed == date(2024, 3, 1)


@pytest.mark.parametrize(
    ("form", "fields", "fault"),
    [
        ("note", {"text": " "}, "请写内容"),
        ("note", {"text": "长" * 4001}, "最多 4000 个字"),
        ("status", {"status": "lost"}, "请选状态"),
        ("status", {"status": "paused", "reason": ""}, "“暂缓”要写原因"),
        ("status", {"status": "closed", "reason": " "}, "“结案”要写原因"),
        ("status", {"status": "employed", "employed": ""}, "请写开始上班的日子"),
        ("status", {"status": "employed", "employed": "2024-03-06"}, "这一天还没有到"),
        ("step-service", {"on": "2024-02-30"}, "日期看不懂"),
        ("step-service", {"on": "1924-01-01"}, "这一天太早了"),
        ("step-service", {"on": "2025-01-01"}, "这一天还没有到"),
        ("follow-up", {"due": "2024-03-04"}, "这一天已经过了"),
        ("follow-up", {"due": "9999-12-31"}, "这一天太远了"),
        ("follow-up", {"due": ""}, "请写日期"),
        ("plan", {"text": "", "on": "2024-03-05"}, "请写一人一策的内容"),
        ("counselor", {"counselor": "999"}, "请选经办人"),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_typed_stays(
    office: Office, clerk: Person, one: Registration, form: str, fields: dict[str, str], fault: str
) -> None:
    answer = await clerk.submit(where(one), form, fields)
    assert answer.status == 422
    assert answer.text.count(fault) == 2  # on top and beside the field
    assert (await case_of(office, one)).version == 1
    for name, typed in fields.items():
        if typed.strip() and name not in {"status", "counselor"}:
            assert answer.value(f"{form}-{name}") == typed


async def test_what_is_wrong_names_which_of_the_four(clerk: Person, one: Registration) -> None:
    page = await clerk.submit(where(one), "step-service", {"on": "2025-01-01"})
    assert "就业服务，哪天做的：这一天还没有到" in page.text


@pytest.mark.parametrize("written", ["110105194912310021", "11010519491231002X", "110105 19491231 002x"])
async def test_an_identity_number_is_not_saved_and_is_named(
    office: Office, clerk: Person, one: Registration, written: str
) -> None:
    finish = f"finish-{await planned(office, clerk, one)}"
    day = TODAY.isoformat()
    for form, name, fields in (
        ("note", "text", {}),
        ("step-service", "result", {"on": day}),
        (finish, "result", {"on": day, "contact": "no"}),
        ("plan", "text", {"on": day}),
        ("status", "reason", {"status": "paused"}),
    ):
        typed = f"身份证{written}，住院了"
        answer = await clerk.submit(where(one), form, {**fields, name: typed})
        assert answer.status == 422, form
        assert answer.text.count(f"里面的“{written}”像身份证号，这里不能存。请删掉这个号，再保存") == 2
        assert answer.value(f"{form}-{name}") == typed
        assert (await clerk.send(answer, form, {**fields, name: "住院了"})).status == 303
    assert written not in "".join(str(event.content) for event in (await case_of(office, one)).events)


@pytest.mark.parametrize(
    "written", ["13800138000、13900139000", "渝残联〔2024〕5号", "123456789012345678", "20240305123456"]
)
async def test_other_numbers_are_saved(clerk: Person, one: Registration, written: str) -> None:
    assert written in (await done(clerk, one, "note", {"text": f"号是{written}"})).text


async def test_the_address_of_a_form_that_was_refused_leads_to_the_case(clerk: Person, one: Registration) -> None:
    for form in ("status", "notes", "notes/7/withdraw", "steps/service", "follow-ups/7/move", "messages/preview"):
        answer = await clerk.get(f"{where(one)}/{form}")
        assert (answer.status, answer.location) == (303, where(one)), form
    answer = await clerk.get(f"{where(one)}/status?list=%2Fqueue%3Fstatus%3Dnew")
    assert answer.location.startswith(f"{where(one)}?list=%2Fqueue")
    assert (await clerk.get(f"{where(one)}/tea")).status == 404


async def test_what_is_wrong_names_its_field(clerk: Person, one: Registration) -> None:
    answer = await clerk.submit(where(one), "follow-up", {"due": "2024-03-04"})
    assert '<a href="#follow-up-due">安排回访，哪天回访：这一天已经过了</a>' in answer.html


async def test_a_case_is_given_to_nobody_who_may_not_see_it(office: Office, clerk: Person, one: Registration) -> None:
    for login in ("elsewhere", "statistics", "disabled"):
        answer = await clerk.submit(where(one), "counselor", {"counselor": str(office.cast[login].id)})
        assert answer.status == 422
    assert (await case_of(office, one)).counselor is None


async def test_there_are_only_the_four_steps_and_what_was_planned(clerk: Person, one: Registration) -> None:
    page = await clerk.get(where(one))
    fields = {name: page.hidden(name, "note") for name in ("csrf", "version", "seen")}
    assert (await clerk.post(f"{where(one)}/steps/tea", fields)).status == 404
    answer = await clerk.post(
        f"{where(one)}/follow-ups/999", {**fields, "on": TODAY.isoformat(), "result": "去过了", "contact": "no"}
    )
    assert answer.status == 422
    assert answer.value("note-text") == "去过了"
    assert "这件事别人已经办了" in answer.text


EARLIER = {
    "status": ("employed", {"status": "employed", "employed": "2024-02-27", "reason": "超市理货"}),
    "step-service": ("service", {"on": "2024-02-27", "result": "推荐了超市"}),
    "plan": ("filed", {"on": "2024-02-27", "text": "先学电脑"}),
}


@pytest.mark.parametrize("form", EARLIER)
async def test_a_day_before_the_registration_is_asked_about_and_can_be_confirmed(
    office: Office, clerk: Person, one: Registration, form: str
) -> None:
    name, fields = EARLIER[form]
    answer = await clerk.submit(where(one), form, fields)
    assert answer.status == 422
    assert answer.text.count("2024年2月27日在登记那天（2024年2月28日）以前") == 2
    assert (await case_of(office, one)).version == 1
    assert (await clerk.send(answer, form, {**fields, "before": "yes"})).status == 303
    case = await case_of(office, one)
    days = {"employed": case.employed, "filed": case.filed, "service": case.steps[0].on if case.steps else None}
    assert days[name] == date(2024, 2, 27)
    assert (await clerk.submit(where(one), form, {**fields, "text": "又改", "result": "又改"})).status == 303


@pytest.mark.parametrize("form", EARLIER)
async def test_a_day_after_the_registration_is_not_asked_about(clerk: Person, one: Registration, form: str) -> None:
    page = await clerk.get(where(one))
    assert "确实在登记以前" not in page.text
    fields = {name: value.replace("02-27", "02-28") for name, value in EARLIER[form][1].items()}
    assert (await clerk.send(page, form, fields)).status == 303


async def test_a_planned_follow_up_was_not_done_before_the_registration(
    office: Office, clerk: Person, one: Registration
) -> None:
    form = f"finish-{await planned(office, clerk, one)}"
    answer = await clerk.submit(where(one), form, {"on": "2024-02-27", "contact": "yes", "before": "yes"})
    assert answer.status == 422
    assert "这一天在登记以前" in answer.text


# -- the same form twice


ONCE = [
    ("note", {"text": "没打通"}),
    ("follow-up", {"due": "2024-03-08", "purpose": "问面试"}),
    ("status", {"status": "paused", "reason": "住院"}),
    ("counselor", {"counselor": "0"}),
    ("step-service", {"on": "2024-03-04", "result": "推荐了超市"}),
    ("plan", {"text": "先学电脑", "on": "2024-03-05"}),
]


@pytest.mark.parametrize(("form", "fields"), ONCE)
async def test_a_form_sent_twice_changes_the_case_once_and_is_answered_the_same(
    office: Office, clerk: Person, one: Registration, form: str, fields: dict[str, str]
) -> None:
    opened = await clerk.get(where(one))
    first, told = await clerk.send(opened, form, fields), await clerk.get(where(one))
    again, told_again = await clerk.send(opened, form, fields), await clerk.get(where(one))
    assert (again.status, again.location) == (first.status, first.location) == (303, f"{where(one)}#saved")
    assert told_again.title == told.title
    assert "已保存" in told.title
    assert (await case_of(office, one)).version == 2


@pytest.mark.parametrize(("form", "fields"), ONCE)
async def test_a_form_sent_twice_at_the_same_moment_changes_the_case_once(
    office: Office, clerk: Person, one: Registration, form: str, fields: dict[str, str]
) -> None:
    opened = await clerk.get(where(one))
    await done(await office.person("two-towns"), one, "note", {"text": "别人写的"})
    answers = await asyncio.gather(*(clerk.send(opened, form, fields) for _ in range(3)))
    assert [answer.status for answer in answers] == [303, 303, 303]
    assert (await case_of(office, one)).version == 3


def button(page: Answer, action: str) -> dict[str, str]:
    """What the button that leads to ``action`` sends."""
    form = page.html[page.html.index(f'action="{action}"') :].partition("</form>")[0]
    return {name: unescape(value) for name, value in re.findall(r'type="hidden" name="(.*?)" value="(.*?)"', form)}


async def test_a_button_pressed_twice_does_it_once_and_is_answered_the_same(
    office: Office, clerk: Person, one: Registration
) -> None:
    id = await planned(office, clerk, one)
    await done(clerk, one, f"finish-{id}", {"on": "2024-03-05", "contact": "yes"})
    await done(clerk, one, "step-service", {"on": "2024-03-04"})
    for action in ("/counselor", "/steps/service/undo", f"/follow-ups/{id}/reopen"):
        there = where(one) + action
        fields = button(await clerk.get(where(one)), there)
        before = (await case_of(office, one)).version
        told = []
        for _ in range(2):
            assert (await clerk.post(there, fields)).status == 303
            told.append((await clerk.get(where(one))).title)
        assert told[0] == told[1]
        assert "已保存" in told[0]
        assert (await case_of(office, one)).version == before + 1


async def test_a_button_pressed_after_the_session_ended_leaves_no_draft(
    office: Office, clerk: Person, one: Registration
) -> None:
    await done(clerk, one, "step-service", {"on": "2024-03-04"})
    there = f"{where(one)}/steps/service/undo"
    fields = button(await clerk.get(where(one)), there)
    office.clock.forward(minutes=31)
    answer = await clerk.post(there, fields)
    assert "restore" not in answer.location
    async with office.store.transaction() as transaction:
        assert await transaction.sessions.drafts(office.cast["clerk"].id, where(one)) == {}


async def test_a_form_sent_again_after_what_it_added_was_taken_back_adds_it_again(
    office: Office, clerk: Person, one: Registration
) -> None:
    opened = await clerk.get(where(one))
    await clerk.send(opened, "note", {"text": "没打通"})
    await done(clerk, one, f"withdraw-{(await case_of(office, one)).events[-1].id}", {"why": "mistaken"})
    await clerk.send(opened, "note", {"text": "没打通"})
    assert [note.text for note in standing((await case_of(office, one)).events)] == ["没打通"]
    visit = {"due": "2024-03-08", "purpose": "问面试"}
    await clerk.send(opened, "follow-up", visit)
    id = (await case_of(office, one)).follow_ups[0].id
    await done(clerk, one, f"move-{id}", {"due": "2024-03-09"})
    await done(clerk, one, f"cancel-{id}", {"reason": "记错了人"})
    for _ in range(2):
        assert (await clerk.send(opened, "follow-up", visit)).status == 303
    assert [each.due for each in (await case_of(office, one)).follow_ups] == [date(2024, 3, 8)]


async def test_a_follow_up_moved_twice_by_one_form_is_moved_once(
    office: Office, clerk: Person, one: Registration
) -> None:
    form = f"move-{await planned(office, clerk, one)}"
    opened = await clerk.get(where(one))
    for _ in range(2):
        assert (await clerk.send(opened, form, {"due": "2024-03-12"})).status == 303
    assert await office.recorded("follow-up-moved") == 1


async def test_other_words_in_the_form_of_a_page_gone_back_to_are_another_note(
    office: Office, clerk: Person, one: Registration
) -> None:
    opened = await clerk.get(where(one))
    for text in ("没打通", "打通了", "没打通"):
        await clerk.send(opened, "note", {"text": text})
    assert [event.content["text"] for event in (await case_of(office, one)).events[1:]] == ["没打通", "打通了"]


AGAIN = [
    ("note", {"text": "没打通"}, "一样的记录，您刚才已经写过"),
    ("follow-up", {"due": "2024-03-08", "purpose": "问面试"}, "已经安排了回访"),
]


@pytest.mark.parametrize(("form", "fields", "said"), AGAIN)
async def test_the_same_in_a_page_opened_anew_is_asked_about_and_can_be_meant(
    office: Office, clerk: Person, one: Registration, form: str, fields: dict[str, str], said: str
) -> None:
    await done(clerk, one, form, fields)
    answer = await clerk.submit(where(one), form, fields)
    assert answer.status == 422
    assert said in answer.text
    assert await office.recorded(form) == 1
    assert (await clerk.send(answer, form, {**fields, "once_more": "yes"})).status == 303
    assert await office.recorded(form) == 2


async def test_the_same_words_later_or_of_a_colleague_are_another_note(
    office: Office, clerk: Person, one: Registration
) -> None:
    await done(clerk, one, "note", {"text": "没打通"})
    await done(await office.person("two-towns"), one, "note", {"text": "没打通"})
    office.clock.forward(minutes=11)
    await done(clerk, one, "note", {"text": "没打通"})
    assert await office.recorded("note") == 3


async def test_a_form_sent_again_after_somebody_put_something_else_there_is_not_said_to_hold(
    office: Office, clerk: Person, one: Registration
) -> None:
    opened = await clerk.get(where(one))
    paused = {"status": "paused", "reason": "住院"}
    await clerk.send(opened, "status", paused)
    await done(await office.person("two-towns"), one, "status", {"status": "checked", "reason": ""})
    assert (await clerk.send(opened, "status", paused)).status == 409
    assert (await case_of(office, one)).status is Status.CHECKED


# -- two clerks


async def test_the_second_is_shown_both_versions_and_loses_nothing(office: Office, one: Registration) -> None:
    first, second = await office.person("clerk"), await office.person("two-towns")
    opened = await second.get(where(one))
    await done(first, one, "step-service", {"on": "2024-03-01", "result": "推荐了超市"})
    answer = await second.send(opened, "step-service", {"on": "2024-03-04", "result": "推荐了工厂"})
    assert answer.status == 409
    assert "刚才有人改过这份登记" in answer.text
    assert "李经办 做了就业服务，2024年3月1日" in answer.text
    assert "结果 推荐了超市 推荐了工厂" in answer.text
    assert answer.value("step-service-result") == "推荐了工厂"
    assert answer.value("step-service-on") == "2024-03-04"
    assert [step.result for step in (await case_of(office, one)).steps] == ["推荐了超市"]
    decided = await second.send(answer, "step-service", {"on": "2024-03-04", "result": "推荐了超市和工厂"})
    assert decided.status == 303
    assert [step.result for step in (await case_of(office, one)).steps] == ["推荐了超市和工厂"]


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        ("note", {"text": "我写的"}),
        ("status", {"status": "paused", "reason": "我写的"}),
        ("plan", {"text": "我写的", "on": "2024-03-05"}),
        ("follow-up", {"due": "2024-03-08", "purpose": "我写的"}),
        ("step-service", {"on": "2024-03-05", "result": "我写的"}),
    ],
)
async def test_whatever_was_typed_stands_in_the_form_again_and_is_kept(
    office: Office, one: Registration, form: str, fields: dict[str, str]
) -> None:
    second = await office.person("two-towns")
    opened = await second.get(where(one))
    await change(office, one, education="college-student")
    answer = await second.send(opened, form, fields)
    assert answer.status == 409
    assert "本人 改了登记" in answer.text
    for name, typed in fields.items():
        if name != "status":
            assert answer.value(f"{form}-{name}") == typed
    later = await second.get(f"{where(one)}?restore={form}")
    assert "我写的" in later.html
    assert (await second.send(answer, form, fields)).status == 303
    assert "我写的" in (await second.get(where(one))).text


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        ("note", {"text": "我写的"}),
        ("status", {"status": "paused", "reason": "我写的"}),
        ("plan", {"text": "我写的", "on": "2024-03-05"}),
        ("follow-up", {"due": "2024-03-08", "purpose": "我写的"}),
    ],
)
async def test_what_replaces_nothing_of_a_colleague_is_saved_and_what_they_did_is_told(
    office: Office, one: Registration, form: str, fields: dict[str, str]
) -> None:
    first, second = await office.person("clerk"), await office.person("two-towns")
    opened = await second.get(where(one))
    await done(first, one, "note", {"text": "别人写的"})
    await done(first, one, "step-need-registration", {"on": "2024-03-05"})
    answer = await second.send(opened, form, fields)
    assert answer.status == 303
    page = await second.get(answer.location)
    told = page.html[page.html.index('id="saved"') :].partition("</div>")[0]
    assert "您打开以后，别人还做了这些" in told
    assert "<strong>李经办</strong>写了记录" in told
    assert "别人写的" in told
    assert "<strong>李经办</strong>做了就业需求登记" in told
    assert "我写的" not in told
    page = await done(second, one, "note", {"text": "再写"})
    assert "别人还做了" not in page.text


@pytest.mark.parametrize("colleague", ["clerk", "two-towns"])
async def test_two_different_ones_of_the_four_are_done_from_two_tabs(
    office: Office, clerk: Person, one: Registration, colleague: str
) -> None:
    opened = await clerk.get(where(one))
    await done(await office.person(colleague), one, "step-service", {"on": "2024-03-04", "result": "推荐了超市"})
    answer = await clerk.send(opened, "step-information-check", {"on": "2024-03-04", "result": "住在本镇"})
    assert answer.status == 303
    assert [step.result for step in (await case_of(office, one)).steps] == ["住在本镇", "推荐了超市"]


async def test_taking_back_one_of_the_four_leaves_another_done_meanwhile(
    office: Office, clerk: Person, one: Registration
) -> None:
    page = await done(clerk, one, "step-information-check", {"on": "2024-03-04", "result": ""})
    fields = {name: page.hidden(name, "step-information-check") for name in ("csrf", "version", "seen")}
    await done(clerk, one, "step-service", {"on": "2024-03-04", "result": "推荐了超市"})
    assert (await clerk.post(f"{where(one)}/steps/information_check/undo", fields)).status == 303
    assert [step.result for step in (await case_of(office, one)).steps] == ["推荐了超市"]


async def test_what_the_person_changed_meanwhile_is_shown_too(office: Office, clerk: Person, one: Registration) -> None:
    opened = await clerk.get(where(one))
    chat = f"telegram:{one.receipt}"
    changed = Registration(one.receipt, {**one.answers, "wanted": ("farm",)}, one.consents, NOW, NOW)
    async with office.store.transaction() as transaction:
        before = (await transaction.people.load([chat]))[chat]
        await transaction.people.save(chat, before, State(registrations=(changed,)), NOW)
    answer = await clerk.send(opened, "note", {"text": "想在家做"})
    assert answer.status == 409
    assert "本人 改了登记：想做的工作" in answer.text


@pytest.mark.parametrize("status", ["paused", "closed"])
async def test_what_the_person_wrote_meanwhile_is_read_before_the_case_is_let_go(
    office: Office, clerk: Person, one: Registration, status: str
) -> None:
    await replied(office, one, "早先写的")
    opened = await clerk.get(where(one))
    await replied(office, one, "我还想找事做")
    fields = {"status": status, "reason": "一直联系不上"}
    answer = await clerk.send(opened, "status", fields)
    assert answer.status == 409
    assert "我还想找事做" in answer.text
    assert "早先写的" not in answer.text
    assert answer.value("status-reason") == "一直联系不上"
    assert (await case_of(office, one)).status is Status.NEW
    assert await office.recorded("status") == 0
    assert (await clerk.send(answer, "status", fields)).status == 303
    assert (await case_of(office, one)).status == status


async def test_what_the_person_wrote_is_read_also_where_they_changed_something_after_it(
    office: Office, clerk: Person, one: Registration
) -> None:
    opened = await clerk.get(where(one))
    await replied(office, one, "我要去医院，别结我的")
    await change(office, one, name="周桂花")
    answer = await clerk.send(opened, "status", {"status": "closed", "reason": "不需要"})
    assert answer.status == 409
    assert "我要去医院，别结我的" in answer.text


async def test_what_the_person_wrote_meanwhile_holds_up_nothing_else(
    office: Office, clerk: Person, one: Registration
) -> None:
    opened = await clerk.get(where(one))
    await replied(office, one, "我还想找事做")
    assert (await clerk.send(opened, "status", {"status": "checked", "reason": ""})).status == 303


async def test_the_own_changes_in_another_form_are_no_reason_to_ask(
    office: Office, clerk: Person, one: Registration
) -> None:
    opened = await clerk.get(where(one))
    assert (await clerk.send(opened, "note", {"text": "一"})).status == 303
    assert (await clerk.send(opened, "note", {"text": "二"})).status == 303
    assert (await clerk.send(opened, "status", {"status": "checked"})).status == 303
    assert (await clerk.send(opened, "status", {"status": "assessed"})).status == 409
    assert (await case_of(office, one)).status is Status.CHECKED


async def test_a_status_that_an_own_step_has_moved_meanwhile_is_not_put_back_unasked(
    office: Office, clerk: Person, one: Registration
) -> None:
    opened = await clerk.get(where(one))
    step = {"on": TODAY.isoformat(), "result": "推荐了超市"}
    assert (await clerk.send(opened, "step-service", step)).status == 303
    answer = await clerk.send(opened, "status", {"status": "new", "reason": "说明"})
    assert answer.status == 409
    assert "状态 已服务 新登记" in answer.text
    assert (await case_of(office, one)).status is Status.SERVED
    assert (await clerk.send(answer, "status", {"status": "checked"})).status == 303


async def test_a_follow_up_that_another_finished_first_becomes_a_note(office: Office, one: Registration) -> None:
    first, second = await office.person("clerk"), await office.person("two-towns")
    await done(first, one, "follow-up", {"due": TODAY.isoformat(), "purpose": ""})
    (planned,) = (await case_of(office, one)).follow_ups
    form = f"finish-{planned.id}"
    opened = await second.get(where(one))
    await done(first, one, form, {"on": TODAY.isoformat(), "result": "录用了", "contact": "yes"})
    typed = {"on": TODAY.isoformat(), "result": "还在等", "contact": "no"}
    both = await second.send(opened, form, typed)
    assert "结果 录用了 还在等" in both.text
    again = await second.send(both, form, typed)
    assert again.status == 422
    assert again.value("note-text") == "还在等"


async def test_a_forged_version_changes_nothing(office: Office, clerk: Person, one: Registration) -> None:
    for version in ("0", "7", "-1", "x", "9" * 40, ""):
        answer = await clerk.submit(where(one), "note", {"text": "一", "version": version, "seen": version})
        assert answer.status == 409, version
    assert (await case_of(office, one)).version == 1


async def test_a_case_that_moved_to_another_town_is_gone_for_those_of_the_old_one(
    office: Office, clerk: Person, one: Registration
) -> None:
    opened = await clerk.get(where(one))
    chat = f"telegram:{one.receipt}"
    moved = Registration(one.receipt, {**one.answers, "town": "珞璜镇"}, one.consents, NOW, NOW + timedelta(1))
    async with office.store.transaction() as transaction:
        before = (await transaction.people.load([chat]))[chat]
        await transaction.people.save(chat, before, State(registrations=(moved,)), NOW)
    answer = await clerk.send(opened, "note", {"text": "想在家做"})
    assert answer.status == 404
    assert "想在家做" in answer.html
    assert (await case_of(office, one)).events[-1].kind == "changed"
