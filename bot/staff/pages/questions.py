"""Questions that were not answered well: what is behind them is taught, after a trial, and can be taken back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

import structlog
from starlette.responses import Response

from bot import index_file, overlay_file
from bot.clock import day_of
from bot.conversation.fields.data import words
from bot.conversation.fields.redaction import black_out
from bot.overlay_file import OverlayBusy, OverlayChanged
from bot.staff.access import Access
from bot.staff.exports import Stage
from bot.staff.page import Page
from bot.staff.sheet import Sheet
from bot.staff.trials import Trial
from bot.staff.unanswered import MOST, Group
from bot.staff.visit import Visit
from bot.staff.wording import say
from bot.store import StoreUnavailable
from bot.trial import Understood, Wish
from bot.trying import HELD_OUT, Task
from knowledge import Knowledge, KnowledgeError
from knowledge.checking import LONGEST_SAMPLE
from knowledge.overlay import Sample

_log = structlog.stdlib.get_logger(__name__)
_LIST = "/questions"
_TRIAL = f"{_LIST}/trial"
_SAMPLES = f"{_LIST}/samples"
_A_PAGE = 20
_MOST_ASKED = 50  # wordings of a group that are tried along with the sample
_CANNOT_WRITE = (OverlayBusy, KnowledgeError, OSError)


async def show_all(visit: Visit) -> Response:
    """List the groups, the largest first."""
    groups = await _groups(visit)
    count = max(1, -(-len(groups) // _A_PAGE))
    asked_for = visit.query("page")
    page = min(max(int(asked_for), 1), count) if asked_for.isdecimal() and len(asked_for) < 6 else 1
    async with visit.store.transaction() as transaction:
        total = await transaction.questions.count_unsettled()
        await transaction.audit.note(visit.who, "questions-seen", "questions", visit.now)
    return visit.render(
        "questions.html",
        groups=groups[(page - 1) * _A_PAGE : page * _A_PAGE],
        found=len(groups),
        total=total,
        most=MOST,
        page=page,
        count=count,
        titles=_titles(visit),
        kind=_kind,
        trial=visit.trials.of(visit.account),
    )


async def show(visit: Visit) -> Response:
    """Show a group, and take the sample that is to be tried for it."""
    group = next(
        (group for group in await _groups(visit) if int(visit.request.path_params["question"]) in group.ids), None
    )
    if group is None:
        visit.missing()
    async with visit.store.transaction() as transaction:
        await transaction.audit.note(visit.who, "questions-seen", "questions", visit.now)
    if visit.request.method != "POST":
        return _asked(visit, group, await visit.sheet("sample", {"text": group.text, "ids": _joined(group.ids)}))
    entry, text, faults = _entered(visit)
    if faults:
        return _asked(visit, group, visit.again("sample", faults))
    sample = Sample(entry, text, day_of(visit.now), visit.account.id)
    await _begin(visit, Wish(sample, group.texts[:_MOST_ASKED]), _ids(visit))
    return visit.redirect(_TRIAL)


async def settle(visit: Visit) -> Response:
    """Note that questions need nothing."""
    async with visit.store.transaction() as transaction:
        count = await transaction.questions.settle(_ids(visit), visit.now)
        await transaction.audit.note(visit.who, "questions-settled", f"questions {count}", visit.now)
    return visit.redirect(_LIST, say("questions.settled", count=count))


async def trial(visit: Visit) -> Response:
    """Show how far the trial is, or what it came to."""
    found = visit.trials.of(visit.account)
    return visit.render(
        "question_trial.html",
        trial=found,
        titles=_titles(visit),
        understood=lambda each: _understood(each, _titles(visit)),
        set_name=lambda name: say("questions.held_out") if name == HELD_OUT else name,
        helped=_helped(found) if found else 0,
    )


async def again(visit: Visit) -> Response:
    """Try the same once more, as after the knowledge changed."""
    found = visit.trials.of(visit.account)
    if found is not None and found.stage is not Stage.RUNNING:
        await _begin(visit, found.task.wish, found.questions)
    return visit.redirect(_TRIAL)


async def discard(visit: Visit) -> Response:
    """Let go of what was tried."""
    visit.trials.discard(visit.account)
    return visit.redirect(_LIST, say("questions.discarded"))


async def live(visit: Visit) -> Response:
    """Add what was tried, if the knowledge is still what it was tried with. What it is meant for is noted as taught.

    The file and the audit are not one transaction: that it is to be done goes on record first, then what became of it.
    """
    found = visit.trials.of(visit.account)
    if found is None or found.outcome is None or found.outcome.faults:
        return visit.redirect(_TRIAL)
    sources, version = visit.parts.settings.knowledge, found.outcome.version
    sample = found.task.wish.sample
    await _record(visit, "sample-adding", sample)
    try:
        await asyncio.to_thread(
            overlay_file.add,
            sources.overlay,
            sample,
            lambda: index_file.fingerprint(sources.folder, sources.overlay) == version,
        )
    except (OverlayChanged, *_CANNOT_WRITE) as error:
        await _record(visit, "sample-not-added", sample)
        why = "changed" if isinstance(error, OverlayChanged) else "not_written"
        return visit.redirect(_TRIAL, say(f"questions.{why}"))
    visit.trials.discard(visit.account)
    await _record_outcome(visit, "sample-added", sample, found.questions)
    return visit.redirect(_SAMPLES, say("questions.live"))


async def samples(visit: Visit) -> Response:
    """List what was added, and say whether it is in use."""
    sources = visit.parts.settings.knowledge
    try:
        added = await asyncio.to_thread(overlay_file.read, sources.overlay)
        faults: Sequence[object] = ()
    except KnowledgeError as error:
        added, faults = (), error.faults
    version = visit.parts.built().version
    wanted = await asyncio.to_thread(index_file.fingerprint, sources.folder, sources.overlay)
    trouble = visit.parts.trouble()
    async with visit.store.transaction() as transaction:
        names = await transaction.staff.names()
    return visit.render(
        "question_samples.html",
        samples=tuple(reversed(added)),
        faults=faults,
        state="used" if wanted == version else trouble or "waiting",
        version=version[:8],
        names=names,
        titles=_titles(visit),
    )


async def take_back(visit: Visit) -> Response:
    """Take a sample out again, at once. It goes on record as in :func:`live`."""
    overlay, wanted = visit.parts.settings.knowledge.overlay, (visit.form.text("entry"), visit.form.raw("question"))
    try:
        added = await asyncio.to_thread(overlay_file.read, overlay)
    except (KnowledgeError, OSError):
        return visit.redirect(_SAMPLES, say("questions.not_written"))
    sample = next((each for each in added if (each.entry, each.question) == wanted), None)
    if sample is None:
        return visit.redirect(_SAMPLES, say("questions.gone"))
    await _record(visit, "sample-taking-back", sample)
    try:
        there = await asyncio.to_thread(overlay_file.take_back, overlay, *wanted)
    except _CANNOT_WRITE:
        await _record(visit, "sample-not-taken-back", sample)
        return visit.redirect(_SAMPLES, say("questions.not_written"))
    await _record_outcome(visit, "sample-taken-back" if there else "sample-not-taken-back", sample)
    return visit.redirect(_SAMPLES, say("questions.taken_back" if there else "questions.gone"))


async def _record(visit: Visit, what: str, sample: Sample, taught: Sequence[int] = ()) -> None:
    """Put on record ``what`` happens to ``sample``, and for which questions it was ``taught``."""
    async with visit.store.transaction() as transaction:
        await transaction.questions.teach(taught)
        await transaction.audit.note(visit.who, what, sample.entry, visit.now, sample.question)


async def _record_outcome(visit: Visit, what: str, sample: Sample, taught: Sequence[int] = ()) -> None:
    """Do as :func:`_record` does. If it fails it is done all the same: that it was to be is on record."""
    try:
        await _record(visit, what, sample, taught)
    except StoreUnavailable as error:
        _log.error("the outcome of a change to the overlay is not on record", what=what, reason=error.reason)


def _entered(visit: Visit) -> tuple[str, str, dict[str, str]]:
    """Return the entry and the text that were entered, and what is wrong with them."""
    faults: dict[str, str] = {}
    entry = _choices(visit).get(visit.form.text("entry"), "")
    if not entry:
        faults["entry"] = say("questions.no_entry")
    text = " ".join(visit.form.text("text").split())
    black = words().black
    if not text:
        faults["text"] = say("questions.no_text")
    elif black in text:
        faults["text"] = say("questions.marks", mark=black)
    elif len(text) > LONGEST_SAMPLE:
        faults["text"] = say("questions.too_long", most=LONGEST_SAMPLE)
    elif black in (blacked := black_out(text, keep=_knowledge(visit).towns)):
        faults["text"] = say("questions.personal", text=blacked)
    return entry, text, faults


async def _begin(visit: Visit, wish: Wish, questions: Sequence[int]) -> None:
    """Put on record what is tried, and begin."""
    async with visit.store.transaction() as transaction:
        await transaction.audit.note(visit.who, "sample-tried", wish.sample.entry, visit.now, wish.sample.question)
    settings = visit.parts.settings
    sources = settings.knowledge
    sample = replace(wish.sample, added=day_of(visit.now), by=visit.account.id)
    task = Task(
        replace(wish, sample=sample), sources.folder, sources.overlay, settings.index.folder, sources.question_sets
    )
    visit.trials.begin(visit.account, task, questions)


def _asked(visit: Visit, group: Group, sheet: Sheet) -> Response:
    return visit.render(
        "question.html",
        group=group,
        sheet=sheet,
        entries=_choices(visit),
        titles=_titles(visit),
        kind=_kind,
        most=LONGEST_SAMPLE,
        ids=_joined(group.ids),
        running=visit.trials.of(visit.account),
    )


def _helped(trial: Trial) -> int:
    """Return how many of what was asked now come to the entry."""
    wish, asked = trial.task.wish, trial.outcome.asked if trial.outcome else ()
    return sum(each.question in wish.asked and each.after.keys == (wish.sample.entry,) for each in asked)


def _understood(each: Understood, titles: Mapping[str, str]) -> str:
    named = say("questions.apart").join(titles.get(key, key) for key in each.keys)
    return say(f"questions.read_{each.kind}", named=named)


def _kind(kind: str) -> str:
    return say(f"questions.kind_{kind}")


async def _groups(visit: Visit) -> list[Group]:
    return await visit.house.unanswered.groups(visit.store, visit.parts.built())


def _knowledge(visit: Visit) -> Knowledge:
    return visit.parts.built().knowledge


def _titles(visit: Visit) -> Mapping[str, str]:
    return {key: entry.title for key, entry in _knowledge(visit).entries()}


def _choices(visit: Visit) -> Mapping[str, str]:
    """Return the keys of topics and signposts by what they are called in the list; no two have the same name."""
    knowledge = _knowledge(visit)
    named: dict[str, str] = {}
    for key, entry in knowledge.entries():
        if key in {policy.id for policy in knowledge.policies} or key.startswith("signpost:"):
            named[entry.title if entry.title not in named else f"{entry.title}（{key}）"] = key
    return named


def _joined(ids: Sequence[int]) -> str:
    return " ".join(map(str, ids))


def _ids(visit: Visit) -> tuple[int, ...]:
    return tuple(int(id) for id in visit.form.text("ids").split()[:MOST] if id.isdecimal() and len(id) < 19)


PAGES = (
    Page(_LIST, show_all, access=Access.TEACH, menu="没答好的问题"),
    Page(f"{_LIST}/{{question:int}}", show, methods=("GET", "POST"), access=Access.TEACH),
    Page(f"{_LIST}/settle", settle, methods=("POST",), access=Access.TEACH),
    Page(_TRIAL, trial, access=Access.TEACH),
    Page(f"{_TRIAL}/again", again, methods=("POST",), access=Access.TEACH),
    Page(f"{_TRIAL}/discard", discard, methods=("POST",), access=Access.TEACH),
    Page(f"{_TRIAL}/live", live, methods=("POST",), access=Access.TEACH),
    Page(_SAMPLES, samples, access=Access.TEACH),
    Page(f"{_SAMPLES}/take-back", take_back, methods=("POST",), access=Access.TEACH),
)
