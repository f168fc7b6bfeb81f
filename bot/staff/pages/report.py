"""The annual report: to read, to print, to write into, and as Excel."""

from __future__ import annotations

import asyncio
import io

from starlette.responses import Response

from bot.casework.account import Role
from bot.clock import day_of
from bot.staff import report as reports
from bot.staff.access import Access
from bot.staff.page import Page
from bot.staff.pages.export import attachment
from bot.staff.report import Item, Report, Target
from bot.staff.report_file import about, title_of, write_excel
from bot.staff.spreadsheets import EXCEL_TYPE
from bot.staff.visit import Visit
from bot.staff.wording import say
from bot.store.figures import Period
from bot.store.report_counts import report_counts
from bot.store.report_texts import ReportText, TextChanged

_PATH = "/report"


async def newest(visit: Visit) -> Response:
    """Lead to the report of this year."""
    return visit.redirect(_address(day_of(visit.now).year))


async def show(visit: Visit) -> Response:
    """Show the report of a year."""
    report = await _report(visit)
    return visit.render(
        "report.html",
        report=report,
        heading=title_of(report),
        about=about(report, visit.account.name),
        years=[(year, _address(year)) for year in _years(visit)],
        writes=_writes(visit),
    )


async def file(visit: Visit) -> Response:
    """Hand over the report as an Excel workbook."""
    report = await _report(visit)
    out = io.BytesIO()
    await asyncio.to_thread(write_excel, report, out, visit.account.name)
    async with visit.store.transaction() as transaction:
        await transaction.audit.note(visit.who, "report-downloaded", str(report.year), visit.now)
    name = f"{title_of(report)}.xlsx"
    return Response(out.getvalue(), media_type=EXCEL_TYPE, headers={"content-disposition": attachment(name)})


async def write(visit: Visit) -> Response:
    """Write what was done about one clause."""
    report = await _report(visit)
    item = _item(visit, report)
    if visit.request.method != "POST":
        version = item.text.version if item.text else 0
        sheet = await visit.sheet("text", {"text": item.written, "version": str(version)})
        return visit.render("report_text.html", report=report, item=item, sheet=sheet, other=None)
    try:
        async with visit.store.transaction() as transaction:
            await transaction.report_texts.write(
                report.year, item.clause.id, visit.form.text("text"), _version(visit), visit.account.id, visit.now
            )
            subject = f"{report.year} {item.clause.id}"
            await transaction.audit.note(visit.who, "report-written", subject, visit.now)
    except TextChanged as change:
        return await _both_shown(visit, report, item, change.current)
    said = say("report.saved", heading=item.clause.heading, clause=item.clause.id)
    return visit.redirect(_address(report.year), said, f"item-{item.place}")


async def _both_shown(visit: Visit, report: Report, item: Item, current: ReportText) -> Response:
    """Show what somebody else wrote meanwhile beside what was typed; saving again replaces it knowingly."""
    async with visit.store.transaction() as transaction:
        names = await transaction.staff.names()
    sheet = visit.again("text", {"text": say("report.changed", who=names.get(current.staff or 0, ""))})
    sheet = sheet.with_values({"version": str(current.version)})
    return visit.render("report_text.html", report=report, item=item, sheet=sheet, other=current)


def _version(visit: Visit) -> int:
    text = visit.form.text("version")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


async def _report(visit: Visit) -> Report:
    year = int(visit.request.path_params["year"])
    if year not in _years(visit):
        visit.missing()
    settings, today = visit.parts.settings.staff, day_of(visit.now)
    span = Period(reports.year_since(year), reports.year_until(year, today))
    goal = Period(settings.period_from, settings.period_until)
    scope = visit.account.counted
    async with visit.store.reading() as connection:
        counts = await report_counts(connection, visit.store.keys, scope, reports.counts_needed(), span, goal)
    async with visit.store.transaction() as transaction:
        texts = await transaction.report_texts.of(year)
    # The plan names a target for the whole district only.
    count = settings.target if scope is None else 0
    target = Target(count, settings.period_from, settings.period_until)
    return reports.build(year, visit.parts.built().knowledge, counts, texts, target, visit.now, scope)


def _item(visit: Visit, report: Report) -> Item:
    place = int(visit.request.path_params["place"])
    if not 1 <= place <= len(report.items):
        visit.missing()
    return report.items[place - 1]


def _years(visit: Visit) -> range:
    """Return the years there are reports of: from the first of the plan until this one."""
    first = min(visit.parts.settings.staff.period_from.year, day_of(visit.now).year)
    return range(first, day_of(visit.now).year + 1)


def _writes(visit: Visit) -> bool:
    return visit.account.role is Role.ADMIN


def _address(year: int) -> str:
    return f"{_PATH}/{year}"


PAGES = (
    Page(_PATH, newest, access=Access.FIGURES, menu="年度报告"),
    Page(f"{_PATH}/{{year:int}}", show, access=Access.FIGURES),
    Page(f"{_PATH}/{{year:int}}/file", file, access=Access.FIGURES, download=True),
    Page(f"{_PATH}/{{year:int}}/{{place:int}}", write, methods=("GET", "POST"), access=Access.ADMIN),
)
