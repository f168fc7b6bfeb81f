"""Shows a case and changes it; when somebody else was faster, shows both."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from starlette.responses import Response

from bot.casework.case import Case
from bot.staff import case_history, case_lists, case_view, phone_look, typed
from bot.staff.case_form import Action, CaseForm, Desk, Faults
from bot.staff.case_history import Line
from bot.staff.case_view import CaseView
from bot.staff.posted import KEPT
from bot.staff.sheet import Sheet, folded
from bot.staff.visit import Refused, Visit
from bot.staff.way import stop_at, way_of
from bot.staff.wording import say
from bot.store import CaseChanged, NoSuchCase, Unreachable

_PAGE = "case.html"


class _WroteBack(Exception):  # noqa: N818 – says what happened
    """The person wrote what has to be read before the case is let go."""


@dataclass(frozen=True)
class _Seen:
    """What the form that was posted was shown with: the version of the case, and its newest event.

    ``mark``: of the form, with what was typed into it; empty for one that has no key and so cannot be known again.
    """

    version: int
    event: int
    mark: str

    @classmethod
    def of(cls, visit: Visit) -> _Seen:
        version, event = (_number(visit.form.text(name)) for name in ("version", "seen"))
        return cls(version, event, _mark(visit))


async def page(
    visit: Visit,
    receipt: str,
    what: str,
    *,
    why: str = "",
    sheet: Sheet | None = None,
    phone_shown: bool = False,
    opened: bool = False,
    template: str = _PAGE,
) -> Response:
    """Return the page of a case, and put on record ``what`` was looked at and ``why``.

    ``sheet``: a form of it that is to be shown as it was posted; ``phone_shown``: with the telephone number;
    ``opened``: somebody came to read it. What the person wrote back counts as seen then, if it is they who work on the
    case, or nobody does yet.
    """
    async with visit.store.transaction() as transaction:
        view = await case_view.view_of(visit, transaction, receipt)
        await transaction.audit.add_case(visit.who, what, receipt, visit.now, why)
    values, way = case_view.values(visit, view), way_of(visit, receipt)
    if template != _PAGE:
        return visit.render(template, way=way, **values)
    view = await case_view.with_sharing(visit, view)
    stop = await stop_at(visit, way, receipt)
    following = stop.following
    # Only now: what was seen stands no more in the list of what was not, and what follows it would not be found there.
    if opened and view.unseen and (not view.attended or view.case.counselor == visit.account.id):
        async with visit.store.transaction() as transaction:
            await transaction.cases.seen(view.case, visit.now)
    if others := [line.row.receipt for line in view.sharing] + ([following.receipt] if following else []):
        async with visit.store.transaction() as transaction:
            await case_lists.note_each(transaction, visit, others)
    sheets = await case_view.sheets(visit, view)
    if sheet is not None:
        sheet = sheet if sheet.name in sheets else _as_note(sheet, sheets["note"])
        sheets[sheet.name] = replace(sheet, title=sheets[sheet.name].title)
    looked = phone_look.begin(visit, receipt) if phone_shown else way.looked
    way = replace(stop.way, looked=looked)
    return visit.render(
        template,
        sheets_of={name: replace(one, along=way.fields) for name, one in sheets.items()},
        phone=case_view.phone(view) if looked else "",
        phone_asked=phone_shown,
        way=way,
        following=following,
        onward=stop.onward.to(case_view.path(following.receipt)) if following else "",
        back=stop.back,
        meanwhile=_meanwhile(visit, view),
        **values | {"view": view},
    )


async def save(visit: Visit, receipt: str, form: CaseForm) -> Response:
    """Change the case as ``form`` says, and go back to where that form stands, where is said what was done.

    With faults the page is shown again with all that was typed; if somebody else changed meanwhile what the form is
    about, both versions are shown. What else they did is told together with what was done. The same form sent once more
    does nothing again, and is answered as the first time.
    """
    async with visit.store.transaction() as transaction:
        view = await case_view.view_of(visit, transaction, receipt)
    faults: Faults = {}
    desk = case_view.desk(visit, view)
    seen = _Seen.of(visit)
    if form.is_done(view.case, seen.mark):
        return _saved(visit, desk, form, seen)
    action = form.read(desk, visit.form, faults)
    if action is None:
        return await page(visit, receipt, "case-seen", sheet=visit.again(form.name, faults))
    try:
        await _do(visit, receipt, form, action, seen)
    except CaseChanged as changed:
        if not form.is_done(changed.current, seen.mark):
            return await conflict(visit, receipt, form, seen)
    except _WroteBack:
        return await conflict(visit, receipt, form, seen)
    except NoSuchCase as error:
        raise Refused("no such case", 404, receipt) from error
    except Unreachable:
        faults["text"] = say("letter.unreachable")
        return await page(visit, receipt, "case-seen", sheet=visit.again(form.name, faults))
    except ValueError:
        faults[""] = say("case.refused")
        return await page(visit, receipt, "case-seen", sheet=visit.again(form.name, faults))
    return _saved(visit, desk, form, seen)


def _saved(visit: Visit, desk: Desk, form: CaseForm, seen: _Seen) -> Response:
    receipt = desk.case.receipt
    path = way_of(visit, receipt).to(case_view.path(receipt))
    return visit.redirect(path, form.told(desk, visit.form), form.section, seen.event)


async def conflict(visit: Visit, receipt: str, form: CaseForm, seen: _Seen | None = None) -> Response:
    """Show what is now beside what was typed, which can be saved all the same, or not."""
    seen = seen or _Seen.of(visit)
    async with visit.store.transaction() as transaction:
        view = await case_view.view_of(visit, transaction, receipt)
        await transaction.audit.add_case(visit.who, "case-seen", receipt, visit.now)
    worker = case_view.desk(visit, view)
    written = visit.again(form.name, {})
    at = {"version": (str(view.case.version),), "seen": (str(view.last_event),)}
    sheet = replace(written, key=visit.form.text(KEPT), values={**written.values, **at})
    await keep(visit, sheet)
    way = way_of(visit, receipt)
    return visit.render(
        "case_conflict.html",
        409,
        sheet=sheet,
        way=way,
        phone=case_view.phone(view) if way.looked else "",
        form=form,
        changes=case_history.told(view.case.events, view.names, view.person, since=seen.event),
        written=case_view.written_since(view.case, seen.event),
        compared=form.compare(worker, visit.form),
        **case_view.values(visit, view),
    )


async def keep(visit: Visit, sheet: Sheet) -> None:
    """Keep what was typed, as the script of the page does, until it is saved."""
    async with visit.store.transaction() as transaction:
        await typed.keep(transaction, visit.account, sheet.key, folded(sheet.values), visit.now)


def _as_note(sheet: Sheet, note: Sheet) -> Sheet:
    """Return the form for a note with what was typed into one that is not on the page any more, if anything was."""
    text = sheet.value("result") or sheet.value("text") or sheet.value("reason")
    if not text:
        return replace(note, faults={"": say("case.refused")})
    return replace(note, values={**note.values, "text": (text,)}, faults={"text": say("case.as_note")})


async def _do(visit: Visit, receipt: str, form: CaseForm, action: Action, seen: _Seen) -> None:
    """Do what the form says. Raises CaseChanged where it was done already, or what was changed has to be shown first.

    The case is locked while it is done: of the same form sent twice at once the second finds the first.
    """
    try:
        await _do_to(visit, receipt, form, action, seen.version, seen)
    except CaseChanged as changed:
        current = changed.current
        if form.is_done(current, seen.mark) or _needs_asking(visit, form, current, seen):
            raise
        await _do_to(visit, receipt, form, action, current.version, seen)


async def _do_to(visit: Visit, receipt: str, form: CaseForm, action: Action, version: int, seen: _Seen) -> None:
    async with visit.store.transaction() as transaction:
        await action(transaction.cases.by_form(seen.mark), version)
        if form.lets_go(visit.form):  # what the person writes does not change the version, and waits for the case now
            case = await transaction.cases.load(receipt)
            if case is not None and case_view.written_since(case, seen.event):
                raise _WroteBack
        await transaction.audit.add_case(visit.who, form.kind, receipt, visit.now)


def _needs_asking(visit: Visit, form: CaseForm, current: Case, seen: _Seen) -> bool:
    """Say whether anything that changed has to be shown first; also where nothing tells what that was."""
    since = [event for event in current.events if event.id > seen.event]
    return not since or any(form.needs_asking(event, visit.account.id) for event in since)


def _meanwhile(visit: Visit, view: CaseView) -> Sequence[Line]:
    """Return what others did between the filling in of a form and its saving, which the page tells of."""
    if visit.notice is None or visit.notice.seen is None:
        return ()
    case, seen = view.case, visit.notice.seen
    return case_history.told(case.events, view.names, view.person, since=seen, but_of=visit.account.id)


def _mark(visit: Visit) -> str:
    """Return by what the form is known again. With other words in it, as after going back, it is another one."""
    key = visit.form.text(KEPT)
    sent = json.dumps([visit.who, key, typed.words(folded(visit.form.typed))], sort_keys=True)
    return visit.store.keys.secret_hash("form", sent) if key else ""


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0
