"""Takes cases out of the console, as Excel or CSV: all that a filter lets through."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import IO
from urllib.parse import parse_qsl, quote, urlencode

from starlette.responses import Response, StreamingResponse

from bot.casework.account import Role
from bot.casework.filter_address import from_pairs, to_pairs
from bot.casework.filters import QueueFilter
from bot.clock import CHINA, day_of
from bot.conversation.fields.redaction import black_out
from bot.staff import case_lists
from bot.staff.access import Access
from bot.staff.case_columns import CaseColumns, case_columns
from bot.staff.exports import ExportRunning, Job, Order, Stage
from bot.staff.filter_on_record import on_record
from bot.staff.filter_words import filter_in_words, joined
from bot.staff.page import Page
from bot.staff.posted import clean
from bot.staff.sheet import Sheet
from bot.staff.spreadsheets import CSV_TYPE, EXCEL_TYPE, CsvFile, ExcelFile, Spreadsheet
from bot.staff.visit import Visit
from bot.staff.wording import say
from bot.store import case_list
from bot.store.case_query import CaseRow
from bot.store.erased import erased_so_far

_PATH = "/export"
_PROGRESS = f"{_PATH}/progress"
_FORMATS = {"xlsx": EXCEL_TYPE, "csv": CSV_TYPE}
_MASKED, _FULL = "masked", "full"
_LEAST_REASON = 5


@dataclass(frozen=True)
class _Wanted:
    """What somebody asked for."""

    chosen: QueueFilter
    ending: str
    full: bool
    why: str


async def export(visit: Visit) -> Response:
    """Ask in what form it is wanted, and show what it will hold. Then begin to make it."""
    if visit.request.method == "POST":
        return await _begun(visit)
    given = from_pairs(visit.request.query_params.multi_items())
    usual = {"format": "xlsx", "content": _MASKED, "filter": urlencode(to_pairs(given))}
    return await _asked(visit, await visit.sheet("export", usual))


async def _begun(visit: Visit) -> Response:
    wanted, faults = _entered(visit)
    names = await _names(visit)
    total = await _count(visit, wanted.chosen)
    if not total:
        faults = {"": say("export.nothing"), **faults}
    if not faults:
        try:
            await _begin(visit, wanted, names, total)
        except ExportRunning:
            faults = {"": say("export.running")}
        else:
            return visit.redirect(_PROGRESS)
    return await _asked(visit, visit.again("export", faults))


async def _begin(visit: Visit, wanted: _Wanted, names: Mapping[int, str], total: int) -> None:
    """Put on record what is taken out and why, and begin. Raises :class:`ExportRunning`."""
    job = visit.exports.of(visit.account)
    if job is not None and job.in_the_making:
        raise ExportRunning
    async with visit.store.transaction() as transaction:
        subject = " ".join(filter(None, (_content(wanted), wanted.ending, on_record(visit, wanted.chosen))))
        why = black_out(wanted.why, keep=visit.parts.built().knowledge.towns)  # it outlasts whom it may name
        await transaction.audit.note(visit.who, "exported", subject, visit.now, why)
        erased = await erased_so_far(transaction.scope)
    visit.exports.begin(visit.account, replace(_order(visit, wanted, names, total), erased=erased))


async def progress(visit: Visit) -> Response:
    """Show how far the file is, how many are made before it, or where it can be fetched."""
    job, minutes = visit.exports.of(visit.account), visit.exports.minutes
    return visit.render(
        "export_progress.html", job=job, before=visit.exports.before(job) if job else 0, minutes=minutes
    )


async def file(visit: Visit) -> Response:
    """Hand over the file, which goes on record."""
    job = visit.exports.of(visit.account)
    if job is None or job.stage is not Stage.READY:
        return visit.redirect(_PROGRESS)
    async with visit.store.transaction() as transaction:
        if await erased_so_far(transaction.scope) != job.erased:
            visit.exports.discard(visit.account)
            return visit.redirect(_PATH, say("export.erased"))
        content = _FULL if job.full else _MASKED
        await transaction.audit.note(visit.who, "export-downloaded", f"{content} {job.total}", visit.now)
    return download(job)


async def discard(visit: Visit) -> Response:
    """Let go of the file, made or not."""
    visit.exports.discard(visit.account)
    return visit.redirect(_PATH, say("export.discarded"))


def download(job: Job) -> Response:
    """Return the file of ``job`` as an answer."""
    return StreamingResponse(
        job.content(),
        media_type=job.media_type,
        headers={"content-disposition": attachment(job.name), "content-length": str(job.size)},
    )


def attachment(name: str) -> str:
    """Return the header that has the browser keep a file under ``name``, which ends plainly."""
    return f"attachment; filename=\"export{PurePath(name).suffix}\"; filename*=UTF-8''{quote(name)}"


def _entered(visit: Visit) -> tuple[_Wanted, dict[str, str]]:
    """Return what was asked for, and what is wrong with it. Refuses who must not have it in full."""
    form, faults = visit.form, {}
    ending, content, why = form.text("format"), form.text("content"), form.text("why")
    if content == _FULL and visit.account.role is not Role.ADMIN:
        visit.forbid("export in full")
    if ending not in _FORMATS:
        faults["format"] = say("export.bad_format")
    if content not in {_MASKED, _FULL}:
        faults["content"] = say("export.bad_content")
    if content == _FULL and len(why) < _LEAST_REASON:
        faults["why"] = say("export.too_short", least=_LEAST_REASON)
    return _Wanted(_filter(form.text("filter")), ending, content == _FULL, why), faults


async def _asked(visit: Visit, sheet: Sheet) -> Response:
    chosen = _filter(sheet.value("filter"))
    if chosen.search:
        sheet = replace(sheet, key="")  # whom somebody looks for is not kept
    columns = case_columns(visit.parts.form, {}, full=False)
    return visit.render(
        "export.html",
        sheet=sheet,
        total=await _count(visit, chosen),
        chosen=filter_in_words(chosen, visit.parts.form, await _names(visit)),
        left_out=columns.left_out,
        may_have_full=visit.account.role is Role.ADMIN,
        job=visit.exports.of(visit.account),
    )


def _filter(text: str) -> QueueFilter:
    return replace(from_pairs((name, clean(value)) for name, value in parse_qsl(text)), page=1)


async def _names(visit: Visit) -> dict[int, str]:
    async with visit.store.transaction() as transaction:
        return await transaction.staff.names()


async def _count(visit: Visit, chosen: QueueFilter) -> int:
    return (await case_lists.page_of(visit, chosen, size=1)).total


def _order(visit: Visit, wanted: _Wanted, names: Mapping[int, str], total: int) -> Order[CaseRow]:
    columns = case_columns(visit.parts.form, names, full=wanted.full)
    about = _about(visit, wanted, names, columns)
    store, query = visit.store, case_lists.query_of(visit, wanted.chosen)

    async def batches() -> AsyncGenerator[Sequence[CaseRow], None]:
        async with store.reading(long=True) as connection:
            async for some in case_list.rows(connection, query):
                yield some

    def begin_file(out: IO[bytes]) -> Spreadsheet:
        if wanted.ending == "csv":
            return CsvFile(out, columns.columns)
        return ExcelFile(
            out, columns.columns, say("export.sheet"), say("export.about"), about, say("export.about_count")
        )

    name = say(
        "export.name",
        content=say(f"export.{_content(wanted)}_name"),
        day=f"{day_of(visit.now):%Y%m%d}",
        ending=wanted.ending,
    )
    return Order(name, _FORMATS[wanted.ending], total, batches, columns.row, begin_file, wanted.full)


def _about(visit: Visit, wanted: _Wanted, names: Mapping[int, str], columns: CaseColumns) -> list[tuple[str, str]]:
    """Return what the second sheet says of the first."""
    lines = {
        "made": f"{visit.now.astimezone(CHINA):%Y-%m-%d %H:%M}",
        "who": visit.account.name,
        "filter": joined(filter_in_words(wanted.chosen, visit.parts.form, names, masked=not wanted.full)),
        "content": say(f"export.{_content(wanted)}"),
        "why": wanted.why,
        "left_out": say("export.apart").join(columns.left_out),
        "care": say("export.care"),
    }
    return [(say(f"export.about_{name}"), line) for name, line in lines.items() if line]


def _content(wanted: _Wanted) -> str:
    return _FULL if wanted.full else _MASKED


PAGES = (
    Page(_PATH, export, methods=("GET", "POST"), access=Access.PERSONS, menu="导出"),
    Page(_PROGRESS, progress, access=Access.PERSONS),
    Page(f"{_PATH}/file", file, access=Access.PERSONS, download=True),
    Page(f"{_PATH}/discard", discard, methods=("POST",), access=Access.PERSONS),
)
