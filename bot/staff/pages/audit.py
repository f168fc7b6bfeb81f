"""The audit: who did what, when and why; and whether it is whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from starlette.responses import Response

from bot.casework.account import Account
from bot.clock import CHINA
from bot.staff import audit_words
from bot.staff.access import Access
from bot.staff.filter_on_record import mark_of
from bot.staff.page import Page
from bot.staff.sheet import Sheet, as_values
from bot.staff.visit import Visit
from bot.staff.wording import phrases
from bot.store.audit import AuditFilter

_PATH = "/audit"
_SIZE = 50
_MOST_PAGES = 10**6
_FIRST = date(1, 1, 2)  # the first day that clocks in other places can tell when it begins in China
_NAMES = ("who", "what", "subject", "searched", "since", "until")


@dataclass(frozen=True)
class _Asked:
    """What the address asks for: the filter, the page, and what stands in the fields."""

    wanted: AuditFilter
    page: int
    typed: dict[str, str]


async def show(visit: Visit) -> Response:
    """Show the entries that are asked for, the newest first. That they were looked at is one more."""
    asked = _asked(visit)
    found = await visit.store.audit_entries(asked.wanted, asked.page, _SIZE)  # which may take long
    async with visit.store.transaction() as transaction:
        accounts = {account.id: account for account in await transaction.staff.all()}
        await transaction.audit.note(visit.who, "audit-seen", "audit", visit.now)
    pages = max(1, -(-found.total // _SIZE))
    if asked.page > pages:
        return visit.redirect(visit.address(page=pages))
    titles = {key: entry.title for key, entry in visit.parts.built().knowledge.entries()}
    return visit.render(
        "audit.html",
        find=Sheet("find", "", "", as_values(asked.typed)),
        entries=[audit_words.told(entry, accounts, visit.parts.form, titles) for entry in found.entries],
        total=found.total,
        page=asked.page,
        pages=pages,
        people=_people(accounts.values()),
        kinds=sorted(phrases("audit_what").items(), key=lambda pair: pair[1]),
        filtered=bool(asked.typed),
    )


async def verify(visit: Visit) -> Response:
    """Look at the whole chain, and say whether a row was changed, removed or slipped in."""
    verdict = await visit.store.audit_verdict()
    async with visit.store.transaction() as transaction:
        await transaction.audit.note(visit.who, "audit-checked", "audit", visit.now)
    since = datetime.fromisoformat(verdict.end.since) if verdict.end else None
    return visit.render("audit_verdict.html", verdict=verdict, since=since, wrong=phrases("audit_wrong"))


def _asked(visit: Visit) -> _Asked:
    """Read the address. What cannot be read is left out: links grow old."""
    typed = {name: visit.query(name) for name in _NAMES}
    days = {name: _day(typed[name]) for name in ("since", "until")}
    typed |= {name: day.isoformat() if day else "" for name, day in days.items()}
    typed["subject"] = "".join(filter(str.isdecimal, typed["subject"]))
    since, until = days["since"], days["until"]
    wanted = AuditFilter(
        who=typed["who"],
        what=typed["what"],
        subject=typed["subject"],
        searched=_mark(visit, typed["searched"]),
        since=_midnight(since) if since else None,
        until=_midnight(until + timedelta(days=1)) if until and until < date.max else None,
    )
    return _Asked(wanted, _page(visit.query("page")), {name: value for name, value in typed.items() if value})


def _mark(visit: Visit, word: str) -> str:
    return mark_of(visit.store.keys, word, visit.parts.settings.registration.area_code) if word else ""


def _page(text: str) -> int:
    return min(max(1, int(text)), _MOST_PAGES) if text.isdecimal() and len(text) < 10 else 1


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _midnight(on: date) -> datetime:
    return datetime.combine(max(on, _FIRST), time(), CHINA)


def _people(accounts: Iterable[Account]) -> list[tuple[str, str]]:
    """Return who can be asked for: the staff, and those who are none."""
    staff = [(f"staff:{account.id}", f"{account.name}（{account.login}）") for account in accounts]
    return [*staff, *phrases("audit_who").items()]


PAGES = (
    Page(_PATH, show, access=Access.ADMIN, menu="操作记录"),
    Page(f"{_PATH}/verify", verify, methods=("POST",), access=Access.ADMIN),
)
