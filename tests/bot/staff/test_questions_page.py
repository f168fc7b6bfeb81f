"""From a question that found no answer to a sample question that is live, or to none, and back."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import update

from bot import app, index_file, overlay_file
from bot.conversation.message import Note
from bot.staff import trials
from bot.staff.console import build_console
from bot.store import Store, StoreUnavailable, Transaction
from bot.store.audit import AuditFilter
from bot.store.tables import staff
from knowledge.overlay import Sample

from .browser import NARROW, WIDE, Served, assert_accessible, enlarge_text
from .office import NOW, Answer, Office, Person

SET = "question\tlabels\n摊位费能减免不\tstall-rent\n哪里学推拿\tmassage-course\n"
ALIKE = ("夜市的位子费高得很", "夜市位子费高", "夜市的位子费高")
OTHER = "轮椅坏了哪里修"
BREAKS = {"entry": "坐公交", "text": "摊位费能减免吗"}
SHIFTS = {"entry": "盲人学按摩", "text": "摊位费减一点"}
MISSES = {"entry": "盲人学按摩", "text": "学手艺"}
HELPS = {"entry": "摆摊少收摊位费", "text": "夜市的位子费高得很"}


async def asked(office: Office, texts: Iterable[str] = (*ALIKE, OTHER)) -> None:
    """Let people have asked what found no answer."""
    (office.parts.settings.knowledge.question_sets or office.parts.settings.knowledge.folder).mkdir(exist_ok=True)
    assert office.parts.settings.knowledge.question_sets is not None
    (office.parts.settings.knowledge.question_sets / "own.tsv").write_text(SET, encoding="utf-8")
    async with office.store.transaction() as transaction:
        for number, text in enumerate(texts):
            kind = "uncertain" if number == 1 else "unanswered"
            note = Note(kind, text, candidates=("stall-rent", "signpost:bus"))  # type: ignore[arg-type]
            await transaction.questions.add(f"telegram:{number}", note, NOW - timedelta(days=number))


async def group(person: Person, number: int = 0) -> str:
    """The address of a group of the list."""
    page = await person.get("/questions")
    return re.findall(r'href="(/questions/\d+)"', page.html)[number]


async def tried(person: Person, fields: dict[str, str]) -> Answer:
    """Try a sample for the first group, and wait."""
    answer = await person.submit(await group(person), "sample", fields)
    assert answer.location == "/questions/trial", answer.text
    return await over(person)


async def over(person: Person) -> Answer:
    async with asyncio.timeout(60):
        while "<progress" in (page := await person.get("/questions/trial")).html:
            await asyncio.sleep(0.05)
    return page


async def press(person: Person, page: Answer, action: str, **fields: str) -> Answer:
    assert f'action="{action}"' in page.html, page.text
    return await person.post(action, {"csrf": page.hidden("csrf"), **fields})


async def recorded(office: Office) -> list[tuple[str, str, str, str]]:
    async with office.store.transaction() as transaction:
        page = await transaction.audit.entries(AuditFilter(), 1)
    return [(each.who, each.what, each.subject, each.why) for each in page.entries if each.what != "questions-seen"]


async def learnt(office: Office) -> Person:
    """Let the assistant take up what was added or taken back; return the administrator, who comes anew."""
    built = app.build(office.parts.settings, lambda _: None)
    office.console = build_console(replace(office.parts, built=lambda: built))
    return await office.person("admin")


async def went_live(office: Office, fields: dict[str, str]) -> Person:
    """Add a sample for the first group, and wait until the assistant has learnt it."""
    admin = await office.person("admin")
    await press(admin, await tried(admin, fields), "/questions/trial/live")
    return await learnt(office)


async def asked_later(office: Office, note: Note) -> None:
    async with office.store.transaction() as transaction:
        await transaction.questions.add("telegram:later", note, NOW)


def added(office: Office) -> list[tuple[str, str, int]]:
    samples = overlay_file.read(office.parts.settings.knowledge.overlay)
    return [(each.entry, each.question, each.by) for each in samples]


def unsaved(monkeypatch: pytest.MonkeyPatch, when: Callable[[], bool]) -> None:
    """Let the database fail at the end of each transaction for which ``when`` says so."""
    real = Store.transaction

    @asynccontextmanager
    async def failing(store: Store, *, barrier: bool = False) -> AsyncIterator[Transaction]:
        async with real(store, barrier=barrier) as transaction:
            yield transaction
            if when():
                raise StoreUnavailable("full")

    monkeypatch.setattr(Store, "transaction", failing)


def all_but_the_first() -> Callable[[], bool]:
    """That finds the session."""
    ended = itertools.count()
    return lambda: next(ended) > 0


class Unsendable:
    """A task that cannot be told to the other process."""

    def dump_json(self, _: object) -> bytes:
        return b"nonsense"


class TestList:
    async def test_questions_that_are_alike_are_one_line_with_how_often_and_how(
        self, office: Office, admin: Person
    ) -> None:
        await asked(office)
        page = await admin.get("/questions")
        assert "共 2 组" in page.text
        assert "夜市的位子费高得很 3 没有答上来 2 次，拿不准 1 次 2024年3月5日 摆摊少收摊位费、坐公交" in page.text
        assert f"{OTHER} 1 没有答上来 1 次" in page.text
        assert await office.recorded("questions-seen") == 1

    async def test_a_group_that_was_looked_at_is_on_record_too(self, office: Office, admin: Person) -> None:
        await asked(office)
        where = await group(admin)
        assert "夜市位子费高" in (await admin.get(where)).text
        assert await office.recorded("questions-seen") == 2

    async def test_it_is_for_those_who_may_teach(self, office: Office, clerk: Person) -> None:
        assert (await clerk.get("/questions")).status == 403
        async with office.store.transaction() as transaction:
            await transaction.scope.run(update(staff).where(staff.c.login == "clerk").values(teaches=True))
        assert (await clerk.get("/questions")).status == 200

    async def test_what_needs_nothing_comes_no_more(self, office: Office, admin: Person) -> None:
        await asked(office)
        page = await admin.get(await group(admin))
        form = page.html[page.html.index('action="/questions/settle"') :]
        found = re.search(r'name="ids" value="([^"]*)"', form)
        assert found
        assert (await press(admin, page, "/questions/settle", ids=found[1])).location == "/questions"
        after = await admin.get("/questions")
        assert "3 个问题不用管了" in after.text
        assert OTHER in after.text
        assert "夜市" not in after.text
        assert ("questions-settled", "questions 3") in [each[1:3] for each in await recorded(office)]

    async def test_a_group_that_is_gone_is_not_found(self, office: Office, admin: Person) -> None:
        assert (await admin.get("/questions/1")).status == 404


class TestForm:
    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"entry": "", "text": "夜市贵"}, "请从列表里选一个主题"),
            ({"entry": "闲聊", "text": "夜市贵"}, "请从列表里选一个主题"),
            ({"entry": "坐公交", "text": " "}, "请写问法"),
            ({"entry": "坐公交", "text": "我是■，夜市贵"}, "请把“■”去掉"),
            ({"entry": "坐公交", "text": "我叫周桂芳，电话13800138000"}, "里面好像有姓名、电话"),
            ({"entry": "坐公交", "text": "夜市" * 51}, "太长了，最多 100 个字"),
        ],
    )
    async def test_what_cannot_be_a_sample_is_refused_and_stays_typed(
        self, office: Office, admin: Person, fields: dict[str, str], said: str
    ) -> None:
        await asked(office)
        answer = await admin.submit(await group(admin), "sample", fields)
        assert answer.status == 422
        assert said in answer.text
        assert answer.value("sample-entry") == fields["entry"]
        assert "现在没有在试的问法" in (await admin.get("/questions/trial")).text

    async def test_every_topic_and_signpost_can_be_chosen_and_nothing_else(self, office: Office, admin: Person) -> None:
        await asked(office)
        page = await admin.get(await group(admin))
        assert re.findall(r'<option value="([^"]*)">', page.html) == ["摆摊少收摊位费", "盲人学按摩", "坐公交"]


class TestTrial:
    async def test_a_question_that_breaks_right_answers_shows_the_loss_before_going_live(
        self, office: Office, admin: Person
    ) -> None:
        await asked(office)
        page = await tried(admin, BREAKS)
        assert "有问题会答坏" in page.title
        assert "1 个原来答得好的问题会答坏" in page.text
        assert re.search(r"会答坏：1 个（own）.*摊位费能减免不 答“摆摊少收摊位费”", page.text)
        assert page.text.index("会答坏") < page.text.index("总数")
        assert "答坏的也认了，上线" in page.text
        assert added(office) == []

    async def test_a_right_answer_that_only_takes_a_step_more_is_told_apart_and_needs_no_confirming_as_a_loss(
        self, office: Office, admin: Person
    ) -> None:
        await asked(office)
        page = await tried(admin, SHIFTS)
        assert "试好了" in page.title
        assert "没有一个带答案的问题会因此答坏。有 1 个小变化，列在下面。" in page.text
        assert re.search(
            r"小变化：1 个（知识里留着检验的问题）.*摆个地摊想少交点费 答“摆摊少收摊位费” 让人挑：", page.text
        )
        assert "会答坏：" not in page.text
        assert "答坏的也认了" not in page.text

    async def test_one_that_breaks_nothing_says_so_and_shows_what_it_brings(
        self, office: Office, admin: Person
    ) -> None:
        await asked(office)
        page = await tried(admin, HELPS)
        assert "没有一个带答案的问题会因此答坏" in page.text
        assert "加上以后：答“摆摊少收摊位费”" in page.text
        assert "知识里留着检验的问题（2 个问题）" in page.text
        assert added(office) == []

    async def test_what_is_refused_by_the_check_cannot_go_live(self, office: Office, admin: Person) -> None:
        await asked(office)
        page = await tried(admin, {"entry": "坐公交", "text": "摊位费减免"})
        assert "检查没有通过，不能加" in page.text
        assert "在 stall-rent 里已经有了" in page.text
        assert "trial/live" not in page.html
        await admin.post("/questions/trial/live", {"csrf": page.hidden("csrf")})
        assert added(office) == []

    async def test_while_it_runs_the_page_shows_how_far_it_is(self, office: Office, admin: Person) -> None:
        await asked(office)
        await admin.submit(await group(admin), "sample", HELPS)
        running = await admin.get("/questions/trial")
        assert "data-watch" in running.html
        await admin.post("/questions/trial/live", {"csrf": running.hidden("csrf")})
        assert added(office) == []
        await press(admin, running, "/questions/trial/discard")
        assert "现在没有在试的问法" in (await admin.get("/questions/trial")).text

    async def test_a_trial_that_breaks_is_told_and_can_be_repeated(
        self, office: Office, admin: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await asked(office)
        with monkeypatch.context() as broken:
            broken.setattr(trials, "TASK", Unsendable())
            page = await tried(admin, HELPS)
        assert "没有试成，什么都没有改" in page.text
        await press(admin, page, "/questions/trial/again")
        assert "没有一个带答案的问题会因此答坏" in (await over(admin)).text

    async def test_nobody_sees_the_trial_of_another(self, office: Office, admin: Person) -> None:
        await asked(office)
        await tried(admin, HELPS)
        async with office.store.transaction() as transaction:
            await transaction.scope.run(update(staff).where(staff.c.login == "clerk").values(teaches=True))
        clerk = await office.person("clerk")
        assert "现在没有在试的问法" in (await clerk.get("/questions/trial")).text


class TestLive:
    async def test_it_stands_in_the_overlay_its_questions_come_no_more_and_all_is_on_record(
        self, office: Office, admin: Person
    ) -> None:
        await asked(office)
        page = await tried(admin, HELPS)
        assert (await press(admin, page, "/questions/trial/live")).location == "/questions/samples"
        id = office.cast["admin"].id
        assert added(office) == [("stall-rent", HELPS["text"], id)]
        assert "夜市" in (await admin.get("/questions")).text  # the assistant is still learning
        after = await (await learnt(office)).get("/questions")
        assert "夜市" not in after.text
        assert OTHER in after.text
        who = f"staff:{id}"
        assert await recorded(office) == [
            (who, "sample-added", "stall-rent", HELPS["text"]),
            (who, "sample-adding", "stall-rent", HELPS["text"]),
            (who, "sample-tried", "stall-rent", HELPS["text"]),
        ]

    async def test_a_group_of_which_nothing_is_answered_by_it_stays(self, office: Office) -> None:
        await asked(office)
        admin = await went_live(office, MISSES)
        assert "夜市的位子费高得很 3 没有答上来 2 次" in (await admin.get("/questions")).text

    async def test_it_comes_no_more_once_another_answers_it(self, office: Office) -> None:
        await asked(office)
        await went_live(office, MISSES)
        admin = await went_live(office, HELPS)
        assert "夜市" not in (await admin.get("/questions")).text

    async def test_what_was_asked_in_the_same_words_meanwhile_comes_no_more_and_in_others_it_does(
        self, office: Office
    ) -> None:
        await asked(office)
        admin = await office.person("admin")
        page = await tried(admin, HELPS)
        await asked_later(office, Note("unanswered", HELPS["text"]))
        await asked_later(office, Note("unanswered", "夜市那个位子好贵"))
        await press(admin, page, "/questions/trial/live")
        after = await (await learnt(office)).get("/questions")
        assert "夜市那个位子好贵 1 没有答上来 1 次" in after.text
        assert "位子费" not in after.text

    async def test_what_did_not_help_comes_until_something_else_is_answered(self, office: Office) -> None:
        await asked(office)
        admin = await went_live(office, HELPS)
        await asked_later(office, Note("unhelpful", HELPS["text"], "stall-rent"))
        assert f"{HELPS['text']} 1 说没解决 1 次" in (await admin.get("/questions")).text
        await asked_later(office, Note("unhelpful", ALIKE[1], "signpost:bus"))
        assert ALIKE[1] not in (await admin.get("/questions")).text

    async def test_pressed_twice_it_is_added_once(self, office: Office, admin: Person) -> None:
        await asked(office)
        page = await tried(admin, HELPS)
        await press(admin, page, "/questions/trial/live")
        await press(admin, page, "/questions/trial/live")
        assert len(added(office)) == 1

    async def test_where_the_knowledge_changed_since_the_trial_it_has_to_be_tried_again(
        self, office: Office, admin: Person
    ) -> None:
        await asked(office)
        page = await tried(admin, HELPS)
        other = Sample("signpost:bus", "公交卡怎么充钱", date(2024, 3, 5), 9)
        overlay_file.add(office.parts.settings.knowledge.overlay, other)
        await press(admin, page, "/questions/trial/live")
        assert added(office) == [("signpost:bus", "公交卡怎么充钱", 9)]
        page = await admin.get("/questions/trial")
        assert "请再试一次" in page.text
        assert "夜市" in (await admin.get("/questions")).text
        await press(admin, page, "/questions/trial/again")
        await press(admin, await over(admin), "/questions/trial/live")
        assert len(added(office)) == 2

    async def test_a_file_that_cannot_be_written_is_told_and_nothing_is_settled(
        self, office: Office, admin: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await asked(office)
        page = await tried(admin, HELPS)

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(overlay_file, "write", full)
        assert (await press(admin, page, "/questions/trial/live")).location == "/questions/trial"
        assert "没有写成" in (await admin.get("/questions/trial")).text
        assert "夜市" in (await admin.get("/questions")).text
        assert [each[1] for each in await recorded(office)] == ["sample-not-added", "sample-adding", "sample-tried"]

    async def test_what_cannot_be_put_on_record_does_not_go_live(
        self, office: Office, admin: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await asked(office)
        page = await tried(admin, HELPS)
        with monkeypatch.context() as broken:
            unsaved(broken, all_but_the_first())
            assert (await press(admin, page, "/questions/trial/live")).status == 503
        assert added(office) == []
        assert [each[1] for each in await recorded(office)] == ["sample-tried"]

    async def test_what_went_live_is_on_record_though_the_database_failed_just_then(
        self, office: Office, admin: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await asked(office)
        page = await tried(admin, HELPS)
        with monkeypatch.context() as broken:
            unsaved(broken, lambda: added(office) != [])
            assert (await press(admin, page, "/questions/trial/live")).location == "/questions/samples"
        assert len(added(office)) == 1
        assert [each[1] for each in await recorded(office)] == ["sample-adding", "sample-tried"]
        assert "要补充问法" in (await admin.get("/audit?what=sample-adding")).text
        assert "夜市" in (await admin.get("/questions")).text


class TestSamples:
    async def test_one_can_be_taken_back_at_once_and_that_is_said_and_on_record(
        self, office: Office, admin: Person
    ) -> None:
        overlay = office.parts.settings.knowledge.overlay
        overlay_file.add(overlay, Sample("stall-rent", HELPS["text"], date(2024, 3, 5), office.cast["admin"].id))
        page = await admin.get("/questions/samples")
        assert "撤回马上生效，不再试" in page.text
        assert f"{HELPS['text']} 摆摊少收摊位费 陈管理 2024年3月5日" in page.text
        fields = {"entry": "stall-rent", "question": HELPS["text"]}
        await press(admin, page, "/questions/samples/take-back", **fields)
        assert added(office) == []
        assert "撤回了" in (await admin.get("/questions/samples")).text
        both = [(what, "stall-rent", HELPS["text"]) for what in ("sample-taken-back", "sample-taking-back")]
        assert [each[1:] for each in await recorded(office)] == both
        await press(admin, page, "/questions/samples/take-back", **fields)
        assert "已经不在了" in (await admin.get("/questions/samples")).text
        assert len(await recorded(office)) == 2

    async def test_what_it_answered_is_on_the_list_again_when_it_is_taken_back(self, office: Office) -> None:
        await asked(office)
        admin = await went_live(office, HELPS)
        assert "夜市" not in (await admin.get("/questions")).text
        page = await admin.get("/questions/samples")
        await press(admin, page, "/questions/samples/take-back", entry="stall-rent", question=HELPS["text"])
        admin = await learnt(office)
        assert "夜市的位子费高得很 3 没有答上来 2 次，拿不准 1 次" in (await admin.get("/questions")).text

    async def test_none_is_taken_back_without_an_entry(
        self, office: Office, admin: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        overlay = office.parts.settings.knowledge.overlay
        overlay_file.add(overlay, Sample("stall-rent", HELPS["text"], date(2024, 3, 5), office.cast["admin"].id))
        page = await admin.get("/questions/samples")
        fields = {"entry": "stall-rent", "question": HELPS["text"]}
        with monkeypatch.context() as broken:
            unsaved(broken, all_but_the_first())
            assert (await press(admin, page, "/questions/samples/take-back", **fields)).status == 503
        assert len(added(office)) == 1
        assert await recorded(office) == []
        with monkeypatch.context() as broken:
            unsaved(broken, lambda: added(office) == [])
            assert (await press(admin, page, "/questions/samples/take-back", **fields)).status == 303
        assert added(office) == []
        assert [each[1] for each in await recorded(office)] == ["sample-taking-back"]

    async def test_one_that_could_not_be_taken_back_is_on_record_as_that(
        self, office: Office, admin: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        overlay = office.parts.settings.knowledge.overlay
        overlay_file.add(overlay, Sample("stall-rent", HELPS["text"], date(2024, 3, 5), office.cast["admin"].id))
        page = await admin.get("/questions/samples")

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(overlay_file, "write", full)
        fields = {"entry": "stall-rent", "question": HELPS["text"]}
        await press(admin, page, "/questions/samples/take-back", **fields)
        assert "没有写成" in (await admin.get("/questions/samples")).text
        assert [each[1] for each in await recorded(office)] == ["sample-not-taken-back", "sample-taking-back"]

    @pytest.mark.parametrize(
        ("trouble", "said"),
        [(None, "助手正在学"), ("faults", "改动没有用上：知识文件有错误"), ("failed", "改动没有用上：助手没有学成")],
    )
    async def test_it_says_whether_what_was_added_is_in_use(
        self, office: Office, trouble: str | None, said: str
    ) -> None:
        sources = office.parts.settings.knowledge
        version = index_file.fingerprint(sources.folder, sources.overlay)
        built = replace(office.parts.built(), version=version)
        office.console = build_console(replace(office.parts, built=lambda: built, trouble=lambda: trouble))
        admin = await office.person("admin")
        assert f"正在用的就是下面这些（知识版本 {version[:8]}）" in (await admin.get("/questions/samples")).text
        overlay_file.add(sources.overlay, Sample("stall-rent", HELPS["text"], date(2024, 3, 5), 1))
        assert said in (await admin.get("/questions/samples")).text

    async def test_a_file_with_a_fault_is_told_with_its_line(self, office: Office, admin: Person) -> None:
        office.parts.settings.knowledge.overlay.write_text("- {entry: stall-rent}\n", encoding="utf-8")
        page = await admin.get("/questions/samples")
        assert "少了“question”" in page.text
        assert "overlay.yaml 第 1 行" in page.text

    async def test_one_whose_entry_is_gone_can_be_taken_back(self, office: Office, admin: Person) -> None:
        overlay_file.add(office.parts.settings.knowledge.overlay, Sample("gone", "夜市贵", date(2024, 3, 5), 1))
        page = await admin.get("/questions/samples")
        assert "这个主题没有了（gone）" in page.text
        await press(admin, page, "/questions/samples/take-back", entry="gone", question="夜市贵")
        assert added(office) == []


@pytest.mark.asyncio(loop_scope="session")
async def test_every_step_is_accessible_and_can_be_walked_in_a_browser(served: Served) -> None:
    await asked(served.office)
    for width in (WIDE, NARROW):
        shown = await served.page("admin", width=width)
        await shown.goto("/questions")
        await assert_accessible(shown)
        await shown.get_by_role("link", name="查看和补充").first.click()
        await assert_accessible(shown)
        await enlarge_text(shown)
        await assert_accessible(shown)
        await shown.get_by_label("该答哪个主题").fill(BREAKS["entry"])
        await shown.get_by_label("问法", exact=True).fill(BREAKS["text"])
        await shown.get_by_role("button", name="试一试").click()
        await shown.get_by_role("button", name="上线").wait_for()
        await assert_accessible(shown)
        await enlarge_text(shown)
        await assert_accessible(shown)
        await shown.get_by_role("button", name="不要").click()
    overlay = served.office.parts.settings.knowledge.overlay
    overlay_file.add(overlay, Sample("stall-rent", HELPS["text"], date(2024, 3, 5), 1))
    await shown.goto("/questions/samples")
    await assert_accessible(shown)
