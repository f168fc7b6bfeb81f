"""The history of a case in plain words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from bot.casework import notes
from bot.casework.case import CONTACT, Event
from bot.casework.wording import label
from bot.staff.look import written_day, written_moment
from bot.staff.wording import phrases, say

_Content = Mapping[str, str]


@dataclass(frozen=True)
class Line:
    """What happened: when, ``who`` did it, what (``words``), and what was written about it.

    ``struck``: what was written does not hold any more; the ``words`` say so too.
    """

    at: datetime
    who: str
    words: str
    text: str = ""
    struck: bool = False


def told(
    events: Collection[Event], names: Mapping[int, str], person: str, *, since: int = 0, but_of: int | None = None
) -> list[Line]:
    """Return the lines of a case with all its ``events``, the newest first: those after the event ``since``.

    ``names``: of the staff; ``person``: what to call whoever registered; ``but_of``: whose doings are left out.
    """
    overtaken = notes.overtaken(events)
    written = {str(event.id): written_moment(event.at) for event in events}
    lines = []
    for event in sorted(events, key=lambda event: event.id, reverse=True):
        if event.id > since and (but_of is None or event.staff != but_of):
            line = _line(event, names, person, written.get(event.content.get(notes.NOTE, ""), ""))
            lines.append(_struck(line, overtaken[event.id]) if event.id in overtaken else line)
    return lines


def _struck(line: Line, by: str) -> Line:
    return replace(line, words=line.words + say(f"history.{by.replace('-', '_')}_later"), struck=True)


def _line(event: Event, names: Mapping[int, str], person: str, noted: str) -> Line:
    who = person if event.staff is None else names.get(event.staff, say("queue.unknown"))
    content = event.content
    if event.kind == "counselor":
        taken = {"taken": "yes"} if content.get("after") == str(event.staff) else {}
        content = {side: _name(id, names) for side, id in content.items()} | taken
    elif event.kind in (notes.CORRECTED, notes.WITHDRAWN):
        content = {**content, notes.NOTE: noted}
    if event.kind in _TOLD:
        words, text = _TOLD[event.kind](content)
    elif event.kind in phrases("history"):
        words, text = say(f"history.{event.kind}"), ""
    else:
        words, text = label("event", event.kind), ""
    return Line(event.at, who, words, text)


def _changed(content: _Content) -> tuple[str, str]:
    fields = content.get("fields", "")
    return say("history.changed" if fields else "history.confirmed", fields=fields), ""


def _note(content: _Content) -> tuple[str, str]:
    if content.get(notes.ERASED):
        return say("history.note_erased"), ""
    return say("history.note_contact" if content.get(CONTACT) else "history.note"), content.get("text", "")


def _corrected(content: _Content) -> tuple[str, str]:
    words = say("history.note_corrected", at=content.get(notes.NOTE, ""))
    if content.get(notes.ERASED):
        return words + say("history.erased"), ""
    return words + (say("history.spoken_to") if content.get(CONTACT) == "yes" else ""), content.get("text", "")


def _withdrawn(content: _Content) -> tuple[str, str]:
    why = content.get(notes.WHY, "")
    said = say("history.because", why=label("why", why)) if why else ""
    return say("history.note_withdrawn", at=content.get(notes.NOTE, "")) + said, ""


def _status(content: _Content) -> tuple[str, str]:
    before, after = label("status", content.get("before", "")), label("status", content.get("after", ""))
    if on := _day(content.get("on")):
        return say("history.employed", before=before, on=on), content.get("result", "")
    words = say("history.status", before=before, after=after)
    if on := _day(content.get("not_since")):
        words += say("history.not_employed", on=on)
    return words, content.get("reason", "")


def _counselor(content: _Content) -> tuple[str, str]:
    before, after = content.get("before", ""), content.get("after", "")
    if content.get("taken"):
        how = "taken_over" if before else "taken"
    else:
        how = ("given_again" if before else "given") if after else "given_to_nobody"
    return say(f"history.{how}", before=before, after=after), ""


def _step(content: _Content) -> tuple[str, str]:
    step = label("step", content.get("step", ""))
    before, after = _day(content.get("before")), _day(content.get("after"))
    how = ("step_corrected" if before else "step_done") if after else "step_undone"
    words = say(f"history.{how}", step=step, before=before, after=after)
    if status := content.get("status"):
        words += say("history.and_status", status=label("status", status))
    return words, content.get("result", "")


def _planned(content: _Content) -> tuple[str, str]:
    return say("history.follow_up", due=_day(content.get("due"))), content.get("purpose", "")


def _finished(content: _Content) -> tuple[str, str]:
    due, on = (_day(content.get(name)) for name in ("due", "on"))
    spoken = {"yes": say("history.spoken_to"), "no": say("history.not_reached")}.get(content.get(CONTACT, ""), "")
    return say("history.follow_up_done", due=due, on=on) + spoken, content.get("result", "")


def _reopened(content: _Content) -> tuple[str, str]:
    return say("history.follow_up_reopened", due=_day(content.get("due"))), content.get("purpose", "")


def _moved(content: _Content) -> tuple[str, str]:
    before, after = (_day(content.get(side)) for side in ("before", "after"))
    return say("history.follow_up_moved", before=before, after=after), content.get("reason", "")


def _cancelled(content: _Content) -> tuple[str, str]:
    return say("history.follow_up_cancelled", due=_day(content.get("due"))), content.get("reason", "")


def _plan(content: _Content) -> tuple[str, str]:
    before, after = content.get("before"), content.get("after", "")
    how = ("plan_changed" if before else "plan_filed") if after else "plan_taken_off"
    return say(f"history.{how}", on=_day(content.get("on"))), after or before or ""


_TOLD: Mapping[str, Callable[[_Content], tuple[str, str]]] = {
    "changed": _changed,
    notes.WRITTEN: _note,
    notes.CORRECTED: _corrected,
    notes.WITHDRAWN: _withdrawn,
    "status": _status,
    "counselor": _counselor,
    "step": _step,
    "follow-up": _planned,
    "follow-up-done": _finished,
    "follow-up-reopened": _reopened,
    "follow-up-moved": _moved,
    "follow-up-cancelled": _cancelled,
    "plan": _plan,
}


def _day(text: str | None) -> str:
    try:
        return written_day(date.fromisoformat(text)) if text else ""
    except ValueError:
        return text or ""


def _name(id: str, names: Mapping[int, str]) -> str:
    return names.get(int(id), say("queue.unknown")) if id.isdecimal() else ""
