"""Writing to the person through the bot: from a template or freely, looked at before it goes."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.conversation.receipts import shown
from bot.conversation.registration import Registration
from bot.staff import letters
from bot.store.cases import LONGEST_MESSAGE
from bot.store.tables import conversations, outbox

from .office import NOW, Office, Person
from .registered import registered

TEXT = "您好！想约您谈谈。\n什么时候方便？"


@pytest.fixture
async def one(office: Office) -> Registration:
    (made,) = await registered(office, {})
    return made


def where(one: Registration) -> str:
    return f"/cases/{one.receipt}"


async def waiting(office: Office) -> int:
    """How many messages are on their way."""
    async with office.store.reading() as connection:
        return len((await connection.execute(outbox.select())).all())


async def arriving(office: Office) -> list[str]:
    """What the people on the other end will read."""
    async with office.store.transaction() as transaction:
        claimed = await transaction.outbox.claim(office.clock.now, 10, "sender", timedelta(minutes=1))
    return [each.parcel.reply.text for each in claimed]


async def test_a_message_is_shown_as_it_arrives_before_it_goes(
    office: Office, clerk: Person, one: Registration
) -> None:
    preview = await clerk.submit(where(one), "message", {"text": TEXT})
    assert preview.status == 200
    whole = letters.composed(one.receipt, TEXT)
    assert whole.startswith(f"工作人员给您的消息（登记号 {shown(one.receipt)}）：")
    assert whole.replace("\n", "<br>") in preview.html
    assert await waiting(office) == 0
    answer = await clerk.send(preview, "message", {})
    assert answer.status == 303
    async with office.store.transaction() as transaction:
        case = await transaction.cases.load(one.receipt)
    assert case is not None
    assert [message.text for message in case.messages] == [whole]
    assert await arriving(office) == [whole]
    assert await office.recorded("message") == 1
    page = await clerk.get(where(one))
    assert "李经办： 等着发" in page.text
    assert 'id="message-draft"' not in page.html


async def test_the_same_message_as_a_moment_ago_is_asked_about_and_can_be_meant(
    office: Office, clerk: Person, one: Registration
) -> None:
    await clerk.send(await clerk.submit(where(one), "message", {"text": TEXT}), "message", {})
    answer = await clerk.submit(where(one), "message", {"text": TEXT})
    assert answer.status == 422
    assert "一样的话，您刚才已经发过" in answer.text
    preview = await clerk.send(answer, "message", {"text": TEXT, "once_more": "yes"})
    assert (await clerk.send(preview, "message", {})).status == 303
    assert await waiting(office) == 2


async def test_a_message_sent_twice_goes_once(office: Office, clerk: Person, one: Registration) -> None:
    preview = await clerk.submit(where(one), "message", {"text": TEXT})
    answers = await asyncio.gather(*(clerk.send(preview, "message", {}) for _ in range(2)))
    answers.append(await clerk.send(preview, "message", {}))
    assert [answer.status for answer in answers] == [303, 303, 303]
    assert await waiting(office) == 1
    assert await office.recorded("message") == 1
    assert "消息" in (await clerk.get(where(one))).title


async def test_what_was_written_is_kept_until_it_goes(clerk: Person, one: Registration) -> None:
    await clerk.submit(where(one), "message", {"text": TEXT})
    back = await clerk.get(f"{where(one)}?restore=message")
    assert back.value("message-text") == TEXT


@pytest.mark.parametrize("letter", letters.templates(), ids=lambda letter: letter.id)
async def test_each_template_can_be_begun_with(clerk: Person, one: Registration, letter: letters.Template) -> None:
    page = await clerk.get(f"{where(one)}?template={letter.id}")
    text = page.value("message-text")
    assert "周桂芳" in text
    assert "{" not in text
    answer = await clerk.send(page, "message", {"text": text})
    assert answer.status == (422 if letters.blanks(text) else 200)


async def test_what_was_being_written_is_offered_beside_the_template_that_took_its_place(
    clerk: Person, one: Registration
) -> None:
    page = await clerk.get(where(one))
    fields = {name: page.hidden(name, "message") for name in ("csrf", "kept")}
    await clerk.post("/drafts", {**fields, "text": "写了一半"})
    page = await clerk.get(f"{where(one)}?template=call-time")
    offered = page.html.index("填回去接着写")
    assert page.html.index('id="write"') < offered < page.html.index('id="message-text"')
    assert page.html.count("填回去接着写") == 1
    assert "您上次写的没有丢" in page.text


async def test_the_number_of_a_document_is_no_blank(clerk: Person, one: Registration) -> None:
    assert (await clerk.submit(where(one), "message", {"text": "见渝残联〔2024〕5号"})).status == 200


async def test_who_registered_another_is_written_to_in_other_words(office: Office, clerk: Person) -> None:
    (child,) = await registered(office, {"whom": "other", "relation": "parent", "name": "小周"})
    page = await clerk.get(f"{where(child)}?template=call-time")
    assert "您帮小周做了登记" in page.value("message-text")


async def test_an_unknown_template_is_none(clerk: Person, one: Registration) -> None:
    assert (await clerk.get(f"{where(one)}?template=no-such")).value("message-text") == ""


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (" ", "请写要发的话"),
        ("时间：〔时间〕\n地点：〔地点〕", "“时间”、“地点”还没填"),
        ("长" * LONGEST_MESSAGE, "太长了，请减少"),
    ],
)
async def test_what_cannot_be_sent_is_said_before_and_when_it_goes(
    office: Office, clerk: Person, one: Registration, text: str, fault: str
) -> None:
    page = await clerk.get(where(one))
    preview = await clerk.send(page, "message", {"text": text})
    assert preview.status == 422
    assert fault in preview.text
    fields = {name: page.hidden(name, "message") for name in ("csrf", "kept", "version", "seen")}
    sent = await clerk.post(f"{where(one)}/messages", {**fields, "text": text})
    assert sent.status == 422
    assert await waiting(office) == 0


async def test_who_blocked_the_bot_meanwhile_is_not_written_to_and_the_text_stays(
    office: Office, clerk: Person, one: Registration
) -> None:
    preview = await clerk.submit(where(one), "message", {"text": TEXT})
    async with office.store.transaction() as transaction:
        await transaction.scope.run(conversations.update().values(blocked=NOW))
    answer = await clerk.send(preview, "message", {})
    assert answer.status == 422
    assert "不能通过机器人" in answer.text
    assert answer.value("message-text") == TEXT
    assert await waiting(office) == 0


@pytest.mark.parametrize(
    ("form", "fields"), [("status", {"status": "closed", "reason": "已经去世"}), ("note", {"text": "已经去世"})]
)
async def test_whatever_another_clerk_did_comes_before_sending(
    office: Office, one: Registration, form: str, fields: dict[str, str]
) -> None:
    first, second = await office.person("clerk"), await office.person("two-towns")
    preview = await second.submit(where(one), "message", {"text": TEXT})
    await first.submit(where(one), form, fields)
    answer = await second.send(preview, "message", {})
    assert answer.status == 409
    assert "已经去世" in answer.text
    assert answer.value("message-text") == TEXT
    assert await waiting(office) == 0


NO_BOT = "这里没有接 Telegram，不能发消息"


async def test_where_no_bot_runs_no_message_is_offered(office: Office, one: Registration) -> None:
    clerk = await office.without_bot().person("clerk")
    page = await clerk.get(where(one))
    assert NO_BOT in page.text
    assert "可以发消息" not in page.text
    assert 'id="message"' not in page.html


@pytest.mark.parametrize("step", ["/messages/preview", "/messages"])
async def test_where_no_bot_runs_none_is_taken_and_the_text_stays(
    office: Office, clerk: Person, one: Registration, step: str
) -> None:
    page = await clerk.get(where(one))
    fields = {name: page.hidden(name, "message") for name in ("csrf", "kept", "version", "seen")}
    later = await office.without_bot().person("clerk")
    later.client.cookies.update(clerk.client.cookies)
    answer = await later.post(f"{where(one)}{step}", {**fields, "text": TEXT})
    assert answer.status == 422
    assert NO_BOT in answer.text
    assert answer.value("message-text") == TEXT
    assert await waiting(office) == 0


async def test_a_message_on_its_way_is_no_contact_yet(office: Office, clerk: Person, one: Registration) -> None:
    preview = await clerk.submit(where(one), "message", {"text": TEXT})
    await clerk.send(preview, "message", {})
    assert "还没有人联系过本人" in (await clerk.get(where(one))).text
    async with office.store.transaction() as transaction:
        (row,) = await transaction.outbox.claim(NOW, 10, "w", timedelta(minutes=1))
        await transaction.outbox.sent([row.id], NOW)
    assert "还没有人联系过本人" not in (await clerk.get(where(one))).text
